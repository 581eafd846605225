package extractor

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"vedetta/news"
)

func TestSettled(t *testing.T) {
	for in, want := range map[string]bool{
		"":                                       true,
		"<p>a &amp; b &#39;c&#39; &lt;i&gt;</p>": true,
		`<p><a href="https://esempio.example/a?b=1&amp;c=2">x</a><br></p><hr>`:    true,
		`<img src="https://esempio.example/a%20b.jpg" alt="&#34;A&#34; &amp; b">`: true,
		`<a href="mailto:a@esempio.example">x</a>`:                                true,
		`<table><tbody><tr><td>a</td></tr></tbody></table>`:                       true,
		"<P>a</P>": false, "<p >a</p>": false, "a & b": false, "a&nbsp;b": false, "a > b": false, "\"": false, "a\rb": false, "a\x00b": false,
		"<script>x</script>": false, "<a>x</a>": false, "<img>": false, "<div>x</div>": false, "<p": false, "<": false, "<!-- x -->": false,
		`<a href="javascript:x">y</a>`: false, `<a href="/a">y</a>`: false, `<a href="https://esempio.example/" onclick="x">y</a>`: false,
		`<a href="https://ESEMPIO.example/ a">y</a>`: false, `<img src="data:x">`: false, `<a href="https://esempio.example/%">y</a>`: false,
	} {
		if got := settled(in); got != want {
			t.Errorf("%q is settled: %v", in, got)
		}
		unchanged(t, in)
	}
}

// unchanged fails when the policy changes what is said to be settled.
func unchanged(t *testing.T, in string) {
	t.Helper()
	if got := policy.Sanitize(in); settled(in) && got != in {
		t.Fatalf("of %q\nthe policy makes %q", in, got)
	}
}

// TestPagesAreSettled holds that what is extracted of the test pages needs no
// second parse.
func TestPagesAreSettled(t *testing.T) {
	files, err := filepath.Glob("testdata/pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	done := 0
	for _, file := range files {
		e := New(nil).Extract(news.Page{URL: "https://esempio.example/a", Body: readFile(t, file)}, news.ExtractRule{}, "")
		unchanged(t, e.HTML)
		if settled(e.HTML) {
			done++
		}
	}
	if done*10 < len(files)*9 {
		t.Errorf("%d of %d", done, len(files))
	}
}

func FuzzSettled(f *testing.F) {
	for _, s := range directly {
		_, html := feedTree(s, parseBase("https://esempio.example/"))
		f.Add(html)
	}
	f.Add(`<img src="https://esempio.example/a?b=%20&amp;c#d" alt="&#34;x">` + strings.Repeat("<q>a</q>", 2))
	f.Fuzz(func(t *testing.T, in string) { unchanged(t, in) })
}

func FuzzAbsolute(f *testing.F) {
	for _, s := range []string{"https://esempio.example/a/b.html?c=d&utm_source=x", "http://a", "http://a//b", "http://a/./b/../c?d", "https://a?b", "http://a:80/", "/a", "https://a.example/?", "https://-/..a"} {
		f.Add(s)
	}
	base := parseBase("https://esempio.example/x/y")
	f.Fuzz(func(t *testing.T, ref string) {
		if ref = strings.TrimSpace(ref); !fixed(ref) || len(ref) > 4096 {
			return
		}
		for _, base := range []*url.URL{base, nil} {
			if got, want := absolute(base, ref), resolved(base, ref); got != want {
				t.Fatalf("%q is %q, resolved %q", ref, got, want)
			}
		}
	})
}
