package extractor

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// worthOf says what a block adds to the score of the elements around it.
// Prose adds its letters outside links and loses those inside; a short crumb
// costs a little, so that of two elements with the same prose the one with
// less around it wins; a block under a junk trait costs more.
func worthOf(b *block) float64 {
	free, linked := float64(b.chars-b.links), float64(b.links)
	switch {
	case b.why != 0:
		return -min(40, float64(b.chars)*0.3)
	case b.heading > 0 && !readsAsProse(b):
		if linked > free {
			return -linked * 0.3
		}
		return 5
	case readsAsProse(b):
		return free - linked
	case linked > 0:
		return 0.3*free - 0.6*linked - 2
	case b.chars < 25:
		return 0
	}
	return 0.5 * free
}

// Factors by which an element's own markup raises its score.
const (
	bodyFactor    = 1.35
	articleFactor = 1.06
	junkFactor    = 0.40
)

// value is the score of an element as the article's container.
func (l *layout) value(nd *node) float64 {
	v := l.worth[nd.b1] - l.worth[nd.b0]
	if v <= 0 {
		return v
	}
	if nd.traits&isBody != 0 {
		v *= bodyFactor
	} else if nd.traits&isArticle != 0 {
		v *= articleFactor
	}
	if nd.under&isDoubtful != 0 {
		v *= junkFactor
	}
	return v
}

// likeness is what two blocks of the same text have in common.
type likeness struct {
	chars, stops, links int32
	opening             string
}

// weigh sums up what blocks are worth. Text that a page repeats counts once.
func (l *layout) weigh() {
	l.worth = zeroes(l.worth, len(l.blocks)+1)
	if l.seen == nil {
		l.seen = map[likeness]bool{}
	}
	lost := int32(0)
	for i := range l.blocks {
		b := &l.blocks[i]
		w := worthOf(b)
		if b.why == 0 && readsAsProse(b) {
			like := likeness{b.chars, b.stops, b.links, prefix(strings.TrimSpace(l.nodes[b.first].n.Data), 24)}
			if l.seen[like] {
				w = 0
				lost += b.chars
			}
			l.seen[like] = true
		}
		l.prose[i+1] -= lost
		l.worth[i+1] = l.worth[i] + w
	}
}

// Shares of the best element's prose that a part of it must hold to be taken
// in its stead.
const (
	bodyPart = 0.60 // a part that names itself the body
	anyPart  = 0.95
)

// choose returns the index of the article's container, -1 when the page has
// no text.
func (l *layout) choose() int {
	l.weigh()
	best, top := -1, 0.0
	for i := range l.nodes {
		nd := &l.nodes[i]
		if nd.n.Type != html.ElementNode || nd.b1 == nd.b0 || nd.under&junk != 0 || inline(nd.n.DataAtom) {
			continue
		}
		if v := l.value(nd); v >= top && v > 0 {
			best, top = i, v
		}
	}
	if best < 0 {
		return -1
	}
	return l.narrow(best)
}

// free is the prose of an element outside junk regions.
func (l *layout) free(nd *node) int32 {
	var sum int32
	for i := nd.b0; i < nd.b1; i++ {
		if b := &l.blocks[i]; b.why == 0 {
			sum += l.prose[i+1] - l.prose[i]
		}
	}
	return sum
}

// narrow goes from a container to the part of it that is the article's body:
// the innermost element that says so and holds most of the prose, else the
// innermost that holds nearly all of it.
func (l *layout) narrow(best int) int {
	all := float64(l.free(&l.nodes[best]))
	if all == 0 {
		return best
	}
	end := int(l.nodes[best].end)
	named, tight := -1, best
	for i := best; i < end; i++ {
		nd := &l.nodes[i]
		if nd.n.Type != html.ElementNode || inline(nd.n.DataAtom) || nd.under&junk != 0 {
			continue
		}
		p := float64(l.prose[nd.b1] - l.prose[nd.b0])
		if p < bodyPart*all {
			continue
		}
		if p = float64(l.free(nd)); p < bodyPart*all {
			continue
		}
		if nd.traits&isBody != 0 {
			named = i
		}
		if p >= anyPart*all {
			tight = i
		}
	}
	if named >= 0 {
		return l.together(named, best, all)
	}
	switch l.nodes[tight].n.DataAtom {
	case atom.P, atom.Ul, atom.Ol, atom.Li, atom.Table, atom.Tbody, atom.Tr, atom.Td, atom.Blockquote:
		if float64(l.free(&l.nodes[tight])) < all {
			return best
		}
	}
	return tight
}

// partShare is the share of the prose that a further body must have.
const partShare = 0.05

// together widens a body to the element around all the parts of a page that
// name themselves the body alike, where advertising splits it.
func (l *layout) together(named, best int, all float64) int {
	if float64(l.free(&l.nodes[named])) >= anyPart*all {
		return named
	}
	if l.beginsBefore(named, best, all) {
		return int(l.nodes[named].parent)
	}
	class := attr(l.nodes[named].n, "class")
	for i := best + 1; i < int(l.nodes[best].end); i++ {
		nd := &l.nodes[i]
		if nd.traits&isBody == 0 || nd.under&junk != 0 || attr(nd.n, "class") != class || i >= named && i < int(l.nodes[named].end) || nd.end > int32(named) && i < named {
			continue
		}
		if float64(l.free(nd)) < partShare*all {
			continue
		}
		for int(l.nodes[named].end) <= i || named > i {
			named = int(l.nodes[named].parent)
		}
		if named <= best {
			return best
		}
	}
	return named
}

// openingShare is the share of the prose that must stand between the headline
// and a body, in the same element as the body, to be its beginning.
const openingShare = 0.10

// beginsBefore reports whether the text begins before a body, in an element
// beside it.
func (l *layout) beginsBefore(named, best int, all float64) bool {
	parent := l.nodes[named].parent
	if l.title < 0 || parent <= int32(best) {
		return false
	}
	for i := parent + 1; i < int32(named); i = l.nodes[i].end {
		nd := &l.nodes[i]
		if nd.n.Type != html.ElementNode || int(nd.b0) <= l.title || nd.under&(junk|isLead) != 0 {
			continue
		}
		var sum int32
		for b := nd.b0; b < nd.b1; b++ {
			if l.blocks[b].why == 0 && l.blocks[b].item == 0 {
				sum += l.prose[b+1] - l.prose[b]
			}
		}
		if float64(sum) > openingShare*all {
			return true
		}
	}
	return false
}
