package publish

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vedetta/news"
)

var (
	storyLink = regexp.MustCompile(`<h3[^>]*><a href="/stories/([^"?]+)`)
	prevLink  = regexp.MustCompile(`rel="prev" href="([^"]+)"`)
)

// TestPaging follows the list back to its end and expects each story once, on
// pages of decent weight.
func TestPaging(t *testing.T) {
	m := newMemory()
	now := fixtureNow(t)
	for i := range 300 {
		hours := float64(i) * 3
		if i >= 100 && i < 180 {
			hours = 300 + float64(i)/100 // a day that does not fit on a page
		}
		m.add(told{
			id: fmt.Sprintf("n%03d", i), source: "orizzonte", hours: hours, score: 0.9, facets: []string{[]string{"gcap", "nato-giappone"}[i%2]},
			title: fmt.Sprintf("*Italia* e *Giappone*, capitolo %d", i), paragraphs: []string{strings.Repeat("L’*Italia* e il *Giappone* proseguono il lavoro comune. ", 8)},
		}, now)
	}
	h := handler(t, m)
	for start, want := range map[string]int{"/": 300, "/?facet=gcap": 150, "/?month=2026-02": 0, "/?month=2026-03&facet=gcap": 0, "/?lang=en": 300} {
		if strings.Contains(start, "month") { // the last page of a month leads on to the month before
			want = 0
			for _, st := range m.stories {
				v, _ := m.articles[st.Shown].Verdict("nato-giappone-italia")
				if (!strings.Contains(start, "gcap") || v.Facets[0] == "gcap") && st.First.In(h.site.Zone).Format("2006-01") <= start[len("/?month="):len("/?month=2026-02")] {
					want++
				}
			}
		}
		seen := map[string]int{}
		path := start
		for n := 0; path != ""; n++ {
			if n > 100 {
				t.Fatalf("%s: no end", start)
			}
			page := get(h, path).Body.String()
			found := storyLink.FindAllStringSubmatch(page, -1)
			for _, l := range found {
				seen[l[1]]++
			}
			if len(found) == 0 || len(page) > 60_000 && len(found) <= pageSize {
				t.Errorf("%s: %d stories in %d bytes", path, len(found), len(page))
			}
			path = ""
			if l := prevLink.FindStringSubmatch(page); l != nil {
				path = strings.ReplaceAll(l[1], "&amp;", "&")
			}
		}
		if len(seen) != want {
			t.Errorf("%s: %d stories, want %d", start, len(seen), want)
		}
		for id, n := range seen {
			if n > 1 {
				t.Errorf("%s: %s is there %d times", start, id, n)
			}
		}
	}
}

