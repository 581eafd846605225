// Package htmltree builds the tree of an HTML page as html.Parse of
// golang.org/x/net does, node for node, in a fraction of the time, for pages
// as they are. What is rare and takes many rules (content astray in tables,
// frames, MathML) is left to html.Parse.
//
// The page is copied once: texts and attributes are parts of that. Nodes lie in
// slabs that are used again.
//
// The standard: https://html.spec.whatwg.org/multipage/parsing.html. Where
// html.Parse differs from it, this package does as html.Parse.
package htmltree

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Odd is the error for a page that has to be read by html.Parse. It says why.
type Odd string

func (o Odd) Error() string { return string(o) }

// The reasons for an Odd.
const (
	oddNUL        Odd = "a byte is zero"
	oddEnd        Odd = "the page ends within a tag, a comment or a script"
	oddMarkup     Odd = "a comment or a declaration of an unusual form"
	oddDepth      Odd = "elements are nested too deep"
	oddAttributes Odd = "a tag has too many attributes"
	oddFrames     Odd = "the page is a frameset"
	oddTemplate   Odd = "a template of parts of a table, or without an end"
	oddRuby       Odd = "ruby annotations"
	oddPlaintext  Odd = "plaintext"
	oddForeign    Odd = "unusual content in svg, or MathML"
	oddTable      Odd = "content astray in a table"
	oddTexts      Odd = "too many texts that ought to be one"
	oddFormatting Odd = "formatting that is not closed would go on too often"
)

// Tree is a page's tree. Its nodes must not be used once it was released.
type Tree struct {
	Root  *html.Node // the document
	nodes slab[html.Node]
	attrs slab[html.Attribute]
}

// trees are those whose slabs can be used again.
var trees = sync.Pool{New: func() any { return new(Tree) }}

// ErrMultiplies is the error for an odd page of which html.Parse might make far
// more than it holds.
var ErrMultiplies = errors.New("a page that grows when it is read")

// Build builds the tree of a page in UTF-8, of an odd one by html.Parse. keep is
// Parse's. The error is ErrMultiplies or html.Parse's own, for elements that are
// nested too deep.
func Build(page []byte, keep func(n *html.Node, text string) bool) (*Tree, error) {
	if t, err := Parse(page, keep); err == nil {
		return t, nil
	}
	if multiplies(page) {
		return nil, ErrMultiplies
	}
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, fmt.Errorf("parse an odd page: %w", err)
	}
	if keep != nil {
		drop(doc, keep)
	}
	return &Tree{Root: doc}, nil
}

// drop empties the styles and scripts whose text is not to be kept.
func drop(doc *html.Node, keep func(n *html.Node, text string) bool) {
	for n := range doc.Descendants() {
		if (n.DataAtom == atom.Style || n.DataAtom == atom.Script) && n.Namespace == "" && n.FirstChild != nil && !keep(n, n.FirstChild.Data) {
			n.RemoveChild(n.FirstChild)
		}
	}
}

// Parse builds the tree of a page in UTF-8. keep, unless nil, is asked for each
// style and script with the text in it, and says whether the text gets into the
// tree. The error is an Odd.
func Parse(page []byte, keep func(n *html.Node, text string) bool) (*Tree, error) {
	t := trees.Get().(*Tree)
	b := builder{t: t, s: copied(page), keep: keep, doc: t.nodes.one()}
	b.doc.Type = html.DocumentNode
	t.Root = b.doc
	if err := b.build(); err != nil {
		t.Release()
		return nil, err
	}
	return t, nil
}

// Release gives the tree's memory back.
func (t *Tree) Release() {
	t.Root = nil
	t.nodes.reset()
	t.attrs.reset()
	trees.Put(t)
}

// copied is a page with a line feed for each line end.
func copied(page []byte) string {
	i := bytes.IndexByte(page, '\r')
	if i < 0 {
		return string(page)
	}
	var sb strings.Builder
	sb.Grow(len(page))
	for ; i >= 0; i = bytes.IndexByte(page, '\r') {
		sb.Write(page[:i])
		sb.WriteByte('\n')
		page = bytes.TrimPrefix(page[i+1:], []byte("\n"))
	}
	sb.Write(page)
	return sb.String()
}

// A slab hands out values that lie beside each other.
type slab[T any] struct {
	chunks [][]T // all of perChunk values; those from chunk on are unused
	chunk  int
	used   int // in chunks[chunk]
}

// perChunk is how many values lie in a chunk, and maxChunks how many chunks
// are kept for the next page: 500 nodes take 50 KB.
const (
	perChunk  = 512
	maxChunks = 16
)

// some returns n values, at most perChunk, of which take has to be told how
// many are used.
func (s *slab[T]) some(n int) []T {
	if s.chunk < len(s.chunks) && s.used+n > perChunk {
		s.chunk++
		s.used = 0
	}
	if s.chunk == len(s.chunks) {
		s.chunks = append(s.chunks, make([]T, perChunk))
	}
	return s.chunks[s.chunk][s.used : s.used+n]
}

func (s *slab[T]) take(n int) { s.used += n }

// one returns a zero value.
func (s *slab[T]) one() *T {
	v := &s.some(1)[0]
	s.used++
	return v
}

// reset makes all values zero, and hands them out again.
func (s *slab[T]) reset() {
	for i, c := range s.chunks {
		if i >= s.chunk {
			clear(c[:s.used])
			break
		}
		clear(c)
	}
	if len(s.chunks) > maxChunks {
		clear(s.chunks[maxChunks:])
		s.chunks = s.chunks[:maxChunks]
	}
	s.chunk, s.used = 0, 0
}
