package topic

import (
	"math"
	"slices"
	"unicode"
	"unicode/utf8"

	"vedetta/news"
	"vedetta/prose"
)

// gate tells most of the articles in which no relation of any topic can have
// both its parties. It looks for the terms of parties alone, and twice: first
// for one word of each term, wherever it stands, then for the terms. Words are
// no more than their letters to it, and a text is one sentence: what it lets
// pass may still turn out to be nothing, what it stops is nothing.
type gate struct {
	*lexicon               // the matcher's
	first     []int        // by topic: the number of its first actor
	relations [][]relation // by topic
	terms     []partyTerm  // while compiling

	opened initials // of the first words of terms

	forms byHash[anchor] // of the words that can be listed
	loose initials       // of the others
	kinds []anchor       // of the others, by symbol
}

// anchor says who may be named where a word stands: with a capital, and without.
type anchor struct{ name, word parties }

func (a *anchor) admit(p parties, name bool) {
	if name {
		a.name |= p
	} else {
		a.word |= p
	}
}

// partyTerm is a term of a party, as symbols.
type partyTerm struct {
	symbols []int32
	words   []pattern
	lang    string
	party   parties
}

// parties is a set of actors by number, of which those that are equal modulo
// 63 stand together; tied is one that names both parties of a relation.
type parties uint64

const tied parties = 1 << 63

func party(number int) parties { return 1 << (number % 63) }

// initials is a set of words by their first letters.
type initials [1 << (5 * headBytes) / 64]uint64

// initialsOf numbers the first letters of a word, whatever their case.
func initialsOf[T string | []byte](word T) (n uint32) {
	for i := range headBytes {
		n <<= 5
		if i < len(word) {
			n |= uint32(word[i] & 31)
		}
	}
	return n
}

func (in *initials) add(key string) {
	n := initialsOf(key)
	in[n/64] |= 1 << (n % 64)
}

func has[T string | []byte](in *initials, word T) bool {
	n := initialsOf(word)
	return in[n/64]>>(n%64)&1 != 0
}

// may reports whether a word as it stands in a text may fold to one of the set.
func (in *initials) may(span string) bool {
	for i := range min(headBytes, len(span)) {
		if span[i] >= utf8.RuneSelf || span[i] == '.' {
			return true
		}
	}
	return has(in, span)
}

// admit enters a term of a party, of which the lexicon has made these symbols.
func (g *gate) admit(words []pattern, symbols []int32, e entry) {
	t := partyTerm{symbols: slices.Clone(symbols), words: words, lang: e.lang, party: tied}
	if e.kind == actorTerm {
		t.party = party(g.actors() + int(e.id))
	}
	g.terms = append(g.terms, t)
	g.opened.add(words[0].key)
}

// anchor chooses of each term the word that is looked for: a name before a
// common word, that which stands in most terms, so that they are few, and a
// word that says nothing by itself last.
func (g *gate) anchor() {
	type use struct {
		party  parties
		symbol int32
	}
	uses := map[use]int{}
	words := make([]*pattern, g.symbols+1) // by symbol
	idle := make([]bool, g.symbols+1)
	for _, t := range g.terms {
		for i, s := range t.symbols {
			uses[use{t.party, s}]++
			if words[s] == nil {
				words[s] = &t.words[i]
				idle[s] = words[s].match == exactly && prose.Key(words[s].key, "") == ""
			}
		}
	}
	chosen := make([]anchor, g.symbols+1)
	italians := make([]bool, g.symbols+1)
	for _, t := range g.terms {
		best, most := 0, math.MinInt
		for i, s := range t.symbols {
			rank := uses[use{t.party, s}]
			switch {
			case idle[s]:
				rank = len(t.words[i].key) - maxTermBytes
			case t.words[i].caps:
				rank += len(g.terms)
			}
			if rank >= most {
				best, most = i, rank
			}
		}
		s := t.symbols[best]
		chosen[s].admit(t.party, t.words[best].caps)
		italians[s] = t.lang == italian
	}
	g.kinds = make([]anchor, g.symbols+1)
	forms := map[uint64]anchor{}
	list := func(form string, a anchor) {
		h := prose.Hash(form)
		forms[h] = anchor{forms[h].name | a.name, forms[h].word | a.word}
	}
	for s, a := range chosen {
		if a == (anchor{}) {
			continue
		}
		switch w := words[s]; {
		case w.match == exactly:
			list(w.key, a)
		case w.match == inflected && italians[s]:
			for form := range formsOf(w.key) {
				list(form, a)
			}
		default:
			g.kinds[s] = a
			g.loose.add(w.key)
		}
	}
	g.forms, g.terms = newByHash(forms), nil
}

// glance is an article's words as the gate reads them. It serves one article
// after the other.
type glance struct {
	text, title, summary []prose.Token
	sample               []prose.Token // of the summary, for telling the language

	seen          []bool // actors of all topics, by number
	states, after []int32
	symbols       []int32
	fold          []byte
}

