package news

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

// TestDigests holds the names that are in stores: another would make all that
// was seen new.
func TestDigests(t *testing.T) {
	name := func(parts ...string) string {
		sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
		return hex.EncodeToString(sum[:16])
	}
	for _, n := range []int{0, 1, 200, 248, 249, 250, 251, 252, 253, 5000} {
		it := Item{Source: "gazzetta", GUID: "g", URL: "https://a.example/1", Title: "Titolo", Summary: strings.Repeat("s", n), Content: "c"}
		if got, want := it.Digest(), name(it.Title, it.Summary, it.Content, it.URL); got != want {
			t.Errorf("%d bytes: digest %s, want %s", n, got, want)
		}
		if got, want := it.Key(), name("gazzetta", "g"); got != want {
			t.Errorf("key %s, want %s", got, want)
		}
	}
}
