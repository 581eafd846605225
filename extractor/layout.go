package extractor

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"vedetta/htmltree"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// node is an element or a text of the page's body, in document order.
type node struct {
	n      *html.Node
	parent int32
	end    int32 // index after the last descendant
	b0, b1 int32 // blocks that begin within
	traits trait // own
	under  trait // own and ancestors' junk traits that hold
}

// block is a run of text without a break: a paragraph, a heading, a list item,
// a cell, or text loose in a container.
type block struct {
	first, last int32 // nodes: first text, after the last text
	owner       int32 // nearest element that is not inline
	chars       int32 // letters, digits and marks; no blanks
	links       int32 // of these, inside links
	stops       int32 // sentence marks: . ! ? … ; : ,
	heading     int8  // 1..6 for h1..h6
	item        int32 // nearest list item, 0 for none
	row         int32 // nearest table row, 0 for none
	cell        int32 // nearest table cell, 0 for none
	pre         bool  // blanks count
	why         trait // junk traits that hold for it; 0 while it may be text
	drop        bool  // decided: no part of the article
}

func (b *block) density() float64 {
	if b.chars == 0 {
		return 0
	}
	return float64(b.links) / float64(b.chars)
}

// layout is a page laid out for arithmetic.
type layout struct {
	nodes  []node
	blocks []block
	worth  []float64 // prefix sums of what blocks are worth
	prose  []int32   // prefix sums of the letters of blocks that read as prose
	head   head
	tree   *htmltree.Tree
	txt    []string // text of blocks, made when asked for
	tally  []sums   // prefix sums of the blocks that are not dropped
	names  recalled
	seen   map[likeness]bool // texts that were weighed
	html   bytes.Buffer      // room to write HTML in
	title  int               // block of the headline, -1 when none is found
	signed string            // name under the text
}

// head is what the walk picks up for metadata.
type head struct {
	metas  []*html.Node
	links  []*html.Node
	jsonld []string
	data   []string // scripts of JSON data
	title  string
	lang   string
	base   string
	h1     []int32
	times  []int32
	images []int32
}

// state is what a node inherits on the walk.
type state struct {
	parent  int32
	owner   int32
	link    bool
	heading int8
	item    int32
	row     int32
	cell    int32
	pre     bool
}

// walker builds a layout.
type walker struct {
	l   *layout
	cur int // open block, -1 for none
}

// lay walks the tree once. Whoever is done with the layout releases it, and the
// tree with it.
func lay(tree *htmltree.Tree) *layout {
	l := layouts.Get().(*layout)
	l.tree = tree
	w := &walker{l: l, cur: -1}
	w.children(tree.Root, state{parent: -1, owner: -1})
	l.txt = slices.Grow(l.txt, len(l.blocks))[:len(l.blocks)]
	return l
}

var layouts = sync.Pool{New: func() any { return new(layout) }}

// What a layout may take whose room is used again: nodes, and bytes of HTML.
const (
	maxKept     = 8192
	maxKeptHTML = 256 << 10
)

// release leaves the room that a layout takes to the next one.
func (l *layout) release() {
	l.tree.Release()
	if len(l.nodes) > maxKept || l.html.Cap() > maxKeptHTML {
		return
	}
	clear(l.nodes)
	clear(l.txt)
	clear(l.seen)
	*l = layout{
		nodes: l.nodes[:0], blocks: l.blocks[:0], txt: l.txt[:0],
		worth: l.worth[:0], prose: l.prose[:0], tally: l.tally[:0], seen: l.seen, html: l.html,
	}
	layouts.Put(l)
}

// zeroes are n zeroes in room, if that is large enough.
func zeroes[T int32 | float64 | sums](room []T, n int) []T {
	room = slices.Grow(room[:0], n)[:n]
	clear(room)
	return room
}

func (w *walker) children(n *html.Node, s state) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			w.text(c, s)
		case html.ElementNode:
			w.element(c, s)
		}
	}
}

