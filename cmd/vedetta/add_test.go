package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"vedetta"
	"vedetta/config"
	"vedetta/fetcher"
	"vedetta/news"
	"vedetta/newsroom"
)

// addWorld is the newsroom and a feeds.yaml that knows none of its outlets.
func addWorld(t *testing.T) (room *newsroom.Newsroom, path string) {
	t.Helper()
	press := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { room.ServeHTTP(w, r) }))
	t.Cleanup(press.Close)
	now := time.Now() // stands still: nothing appears between two looks
	room = newsroom.New(press.URL, func() time.Time { return now })
	return room, addConfig(t, press.URL)
}

// addConfig is a feeds.yaml with one source and the topics that ship.
func addConfig(t *testing.T, allowed string) string {
	t.Helper()
	topics := bytes.Index(vedetta.Feeds, []byte("\ntopics:"))
	return write(t, "feeds.yaml", fmt.Sprintf(`poll: {per_host: 0s, allow: [%q]}

sources:
  # the first
  - name: Prima
    url: https://prima.example/feed/
    tags: [difesa, istituzioni]

  # Known, but without an address: Seconda.
%s`, strings.TrimPrefix(allowed, "http://"), vedetta.Feeds[topics:]))
}

func TestAddEachOutlet(t *testing.T) {
	room, path := addWorld(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	truth := map[string]newsroom.Article{}
	for _, a := range room.Articles() {
		truth[a.URL] = a
	}
	for _, src := range room.Sources() {
		address := src.Site
		if src.URL == "" {
			address = src.Page
		}
		code, out, stderr := vedettaRun(t, "", "add", "--yes", "--json", "--config", path, "--tag", "prova", address)
		if code != exitDone {
			t.Fatalf("%s: exit %d, %s", src.ID, code, stderr)
		}
		var r addReport
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		if !r.Added || r.Source.URL != src.URL || r.Source.Page != src.Page || len(r.Preview) != previewed || r.Items == 0 || r.Dated != r.Items {
			t.Errorf("%s: %+v", src.ID, r)
		}
		if r.Source.Kind != src.Kind && (src.Kind == news.Institution || src.Kind == news.Agency) && src.ID != "quadrante" {
			t.Errorf("%s is taken for %q", src.ID, r.Source.Kind)
		}
		for _, p := range r.Preview {
			a, ok := truth[p.URL]
			if !ok {
				t.Errorf("%s: no article has the address %s", src.ID, p.URL)
				continue
			}
			if len(p.Topics) != 1 || p.Characters == 0 || p.Begins == "" || a.Label != "borderline" && p.Topics[0].On != a.On {
				t.Errorf("%s: %+v, want on=%v", src.ID, p, a.On)
			}
		}
	}
	cfg, err := config.Load(path)
	if err != nil || len(cfg.Sources) != 1+len(room.Sources()) {
		t.Fatalf("%d sources, %v", len(cfg.Sources), err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, tail, _ := bytes.Cut(before, []byte("\n  # Known"))
	if !bytes.HasPrefix(after, head) || !bytes.HasSuffix(after, tail) {
		t.Error("the rest of the file changed")
	}
	for _, src := range room.Sources() {
		code, _, stderr := vedettaRun(t, "", "add", "--yes", "--config", path, src.URL+src.Page)
		if code != exitFailed || !strings.Contains(stderr, path+":") || !strings.Contains(stderr, "is there already") {
			t.Errorf("%s twice: exit %d, %s", src.ID, code, stderr)
		}
	}
}

func TestAddWithoutATerminalShowsAndLeaves(t *testing.T) {
	room, path := addWorld(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var ministry news.Source
	for _, s := range room.Sources() {
		if s.Page != "" {
			ministry = s
		}
	}
	code, out, stderr := vedettaRun(t, "s\n", "add", "--config", path, ministry.Page)
	if code != exitFailed || !strings.Contains(stderr, "nothing was added to "+path) || !strings.Contains(stderr, "--yes") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	for _, want := range []string{
		"articles are listed on the page", "item div.asset-abstract", "date span.metadata",
		"line 8:\n\n  - name: Ministero della Difesa (sala stampa inventata)", "    kind: institution", "    list: {item: \"div.asset-abstract\"",
		"nato-giappone-italia: ", ", score 0.", "characters, from the page",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not shown:\n%s", want, out)
		}
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, before) {
		t.Errorf("the file changed: %v", err)
	}
}

// site serves pages; "BASE" in them is its address.
func site(t *testing.T, pages map[string]string) string {
	t.Helper()
	var base string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = fmt.Fprint(w, strings.ReplaceAll(body, "BASE", base))
	}))
	t.Cleanup(srv.Close)
	base = srv.URL
	return base
}

