package fetcher

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/news"
)

func TestLinkHeaders(t *testing.T) {
	const (
		doc  = `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title><atom:link rel="hub" href="https://documento.example/hub"/><atom:link rel="hub" href="https://secondo.example/hub"/><atom:link rel="self" href="https://documento.example/feed"/><item><title>Uno</title><link>https://a.example/1</link></item></channel></rss>`
		atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><link rel="hub" href="/hub"/><link rel="self" href="/atom"/><entry><id>x</id><title>Uno</title><link href="/1"/></entry></feed>`
		json = `{"version":"https://jsonfeed.org/version/1.1","title":"T","feed_url":"https://documento.example/json","hubs":[{"type":"rssCloud","url":"https://altro.example/"},{"type":"WebSub","url":"https://documento.example/hub"},{"type":"WebSub","url":"https://secondo.example/hub"}],"items":[{"id":"1","title":"Uno"}]}`
		page = `<!doctype html><title>Una pagina</title>`
	)
	for name, c := range map[string]struct {
		links     []string
		body      string
		hub, self string
	}{
		"document alone":         {nil, doc, "https://documento.example/hub", "https://documento.example/feed"},
		"atom, relative":         {nil, atom, "https://a.example/hub", "https://a.example/atom"},
		"JSON Feed":              {nil, json, "https://documento.example/hub", "https://documento.example/json"},
		"header first":           {[]string{`<https://h.example/hub>; rel="hub", <https://a.example/s>; rel=self`}, doc, "https://h.example/hub", "https://a.example/s"},
		"two headers":            {[]string{`<https://h.example/hub>;rel=hub`, `<https://a.example/s>;rel=self`}, json, "https://h.example/hub", "https://a.example/s"},
		"hub in the header only": {[]string{`<https://h.example/hub>; rel="hub"`}, doc, "https://h.example/hub", "https://documento.example/feed"},
		"several relations":      {[]string{`</hub>; title="a, b; c"; rel="nofollow HUB"`}, doc, "https://a.example/hub", "https://documento.example/feed"},
		"the first hub":          {[]string{`<https://h.example/1>; rel=hub, <https://h.example/2>; rel=hub`}, doc, "https://h.example/1", "https://documento.example/feed"},
		"first rel counts":       {[]string{`<https://h.example/1>; rel=next; rel=hub`}, doc, "https://documento.example/hub", "https://documento.example/feed"},
		"of another resource":    {[]string{`<https://h.example/1>; rel=hub; anchor="/altro"`}, doc, "https://documento.example/hub", "https://documento.example/feed"},
		"no address":             {[]string{`<javascript:x>; rel=hub, <file:///etc/passwd>; rel=self, <>; rel=hub, <`}, doc, "https://documento.example/hub", "https://documento.example/feed"},
		"with a password":        {[]string{`<https://io:segreto@h.example/hub>; rel=hub`}, doc, "https://h.example/hub", "https://documento.example/feed"},
	} {
		f, _ := scripted(t, map[string]reply{"/feed": func(r *http.Request) *http.Response {
			resp := respond(r, 200, c.body, "Content-Type", "application/xml")
			resp.Header["Link"] = c.links
			return resp
		}})
		_, p, err := f.Feed(t.Context(), news.Source{ID: "a", URL: site + "/feed"}, news.Poll{})
		if err != nil || p.Hub != c.hub || p.Self != c.self {
			t.Errorf("%s: hub %q, self %q, %v", name, p.Hub, p.Self, err)
		}
	}
	// A page that advertises its feed in the header only.
	f, s := scripted(t, map[string]reply{
		"/": func(r *http.Request) *http.Response {
			return respond(r, 200, page, "Content-Type", "text/html", "Link", `</feed.xml>; rel=alternate; type="application/rss+xml"`)
		},
		"/feed.xml": feedOf(),
	})
	items, _, err := f.Feed(t.Context(), news.Source{ID: "a", URL: site + "/"}, news.Poll{})
	if err != nil || len(items) != 2 {
		t.Error(len(items), err)
	}
	s.want("/, /feed.xml")
}

