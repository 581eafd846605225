package publish

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"vedetta/news"
)

// scan is a Searcher that looks at every story of a memory. It knows words as
// they are typed, in any case, and nothing else.
type scan struct {
	m          *memory
	share      float64
	err        error
	generation uint64
	asked      int
	last       news.Search
}

func (s *scan) Generation() uint64 { return s.generation }

func (s *scan) Search(ctx context.Context, q news.Search) (news.Found, error) {
	s.asked++
	s.last = q
	if _, ok := ctx.Deadline(); !ok {
		return news.Found{}, errors.New("search without an end")
	}
	f := news.Found{Share: s.share}
	var all []news.Story
	for _, st := range s.m.stories {
		if s.holds(st, q) {
			all = append(all, st)
		}
	}
	slices.SortFunc(all, func(a, b news.Story) int { return b.First.Compare(a.First) })
	f.Total = len(all)
	for i, st := range all {
		if i >= q.Offset && i < q.Offset+q.Limit {
			f.Stories = append(f.Stories, st.ID)
		}
	}
	for i, c := range q.Clauses {
		if f.Total > 0 {
			break // then nothing is missing
		}
		only := news.Search{Clauses: []news.Clause{c}}
		none := true
		for _, st := range s.m.stories {
			none = none && !s.holds(st, only)
		}
		if none {
			f.Missing = append(f.Missing, i)
		}
	}
	return f, s.err
}

func (s *scan) holds(st news.Story, q news.Search) bool {
	for _, c := range q.Clauses {
		found := false
		for _, m := range st.Members {
			a := s.m.articles[m.Article]
			text := strings.ToLower(a.Title + "\n" + a.Text)
			found = found || c.Text != "" && strings.Contains(text, strings.ToLower(c.Text)) ||
				c.Field == news.SearchSource && slices.Contains(c.Values, m.Source)
		}
		if found == c.Not {
			return false
		}
	}
	return (q.After.IsZero() || !st.First.Before(q.After)) && (q.Before.IsZero() || st.First.Before(q.Before))
}

// searchable serves a reader with a search.
func searchable(t testing.TB, m *memory, change ...func(*scan)) (*Handler, *scan) {
	s := &scan{m: m, share: 1}
	for _, c := range change {
		c(s)
	}
	return handler(t, m, func(site *Site) { site.Searcher = s }), s
}

func TestSearchPage(t *testing.T) {
	for _, c := range []struct {
		path string
		has  []string
		not  []string
	}{
		{"/search", []string{"Come si cerca", "ministro della Difesa", "relazione:gcap", `<link rel="search"`, "noindex", "autofocus"}, []string{"Nessuna notizia", "<mark>", `class="find"`}},
		{"/search?lang=en", []string{"How to search", "relation:gcap", `name="lang" value="en"`}, nil},
		{"/search?q=giappone", []string{"<mark>Giappone</mark>", "notizie</b>", "Più recenti", `href="/search.atom?q=giappone"`, "relazione%3Agcap", `value="giappone"`}, []string{"Come si cerca"}},
		{"/search?q=GIAPPONE&lang=en", []string{"<mark>Giappone</mark>", "stories</b>", "Newest first"}, nil},
		{"/search?q=giappone&order=newest", []string{`href="/search?q=giappone&amp;order=newest" aria-current="true"`, `name="order" value="newest"`}, nil},
		{"/search?q=giappone+dopo%3A2026-01+prima%3A2026-04", []string{"dal 1º gennaio 2026 al 31 marzo 2026"}, nil},
		{"/search?q=giappone+zzz", []string{"Nessuna notizia trovata", "Non compare in tutto l’archivio: zzz", `href="/search?q=giappone"`, "Come si cerca"}, nil},
		{"/search?q=zzz+giappone+yyy", []string{"Non compare in tutto l’archivio: zzz, yyy", `href="/search?q=giappone"`}, nil},
		{"/search?q=zzz", []string{"Nessuna notizia trovata", "Prova con meno parole"}, nil},
		{"/search?q=la+fonte%3Aboh", []string{"Ignoro «la»", "Nessuna fonte si chiama «boh»"}, nil},
		{"/search?q=%3Cscript%3Ealert(1)%3C/script%3E", []string{"&lt;script&gt;"}, []string{"<script"}},
		{"/search?q=" + strings.Repeat("a", 5000), []string{"troppo lunga"}, nil},
		{"/", []string{`<form class="find" role="search" action="/search">`, `href="/opensearch.xml"`}, nil},
	} {
		h, _ := searchable(t, fixture(t))
		w := get(h, c.path, "Accept", "text/html")
		page := w.Body.String()
		if w.Code != 200 {
			t.Errorf("%s: %d", c.path, w.Code)
		}
		for _, s := range c.has {
			if !strings.Contains(page, s) {
				t.Errorf("%s: lacks %q", c.path, s)
			}
		}
		for _, s := range c.not {
			if strings.Contains(page, s) {
				t.Errorf("%s: holds %q", c.path, s)
			}
		}
		if strings.Count(page, "<h1") != 1 || strings.Contains(page, "%!") {
			t.Errorf("%s: page is broken", c.path)
		}
		if csp := w.Header().Get("Content-Security-Policy"); csp != pagePolicy {
			t.Errorf("%s: policy %q", c.path, csp)
		}
	}
}

