package extractor

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// prune drops the blocks of a container that are no part of the article, and
// returns what is left, in order. title and authors are the article's.
func (l *layout) prune(c int, title string, authors []string) []int {
	nd := &l.nodes[c]
	title = fold(title)
	opening := true // no prose yet
	for i := nd.b0; i < nd.b1; i++ {
		b := &l.blocks[i]
		b.drop = b.chars == 0 || l.isByline(b, c)
		if b.why&^l.nodes[c].under != 0 && (!opening || !l.isTeaserLead(b)) {
			b.drop = true
		}
		opening = opening && (b.drop || !readsAsProse(b) || b.why != 0)
	}
	l.pruneLists(c)
	b0, b1 := int(nd.b0), int(nd.b1)
	if b0 < b1 {
		l.prunePhrases(b0, b1, title)
		l.pruneCopies(b0, b1)
		l.pruneAfter(b0, b1)
		l.pruneBios(b0, b1, authors)
		l.pruneEdges(b0, b1)
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

// isTeaserLead reports whether a block is a standfirst whose class calls it a
// teaser, as other articles' are called too.
func (l *layout) isTeaserLead(b *block) bool {
	return b.why == isRelated && l.nodes[b.first].under&isLead != 0 && b.links == 0 && readsAsProse(b)
}

// isByline reports whether a block stands in an element for author or date.
func (l *layout) isByline(b *block, c int) bool {
	if b.chars > 120 {
		return false
	}
	if (l.nodes[b.first].under&^l.nodes[c].under)&(isAuthor|isDate) == 0 {
		return false
	}
	if !readsAsProse(b) {
		return true
	}
	text := l.join(b)
	_, ok := bylineOf(text)
	return ok || !findDate(text).IsZero()
}

// pruneLists drops elements below the container that are lists of links, as
// blocks of related articles are whatever they are called.
func (l *layout) pruneLists(c int) {
	end := int(l.nodes[c].end)
	l.sumUp()
	all := l.summed(l.nodes[c].b0, l.nodes[c].b1)
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
		s := l.summed(nd.b0, nd.b1)
		if s.chars > 0 && s.prose == 0 && !l.headsProse(nd) && float64(s.links) > 0.66*float64(s.chars) && s.links*3 < all.chars {
			for b := nd.b0; b < nd.b1; b++ {
				l.blocks[b].drop = true
			}
			i = int(nd.end)
			continue
		}
		i++
	}
}

// maxEntry is the most blocks that an entry of a round-up has.
const maxEntry = 10

// headsProse reports whether an element is the heading of an entry: of the
// prose after it, both in an element of their own.
func (l *layout) headsProse(nd *node) bool {
	last := nd.b1 - 1
	if nd.b1-nd.b0 > 2 || l.blocks[last].heading == 0 || int(nd.b1) >= len(l.blocks) || nd.parent < 0 {
		return false
	}
	entry := &l.nodes[nd.parent]
	return nd.b1 < entry.b1 && entry.b1-entry.b0 <= maxEntry && readsAsProse(&l.blocks[nd.b1])
}

// minCards is the fewest like elements side by side that make a list of
// teasers, maxCard the most letters that one has.
const (
	minCards = 3
	maxCard  = 420
)

// markCards sets aside lists of teasers: elements side by side, each with a
// linked heading and at most a few lines.
func (l *layout) markCards() {
	for i := range l.blocks {
		l.blocks[i].drop = l.blocks[i].why != 0
	}
	l.sumUp()
	all := l.summed(0, int32(len(l.blocks)))
	for i := int32(0); int(i) < len(l.nodes); {
		nd := &l.nodes[i]
		if nd.n.Type != html.ElementNode || nd.b1-nd.b0 < minCards || inline(nd.n.DataAtom) || nd.under&junk != 0 {
			i++
			continue
		}
		cards, others, prose, rest := 0, 0, int32(0), int32(0)
		for k := i + 1; k < nd.end; k = l.nodes[k].end {
			ch := &l.nodes[k]
			if ch.n.Type != html.ElementNode || ch.b0 == ch.b1 {
				continue
			}
			s := l.summed(ch.b0, ch.b1)
			switch {
			case s.blocks == 0:
			case l.isCard(ch, s):
				cards++
				prose += s.prose
			default:
				others++
				rest += s.prose
			}
		}
		most := all.prose / 3
		if l.summed(nd.b1, int32(len(l.blocks))).prose < enough {
			most = all.prose * 2 / 5 // at the end
		}
		if cards >= minCards && others <= cards/2 && prose < most && rest < enough {
			for b := nd.b0; b < nd.b1; b++ {
				l.blocks[b].why |= isRelated
			}
			i = nd.end
			continue
		}
		i++
	}
}

// isCard reports whether an element is a teaser: a linked heading, or a link
// that is a block, and little else.
func (l *layout) isCard(nd *node, s sums) bool {
	if s.chars > maxCard || s.blocks < 2 || s.blocks > 8 {
		return false
	}
	for b := nd.b0; b < nd.b1; b++ {
		if bl := &l.blocks[b]; !bl.drop && bl.density() > 0.9 && (bl.heading > 0 || bl.chars >= 20) {
			return true
		}
	}
	return false
}

type sums struct {
	chars, links, prose int32
	blocks              int
}

// sums adds up the blocks that are not dropped.
func (l *layout) sums(b0, b1 int) sums {
	var s sums
	for i := b0; i < b1; i++ {
		s.add(&l.blocks[i])
	}
	return s
}

// sumUp adds up the blocks that are not dropped, for summed.
func (l *layout) sumUp() {
	l.tally = zeroes(l.tally, len(l.blocks)+1)
	for i := range l.blocks {
		l.tally[i+1] = l.tally[i]
		l.tally[i+1].add(&l.blocks[i])
	}
}

// summed is what sums was when sumUp was called.
func (l *layout) summed(b0, b1 int32) sums {
	from, to := l.tally[b0], l.tally[b1]
	return sums{to.chars - from.chars, to.links - from.links, to.prose - from.prose, to.blocks - from.blocks}
}

func (s *sums) add(b *block) {
	if b.drop {
		return
	}
	s.chars += b.chars
	s.links += b.links
	if readsAsProse(b) {
		s.prose += b.chars
	}
	s.blocks++
}

// Bounds of a block that says at once what the blocks around it say.
const (
	minCopy   = 900
	minCopied = 3
)

// pruneCopies drops blocks that hold the whole article again, for machines.
func (l *layout) pruneCopies(b0, b1 int) {
	all := l.sums(b0, b1).prose
	for i := b0; i < b1; i++ {
		if b := &l.blocks[i]; b.drop || b.chars < minCopy || 4*b.chars < all {
			continue
		}
		n := 0
		for k := b0; k < b1 && n < minCopied; k++ {
			if b := &l.blocks[k]; k != i && !b.drop && readsAsProse(b) && strings.Contains(l.text(i), prefix(l.text(k), 60)) {
				n++
			}
		}
		if n == minCopied {
			l.blocks[i].drop = true
		}
	}
}

// footShare is the share of the prose that may follow the related articles
// and be the page's foot.
const footShare = 0.15

// pruneAfter drops what follows a list of other articles, or comments, at the
// end and stands in elements of another kind than the text before.
func (l *layout) pruneAfter(b0, b1 int) {
	kinds := map[string]bool{}
	all, sofar, run := l.sums(b0, b1).prose, int32(0), 0
	for i := b0; i < b1; i++ {
		b := &l.blocks[i]
		if b.drop {
			if b.why&(isRelated|isComments) != 0 {
				run++
			}
			continue
		}
		kind := l.kind(b)
		if run >= minCards && !kinds[kind] && float64(all-sofar) < footShare*float64(all) {
			for ; i < b1; i++ {
				l.blocks[i].drop = true
			}
			return
		}
		run = 0
		if readsAsProse(b) {
			kinds[kind] = true
			sofar += b.chars
		}
	}
}

// kind is what the markup calls a block and the element around it.
func (l *layout) kind(b *block) string {
	owner := &l.nodes[max(b.owner, 0)]
	kind := owner.n.Data + "." + classOf(owner.n)
	if owner.parent >= 0 {
		p := l.nodes[owner.parent].n
		kind += ">" + p.Data + "." + classOf(p)
	}
	return kind
}
