package htmltree

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// builder is at work on a page.
type builder struct {
	t    *Tree
	s    string // the page
	at   int    // what is read next
	keep func(n *html.Node, text string) bool
	odd  Odd // why the page is not for this package

	doc, head *html.Node
	mode      mode
	quirks    bool
	open      []entry // the stack of open elements
	openP     int     // how many of them are paragraphs
	active    []entry // the list of active formatting elements; no node: a marker
	form      *html.Node
	astray    bool   // content of a table that does not belong there is inserted
	templates []mode // the modes in open templates: inTemplate or inBody
	joined    int    // bytes of texts that were joined
	reopened  int    // formatting that went on

	tag      tag
	valueEnd int
}

// mode is the standard's insertion mode.
type mode uint8

const (
	initial mode = iota
	beforeHTML
	beforeHead
	inHead
	afterHead
	inBody
	inTable
	inCaption
	inColgroup
	inTableBody
	inRow
	inCell
	inTemplate
	afterBody
	afterAfterBody
)

// entry is an open element.
type entry struct {
	n *html.Node
	e *element
}

// tag is the tag that is acted on.
type tag struct {
	e           *element
	atom        atom.Atom
	name        string
	attrs       []html.Attribute
	selfClosing bool
}

// maxDepth bounds the open elements, as in html.Parse, and maxReopened the
// elements that no tag has opened.
const (
	maxDepth    = 512
	maxReopened = 1 << 16
)

func (b *builder) top() *entry { return &b.open[len(b.open)-1] }

// is reports whether the innermost open element is e.
func (b *builder) is(e *element) bool { return b.top().e == e }

// insert adds the element of the tag to parent.
func (b *builder) insert(parent *html.Node) *html.Node {
	if len(b.open) >= maxDepth {
		b.odd = oddDepth
	}
	n := b.t.nodes.one()
	n.Type, n.DataAtom, n.Data, n.Attr = html.ElementNode, b.tag.atom, b.tag.name, b.tag.attrs
	parent.AppendChild(n)
	return n
}

// parent is what is inserted into.
func (b *builder) parent() *html.Node {
	if b.astray && b.top().e.flags&tableish != 0 {
		b.odd = oddTable
	}
	return b.top().n
}

// add inserts the element of the tag and opens it.
func (b *builder) add() { b.push(b.insert(b.parent()), b.tag.e) }

// addEmpty inserts the element of the tag, which has no content.
func (b *builder) addEmpty() { b.insert(b.parent()) }

// addImplied does what a start tag without attributes would do.
func (b *builder) addImplied(e *element) {
	saved := b.tag
	b.tag = tag{e: e, atom: e.atom, name: e.name}
	if len(b.open) == 0 {
		b.push(b.insert(b.doc), e)
	} else {
		b.add()
	}
	b.tag = saved
}

func (b *builder) push(n *html.Node, e *element) {
	b.open = append(b.open, entry{n, e})
	if e == elemP {
		b.openP++
	}
}

// pop closes the open elements from i on.
func (b *builder) pop(i int) {
	for j := i; j < len(b.open); j++ {
		if b.open[j].e == elemP {
			b.openP--
		}
	}
	b.open = b.open[:i]
}

func (b *builder) popTop() { b.pop(len(b.open) - 1) }

// find returns the innermost open element e that is in a scope, -1 when there
// is none.
func (b *builder) find(e *element, ends flags) int {
	for i, o := range slices.Backward(b.open) {
		switch {
		case o.e == e:
			return i
		case o.e.flags&ends != 0:
			return -1
		}
	}
	return -1
}

// findKind is find for any element of a kind.
func (b *builder) findKind(k kind, ends flags) int {
	for i, o := range slices.Backward(b.open) {
		switch {
		case o.e.kind == k:
			return i
		case o.e.flags&ends != 0:
			return -1
		}
	}
	return -1
}

// close closes e if it is in a scope.
func (b *builder) close(e *element, ends flags) bool {
	i := b.find(e, ends)
	if i < 0 {
		return false
	}
	b.pop(i)
	return true
}

func (b *builder) closeParagraph() {
	if b.openP > 0 {
		b.close(elemP, buttons)
	}
}

// closeImplied closes the innermost elements that need no end tag, up to
// except.
func (b *builder) closeImplied(except *element) {
	i := len(b.open)
	for b.open[i-1].e.flags&implied != 0 && b.open[i-1].e != except {
		i--
	}
	b.pop(i)
}

// index returns where an element is open, -1 when it is not.
func (b *builder) index(n *html.Node) int {
	for i, o := range slices.Backward(b.open) {
		if o.n == n {
			return i
		}
	}
	return -1
}

// addText adds a text to what is open, and to the text that is the last there.
func (b *builder) addText(s string) {
	if s == "" {
		return
	}
	p := b.parent()
	if last := p.LastChild; last != nil && last.Type == html.TextNode {
		if b.joined += len(last.Data) + len(s); b.joined > 1<<16+4*len(b.s) {
			b.odd = oddTexts // joining them one by one would take long
		}
		last.Data += s
		return
	}
	n := b.t.nodes.one()
	n.Type, n.Data = html.TextNode, s
	p.AppendChild(n)
}

