package story

import (
	"slices"
	"strings"
	"testing"
)

// plainBody is body without what spares it work.
func plainBody(text string) string {
	text = provenance.ReplaceAllString(text, "")
	holds := func(p string, words []string) (n int) {
		for _, w := range words {
			if strings.Contains(p, w) {
				n++
			}
		}
		return n
	}
	var kept []string
	skipping := false
	left := len(text)
	for p := range strings.SplitSeq(text, "\n") {
		left -= len(p) + 1
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		head := ""
		if len(p) < longestAside {
			head = strings.ToLower(p[:min(len(p), 40)])
		}
		if opensList(p, head) {
			skipping = true
			continue
		}
		if skipping && (listItem(p) || len(p) < 90 && !strings.HasSuffix(p, ".")) {
			continue
		}
		skipping = false
		hits := holds(p, consents)
		if asideParagraph(p, head) || (len(kept) < 2 || left < noticeTail) && (len(p) <= longestNotice && holds(p, notices) >= 2 ||
			len(p) <= longestConsent && (hits >= 3 || hits == 2 && len(p) < 240 && strings.Contains(p, "ookie"))) {
			continue
		}
		if len(kept) == 0 {
			p = withoutDateline(p)
		}
		if strings.LastIndexByte(p, '(') >= max(0, len(p)-40) {
			p = strings.TrimSpace(tailmark.ReplaceAllString(p, ""))
		}
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n")
}

// FuzzBody holds that nothing of what spares body work changes what it returns.
func FuzzBody(f *testing.F) {
	for _, s := range []string{
		"", "\n", "ROMA (ITALPRESS) – Il ministro è a Tokyo.\n\nL'intesa è vicina. (ITALPRESS).\n(Segue)",
		"Questo sito usa cookie di terze parti.\nAccetta le preferenze e dai il consenso ai cookie, revocabile.\nIl vertice comincia domani.",
		"Il vertice comincia domani.\nLeggi anche\n> Un'altra notizia\n1. E un'altra\nIl vertice finisce sabato.",
		"La nave è a Taranto.\n...Continua\n© Riproduzione riservata\nTestata registrata al Tribunale di Roma, P.IVA 12345\nFONTE FOTO: Marina\nFonte: Ansa",
		"La nave è a Taranto.\nL’articolo La nave è a Taranto proviene da Il Faro.\nL'articolo Che nave sembra essere il primo su Il Faro.",
		strings.Repeat("Nel porto è arrivata la nave scuola, attesa da centinaia di lettori del giornale. ", 8) + "\nScrivi a redazione@esempio.it, iscriviti al canale Telegram",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := body(text), plainBody(text); got != want {
			t.Errorf("body of %q is %q, want %q", text, got, want)
		}
		credited := credit.MatchString(text)
		if credited && !mayCredit(text) {
			t.Errorf("%q has a credit line", text)
		}
	})
}

func TestNthIsThatOfSorting(t *testing.T) {
	for n := 1; n < 60; n++ {
		a := make([]uint64, n)
		for i := range a {
			a[i] = mix(uint64(i*n))>>40<<8 | uint64(i)
		}
		sorted := slices.Sorted(slices.Values(a))
		for place := range a {
			if got := nth(slices.Clone(a), place); got != sorted[place] {
				t.Fatalf("of %d numbers, %d stands at %d, want %d", n, got, place, sorted[place])
			}
		}
	}
}
