package fetcher

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"vedetta/internal/cputime"
	"vedetta/news"
	"vedetta/newsroom"
)

// pressSite serves the newsroom and returns a fetcher that may ask it.
func pressSite(t *testing.T) (*newsroom.Newsroom, *Fetcher) {
	t.Helper()
	var room *newsroom.Newsroom
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { room.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	room = newsroom.New(srv.URL, time.Now)
	f, err := New(Options{Allow: []string{strings.TrimPrefix(srv.URL, "http://")}})
	if err != nil {
		t.Fatal(err)
	}
	return room, f
}

func TestLookFindsTheFeedOfEachOutlet(t *testing.T) {
	room, f := pressSite(t)
	for _, src := range room.Sources() {
		if src.URL == "" {
			continue
		}
		t.Run(src.ID, func(t *testing.T) {
			for _, address := range []string{src.Site, src.URL} {
				front, err := f.Look(t.Context(), address)
				if err != nil {
					t.Fatal(err)
				}
				if len(front.Feeds) != 1 || front.Feeds[0].Source.URL != src.URL {
					t.Fatalf("%s: found %+v, want %s", address, front.Feeds, src.URL)
				}
				w, err := f.Try(t.Context(), front.Feeds[0])
				if err != nil || len(w.Items) == 0 || w.Source.Name != src.Name {
					t.Errorf("%s: %d items of %q, %v; want %q", address, len(w.Items), w.Source.Name, err, src.Name)
				}
			}
		})
	}
}

func TestListsReadTheMinistry(t *testing.T) {
	room, f := pressSite(t)
	var src news.Source
	for _, s := range room.Sources() {
		if s.Page != "" {
			src = s
		}
	}
	truth := map[string]newsroom.Article{}
	for _, a := range room.Articles() {
		if a.Outlet == src.ID {
			truth[a.URL] = a
		}
	}
	front, err := f.Look(t.Context(), src.Page)
	if err != nil || len(front.Feeds) != 0 {
		t.Fatalf("%+v, %v", front, err)
	}
	if maps, err := f.Sitemaps(t.Context(), front); err != nil || len(maps) != 0 {
		t.Fatalf("sitemaps %v, %v", maps, err)
	}
	ways, err := f.Lists(t.Context(), front)
	if err != nil {
		t.Fatal(err)
	}
	if len(ways[0].Items) != len(truth) {
		t.Errorf("%d items, want %d", len(ways[0].Items), len(truth))
	}
	for _, it := range ways[0].Items {
		a, ok := truth[it.URL]
		if !ok || it.Title != a.Title {
			t.Errorf("%s is %q, want %q", it.URL, it.Title, a.Title)
		}
		rome := zoneOf("it")
		if got, want := it.Published.In(rome).Format(time.DateOnly), a.Published.In(rome).Format(time.DateOnly); got != want {
			t.Errorf("%s of %s, want %s", it.Title, got, want)
		}
	}
	// What the proposal found is what a poll by it finds.
	items, _, err := f.Feed(t.Context(), ways[0].Source, news.Poll{})
	if err != nil || len(items) != len(truth) {
		t.Errorf("a poll brings %d items, %v", len(items), err)
	}
	t.Logf("%+v", ways[0].Source.List)
}

// TestLists reads testdata/propose/*.txtar: a page and the rules that are
// proposed for it, with how many items each finds and the first of them.
func TestLists(t *testing.T) {
	files, err := filepath.Glob("testdata/propose/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			front := &Front{Address: "https://sito.example/notizie/", body: a.Files[0].Data, kind: "text/html; charset=utf-8"}
			front.readPage()
			got := describe(front)
			if os.Getenv("UPDATE") != "" {
				a.Files = []txtar.File{a.Files[0], {Name: "want", Data: []byte(got)}}
				if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// describe says what a page offers.
func describe(front *Front) string {
	var b strings.Builder
	fmt.Fprintf(&b, "name %s\n", front.Name)
	for _, w := range front.Feeds {
		fmt.Fprintf(&b, "feed %s %s\n", w.Source.URL, w.Label)
	}
	ways, err := front.lists(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Fprintf(&b, "none: %v\n", err)
	}
	for _, w := range ways {
		l := w.Source.List
		fmt.Fprintf(&b, "item %s | link %s | title %s | date %s\n", l.Item, l.Link, l.Title, l.Date)
		dated := 0
		for _, it := range w.Items {
			if !it.Published.IsZero() {
				dated++
			}
		}
		first := w.Items[0]
		fmt.Fprintf(&b, "  %d items, %d dated: %s | %s | %s\n", len(w.Items), dated, first.Title, first.URL, first.Published.In(zoneOf("it")).Format(time.DateOnly))
	}
	return b.String()
}

func TestSitemapsOfRobots(t *testing.T) {
	const urls = `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>BASE/a</loc><news:news><news:publication_date>2026-11-20T10:00:00Z</news:publication_date><news:title>Uno</news:title></news:news></url></urlset>`
	pages := map[string]string{
		"/robots.txt":         "User-agent: *\nDisallow: /privato/\nSitemap: BASE/pagine.xml\nsitemap : BASE/indice-news.xml # per i motori\nSitemap: BASE/manca-news.xml\n",
		"/pagine.xml":         `<urlset><url><loc>BASE/chi-siamo</loc></url></urlset>`,
		"/indice-news.xml":    `<sitemapindex><sitemap><loc>BASE/altro.xml</loc></sitemap><sitemap><loc>BASE/mappa/news-1.xml</loc></sitemap></sitemapindex>`,
		"/mappa/news-1.xml":   urls,
		"/":                   `<!doctype html><html lang="it"><title>Il Faro - Home</title><p>Nulla.</html>`,
		"/privato/index.html": `<!doctype html><title>Privato</title>`,
	}
	asked := map[string]int{}
	var base string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++
		body, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = fmt.Fprint(w, strings.ReplaceAll(body, "BASE", base))
	}))
	defer srv.Close()
	base = srv.URL
	f, err := New(Options{Allow: []string{strings.TrimPrefix(base, "http://")}})
	if err != nil {
		t.Fatal(err)
	}
	front, err := f.Look(t.Context(), base+"/")
	if err != nil || front.Name != "Il Faro" {
		t.Fatalf("%+v, %v", front, err)
	}
	ways, err := f.Sitemaps(t.Context(), front)
	if err != nil || len(ways) != 1 || ways[0].Source.Sitemap != base+"/mappa/news-1.xml" || ways[0].Items[0].Title != "Uno" || ways[0].Source.Name != "Il Faro" {
		t.Fatalf("%+v, %v", ways, err)
	}
	if _, err := f.Lists(t.Context(), front); !errors.Is(err, ErrNotFeed) {
		t.Errorf("lists: %v", err)
	}
	if front, err = f.Look(t.Context(), base+"/privato/index.html"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Lists(t.Context(), front); !errors.Is(err, ErrRobots) {
		t.Errorf("lists of a closed page: %v", err)
	}
	if asked["/robots.txt"] != 1 || asked["/pagine.xml"] != 0 || asked["/altro.xml"] != 0 {
		t.Errorf("asked %v", asked)
	}
	if front, err = f.Look(t.Context(), base+"/mappa/news-1.xml"); err != nil || len(front.Feeds) != 1 || front.Feeds[0].Source.Sitemap == "" {
		t.Errorf("a sitemap's own address: %+v, %v", front, err)
	}
}

func TestFeedsOfLinkHeaders(t *testing.T) {
	front := &Front{Address: "https://sito.example/a/", body: []byte("<html><title>Il Faro</title>"), kind: "text/html"}
	front.readPage(`</wp-json/>; rel="https://api.w.org/", <../feed.xml>; title="Tutto, o quasi"; type="application/rss+xml"; rel="home alternate"`,
		`<https://sito.example/en>; rel=alternate; hreflang=en, <javascript:x>; rel=alternate; type=application/rss+xml`, `<`)
	if len(front.Feeds) != 1 || front.Feeds[0].Source.URL != "https://sito.example/feed.xml" || front.Feeds[0].Label != "Tutto, o quasi" {
		t.Errorf("found %+v", front.Feeds)
	}
}

func TestSiteName(t *testing.T) {
	for title, want := range map[string]string{
		"Il Faro":                          "Il Faro",
		"Il Faro » Feed":                   "Il Faro",
		"Feed RSS di Il Faro":              "Il Faro",
		"Home - Il Faro | Home Page":       "Il Faro",
		"Il Faro – Ultime notizie":         "Il Faro",
		"Homeland: rivista":                "Homeland: rivista",
		"RSS":                              "",
		" Agenzia \n Vespera - RSS ":       "Agenzia Vespera",
		strings.Repeat("lungo ", 40):       strings.TrimSpace(strings.Repeat("lungo ", 40)[:80]),
		"Comunicati - Ministero inventato": "Comunicati - Ministero inventato",
	} {
		if got := siteName(title); got != want {
			t.Errorf("%q is %q, want %q", title, got, want)
		}
	}
}

func FuzzLists(f *testing.F) {
	files, err := filepath.Glob("testdata/propose/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		front := &Front{Address: "https://sito.example/notizie/", body: body, kind: "text/html"}
		front.readPage()
		ways, err := front.lists(now)
		if err != nil {
			return
		}
		for _, w := range ways {
			items, err := parseList(w.Source, body, front.kind, front.Address, now)
			if err != nil || len(items) < minListed {
				t.Fatalf("%+v finds %d items, %v", w.Source.List, len(items), err)
			}
		}
	})
}

// TestHostilePagesCostLittle gives pages at the limits of a list's and made to
// have many candidates.
func TestHostilePagesCostLittle(t *testing.T) {
	link := `<a href="/%d">Un titolo di parole a sufficienza</a><i>1.1.2026</i>`
	var spread, classes, nested strings.Builder
	for i := range 5_000 {
		fmt.Fprintf(&spread, `<div class="c%c%c">`+link+`</div>`, 'a'+i/250%26, 'a'+i/6500%26, i)
	}
	for i := range 1_500 {
		fmt.Fprintf(&classes, `<p class="a%[1]c b%[1]c c%[1]c d%[1]c e%[1]c f%[1]c g%[1]c h%[1]c">`+link+`</p>`, 'a'+i/100, i)
	}
	for range 60 {
		nested.WriteString(strings.Repeat(`<div class="x"><time>`, 100) + fmt.Sprintf(link, 1) + strings.Repeat(`</time></div>`, 100))
	}
	for name, page := range map[string]string{"spread": spread.String(), "classes": classes.String(), "nested": nested.String()} {
		t.Run(name, func(t *testing.T) {
			start := cputime.Used(t)
			front := &Front{Address: "https://sito.example/", body: []byte("<html><body>" + page), kind: "text/html"}
			front.readPage()
			ways, err := front.lists(time.Now())
			took := cputime.Used(t) - start
			t.Logf("%d kB: %v, %d ways, %v", len(page)>>10, took.Round(time.Millisecond), len(ways), err)
			if most := allowance(t, hostileMost, len(page)); took > most {
				t.Errorf("took %v; want at most %v", took, most)
			}
		})
	}
}
