package engine

import (
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vedetta/config"
	"vedetta/extractor"
	"vedetta/fetcher"
	"vedetta/store"
)

// itemsPerFeed is what a feed of the bench holds; an item has some 3 KB.
const itemsPerFeed = 20

// benchPress serves feeds of one vocabulary and of paragraphs that all share:
// the worst that the recognition of stories can meet.
type benchPress struct {
	paragraphs []string
	version    atomic.Int64
}

func newBenchPress() *benchPress {
	r := rand.New(rand.NewPCG(3, 3))
	words := strings.Fields(`il la di del della che con per una nel non sono stato dopo prima contro verso governo ministro
		comune consiglio lavoro ospedale scuola treno strada polizia processo bilancio energia squadra teatro pioggia festival
		ponte mercato fabbrica agricoltura ricerca salute bambini turisti montagna spiaggia vino olio motore ruota finestra
		lampada tavolo cortile giardino fontana campana bottega officina quaderno lettera viaggio ritorno inverno estate
		annuncia presenta approva discute rinvia apre chiude cresce cala riparte Lecce Trento Udine Ancona Pescara Matera`)
	p := &benchPress{}
	for range 2000 {
		var b strings.Builder
		b.WriteString("<p>")
		for i := range 80 {
			w := words[r.IntN(len(words))]
			if i%16 == 0 {
				w = strings.ToUpper(w[:1]) + w[1:]
			}
			b.WriteString(w)
			if i%16 == 15 {
				b.WriteByte('.')
			}
			b.WriteByte(' ')
		}
		b.WriteString("</p>\n")
		p.paragraphs = append(p.paragraphs, b.String())
	}
	return p
}

