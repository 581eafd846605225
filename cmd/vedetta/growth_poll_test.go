package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vedetta"
	"vedetta/config"
	"vedetta/extractor"
	"vedetta/internal/cputime"
	"vedetta/news"
	"vedetta/store"
	"vedetta/topic"
)

// growthConfig is a configuration of n sources and the shipped topics.
func growthConfig(n int) []byte {
	var b bytes.Buffer
	b.WriteString("poll: {workers: 8}\nextract: {full_text: never}\nsources:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {name: Testata %d, url: \"https://testata%d.example/feed\", schedule: \"@every 15m\"}\n", i, i)
	}
	b.Write(vedetta.Feeds[bytes.Index(vedetta.Feeds, []byte("\ntopics:")):])
	return b.Bytes()
}

// growing is a daemon over a press, in a bubble of simulated time.
type growing struct {
	*service
	stop func()
}

// startGrowing runs the daemon until stop is called.
func startGrowing(t *testing.T, cfg *config.Config, press http.RoundTripper) *growing {
	t.Helper()
	d, stop := startSimulated(t, memoryDir(t), cfg, press, &watcher{changes: make(chan struct{}, 1)}, slog.New(slog.DiscardHandler))
	return &growing{service: d, stop: stop}
}

// startSimulated runs the daemon over a press without a network until stop is
// called.
func startSimulated(t *testing.T, dir string, cfg *config.Config, press http.RoundTripper, watch *watcher, log *slog.Logger) (d *service, stop func()) {
	t.Helper()
	m := newMeasures()
	s, err := store.Open(filepath.Join(dir, databaseName), store.Options{Wrote: m.counts.Wrote})
	if err != nil {
		t.Fatal(err)
	}
	d = newService(watch, "127.0.0.1:8417", s, m, log)
	d.transport = press
	now, err := d.prepare(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.serving.Store(now)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.follow(ctx, now); err != nil {
			t.Errorf("follow: %v", err)
		}
	})
	return d, func() {
		cancel()
		running.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// pass lets the daemon run for so long, and returns the processor time that it took.
func (d *growing) pass(t *testing.T, long time.Duration) time.Duration {
	t.Helper()
	synctest.Wait()
	start := cputime.Used(t)
	time.Sleep(long)
	synctest.Wait()
	return cputime.Used(t) - start
}

// page asks for a page.
func (d *service) page(t *testing.T, path string) {
	t.Helper()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %.200s", path, w.Code, w.Body)
	}
}

// growSources runs the daemon for an hour in which every source answers that
// nothing has changed.
func growSources(t *testing.T, g *growth, sizes []int) {
	for _, n := range sizes {
		text := growthConfig(n)
		reading := spent(t, func() {
			if _, err := config.Parse("feeds.yaml", text); err != nil {
				t.Fatal(err)
			}
		})
		g.add("reading feeds.yaml, a source", "µs", n, micros(reading)/float64(n))
		synctest.Test(t, func(t *testing.T) {
			press := &unchangedPress{}
			before := held()
			cfg, err := config.Parse("feeds.yaml", text)
			if err != nil {
				t.Fatal(err)
			}
			d := startGrowing(t, cfg, press)
			d.pass(t, 14*time.Minute)
			asked := press.requests.Load()
			took := d.pass(t, time.Hour)
			asked = press.requests.Load() - asked
			if asked < int64(4*n) {
				t.Fatalf("%d visits in an hour to %d sources", asked, n)
			}
			g.add("a visit that brings nothing, its schedule included", "µs", n, micros(took)/float64(asked))
			scrape := spent(t, func() { d.page(t, "/metrics") })
			g.add("a scrape of the metrics, a source", "µs", n, micros(scrape)/float64(n))
			start := cputime.Used(t)
			d.page(t, "/sources")
			g.add("the page of sources, a source", "µs", n, micros(cputime.Used(t)-start)/float64(n))
			g.add("memory, a source", "B", n, math.Max(0, held()-before)/float64(n)) // less where something else was freed meanwhile
			d.stop()
		})
	}
}

// unchangedPress has nothing in its feeds.
type unchangedPress struct{ requests atomic.Int64 }

