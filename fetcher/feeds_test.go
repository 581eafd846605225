package fetcher

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

var update = flag.Bool("update", false, "write the expected results anew")

// outcome is what a *.want file holds.
type outcome struct {
	Err   string      `json:",omitempty"`
	Feeds []string    `json:",omitempty"` // advertised by a page
	Meta  Meta        `json:",omitzero"`
	Items []news.Item `json:",omitempty"`
}

// TestFeeds reads each testdata/feeds/*.feed, headers and body as they came,
// and compares with the *.want beside it.
func TestFeeds(t *testing.T) {
	files, err := filepath.Glob("testdata/feeds/*.feed")
	if err != nil || len(files) == 0 {
		t.Fatal("no feeds", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".feed")
		t.Run(filepath.Base(name), func(t *testing.T) {
			text := summary(t, readFeedFile(t, file))
			if *update {
				if err := os.WriteFile(name+".want", text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name + ".want")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(text)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// summary writes an outcome without what is empty.
func summary(t *testing.T, o outcome) []byte {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(prune(v)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if x = prune(x); x == nil || x == "" || x == false || x == 0. || x == "0001-01-01T00:00:00Z" || k == "Source" {
				delete(v, k)
			}
		}
	case []any:
		for _, x := range v {
			prune(x)
		}
	}
	return v
}

func readFeedFile(t *testing.T, file string) outcome {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, body, found := bytes.Cut(data, []byte("\n\n"))
	if !found {
		t.Fatal("no blank line after the headers")
	}
	h, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(head, "\n\n"...)))).ReadMIMEHeader()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	src := news.Source{ID: "gazzetta"}
	items, meta, err := ParseFeed(src, body, h.Get("Content-Type"), h.Get("Base"), now)
	got := outcome{Meta: meta, Items: items}
	if err != nil {
		got.Err = err.Error()
		if page, ok := errors.AsType[*HTMLError](err); ok {
			got.Feeds = page.Feeds
		}
		if !errors.Is(err, ErrNotFeed) {
			t.Errorf("error %v is no ErrNotFeed", err)
		}
	}
	return got
}

// FuzzParseFeed looks for bodies that make the parser fail, hang or give what
// no item may be.
func FuzzParseFeed(f *testing.F) {
	files, err := filepath.Glob("testdata/feeds/*.feed")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, body, _ := bytes.Cut(data, []byte("\n\n"))
		f.Add(body)
	}
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		items, _, err := ParseFeed(news.Source{ID: "a"}, body, "", "https://a.example/feed", now)
		if err != nil && !errors.Is(err, ErrNotFeed) {
			t.Errorf("error %v is no ErrNotFeed", err)
		}
		if err != nil && strings.Contains(err.Error(), "parser failed") {
			t.Errorf("%v", err)
		}
		for _, it := range items {
			if it.Published.After(now) {
				t.Errorf("published %v, in the future", it.Published)
			}
			if it.URL != "" && !isWeb(it.URL) {
				t.Errorf("address %q", it.URL)
			}
			if it.GUID == "" && it.URL == "" && it.Title == "" && it.Summary == "" && it.Content == "" {
				t.Error("an item without identity")
			}
		}
	})
}

// TestArchive reads feeds of more items than the limit, whichever end is newest.
func TestArchive(t *testing.T) {
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	for _, newestFirst := range []bool{true, false} {
		var b strings.Builder
		b.WriteString("<rss><channel>")
		const total = maxItems + 700
		for i := range total {
			n := i + 1
			if newestFirst {
				n = total - i
			}
			fmt.Fprintf(&b, "<item><guid>%d</guid><title>Notizia %d</title><pubDate>%s</pubDate></item>", n, n, now.Add(time.Duration(n-total)*time.Hour).Format(time.RFC1123Z))
		}
		b.WriteString("</channel></rss>")
		items, meta, err := ParseFeed(news.Source{ID: "a"}, []byte(b.String()), "", "", now)
		if err != nil || len(items) != maxItems || meta.Cut {
			t.Fatalf("newest first %v: %d items, %v", newestFirst, len(items), err)
		}
		newest, gap := rhythmOf(items)
		if !newest.Equal(now) || gap != time.Hour {
			t.Errorf("newest first %v: newest %v, gap %v", newestFirst, newest, gap)
		}
	}
}