func TestSearchRoutes(t *testing.T) {
	h, _ := searchable(t, fixture(t))
	plainSite := handler(t, fixture(t))
	for path, want := range map[string]int{
		"/search?q=gcap&page=2": 200, "/search?q=gcap&page=0": 400, "/search?q=gcap&page=51": 400, "/search?q=gcap&page=x": 400,
		"/search.atom": 404, "/search.atom?q=gcap": 200, "/search.json?q=gcap": 200, "/search.json": 200, "/search.rss?q=gcap": 404,
		"/search/x": 404, "/opensearch.xml": 200,
	} {
		if w := get(h, path, "Accept", "text/html"); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
		if w := get(plainSite, path, "Accept", "text/html"); w.Code != 404 {
			t.Errorf("%s without a search: %d", path, w.Code)
		}
	}
	if page := get(plainSite, "/").Body.String(); strings.Contains(page, "search") {
		t.Error("a site without a search offers one")
	}
}

// A search is answered like any other page: once while nothing changes, with
// validators, compressed; and apart from the feeds.
func TestSearchIsKept(t *testing.T) {
	h, s := searchable(t, fixture(t))
	first := get(h, "/search?q=giappone", "Accept-Encoding", "gzip")
	if first.Header().Get("Content-Encoding") != "gzip" || first.Header().Get("Cache-Control") != keepPage {
		t.Errorf("headers %v", first.Header())
	}
	asked := s.asked
	if w := get(h, "/search?q=giappone", "If-None-Match", first.Header().Get("ETag")); w.Code != http.StatusNotModified || s.asked != asked {
		t.Errorf("asked again: %d, searched %d times", w.Code, s.asked)
	}
	s.generation++
	if w := get(h, "/search?q=giappone", "If-None-Match", first.Header().Get("ETag")); w.Code != http.StatusNotModified || s.asked == asked {
		t.Errorf("after the index changed: %d, searched %d times", w.Code, s.asked)
	}
	before := len(h.cache.slots)
	for q := range strings.FieldsSeq("uno due tre quattro") {
		get(h, "/search?q="+q)
	}
	if len(h.cache.slots) != before {
		t.Error("searches are kept among the feeds")
	}
}

