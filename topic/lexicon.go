package topic

import (
	"slices"
	"strings"
)

// lexicon is one automaton over words that finds the terms of all topics.
//
// It is a trie whose edges are symbols. A word of a text has at most one
// symbol as it stands, one for its stem and one for each length of beginning
// in use, whatever the number of terms; so the time for a text is linear in
// its words.
type lexicon struct {
	exact   map[string]int32            // folded word to symbol
	stems   map[string]map[string]int32 // language to stem to symbol
	starts  map[string]int32            // beginning to symbol
	lengths []int                       // of the beginnings in use, in bytes
	heads   map[string]bool             // first bytes of the stems: others need no stemming
	sift    sift
	edges   map[edge]int32 // to node; 0 is the root
	out     [][]int32      // by node: entries of the terms that end there
	entries []entry
	symbols int32
	path    []int32 // of the term added last
}

type edge struct{ node, symbol int32 }

// headBytes of a word survive stemming.
const headBytes = 3

// sift tells most of the words that can have no symbol: by their first bytes,
// the bits of the lengths that words with a symbol may have.
type sift [4096]uint64

const longestSifted = 63 // bytes; longer words count as this long

func sifted[T string | []byte](s T) uint32 {
	h := uint32(0)
	for i := range min(len(s), headBytes) {
		h = h*31 + uint32(s[i])
	}
	return h * 0x9e3779b1 >> 20
}

// admit lets words pass that are key, or that begin with it and may be longer.
func (f *sift) admit(key string, longer bool) {
	bits := uint64(1) << min(len(key), longestSifted)
	if longer {
		bits = -bits // and all above
	}
	if longer && len(key) < headBytes {
		for i := range f {
			f[i] |= bits
		}
		return
	}
	f[sifted(key)] |= bits
}

func passes[T string | []byte](f *sift, word T) bool {
	return f[sifted(word)]>>min(len(word), longestSifted)&1 != 0
}

// kind says what a term stands for.
type kind uint8

const (
	actorTerm     kind = iota
	otherTerm          // third party
	themeTerm          // field of matters for
	againstTerm        // field of matters against
	bondTerm           // what two parties do with each other
	tieTerm            // names both parties of a relation
	yardstickTerm      // makes the actor of its sentence a yardstick
	notTerm            // phrase that hides the terms of target inside it
)

// entry is what a term means in a topic.
type entry struct {
	topic   int32
	id      int32 // index of the actor, other, theme, … in its topic
	person  int32 // index into the topic's people, -1 for none
	kind    kind
	target  kind   // of a notTerm: the kind that it hides, with the same id
	caps    uint16 // bit i: word i demands a capital
	words   uint8
	full    bool // a person's full name
	weak    bool
	own     bool // belongs to another party if that one's name follows
	unclear bool // also a common word
	lang    string
}

func newLexicon() *lexicon {
	return &lexicon{
		exact:  map[string]int32{},
		stems:  map[string]map[string]int32{},
		starts: map[string]int32{},
		heads:  map[string]bool{},
		edges:  map[edge]int32{},
		out:    make([][]int32, 1),
	}
}

// add enters a term, given as its words, with its meaning, and returns its
// symbols, which hold until the next is added.
func (l *lexicon) add(words []pattern, e entry) []int32 {
	node := int32(0)
	l.path = l.path[:0]
	for i, w := range words {
		if w.caps {
			e.caps |= 1 << i
		}
		ed := edge{node, l.symbol(w, e.lang)}
		l.path = append(l.path, ed.symbol)
		next, ok := l.edges[ed]
		if !ok {
			next = int32(len(l.out))
			l.out = append(l.out, nil)
			l.edges[ed] = next
		}
		node = next
	}
	e.words = uint8(len(words))
	l.out[node] = append(l.out[node], int32(len(l.entries)))
	l.entries = append(l.entries, e)
	return l.path
}

func (l *lexicon) symbol(p pattern, lang string) int32 {
	in := l.exact
	switch p.match {
	case inflected:
		if in = l.stems[lang]; in == nil {
			in = map[string]int32{}
			l.stems[lang] = in
		}
		l.heads[head(p.key)] = true
	case beginning:
		in = l.starts
		if i, ok := slices.BinarySearch(l.lengths, len(p.key)); !ok {
			l.lengths = slices.Insert(l.lengths, i, len(p.key))
		}
	}
	l.sift.admit(p.key, p.match != exactly)
	s, ok := in[p.key]
	if !ok {
		l.symbols++
		s = l.symbols
		in[p.key] = s
	}
	return s
}

func head(s string) string { return s[:min(len(s), headBytes)] }

// found is a term in a text: entries[entry] on the tokens first to last.
type found struct {
	entry       int32
	first, last int32
}

// find returns the terms in the words of a document, in order of their first
// word. Terms do not cross sentences.
func (l *lexicon) find(d *document) []found {
	symbols, ends := l.read(d)
	var hits []found
	var states, next []int32
	for _, s := range d.sentences {
		for i := s.first; i < s.end; i++ {
			if i > 0 && ends[i] == ends[i-1] {
				continue
			}
			states = append(states[:0], 0)
			for j := i; j < s.end && len(states) > 0; j++ {
				next = next[:0]
				from := int32(0)
				if j > 0 {
					from = ends[j-1]
				}
				for _, sym := range symbols[from:ends[j]] {
					for _, st := range states {
						if n, ok := l.edges[edge{st, sym}]; ok {
							next = append(next, n)
							for _, e := range l.out[n] {
								hits = append(hits, found{e, i, j})
							}
						}
					}
				}
				states, next = next, states
			}
		}
	}
	return hits
}

// read returns the symbols of all words, one after the other, and for each
// word where its symbols end.
func (l *lexicon) read(d *document) (symbols, ends []int32) {
	symbols = make([]int32, 0, len(d.words))
	ends = make([]int32, len(d.words))
	stems := l.stems[d.lang]
	memo := make(map[string]int32, 64) // stem symbol of a word, 0 for none
	for i, w := range d.words {
		if !passes(&l.sift, w.Fold) {
			ends[i] = int32(len(symbols))
			continue
		}
		if s, ok := l.exact[w.Fold]; ok {
			symbols = append(symbols, s)
		}
		if len(w.Fold) >= shortestStem && l.heads[head(w.Fold)] && stems != nil {
			s, ok := memo[w.Fold]
			if !ok {
				s = stems[root(w.Fold, d.lang)]
				memo[w.Fold] = s
			}
			if s != 0 {
				symbols = append(symbols, s)
			}
		}
		for _, n := range l.lengths {
			if n > len(w.Fold) {
				break
			}
			if s, ok := l.starts[w.Fold[:n]]; ok {
				symbols = append(symbols, s)
			}
		}
		ends[i] = int32(len(symbols))
	}
	return symbols, ends
}

// base returns the language of a BCP 47 tag, in lower case.
func base(tag string) string {
	tag, _, _ = strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	return strings.ToLower(tag)
}