func feedOf(name string) string {
	return `<rss version="2.0"><channel><title>` + name + `</title><item><title>Uno</title><link>BASE/uno</link><pubDate>Fri, 20 Nov 2026 10:00:00 +0100</pubDate><description>Testo del primo articolo.</description></item></channel></rss>`
}

const severalFeeds = `<!doctype html><html lang="it"><head><title>Il Faro</title>
<link rel="alternate" type="application/rss+xml" title="Commenti" href="/comments/feed/">
<link rel="alternate" type="application/rss+xml" title="Difesa" href="/category/difesa/feed/">
<link rel="alternate" type="application/rss+xml" title="Tutto" href="/feed/">
</head><body><p>Nulla.</p></body></html>`

func TestAddAmongSeveralFeeds(t *testing.T) {
	base := site(t, map[string]string{
		"/": severalFeeds, "/feed/": feedOf("Il Faro"), "/category/difesa/feed/": feedOf("Difesa - Il Faro"), "/comments/feed/": feedOf("Commenti"),
	})
	for name, c := range map[string]struct {
		flags []string
		want  string
		code  int
	}{
		"most general":  {nil, base + "/feed/", exitDone},
		"the second":    {[]string{"--feed", "2"}, base + "/category/difesa/feed/", exitDone},
		"not so many":   {[]string{"--feed", "4"}, "", exitUsage},
		"less than one": {[]string{"--feed", "-1"}, "", exitUsage},
		"name is taken": {[]string{"--name", "prima"}, "", exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			path := addConfig(t, base)
			code, out, stderr := vedettaRun(t, "", append([]string{"add", "--yes", "--config", path, base + "/"}, c.flags...)...)
			cfg, err := config.Load(path)
			if err != nil || code != c.code {
				t.Fatalf("exit %d, %s, %v", code, stderr, err)
			}
			last := cfg.Sources[len(cfg.Sources)-1]
			if c.code == exitDone && (last.URL != c.want || !strings.Contains(out, "names 3 feeds") || !strings.Contains(out, "Added: "+path+":")) {
				t.Errorf("added %+v\n%s", last, out)
			}
			if c.code != exitDone && len(cfg.Sources) != 1 {
				t.Errorf("added %+v", last)
			}
		})
	}
}

func TestAddGoesOnWhereAFeedIsBroken(t *testing.T) {
	base := site(t, map[string]string{
		"/": severalFeeds, "/feed/": "<p>Errore</p>", "/category/difesa/feed/": feedOf("Difesa"),
		"/mappa":      `<!doctype html><html><head><title>Il Faro</title><link rel="alternate" type="application/rss+xml" href="/manca"></head></html>`,
		"/robots.txt": "Sitemap: BASE/news.xml",
		"/news.xml":   `<urlset xmlns:news="n"><url><loc>BASE/uno</loc><news:news><news:publication_date>2026-11-20</news:publication_date><news:title>Uno</news:title></news:news></url></urlset>`,
	})
	path := addConfig(t, base)
	code, out, stderr := vedettaRun(t, "", "add", "--yes", "--config", path, base+"/")
	if code != exitDone || !strings.Contains(out, "url: "+base+"/category/difesa/feed/") || !strings.Contains(out, "note: feed "+base+"/feed/") {
		t.Errorf("exit %d, %s\n%s", code, stderr, out)
	}
	code, out, stderr = vedettaRun(t, "", "add", "--yes", "--config", path, "--name", "Il Faro: mappa", base+"/mappa")
	if code != exitDone || !strings.Contains(out, "sitemap: "+base+"/news.xml") || !strings.Contains(out, `name: "Il Faro: mappa"`) {
		t.Errorf("exit %d, %s\n%s", code, stderr, out)
	}
}

func TestAddSaysWhatIsWrong(t *testing.T) {
	base := site(t, map[string]string{"/": `<!doctype html><title>Vuoto</title><p>Nulla.</p>`, "/testo": "solo testo"})
	path := addConfig(t, base)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no address":      {[]string{"www.esempio.it"}, exitUsage, `write https://www.esempio.it`},
		"another scheme":  {[]string{"ftp://esempio.it/"}, exitUsage, "is no web address"},
		"nothing there":   {[]string{base + "/manca"}, exitFailed, "HTTP 404 Not Found; look for the address in a browser"},
		"private":         {[]string{"http://127.0.0.1:1/"}, exitFailed, "poll.allow"},
		"neither":         {[]string{base + "/testo"}, exitFailed, "nor a page"},
		"an empty page":   {[]string{base + "/"}, exitFailed, "nothing on the page looks like a list of articles"},
		"there already":   {[]string{"http://www.prima.example/feed"}, exitFailed, path + ":5:5: sources[0]: the address"},
		"no file":         {[]string{"--config", "/nowhere/feeds.yaml", base}, exitUsage, "does not exist"},
		"nothing to find": {nil, exitUsage, "accepts 1 arg"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := vedettaRun(t, "", append([]string{"add", "--yes", "--config", path}, c.args...)...)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("exit %d, %s; want %d with %q", code, stderr, c.code, c.want)
			}
		})
	}
}

