package story

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vedetta/news"
	"vedetta/prose"
)

const (
	maxTerms  = 3000 // of a text that are compared; the rest of a very long one is not looked at
	leadTerms = 45   // at the front of a text that tell what it is about
	sketchLen = 40   // heaviest terms kept for comparing events
	keyLen    = 12   // of these, those that find candidates
)

// fingerprint is all that is remembered of an article's text.
type fingerprint struct {
	terms  []term   // of the body, in order, without stop words
	ends   []uint16 // ends of the sentences in terms
	pairs  int      // different pairs of adjacent terms
	title  []term
	prints []uint32 // sampled shingles, sorted
	sketch []heavy  // heaviest terms of title and body, sorted by term
	total  float32  // weight of the sketch
	keys   []term   // the heaviest of them, which find candidates for an event
	text   uint64   // hash of terms: equal for equal texts
	series uint64   // hash of the title of a numbered take; 0 when it is none
}

// heavy is a term with how much it stands out in one text.
type heavy struct {
	term term
	part float32 // by how often and where it stands; times the term's own weight
}

func (h heavy) weight() float32 { return h.part * h.term.weight() }

// reader turns articles into fingerprints.
type reader struct {
	lex  *lexicon
	memo map[string]term // folded word to term, bounded
}

const maxMemo = 1 << 17

func newReader() *reader {
	return &reader{lex: loadLexicon(), memo: make(map[string]term, 1<<12)}
}

// read takes an article's fingerprint. surface receives how the terms that
// matter look in the text, where it is not nil.
func (r *reader) read(a news.Article, surface map[term]string) *fingerprint {
	text := a.Text
	if strings.TrimSpace(text) == "" {
		text = a.Summary
	}
	title := withoutSite(a.Title)
	text = body(text)
	if repeats(text, a.Title) {
		text = ""
	}
	f := &fingerprint{}
	if t, ok := withoutTake(title); ok {
		title = t
	}
	sentences := prose.Sentences(text)
	names := properNames(text, sentences, title)
	for _, s := range sentences {
		f.terms = r.terms(f.terms, text, s.Words, names, surface)
		if len(f.terms) > maxTerms {
			f.terms = f.terms[:maxTerms]
		}
		if n := uint16(len(f.terms)); len(f.ends) == 0 && n > 0 || len(f.ends) > 0 && n > f.ends[len(f.ends)-1] {
			f.ends = append(f.ends, n)
		}
		if len(f.terms) == maxTerms {
			break
		}
	}
	f.terms = slices.Clip(f.terms)
	f.title = slices.Clip(r.terms(nil, title, prose.Words(title), names, surface))
	f.text = hashTerms(f.terms)
	if t, ok := withoutTake(withoutSite(a.Title)); ok {
		f.series = hashTerms(r.terms(nil, t, prose.Words(t), names, nil))
	}
	f.prints = shingles(f.terms)
	f.weigh(r.lex.daily)
	return f
}

// basis is the time by which an article is placed.
func basis(a news.Article) time.Time {
	if a.Published.IsZero() {
		return a.Seen
	}
	return a.Published
}

// terms appends the terms of words.
func (r *reader) terms(dst []term, text string, words []prose.Word, names map[string]bool, surface map[term]string) []term {
	for i := 0; i < len(words); i++ {
		w := words[i]
		t, n := r.lex.phraseAt(words[i:])
		if n > 0 {
			if surface != nil {
				surface[t.id()] = text[w.Start:words[i+n-1].End]
			}
			dst = append(dst, t)
			i += n - 1
			continue
		}
		t = r.term(w.Fold)
		if t.numeric() || partial[w.Fold] > 0 || w.Fold[0] >= '0' && w.Fold[0] <= '9' {
			if v, more, ok := r.quantity(words[i:]); ok {
				t = numberTerm(v)
				i += more - 1
			}
		}
		if t.kind() == stop {
			continue
		}
		if t.kind() == word && names[w.Fold] {
			t = t.as(name)
			if inName(text, words[i:], names) {
				t = t.as(given)
			}
		}
		if surface != nil && t.kind() != common {
			if _, ok := surface[t.id()]; !ok {
				surface[t.id()] = text[w.Start:w.End]
			}
		}
		dst = append(dst, t)
	}
	return dst
}

// particles stand between the words of one name.
var particles = map[string]bool{"von": true, "der": true, "van": true, "den": true, "de": true, "di": true, "el": true, "al": true, "bin": true, "ben": true, "la": true}

// inName reports whether the first of words is followed by the rest of its
// name: Mark Rutte, Ursula von der Leyen, Crans-Montana. The last word of a
// name is the one that tells; weighing each would count one name many times.
func inName(text string, words []prose.Word, names map[string]bool) bool {
	end := words[0].End
	for n, w := range words[1:] {
		if gap := text[end:w.Start]; gap != " " && gap != "-" {
			return false
		}
		if names[w.Fold] {
			return true
		}
		if n > 1 || !particles[w.Fold] {
			return false
		}
		end = w.End
	}
	return false
}

// term is the term of a folded word.
func (r *reader) term(fold string) term {
	if t, ok := r.memo[fold]; ok {
		return t
	}
	spelt := fold
	fold = unscanned(fold)
	t, ok := r.lex.words[fold]
	if !ok {
		stem := prose.Stem(fold, "it")
		t, ok = r.lex.stems[stem]
		if !ok {
			t = hashTerm(stem, word)
		}
		if len(fold) < 2 || strings.HasSuffix(fold, "'") && len(fold) < 7 {
			t = term(stop)
		}
	}
	if len(r.memo) < maxMemo {
		r.memo[strings.Clone(spelt)] = t
	}
	return t
}