// read cuts an article into words, and reports whether it has any.
func (g *glance) read(a news.Article) bool {
	g.title, g.text, g.summary = prose.Tokens(g.title[:0], a.Title), prose.Tokens(g.text[:0], a.Text), g.summary[:0]
	if readsSummary(a) {
		g.summary = prose.Tokens(g.summary, a.Summary)
	}
	return len(g.title)+len(g.text)+len(g.summary) > 0
}

// passes reports whether an article in a language, of which at is the glance,
// may have both parties of a relation.
func (g *gate) passes(a news.Article, at *glance, lang string) bool {
	named := g.anchorsIn(at, a.Title, at.title, lang) | g.anchorsIn(at, a.Text, at.text, lang) | g.anchorsIn(at, a.Summary, at.summary, lang)
	if !g.related(func(actor int) bool { return named&party(actor) != 0 }) && named&tied == 0 {
		return false
	}
	at.seen = slices.Grow(at.seen[:0], g.actors())[:g.actors()]
	clear(at.seen)
	return g.find(at, a.Title, at.title, lang) || g.find(at, a.Text, at.text, lang) || g.find(at, a.Summary, at.summary, lang) ||
		g.related(func(actor int) bool { return at.seen[actor] })
}

func (g *gate) actors() int { return g.first[len(g.first)-1] }

// related reports whether both parties of a relation are named.
func (g *gate) related(named func(actor int) bool) bool {
	for i, relations := range g.relations {
		for _, r := range relations {
			if named(g.first[i]+int(r.a)) && named(g.first[i]+int(r.b)) {
				return true
			}
		}
	}
	return false
}

// anchorsIn returns the parties that may be named in a part of an article.
func (g *gate) anchorsIn(at *glance, text string, words []prose.Token, lang string) (p parties) {
	for _, w := range words {
		span := text[w.Start:w.End]
		if a, ok := g.forms.get(w.Hash); ok {
			p |= a.in(span)
		}
		if !g.loose.may(span) {
			continue
		}
		if at.fold = w.AppendFold(at.fold[:0], text); !has(&g.loose, at.fold) {
			continue
		}
		at.symbols = g.symbolsOf(at.symbols[:0], at.fold, lang)
		for _, s := range at.symbols {
			p |= g.kinds[s].in(span)
		}
	}
	return p
}

// in returns the parties that a word may name as it is written.
func (a anchor) in(span string) parties {
	if a.name&^a.word != 0 && capitalised(span) {
		return a.name | a.word
	}
	return a.word
}

// find marks the parties whose terms stand in one part of an article, and
// reports whether one of the terms names two.
func (g *gate) find(at *glance, text string, words []prose.Token, lang string) bool {
	for i, w := range words {
		if !g.opened.may(text[w.Start:w.End]) {
			continue
		}
		at.states = append(at.states[:0], 0)
		for j := i; j < len(words) && len(at.states) > 0; j++ {
			at.fold = words[j].AppendFold(at.fold[:0], text)
			at.symbols = g.symbolsOf(at.symbols[:0], at.fold, lang)
			at.after = at.after[:0]
			for _, sym := range at.symbols {
				for _, st := range at.states {
					n, ok := g.edges[edge{st, sym}]
					if !ok {
						continue
					}
					at.after = append(at.after, n)
					for _, e := range g.out[n] {
						e := &g.entries[e]
						if e.kind != actorTerm && e.kind != tieTerm || e.lang != "" && e.lang != lang || !cased(e, text, words[i:]) {
							continue
						}
						if e.kind == tieTerm {
							return true
						}
						at.seen[g.first[e.topic]+int(e.id)] = true
					}
				}
			}
			at.states, at.after = at.after, at.states
		}
	}
	return false
}

// symbolsOf appends the symbols of a folded word.
func (l *lexicon) symbolsOf(dst []int32, fold []byte, lang string) []int32 {
	if s, ok := l.exact[string(fold)]; ok {
		dst = append(dst, s)
	}
	if stems := l.stems[lang]; stems != nil && len(fold) >= shortestStem && l.heads[string(fold[:headBytes])] {
		var s int32
		if lang == italian {
			s = stems[string(fold[:rootEnd(fold)])]
		} else {
			s = stems[root(string(fold), lang)]
		}
		if s != 0 {
			dst = append(dst, s)
		}
	}
	for _, n := range l.lengths {
		if n > len(fold) {
			break
		}
		if s, ok := l.starts[string(fold[:n])]; ok {
			dst = append(dst, s)
		}
	}
	return dst
}

// cased reports whether the first of words have the capitals that a term
// demands.
func cased(e *entry, text string, words []prose.Token) bool {
	for i := range int(e.words) {
		if e.caps&(1<<i) != 0 && !capitalised(text[words[i].Start:words[i].End]) {
			return false
		}
	}
	return true
}

// capitalised reports whether the first letter of a word is a capital.
func capitalised(word string) bool {
	for _, r := range word {
		if unicode.IsLetter(r) {
			return unicode.IsUpper(r)
		}
	}
	return false
}
