package publish

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"html"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"vedetta/news"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldens are documents kept in testdata.
var goldens = map[string]string{
	"topic.atom":   "/feeds/nato-giappone-italia.atom?limit=3",
	"topic.rss":    "/feeds/nato-giappone-italia.rss?limit=3",
	"topic.json":   "/feeds/nato-giappone-italia.json?limit=3",
	"gcap.atom":    "/feeds/nato-giappone-italia/gcap.atom",
	"near.atom":    "/feeds/nato-giappone-italia/near-misses.atom",
	"month.atom":   "/feeds/nato-giappone-italia/archive/2026-02.atom",
	"sources.atom": "/sources.atom",
	"sources.opml": "/sources.opml",
	"feeds.opml":   "/feeds.opml",
}

func TestGolden(t *testing.T) {
	h := handler(t, fixture(t))
	for name, path := range goldens {
		got := get(h, path).Body.Bytes()
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// TestRules holds all feeds against the rules of their formats, also with an
// English site and hostile articles.
func TestRules(t *testing.T) {
	for name, h := range map[string]*Handler{
		"fixture": handler(t, fixture(t)),
		"english": handler(t, fixture(t), func(s *Site) { s.Language, s.Hub = "en", "" }),
		"hostile": handler(t, hostile(t)),
		"empty":   handler(t, newMemory()),
	} {
		t.Run(name, func(t *testing.T) {
			feeds := allFeeds(h)
			if name == "hostile" {
				feeds = feeds[:3] // the topic's own: megabytes each, and the facets' hold the same
			}
			for _, path := range append(feeds, "/sources.atom", "/sources.opml", "/feeds.opml", "/feeds/nato-giappone-italia/archive/2026-02.atom") {
				w := get(h, path)
				if w.Code == 404 && strings.Contains(path, "archive") {
					continue
				}
				body := w.Body.Bytes()
				switch {
				case strings.HasSuffix(path, ".json"):
					checkJSON(t, path, body)
				case strings.HasSuffix(path, ".rss"):
					checkRSS(t, path, body)
				case strings.HasSuffix(path, ".atom"):
					checkAtom(t, path, body)
				default:
					wellFormed(t, path, body)
				}
			}
		})
	}
}

// allFeeds lists the paths of all feeds in all formats.
func allFeeds(h *Handler) []string {
	var out []string
	for _, path := range h.feedPaths() {
		out = append(out, path+".atom", path+".rss", path+".json")
	}
	return out
}

// wellFormed reads a whole XML document strictly, and looks for characters
// that validators object to.
func wellFormed(t *testing.T, path string, doc []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(doc))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
	}
	for _, r := range string(doc) {
		if !printable(r) {
			t.Errorf("%s: holds %U", path, r)
			return
		}
	}
}

// uri is what feed validators take for one.
var uri = regexp.MustCompile(`^[a-zA-Z][0-9a-zA-Z+.-]*:(//)?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+$`)

func checkURI(t *testing.T, where, s string) {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil || !uri.MatchString(s) || !u.IsAbs() || (u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "urn") {
		t.Errorf("%s: bad address %q", where, s)
	}
}

var htmlLike = regexp.MustCompile(`</?[a-zA-Z!]|&#?\w+;`)

func checkText(t *testing.T, where, s string, required bool) {
	t.Helper()
	if required && strings.TrimSpace(s) == "" {
		t.Errorf("%s: is blank", where)
	}
	if htmlLike.MatchString(s) {
		t.Errorf("%s: looks like HTML: %s", where, s)
	}
}

var relativeRef = regexp.MustCompile(`(?i)(href|src)="([^"]*)"`)

func checkContent(t *testing.T, where, s string) {
	t.Helper()
	for _, m := range relativeRef.FindAllStringSubmatch(s, -1) {
		u, err := url.Parse(strings.ReplaceAll(m[2], "&amp;", "&"))
		if err != nil || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto" {
			t.Errorf("%s: bad reference %q", where, m[2])
		}
	}
	if m := hole(strings.ReplaceAll(s, "<img ", "<picture ")); m != "" {
		t.Errorf("%s: holds %s", where, m)
	}
	if balance(s) != s {
		t.Errorf("%s: is not balanced", where)
	}
}

