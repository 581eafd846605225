package publish

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vedetta/news"

	"github.com/andybalholm/brotli"
)

const topicFeed = "/feeds/nato-giappone-italia.atom"

func TestRoutes(t *testing.T) {
	h := handler(t, fixture(t))
	for _, tt := range []struct {
		path   string
		status int
		ctype  string // prefix
	}{
		{"/", 200, "text/html"},
		{"/?facet=gcap", 200, "text/html"},
		{"/?facet=near-misses", 200, "text/html"},
		{"/?topic=nato-giappone-italia&facet=gcap", 200, "text/html"},
		{"/?month=2026-02", 200, "text/html"},
		{"/?before=2026-03-01", 200, "text/html"},
		{"/?month=2019-02", 200, "text/html"},
		{"/?utm_source=altrove", 200, "text/html"},
		{"/?month=duemila", 400, "text/html"},
		{"/?before=2026-13-40", 400, "text/html"},
		{"/?facet=nessuna", 404, "text/html"},
		{"/?topic=nessuno", 404, "text/html"},
		{"/stories/s-vertice", 200, "text/html"},
		{"/stories/s-quasi", 200, "text/html"},
		{"/stories/s-fuori", 200, "text/html"},
		{"/stories/s-vertice/a-vertice-c1", 200, "text/html"},
		{"/stories/s-vertice/a-vertice-c0", 200, "text/html"},
		{"/stories/s-vertice/a-vertice", 404, "text/html"},
		{"/stories/s-vertice/", 301, ""},
		{"/stories/s-vecchia", 301, ""},
		{"/stories/s-mai-vista", 404, "text/html"},
		{"/stories/..%2f..%2fetc", 404, "text/html"},
		{"/stories", 404, "text/html"},
		{"/threads/s-vertice", 200, "text/html"},
		{"/threads/s-gcap", 301, ""},
		{"/threads/s-mai-vista", 404, "text/html"},
		{"/sources", 200, "text/html"},
		{"/subscribe", 200, "text/html"},
		{topicFeed, 200, "application/atom+xml"},
		{topicFeed + "?limit=1", 200, "application/atom+xml"},
		{topicFeed + "?limit=0", 400, "text/html"},
		{topicFeed + "?limit=molti", 400, "text/html"},
		{"/feeds/nato-giappone-italia.rss", 200, "application/rss+xml"},
		{"/feeds/nato-giappone-italia.json", 200, "application/feed+json"},
		{"/feeds/nato-giappone-italia/gcap.atom", 200, "application/atom+xml"},
		{"/feeds/nato-giappone-italia/near-misses.rss", 200, "application/rss+xml"},
		{"/feeds/nato-giappone-italia/archive/2026-02.atom", 200, "application/atom+xml"},
		{"/feeds/nato-giappone-italia/gcap/archive/2026-01.atom", 200, "application/atom+xml"},
		{"/feeds/nato-giappone-italia/archive/2019-01.atom", 404, "text/html"},
		{"/feeds/nato-giappone-italia/archive/2026-02.rss", 404, "text/html"},
		{"/feeds/nato-giappone-italia/archive/marzo.atom", 404, "text/html"},
		{"/feeds/nato-giappone-italia.xml", 404, "text/html"},
		{"/feeds/nato-giappone-italia", 404, "text/html"},
		{"/feeds/altro.atom", 404, "text/html"},
		{"/feeds/nato-giappone-italia/altro.atom", 404, "text/html"},
		{"/feeds/nato-giappone-italia/gcap/altro.atom", 404, "text/html"},
		{"/feeds/", 404, "text/html"},
		{"/feeds.opml", 200, "text/x-opml"},
		{"/sources.opml", 200, "text/x-opml"},
		{"/sources.atom", 200, "application/atom+xml"},
		{"/favicon.svg", 200, "image/svg+xml"},
		{"/favicon.ico", 200, "image/svg+xml"},
		{"/robots.txt", 200, "text/plain"},
		{"/healthz", 200, "text/plain"},
		{"/readyz", 200, "text/plain"},
		{"/metrics", 404, "text/html"},
		{h.assets["style.css"].path, 200, "text/css"},
		{"/assets/style.css", 404, "text/html"},
	} {
		w := get(h, tt.path, "Accept", "text/html")
		if w.Code != tt.status || !strings.HasPrefix(w.Header().Get("Content-Type"), tt.ctype) {
			t.Errorf("%s: %d %q, want %d %q", tt.path, w.Code, w.Header().Get("Content-Type"), tt.status, tt.ctype)
		}
		if w.Header().Get("Cache-Control") == "" || w.Header().Get("X-Content-Type-Options") == "" && tt.status != 301 {
			t.Errorf("%s: no Cache-Control or X-Content-Type-Options", tt.path)
		}
		checkHead(t, h, tt.path, w)
	}
}