// TestLinks follows every link on every page of the site and expects each to
// lead somewhere.
func TestLinks(t *testing.T) {
	h := handler(t, fixture(t), func(s *Site) { s.BaseURL = "https://vedetta.example/sotto" })
	href := regexp.MustCompile(`href="([^"]+)"`)
	ids := regexp.MustCompile(`\sid="([^"]+)"`)
	todo, done := []string{"/sotto/", "/sotto/?lang=en", "/sotto/stories/s-fuori"}, map[string]bool{}
	for len(todo) > 0 {
		path, anchor, _ := strings.Cut(todo[0], "#")
		todo = todo[1:]
		w := get(h, path, "Accept", "text/html")
		if w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
		body := w.Body.String()
		if anchor != "" && !strings.Contains(body, `id="`+anchor+`"`) {
			t.Errorf("%s has nothing called %s", path, anchor)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		seen := map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(body, -1) {
			if seen[m[1]] {
				t.Errorf("%s: id %s twice", path, m[1])
			}
			seen[m[1]] = true
		}
		for _, m := range href.FindAllStringSubmatch(body, -1) {
			to := strings.ReplaceAll(strings.TrimPrefix(m[1], "https://vedetta.example"), "&amp;", "&")
			if strings.HasPrefix(to, "#") {
				to = path + to
			}
			if strings.HasPrefix(to, "/") && !done[to] {
				done[to] = true
				todo = append(todo, to)
			}
		}
	}
	for _, want := range []string{"/sotto/threads/s-vertice", "/sotto/stories/s-vertice/a-vertice-c1", "/sotto/feeds/nato-giappone-italia/near-misses.json", "/sotto/?month=2026-02", "/sotto/stories/s-vertice#p1"} {
		if !done[want] {
			t.Errorf("no link to %s", want)
		}
	}
}

// TestStoryPage looks for what a story's page has to tell.
// TestFromStatic leads the addresses of a static site to the pages.
func TestFromStatic(t *testing.T) {
	h := handler(t, fixture(t), func(s *Site) { s.BaseURL = "https://esempio.example/rassegna" })
	for at, want := range map[string]string{
		"/stories/s-vertice/":                   "/rassegna/stories/s-vertice",
		"/stories/s-vertice/?lang=en":           "/rassegna/stories/s-vertice?lang=en",
		"/rassegna/stories/s-vertice/a-x/":      "/rassegna/stories/s-vertice/a-x",
		"/en/threads/s-vertice/":                "/rassegna/threads/s-vertice?lang=en",
		"/sources/":                             "/rassegna/sources",
		"/search/?q=missili+tattici":            "/rassegna/search?q=missili+tattici",
		"/facet=gcap/month=2026-03/":            "/rassegna/?facet=gcap&month=2026-03",
		"/en/":                                  "/rassegna/?lang=en",
		"/wp-admin/":                            "",
		"//altrove.example/":                    "",
		"/\\altrove.example/":                   "",
		"/stories/../../x/":                     "",
		"/facet=a&b=c/":                         "",
		"/stories/%0d%0aSet-Cookie:%20a=b/":     "",
		"/feeds/nato-giappone-italia.atom/":     "",
		"/feeds/nato-giappone-italia/archive//": "",
	} {
		w := get(h, at)
		status := http.StatusMovedPermanently
		if want == "" {
			status = http.StatusNotFound
		}
		if got := w.Header().Get("Location"); w.Code != status || got != want {
			t.Errorf("%s: %d to %q, want %d to %q", at, w.Code, got, status, want)
		}
	}
}

func TestStoryPage(t *testing.T) {
	h := handler(t, fixture(t))
	page := get(h, "/stories/s-vertice").Body.String()
	for _, want := range []string{
		`<link rel="canonical" href="https://vedetta.example/stories/s-vertice">`, `<mark id="p1">NATO</mark>`, `<a href="#p1">`, "Perché è qui",
		"aggiornato oggi, 15:06", "Punteggio 91", "stesso testo", "testo riscritto · somiglianza 71", `href="/stories/s-vertice/a-vertice-c1"`,
		"Il testo è cambiato una volta.", "estate</del>", "autunno</ins>", "Sullo stesso fatto", "Tokyo prepara l’accoglienza",
		"Lidia Ferrante, «Vertice a Bruxelles", "11 marzo 2026, https://agenzia-molo.example/vertice.", "Origine: Agenzia Molo", "Leggi su Agenzia Molo",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if english := get(h, "/stories/s-vecchio", "Accept-Language", "it").Body.String(); !strings.Contains(english, `<h1 lang="en">`) || !strings.Contains(english, `class="text" lang="en"`) {
		t.Error("an English article on an Italian page does not say so")
	}
	near := get(h, "/stories/s-quasi").Body.String()
	for _, want := range []string{"Perché è rimasto fuori", "Che cosa pesa contro", "Sport"} {
		if !strings.Contains(near, want) {
			t.Errorf("near miss has no %s", want)
		}
	}
	compared := get(h, "/stories/s-vertice/a-vertice-c1").Body.String()
	for _, want := range []string{"Agenzia Molo", "Orizzonte Difesa", "spiegato ai giornalisti</ins>", "2 paragrafi invariati"} {
		if !strings.Contains(compared, want) {
			t.Errorf("comparison has no %s", want)
		}
	}
}

func TestThreadPage(t *testing.T) {
	h := handler(t, fixture(t))
	page := get(h, "/threads/s-vertice").Body.String()
	for _, want := range []string{"3 notizie, dall’8 all’11 marzo 2026", "ammiraglio Serra", "Domenica 8 marzo", "Oggi, mercoledì 11 marzo", "ripresa da altre 3 testate", `role="img"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	first, last := strings.Index(page, "s-porto"), strings.Index(page, `"/stories/s-vertice"`)
	if first < 0 || last < first {
		t.Error("not in the order of time")
	}
}

func TestShared(t *testing.T) {
	link := func(terms ...string) news.Link { return news.Link{Shared: terms} }
	for name, tt := range map[string]struct {
		links []news.Link
		want  []string
	}{
		"names before words": {
			[]news.Link{link("Gcap", "novembre", "finale", "Torino", "19"), link("Gcap", "Nagoya", "software", "REGNO UNITO"), link("accesso", "Regno Unito")},
			[]string{"Gcap", "Regno Unito", "Torino", "Nagoya"},
		},
		"few names":   {[]news.Link{link("accordo", "Tokyo", "11 marzo", "lunedì")}, []string{"Tokyo", "accordo"}},
		"no words":    {[]news.Link{link("2026", "3 marzo")}, nil},
		"loud always": {[]news.Link{link("GIAPPONE", "NATO")}, []string{"Giappone", "NATO"}},
	} {
		if got := shared(tt.links); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// TestYoung draws no more of an empty past than a chart needs.
func TestYoung(t *testing.T) {
	for first, want := range map[int]int{0: 0, 5: 5, 18: 18, 20: 18, chartWeeks - 1: 18} {
		hy := history{weeks: make([]int, chartWeeks)}
		hy.weeks[first] = 1
		if got := hy.young(); got != want {
			t.Errorf("the first story in week %d: the chart begins with week %d, want %d", first, got, want)
		}
	}
}

// TestHistory counts stories also when they come in while the week is running.
func TestHistory(t *testing.T) {
	m := fixture(t)
	h := handler(t, m)
	c := calendar{lang: italian, zone: h.site.Zone, now: fixtureNow(t)} // a Wednesday
	count := func() history {
		t.Helper()
		hy, err := h.history("nato-giappone-italia", "", c)
		if err != nil {
			t.Fatal(err)
		}
		return hy
	}
	hy := count()
	if hy.total() != 7 || hy.weeks[chartWeeks-1] != 3 || hy.months["2026-03"] != 4 || hy.months["2025-12"] != 1 || hy.outlets["orizzonte"] != 3 {
		t.Errorf("%+v", hy)
	}
	if got := hy.monday().Format("Mon 2006-01-02 15:04"); got != "Mon 2026-03-09 00:00" {
		t.Errorf("the week begins on %s", got)
	}
	m.add(told{id: "nuova", source: "rotte", hours: 1, score: 0.9, facets: []string{"gcap"}, title: "*GCAP*"}, c.now)
	if hy := count(); hy.total() != 8 || hy.weeks[chartWeeks-1] != 4 {
		t.Errorf("a new story is not counted: %+v", hy)
	}
	queries := m.queries.Load()
	count()
	if n := m.queries.Load() - queries; n != 1 {
		t.Errorf("%d reads, want that of the week alone", n)
	}
	if err := h.Warm(); err != nil {
		t.Fatal(err)
	}
	queries = m.queries.Load()
	if err := h.Warm(); err != nil || m.queries.Load() != queries {
		t.Errorf("warm already, and %d reads more (%v)", m.queries.Load()-queries, err)
	}
	get(h, "/?facet=gcap")
	if n := m.queries.Load() - queries; n != 2 {
		t.Errorf("%d reads for a warm page, want that of its list and that of the week", n)
	}
	c.now = c.now.Add(24 * time.Hour)
	m.stories["s-archivio"] = news.Story{}
	if hy := count(); hy.months["2026-01"] != 0 {
		t.Error("the past is not counted anew on the next day")
	}
}