func TestAddAsks(t *testing.T) {
	base := site(t, map[string]string{"/": severalFeeds, "/feed/": feedOf("Il Faro"), "/category/difesa/feed/": feedOf("Difesa - Il Faro")})
	for name, c := range map[string]struct {
		answers string
		want    string // address added; "" for none
	}{
		"the first, yes": {"\ny\n", base + "/feed/"},
		"the second, sì": {"x\n7\n2\nsì\n", base + "/category/difesa/feed/"},
		"no":             {"\nn\n", ""},
		"nothing":        {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := addConfig(t, base)
			cfg, err := config.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			f, err := newFetcher(cfg.Poll, nil)
			if err != nil {
				t.Fatal(err)
			}
			var out, notes bytes.Buffer
			ad := adder{path: path, cfg: cfg, fetch: f, out: &out, notes: &notes, in: bufio.NewReader(strings.NewReader(c.answers)), mayAsk: true}
			err = ad.add(t.Context(), base+"/")
			if (err == nil) != (c.want != "") {
				t.Errorf("error %v", err)
			}
			if !strings.Contains(notes.String(), "Which feed? [1] ") || !strings.Contains(notes.String(), "Add it? [y/N] ") {
				t.Errorf("asked %q", notes.String())
			}
			cfg, err = config.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := cfg.Sources[len(cfg.Sources)-1].URL; c.want != "" && got != c.want || c.want == "" && len(cfg.Sources) != 1 {
				t.Errorf("added %s, want %s", got, c.want)
			}
		})
	}
}

func TestAddFromAHostileOrForeignSite(t *testing.T) {
	base := site(t, map[string]string{
		"/esc":   `{"version": "https://jsonfeed.org/version/1.1", "title": "Il \u001b[31mFaro\u202e: \"x\" # y", "items": [{"id": "1", "url": "BASE/uno", "title": "Uno\u001b]0;x\u0007", "content_text": "Testo \u001b[2J."}]}`,
		"/nihon": strings.ReplaceAll(feedOf("産経新聞"), "Uno", "一"),
	})
	path := addConfig(t, base)
	for address, want := range map[string]string{"/esc": `Il [31mFaro: "x" # y`, "/nihon": "産経新聞"} {
		code, out, stderr := vedettaRun(t, "", "add", "--yes", "--config", path, base+address)
		if code != exitDone || strings.ContainsAny(out+stderr, "\x1b\x07\u202e") {
			t.Errorf("exit %d, %q, %q", code, out, stderr)
		}
		cfg, err := config.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := cfg.Sources[len(cfg.Sources)-1]; got.Name != want {
			t.Errorf("added %+v, want %q", got, want)
		}
	}
}

func TestKindAndTagsWhereEvident(t *testing.T) {
	for _, c := range []struct {
		name, host string
		want       news.Kind
	}{
		{"Ministero della Difesa", "difesa.example", news.Institution},
		{"Comunicati", "www.esteri.it", news.Institution},
		{"NATO Allied Command", "ac.nato.int", news.Institution},
		{"Agenzia Vespera", "vespera.example", news.Agency},
		{"Quadrante – agenzia di stampa", "q.example", news.Agency},
		{"Google News", "news.google.com", news.Aggregator},
		{"Agitazioni", "agitazioni.example", ""},
		{"Analisi Difesa", "analisidifesa.it", ""},
	} {
		if got := kindOf(c.name, c.host); got != c.want {
			t.Errorf("%s at %s is %q, want %q", c.name, c.host, got, c.want)
		}
	}
	ad := adder{cfg: &config.Config{Sources: []config.Source{{Source: news.Source{Tags: []string{"difesa", "esteri", "cyber"}}}}}}
	items := []news.Item{{Categories: []string{"Esteri", "NATO"}}, {Categories: []string{"esteri"}}, {}}
	s := ad.describe(fetcher.Way{Source: news.Source{Name: "Rotta Difesa", URL: "https://rotta.example/feed"}, Items: items})
	if got := strings.Join(s.Tags, " "); got != "difesa esteri" {
		t.Errorf("tags %q", got)
	}
}