func TestPost(t *testing.T) {
	form := url.Values{"hub.mode": {"subscribe"}, "hub.secret": {"segreto"}}
	var got []string
	f, base := origin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.Header.Get("User-Agent") == "" || r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" {
			t.Errorf("%s %v", r.Method, r.Header)
		}
		if err := r.ParseForm(); err != nil || r.PostForm.Get("hub.secret") != "segreto" {
			t.Errorf("form %v, %v", r.PostForm, err)
		}
		got = append(got, r.URL.Path)
		switch r.URL.Path {
		case "/ok":
			w.WriteHeader(http.StatusAccepted)
		case "/moved":
			http.Redirect(w, r, "/ok", http.StatusPermanentRedirect)
		case "/found": // the form would be lost
			http.Redirect(w, r, "/ok", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
		case "/private":
			http.Redirect(w, r, "http://169.254.169.254/latest/", http.StatusTemporaryRedirect)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusTemporaryRedirect)
		case "/no":
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "topic\nnot known "+strings.Repeat("x", 1<<20))
		case "/endless":
			w.WriteHeader(http.StatusAccepted)
			for range 4 << 10 {
				if _, err := io.WriteString(w, strings.Repeat("x", 1<<10)); err != nil {
					return
				}
			}
		}
	})
	for path, c := range map[string]struct {
		want error // in its chain; nil: no error, or a refusal
		asks int
		says bool // that the hub refused
	}{
		"/ok": {nil, 1, false}, "/moved": {nil, 2, false}, "/endless": {nil, 1, false},
		"/found": {nil, 1, true}, "/no": {nil, 1, true},
		"/loop": {ErrRedirects, maxHubRedirects + 1, false}, "/private": {ErrPrivate, 1, false}, "/file": {ErrPrivate, 1, false},
	} {
		got = nil
		err := f.Post(t.Context(), base+path, form)
		_, refused := errors.AsType[*StatusError](err)
		switch {
		case refused != c.says, !refused && !errors.Is(err, c.want), len(got) != c.asks:
			t.Errorf("%s: %d requests, %v", path, len(got), err)
		case path == "/no" && (!strings.Contains(err.Error(), "topic not known") || len(err.Error()) > 300):
			t.Errorf("%s: %.400q", path, err)
		}
	}
	for _, address := range []string{"http://127.0.0.1:1/", "http://[::ffff:10.0.0.1]/", "http://2130706433/", "gopher://hub.example/", "/hub", "http://localhost/"} {
		if err := f.Post(t.Context(), address, form); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestPostWaitsItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		status := http.StatusAccepted
		f := simulated(t, 5*time.Second, func(r *http.Request) (*http.Response, error) {
			at = append(at, time.Now())
			return respond(r, status, ""), nil
		})
		for i := range 3 {
			_ = f.Post(t.Context(), fmt.Sprintf("https://hub.example/%d", i), nil)
		}
		if at[1].Sub(at[0]) < 5*time.Second || at[2].Sub(at[1]) < 5*time.Second {
			t.Errorf("asked at %v", at)
		}
		status = http.StatusTooManyRequests
		_ = f.Post(t.Context(), "https://hub.example/3", nil)
		_ = f.Post(t.Context(), "https://hub.example/4", nil)
		if at[4].Sub(at[3]) < afterLimit {
			t.Errorf("%v after a 429", at[4].Sub(at[3]))
		}
	})
}

func TestPostKeepsSecretsOnHTTPS(t *testing.T) {
	asked := 0
	f, err := New(Options{Transport: trip(func(r *http.Request) (*http.Response, error) {
		asked++
		return respond(r, 307, "", "Location", "http://hub.example/"), nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Post(t.Context(), "https://hub.example/", nil); !errors.Is(err, ErrPrivate) || asked != 1 {
		t.Errorf("%d requests, %v", asked, err)
	}
}

func TestPostIsBounded(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	f, err := New(Options{Timeout: 50 * time.Millisecond, Allow: []string{s.Listener.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Post(t.Context(), s.URL, nil); faultOf(err) != news.FaultTimeout {
		t.Errorf("%v", err)
	}
}

func TestDelivery(t *testing.T) {
	f, _ := scripted(t, nil)
	src := news.Source{ID: "a", URL: site + "/feed"}
	last := news.Poll{Configured: src.URL, Address: src.URL, ETag: `"e"`, Body: "x", Polls: 3, Gap: time.Hour, Hub: "https://hub.example/", BadGUIDs: true}
	items, next, err := f.Delivery(src, last, news.Delivery{Body: []byte(rssFeed(2, time.Now()))})
	if err != nil || len(items) != 2 || items[0].GUID != "" {
		t.Fatal(items, err)
	}
	if next.Pushed.IsZero() || next.Newest.IsZero() {
		t.Errorf("%+v", next)
	}
	next.Pushed, next.Newest = last.Pushed, last.Newest
	if fmt.Sprintf("%+v", next) != fmt.Sprintf("%+v", last) {
		t.Errorf("a delivery changed %+v to %+v", last, next)
	}
	for name, body := range map[string]string{
		"nothing": "", "a page": "<!doctype html><title>x</title>", "a thin ping": "url=https://a.example/feed", "broken": "<rss><channel><item><title>x",
		"huge": strings.Repeat("x", maxFeed+1),
	} {
		if items, next, err := f.Delivery(src, last, news.Delivery{Body: []byte(body)}); err == nil || items != nil || next.Pushed != last.Pushed {
			t.Errorf("%s: %d items, %v", name, len(items), err)
		}
	}
	if _, _, err := f.Delivery(news.Source{ID: "a", URL: site + "/altro"}, last, news.Delivery{Body: []byte(rssFeed(2, time.Now()))}); err == nil {
		t.Error("the hub was named by the feed at another address")
	}
	if _, _, err := f.Delivery(news.Source{ID: "a", Page: site}, last, news.Delivery{Body: []byte(rssFeed(2, time.Now()))}); err == nil {
		t.Error("a list of articles has no hub")
	}
}

func TestReachable(t *testing.T) {
	f, err := New(Options{Allow: []string{"127.0.0.1:8417", "10.1.0.0/16"}})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://esempio.it/vedetta": true, "http://8.8.8.8": true, "http://[2a00:1450::1]:8417": true,
		"http://127.0.0.1:8417": true, "http://10.1.2.3": true, // opened
		"http://127.0.0.1:8418": false, "http://[::1]:8417": false, "http://192.168.1.2": false, "http://169.254.1.1": false,
		"http://localhost:8417": false, "http://vedetta": false, "http://nas.local/": false, "https://vedetta.home.arpa": false,
		"http://LOCALHOST.": false, "http://0x7f.1/": false, "http://[fe80::1%25eth0]/": false, "": false, "ftp://esempio.it": false,
	} {
		if f.Reachable(address) != want {
			t.Errorf("Reachable(%q) = %v", address, !want)
		}
	}
}
