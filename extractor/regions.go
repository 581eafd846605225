package extractor

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A region with a junk trait is believed unless it holds more than this share
// of the page's prose: names lie ("sidebar-layout", "with-ads"), text does not.
const (
	heavyShare   = 0.40 // comments, related, navigation, …
	lightShare   = 0.25 // marks of small things: credits, tags, buttons
	commentShare = 0.92 // comments may well be longer than the article
	enough       = 250  // letters of prose elsewhere that may be the article
	lieShare     = 0.55 // of a name over the whole page
)

// light are the traits that name small things.
const light = isMeta | isShare | isAd | isCaption | isToc | isAside | isCall

// small are the traits of things that hold at most smallProse letters of prose.
const (
	small      = isMeta | isAd | isToc
	smallProse = 350
)

// readsAsProse reports whether a block reads as running text.
func readsAsProse(b *block) bool {
	return b.chars >= 60 && b.stops > 0 && 2*b.links < b.chars || b.chars >= 140 && 2*b.links < b.chars
}

// regions decides which junk traits hold, and marks the blocks under them.
func (l *layout) regions() {
	l.prose = zeroes(l.prose, len(l.blocks)+1)
	aboutCookies := strings.Contains(strings.ToLower(l.head.title), "cookie")
	for i := range l.blocks {
		p := int32(0)
		if b := &l.blocks[i]; readsAsProse(b) {
			if !aboutCookies && l.onCookies(b) {
				b.why = isConsent
			} else {
				p = b.chars
			}
		}
		l.prose[i+1] = l.prose[i] + p
	}
	rest := float64(l.prose[len(l.blocks)] - l.commentProse())
	lies := l.lies(rest)
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
		if t != 0 && nd.n.DataAtom != atom.Main && nd.traits&(isBody|isArticle) == 0 {
			nd.under |= isDoubtful
		}
		if nd.traits&(isAuthor|isBody|isArticle) == isAuthor && l.proseIn(nd) > 0 {
			t |= isBio // a byline does not talk
		}
		if t &^= nd.under; t != 0 {
			nd.under |= l.holds(nd, t, lies, rest)
		}
	}
	for i := range l.blocks {
		b := &l.blocks[i]
		b.why |= l.nodes[l.around(b)].under & junk
	}
	l.markSections()
	l.markCards()
}

// around returns the innermost element that holds a whole block.
func (l *layout) around(b *block) int32 {
	i := l.nodes[b.first].parent
	for i > b.owner && l.nodes[i].end < b.last {
		i = l.nodes[i].parent
	}
	return max(i, 0)
}

// onCookies reports whether a block tells of cookies more than once.
func (l *layout) onCookies(b *block) bool {
	n := 0
	for i := b.first; i < b.last && n < 2; i++ {
		if t := l.nodes[i].n; t.Type == html.TextNode {
			n += strings.Count(t.Data, "ookie")
		}
	}
	return n >= 2 || n == 1 && b.chars < 160
}

