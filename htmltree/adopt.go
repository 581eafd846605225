package htmltree

import (
	"slices"

	"golang.org/x/net/html"
)

// endFormatting acts on the end tag of formatting: the adoption agency
// algorithm of the standard, which mends formatting that overlaps blocks.
func (b *builder) endFormatting() {
	e := b.tag.e
	if top := *b.top(); top.e == e && !slices.Contains(b.active, top) {
		b.popTop()
		return
	}
	for range 8 {
		i := len(b.active) - 1
		for i >= 0 && b.active[i].n != nil && b.active[i].e != e {
			i--
		}
		if i < 0 || b.active[i].n == nil {
			b.endOrdinary()
			return
		}
		f := b.active[i]
		at := b.index(f.n)
		if at < 0 {
			b.forget(f)
			return
		}
		if b.find(e, scope) < 0 {
			return
		}
		block := at
		for block < len(b.open) && b.open[block].e.flags&special == 0 {
			block++
		}
		if block == len(b.open) {
			b.pop(at)
			b.forget(f)
			return
		}
		if b.open[at-1].e.flags&tableish != 0 {
			b.odd = oddTable
			return
		}
		b.adopt(f, at, block)
	}
}

// adopt takes the first block within formatting, which ends there, out of it,
// and puts a clone of the formatting around what the block holds. f is the
// formatting, at and block are where both are open.
func (b *builder) adopt(f entry, at, block int) {
	inner, around := b.open[block], b.open[at-1].n
	bookmark := slices.Index(b.active, f)
	last := inner.n
	for j, x := 1, block-1; x > at; j, x = j+1, x-1 {
		o := b.open[x]
		i := slices.Index(b.active, o)
		switch {
		case i >= 0 && j > 3:
			b.active = slices.Delete(b.active, i, i+1)
			if i <= bookmark {
				bookmark--
			}
			continue // it stays open, unlike in the standard
		case i < 0:
			b.open = slices.Delete(b.open, x, x+1)
			continue
		}
		c := entry{b.clone(o.n), o.e}
		b.active[i], b.open[x] = c, c
		if last == inner.n {
			bookmark = i + 1
		}
		detach(last)
		c.n.AppendChild(last)
		last = c.n
	}
	detach(last)
	around.AppendChild(last)

	c := entry{b.clone(f.n), f.e}
	for n := inner.n.FirstChild; n != nil; n = inner.n.FirstChild {
		detach(n)
		c.n.AppendChild(n)
	}
	inner.n.AppendChild(c.n)
	if i := slices.Index(b.active, f); i >= 0 && i < bookmark {
		bookmark--
	}
	b.forget(f)
	b.active = slices.Insert(b.active, bookmark, c)
	b.open = slices.Delete(b.open, at, at+1)
	b.open = slices.Insert(b.open, slices.Index(b.open, inner)+1, c)
}

func detach(n *html.Node) {
	if n.Parent != nil {
		n.Parent.RemoveChild(n)
	}
}

// clone returns an element like another, without what it holds.
func (b *builder) clone(n *html.Node) *html.Node {
	c := b.t.nodes.one()
	c.Type, c.DataAtom, c.Data, c.Attr = n.Type, n.DataAtom, n.Data, slices.Clone(n.Attr)
	return c
}

// forget takes formatting off the list.
func (b *builder) forget(f entry) {
	if i := slices.Index(b.active, f); i >= 0 {
		b.active = slices.Delete(b.active, i, i+1)
	}
}