func TestSearchTroubles(t *testing.T) {
	h, _ := searchable(t, fixture(t), func(s *scan) { s.share = 0.425 })
	if page := get(h, "/search?q=gcap").Body.String(); !strings.Contains(page, "per ora si cerca nel 42") && !strings.Contains(page, "per ora si cerca nel 43") {
		t.Error("does not say how much can be searched")
	}
	h, _ = searchable(t, fixture(t), func(s *scan) { s.err = context.DeadlineExceeded })
	w := get(h, "/search?q=gcap", "Accept", "text/html")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "Ricerca troppo lenta") {
		t.Errorf("too slow: %d", w.Code)
	}
	h, _ = searchable(t, fixture(t), func(s *scan) { s.err = errors.New("index is broken") })
	if w := get(h, "/search?q=gcap"); w.Code != http.StatusInternalServerError {
		t.Errorf("broken: %d", w.Code)
	}
	// The index is a moment behind: a story that went is left out.
	m := fixture(t)
	h, _ = searchable(t, m)
	delete(m.articles, m.stories["s-vertice"].Shown)
	if w := get(h, "/search?q=giappone"); w.Code != 200 || strings.Contains(w.Body.String(), "/stories/s-vertice\"") {
		t.Errorf("a story without its article: %d", w.Code)
	}
}

func TestSearchPaging(t *testing.T) {
	m := fixture(t)
	for i := range 45 {
		a := news.Article{ID: "p" + string(rune('0'+i/10)) + string(rune('0'+i%10)), Source: "rotte", Title: "Portaerei", Text: "Una portaerei.", Published: fixtureNow(t).Add(-time.Duration(i) * time.Hour)}
		m.articles[a.ID] = a
		m.stories["s-"+a.ID] = news.Story{ID: "s-" + a.ID, Shown: a.ID, First: a.Published, Members: []news.Member{{Article: a.ID, Source: "rotte"}}}
	}
	h, _ := searchable(t, m)
	seen := map[string]bool{}
	for _, c := range []struct{ path, says, next, prev string }{
		{"/search?q=portaerei", "da 1 a 20", "/search?q=portaerei&amp;page=2", ""},
		{"/search?q=portaerei&page=2", "da 21 a 40", "/search?q=portaerei&amp;page=3", "/search?q=portaerei\""},
		{"/search?q=portaerei&page=3", "da 41 a 45", "", "/search?q=portaerei&amp;page=2"},
	} {
		page := get(h, c.path).Body.String()
		if !strings.Contains(page, c.says) || strings.Contains(page, `rel="next"`) != (c.next != "") || strings.Contains(page, `rel="prev"`) != (c.prev != "") ||
			!strings.Contains(page, c.next) || !strings.Contains(page, c.prev) {
			t.Errorf("%s: wrong pages", c.path)
		}
		for line := range strings.SplitSeq(page, "\n") {
			if _, rest, ok := strings.Cut(line, `<h2><a href="/stories/`); ok {
				id, _, _ := strings.Cut(rest, `"`)
				if seen[id] {
					t.Errorf("%s: %s again", c.path, id)
				}
				seen[id] = true
			}
		}
	}
	if len(seen) != 45 {
		t.Errorf("%d stories over all pages, want 45", len(seen))
	}
}

func TestSearchJSON(t *testing.T) {
	h, s := searchable(t, fixture(t))
	w := get(h, "/search.json?q=giappone+la")
	var r Results
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Total == 0 || len(r.Hits) == 0 || r.Question != "giappone la" || len(r.Ignored) != 1 || r.Share != 1 {
		t.Errorf("got %+v", r)
	}
	for _, hit := range r.Hits {
		if hit.Title == "" || hit.Outlet == "" || !strings.HasPrefix(hit.Page, "https://vedetta.example/stories/") || hit.Published.IsZero() {
			t.Errorf("hit %+v", hit)
		}
	}
	direct, err := h.Search(t.Context(), "giappone la", false, 1)
	if err != nil || len(direct.Hits) != len(r.Hits) {
		t.Errorf("asked directly: %d hits, %v", len(direct.Hits), err)
	}
	asked := s.asked
	if r, err := h.Search(t.Context(), "la della", false, 1); err != nil || r.Total != 0 || s.asked != asked {
		t.Errorf("nothing asked: %+v, %v", r, err)
	}
}

