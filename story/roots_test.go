package story

import (
	"slices"
	"strings"
	"testing"
)

func TestRootsAreThoseOfSearchingForEach(t *testing.T) {
	words := []string{"ookie", "onsenso", "nostra app", "P.IVA", "redazione@", "età"}
	r := rootsOf(words...)
	for _, p := range []string{
		"", "o", "oo", "ook", "ookie", "i cookie e il consenso", "cookie, cookie e ancora cookie",
		"la nostra app (P.IVA 123), la redazione@esempio.it", "onsens", "nostra ap", "l'età della nostra app", "et\xc3",
	} {
		want := 0
		for _, w := range words {
			if strings.Contains(p, w) {
				want++
			}
		}
		if got := r.count(p); got != min(want, 3) {
			t.Errorf("%q holds %d roots, want %d", p, got, min(want, 3))
		}
	}
	for _, r := range []*roots{consents, notices} {
		for _, w := range slices.Concat(r.words[:]...) {
			if len(w) < 3 || r.count("x "+w) < 1 {
				t.Errorf("%q is not found", w)
			}
		}
	}
}
