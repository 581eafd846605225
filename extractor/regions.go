package extractor

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A region with a junk trait is believed unless it holds more than this share
// of the page's prose: names lie ("sidebar-layout", "with-ads"), text does not.
const (
	heavyShare   = 0.40 // comments, related, navigation, …
	lightShare   = 0.25 // marks of small things: credits, tags, buttons
	commentShare = 0.92 // comments may well be longer than the article
)

// light are the traits that name small things.
const light = isMeta | isShare | isAd | isCaption | isToc | isAside | isCall

// readsAsProse reports whether a block reads as running text.
func readsAsProse(b *block) bool {
	return b.chars >= 60 && b.stops > 0 && 2*b.links < b.chars || b.chars >= 140 && 2*b.links < b.chars
}

// regions decides which junk traits hold, and marks the blocks under them.
func (l *layout) regions() {
	l.prose = make([]int32, len(l.blocks)+1)
	for i := range l.blocks {
		p := int32(0)
		if b := &l.blocks[i]; readsAsProse(b) {
			p = b.chars
		}
		l.prose[i+1] = l.prose[i] + p
	}
	total := l.prose[len(l.blocks)]
	comments := l.commentProse()
	for i := range l.nodes {
		nd := &l.nodes[i]
		if nd.parent >= 0 {
			nd.under |= l.nodes[nd.parent].under
		}
		if nd.n.Type != html.ElementNode {
			continue
		}
		nd.under |= nd.traits & (isLead | isAuthor | isDate | isBody)
		t := nd.traits & junk
		if t == 0 || nd.under&junk != 0 && t&^nd.under == 0 {
			nd.under |= t & nd.under
			continue
		}
		nd.under |= l.holds(nd, t, total, comments)
	}
	for i := range l.blocks {
		b := &l.blocks[i]
		b.why = l.nodes[b.first].under & junk
	}
}

// commentProse is how much of the page's prose is in comments.
func (l *layout) commentProse() int32 {
	var sum int32
	for i := 0; i < len(l.nodes); {
		nd := &l.nodes[i]
		if nd.traits&isComments != 0 && nd.traits&isArticle == 0 && nd.n.DataAtom != atom.Body && nd.n.DataAtom != atom.Html {
			if p := l.proseIn(nd); p < l.prose[len(l.blocks)]*9/10 {
				sum += p
				i = int(nd.end)
				continue
			}
		}
		i++
	}
	return sum
}

func (l *layout) proseIn(nd *node) int32 { return l.prose[nd.b1] - l.prose[nd.b0] }

// holds returns those of an element's junk traits that are believed.
func (l *layout) holds(nd *node, t trait, total, comments int32) trait {
	switch nd.n.DataAtom {
	case atom.Html, atom.Body, atom.Main:
		return 0
	}
	p := float64(l.proseIn(nd))
	if t&isComments != 0 {
		if p <= commentShare*float64(total) && nd.n.DataAtom != atom.Article {
			return t
		}
		t &^= isComments
	}
	rest := float64(total - comments)
	if p > heavyShare*rest {
		return 0
	}
	if p > lightShare*rest {
		t &^= light
	}
	// An element that calls itself the article and, beside, something else.
	if nd.traits&isBody != 0 && p > 0 {
		t &^= light | isHidden
	}
	if nd.traits&isArticle != 0 && p > 0.15*rest {
		t &^= light | isRelated | isNav
	}
	return t
}