func TestSearchFeed(t *testing.T) {
	h, s := searchable(t, fixture(t))
	w := get(h, "/search.atom?q=giappone")
	f, err := gofeed.NewParser().ParseString(w.Body.String())
	if err != nil {
		t.Fatal(err)
	}
	if !s.last.Newest || s.last.Limit != feedResults || len(f.Items) == 0 || f.Title != "Vedetta, ricerca: giappone" || f.FeedLink != "https://vedetta.example/search.atom?q=giappone" {
		t.Errorf("feed %q of %d, asked %+v", f.Title, len(f.Items), s.last)
	}
	again, _ := gofeed.NewParser().ParseString(get(h, "/search.atom?q=gcap").Body.String())
	if again == nil || atomID(t, w.Body.Bytes()) == atomID(t, get(h, "/search.atom?q=gcap").Body.Bytes()) {
		t.Error("two searches have the same id")
	}
	for _, it := range f.Items {
		if it.Title == "" || it.Content == "" || !strings.HasPrefix(it.GUID, "urn:uuid:") {
			t.Errorf("item %+v", it)
		}
	}
	// Off topic: no reason to be there is claimed.
	m := fixture(t)
	a := news.Article{ID: "x", Source: "rotte", Title: "Il panda", Text: "È nato un panda.", Published: fixtureNow(t)}
	m.articles["x"], m.stories["s-x"] = a, news.Story{ID: "s-x", Shown: "x", First: a.Published, Members: []news.Member{{Article: "x", Source: "rotte"}}}
	h, _ = searchable(t, m)
	if body := get(h, "/search.atom?q=panda").Body.String(); !strings.Contains(body, "Il panda") || strings.Contains(body, "Perché è qui") || strings.Contains(body, "vedetta:story") {
		t.Errorf("off topic:\n%s", body)
	}
}

func atomID(t *testing.T, b []byte) string {
	t.Helper()
	var f struct {
		ID string `xml:"id"`
	}
	if err := xml.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f.ID
}

