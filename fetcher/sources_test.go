package fetcher

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

func TestList(t *testing.T) {
	page := `<!doctype html><html lang="it"><head><meta charset="utf-8"><base href="/comunicati/"></head><body>
<nav><a href="/">Inicio</a></nav>
<div class="scheda"><a href="2026/uno.html"><img src="/foto/uno.jpg" alt=""></a><h3><a href="2026/uno.html">Incontro
 a Roma</a></h3><p class="data">Roma, 15 gennaio 2026</p><p class="testo">I ministri &amp; le delegazioni.</p></div>
<div class="scheda"><h3><a href="https://altrove.example/due">Secondo incontro</a></h3><time datetime="2026-01-14T10:00:00+01:00">ieri</time></div>
<div class="scheda"><h3><a href="2026/uno.html">Ripetuto</a></h3></div>
<div class="scheda"><h3>Senza rinvio</h3></div>
<div class="scheda"><a href="javascript:void(0)">Cattivo</a></div>
</body></html>`
	src := news.Source{ID: "ministero", List: news.ListRule{Item: "div.scheda", Link: "h3 a", Title: "h3", Date: ".data, time", Summary: ".testo"}}
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	items, err := parseList(src, []byte(page), "text/html", "https://ministero.example/x", now)
	if err != nil {
		t.Fatal(err)
	}
	want := []news.Item{
		{
			Source: "ministero", URL: "https://ministero.example/comunicati/2026/uno.html", Title: "Incontro a Roma", Lang: "it",
			Summary: "<p>I ministri &amp; le delegazioni.</p>", Image: "https://ministero.example/foto/uno.jpg",
			Published: time.Date(2026, 1, 14, 23, 0, 0, 0, time.UTC),
		},
		{
			Source: "ministero", URL: "https://altrove.example/due", Title: "Secondo incontro", Lang: "it",
			Published: time.Date(2026, 1, 14, 9, 0, 0, 0, time.UTC),
		},
	}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for name, rule := range map[string]news.ListRule{"nothing matches": {Item: ".nulla"}, "bad selector": {Item: "div["}} {
		src.List = rule
		if items, err := parseList(src, []byte(page), "text/html", "https://ministero.example/x", now); err == nil {
			t.Errorf("%s: %v", name, items)
		}
	}
	src.List = news.ListRule{}
	plain := `<article><h2>Titolo</h2><a href="/a"><img src=x></a></article><article><a href="/b">Secondo</a></article>`
	items, err = parseList(src, []byte(plain), "", "https://ministero.example/x", now)
	if err != nil || len(items) != 2 || items[0].Title != "Titolo" || items[1].Title != "Secondo" {
		t.Errorf("defaults: %v, %v", items, err)
	}
}

func TestSitemap(t *testing.T) {
	asked := []string{}
	f, base := origin(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		w.Header().Set("Content-Type", "application/xml")
		switch r.URL.Path {
		case "/index.xml":
			fmt.Fprintf(w, `<?xml version="1.0"?><sitemapindex><sitemap><loc>/vecchia.xml</loc><lastmod>2025-01-01</lastmod></sitemap>
<sitemap><loc>http://%s/nuova.xml</loc><lastmod>2026-01-15T10:00:00Z</lastmod></sitemap><sitemap><loc>/media.xml</loc><lastmod>2025-06-01</lastmod></sitemap></sitemapindex>`, r.Host)
		case "/nuova.xml":
			fmt.Fprint(w, `<urlset xmlns:news="n" xmlns:image="i"><url><loc>/uno</loc><lastmod>2026-01-15T11:00:00+01:00</lastmod><news:news><news:publication><news:name>Gazzetta</news:name><news:language>it</news:language></news:publication><news:publication_date>2026-01-15T10:00:00+01:00</news:publication_date><news:title>Uno &amp;amp; due</news:title><news:keywords>mare, difesa</news:keywords></news:news><image:image><image:loc>/foto.jpg</image:loc></image:image></url><url><loc>/chi-siamo</loc></url></urlset>`)
		default:
			fmt.Fprint(w, `<urlset><url><loc>/due</loc><news:news><news:title>Due</news:title></news:news></url></urlset>`)
		}
	})
	items, _, err := f.Feed(t.Context(), news.Source{ID: "gazzetta", Sitemap: base + "/index.xml"}, news.Poll{})
	if err != nil || len(items) != 2 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	want := news.Item{
		Source: "gazzetta", URL: base + "/uno", Title: "Uno & due", Lang: "it", Image: base + "/foto.jpg",
		Categories: []string{"mare", "difesa"},
		Published:  time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC), Updated: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, items[0]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := strings.Join(asked, " "); got != "/index.xml /nuova.xml /media.xml" {
		t.Errorf("asked %s", got)
	}
}

func TestBotWallsAreNamed(t *testing.T) {
	tests := map[string]struct {
		status int
		header []string
		body   string
		want   string
	}{
		"Cloudflare by header":    {403, []string{"Cf-Mitigated", "challenge"}, "", "Cloudflare"},
		"Cloudflare by title":     {503, nil, "<html><title>Just a moment...</title>", "Cloudflare"},
		"Cloudflare answering OK": {200, []string{"Content-Type", "text/html"}, `<html><script src="/cdn-cgi/challenge-platform/h/b/x.js">`, "Cloudflare"},
		"DataDome":                {403, []string{"X-Datadome", "protected"}, "", "DataDome"},
		"DataDome by body":        {403, nil, `<script src="https://ct.captcha-delivery.com/c.js">`, "DataDome"},
		"Imperva":                 {403, nil, "Request unsuccessful. Incapsula incident ID: 1", "Imperva"},
		"AWS":                     {202, []string{"X-Amzn-Waf-Action", "challenge"}, "", "AWS WAF"},
		"Akamai":                  {403, []string{"Server", "AkamaiGHost"}, "<h1>Access Denied</h1>", "Akamai"},
		"Anubis":                  {200, []string{"Content-Type", "text/html"}, "<html><title>Making sure you&#39;re not a bot!</title>", "Anubis"},
		"plain 403":               {403, nil, "Forbidden", ""},
		"plain 503":               {503, nil, "Manutenzione", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := simulated(t, 0, func(r *http.Request) (*http.Response, error) {
				return respond(r, tt.status, tt.body, tt.header...), nil
			})
			_, next, err := f.Feed(t.Context(), news.Source{ID: "a", URL: "https://a.example/feed"}, news.Poll{})
			status, ok := errors.AsType[*StatusError](err)
			if !ok || status.Blocked != tt.want || status.Code != tt.status {
				t.Errorf("%v", err)
			}
			if (next.Fault == news.FaultBlocked) != (tt.want != "") {
				t.Errorf("fault %q", next.Fault)
			}
		})
	}
	f := simulated(t, 0, func(r *http.Request) (*http.Response, error) {
		return respond(r, 200, strings.Replace(rssFeed(1, time.Now()), "Testo", "Parliamo di captcha-delivery.com", 1)), nil
	})
	if _, _, err := f.Feed(t.Context(), news.Source{ID: "a", URL: "https://a.example/feed"}, news.Poll{}); err != nil {
		t.Errorf("a feed that speaks of walls: %v", err)
	}
}
