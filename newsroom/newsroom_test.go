package newsroom

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/encoding/charmap"
)

// opening is when the tests' newsroom starts.
func opening() time.Time { return time.Date(2026, 11, 21, 17, 42, 30, 0, time.UTC) }

const testBase = "http://newsroom.test"

// at returns a newsroom that started at opening and stands later by that much.
func at(t *testing.T, later time.Duration) *Newsroom {
	t.Helper()
	now := opening()
	n, err := build(testBase, func() time.Time { return now }, dataFiles)
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(later)
	return n
}

// get asks the newsroom for an address.
func get(n *Newsroom, address string, header http.Header) *http.Response {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	maps.Copy(r.Header, header)
	w := httptest.NewRecorder()
	n.ServeHTTP(w, r)
	return w.Result()
}

// read returns the body of a good answer.
func read(t *testing.T, n *Newsroom, address string) []byte {
	t.Helper()
	res := get(n, address, nil)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", address, res.Status, err)
	}
	return body
}

func TestPromisedCounts(t *testing.T) {
	n := at(t, 0)
	all := append(n.Articles(), n.Upcoming()...)
	perOutlet, on, copies, threads := map[string]int{}, 0, map[string]int{}, map[string]int{}
	for _, a := range all {
		perOutlet[a.Outlet]++
		if a.On {
			on++
		}
		if a.Copy != "" {
			copies[a.Copy]++
		}
		if a.Thread != "" {
			threads[a.Thread]++
		}
	}
	if len(perOutlet) < 10 || len(all) < 90 || on < 25 || len(n.Upcoming()) < 3 {
		t.Errorf("%d outlets, %d articles, %d on topic, %d to come", len(perOutlet), len(all), on, len(n.Upcoming()))
	}
	for group, count := range copies {
		if count < 2 {
			t.Errorf("copy group %q has one member", group)
		}
	}
	for group, count := range threads {
		if count < 2 {
			t.Errorf("thread %q has one member", group)
		}
	}
	t.Logf("%d outlets, %d articles, %d on topic, %d copy groups, %d threads, %d to come", len(perOutlet), len(all), on, len(copies), len(threads), len(n.Upcoming()))
}

func TestDataIsComplete(t *testing.T) {
	n := at(t, 0)
	titles := map[string]string{}
	for _, a := range n.articles {
		ref, h := a.ref(), a.head
		if h["title"] == "" || h["why"] == "" && (h["facets"] != "" || h["trap"] != "" || h["copy"] != "") {
			t.Errorf("%s: title or reason missing", ref)
		}
		if (h["of"] != "") != slices.ContainsFunc(a.entry.blocks, func(b string) bool { return strings.HasPrefix(b, "@take ") }) && h["copy"] == "" {
			t.Errorf("%s: of without @take, and no copy", ref)
		}
		for _, f := range fields(h["facets"]) {
			if !slices.Contains([]string{"nato-giappone", "italia-giappone", "gcap"}, f) {
				t.Errorf("%s: unknown facet %q", ref, f)
			}
		}
		if l := h["label"]; l != "" && l != "borderline" {
			t.Errorf("%s: unknown label %q", ref, l)
		}
		for _, b := range a.blocks {
			if b.kind == related && !slices.ContainsFunc(n.articles, func(x *article) bool {
				return x.at == a.at && x.slug == b.lines[0] && x.published.Before(a.published)
			}) {
				t.Errorf("%s: @related %s leads nowhere, or to what came later", ref, b.lines[0])
			}
		}
		if other := titles[h["title"]]; other != "" && h["trap"] != "same-title" && h["trap"] != "template-bulletin" && h["copy"] == "" {
			t.Errorf("%s has the title of %s", ref, other)
		}
		titles[h["title"]] = ref
		if words := len(strings.Fields(textOf(a.blocks))); words < 40 {
			t.Errorf("%s: %d words", ref, words)
		}
		if text := textOf(a.blocks); strings.ContainsAny(text, "{}@*") {
			t.Errorf("%s: marks left in the text", ref)
		}
	}
	for _, a := range append(n.Articles(), n.Upcoming()...) {
		if a.Copy != "" && a.Thread == "" {
			t.Errorf("%s: copies share a thread", a.URL)
		}
	}
}