func TestOpenSearch(t *testing.T) {
	h, _ := searchable(t, fixture(t))
	h.site.Title = "Una vedetta dal nome assai lungo"
	w := get(h, "/opensearch.xml")
	var d struct {
		XMLName   xml.Name
		ShortName string
		URL       []struct {
			Type     string `xml:"type,attr"`
			Template string `xml:"template,attr"`
		} `xml:"Url"`
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if d.XMLName.Space != "http://a9.com/-/spec/opensearch/1.1/" || len([]rune(d.ShortName)) > 16 || len(d.URL) != 3 ||
		d.URL[0].Template != "https://vedetta.example/search?q={searchTerms}" {
		t.Errorf("got %+v", d)
	}
}

func TestHostileSearch(t *testing.T) {
	m := hostile(t)
	for _, st := range m.stories { // the fake looks at all texts each time
		a := m.articles[st.Shown]
		a.Text = cut(a.Text, 100_000)
		m.articles[st.Shown] = a
	}
	h, _ := searchable(t, m)
	for i, q := range append(slices.Clone(evil), "alert", "a", "b -c fonte:orizzonte", strings.Repeat(`"`, 400), strings.Repeat("fonte:", 50)) {
		for _, path := range []string{"/search?", "/search.atom?", "/search.json?"} {
			if path != "/search?" && i%6 != 0 {
				continue
			}
			w := get(h, path+params("q", cut(q, 2000)), "Accept", "text/html")
			if w.Code != 200 && (w.Code != 404 || path != "/search.atom?") {
				t.Errorf("%s%.40q: %d", path, q, w.Code)
			}
			if path != "/search?" {
				continue
			}
			page := w.Body.String()
			// The forms of the search are our own.
			page = strings.NewReplacer("<form ", "<p ", "<input ", "<p ", "<button", "<p").Replace(page)
			if m := hole(page); m != "" {
				t.Errorf("%.40q: holds %s", q, m)
			}
			for _, r := range page {
				if !printable(r) {
					t.Errorf("%.40q: holds %U", q, r)
					break
				}
			}
		}
	}
}

func TestSnippet(t *testing.T) {
	filler := strings.Repeat("Altre parole senza peso alcuno riempiono la riga. ", 12)
	for _, c := range []struct {
		name   string
		q      []news.Clause
		text   string
		want   string // marks between brackets
		shown  int
		lang   string
		starts bool // want is only how it begins
	}{
		{"inflected", []news.Clause{{Text: "missile"}}, "La NATO schiera i missili.", "La NATO schiera i [missili].", 1, "it", false},
		{"phrase", []news.Clause{{Text: "ministro della Difesa"}}, "La difesa del ministro: il Ministro della difesa tace.", "La difesa del ministro: il [Ministro della difesa] tace.", 1, "it", false},
		{"elided", []news.Clause{{Text: "l'alleanza"}}, "Cresce dell’Alleanza il peso.", "Cresce dell’[Alleanza] il peso.", 1, "it", false},
		{"accents", []news.Clause{{Text: "citta"}}, "Una Città di mare, una citta' di terra.", "Una [Città] di mare, una [citta]' di terra.", 1, "it", false},
		{"beginning", []news.Clause{{Text: "cyber", Prefix: true}}, "Cybersicurezza e cyber.", "[Cybersicurezza] e [cyber].", 1, "it", false},
		{"english", []news.Clause{{Text: "fighter"}}, "Two fighters met.", "Two [fighters] met.", 1, "en", false},
		{"excluded and fields are not marked", []news.Clause{{Text: "NATO"}, {Text: "Tokyo", Not: true}, {Field: news.SearchSource, Values: []string{"rotte"}}}, "La NATO a Tokyo con rotte.", "La [NATO] a Tokyo con rotte.", 1, "it", false},
		{"from the sentence on", []news.Clause{{Text: "portaerei"}}, filler + "Arriva la portaerei in porto. " + filler, "Arriva la [portaerei] in porto. Altre parole", 1, "it", true},
		{"where most is", []news.Clause{{Text: "caccia"}, {Text: "Tokyo"}}, "Un caccia. " + filler + "Il caccia vola a Tokyo.", "Il [caccia] vola a [Tokyo].", 2, "it", true},
		{"two places", []news.Clause{{Text: "caccia"}, {Text: "Tokyo"}}, "Un caccia. " + filler + "Si vola a Tokyo.", "Un [caccia]. Altre", 2, "it", true},
		{"nothing", []news.Clause{{Text: "caccia"}}, filler, "", 0, "it", false},
		{"no text", []news.Clause{{Text: "caccia"}}, "", "", 0, "it", false},
	} {
		ps, n := newSought(news.Search{Clauses: c.q}).snippet(c.text, c.lang)
		var got strings.Builder
		for _, p := range ps {
			if p.Mark {
				got.WriteString("[" + p.Text + "]")
			} else {
				got.WriteString(p.Text)
			}
		}
		if n != c.shown || got.String() != c.want && (!c.starts || !strings.HasPrefix(got.String(), c.want)) {
			t.Errorf("%s: %q with %d clauses, want %q with %d", c.name, got.String(), n, c.want, c.shown)
		}
		if len(got.String()) > maxSnippet+3*snippetAt {
			t.Errorf("%s: %d bytes", c.name, got.Len())
		}
	}
	ps, _ := newSought(news.Search{Clauses: []news.Clause{{Text: "Tokyo"}}}).snippet("Un caccia. "+filler+"Si vola a Tokyo.", "it")
	if diff := cmp.Diff(true, ps[len(ps)-2] == piece{"Tokyo", true}); diff != "" {
		t.Errorf("the last piece but one is %+v", ps[len(ps)-2])
	}
}
