package story

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Of each window the least shingle is sampled.
func TestShinglesAreTheLeastOfEachWindow(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	reader := newReader()
	for range 400 {
		terms := make([]term, r.IntN(60))
		for i := range terms {
			terms[i] = term(r.IntN(3)) << 4
		}
		var want []uint32
		if n := len(terms) - shingleLen + 1; n > 0 {
			hashes := make([]uint32, n)
			for i := range hashes {
				hashes[i] = uint32(hashTerms(terms[i : i+shingleLen]))
			}
			for i := 0; i == 0 || i+window <= n; i++ {
				want = append(want, slices.Min(hashes[i:min(i+window, n)]))
			}
		} else if len(terms) > 0 {
			want = append(want, uint32(hashTerms(terms)))
		}
		slices.Sort(want)
		if got := reader.shingles(nil, terms); !slices.Equal(got, slices.Compact(want)) {
			t.Fatalf("%d terms: %v, want %v", len(terms), got, slices.Compact(want))
		}
	}
}