// checkHead asks for the head only and expects what GET gave, without a body.
func checkHead(t *testing.T, h http.Handler, path string, got *httptest.ResponseRecorder) {
	t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodHead, path, nil)
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != got.Code || w.Header().Get("Content-Length") != got.Header().Get("Content-Length") || w.Header().Get("ETag") != got.Header().Get("ETag") {
		t.Errorf("HEAD %s: %d %v", path, w.Code, w.Header())
	}
}

func TestMerged(t *testing.T) {
	h := handler(t, fixture(t), func(s *Site) { s.BaseURL = "https://esempio.example/vedetta" })
	for path, want := range map[string]string{
		"/stories/s-vecchia":         "/vedetta/stories/s-vertice",
		"/vedetta/stories/s-vecchia": "/vedetta/stories/s-vertice",
		"/threads/s-gcap":            "/vedetta/stories/s-gcap",
	} {
		if got := get(h, path).Header().Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}

func TestMethods(t *testing.T) {
	h := handler(t, fixture(t))
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "PROPFIND"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), method, "/", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
}

// TestBasePath serves a site under a path, as a proxy leaves it in the request
// or takes it out.
func TestBasePath(t *testing.T) {
	h := handler(t, fixture(t), func(s *Site) { s.BaseURL = "https://esempio.example/vedetta/" })
	for _, path := range []string{"/vedetta", "/vedetta/", "/", "/vedetta/sources", "/vedetta" + topicFeed, topicFeed, "/vedetta/healthz"} {
		if w := get(h, path); w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := get(h, "/vedettaltro"); w.Code != http.StatusNotFound {
		t.Errorf("/vedettaltro: %d", w.Code)
	}
	page := get(h, "/").Body.String()
	for _, want := range []string{`href="/vedetta/stories/s-vertice"`, `href="/vedetta/assets/style-`, `href="https://esempio.example/vedetta/feeds/nato-giappone-italia.atom"`} {
		if !strings.Contains(page, want) {
			t.Errorf("page has no %s", want)
		}
	}
	if strings.Contains(page, `href="/stories`) {
		t.Error("page has a link outside the base path")
	}
}

func TestConditional(t *testing.T) {
	m := fixture(t)
	h := handler(t, m)
	full := get(h, topicFeed)
	etag, modified := full.Header().Get("ETag"), full.Header().Get("Last-Modified")
	zipped := get(h, topicFeed, "Accept-Encoding", "gzip").Header().Get("ETag")
	if etag == "" || modified == "" || zipped == etag {
		t.Fatalf("validators %q %q, of gzip %q", etag, modified, zipped)
	}
	early := "Wed, 11 Mar 2026 17:29:59 GMT"
	for name, tt := range map[string]struct {
		headers []string
		want    int
	}{
		"own tag":                  {[]string{"If-None-Match", etag}, 304},
		"weakened by a proxy":      {[]string{"If-None-Match", "W/" + etag}, 304},
		"tag of another encoding":  {[]string{"If-None-Match", zipped}, 304},
		"in a list":                {[]string{"If-None-Match", `"a", ` + etag + `, "b"`}, 304},
		"any":                      {[]string{"If-None-Match", "*"}, 304},
		"another":                  {[]string{"If-None-Match", `"a"`}, 200},
		"without quotes":           {[]string{"If-None-Match", strings.Trim(etag, `"`)}, 200},
		"tag with a tail":          {[]string{"If-None-Match", `"` + strings.Trim(etag, `"`) + `x"`}, 200},
		"date":                     {[]string{"If-Modified-Since", modified}, 304},
		"later date":               {[]string{"If-Modified-Since", "Thu, 12 Mar 2026 00:00:00 GMT"}, 304},
		"earlier date":             {[]string{"If-Modified-Since", early}, 200},
		"no date":                  {[]string{"If-Modified-Since", "ieri"}, 200},
		"another tag, same date":   {[]string{"If-None-Match", `"a"`, "If-Modified-Since", modified}, 200},
		"same tag, earlier date":   {[]string{"If-None-Match", etag, "If-Modified-Since", early}, 304},
		"neither":                  {nil, 200},
		"gzip tag, gzip asked for": {[]string{"If-None-Match", zipped, "Accept-Encoding", "gzip"}, 304},
	} {
		w := get(h, topicFeed, tt.headers...)
		if w.Code != tt.want {
			t.Errorf("%s: %d, want %d", name, w.Code, tt.want)
		}
		if w.Code != http.StatusNotModified {
			continue
		}
		if w.Body.Len() > 0 || w.Header().Get("Content-Length") != "" || w.Header().Get("ETag") == "" || w.Header().Get("Cache-Control") == "" || w.Header().Get("Vary") == "" {
			t.Errorf("%s: 304 with body %d, headers %v", name, w.Body.Len(), w.Header())
		}
	}
}

func TestEncodings(t *testing.T) {
	h := handler(t, fixture(t))
	want := get(h, topicFeed).Body.Bytes()
	for accept, enc := range map[string]string{
		"gzip": "gzip", "gzip, deflate": "gzip", "gzip, deflate, br, zstd": "br", "br;q=0, gzip": "gzip", "gzip;q=0": "",
		"identity": "", "": "", "GZIP": "gzip", "x-gzip": "gzip", "br;q=0.5": "br", "*;q=0": "",
	} {
		w := get(h, topicFeed, "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding"); got != enc {
			t.Errorf("%q: encoding %q, want %q", accept, got, enc)
			continue
		}
		var r io.Reader = w.Body
		switch enc {
		case "gzip":
			z, err := gzip.NewReader(r)
			if err != nil {
				t.Fatal(err)
			}
			r = z
		case "br":
			r = brotli.NewReader(r)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q: %d bytes, %v; want %d", accept, len(got), err, len(want))
		}
	}
	if w := get(h, "/robots.txt", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Error("a few bytes were compressed")
	}
}

// TestListsOutlastPolls expects a list to be built for what it lists, not for
// each poll, but to tell of the first one.
func TestListsOutlastPolls(t *testing.T) {
	m := newMemory()
	h := handler(t, m)
	if page := get(h, "/").Body.String(); !strings.Contains(page, "per la prima volta") {
		t.Errorf("before the first poll:\n%s", page)
	}
	m.polls["rotte"] = news.Poll{Success: fixtureNow(t)}
	m.polled.Add(1)
	if page := get(h, "/").Body.String(); !strings.Contains(page, "Le fonti sono state lette") {
		t.Errorf("after the first poll:\n%s", page)
	}
	built := m.queries.Load()
	m.polled.Add(1)
	get(h, "/")
	if got := m.queries.Load(); got != built {
		t.Errorf("%d reads after a poll that brought nothing", got-built)
	}
	m.add(told{id: "nuova", source: "rotte", hours: 1, score: 0.9, title: "*Italia*"}, fixtureNow(t))
	m.revision.Add(1)
	if page := get(h, "/").Body.String(); !strings.Contains(page, "s-nuova") {
		t.Error("the new story is not there")
	}
}

// TestRevisions expects one build a revision, validators that stand while the
// content does, and pages built anew after midnight.
func TestRevisions(t *testing.T) {
	m := fixture(t)
	h := handler(t, m)
	first := get(h, topicFeed)
	built := m.queries.Load()
	for range 20 {
		get(h, topicFeed)
		get(h, topicFeed, "Accept-Encoding", "gzip")
	}
	if got := m.queries.Load(); got != built {
		t.Errorf("%d reads for answers from the cache", got-built)
	}

	m.polled.Add(1)
	get(h, topicFeed)
	if got := m.queries.Load(); got != built {
		t.Errorf("%d reads after a commit that the feed says nothing of", got-built)
	}

	m.revision.Add(1)
	later := fixtureNow(t).Add(time.Hour)
	h.now = func() time.Time { return later }
	same := get(h, topicFeed)
	if m.queries.Load() == built {
		t.Error("not built anew after a commit")
	}
	for _, name := range []string{"ETag", "Last-Modified"} {
		if a, b := first.Header().Get(name), same.Header().Get(name); a != b {
			t.Errorf("%s of the same content went from %s to %s", name, a, b)
		}
	}

	a := m.articles["a-gcap"]
	a.Title = "Un altro titolo"
	m.articles["a-gcap"] = a
	m.revision.Add(1)
	other := get(h, topicFeed)
	if other.Header().Get("ETag") == first.Header().Get("ETag") || other.Header().Get("Last-Modified") == first.Header().Get("Last-Modified") {
		t.Error("validators stand although the content changed")
	}
	if w := get(h, topicFeed, "If-Modified-Since", first.Header().Get("Last-Modified")); w.Code != http.StatusOK {
		t.Errorf("old date after a change: %d", w.Code)
	}

	if page := get(h, "/").Body.String(); !strings.Contains(page, "Oggi, mercoledì 11 marzo") {
		t.Error("no heading for today")
	}
	h.now = func() time.Time { return later.AddDate(0, 0, 1) }
	if page := get(h, "/").Body.String(); !strings.Contains(page, "Ieri, mercoledì 11 marzo") || strings.Contains(page, "Oggi, mercoledì 11") {
		t.Error("page kept over midnight")
	}
}

// TestTogether asks for one document from many sides at once.
func TestTogether(t *testing.T) {
	m := fixture(t)
	h := handler(t, m)
	get(h, "/feeds/nato-giappone-italia.rss")
	cost := m.queries.Load()
	m.queries.Store(0)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if w := get(h, topicFeed, "Accept-Encoding", "gzip"); w.Code != http.StatusOK {
				t.Errorf("status %d", w.Code)
			}
		})
	}
	wg.Wait()
	if got := m.queries.Load(); got != cost {
		t.Errorf("%d reads for one document, want %d", got, cost)
	}
}

