package extractor

import (
	"strings"

	"golang.org/x/net/html/atom"
)

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
	return countCookies(text) >= 2 && !strings.Contains(title, "cookie")
}

// countCookies is how often the word stands in a text, in letters of any case.
func countCookies(text string) int {
	if strings.Contains(text, "\u212a") || strings.Contains(text, "\u0130") {
		return strings.Count(strings.ToLower(text), "cookie") // another K or I
	}
	const before, word = len("coo"), len("cookie")
	n := 0
	for _, k := range []byte("kK") {
		for i := 0; ; i++ {
			j := strings.IndexByte(text[i:], k)
			if j < 0 {
				break
			}
			i += j
			if at := i - before; at >= 0 && at+word <= len(text) && strings.EqualFold(text[at:at+word], "cookie") {
				n++
			}
		}
	}
	return n
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