// RoundTrip implements http.RoundTripper.
func (p *unchangedPress) RoundTrip(req *http.Request) (*http.Response, error) {
	p.requests.Add(1)
	if req.Header.Get("If-None-Match") != "" {
		return soakAnswer(req, http.StatusNotModified, "", ""), nil
	}
	resp := soakAnswer(req, http.StatusOK, "application/rss+xml", `<rss version="2.0"><channel><title>Testata</title></channel></rss>`)
	resp.Header.Set("Etag", `"1"`)
	return resp, nil
}

// manyTopics are the shipped topic, and others as large of whose terms hardly
// any occurs.
func manyTopics(t *testing.T, n int) []news.Topic {
	t.Helper()
	all := make([]news.Topic, n)
	for i := range all {
		cfg, err := config.Parse("feeds.yaml", growthConfig(1))
		if err != nil {
			t.Fatal(err)
		}
		all[i] = cfg.Topics[0]
		if i == 0 {
			continue
		}
		all[i].ID = fmt.Sprintf("tema-%d", i)
		for id, a := range all[i].Actors {
			strange := func(terms []string) []string {
				out := make([]string, len(terms))
				for j := range terms {
					out[j] = fmt.Sprintf("parola%dx%s%d rara%d", i, id, j, j)
				}
				return out
			}
			a.Terms, a.Weak, a.Own, a.Unclear, a.Not, a.People = strange(a.Terms), strange(a.Weak), nil, nil, nil, nil
			all[i].Actors[id] = a
		}
	}
	return all
}

// growTopics takes articles through the whole pipeline under ever more topics.
func growTopics(t *testing.T, g *growth, sizes []int) {
	words := &dispatches{vocabulary: newVocabulary()}
	number := 0
	articles := words.articles(200, time.Minute, &number)
	feeds := 50
	if *growthTo == "least" {
		feeds = 3
	}
	press := newGrowthPress(20)
	press.prepare(feeds, 8)
	for _, n := range sizes {
		topics := manyTopics(t, n)
		m, err := topic.Compile(topics)
		if err != nil {
			t.Fatal(err)
		}
		judging := spent(t, func() {
			for _, a := range articles {
				m.Match(a)
			}
		})
		g.add("judging an article", "µs", n, micros(judging)/float64(len(articles)))
		compiling := spent(t, func() { _, _ = topic.Compile(topics) })
		g.add("making a topic ready", "µs", n, micros(compiling)/float64(n))
		synctest.Test(t, func(t *testing.T) {
			cfg, err := config.Parse("feeds.yaml", growthConfig(feeds))
			if err != nil {
				t.Fatal(err)
			}
			cfg.Topics = topics
			press.version.Store(0)
			d := startGrowing(t, cfg, press)
			first := d.pass(t, 14*time.Minute)
			g.add("an article of a first round, all included", "µs", n, micros(first)/float64(20*feeds))
			d.pass(t, 15*time.Minute) // the same with nothing new
			changed := -8 * d.pass(t, 15*time.Minute)
			for range 8 {
				press.version.Add(1)
				changed += d.pass(t, 15*time.Minute)
			}
			g.add("an article that a visit brings, beyond one that brings nothing", "µs", n, micros(max(changed, 0))/float64(8*feeds))
			if st, err := d.store.Stats(); err != nil || st.Articles != 28*feeds {
				t.Errorf("%d articles stored, %v; %d were there", st.Articles, err, 28*feeds)
			}
			d.stop()
		})
	}
}

// growPages extracts ever larger pages.
func growPages(t *testing.T, g *growth, sizes []int) {
	x := extractor.New(nil)
	for _, kb := range sizes {
		page := news.Page{URL: "https://testata.example/articolo/1", Body: growthPage(kb << 10)}
		read := func() {
			if e := x.Extract(page, news.ExtractRule{}, "La nave è rientrata in porto"); len(e.Text) < kb<<10/20 {
				t.Fatalf("%d bytes of text of a page of %d KB", len(e.Text), kb)
			}
		}
		g.add("extracting, a KB", "µs", kb, micros(spent(t, read))/float64(kb))
		g.add("allocations, a KB", "", kb, testing.AllocsPerRun(1, read)/float64(kb))
	}
}