func checkAtom(t *testing.T, path string, doc []byte) {
	t.Helper()
	wellFormed(t, path, doc)
	type person struct {
		Name string `xml:"name"`
	}
	type lnk struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr"`
		Href string `xml:"href,attr"`
	}
	type source struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Links   []lnk  `xml:"link"`
	}
	var f struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Title   string   `xml:"title"`
		Updated string   `xml:"updated"`
		Author  []person `xml:"author"`
		Links   []lnk    `xml:"link"`
		Entries []struct {
			ID        string   `xml:"id"`
			Title     string   `xml:"title"`
			Published string   `xml:"published"`
			Updated   string   `xml:"updated"`
			Summary   string   `xml:"summary"` // HTML
			Authors   []person `xml:"author"`
			Links     []lnk    `xml:"link"`
			Content   struct {
				Type string `xml:"type,attr"`
				Text string `xml:",chardata"`
			} `xml:"content"`
			Source *source `xml:"source"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(doc, &f); err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	checkURI(t, path+" id", f.ID)
	checkText(t, path+" title", f.Title, true)
	instant(t, path+" updated", f.Updated)
	if len(f.Author) == 0 {
		t.Errorf("%s: no author", path)
	}
	links := func(where string, list []lnk) map[string]string {
		seen := map[string]string{}
		for _, l := range list {
			checkURI(t, where+" link "+l.Rel, l.Href)
			if seen[l.Rel] != "" {
				t.Errorf("%s: two links %s", where, l.Rel)
			}
			seen[l.Rel] = l.Href
		}
		return seen
	}
	if rels := links(path, f.Links); rels["self"] == "" || rels["alternate"] == "" {
		t.Errorf("%s: no self or alternate link", path)
	}
	ids, stamps := map[string]bool{f.ID: true}, map[string]bool{}
	for _, e := range f.Entries {
		where := path + " entry " + e.ID
		if ids[e.ID] {
			t.Errorf("%s: id used twice", where)
		}
		if stamps[e.Updated] {
			t.Errorf("%s: updated when another was", where)
		}
		ids[e.ID], stamps[e.Updated] = true, true
		checkURI(t, where, e.ID)
		checkText(t, where+" title", e.Title, true)
		checkText(t, where+" summary", html.UnescapeString(e.Summary), false)
		if instant(t, where+" updated", e.Updated).Before(instant(t, where+" published", e.Published)) {
			t.Errorf("%s: updated before it was published", where)
		}
		if links(where, e.Links)["alternate"] == "" || e.Content.Text == "" {
			t.Errorf("%s: no alternate link or content", where)
		}
		if e.Content.Type == "html" {
			checkContent(t, where, e.Content.Text)
			if len(e.Authors) == 0 {
				t.Errorf("%s: no author", where)
			}
		}
		for _, a := range e.Authors {
			checkText(t, where+" author", a.Name, true)
		}
		if e.Source != nil {
			checkURI(t, where+" source", e.Source.ID)
			checkText(t, where+" source", e.Source.Title, true)
			instant(t, where+" source updated", e.Source.Updated)
			if links(where+" source", e.Source.Links)["self"] == "" {
				t.Errorf("%s: source without a self link", where)
			}
		}
	}
}

func instant(t *testing.T, where, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil || at.Year() < 1970 {
		t.Errorf("%s: bad date %q", where, s)
	}
	return at
}

func checkRSS(t *testing.T, path string, doc []byte) {
	t.Helper()
	wellFormed(t, path, doc)
	var f struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Channel struct {
			Title       string   `xml:"title"`
			Description string   `xml:"description"`
			Links       []string `xml:"link"`
			LastBuild   string   `xml:"lastBuildDate"`
			Items       []struct {
				Title       string   `xml:"title"`
				Link        string   `xml:"link"`
				PubDate     string   `xml:"pubDate"`
				Description []string `xml:"description"`
				Creators    []string `xml:"http://purl.org/dc/elements/1.1/ creator"`
				Content     string   `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
				GUID        struct {
					PermaLink string `xml:"isPermaLink,attr"`
					ID        string `xml:",chardata"`
				} `xml:"guid"`
			} `xml:"item"`
		} `xml:"channel"`
	}
	if err := xml.Unmarshal(doc, &f); err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	checkText(t, path+" title", f.Channel.Title, true)
	checkText(t, path+" description", f.Channel.Description, true)
	date := func(where, s string) {
		if _, err := time.Parse(time.RFC1123Z, s); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
	date(path, f.Channel.LastBuild)
	// The profile of the RSS Advisory Board asks for a link to the feed itself.
	checkURI(t, path+" atom:link self", linkOf(strings.ReplaceAll(string(doc), "<atom:link", "<link"), "self"))
	ids := map[string]bool{}
	for _, it := range f.Channel.Items {
		where := path + " item " + it.GUID.ID
		if ids[it.GUID.ID] || it.GUID.PermaLink != "false" {
			t.Errorf("%s: guid used twice or taken for an address", where)
		}
		ids[it.GUID.ID] = true
		checkURI(t, where+" link", it.Link)
		checkText(t, where+" title", it.Title, true)
		date(where, it.PubDate)
		if len(it.Description) != 1 || it.Description[0] == "" || it.Content == "" || len(it.Creators) == 0 {
			t.Errorf("%s: no description, content or creator", where)
		}
		checkContent(t, where, it.Content)
	}
	if items := bytes.Split(doc, []byte("<item>")); len(items) > 1 {
		for _, item := range items[1:] {
			if bytes.Index(item, []byte("<content:encoded>")) < bytes.Index(item, []byte("<description>")) {
				t.Errorf("%s: content before description", path)
			}
		}
	}
}