func (w *walker) text(n *html.Node, s state) {
	chars, stops := measure(n.Data)
	if chars == 0 && w.cur < 0 {
		return
	}
	l := w.l
	i := int32(len(l.nodes))
	if w.cur < 0 {
		w.cur = len(l.blocks)
		b := block{first: i, owner: s.owner, heading: s.heading, item: s.item, row: s.row, cell: s.cell, pre: s.pre}
		l.blocks = append(l.blocks, b)
	}
	b := &l.blocks[w.cur]
	b.chars += chars
	b.stops += stops
	b.last = i + 1
	if s.link {
		b.links += chars
	}
	nb := int32(len(l.blocks))
	l.nodes = append(l.nodes, node{n: n, parent: s.parent, end: i + 1, b0: nb - 1, b1: nb})
}

// measure counts the letters of a text and its sentence marks.
func measure(s string) (chars, stops int32) {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			i++
			chars += int32(counted[c] & 1)
			stops += int32(counted[c] >> 1)
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch r {
		case 0xA0, 0x200B, 0x200C, 0x200D, 0xFEFF, 0xAD, 0x2028, 0x202F, 0x2009:
			continue
		case '…', '。', '、', '！', '？', '，', '।', '؟', '،':
			stops++
		}
		chars++
		if r >= 0x3040 && r < 0xE000 {
			chars++ // an ideograph says what two or three letters do
		}
	}
	return chars, stops
}

// counted says of ASCII characters whether they count as letters (1) and as
// sentence marks (2).
var counted = func() (of [utf8.RuneSelf]uint8) {
	for c := range of {
		if strings.IndexByte(" \n\t\r\f\v\x00", byte(c)) < 0 {
			of[c] = 1
		}
	}
	for _, c := range ".!?;:," {
		of[c] |= 2
	}
	return of
}()

func (w *walker) element(n *html.Node, s state) {
	l := w.l
	switch n.DataAtom {
	case atom.Head:
		w.heads(n)
		return
	case atom.Script:
		w.script(n)
		return
	case atom.Meta:
		l.head.metas = append(l.head.metas, n)
		return
	case atom.Link:
		l.head.links = append(l.head.links, n)
		return
	case atom.Style, atom.Template, atom.Select, atom.Option, atom.Datalist, atom.Textarea,
		atom.Object, atom.Canvas, atom.Audio, atom.Map, atom.Noframes, atom.Progress,
		atom.Meter, atom.Optgroup, atom.Rp, atom.Rt:
		return
	case atom.Input:
		return
	case atom.Html:
		l.head.lang = attr(n, "lang")
		if l.head.lang == "" {
			l.head.lang = attr(n, "xml:lang")
		}
	}
	i := int32(len(l.nodes))
	l.nodes = append(l.nodes, node{n: n, parent: s.parent, traits: l.names.read(n)})
	in := inline(n.DataAtom)
	if !in {
		w.cur = -1
	}
	b0 := int32(len(l.blocks))
	if w.cur >= 0 {
		b0 = int32(w.cur) // within an open block
	}
	c := s
	c.parent = i
	switch n.DataAtom {
	case atom.A:
		c.link = true
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		c.heading = int8(n.Data[1] - '0')
		if c.heading == 1 {
			l.head.h1 = append(l.head.h1, i)
		}
	case atom.Li, atom.Dd, atom.Dt:
		c.item = i
	case atom.Tr:
		c.row = i
	case atom.Td, atom.Th:
		c.cell = i
	case atom.Pre:
		c.pre = true
	case atom.Time:
		l.head.times = append(l.head.times, i)
	case atom.Img:
		l.head.images = append(l.head.images, i)
	}
	if !in {
		c.owner = i
	}
	switch n.DataAtom {
	case atom.Svg, atom.Noscript, atom.Iframe, atom.Video, atom.Math:
		// kept as nodes for images, links and markers; their text is not read
	case atom.Button:
		if s.heading > 0 {
			w.children(n, c) // the head of an accordion
		}
	case atom.Br:
		if w.cur >= 0 && doubleBreak(n) {
			w.cur = -1
		}
	default:
		w.children(n, c)
	}
	if !in {
		w.cur = -1
	}
	l.nodes[i].end = int32(len(l.nodes))
	l.nodes[i].b0 = b0
	l.nodes[i].b1 = int32(len(l.blocks))
}

