package extractor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vedetta/news"

	"github.com/google/go-cmp/cmp"
)

// expected is what a page's .txt file says should come out: headers, a blank
// line, the text. Headers: item (the item's title, given to Extract), address
// (of the page), charset (header), rule.body; url, title, authors, published, updated, lang, site,
// image, caption, summary, method, refused (expected; not checked when absent).
type expected struct {
	headers map[string]string
	text    string
}

func readExpected(tb testing.TB, file string) expected {
	tb.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	head, text, _ := strings.Cut(string(b), "\n\n")
	want := expected{headers: map[string]string{}, text: strings.TrimSpace(text)}
	for line := range strings.Lines(head) {
		key, val, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			tb.Fatalf("%s: no header in %q", file, line)
		}
		want.headers[key] = strings.TrimSpace(val)
	}
	return want
}

// TestPages extracts every page in testdata/pages and compares it with the
// .txt file beside it.
func TestPages(t *testing.T) {
	files, err := filepath.Glob("testdata/pages/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".html"), func(t *testing.T) {
			t.Parallel()
			want := readExpected(t, strings.TrimSuffix(file, ".html")+".txt")
			body := readFile(t, file)
			page := news.Page{URL: want.headers["address"], Body: body, ContentType: want.headers["charset"]}
			e := New(nil).Extract(page, news.ExtractRule{Body: want.headers["rule.body"]}, want.headers["item"])
			got := fieldsOf(e)
			for key, val := range want.headers {
				switch key {
				case "address", "charset", "rule.body", "item":
				default:
					if got[key] != val {
						t.Errorf("%s = %q, want %q", key, got[key], val)
					}
				}
			}
			if d := cmp.Diff(want.text, e.Text); d != "" {
				t.Errorf("text (-want +got):\n%s", d)
			}
		})
	}
}

func readFile(tb testing.TB, file string) []byte {
	tb.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func fieldsOf(e news.Extract) map[string]string {
	return map[string]string{
		"url": e.URL, "title": e.Title, "authors": strings.Join(e.Authors, "; "), "published": stamp(e.Published),
		"updated": stamp(e.Updated), "lang": e.Lang, "site": e.Site, "image": e.Image, "caption": e.Caption,
		"summary": e.Summary, "method": e.Method, "refused": e.Refused,
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
