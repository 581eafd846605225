package extractor

import (
	"strings"
	"unicode/utf8"

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
	all := l.sums(0, len(l.blocks))
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
			s := l.sums(int(ch.b0), int(ch.b1))
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
		if l.sums(int(nd.b1), len(l.blocks)).prose < enough {
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

// bioBlocks is how far from the end a line on the author may stand.
const bioBlocks = 6

// pruneBios drops what the end of the text says of its authors: blocks that
// open with the name of one.
func (l *layout) pruneBios(b0, b1 int, authors []string) {
	n := 0
	for i := b1 - 1; i >= b0 && n < bioBlocks; i-- {
		b := &l.blocks[i]
		if b.drop {
			continue
		}
		n++
		text := fold(prefix(l.text(i), 200))
		for _, a := range authors {
			if a = fold(a); strings.Contains(a, " ") && startsWith(text, a) && b.chars < 900 && isBioText(text[len(a):]) {
				b.drop = true
			}
		}
	}
}

// isBioText reports whether what follows a name tells who that is.
func isBioText(rest string) bool {
	return bioPhrases.opens(strings.TrimSpace(rest))
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
	said := map[string]bool{}
	for i := b0; i < b1; i++ {
		b := &l.blocks[i]
		if b.drop {
			continue
		}
		if b.chars >= minRepeat {
			t := l.text(i)
			if b.drop = said[t]; b.drop {
				continue
			}
			said[t] = true
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
		case i == l.title, i < l.title && b.heading == 0 && b.chars < 60, b.heading == 1 && !seen, text == title, isMarkup(l.text(i)):
			b.drop = true
		case !seen && isCredit(l.text(i)), b.chars < 80 && l.within(b, atom.Small):
			b.drop = true
		case b.chars <= maxLine && b.heading == 0 && b.item == 0 && linePhrases.opens(text):
			b.drop = true
		case isPhrase(text), l.isSignature(i), (!seen || l.title >= 0 && i <= l.title+nearTitle) && l.opensArticle(i):
			b.drop = true
		case b.links == b.chars && opensTeaser(text):
			b.drop = true
		case b.chars < 160 && opensTeaser(text) && (b.links > 0 || !endsSentence(l.text(i))):
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

// within reports whether a block's text is all in an inline element.
func (l *layout) within(b *block, a atom.Atom) bool {
	for i := l.around(b); i > b.owner; i = l.nodes[i].parent {
		if l.nodes[i].n.DataAtom == a {
			return true
		}
	}
	return false
}

// isMarkup reports whether a block is no text but an address, or code that was
// meant for a machine.
func isMarkup(s string) bool {
	return strings.HasPrefix(s, "<") && strings.Contains(s, "=\"") || strings.HasPrefix(s, "[") && strings.Contains(s, "=") ||
		!strings.Contains(s, " ") && strings.Contains(s, "://")
}

// maxTail is the longest line, in letters, that a text's tail has.
const maxTail = 240

// endsSentence reports whether a text ends in a sentence's mark.
func endsSentence(s string) bool {
	s = strings.TrimRight(s, "\"'»”’) ")
	return s != "" && strings.ContainsAny(s[len(s)-1:], ".!?")
}

// isCredit reports whether a line ends in the credit of a picture.
func isCredit(s string) bool {
	if len(s) > 400 || endsSentence(s) {
		return false
	}
	return creditPhrases.in(fold(s[max(0, len(s)-50):])) || strings.Contains(s[max(0, len(s)-50):], "©")
}

// opensArticle reports whether a block is a date, as stand before a text.
func (l *layout) opensArticle(i int) bool {
	b := &l.blocks[i]
	if b.chars > 80 || b.item != 0 || b.row != 0 {
		return false
	}
	return b.chars < 70 && b.stops < 6 && !findDate(l.text(i)).IsZero()
}

// isSignature reports whether a block is a byline and nothing more.
func (l *layout) isSignature(i int) bool {
	b := &l.blocks[i]
	if b.chars > 80 || b.heading > 0 || b.item != 0 || b.row != 0 {
		return false
	}
	_, ok := bylineOf(l.text(i))
	return ok
}

// maxLine is the longest line, in letters, that tells of the text's age,
// length or pictures.
const maxLine = 90

// nearTitle is how many blocks below the headline a line with the date may
// stand.
const nearTitle = 4

// minRepeat is the shortest text, in letters, that is not said twice.
const minRepeat = 150

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

// maxScrap is the longest scrap of text, in letters, at a text's edge.
const maxScrap = 60

// pruneEdges drops scraps before the first and after the last paragraph: short
// lines that end no sentence, in elements of another kind than the paragraphs.
func (l *layout) pruneEdges(b0, b1 int) {
	kinds := map[string]bool{}
	first, last := -1, -1
	for i := b0; i < b1; i++ {
		if b := &l.blocks[i]; !b.drop && readsAsProse(b) {
			kinds[l.kind(b)] = true
			if last = i; first < 0 {
				first = i
			}
		}
	}
	for i := b0; i < b1 && first >= 0; i++ {
		if i == first {
			i = last
			continue
		}
		b := &l.blocks[i]
		if b.drop || b.heading > 0 || b.item != 0 || b.row != 0 || b.chars > maxScrap || endsSentence(l.text(i)) || kinds[l.kind(b)] {
			continue
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
		text := l.text(i)
		switch {
		case b.heading == 0 && b.item == 0 && l.signed == "" && isPerson(text):
			l.signed = text
		case b.heading > 0 && !readsAsProse(b):
		case b.density() > 0.8:
		case b.chars < maxTail && isTail(fold(text)):
		default:
			return
		}
		b.drop = true
	}
}

// maxLeads is the most blocks that a standfirst has; more are a list.
// Of blocks that only read as prose fewer are believed.
const (
	maxLeads  = 4
	maxLikely = 2
)

// lead returns the standfirst that stands between the headline and the
// container: blocks that call themselves so, that say what the description
// says, or that read as prose.
func (l *layout) lead(c int, title, description string) []int {
	start, found := l.afterTitle(c, fold(title))
	want := fold(description)
	var sure, likely []int
	for i := start; i < int(l.nodes[c].b0); i++ {
		b := &l.blocks[i]
		if b.chars < 25 || b.density() > 0.3 || b.why != 0 && !l.isTeaserLead(b) || l.isByline(b, 0) || b.heading == 1 {
			continue
		}
		text := fold(l.text(i))
		if isPhrase(text) || opensTeaser(text) || isCallText(text) || b.chars < 120 && overlap(text, title) > 0.8 {
			continue
		}
		says := len(want) > 40 && (strings.Contains(text, prefix(want, 40)) || len(text) > 40 && strings.Contains(want, prefix(text, 40)))
		switch named := l.nodes[b.first].under&isLead != 0 && b.chars >= 40; {
		case says, named && found:
			sure = append(sure, i)
		case found && b.item == 0 && readsAsProse(b):
			likely = append(likely, i)
		}
	}
	switch {
	case len(sure) > 0 && len(sure) <= maxLeads:
		return sure
	case len(sure) == 0 && len(likely) <= maxLikely:
		return likely
	}
	return nil
}

// afterTitle returns the block after the headline before a container, and
// whether there is one.
func (l *layout) afterTitle(c int, title string) (int, bool) {
	start, found := 0, false
	if l.title >= 0 && l.title < int(l.nodes[c].b0) {
		return l.title + 1, true
	}
	for _, h := range l.head.h1 {
		if int(h) < c {
			start, found = int(l.nodes[h].b1), true
		}
	}
	for i := start; title != "" && i < int(l.nodes[c].b0); i++ {
		if b := &l.blocks[i]; b.heading > 1 && b.why == 0 && fold(l.text(i)) == title {
			start, found = i+1, true
		}
	}
	return start, found
}

// prefix cuts a text to at most n bytes, at a character's end.
func prefix(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