// doubleBreak reports whether a br follows another with nothing between.
func doubleBreak(n *html.Node) bool {
	for p := n.PrevSibling; p != nil; p = p.PrevSibling {
		switch {
		case p.Type == html.TextNode && strings.TrimSpace(p.Data) == "":
		case p.Type == html.ElementNode && p.DataAtom == atom.Br:
			return true
		case p.Type == html.CommentNode:
		default:
			return false
		}
	}
	return false
}

// heads reads the head element.
func (w *walker) heads(n *html.Node) {
	h := &w.l.head
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		switch c.DataAtom {
		case atom.Meta:
			h.metas = append(h.metas, c)
		case atom.Link:
			h.links = append(h.links, c)
		case atom.Script:
			w.script(c)
		case atom.Title:
			if h.title == "" && c.FirstChild != nil {
				h.title = squash(prefix(c.FirstChild.Data, 2*maxInline))
			}
		case atom.Base:
			h.base = attr(c, "href")
		}
	}
}

// script keeps the scripts that hold data.
func (w *walker) script(n *html.Node) {
	h := &w.l.head
	if n.FirstChild == nil {
		return
	}
	switch text := n.FirstChild.Data; {
	case isLinked(n):
		h.jsonld = append(h.jsonld, text)
	case isData(n, text):
		h.data = append(h.data, text)
	}
}

func isLinked(script *html.Node) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(attr(script, "type"))), "application/ld+json")
}

// isData reports whether an element of raw text is a script that holds data.
func isData(n *html.Node, text string) bool {
	if n.DataAtom != atom.Script {
		return false
	}
	typ := strings.ToLower(strings.TrimSpace(attr(n, "type")))
	return strings.HasSuffix(typ, "json") || typ == "text/x-component" || isLinked(n) ||
		isPageData(strings.TrimSpace(text)) || strings.Contains(text, "articleBody")
}

// isPageData reports whether a script begins as those do that hand a page its
// data.
func isPageData[T string | []byte](script T) bool {
	return opensWith(script, "window.__") || opensWith(script, "self.__next_f")
}

func opensWith[T string | []byte](s T, prefix string) bool {
	return len(s) >= len(prefix) && string(s[:len(prefix)]) == prefix
}

// inline tells the elements that do not break a line.
func inline(a atom.Atom) bool {
	switch a {
	case atom.A, atom.Abbr, atom.Acronym, atom.B, atom.Bdi, atom.Bdo, atom.Big, atom.Cite, atom.Code, atom.Data,
		atom.Del, atom.Dfn, atom.Em, atom.Font, atom.I, atom.Ins, atom.Kbd, atom.Label, atom.Mark, atom.Nobr,
		atom.Q, atom.Ruby, atom.S, atom.Samp, atom.Small, atom.Span, atom.Strike, atom.Strong, atom.Sub, atom.Sup,
		atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr, atom.Br, atom.Img, atom.Svg, atom.Noscript, atom.Picture,
		atom.Source, atom.Button, atom.Math, atom.Rb:
		return true
	}
	return false
}

// squash trims a text and makes each run of blanks one space.
func squash(s string) string { return strings.Join(strings.Fields(s), " ") }

// text returns the text of a block.
func (l *layout) text(b int) string {
	if l.txt[b] == "" {
		l.txt[b] = l.join(&l.blocks[b])
	}
	return l.txt[b]
}

func (l *layout) join(b *block) string {
	if b.last == b.first+1 && !b.pre {
		return clean(l.nodes[b.first].n.Data)
	}
	var sb strings.Builder
	for i := b.first; i < b.last; i++ {
		switch n := l.nodes[i].n; {
		case n.Type == html.TextNode:
			sb.WriteString(n.Data)
		case n.DataAtom == atom.Br:
			sb.WriteByte('\n')
		}
	}
	if b.pre {
		return strings.Trim(sb.String(), "\n")
	}
	return clean(sb.String())
}
