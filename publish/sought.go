package publish

import (
	"slices"
	"strings"
	"unicode/utf8"

	"vedetta/news"
	"vedetta/prose"
)

// sought are the words of a question, to be found again in texts.
type sought struct {
	clauses [][]soughtWord
	first   [256]bool // bytes with which a word may begin
}

// soughtWord is a word in the forms that it may have.
type soughtWord struct {
	keys  []string
	open  string // what it begins with, where its end is open
	place int    // in its clause
}

// newSought takes the words that must be there.
func newSought(q news.Search) *sought {
	s := &sought{}
	for _, c := range q.Clauses {
		if c.Not || c.Field != "" {
			continue
		}
		all := prose.Words(c.Text)
		var ws []soughtWord
		for i, w := range all {
			sw := soughtWord{keys: prose.Keys(w.Fold), place: i}
			if c.Prefix && i == len(all)-1 {
				sw.open = w.Fold
			}
			if len(sw.keys) == 0 && sw.open == "" {
				continue
			}
			ws = append(ws, sw)
			for _, k := range append(slices.Clone(sw.keys), sw.open) {
				if k != "" {
					s.first[k[0]] = true
				}
			}
		}
		if len(ws) > 0 {
			s.clauses = append(s.clauses, ws)
		}
	}
	return s
}

// place of a clause in a text.
type soughtSpan struct {
	span
	clause int
}

// in returns where the clauses stand in a text, in order.
func (s *sought) in(text, lang string) []soughtSpan {
	words := prose.Words(text)
	keys := make([]string, len(words)) // of those that may be meant
	for i, w := range words {
		if f := strings.TrimLeft(w.Fold, "'"); f != "" && s.first[f[0]] {
			keys[i] = prose.Key(w.Fold, lang)
		}
	}
	var out []soughtSpan
	for i := range words {
		for c, clause := range s.clauses {
			last := i + clause[len(clause)-1].place - clause[0].place
			if last >= len(words) {
				continue
			}
			if !slices.ContainsFunc(clause, func(w soughtWord) bool {
				at := i + w.place - clause[0].place
				return !w.is(words[at].Fold, keys[at])
			}) {
				out = append(out, soughtSpan{span{words[i].Start, words[last].End}, c})
			}
		}
	}
	return out
}

// is reports whether a word of a text is meant.
func (w soughtWord) is(fold, key string) bool {
	return key != "" && (slices.Contains(w.keys, key) || w.open != "" && (strings.HasPrefix(key, w.open) || strings.HasPrefix(fold, w.open)))
}

// pieces is a line with the words of the question marked.
func (s *sought) pieces(line, lang string) []piece {
	var spans []span
	for _, f := range s.in(line, lang) {
		spans = append(spans, f.span)
	}
	return slice(line, merge(spans))
}

// Sizes of what is shown of a text.
const (
	maxSnippet = 280     // bytes, about
	snippetAt  = 70      // of which before the first word that was sought
	maxScanned = 1 << 16 // bytes of a text that are looked at
)

// snippet is the part of a text that shows most of what was sought, and how
// many clauses it shows; nothing where the text has none of it. Where no one
// place has all, it is two.
func (s *sought) snippet(text, lang string) ([]piece, int) {
	text = cut(text, maxScanned)
	found := s.in(text, lang)
	all := map[int]bool{}
	for _, f := range found {
		all[f.clause] = true
	}
	at, shown := densest(found, maxSnippet-snippetAt, nil)
	if at < 0 {
		return nil, 0
	}
	if len(shown) == len(all) {
		return s.pieces(shorten(text, found[at].start, maxSnippet), lang), len(shown)
	}
	const half = maxSnippet / 2
	second, more := densest(found, half-snippetAt, shown)
	a, b := found[at].start, found[second].start
	if a > b {
		a, b = b, a
	}
	line := shorten(text, a, maxSnippet)
	if b-a > half {
		line = strings.TrimRight(shorten(text, a, half), "…") + " … " + strings.TrimLeft(shorten(text, b, half), "…")
	}
	return s.pieces(line, lang), len(shown) + len(more)
}

// densest is the place from which a piece of text of some length shows most
// clauses, other than some, and then most words; -1 for none.
func densest(found []soughtSpan, length int, but map[int]bool) (at int, clauses map[int]bool) {
	at = -1
	best := 0
	for i, f := range found {
		if but[f.clause] {
			continue
		}
		here := map[int]bool{}
		n := 0
		for _, g := range found[i:] {
			if g.end-f.start > length && n > 0 {
				break
			}
			if n++; !but[g.clause] {
				here[g.clause] = true
			}
		}
		if worth := len(here)*1000 + min(n, 999); worth > best {
			at, best, clauses = i, worth, here
		}
	}
	return at, clauses
}

// shorten is a line of about some length around a place of a text.
func shorten(text string, at, length int) string {
	from := opening(text, at)
	to := closing(text, max(from+length, at))
	line := plain(text[from:to], 2*length)
	if from > 0 && !ended(text[:from]) {
		line = "…" + line
	}
	if to < len(text) && !ended(line) {
		line = strings.TrimRight(line, " ,;:") + "…"
	}
	return line
}

// ended reports whether a text ends as a sentence does.
func ended(text string) bool {
	text = strings.TrimRight(text, " »”\"")
	return text == "" || strings.HasSuffix(text, "\n") || strings.ContainsAny(text[len(text)-1:], ".!?") || strings.HasSuffix(text, "…")
}

// opening is where to begin so that a sentence or at least a word is whole
// before a place in a text.
func opening(text string, at int) int {
	from := max(0, at-snippetAt)
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	if i := strings.LastIndexAny(text[from:at], ".!?\n"); i >= 0 && strings.TrimSpace(text[from+i+1:at]) != text[from+i+1:at] {
		return from + i + 1
	}
	if from == 0 {
		return 0
	}
	if i := strings.IndexAny(text[from:at], " \n"); i >= 0 {
		return from + i + 1
	}
	return at
}

// closing is where to end so that a word is whole.
func closing(text string, at int) int {
	if at >= len(text) {
		return len(text)
	}
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	if i := strings.IndexAny(text[at:], " \n"); i >= 0 && i < snippetAt {
		return at + i
	}
	return at
}