// addFormatting inserts the element of the tag, which goes on in the next block
// if it is not closed. Of equal ones only three do.
func (b *builder) addFormatting() {
	b.add()
	n := b.top().n
	sortAttributes(n.Attr)
	same := 0
	for i := len(b.active) - 1; i >= 0 && b.active[i].n != nil; i-- {
		if a := b.active[i]; a.e == b.tag.e && slices.Equal(a.n.Attr, n.Attr) {
			if same++; same >= 3 {
				b.active = slices.Delete(b.active, i, i+1)
			}
		}
	}
	b.active = append(b.active, entry{n, b.tag.e})
}

// sortAttributes sorts by key, as html.Parse does with formatting.
func sortAttributes(attrs []html.Attribute) {
	for i := 1; i < len(attrs); i++ {
		for j := i; j > 0 && attrs[j].Key < attrs[j-1].Key; j-- {
			attrs[j], attrs[j-1] = attrs[j-1], attrs[j]
		}
	}
}

// goOn opens again the formatting that was not closed.
func (b *builder) goOn() {
	i := len(b.active)
	for i > 0 && b.active[i-1].n != nil && b.index(b.active[i-1].n) < 0 {
		i--
	}
	if b.reopened += len(b.active) - i; b.reopened > maxReopened {
		b.odd = oddFormatting
		return
	}
	for ; i < len(b.active); i++ {
		a := &b.active[i]
		saved := b.tag
		b.tag = tag{e: a.e, atom: a.n.DataAtom, name: a.n.Data, attrs: slices.Clone(a.n.Attr)}
		b.add()
		b.tag = saved
		a.n = b.top().n
	}
}

// mark lets no formatting out.
func (b *builder) mark() { b.active = append(b.active, entry{}) }

// clearToMark forgets the formatting since the last mark.
func (b *builder) clearToMark() {
	for n := len(b.active); n > 0; n-- {
		marker := b.active[n-1].n == nil
		b.active = b.active[:n-1]
		if marker {
			return
		}
	}
}

// text acts on a text.
func (b *builder) text(s string) {
	if b.mode < inBody {
		if s = b.textBeforeBody(s); s == "" {
			return
		}
	}
	if b.is(elemSVG) {
		b.addText(s)
		return
	}
	switch b.mode {
	case inTable, inTableBody, inRow:
		if b.top().e.flags&tableish == 0 || strings.Trim(s, blanks) != "" {
			b.odd = oddTable
			return
		}
		b.addText(s)
		return
	case inColgroup:
		rest := strings.TrimLeft(s, blanks)
		b.addText(s[:len(s)-len(rest)])
		if rest != "" {
			b.odd = oddTable
		}
		return
	case afterBody, afterAfterBody:
		if strings.TrimLeft(s, blanks) != "" {
			b.mode = inBody
		}
	}
	if o := b.top(); o.e.kind == preformat && o.n.FirstChild == nil {
		if s = withoutFirstLine(s); s == "" {
			return
		}
	}
	b.goOn()
	b.addText(s)
}

// textBeforeBody puts the blanks that a text begins with where they belong, and
// returns the rest, for which it opens the body.
func (b *builder) textBeforeBody(s string) string {
	rest := strings.TrimLeft(s, blanks)
	if b.mode >= inHead {
		b.addText(s[:len(s)-len(rest)])
	}
	if rest != "" {
		b.openBody()
	}
	return rest
}

// leaveInitial goes on without a declaration of the page's type.
func (b *builder) leaveInitial() {
	if b.mode == initial {
		b.quirks = true
		b.mode = beforeHTML
	}
}

// openBody opens what has to be open before content.
func (b *builder) openBody() {
	b.leaveInitial()
	if b.mode == beforeHTML {
		b.addImplied(elemHTML)
		b.mode = beforeHead
	}
	if b.mode == beforeHead {
		b.addImplied(elemHead)
		b.head = b.top().n
		b.mode = inHead
	}
	if b.mode == inHead {
		b.popTop()
		b.mode = afterHead
	}
	if b.mode == afterHead {
		b.addImplied(elemBody)
		b.mode = inBody
	}
}

// finish acts on the end of the page.
func (b *builder) finish() {
	if len(b.templates) > 0 {
		b.odd = oddTemplate
		return
	}
	if b.mode < inBody {
		b.openBody()
	}
}

// comment adds a comment.
func (b *builder) comment(data string) {
	if b.odd != "" {
		return
	}
	n := b.t.nodes.one()
	n.Type, n.Data = html.CommentNode, unescape(data, false)
	switch {
	case b.mode == initial, b.mode == beforeHTML, b.mode == afterAfterBody && !b.inForeign():
		b.doc.AppendChild(n)
	case b.mode == afterBody && !b.inForeign():
		b.open[0].n.AppendChild(n)
	default:
		b.top().n.AppendChild(n)
	}
}