// lies returns the traits that names of this page claim for so much of its
// prose that they must mean something else.
func (l *layout) lies(rest float64) trait {
	var claimed, until [32]int32
	for i := range l.nodes {
		nd := &l.nodes[i]
		t := nd.traits & (light | isHidden | isBio) &^ tagTraits(nd.n.DataAtom)
		if t == 0 || nd.b0 == nd.b1 {
			continue
		}
		p := l.proseIn(nd)
		if p == 0 {
			continue
		}
		for k := range claimed {
			if t&(1<<k) != 0 && int32(i) >= until[k] {
				claimed[k] += p
				until[k] = nd.end
			}
		}
	}
	var lies trait
	for k, p := range claimed {
		if float64(p) > lieShare*rest {
			lies |= 1 << k
		}
	}
	return lies
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
func (l *layout) holds(nd *node, t, lies trait, rest float64) trait {
	switch nd.n.DataAtom {
	case atom.Html, atom.Body, atom.Main:
		return 0
	case atom.Figure:
		if holdsText(nd.n) {
			t &^= isCaption
		}
	}
	p := float64(l.proseIn(nd))
	if t&isComments != 0 {
		if p <= commentShare*float64(l.prose[len(l.blocks)]) && nd.n.DataAtom != atom.Article {
			return t
		}
		t &^= isComments
	}
	if t&isConsent != 0 && nd.traits&(isArticle|isBody) == 0 && rest-p > enough {
		return t
	}
	if p == 0 {
		return t
	}
	if p > heavyShare*rest {
		return 0
	}
	t &^= lies &^ tagTraits(nd.n.DataAtom)
	if p > lightShare*rest {
		t &^= light
	}
	if p > smallProse {
		t &^= small
	}
	if nd.n.DataAtom == atom.P && t&isCall != 0 {
		t &^= isHidden // a paragraph that a meter hides until its script has counted
	}
	if nd.n.DataAtom == atom.P {
		t &^= isAd | isCall | isShare | isAside | isToc
	}
	// An element that calls itself the article and, beside, something else.
	if nd.traits&isBody != 0 {
		t &^= light | isHidden
	}
	if nd.traits&isArticle != 0 && p > 0.15*rest {
		t &^= light | isRelated | isNav
	}
	return t
}

// holdsText reports whether a figure is one of text: a table, code, a quote.
func holdsText(fig *html.Node) bool {
	budget := 40
	var look func(n *html.Node) bool
	look = func(n *html.Node) bool {
		for c := n.FirstChild; c != nil && budget > 0; c = c.NextSibling {
			budget--
			switch c.DataAtom {
			case atom.Table, atom.Pre, atom.Blockquote, atom.Ul, atom.Ol:
				return true
			}
			if look(c) {
				return true
			}
		}
		return false
	}
	return look(fig)
}

// sectionShare is the most of a page's prose that a section may hold which its
// heading says is no part of the article.
const sectionShare = 0.35

// markSections sets aside what stands under headings of comments, of other
// articles, of the author, of calls.
func (l *layout) markSections() {
	total := l.prose[len(l.blocks)]
	for i := 0; i < len(l.blocks); i++ {
		b := &l.blocks[i]
		if b.heading == 0 || b.why != 0 || b.chars > 60 {
			continue
		}
		head := withoutNumbers(fold(l.text(i)))
		comments := commentHeads[head]
		if !comments && !sectionHeads[head] && (b.links > 0 || !opensTeaser(head)) {
			continue
		}
		end := l.sectionEnd(i, comments)
		why := isRelated
		if comments {
			why = isComments
		} else if float64(l.prose[end]-l.prose[i]) > sectionShare*float64(total) {
			continue
		}
		for ; i < end; i++ {
			l.blocks[i].why |= why
		}
		i--
	}
}

// sectionEnd is the block after the section under a heading: up to the next
// heading of its rank, or to the end of the element that holds both heading
// and text.
func (l *layout) sectionEnd(i int, whole bool) int {
	p := l.blocks[i].owner
	for p > 0 && int(l.nodes[p].b1) <= i+1 {
		p = l.nodes[p].parent
	}
	end := int(l.nodes[max(p, 0)].b1)
	if whole {
		return end
	}
	flow := l.inFlow(i) && float64(l.prose[end]-l.prose[i]) > tailShare*float64(l.prose[len(l.blocks)])
	for k := i + 1; k < end; k++ {
		b := &l.blocks[k]
		if b.heading > 0 && b.heading <= l.blocks[i].heading || flow && b.chars >= 100 && readsAsProse(b) {
			return k
		}
	}
	return end
}

// tailShare is the share of a page's prose after a heading below which all
// that follows is its section, even where it stands among the paragraphs.
const tailShare = 0.12

// flowReach is how many blocks before a heading are looked at.
const flowReach = 20

// inFlow reports whether a heading stands among paragraphs, in the element
// that holds the prose before it.
func (l *layout) inFlow(i int) bool {
	for k := i - 1; k >= max(0, i-flowReach); k-- {
		if b := &l.blocks[k]; b.why == 0 && readsAsProse(b) {
			return l.nodes[b.owner].parent == l.nodes[l.blocks[i].owner].parent
		}
	}
	return false
}

// withoutNumbers drops the words of a folded text that are numbers.
func withoutNumbers(s string) string {
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	f := strings.Fields(s)
	kept := f[:0]
	for _, w := range f {
		if strings.Trim(w, "0123456789") != "" {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}