func checkJSON(t *testing.T, path string, doc []byte) {
	t.Helper()
	var f map[string]any
	if err := json.Unmarshal(doc, &f); err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	if f["version"] != "https://jsonfeed.org/version/1.1" {
		t.Errorf("%s: version %v", path, f["version"])
	}
	for _, name := range []string{"home_page_url", "feed_url"} {
		s, _ := f[name].(string)
		checkURI(t, path+" "+name, s)
	}
	if s, _ := f["title"].(string); s == "" || f["author"] != nil {
		t.Errorf("%s: no title, or an author as in version 1", path)
	}
	items, ok := f["items"].([]any)
	if !ok {
		t.Errorf("%s: no items", path)
	}
	ids := map[any]bool{}
	for _, v := range items {
		it := v.(map[string]any)
		where := path + " item " + it["id"].(string)
		if ids[it["id"]] {
			t.Errorf("%s: id used twice", where)
		}
		ids[it["id"]] = true
		checkURI(t, where, it["url"].(string))
		checkText(t, where+" title", it["title"].(string), true)
		checkContent(t, where, it["content_html"].(string))
		instant(t, where, it["date_published"].(string))
		instant(t, where, it["date_modified"].(string))
		if img, ok := it["image"].(string); ok {
			checkURI(t, where+" image", img)
		}
	}
}

