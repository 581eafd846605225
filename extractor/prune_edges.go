package extractor

import (
	"strings"
	"unicode/utf8"
)

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