func TestBadDataIsRefused(t *testing.T) {
	for name, file := range map[string]string{
		"no body":         "title: a\nage: 1d",
		"unknown key":     "title: a\nage: 1d\nnome: b\n\ntesto",
		"key twice":       "title: a\ntitle: b\nage: 1d\n\ntesto",
		"bad age":         "title: a\nage: ieri\n\ntesto",
		"no such origin":  "title: a\nage: 1d\nof: vespera/x\n\n@take 1",
		"own origin":      "title: a\nage: 1d\nof: vespera/a\n\n@take 1",
		"unknown mark":    "title: a\nage: 1d\n\n@prendi 1",
		"bad replacement": "title: a\nage: 1d\nreplace: b\n\ntesto",
		"useless replace": "title: a\nage: 1d\nreplace: b => c\n\ntesto",
		"no such section": "title: a\nage: 1d\nsection: Meteo\n\ntesto",
		"corrects none":   "title: a\nage: 1d\ncorrects: vespera/x\n\ntesto",
	} {
		files := fstest.MapFS{"data/vespera/a.md": {Data: []byte(file)}}
		if _, err := build(testBase, opening, files); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
	files := fstest.MapFS{"data/nessuno/a.md": {Data: []byte("title: a\nage: 1d\n\ntesto")}}
	if _, err := build(testBase, opening, files); err == nil {
		t.Error("unknown outlet: no error")
	}
}

// tags matches markup between texts.
var tags = regexp.MustCompile(`(?s)<script.*?</script>|<style.*?</style>|<[^>]*>`)

// flat reduces text or markup to its words.
func flat(s string) string {
	s = html.UnescapeString(tags.ReplaceAllString(s, " "))
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\u00a0", " ")), " ")
}

func TestPagesHoldTheirText(t *testing.T) {
	n := at(t, time.Hour)
	for _, a := range n.Articles() {
		body := read(t, n, a.URL)
		if a.Outlet == "golfo" {
			body, _ = charmap.Windows1252.NewDecoder().Bytes(body)
		}
		page := flat(string(body))
		held := true
		for p := range strings.SplitSeq(a.Text, "\n") {
			words := strings.TrimPrefix(p, "- ")
			for part := range strings.SplitSeq(words, " | ") {
				if !strings.Contains(strings.ReplaceAll(page, " ", ""), strings.ReplaceAll(flat(html.EscapeString(part)), " ", "")) {
					held = false
					if a.Wall == "" {
						t.Errorf("%s lacks %q", a.URL, part)
					}
				}
			}
		}
		if a.Wall != "" && held && a.Wall == "consent" {
			t.Errorf("%s: the wall shows the article", a.URL)
		}
	}
}

func TestFeedsParse(t *testing.T) {
	for _, later := range []time.Duration{0, 10 * time.Minute} {
		n := at(t, later)
		for _, s := range n.Sources() {
			if s.URL == "" {
				continue
			}
			feed, err := gofeed.NewParser().Parse(bytes.NewReader(read(t, n, s.URL)))
			if err != nil {
				t.Errorf("%s: %v", s.ID, err)
				continue
			}
			want := slices.DeleteFunc(n.Articles(), func(a Article) bool { return a.Outlet != s.ID })
			if len(feed.Items) < min(len(want), feedLength) {
				t.Errorf("%s: %d items, want %d", s.ID, len(feed.Items), len(want))
			}
			for i, it := range feed.Items[:1] {
				if s.ID != "meridiano" && s.ID != "alierotte" && it.Title != want[i].Title {
					t.Errorf("%s: title %q, want %q", s.ID, it.Title, want[i].Title)
				}
				if it.GUID == "" != (s.ID == "alierotte") {
					t.Errorf("%s: guid %q", s.ID, it.GUID)
				}
			}
		}
	}
}

func TestEncodings(t *testing.T) {
	n := at(t, 0)
	for _, path := range []string{"/golfo/rss.xml", "/golfo/"} {
		b := read(t, n, testBase+path)
		if bytes.Contains(b, []byte("\xc3\xa0")) || !bytes.Contains(b, []byte("\xe0")) {
			t.Errorf("%s is not windows-1252", path)
		}
	}
	res := get(n, testBase+"/meridiano/rss/homepage.xml", nil)
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	if !strings.Contains(res.Header.Get("Content-Type"), "8859-1") || !bytes.Contains(b, []byte("“")) {
		t.Error("the daily's feed should declare ISO-8859-1 and be UTF-8")
	}
	for _, a := range n.Articles() {
		if b := read(t, n, a.URL); a.Outlet == "meridiano" && (!bytes.Contains(b, []byte(`charset="iso-8859-1"`)) || !utf8.Valid(b)) {
			t.Errorf("%s should say ISO-8859-1 and be UTF-8", a.URL)
		}
	}
}

func TestValidators(t *testing.T) {
	n := at(t, 0)
	addresses := []string{testBase + "/", testBase + "/robots.txt", testBase + "/vespera/img/x.png", testBase + "/vespera/logo.svg"}
	for _, s := range n.Sources() {
		addresses = append(addresses, s.URL+s.Page, s.Site)
	}
	for _, a := range n.Articles() {
		addresses = append(addresses, a.URL)
	}
	for _, address := range addresses {
		first := get(n, address, nil)
		first.Body.Close()
		etag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
		if first.StatusCode != http.StatusOK || !strings.HasPrefix(etag, `"`) || modified == "" {
			t.Errorf("%s: %s, ETag %s, Last-Modified %q", address, first.Status, etag, modified)
		}
		for _, h := range []http.Header{{"If-None-Match": {etag}}, {"If-Modified-Since": {modified}}} {
			again := get(n, address, h)
			again.Body.Close()
			if again.StatusCode != http.StatusNotModified {
				t.Errorf("%s with %v: %s", address, h, again.Status)
			}
		}
	}
}

func TestTimePasses(t *testing.T) {
	before, after := at(t, 0), at(t, time.Hour)
	if len(after.Upcoming()) != 0 || len(after.Articles()) != len(before.Articles())+len(before.Upcoming()) {
		t.Error("what is to come does not all come within the hour")
	}
	for _, a := range before.Upcoming() {
		res := get(before, a.URL, nil)
		res.Body.Close()
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s is there before its time", a.URL)
		}
	}
	corrected := 0
	for _, a := range after.Articles() {
		if a.Updated.After(a.Published) {
			corrected++
			if bytes.Equal(read(t, before, a.URL), read(t, after, a.URL)) {
				t.Errorf("%s: the correction does not show", a.URL)
			}
		} else if a.Published.Before(opening()) && !bytes.Equal(read(t, before, a.URL), read(t, after, a.URL)) {
			t.Errorf("%s changes by itself", a.URL)
		}
	}
	if corrected == 0 {
		t.Error("no article is corrected")
	}
}

