package extractor

import (
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vedetta/news"
)

// floors are the qualities that the pages in testdata must reach, as mean F1
// over the pages and with what they say of themselves taken away. They may
// rise.
var floors = []struct {
	name   string
	change func(string) string
	f1     float64
}{
	{"as they are", func(s string) string { return s }, 0.999},
	{"without classes and ids", func(s string) string { return classes.ReplaceAllString(s, "") }, 0.955},
	{"without metadata", func(s string) string { return metas.ReplaceAllString(ldjson.ReplaceAllString(s, ""), "") }, 0.999},
	{"without semantic elements", func(s string) string { return semantic.ReplaceAllString(s, "${1}div$3") }, 0.999},
}

var (
	classes  = regexp.MustCompile(` (?:class|id|itemprop)=("[^"]*"|'[^']*')`)
	metas    = regexp.MustCompile(`<meta [^>]*(?:property|name)=[^>]*>`)
	ldjson   = regexp.MustCompile(`(?s)<script type="application/ld\+json">.*?</script>`)
	semantic = regexp.MustCompile(`(</?)(main|article|section|aside|header|footer|nav)([ >])`)
)

func TestFloors(t *testing.T) {
	files, err := filepath.Glob("testdata/pages/*.html")
	if err != nil {
		t.Fatal(err)
	}
	x := New(nil)
	for _, floor := range floors {
		var sum float64
		n := 0
		for _, file := range files {
			want := readExpected(t, strings.TrimSuffix(file, ".html")+".txt")
			if want.headers["refused"] != "" || want.headers["method"] == byScript || want.headers["method"] == byLinked {
				continue
			}
			page := news.Page{URL: want.headers["address"], Body: []byte(floor.change(string(readFile(t, file)))), ContentType: want.headers["charset"]}
			f := f1(want.text, x.Extract(page, news.ExtractRule{}, "").Text)
			if f < 0.8 {
				t.Logf("%s: %s: F1 %.3f", floor.name, filepath.Base(file), f)
			}
			sum += f
			n++
		}
		mean := sum / float64(n)
		t.Logf("%s: F1 %.4f over %d pages", floor.name, mean, n)
		if mean < floor.f1 || math.IsNaN(mean) {
			t.Errorf("%s: F1 %.4f, floor %.4f", floor.name, mean, floor.f1)
		}
	}
}

// f1 compares two texts by their runs of four words.
func f1(want, got string) float64 {
	a, b := shingles(want), shingles(got)
	common, all := 0, 0
	for s, n := range a {
		common += min(n, b[s])
		all += n
	}
	for _, n := range b {
		all += n
	}
	if all == 0 {
		return 1
	}
	return 2 * float64(common) / float64(all)
}

func shingles(text string) map[string]int {
	w := strings.Fields(fold(text))
	m := map[string]int{}
	for i := range max(0, len(w)-3) {
		m[strings.Join(w[i:i+4], " ")]++
	}
	return m
}
