package fetcher

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"vedetta/news"
)

// TestAnotherParserReadsTheSame holds the items of the feeds in testdata, and
// of those in the folder that VEDETTA_FEEDS names, against those that gofeed
// reads, as far as it can.
func TestAnotherParserReadsTheSame(t *testing.T) {
	// What gofeed leaves in titles, or takes for an item, for reasons that the
	// fixture's name tells.
	except := []string{"charset-header-lies", "charset-undeclared", "charset-mixed", "charset-bom", "charset-iso-2022-jp", "nested-cdata", "stray-markup", "entities", "guid-duplicate", "json-other"}
	read := 0
	compare := func(file string, body []byte) {
		theirs, err := gofeed.NewParser().Parse(bytes.NewReader(body))
		if err != nil {
			return
		}
		ours, _, err := ParseFeed(news.Source{ID: "a"}, body, "", "", time.Now())
		if err != nil {
			t.Errorf("%s: %v", file, err)
			return
		}
		read++
		titles := map[string]bool{}
		for _, it := range ours {
			titles[it.Title] = true
		}
		for _, it := range theirs.Items {
			if title := shortText(it.Title); title != "" && !titles[title] && !strings.Contains(file, "base64") {
				t.Errorf("%s: no %q among ours", file, title)
			}
		}
		if len(ours) > len(theirs.Items) && !strings.Contains(file, "content_src") {
			t.Errorf("%s: %d items, theirs are %d", file, len(ours), len(theirs.Items))
		}
	}
	files, err := filepath.Glob("testdata/feeds/*.feed")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := bytes.Cut(data, []byte("\n\n"))
		if !slices.Contains(except, strings.TrimSuffix(filepath.Base(file), ".feed")) {
			compare(file, body)
		}
	}
	if read < 15 {
		t.Errorf("gofeed read %d of %d feeds", read, len(files))
	}
	dir := os.Getenv("VEDETTA_FEEDS")
	if dir == "" {
		return
	}
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".xml") {
			return err
		}
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		compare(file, body)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d feeds read by both", read)
}

// FuzzScanner holds the elements that the scanner meets in a repaired document
// against those of encoding/xml.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		`<rss a="b>c"><channel><item><t>&lt;<![CDATA[</t>]]></t></item></channel></rss>`, `<rss xmlns:a="http://purl.org/dc/elements/1.1/"><a:b/></rss>`, `<feed xmlns=""><x y='/'/></feed>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		fixed, err := repair(toUTF8(in, ""), "rss", "feed")
		if err != nil {
			return
		}
		want := 0
		d := xml.NewDecoder(bytes.NewReader(fixed.text))
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in %q", err, fixed.text)
			}
			if _, ok := token.(xml.StartElement); ok {
				want++
			}
		}
		x := &scanner{text: string(fixed.text)}
		got := 1
		walk(x, x.root(), &got)
		if got != want || x.at != len(x.text) {
			t.Errorf("%d elements, want %d, up to %d of %d, in %q", got, want, x.at, len(x.text), fixed.text)
		}
		x = &scanner{text: string(fixed.text)}
		_ = x.string(x.root())
		if x.at != len(x.text) {
			t.Errorf("the text ends at %d of %d, in %q", x.at, len(x.text), fixed.text)
		}
	})
}

func walk(x *scanner, parent element, n *int) {
	for el, ok := x.next(parent); ok; el, ok = x.next(parent) {
		*n++
		_, _ = el.attr("a"), el.base(nil)
		walk(x, el, n)
	}
}
