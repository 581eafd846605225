//go:build !race

package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/extractor"
	"vedetta/fetcher"
	"vedetta/news"
	"vedetta/store"
	"vedetta/story"
	"vedetta/topic"
)

// TestAllocations holds what the paths that are taken most allocate to what was
// measured, and a little more. Whoever makes a path allocate less lowers its number
// (-v shows them all). It is left out with the race detector, which makes pools
// forget.
func TestAllocations(t *testing.T) {
	press := newGrowthPress(20)
	for _, path := range []struct {
		name string
		was  float64 // allocations
		run  func(t *testing.T) float64
	}{
		{"reading a feed of 20 items", 2326, func(t *testing.T) float64 {
			body := pressFeed(t, press)
			return testing.AllocsPerRun(20, func() {
				if items, _, err := fetcher.ParseFeed(news.Source{ID: "a"}, body, "", "https://testata0.example/feed", time.Now()); err != nil || len(items) != 20 {
					t.Fatal(len(items), err)
				}
			})
		}},
		{"extracting a page of 65 KB", 1198, func(t *testing.T) float64 {
			x, page := extractor.New(nil), news.Page{URL: "https://testata.example/1", Body: growthPage(65 << 10)}
			return testing.AllocsPerRun(10, func() {
				if e := x.Extract(page, news.ExtractRule{}, ""); e.Text == "" {
					t.Fatal(e.Refused)
				}
			})
		}},
		{"reading an article of a feed", 2, func(*testing.T) float64 {
			text := "<p>La nave è <em>rientrata</em> in porto: l’equipaggio è stato accolto dalle famiglie.</p>\n"
			return testing.AllocsPerRun(50, func() { extractor.Feed(text, "https://testata.example/1") })
		}},
		{"judging 100 articles", 2939, func(t *testing.T) float64 {
			m, err := topic.Compile(manyTopics(t, 1))
			if err != nil {
				t.Fatal(err)
			}
			number := 0
			as := (&dispatches{vocabulary: newVocabulary()}).articles(100, time.Hour, &number)
			return testing.AllocsPerRun(5, func() {
				for _, a := range as {
					m.Match(a)
				}
			})
		}},
		{"placing 1000 articles", 267_052, func(*testing.T) float64 {
			number := 0
			as := (&dispatches{vocabulary: newVocabulary()}).articles(1000, time.Hour, &number)
			return testing.AllocsPerRun(1, func() {
				x := story.NewIndex(story.Options{})
				for i := range as {
					x.Apply(x.Place(as[i : i+1]))
				}
			})
		}},
		{"a visit that brings nothing", 63, func(t *testing.T) float64 { return unchangedAllocations(t) }},
		{"a feed from the cache", 1, func(t *testing.T) float64 {
			return servedAllocations(t, "")
		}},
		{"an answer that nothing has changed", 1, func(t *testing.T) float64 {
			return servedAllocations(t, "If-None-Match")
		}},
	} {
		t.Run(path.name, func(t *testing.T) {
			n := path.run(t)
			t.Logf("%.0f allocations; %.0f when it was measured", n, path.was)
			if n > path.was*1.15 {
				t.Errorf("%.0f allocations, %.0f before", n, path.was)
			}
		})
	}
}

// pressFeed is a press's first feed.
func pressFeed(t *testing.T, press *growthPress) []byte {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://testata0.example/feed", nil)
	resp, err := press.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// unchangedAllocations is what a visit allocates of which the site says that
// nothing has changed, its answer included.
func unchangedAllocations(t *testing.T) float64 {
	const sources = 20
	cfg, err := config.Parse("feeds.yaml", growthConfig(sources))
	if err != nil {
		t.Fatal(err)
	}
	f, err := fetcher.New(fetcher.Options{Transport: &unchangedPress{}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(filepath.Join(t.TempDir(), databaseName), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	p, err := newPlan(cfg, f)
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(s, slog.New(slog.DiscardHandler), nil)
	return testing.AllocsPerRun(20, func() {
		if _, err := e.Round(t.Context(), p, true, func(o engine.Outcome) {
			if o.Status == engine.Failed {
				t.Error(o.Err)
			}
		}); err != nil {
			t.Error(err)
		}
	}) / sources
}

// servedAllocations is what an answer from the cache allocates, the request's
// own left out.
func servedAllocations(t *testing.T, condition string) float64 {
	path := filepath.Join(t.TempDir(), databaseName)
	d, stop := serveOn(t, path)
	defer stop()
	if err := d.store.Commit(oneMore(1, always("Poi altre righe."))); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, feedPath, nil)
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	if condition != "" {
		r.Header.Set(condition, w.Header().Get("ETag"))
	}
	return testing.AllocsPerRun(100, func() {
		clear(w.Header())
		w.Body.Reset()
		d.ServeHTTP(w, r)
	})
}
