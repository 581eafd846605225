package prose

import "testing"

// TestFoldIsTheSameEitherWay holds the short way against the long one.
func TestFoldIsTheSameEitherWay(t *testing.T) {
	for r := rune(0x20); r < 0x3000; r++ {
		for _, s := range []string{"Città" + string(r), string(r) + "’È`", "é" + string(r) + "\u0300"} {
			if got, want := fold(s), foldAny(s); got != want {
				t.Fatalf("fold(%q) = %q, the long way %q", s, got, want)
			}
		}
	}
}