func TestEviction(t *testing.T) {
	h := handler(t, fixture(t), func(s *Site) { s.Limits.CacheBytes = 100_000 })
	for range 3 {
		for _, p := range []string{topicFeed, "/", "/sources", "/subscribe", "/stories/s-vertice", "/stories/s-gcap", "/feeds/nato-giappone-italia.json", "/feeds/nato-giappone-italia.rss"} {
			if w := get(h, p, "Accept-Encoding", "br"); w.Code != http.StatusOK {
				t.Fatalf("%s: %d", p, w.Code)
			}
		}
	}
	var total int64
	for _, s := range h.cache.slots {
		total += s.cur.Load().body.size.Load()
	}
	if n := len(h.cache.slots); total > 150_000 || n == 0 {
		t.Errorf("%d bytes in %d slots", total, n)
	}
	get(h, "/stories/s-mai-vista")
	for name := range h.cache.slots {
		if strings.Contains(name, "mai-vista") {
			t.Error("a missing page holds a slot")
		}
	}
}

func TestBrokenStore(t *testing.T) {
	m := fixture(t)
	m.broken = errors.New("disk on fire")
	h := handler(t, m)
	w := get(h, topicFeed)
	if w.Code != http.StatusInternalServerError || w.Header().Get("Cache-Control") != "no-store" || strings.Contains(w.Body.String(), "fire") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	m.broken = nil
	good := get(h, topicFeed)
	if good.Code != http.StatusOK {
		t.Errorf("after the store came back: %d", good.Code)
	}
	m.broken = errors.New("disk on fire again")
	m.revision.Add(1)
	if w := get(h, topicFeed); w.Code != http.StatusOK || w.Header().Get("ETag") != good.Header().Get("ETag") {
		t.Errorf("with an older body at hand: %d", w.Code)
	}
}

