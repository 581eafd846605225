package story

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// randomText is a text of few terms, so that two of them have many in common.
func randomText(r *rand.Rand, serial uint64) *fingerprint {
	f := &fingerprint{serial: serial}
	for range r.IntN(90) {
		f.terms = append(f.terms, term(r.Uint32N(60)<<4|r.Uint32N(uint32(stop))))
		if r.IntN(5) == 0 {
			f.ends = append(f.ends, uint16(len(f.terms)))
		}
	}
	f.ends = append(f.ends, uint16(len(f.terms)))
	return f
}

func TestSketchesShareWhatTheyHave(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	rd := newReader()
	for n := range uint64(300) {
		a, b := randomText(r, 2*n), randomText(r, 2*n+1)
		rd.weigh(a)
		rd.weigh(b)
		type shared struct {
			term   term
			weight float32
		}
		var got, want []shared
		var s sketched
		s.enter(&b.brief) // what it held before is gone
		s.enter(&a.brief)
		s.eachShared(b.sketch, func(t term, weight float32) { got = append(got, shared{t, weight}) })
		for i := range a.sketch.len() {
			for j := range b.sketch.len() {
				if x, y := a.sketch.at(i), b.sketch.at(j); x.term.id() == y.term.id() {
					t := x.term
					if y.term.weight() > t.weight() {
						t = y.term
					}
					want = append(want, shared{t, min(x.part, y.part) * t.weight()})
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("texts %d share %v, want %v", n, got, want)
		}
	}
}

// plainSideBySide is sideBySide without what spares it work.
func plainSideBySide(a, b *fingerprint) (met station, share float64) {
	sentence := func(f *fingerprint, i int) []term {
		start := 0
		if i > 0 {
			start = int(f.ends[i-1])
		}
		return f.terms[start:f.ends[i]]
	}
	pace := make([]station, len(b.ends)+1)
	var total float32
	for i := range a.ends {
		for j := range b.ends {
			var facts station
			for _, u := range sentence(a, i) {
				if u.exact() && slices.ContainsFunc(sentence(b, j), func(v term) bool { return u.id() == v.id() }) {
					facts.weight += textWeights[u.kind()]
					facts.facts++
					facts.sentences = 1
				}
			}
			p := &pace[j+1]
			p.weight += facts.weight
			p.facts += facts.facts
			p.sentences += facts.sentences
			if pace[j].weight >= p.weight {
				*p = pace[j]
			}
		}
		for _, u := range sentence(a, i) {
			if u.exact() {
				total += textWeights[u.kind()]
			}
		}
	}
	if total == 0 {
		return station{}, 0
	}
	met = pace[len(b.ends)]
	return met, float64(met.weight / total)
}

func TestReadingSideBySideTakesTheBest(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var c scratch
	for n := range uint64(500) {
		a, b := randomText(r, 2*n+1), randomText(r, 2*n+2)
		met, share := c.sideBySide(a, b)
		if want, part := plainSideBySide(a, b); met != want || share != part {
			t.Fatalf("texts %d: %+v and %v, want %+v and %v", n, met, share, want, part)
		}
	}
}

func TestSignaturesPromiseNotTooLittle(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var c scratch
	differ := 0
	for n := range uint64(500) {
		a, b := randomText(r, 2*n+1), randomText(r, 2*n+2)
		for _, f := range []*fingerprint{a, b} {
			f.pairs = uint16(c.enterPairs(f.terms))
			f.sign()
		}
		l := c.shared(a, b)
		if most := a.signature.mayShare(&b.signature); l.common > most || most != b.signature.mayShare(&a.signature) {
			t.Fatalf("texts %d share %d pairs, at most %d", n, l.common, most)
		}
		if differInWords(a, b) {
			differ++
			if l.containment >= leastForm {
				t.Fatalf("texts %d differ in words, and share %v", n, l.containment)
			}
		}
		facts := c.sameFacts(a, b)
		if facts.enough() && !mayShareFacts(a, b) {
			t.Fatalf("texts %d share %+v, and differ in facts", n, facts)
		}
	}
	if differ < 100 {
		t.Errorf("only %d pairs of texts differ in words", differ)
	}
}
