package story

import (
	"slices"
	"strings"
	"testing"
)

func TestRootsAreThoseOfSearchingForEach(t *testing.T) {
	words := []string{"ookie", "onsenso", "nostra app", "P.IVA", "redazione@", "realtà"}
	r := rootsOf(words[:2], words[2:])
	for _, p := range []string{
		"", "o", "oo", "ook", "ookie", "i cookie e il consenso", "cookie, cookie e ancora cookie",
		"la nostra app (P.IVA 123), la redazione@esempio.it", "onsens", "nostra ap", "realtà della nostra app", "un'altra realtà", "realt\xc3",
	} {
		for range 3 { // at any place modulo three
			var want [2]int
			for i, w := range words {
				if strings.Contains(p, w) {
					want[min(i/2, 1)]++
				}
			}
			want[1] = min(want[1], 3)
			if got := r.count(p); got != want {
				t.Errorf("%q holds %d roots, want %d", p, got, want)
			}
			p = "-" + p
		}
	}
	for _, w := range slices.Concat(consents, notices, provenanceWords) {
		if len(w) < shortestRoot {
			t.Errorf("%q is too short to be found", w)
		}
	}
}

// TestAsidesAreSeenByTheirHeads holds that what spares paragraphs the look at how
// they begin spares no aside.
func TestAsidesAreSeenByTheirHeads(t *testing.T) {
	heads := slices.Clone(wholeAsides)
	for i := range 256 {
		heads = slices.Concat(heads, asides[i], listHeads[i])
	}
	for _, h := range heads {
		for _, p := range []string{h, strings.ToUpper(h), strings.ToUpper(h[:1]) + h[1:], h[:1] + strings.ToUpper(h[1:])} {
			if !mayOpenAside(p) {
				t.Errorf("%q is taken for the article's own", p)
			}
		}
	}
	if mayOpenAside("Il ministro") || mayOpenAside("Roma") {
		t.Error("no paragraph is spared")
	}
}
