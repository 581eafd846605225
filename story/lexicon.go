package story

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"vedetta/prose"
)

// A term is what a word stands for: a stem, a class of words that editors put
// for one another, a country under any of its names, a number. The lower four
// bits hold its kind, the others identify it.
type term uint32

// kind says how much it means that two texts share a term.
type kind uint8

const (
	common   kind = iota // a word of everyday news
	word                 // any other word
	given                // the front of a name of several words: Mark, Crans, New
	frequent             // a name that is in the news every day
	country              // any other country or alliance
	name                 // any other proper name
	date                 // a month or a weekday
	digit                // a number up to twelve
	small                // a number up to ninety-nine
	year
	number // any other number
	stop   // no matter: never part of a doc
)

// Weights of the terms by kind. They are fixed, not counted from the articles
// seen: a weight that moved with every arrival would make stories depend on
// the order of arrival.
var (
	// eventWeights say how much a shared term speaks for one event.
	eventWeights = [...]float32{common: 0.3, word: 1, given: 0.7, frequent: 0.6, country: 1.2, name: 2, date: 0.4, digit: 0.3, small: 0.7, year: 0.5, number: 1.5, stop: 0}
	// textWeights say how much of a text a term is: what rewriting leaves
	// alone weighs most, however often it is in the news.
	textWeights = [...]float32{common: 0.3, word: 1, given: 0.7, frequent: 1, country: 1.8, name: 2, date: 0.5, digit: 0.3, small: 1, year: 0.6, number: 1.5, stop: 0}
	// strengths say how far a shared term is evidence of its own, that chance
	// would not bring about.
	strengths = [...]float32{word: 0.4, country: 0.6, name: 1, number: 1, stop: 0}
)

func (t term) kind() kind      { return kind(t & 15) }
func (t term) id() term        { return t >> 4 }
func (t term) weight() float32 { return eventWeights[t.kind()] }

// exact reports whether the term is a matter of fact that rewriting leaves
// alone: a name, a number, a date.
func (t term) exact() bool { return t.kind() >= given && t.kind() <= number }

func (t term) as(k kind) term { return t&^15 | term(k) }

func hashTerm(s string, k kind) term {
	// FNV-1a, mixed: stable over runs, since fingerprints may be compared in
	// tests and logs.
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return term(mix(h)>>32)&^15 | term(k)
}

func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

//go:embed lexicon/stop.txt
var stopText string

//go:embed lexicon/common.txt
var commonText string

//go:embed lexicon/sections.txt
var sectionsText string

//go:embed lexicon/frequent.txt
var frequentText string

//go:embed lexicon/classes.txt
var classesText string

//go:embed lexicon/places.txt
var placesText string

// lexicon is what is known of words beforehand.
type lexicon struct {
	words   map[string]term     // by folded word: stop words, classes, places, numerals, dates
	stems   map[string]term     // by stem: classes and common words
	phrases map[string][]phrase // by first folded word, longest first
	values  map[string]float64  // numerals in letters
	daily   map[term]bool       // ids of words that find no candidates alone
}

// phrase is an expression of several words that stands for one term.
type phrase struct {
	rest []string // folded words after the first
	term term
}

// loadLexicon reads the embedded tables once.
var loadLexicon = sync.OnceValue(func() *lexicon {
	l := &lexicon{words: make(map[string]term), stems: make(map[string]term), phrases: make(map[string][]phrase), values: make(map[string]float64), daily: make(map[term]bool)}
	usual := make(map[string]bool)
	for line := range lines(commonText) {
		for w := range strings.FieldsSeq(line) {
			stem := prose.Stem(w, "it")
			usual[stem] = true
			l.stems[stem] = hashTerm(stem, common)
		}
	}
	daily := make(map[string]bool)
	for line := range lines(frequentText) {
		for w := range strings.FieldsSeq(line) {
			daily[w] = true
			l.words[w] = hashTerm(w, frequent)
		}
	}
	for line := range lines(classesText) {
		fields := strings.Fields(line)
		k := word
		for _, f := range fields {
			if usual[prose.Stem(f, "it")] {
				k = common
			}
		}
		t := hashTerm("class "+fields[0], k)
		for _, f := range fields {
			if !l.addPhrase(f, t) {
				l.stems[prose.Stem(f, "it")] = t
			}
		}
	}
	for line := range lines(placesText) {
		fields := strings.Fields(line)
		k := country
		if daily[fields[0]] {
			k = frequent
		}
		t := hashTerm("place "+fields[0], k)
		for _, f := range fields {
			if !l.addPhrase(f, t) {
				l.words[f] = t
			}
		}
	}
	addNumerals(l.values)
	for w, v := range l.values {
		l.words[w] = numberTerm(v)
	}
	for i, months := range []string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"} {
		l.words[months] = hashTerm("month "+strconv.Itoa(i+1), date)
	}
	for i, day := range []string{"lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "sabato", "domenica"} {
		l.words[day] = hashTerm("day "+strconv.Itoa(i+1), date)
	}
	for line := range lines(sectionsText) {
		for w := range strings.FieldsSeq(line) {
			l.daily[hashTerm(prose.Stem(w, "it"), word).id()] = true
		}
	}
	for line := range lines(stopText) {
		for w := range strings.FieldsSeq(line) {
			l.words[w] = term(stop)
		}
	}
	return l
})

// addPhrase adds an expression whose words are joined by underscores, and
// reports whether f is one.
func (l *lexicon) addPhrase(f string, t term) bool {
	first, rest, ok := strings.Cut(f, "_")
	if ok {
		l.phrases[first] = append(l.phrases[first], phrase{strings.Split(rest, "_"), t})
	}
	return ok
}

// phraseAt returns the longest known expression at the front of words and the
// number of its words; 0 when there is none.
func (l *lexicon) phraseAt(words []*lexeme) (t term, n int) {
	for _, p := range l.phrases[words[0].fold] {
		if len(p.rest)+1 <= n || len(p.rest) >= len(words) {
			continue
		}
		same := true
		for i, w := range p.rest {
			if words[i+1].fold != w {
				same = false
				break
			}
		}
		if same {
			t, n = p.term, len(p.rest)+1
		}
	}
	return t, n
}

// lines yields the lines of a table without comments and empty lines.
func lines(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.SplitSeq(text, "\n") {
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}
