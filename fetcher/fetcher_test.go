package fetcher

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vedetta/news"
)

// rssFeed is a feed with n items, newest first, published an hour apart before at.
func rssFeed(n int, at time.Time) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>La Gazzetta del Porto</title><link>https://gazzetta.example/</link>`)
	for i := range n {
		fmt.Fprintf(&b, `<item><title>Notizia %d</title><link>https://gazzetta.example/%d</link><guid>n-%d</guid><pubDate>%s</pubDate><description>Testo della notizia.</description></item>`,
			n-i, n-i, n-i, at.Add(-time.Duration(i)*time.Hour).UTC().Format(time.RFC1123Z))
	}
	b.WriteString(`</channel></rss>`)
	return b.String()
}

// patience is the timeout of fetchers that no test waits for: longer than a busy
// machine takes to answer itself.
const patience = 5 * time.Minute

// origin is a server, and a fetcher that may ask it.
func origin(t *testing.T, h http.HandlerFunc) (*Fetcher, string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	f, err := New(Options{Version: "1.2.3", Contact: "https://vedetta.example/", Allow: []string{s.Listener.Addr().String()}, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.CloseIdleConnections)
	return f, s.URL
}

func TestConditionalRequests(t *testing.T) {
	const tag, date = `W/"a b;ç`, "Thu, 01 Jan 26 10:00 CET"
	requests := 0
	f, base := origin(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		for _, name := range []string{"Cookie", "Referer"} {
			if r.Header.Get(name) != "" {
				t.Errorf("sent %s", name)
			}
		}
		if got := r.Header.Get("User-Agent"); got != "Vedetta/1.2.3 (+https://vedetta.example/)" {
			t.Errorf("User-Agent %q", got)
		}
		switch requests {
		case 1:
			if r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "" {
				t.Error("made up a validator")
			}
			w.Header().Set("Etag", tag)
			w.Header().Set("Last-Modified", date)
			w.Header().Add("Set-Cookie", "a=b")
			fmt.Fprint(w, rssFeed(3, time.Now()))
		case 2:
			if got := r.Header.Get("If-None-Match"); got != tag {
				t.Errorf("If-None-Match %q, want %q", got, tag)
			}
			if got := r.Header.Get("If-Modified-Since"); got != date {
				t.Errorf("If-Modified-Since %q, want %q", got, date)
			}
			w.Header().Set("Etag", `"nuovo"`)
			w.WriteHeader(http.StatusNotModified)
		case 3:
			if got := r.Header.Get("If-None-Match"); got != `"nuovo"` {
				t.Errorf("If-None-Match %q after a 304 that changed it", got)
			}
			fmt.Fprint(w, rssFeed(4, time.Now())) // no validators any more
		case 4:
			if r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "" {
				t.Error("kept a validator that the site dropped")
			}
			fmt.Fprint(w, rssFeed(4, time.Now()))
		}
	})
	src, last := news.Source{ID: "gazzetta", URL: base + "/feed"}, news.Poll{}
	for i, want := range []int{3, 0, 4, 4} {
		items, next, err := f.Feed(t.Context(), src, last)
		if err != nil || len(items) != want && i < 3 {
			t.Fatalf("visit %d: %d items, want %d, %v", i+1, len(items), want, err)
		}
		if (items == nil) != (want == 0) && i < 3 {
			t.Errorf("visit %d: items %v", i+1, items)
		}
		last = next
	}
	if last.Polls != 4 || last.Unchanged < 1 {
		t.Errorf("counted %d polls, %d unchanged", last.Polls, last.Unchanged)
	}
}

