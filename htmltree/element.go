package htmltree

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// element is what the builder has to know of an element by its name.
type element struct {
	name  string
	atom  atom.Atom
	kind  kind
	flags flags
}

// kind tells elements by what their tags do in a body.
type kind uint8

const (
	ordinary   kind = iota
	block           // closes a paragraph
	heading         // closes a heading too
	preformat       // begins with a line that does not count
	listItem        // closes the item before
	term            // closes the term or description before
	formatting      // goes on in the next block if it is not closed
	nobr            // formatting that closes itself
	link            // the same: a
	scoped          // formatting ends with it
	button
	form
	table
	tablePart // only in a table
	frame     // only in a frameset
	emptyText // has no content, and is part of the text: img
	empty     // has no content
	input
	rule     // hr
	image    // is img
	metadata // of the head, without content
	rawHead  // of the head, with raw text
	rawText  // has raw text
	rawBlock // has raw text and closes a paragraph: xmp
	textarea
	selection // select
	option
	optgroup
	ruby
	svg
	math
	htmlTag
	headTag
	bodyTag
	frameset
	plaintext
	template
	paragraph
)

// flags are the sets of elements that the standard names.
type flags uint16

const (
	special  flags = 1 << iota
	scope          // ends the usual scope
	list           // ends the scope of list items
	buttons        // ends the scope of buttons
	tables         // ends the scope of tables
	implied        // is closed by the end of what is around it
	breakout       // ends svg
	tableish       // holds nothing but parts of a table
)

var kinds = []struct {
	kind  kind
	names string
}{
	{block, "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header hgroup main menu nav ol search section summary ul"},
	{paragraph, "p"},
	{heading, "h1 h2 h3 h4 h5 h6"},
	{preformat, "pre listing"},
	{listItem, "li"},
	{term, "dd dt"},
	{formatting, "b big code em font i s small strike strong tt u"},
	{nobr, "nobr"},
	{link, "a"},
	{scoped, "applet marquee object"},
	{button, "button"},
	{form, "form"},
	{table, "table"},
	{tablePart, "caption col colgroup tbody td tfoot th thead tr"},
	{frame, "frame"},
	{emptyText, "area br embed img keygen wbr"},
	{empty, "param source track"},
	{input, "input"},
	{rule, "hr"},
	{image, "image"},
	{metadata, "base basefont bgsound link meta"},
	{rawHead, "noframes script style title"},
	{rawText, "iframe noembed noscript"},
	{rawBlock, "xmp"},
	{textarea, "textarea"},
	{selection, "select"},
	{option, "option"},
	{optgroup, "optgroup"},
	{ruby, "rb rp rt rtc"},
	{svg, "svg"},
	{math, "math"},
	{htmlTag, "html"},
	{headTag, "head"},
	{bodyTag, "body"},
	{frameset, "frameset"},
	{plaintext, "plaintext"},
	{template, "template"},
	{ordinary, "span label picture video audio canvas time abbr cite sup sub mark ins del q var ruby"},
}

var sets = []struct {
	flags flags
	names string
}{
	{special, "address applet area article aside base basefont bgsound blockquote body br button caption center col colgroup dd details dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img input keygen li link listing main marquee menu meta nav noembed noframes noscript object ol p param plaintext pre script section select source style summary table tbody td template textarea tfoot th thead title tr track ul wbr xmp"},
	{scope | list | buttons, "applet caption html table td th marquee object template select"},
	{list, "ol ul"},
	{buttons, "button"},
	{tables, "html table template"},
	{implied, "dd dt li optgroup option p rb rp rt rtc"},
	{breakout, "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var font"},
	{tableish, "table tbody tfoot thead tr"},
}

// slots is the size of the table of elements, a power of two.
const slots = 512

// elements is a hash table; what does not fit its slot lies in the next one.
var elements = func() *[slots]*element {
	var t [slots]*element
	at := func(name string) *element {
		i := slot(name)
		for t[i] != nil && t[i].name != name {
			i = (i + 1) % slots
		}
		if t[i] == nil {
			t[i] = &element{name: name, atom: atom.Lookup([]byte(name))}
		}
		return t[i]
	}
	for _, k := range kinds {
		for name := range strings.FieldsSeq(k.names) {
			at(name).kind = k.kind
		}
	}
	for _, s := range sets {
		for name := range strings.FieldsSeq(s.names) {
			at(name).flags |= s.flags
		}
	}
	return &t
}()

// The elements that the builder asks for by name.
var (
	elemHTML     = elementOf("html")
	elemHead     = elementOf("head")
	elemBody     = elementOf("body")
	elemP        = elementOf("p")
	elemAddress  = elementOf("address")
	elemDiv      = elementOf("div")
	elemA        = elementOf("a")
	elemBr       = elementOf("br")
	elemImg      = elementOf("img")
	elemForm     = elementOf("form")
	elemSelect   = elementOf("select")
	elemOption   = elementOf("option")
	elemOptgroup = elementOf("optgroup")
	elemTable    = elementOf("table")
	elemCaption  = elementOf("caption")
	elemColgroup = elementOf("colgroup")
	elemCol      = elementOf("col")
	elemTbody    = elementOf("tbody")
	elemThead    = elementOf("thead")
	elemTfoot    = elementOf("tfoot")
	elemTr       = elementOf("tr")
	elemTd       = elementOf("td")
	elemTh       = elementOf("th")
	elemScript   = elementOf("script")
	elemStyle    = elementOf("style")
	elemTemplate = elementOf("template")
	elemTitle    = elementOf("title")
	elemTextarea = elementOf("textarea")
	elemUnknown  = &element{}
	elemSVG      = &element{}
	elemSVGPoint = &element{flags: special | scope | list | buttons} // HTML goes on in it
)

// slot is where the element of a name in lower case lies.
func slot(name string) uint {
	var w uint64
	for i := range min(len(name), 8) {
		w |= uint64(name[i]) << (8 * i)
	}
	return uint((w*0x9E3779B97F4A7C15)>>49^uint64(len(name))) % slots
}

// elementOf returns the element of a name in lower case, elemUnknown if it is
// not in the table.
func elementOf(name string) *element {
	for i := slot(name); elements[i] != nil; i = (i + 1) % slots {
		if elements[i].name == name {
			return elements[i]
		}
	}
	return elemUnknown
}