func TestReady(t *testing.T) {
	status := http.StatusOK
	h := handler(t, fixture(t), func(s *Site) {
		s.Ready = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "no source read for 3h")
		})
		s.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "vedetta_up 1\n") })
	})
	if w := get(h, "/readyz"); w.Code != http.StatusOK {
		t.Errorf("ready: %d", w.Code)
	}
	status = http.StatusServiceUnavailable
	if w := get(h, "/readyz"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "3h") {
		t.Errorf("not ready: %d %s", w.Code, w.Body)
	}
	if w := get(h, "/healthz"); w.Code != http.StatusOK {
		t.Errorf("alive: %d", w.Code)
	}
	if w := get(h, "/metrics"); w.Body.String() != "vedetta_up 1\n" {
		t.Errorf("metrics: %s", w.Body)
	}
}

func TestNew(t *testing.T) {
	relation := func(id string) []news.Topic {
		return []news.Topic{{ID: "t", Relations: []news.Relation{{ID: id}}}}
	}
	for name, tt := range map[string]struct {
		site Site
		ok   bool
	}{
		"empty":            {Site{}, true},
		"base without URL": {Site{BaseURL: "esempio.it/vedetta"}, false},
		"base of a file":   {Site{BaseURL: "file:///srv"}, false},
		"hub without URL":  {Site{Hub: "hub.example"}, false},
		"odd topic":        {Site{Topics: []news.Topic{{ID: "a/b"}}}, false},
		"odd relation":     {Site{Topics: relation("../x")}, false},
		"taken relation":   {Site{Topics: relation("near-misses")}, false},
		"good relation":    {Site{Topics: relation("gcap")}, true},
		"disabled topic":   {Site{Topics: []news.Topic{{ID: "a/b", Disabled: true}}}, true},
	} {
		_, err := New(newMemory(), tt.site, nil)
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEmpty serves a site on its first day, and one without a configuration.
func TestEmpty(t *testing.T) {
	bare := func(s *Site) { *s = Site{} }
	for name, tt := range map[string]struct {
		change func(*Site)
		path   string
		want   string
	}{
		"first day":   {func(*Site) {}, "/", "Ancora nessuna notizia"},
		"no filter":   {func(*Site) {}, "/?facet=gcap", "Nessuna notizia con questo filtro"},
		"no topic":    {bare, "/", "Nessun tema"},
		"no sources":  {bare, "/sources", "Nessuna fonte"},
		"no feeds":    {bare, "/subscribe", "Nessun tema"},
		"not read":    {func(*Site) {}, "/sources", "da leggere"},
		"empty feed":  {func(*Site) {}, topicFeed, "</feed>"},
		"empty RSS":   {func(*Site) {}, "/feeds/nato-giappone-italia.rss", "</rss>"},
		"empty JSON":  {func(*Site) {}, "/feeds/nato-giappone-italia.json", `"items": []`},
		"no trouble":  {func(*Site) {}, "/sources.atom", "</feed>"},
		"bare health": {bare, "/sources.opml", "<body></body>"},
	} {
		h := handler(t, newMemory(), tt.change)
		if w := get(h, tt.path); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d, no %q in\n%s", name, w.Code, tt.want, w.Body)
		}
	}
}