// unscanned reads a word as it was before a scanner took letters for ones and
// noughts: mi1itari, strern0. Codes have fewer letters or other figures.
func unscanned(fold string) string {
	if !strings.ContainsAny(fold, "01") {
		return fold
	}
	letters := 0
	for i := range len(fold) {
		switch c := fold[i]; {
		case c >= '2' && c <= '9':
			return fold
		case c != '0' && c != '1':
			letters++
		}
	}
	if letters < 3 {
		return fold
	}
	return strings.NewReplacer("1", "l", "0", "o").Replace(fold)
}

// properNames returns the folded words that stand with a capital where no
// sentence begins, and nowhere in lower case.
func properNames(text string, sentences []prose.Sentence, title string) map[string]bool {
	names := make(map[string]bool)
	lower := make(map[string]bool)
	look := func(text string, words []prose.Word) {
		upper := 0
		for _, w := range words {
			if r, _ := utf8.DecodeRuneInString(text[w.Start:]); unicode.IsUpper(r) {
				upper++
			}
		}
		if upper > 3 && upper*10 > len(words)*7 {
			return // a line in capitals tells nothing
		}
		for i, w := range words {
			r, _ := utf8.DecodeRuneInString(text[w.Start:])
			switch {
			case !unicode.IsUpper(r):
				if unicode.IsLower(r) {
					lower[w.Fold] = true
				}
			case i > 0 && !opens(text, words[i-1].End, w.Start):
				names[w.Fold] = true
			}
		}
	}
	for _, s := range sentences {
		look(text, s.Words)
	}
	look(title, prose.Words(title))
	for w := range lower {
		delete(names, w)
	}
	return names
}

// opens reports whether what stands between two words begins a new sentence
// or a quotation.
func opens(text string, from, to int) bool {
	return strings.ContainsAny(text[from:to], ":\"“«–—(.!?")
}

// shingleLen is the number of terms in a shingle.
const shingleLen = 4

// window is how many shingles share at least one sampled one: a run of
// shingleLen+window-1 terms that two texts have in common is always found
// (winnowing: Schleimer, Wilkerson, Aiken, 2003).
const window = 5

// shingles samples the hashes of the runs of shingleLen terms.
func shingles(terms []term) []uint32 {
	n := len(terms) - shingleLen + 1
	if n <= 0 {
		if len(terms) == 0 {
			return nil
		}
		return []uint32{uint32(hashTerms(terms))}
	}
	hashes := make([]uint32, n)
	for i := range hashes {
		hashes[i] = uint32(hashTerms(terms[i : i+shingleLen]))
	}
	var out []uint32
	last := -1
	for i := 0; i+window <= n || i == 0; i++ {
		least := i
		for j := i + 1; j < min(i+window, n); j++ {
			if hashes[j] <= hashes[least] {
				least = j
			}
		}
		if least != last {
			out = append(out, hashes[least])
			last = least
		}
	}
	slices.Sort(out)
	return slices.Clip(slices.Compact(out))
}

func hashTerms(terms []term) uint64 {
	h := uint64(len(terms)) + 1
	for _, t := range terms {
		h = mix(h ^ uint64(t.id())*0x9e3779b97f4a7c15)
	}
	return h
}

// weigh fills sketch and keys: each term weighs by its kind, how often it
// stands in the text, and whether title or lead have it. Daily words are
// keys of the kind common.
func (f *fingerprint) weigh(daily map[term]bool) {
	type stat struct {
		term  term
		count float32
	}
	all := make([]stat, 0, len(f.terms)+len(f.title))
	for i, t := range f.terms {
		c := float32(1)
		if i < leadTerms {
			c = 1.6
		}
		all = append(all, stat{t, c})
	}
	for _, t := range f.title {
		all = append(all, stat{t, 1.6})
	}
	slices.SortFunc(all, func(a, b stat) int { return cmp.Compare(a.term.id(), b.term.id()) })
	heavies := make([]heavy, 0, len(all))
	for i := 0; i < len(all); {
		sum, k := float32(0), all[i].term
		j := i
		for ; j < len(all) && all[j].term.id() == all[i].term.id(); j++ {
			sum += all[j].count
			if all[j].term.weight() > k.weight() {
				k = all[j].term
			}
		}
		heavies = append(heavies, heavy{k, sum / (sum + 0.6) * 1.6})
		i = j
	}
	slices.SortFunc(heavies, func(a, b heavy) int {
		return cmp.Or(cmp.Compare(b.weight(), a.weight()), cmp.Compare(a.term, b.term))
	})
	heavies = heavies[:min(len(heavies), sketchLen)]
	f.keys = make([]term, 0, keyLen)
	for _, h := range heavies {
		if len(f.keys) == keyLen || h.term.kind() == common || h.term.kind() == digit || h.term.kind() == date {
			continue
		}
		if h.term.kind() == word && daily[h.term.id()] {
			f.keys = append(f.keys, h.term.as(common))
			continue
		}
		f.keys = append(f.keys, h.term)
	}
	slices.SortFunc(heavies, func(a, b heavy) int { return cmp.Compare(a.term.id(), b.term.id()) })
	f.sketch = slices.Clone(heavies)
	for _, h := range f.sketch {
		f.total += h.weight()
	}
}