func TestFailureKeepsValidators(t *testing.T) {
	bodies := []string{rssFeed(2, time.Now()), "", "<rss><channel><item><title>Prima</title><link>https://a.example/1</link></item><item><title>Sec"}
	n := 0
	f, base := origin(t, func(w http.ResponseWriter, r *http.Request) {
		if n > 0 && r.Header.Get("If-None-Match") != `"0"` {
			t.Errorf("request %d: If-None-Match %q", n, r.Header.Get("If-None-Match"))
		}
		w.Header().Set("Etag", fmt.Sprintf(`"%d"`, n))
		fmt.Fprint(w, bodies[n])
		n++
	})
	src := news.Source{ID: "a", URL: base}
	_, last, err := f.Feed(t.Context(), src, news.Poll{})
	if err != nil {
		t.Fatal(err)
	}
	_, last, err = f.Feed(t.Context(), src, last)
	if !errors.Is(err, ErrNotFeed) || last.Failures != 1 || last.ETag != `"0"` || last.Fault != news.FaultFormat {
		t.Errorf("empty body: %v, %+v", err, last)
	}
	items, last, err := f.Feed(t.Context(), src, last)
	if err != nil || len(items) != 1 || last.ETag != `"0"` || last.Failures != 0 {
		t.Errorf("truncated feed: %d items, %v, %+v", len(items), err, last)
	}
}

func TestGzip(t *testing.T) {
	f, base := origin(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("did not offer gzip")
		}
		w.Header().Set("Content-Encoding", "gzip")
		zw := gzip.NewWriter(w)
		fmt.Fprint(zw, rssFeed(2, time.Now()))
		_ = zw.Close()
	})
	items, _, err := f.Feed(t.Context(), news.Source{ID: "a", URL: base}, news.Poll{})
	if err != nil || len(items) != 2 {
		t.Errorf("%d items, %v", len(items), err)
	}
}

func TestCancellationIsOurs(t *testing.T) {
	f, base := origin(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	last := news.Poll{ETag: `"x"`, Configured: base}
	_, next, err := f.Feed(ctx, news.Source{ID: "a", URL: base}, last)
	if !errors.Is(err, context.Canceled) || next.Failures != 0 || next.ETag != `"x"` {
		t.Errorf("%v, %+v", err, next)
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	f, err := New(Options{Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{
		"http://127.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/",
		"http://[64:ff9b::7f00:1]/", "http://[fe80::1%25lo]/", "http://0.0.0.0/", "file:///etc/passwd", "gopher://a/", "http:///x", "http://[2002:7f00:1::]/",
		"http://localhost/", "ftp://a.example/feed", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://127.0.0.1./",
	} {
		_, next, err := f.Feed(t.Context(), news.Source{ID: address, URL: address}, news.Poll{})
		if !errors.Is(err, ErrPrivate) || next.Fault != news.FaultAddress {
			t.Errorf("%s: %v (%s)", address, err, next.Fault)
		}
	}
}

func TestHTMLIsAnsweredWithItsFeed(t *testing.T) {
	paths := []string{}
	f, base := origin(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		if r.URL.Path == "/feed.xml" {
			fmt.Fprint(w, rssFeed(2, time.Now()))
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/comments/feed" title="Commenti"><link rel=alternate type=application/rss+xml href=/feed.xml></head><body>…</body></html>`)
	})
	src := news.Source{ID: "a", URL: base + "/"}
	items, last, err := f.Feed(t.Context(), src, news.Poll{})
	if err != nil || len(items) != 2 || last.Found != base+"/feed.xml" {
		t.Fatalf("%d items, %v, found %q", len(items), err, last.Found)
	}
	if _, _, err = f.Feed(t.Context(), src, last); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(paths, " "); got != "/ /feed.xml /feed.xml" {
		t.Errorf("asked %s", got)
	}
}

func TestPageHonoursRobots(t *testing.T) {
	asked := map[string]int{}
	f, base := origin(t, func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++
		if r.URL.Path == "/robots.txt" {
			fmt.Fprint(w, "Disallow: /ignored-before-agent\nUser-agent: *\nCrawl-delay: x\nDisallow: /privato\n\nUser-agent: Vedetta/2\nDisallow: /chiuso/\n")
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<p>pagina</p>")
	})
	src := news.Source{ID: "a", URL: base}
	for path, want := range map[string]error{"/aperto": nil, "/chiuso/x": ErrRobots, "/privato": nil} {
		page, err := f.Page(t.Context(), src, base+path)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
		if err == nil && (string(page.Body) != "<p>pagina</p>" || page.URL != base+path) {
			t.Errorf("%s: %+v", path, page)
		}
	}
	if asked["/robots.txt"] != 1 || asked["/chiuso/x"] != 0 {
		t.Errorf("asked %v", asked)
	}
}
