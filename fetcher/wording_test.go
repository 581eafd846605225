package fetcher

import (
	"bytes"
	"strings"
	"testing"
)

func FuzzWording(f *testing.F) {
	for _, p := range wallPhrases {
		f.Add([]byte(p.phrase))
		f.Add([]byte("<p>" + strings.ToUpper(p.phrase) + "</p>" + p.phrase[1:]))
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		low := []byte(strings.Map(func(r rune) rune {
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			return r
		}, string(page)))
		for i, found := range wallWording.in(page) {
			if p := wallPhrases[i].phrase; found != bytes.Contains(low, []byte(p)) {
				t.Errorf("%q in %q: %v", p, page, found)
			}
		}
	})
}

func BenchmarkBlockedBy(b *testing.B) {
	page := []byte(strings.Repeat("<p class=\"testo\">Il ministro della Difesa ha incontrato a Tokyo il collega giapponese.</p>\n", 700))
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		if wall := blockedBy(200, nil, page); wall != "" {
			b.Fatal(wall)
		}
	}
}
