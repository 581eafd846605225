package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vedetta/config"
	"vedetta/news"
	"vedetta/store"
)

// press is a Fetcher and an Extractor over invented outlets. A page's body is
// its text; one that begins with "refused: " is refused.
type press struct {
	mu      sync.Mutex
	items   map[string][]news.Item // by source
	pages   map[string]string      // by address
	canon   map[string]string      // address that a page states as its own
	feeds   int                    // requests for feeds
	whole   map[string]int         // answers with the whole feed, by source
	fetched []string               // pages, in order
	fail    error                  // of every feed
	onPage  func(n int) error      // called before the n-th page is served
	ahead   atomic.Int64           // by how much the clock was set
	onFeed  func(source string)    // called before a feed is served, while others are asked
}

func (p *press) Feed(_ context.Context, src news.Source, last news.Poll) ([]news.Item, news.Poll, error) {
	if p.onFeed != nil {
		p.onFeed(src.ID)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.feeds++
	next := last
	next.Last, next.Polls = time.Now().Add(time.Duration(p.ahead.Load())), last.Polls+1
	next.Hub = "https://hub.example/" // whether it pushes is up to the exchange
	if p.fail != nil {
		next.Err, next.Failures = p.fail.Error(), last.Failures+1
		next.NotBefore = time.Now().Add(time.Hour)
		return nil, next, p.fail
	}
	next.Success, next.Err, next.Failures, next.NotBefore = next.Last, "", 0, time.Time{}
	tag := fmt.Sprintf("%q", fmt.Sprint(len(p.items[src.ID]), p.items[src.ID]))
	if tag == last.ETag {
		next.Unchanged++
		return nil, next, nil
	}
	next.ETag = tag
	p.whole[src.ID]++
	return p.items[src.ID], next, nil
}

// Done spoils the page, of which nothing may be in use.
func (p *press) Done(page news.Page) { clear(page.Body) }

func (p *press) Page(ctx context.Context, _ news.Source, address string) (news.Page, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetched = append(p.fetched, address)
	if p.onPage != nil {
		if err := p.onPage(len(p.fetched)); err != nil {
			return news.Page{}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return news.Page{}, err
	}
	body, ok := p.pages[address]
	if !ok {
		return news.Page{}, fmt.Errorf("fetch %s: 404", address)
	}
	if body == "timeout" {
		return news.Page{}, fmt.Errorf("fetch %s: %w", address, errTimeout)
	}
	return news.Page{URL: address, Body: []byte(body)}, nil
}

// Delivery reads items as JSON.
func (p *press) Delivery(_ news.Source, last news.Poll, d news.Delivery) (items []news.Item, next news.Poll, err error) {
	next = last
	next.Pushed = time.Now()
	return items, next, json.Unmarshal(d.Body, &items)
}

var errTimeout = errors.New("no answer in time")

func (p *press) Passes(err error) bool { return errors.Is(err, errTimeout) }

func (p *press) Due(sched interface{ Next(time.Time) time.Time }, _ news.Source, last news.Poll, now time.Time) time.Time {
	due := now
	if last.Last.After(now) { // the clock was set back
		last.Last = now
	}
	switch {
	case !last.Last.IsZero() && sched != nil:
		due = sched.Next(last.Last)
	case !last.Last.IsZero():
		due = last.Last.Add(10 * time.Minute)
	}
	if last.NotBefore.After(due) {
		return last.NotBefore
	}
	return due
}

func (p *press) Extract(page news.Page, _ news.ExtractRule, _ string) news.Extract {
	text := string(page.Body)
	x := news.Extract{Text: text, Method: "dom", Confidence: 1, URL: p.canon[page.URL]}
	if reason, refused := strings.CutPrefix(text, "refused: "); refused {
		x = news.Extract{Refused: reason}
	}
	return x
}

// extractor makes the press an Extractor; Feed is taken by the Fetcher.
type pressExtractor struct{ *press }

func (pressExtractor) Feed(fragment, _ string) (text, html string) { return fragment, fragment }

// rig is an engine over a real store and an invented press.
type rig struct {
	*Engine
	press *press
	store *store.Store
	plan  *Plan
}

const topics = `
topics:
  - id: patto
    title: Patto
    actors:
      nato:     {label: NATO, terms: [NATO, "Alleanza atlantica"]}
      giappone: {label: Giappone, terms: [Giappone, giapponese, Tokyo]}
    relations:
      - {id: nato-giappone, label: "NATO–Giappone", between: [nato, giappone]}
`

const twoSources = `
poll: {per_host: 0s, workers: 4}
sources:
  - {name: Alfa, url: "https://alfa.example/feed"}
  - {name: Beta, url: "https://beta.example/feed"}
`

func newRig(t *testing.T, sources string) *rig {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "vedetta.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	r := &rig{store: s, press: &press{items: map[string][]news.Item{}, pages: map[string]string{}, canon: map[string]string{}, whole: map[string]int{}}}
	r.Engine = New(s, slog.New(slog.DiscardHandler), nil)
	r.plan = r.newPlan(t, sources, topics)
	return r
}

func (r *rig) newPlan(t *testing.T, sources, topics string) *Plan {
	t.Helper()
	cfg, err := config.Parse("feeds.yaml", []byte(sources+topics))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(cfg, r.press, pressExtractor{r.press})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// round polls every source once.
func (r *rig) round(t *testing.T) map[string]Outcome {
	t.Helper()
	outcomes, err := r.Round(t.Context(), r.plan, true, func(Outcome) {})
	if err != nil {
		t.Fatal(err)
	}
	m := make(map[string]Outcome)
	for _, o := range outcomes {
		m[o.Source] = o
	}
	return m
}

// archive returns what is stored, by title.
func (r *rig) archive(t *testing.T) map[string]news.Article {
	t.Helper()
	m := make(map[string]news.Article)
	err := r.store.Since(time.Time{}, func(a news.Article) error {
		if _, twice := m[a.Title]; twice {
			t.Errorf("%q is stored twice", a.Title)
		}
		m[a.Title] = a
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// item publishes an article on a source, its text on its page only.
func (r *rig) item(source, slug, title, text string) news.Item {
	it := news.Item{
		Source: source, GUID: slug, URL: "https://" + source + ".example/" + slug, Title: title,
		Summary: title + "…", Published: time.Now().Add(-time.Hour),
	}
	r.press.mu.Lock()
	defer r.press.mu.Unlock()
	r.press.items[source] = append(r.press.items[source], it)
	r.press.pages[it.URL] = text
	return it
}

// prosa is Italian text of some length that is about nothing in particular,
// different for each n.
func prosa(n int) string {
	var b strings.Builder
	for i := range 12 {
		fmt.Fprintf(&b, "Il consiglio numero %d ha discusso la pratica %d del registro %d senza giungere a una decisione. ", n, n*31+i, n*17+i*7)
	}
	return b.String()
}
