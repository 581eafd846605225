package weblink_test

import (
	"os"
	"strings"
	"testing"

	"vedetta/weblink"
)

// articles reads testdata/same.txt: blocks of addresses of one article.
func articles(t testing.TB) [][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/same.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for block := range strings.SplitSeq(string(data), "\n\n") {
		var urls []string
		for line := range strings.SplitSeq(block, "\n") {
			if line != "" && !strings.HasPrefix(line, "#") {
				urls = append(urls, line)
			}
		}
		if len(urls) > 0 {
			out = append(out, urls)
		}
	}
	return out
}

func TestCanonicalFoldsVariantsAndNothingElse(t *testing.T) {
	owner := make(map[string]string)
	for _, urls := range articles(t) {
		want := weblink.Canonical(urls[0])
		if other, ok := owner[want]; ok {
			t.Errorf("%q and %q are different articles with one canonical address %q", other, urls[0], want)
		}
		owner[want] = urls[0]
		for _, u := range urls[1:] {
			if got := weblink.Canonical(u); got != want {
				t.Errorf("Canonical(%q)\n got %q\nwant %q", u, got, want)
			}
		}
	}
}

func TestCanonicalForm(t *testing.T) {
	for _, c := range [][2]string{
		{"http://www.Giornale.example/A/b-C.html?z=1&a=2#x", "https://giornale.example/A/b-C.html?a=2&z=1"},
		{"http://127.0.0.1:8418/x/", "http://127.0.0.1:8418/x"},
		{"http://127.0.0.1:8418", "http://127.0.0.1:8418/"},
		{"http://localhost/x", "http://localhost/x"},
		{"ftp://giornale.example/x", "ftp://giornale.example/x"},
		{"  nessun indirizzo ", "nessun indirizzo"},
		{"https://a.example/x?a=2&a=1", "https://a.example/x?a=2&a=1"},
		{"", ""},
	} {
		if got := weblink.Canonical(c[0]); got != c[1] {
			t.Errorf("Canonical(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range [][2]string{
		{"http://www.Giornale.example/x/?utm_source=a&B=2&fbclid=3&a=1#parte-2", "http://www.Giornale.example/x/?B=2&a=1#parte-2"},
		{"https://giornale.example/x?utm_source=a#utm_medium=b", "https://giornale.example/x"},
		{"https://giornale.example/x?utm_source=a&amp;id=7&amp;utm_medium=b", "https://giornale.example/x?id=7"},
		{"https://giornale.example/x?amp=1&print=1", "https://giornale.example/x?amp=1&print=1"},
		{"https://giornale.example/amp/x-1?source=rss", "https://giornale.example/amp/x-1"},
		{"https://giornale.example/x?source=archivio", "https://giornale.example/x?source=archivio"},
		{"https://www.youtube.com/watch?v=abc&feature=youtu.be&si=1", "https://www.youtube.com/watch?v=abc"},
		{"https://giornale.example/x?feature=articolo&si=1", "https://giornale.example/x?feature=articolo&si=1"},
		{"https://www.google.com/url?sa=t&url=https%3A%2F%2Fa.example%2Fx%3Fid%3D1%26utm_source%3Dg", "https://a.example/x?id=1"},
		{"https://www.google.com/url?sa=t&url=javascript:alert(1)", "https://www.google.com/url?sa=t&url=javascript:alert(1)"},
		{"https://a.example/x#:~:text=ciao", "https://a.example/x"},
		{"https://a.example/x#nota:~:text=ciao", "https://a.example/x#nota"},
		{"https://a.example/x#rss", "https://a.example/x"},
		{"https://a.example/x#si", "https://a.example/x#si"},
		{"https://a.example/meno-50%?fbclid=1", "https://a.example/meno-50%"},
		{" https://a.example/x? ", "https://a.example/x"},
		{"", ""},
	} {
		if got := weblink.Clean(c[0]); got != c[1] {
			t.Errorf("Clean(%q)\n got %q\nwant %q", c[0], got, c[1])
		}
	}
}

func TestHost(t *testing.T) {
	for _, c := range [][2]string{
		{"https://WWW.Giornale.example:8443/x", "giornale.example"},
		{"http://127.0.0.1:8418/x", "127.0.0.1"},
		{"https://m.giornale.example/x", "m.giornale.example"},
		{"https://città.example/", "xn--citt-3na.example"},
		{"https://www.gov.uk/x", "www.gov.uk"},
		{"/x", ""},
		{"mailto:a@b.example", ""},
	} {
		if got := weblink.Host(c[0]); got != c[1] {
			t.Errorf("Host(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, urls := range articles(f) {
		for _, u := range urls {
			f.Add(u)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := weblink.Canonical(s)
		if twice := weblink.Canonical(once); twice != once {
			t.Errorf("Canonical is no fixed point:\n%q\n%q\n%q", s, once, twice)
		}
		clean := weblink.Clean(s)
		if again := weblink.Clean(clean); again != clean {
			t.Errorf("Clean is no fixed point:\n%q\n%q\n%q", s, clean, again)
		}
		weblink.Host(s)
	})
}

func BenchmarkCanonical(b *testing.B) {
	const u = "http://www.giornale.example/politica/2024/03/vertice-a-tokyo.html?utm_source=rss&id=12&fbclid=x#commenti"
	b.ReportAllocs()
	for b.Loop() {
		weblink.Canonical(u)
	}
}