// TestReadBack reads the feeds with a reader's parser.
func TestReadBack(t *testing.T) {
	h := handler(t, fixture(t))
	ids := map[string][]string{}
	for _, format := range []string{"atom", "rss", "json"} {
		f, err := gofeed.NewParser().ParseString(get(h, "/feeds/nato-giappone-italia."+format).Body.String())
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Items) != 7 || f.Title != "NATO – Giappone – Italia" || f.Language != "it" {
			t.Errorf("%s: %d items of %q in %q", format, len(f.Items), f.Title, f.Language)
		}
		it := f.Items[0]
		if it.Title != "Vertice a Bruxelles: la NATO e il Giappone firmano l’intesa sulla sicurezza dei mari" || it.Link != "https://agenzia-molo.example/vertice" {
			t.Errorf("%s: %q at %s", format, it.Title, it.Link)
		}
		if want := time.Date(2026, 3, 11, 13, 6, 0, 0, time.UTC); it.PublishedParsed == nil || !it.PublishedParsed.Equal(want) {
			t.Errorf("%s: published %v, want %v", format, it.PublishedParsed, want)
		}
		if len(it.Authors) != 1 || it.Authors[0].Name != "Lidia Ferrante" {
			t.Errorf("%s: authors %v", format, it.Authors)
		}
		for _, want := range []string{
			"<p>L’intesa prevede esercitazioni comuni", `<img src="https://agenzia-molo.example/foto/vertice.jpg"`, "<b>Perché è qui</b>",
			"la <b>NATO</b> e il <b>Giappone</b>", "Origine: Agenzia Molo", "<b>Ripreso da</b>", `<a href="https://il-faro.example/vertice">Il Faro Quotidiano</a>, 11 marzo 2026, 14:36`,
			`<a href="https://vedetta.example/stories/s-vertice">`, "altre 2 notizie sullo stesso fatto",
		} {
			if !strings.Contains(it.Content, want) {
				t.Errorf("%s: content has no %s", format, want)
			}
		}
		for _, it := range f.Items {
			ids[it.GUID] = append(ids[it.GUID], format)
		}
	}
	for id, formats := range ids {
		if len(formats) != 3 {
			t.Errorf("%s is only in %v", id, formats)
		}
	}
}

// TestIdentities pins the ids: readers know entries by them.
func TestIdentities(t *testing.T) {
	if got, want := storyURN("000102030405060708090a0b"), "urn:uuid:14c1c07e-3c64-5a5f-97bc-b22ae4885932"; got != want {
		t.Errorf("story: %s, want %s", got, want)
	}
	if got, want := feedURN("nato-giappone-italia", "gcap"), "urn:uuid:9893d006-50c3-5a45-b4d2-41b7dd1f67d9"; got != want {
		t.Errorf("feed: %s, want %s", got, want)
	}
}

// TestWindow checks how far back a feed goes, and that archive and feed
// together hold everything once.
func TestWindow(t *testing.T) {
	m := newMemory()
	now := fixtureNow(t)
	for i := range 240 {
		m.add(told{
			id: "n" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + time.Duration(i).String(), source: "orizzonte", hours: float64(i) * 9, score: 0.9, facets: []string{"gcap"},
			title: "*GCAP* e *Italia*", paragraphs: []string{"Il *GCAP* avanza."},
		}, now)
	}
	for name, tt := range map[string]struct {
		limits Limits
		want   int
	}{
		"few":                       {Limits{Entries: 10, Window: 24 * time.Hour}, 29}, // all of March so far
		"at least":                  {Limits{Entries: 60, Window: 24 * time.Hour}, 60},
		"window":                    {Limits{Entries: 10, Window: 20 * 24 * time.Hour}, 54},
		"at most":                   {Limits{Entries: 10, Window: 24 * time.Hour, MaxEntries: 20}, 20},
		"at most, also of at least": {Limits{Entries: 100, MaxEntries: 20}, 20},
	} {
		h := handler(t, m, func(s *Site) { s.Limits = tt.limits })
		seen := map[string]int{}
		path := topicFeed
		for n := 0; path != "" && n < 20; n++ {
			doc := get(h, path).Body.String()
			ids := entryIDs(doc)
			if n == 0 && len(ids) != tt.want {
				t.Errorf("%s: %d entries, want %d", name, len(ids), tt.want)
			}
			for _, id := range ids {
				seen[id]++
			}
			path = strings.TrimPrefix(linkOf(doc, "prev-archive"), "https://vedetta.example")
		}
		if len(seen) != 240 {
			t.Errorf("%s: feed and archive hold %d stories, want 240", name, len(seen))
		}
	}
	h := handler(t, m)
	if got := len(entryIDs(get(h, topicFeed+"?limit=7").Body.String())); got != 7 {
		t.Errorf("limit 7: %d entries", got)
	}
	february := get(h, "/feeds/nato-giappone-italia/archive/2026-02.atom").Body.String()
	for rel, want := range map[string]string{
		"current":      "https://vedetta.example/feeds/nato-giappone-italia.atom",
		"prev-archive": "https://vedetta.example/feeds/nato-giappone-italia/archive/2026-01.atom",
		"next-archive": "",
		"hub":          "",
	} {
		if got := linkOf(february, rel); got != want {
			t.Errorf("February's %s is %q, want %q", rel, got, want)
		}
	}
	if !strings.Contains(february, "<fh:archive") {
		t.Error("February is not marked as an archive")
	}
	for path, want := range map[string]string{"02": keepArchive, "03": keepFeed} {
		if got := get(h, "/feeds/nato-giappone-italia/archive/2026-"+path+".atom").Header().Get("Cache-Control"); got != want {
			t.Errorf("archive of month %s may be kept %s, want %s", path, got, want)
		}
	}
}

