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

	"vedetta/config"
	"vedetta/news"
)

// Fetcher is what the engine needs of package fetcher.
type Fetcher interface {
	// Feed returns a source's items, or none when nothing changed, and what
	// to remember of the visit; the latter also with an error.
	Feed(ctx context.Context, src news.Source, last news.Poll) ([]news.Item, news.Poll, error)
	Page(ctx context.Context, src news.Source, address string) (news.Page, error)
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
	for i := range p.Sources {
		wg.Go(func() { e.follow(ctx, stop, p, &p.Sources[i]) })
	}
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

// follow polls one source whenever it is due. There is one for each source, and
// nearly all of them wait: what takes room on the stack runs elsewhere.
func (e *Engine) follow(ctx context.Context, stop <-chan struct{}, p *Plan, src *config.Source) {
	log := e.log.With("source", src.ID)
	defer e.leave(src.ID)
	for {
		due, ok, err := e.awaitDue(ctx, stop, p, src)
		if err != nil {
			log.Error("cannot read the source's state", "err", err)
			if !e.clock.pause(ctx, stop, storePause) {
				return
			}
			continue
		}
		if !ok {
			return
		}
		select {
		case p.slots <- struct{}{}:
		case <-stop:
			return
		case <-ctx.Done():
			return
		}
		begun := time.Now()
		e.appoint(src.ID, Appointment{Due: due, Begun: begun})
		e.observer.Begun(src.ID, begun.Sub(due))
		stored := make(chan bool)
		go func() {
			free := sync.OnceFunc(func() { <-p.slots })
			o := e.visit(ctx, stop, p, *src, free)
			free()
			if ctx.Err() == nil {
				o.log(ctx, log)
			}
			stored <- !o.fatal
		}()
		written := <-stored
		if ctx.Err() != nil {
			return
		}
		if !written {
			// Not being able to write is ours to mend, not the source's: a
			// pause keeps a full disk from turning into a storm of requests.
			e.appoint(src.ID, Appointment{Due: due})
			if !e.clock.pause(ctx, stop, storePause) {
				return
			}
		}
	}
}

// awaitDue waits until the source is due; not ok when the wait was ended. When
// that is changes on the way as its hub comes to push, leaves something to be
// read or stops, and also when the clock is set and while the machine is
// suspended: of all that is overdue then, each has its own time.
func (e *Engine) awaitDue(ctx context.Context, stop <-chan struct{}, p *Plan, src *config.Source) (at time.Time, ok bool, err error) {
	for {
		leapt := e.clock.leap()
		at, pushed, hub, err := e.due(p, src)
		if err != nil {
			return at, false, err
		}
		e.appoint(src.ID, Appointment{Due: at})
		for slept, again := false, false; !again; slept = true {
			now := e.clock.now()
			late := now.Sub(at.Round(0))
			if late > 2*glance && slept {
				break
			}
			if late >= 0 {
				return at, true, nil
			}
			next := at
			if soon := now.Add(glance); hub && soon.Before(next) {
				next = soon
			}
			if !e.clock.sleepUntil(ctx, stop, next) {
				return at, false, nil
			}
			select {
			case <-leapt:
				again = true
			default:
				if hub { // only a visit finds one
					_, now, _, err := e.due(p, src)
					again = err == nil && now != pushed
				}
			}
		}
	}
}

// due says when a source is to be asked, whether its hub brings what is new, and
// whether it has a hub that may come to. It is found out elsewhere, for the room
// that it takes on a stack.
func (e *Engine) due(p *Plan, src *config.Source) (at time.Time, pushed, hub bool, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		var last news.Poll
		if last, err = e.store.Poll(src.ID); err == nil {
			pushed = p.pushes(*src, last)
			hub = pushed || p.hubs != nil && last.Hub != ""
			at = together(p.due(*src, last, pushed, e.clock.now()), last.Last)
		}
	}()
	<-done
	return at, pushed, hub, err
}

// mostSlack is the most by which a visit may be late, and slackShare the part
// of the time since the one before.
const (
	mostSlack  = 4 * time.Second
	leastSlack = mostSlack / 64
	slackShare = 64
)

// together puts a visit off a little, to a time that is that of many others:
// to wake up for one costs several times what asking does. Halves of the most
// slack are taken, so that the times of all fall together.
func together(at, last time.Time) time.Time {
	slack := mostSlack
	for slack >= leastSlack && slack > at.Sub(last)/slackShare {
		slack /= 2
	}
	if slack < leastSlack || last.IsZero() {
		return at
	}
	if to := at.Truncate(slack); to.Before(at) {
		return to.Add(slack)
	}
	return at
}

// storePause is how long a source waits after the store refused its visit.
const storePause = 5 * time.Minute

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
