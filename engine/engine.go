// Package engine polls each source when it is due and takes what it finds
// through the pipeline: fetch, extract, judge, place in a story, commit.
//
// It is the only package that knows all stages, and it knows fetcher,
// extractor and store by small interfaces only. It does not fetch, parse or
// write anything itself.
package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"vedetta/news"
)

// Fetcher is what the engine needs of package fetcher.
type Fetcher interface {
	// Feed returns a source's items, or none when nothing changed, and what
	// to remember of the visit; the latter also with an error.
	Feed(ctx context.Context, src news.Source, last news.Poll) ([]news.Item, news.Poll, error)
	Page(ctx context.Context, src news.Source, address string) (news.Page, error)
	// Done takes back the memory of a page's body, which nobody reads any more.
	Done(page news.Page)
	// Passes reports whether a failure of Page is worth another try later.
	Passes(err error) bool
	// Due says when a source is to be asked next. A nil schedule leaves the
	// rhythm to the source's own.
	Due(sched interface{ Next(time.Time) time.Time }, src news.Source, last news.Poll, now time.Time) time.Time
	// Delivery reads what the source's hub sent, as Feed does an answer.
	Delivery(src news.Source, last news.Poll, d news.Delivery) ([]news.Item, news.Poll, error)
}

// Hubs is what the engine needs of package websub.
type Hubs interface {
	// Pushes reports whether the source, of which last is known, need be asked
	// only once a day because its hub brings what is new.
	Pushes(source string, last news.Poll) bool
	// Polled tells of a poll that brought an answer: what was known before
	// and now, and how many items the hub should have brought and had not.
	Polled(source string, last, next news.Poll, missed int)
	Deliveries() <-chan news.Delivery
}

// Extractor is what the engine needs of package extractor. Both are pure.
type Extractor interface {
	Extract(page news.Page, rule news.ExtractRule, title string) news.Extract
	Feed(fragment, base string) (text, html string)
}

// Store is what the engine needs of package store.
type Store interface {
	Poll(source string) (news.Poll, error)
	Backlog(source string) ([]news.Item, error)
	Known(keys []string) (map[string]news.Sighting, error)
	Articles(ids ...string) ([]news.Article, error)
	Story(id string) (news.Story, error)
	Thread(id string) (news.Thread, error)
	Commit(vs ...news.Visit) error
	// Note writes what a visit that brought nothing learned of its source,
	// perhaps only with the next Commit or Flush.
	Note(source string, p news.Poll) error
	Flush() error
	// Arrivals is Since without what an index of stories has no need of.
	Arrivals(since time.Time, f func(news.Article) error) error
	Settled(stories []string) ([]news.Story, []news.Thread, error)
	// Mark tells what is stored of articles, stories and threads from what was
	// at any other time.
	Mark() (string, error)
	Since(t time.Time, f func(news.Article) error) error
	Rejudge(verdicts map[string][]news.Verdict) error
	Prune(textBefore time.Time) (int, error)
	Setting(name string) (string, error)
	SetSetting(name, value string) error
}

// Engine lives as long as the process; what depends on the configuration is
// in the Plan.
type Engine struct {
	store    Store
	log      *slog.Logger
	observer Observer
	clock    *wallClock

	mu          sync.Mutex // one writer: place, commit, remember
	recognition *recognition
	held        []news.Delivery // not read yet when the last plan ended

	behind func(work func()) // does what keeps a processor busy

	snapshot string // file in which the index of stories is kept; "" for none

	scheduleMu sync.Mutex             // guards schedule
	schedule   map[string]Appointment // by source

	waiting    group                 // what was read and is to be committed
	lastCommit atomic.Pointer[error] // how the latest write went; nil before the first

	turns sync.Map // source → *sync.Mutex: one visit or delivery of a source at a time
}

// New returns an engine over a store. The observer may be nil.
func New(s Store, log *slog.Logger, o Observer) *Engine {
	if o == nil {
		o = unobserved{}
	}
	return &Engine{store: s, log: log, observer: o, clock: newWallClock(), schedule: map[string]Appointment{}, behind: func(work func()) { work() }}
}

// ReadBehind has the engine do what keeps a processor busy, as reading articles
// and placing them, by run, which returns when the work is done. It is called
// before anything else.
func (e *Engine) ReadBehind(run func(work func())) { e.behind = run }

// Run follows the plan's sources until stop is closed or ctx ends. Closing
// stop lets the polls under way finish what they have begun to read; the end
// of ctx cuts them off. What they had not committed is fetched another time.
func (e *Engine) Run(ctx context.Context, stop <-chan struct{}, p *Plan) error {
	waits, err := e.begin(p)
	if err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var wg sync.WaitGroup
	if !waits {
		// Sources are asked meanwhile; what they bring waits for its place.
		wg.Go(func() {
			if err := e.prepare(ctx, stop, p); err != nil && !errors.Is(err, errNotAwaited) {
				fail(err)
			}
		})
	}
	wg.Go(func() { e.clock.watch(ctx, stop) })
	wg.Go(func() { e.doze(ctx, stop) })
	wg.Go(func() { e.follow(ctx, stop, p) })
	if p.hubs != nil {
		wg.Go(func() { e.receive(ctx, stop, p) })
	}
	wg.Go(func() {
		e.behind(func() { e.rejudgeIfChanged(ctx, stop, p) })
	})
	wg.Go(func() { e.tidy(ctx, stop, p) })
	wg.Go(func() { e.flush(ctx, stop) })
	wg.Wait()
	if err := context.Cause(ctx); errors.Is(err, errStore) {
		return err
	}
	return nil
}

// storyWindow is for how long an article can be joined by later ones: a
// reprint may be weeks late.
const storyWindow = 60 * 24 * time.Hour

// Pulse returns once the engine has shown that it can do what every visit
// needs: take its turn as the one writer and read the store. It waits while
// the engine is busy, and for ever while it is stuck.
func (e *Engine) Pulse() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err := e.store.Setting(rulesSetting)
	return err
}

// Writable says why the latest visit could not be written, if it could not.
func (e *Engine) Writable() error {
	if err := e.lastCommit.Load(); err != nil {
		return *err
	}
	return nil
}

// flushEvery is how long what visits noted may wait to be written.
const flushEvery = time.Minute

// flush writes what visits noted, now and then.
func (e *Engine) flush(ctx context.Context, stop <-chan struct{}) {
	for e.clock.pause(ctx, stop, flushEvery) {
		if err := e.store.Flush(); err != nil {
			e.lastCommit.Store(&err)
			e.log.Error("cannot store what visits learned", "err", err)
		}
	}
}

// tidy drops texts that are older than the configuration keeps, once a day.
func (e *Engine) tidy(ctx context.Context, stop <-chan struct{}, p *Plan) {
	for {
		if n, err := e.store.Prune(time.Now().Add(-p.keepText)); err != nil {
			e.log.Error("cannot drop old texts", "err", err)
		} else if n > 0 {
			e.log.Info("dropped old texts", "n", n)
		}
		e.forget()
		if !e.clock.pause(ctx, stop, 24*time.Hour) {
			return
		}
	}
}

// forget lets go of the articles that are too old to be joined by others. An
// index that nobody needs now does so when it is loaded anew, a day later at
// the latest.
func (e *Engine) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if x := e.recognition.index; x != nil {
		x.Forget(time.Now().Add(-storyWindow))
	}
}