var entryID = regexp.MustCompile(`<entry[^>]*>\s*<id>([^<]+)</id>`)

func entryIDs(doc string) []string {
	var out []string
	for _, m := range entryID.FindAllStringSubmatch(doc, -1) {
		out = append(out, m[1])
	}
	return out
}

func linkOf(doc, rel string) string {
	m := regexp.MustCompile(`<link rel="` + rel + `"[^>]* href="([^"]*)"`).FindStringSubmatch(doc)
	if m == nil {
		return ""
	}
	return m[1]
}

// TestShown serves a story under the member that is on the topic.
func TestShown(t *testing.T) {
	m := fixture(t)
	a := m.articles["a-vertice"]
	a.Verdicts = []news.Verdict{{Topic: "nato-giappone-italia", Score: 0.1}}
	m.articles["a-vertice"] = a
	h := handler(t, m)
	f, err := gofeed.NewParser().ParseString(get(h, topicFeed).Body.String())
	if err != nil {
		t.Fatal(err)
	}
	if it := f.Items[0]; it.Link != "https://il-faro.example/vertice" || it.GUID != storyURN("s-vertice") {
		t.Errorf("shown %s as %s", it.Link, it.GUID)
	}
	for id, a := range m.articles {
		if strings.HasPrefix(id, "a-vertice") {
			a.Verdicts = nil
			m.articles[id] = a
		}
	}
	m.revision.Add(1)
	if page := get(h, "/stories/s-vertice").Body.String(); !strings.Contains(page, "fuori tema") {
		t.Error("a story that no rule holds on topic any longer does not say so")
	}
}

// TestArchiveStands expects the months that are past to stay as they are, byte
// for byte, whatever the present one brings.
func TestArchiveStands(t *testing.T) {
	m := fixture(t)
	h := handler(t, m)
	const path = "/feeds/nato-giappone-italia/archive/2026-02.atom"
	before := get(h, path)
	m.add(told{id: "nuova", source: "rotte", hours: 1, score: 0.9, facets: []string{"gcap"}, title: "*GCAP*"}, fixtureNow(t))
	m.revision.Add(1)
	if current := get(h, topicFeed); !strings.Contains(current.Body.String(), storyURN("s-nuova")) {
		t.Error("the feed lacks the new story")
	}
	april := fixtureNow(t).AddDate(0, 1, 0)
	h.now = func() time.Time { return april }
	m.revision.Add(1)
	after := get(h, path)
	if after.Body.String() != before.Body.String() || after.Header().Get("ETag") != before.Header().Get("ETag") {
		t.Errorf("February changed:\n%s", cmp.Diff(before.Body.String(), after.Body.String()))
	}
}
