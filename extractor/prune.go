package extractor

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// prune drops the blocks of a container that are no part of the article, and
// returns what is left, in order. title is the article's.
func (l *layout) prune(c int, title string) []int {
	nd := &l.nodes[c]
	title = fold(title)
	for i := nd.b0; i < nd.b1; i++ {
		b := &l.blocks[i]
		b.drop = b.chars == 0 || b.why != 0 && l.nodes[c].under&b.why != b.why || l.isByline(b, c)
	}
	l.pruneLists(c)
	b0, b1 := int(nd.b0), int(nd.b1)
	if b0 < b1 {
		l.prunePhrases(b0, b1, title)
		l.pruneTail(b0, b1)
	}
	var out []int
	for i := b0; i < b1; i++ {
		if !l.blocks[i].drop {
			out = append(out, i)
		}
	}
	return out
}

// isByline reports whether a block stands in an element for author or date.
func (l *layout) isByline(b *block, c int) bool {
	if b.chars > 120 {
		return false
	}
	return (l.nodes[b.first].under&^l.nodes[c].under)&(isAuthor|isDate) != 0
}

// pruneLists drops elements below the container that are lists of links, as
// blocks of related articles are whatever they are called.
func (l *layout) pruneLists(c int) {
	end := int(l.nodes[c].end)
	all := l.sums(int(l.nodes[c].b0), int(l.nodes[c].b1))
	for i := c + 1; i < end; {
		nd := &l.nodes[i]
		if nd.n.Type != html.ElementNode || inline(nd.n.DataAtom) || nd.b0 == nd.b1 {
			i++
			continue
		}
		switch nd.n.DataAtom {
		case atom.P, atom.Blockquote, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			i++
			continue
		}
		s := l.sums(int(nd.b0), int(nd.b1))
		if s.chars > 0 && s.prose == 0 && s.blocks >= 1 && float64(s.links) > 0.66*float64(s.chars) && s.links*3 < all.chars {
			for b := nd.b0; b < nd.b1; b++ {
				l.blocks[b].drop = true
			}
			i = int(nd.end)
			continue
		}
		i++
	}
}

type sums struct {
	chars, links, prose int32
	blocks              int
}

// sums adds up the blocks that are not dropped.
func (l *layout) sums(b0, b1 int) sums {
	var s sums
	for i := b0; i < b1; i++ {
		b := &l.blocks[i]
		if b.drop {
			continue
		}
		s.chars += b.chars
		s.links += b.links
		if readsAsProse(b) {
			s.prose += b.chars
		}
		s.blocks++
	}
	return s
}

// prunePhrases drops blocks by what they say.
func (l *layout) prunePhrases(b0, b1 int, title string) {
	seen := false // prose before
	for i := b0; i < b1; i++ {
		b := &l.blocks[i]
		if b.drop {
			continue
		}
		if b.chars > maxCall {
			if b.chars < 4*maxCall && isNotice(l.text(i), title) {
				b.drop = true
			}
			seen = seen || !b.drop
			continue
		}
		text := fold(l.text(i))
		switch {
		case l.isTime(b), isCallText(text) && (b.links > 0 || b.chars < 160), isNotice(l.text(i), title):
			b.drop = true
		case b.heading == 1 && !seen, !seen && text == title && text != "":
			b.drop = true
		case isPhrase(text):
			b.drop = true
		case b.links == b.chars && opensTeaser(text):
			b.drop = true
		case b.chars < 160 && opensTeaser(text):
			b.drop = true
			if b.chars < 60 {
				l.dropTeasers(i+1, b1)
			}
		}
		if !b.drop && readsAsProse(b) {
			seen = true
		}
	}
}

// maxCall is the longest block, in letters, that may be a call or a teaser.
const maxCall = 260

// isTime reports whether a block is nothing but a time element.
func (l *layout) isTime(b *block) bool {
	return b.last == b.first+1 && l.nodes[l.nodes[b.first].parent].n.DataAtom == atom.Time
}

// isNotice reports whether a block is about cookies while the article is not.
func isNotice(text, title string) bool {
	low := strings.ToLower(text)
	return strings.Count(low, "cookie") >= 2 && !strings.Contains(title, "cookie")
}

// dropTeasers drops the links that follow a "read also" heading.
func (l *layout) dropTeasers(i, b1 int) {
	for ; i < b1; i++ {
		b := &l.blocks[i]
		if b.drop {
			continue
		}
		if b.density() < 0.7 {
			return
		}
		b.drop = true
	}
}

// pruneTail drops, from the end, what is not text: headings with nothing
// below, links, credits.
func (l *layout) pruneTail(b0, b1 int) {
	for i := b1 - 1; i >= b0; i-- {
		b := &l.blocks[i]
		if b.drop {
			continue
		}
		switch {
		case b.heading > 0:
		case b.density() > 0.8 && b.chars < 200:
		case isTail(fold(l.text(i))):
		default:
			return
		}
		b.drop = true
	}
}

// lead returns the standfirst that stands before the container: blocks after
// the headline that call themselves so, or that say what the description says.
func (l *layout) lead(c int, description string) []int {
	start := 0
	for _, h := range l.head.h1 {
		if int(h) < c {
			start = int(l.nodes[h].b1)
		}
	}
	want := fold(description)
	var out []int
	for i := start; i < int(l.nodes[c].b0); i++ {
		b := &l.blocks[i]
		if b.chars < 40 || b.density() > 0.3 || b.why&^isHidden != 0 || b.why != 0 || l.isByline(b, 0) || b.heading == 1 {
			continue
		}
		text := fold(l.text(i))
		if l.nodes[b.first].under&isLead == 0 && (want == "" || !strings.HasPrefix(text, prefix(want, 60))) {
			continue
		}
		if isPhrase(text) || opensTeaser(text) {
			continue
		}
		out = append(out, i)
	}
	if len(out) > 4 {
		return nil
	}
	return out
}

func prefix(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}