func (p *benchPress) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := int(p.version.Load())
	tag := fmt.Sprintf("%q", fmt.Sprint(v))
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	var n int
	if _, err := fmt.Sscanf(r.URL.Path, "/%d.xml", &n); err != nil {
		http.NotFound(w, r)
		return
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Prova</title>`)
	for seq := v + itemsPerFeed; seq > v; seq-- {
		pick := rand.New(rand.NewPCG(uint64(n), uint64(seq)))
		fmt.Fprintf(&b, "<item><title>Notizia %d del foglio %d</title><link>http://%s/a/%d/%d</link><guid>%d-%d</guid><pubDate>%s</pubDate><content:encoded><![CDATA[",
			seq, n, r.Host, n, seq, n, seq, time.Date(2026, 11, 1, 6, seq*47, 0, 0, time.UTC).Format(time.RFC1123Z))
		for range 5 {
			b.WriteString(p.paragraphs[pick.IntN(len(p.paragraphs))])
		}
		b.WriteString("]]></content:encoded></item>")
	}
	b.WriteString("</channel></rss>")
	_, _ = w.Write([]byte(b.String()))
}

type benchPages struct{ *extractor.Extractor }

func (benchPages) Feed(fragment, base string) (text, html string) {
	return extractor.Feed(fragment, base)
}

// polling is a whole pipeline over a press of n feeds, pages left out.
type polling struct {
	press  *benchPress
	engine *Engine
	plan   *Plan
}

func newPolling(tb testing.TB, n int) *polling {
	tb.Helper()
	press := newBenchPress()
	b := newPollingOf(tb, n, press)
	b.press = press
	return b
}

// newPollingOf is newPolling over another press.
func newPollingOf(tb testing.TB, n int, press http.Handler) *polling {
	tb.Helper()
	b := &polling{}
	site := httptest.NewServer(press)
	tb.Cleanup(site.Close)
	host := strings.TrimPrefix(site.URL, "http://")
	var y strings.Builder
	fmt.Fprintf(&y, "poll: {per_host: 0s, workers: 8, allow: [%q]}\nextract: {full_text: never}\nsources:\n", host)
	for i := range n {
		fmt.Fprintf(&y, "  - {name: Foglio %d, url: %q}\n", i, fmt.Sprintf("%s/%d.xml", site.URL, i))
	}
	y.WriteString("topics: [{id: prova, title: Prova, actors: {nato: {label: NATO, terms: [Alleanza]}, giappone: {label: Giappone, terms: [giapponese]}}, relations: [{id: r, between: [nato, giappone]}]}]\n")
	cfg, err := config.Parse("feeds.yaml", []byte(y.String()))
	if err != nil {
		tb.Fatal(err)
	}
	f, err := fetcher.New(fetcher.Options{Allow: cfg.Poll.Allow})
	if err != nil {
		tb.Fatal(err)
	}
	s, err := store.Open(filepath.Join(tb.TempDir(), "vedetta.db"), store.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	b.engine = New(s, slog.New(slog.DiscardHandler), nil)
	if b.plan, err = NewPlan(cfg, f, benchPages{extractor.New(nil)}); err != nil {
		tb.Fatal(err)
	}
	if err := b.engine.recognise(tb.Context(), b.plan); err != nil {
		tb.Fatal(err)
	}
	return b
}

// round visits every source once and returns how many articles were new.
func (b *polling) round(tb testing.TB) (fresh int) {
	tb.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, src := range b.plan.Sources {
		wg.Go(func() {
			b.plan.slots <- struct{}{}
			free := sync.OnceFunc(func() { <-b.plan.slots })
			o := b.engine.visitNow(tb.Context(), b.plan, src, true, free)
			free()
			mu.Lock()
			defer mu.Unlock()
			fresh += o.New
			if o.Status == Failed {
				tb.Error(o.Err)
			}
		})
	}
	wg.Wait()
	return fresh
}

// BenchmarkPoll measures a round over feeds of twenty items: the first one, one
// in which nothing changed, and one in which each feed has one item more.
func BenchmarkPoll(b *testing.B) {
	feeds := 50
	if testing.Short() {
		feeds = 10
	}
	b.Run("cold", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			b.StopTimer()
			p := newPolling(b, feeds)
			b.StartTimer()
			if n := p.round(b); n != feeds*itemsPerFeed {
				b.Fatalf("%d articles stored, the feeds hold %d", n, feeds*itemsPerFeed)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*feeds*itemsPerFeed), "µs/item")
	})
	p := newPolling(b, feeds)
	p.round(b)
	b.Run("unchanged", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.round(b)
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*feeds), "µs/feed")
	})
	b.Run("one-new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.press.version.Add(1)
			if n := p.round(b); n != feeds {
				b.Fatalf("%d articles stored, %d are new", n, feeds)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*feeds), "µs/feed")
	})
}

// TestPollAllocations holds what a visit allocates, client and press together,
// within bounds a third above what was measured.
func TestPollAllocations(t *testing.T) {
	const feeds = 10
	count := func(p *polling) float64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p.round(t)
		runtime.ReadMemStats(&after)
		return float64(after.Mallocs-before.Mallocs) / feeds
	}
	// The least of a few rounds, as what other tests left running counts as well.
	cold, unchanged, changed := math.Inf(1), math.Inf(1), math.Inf(1)
	press := newBenchPress()
	for range 2 {
		p := newPollingOf(t, feeds, press)
		cold = min(cold, count(p))
		unchanged = min(unchanged, count(p))
		press.version.Add(1)
		changed = min(changed, count(p))
	}
	t.Logf("allocations a feed: cold %.0f, unchanged %.0f, one new item %.0f", cold, unchanged, changed)
	if cold > maxColdAllocs || unchanged > maxUnchangedAllocs || changed > maxChangedAllocs {
		t.Errorf("more than %d, %d, %d", maxColdAllocs, maxUnchangedAllocs, maxChangedAllocs)
	}
}

// Allocations a feed of twenty items.
const (
	maxColdAllocs      = 9_000
	maxUnchangedAllocs = 200
	maxChangedAllocs   = 1_600
)
