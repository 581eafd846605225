package extractor

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// cleanedSlowly is clean rune by rune, unless a text is of letters that nothing
// has to be cleaned off.
func cleanedSlowly(s string) string {
	if t := strings.TrimSpace(s); !strings.Contains(t, "  ") &&
		!slices.ContainsFunc([]byte(t), func(c byte) bool { return c < ' ' || c == 0x7f || c == 0xC2 || c == 0xE2 || c == 0xE3 || c == 0xEF }) {
		return t
	}
	var sb strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune("\u00ad\ufeff\u200b\u2060\ufffd", r):
		case unicode.IsSpace(r):
			if out := sb.String(); out != "" && !strings.HasSuffix(out, " ") {
				sb.WriteByte(' ')
			}
		case unicode.IsControl(r):
		default:
			sb.WriteRune(r)
		}
	}
	return strings.TrimSuffix(sb.String(), " ")
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"  a  b ", "«È» – l’€ “x” …", "a\u00a0b", "a\u00adb", "\u1680a’\u1680b", "\u1680", "a\u2003b", "\ufeffa", "a\xffb«", "a\xc2", "a\xe2\x80", "\u3000a", "a\u2060b", "a\u205fb", "a\x7fb", "a\u2028b", "\u00ab\u00ab", "a \u00a0 b", "\u0085a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := clean(s), cleanedSlowly(s); got != want {
			t.Errorf("%q becomes %q, not %q", s, got, want)
		}
		if got, want := countCookies(s), strings.Count(strings.ToLower(s), "cookie"); got != want {
			t.Errorf("%q has %d cookies, not %d", s, got, want)
		}
	})
}

func FuzzSmallWords(f *testing.F) {
	for _, s := range []string{"Il ministro è a Tokyo con la delegazione", "THE END OF İT", "è\xffé", "Straßenbahnhaltestellenverzeichnisse", "d’Italia l'Italia", "się että ñ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want [16]float64
		words := 0
		for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
			words++
			for b := range langNames {
				if smallWords[w]&(1<<b) != 0 {
					want[b]++
				}
			}
		}
		if got, n := countSmallWords(text); got != want || n != words {
			t.Errorf("%q: %v of %d words, not %v of %d", text, got, n, want, words)
		}
	})
}