func TestDeterministic(t *testing.T) {
	a, _ := json.Marshal(at(t, 0).Articles())
	b, _ := json.Marshal(at(t, 0).Articles())
	if !bytes.Equal(a, b) {
		t.Error("two newsrooms at one time differ")
	}
}

func TestConfig(t *testing.T) {
	n := at(t, 0)
	var config struct {
		Sources []struct {
			ID, Name, URL, Page, Kind, Lang, Schedule string
			Tags                                      []string
			List                                      map[string]string
		}
	}
	dec := yaml.NewDecoder(bytes.NewReader(n.Config("@every 1m")))
	dec.KnownFields(true)
	if err := dec.Decode(&config); err != nil {
		t.Fatal(err)
	}
	for i, s := range n.Sources() {
		c := config.Sources[i]
		if c.ID != s.ID || c.Name != s.Name || c.URL != s.URL || c.Page != s.Page || c.List["date"] != s.List.Date {
			t.Errorf("%+v\nwant %+v", c, s)
		}
	}
}

func TestAddresses(t *testing.T) {
	n := at(t, 0)
	seen := map[string]bool{}
	for _, a := range append(n.Articles(), n.Upcoming()...) {
		u, err := url.Parse(a.URL)
		if err != nil || u.Host != "newsroom.test" || seen[a.URL] {
			t.Errorf("bad or double address %s: %v", a.URL, err)
		}
		seen[a.URL] = true
		if a.Outlet == ampOutlet && a.Published.Before(opening()) {
			if amp := read(t, n, a.URL+"amp/"); !bytes.Contains(amp, []byte(`rel="canonical" href="`+a.URL+`"`)) {
				t.Errorf("%s: no AMP page", a.URL)
			}
		}
	}
	for _, path := range []string{"/nessuno/", "/vespera/x", "/vespera/amp/", "/quadrante/lancio.asp?id=1"} {
		res := get(n, testBase+path, nil)
		res.Body.Close()
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	w := httptest.NewRecorder()
	n.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, testBase+"/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestPressHours(t *testing.T) {
	for hour := range 24 {
		now := opening().Add(time.Duration(hour) * time.Hour)
		n, err := build(testBase, func() time.Time { return now }, dataFiles)
		if err != nil {
			t.Fatal(err)
		}
		today := now.In(rome()).Format(time.DateOnly)
		for i, a := range n.articles {
			at, want := a.published.In(rome()), n.start.Add(-a.age).In(rome())
			if at.Format(time.DateOnly) != want.Format(time.DateOnly) {
				t.Errorf("started at %s: %s is of another day", now, a.ref())
			}
			if at.Format(time.DateOnly) != today && (at.Hour() < 9 || at.Hour() > 22) {
				t.Errorf("started at %s: %s is published at %s", now, a.ref(), at.Format(time.TimeOnly))
			}
			if i > 0 && n.articles[i-1].age > a.age {
				t.Errorf("started at %s: %s and %s change places", now, n.articles[i-1].ref(), a.ref())
			}
		}
	}
}
