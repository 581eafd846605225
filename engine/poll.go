package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"vedetta/config"
	"vedetta/news"
)

// Outcome says what a visit to a source brought: the line that a poll prints.
type Outcome struct {
	Source    string        `json:"source"`
	Name      string        `json:"name"`
	Status    Status        `json:"status"`
	Items     int           `json:"items"`          // in the answer
	New       int           `json:"new"`            // articles not seen before
	Changed   int           `json:"changed"`        // articles whose text changed
	OnTopic   int           `json:"on_topic"`       // of the new and changed
	Copies    int           `json:"copies"`         // of the new: texts another outlet had already
	Refused   int           `json:"refused"`        // pages that held no article; the feed's text serves
	Left      int           `json:"left,omitempty"` // items left for the next visit
	NotBefore time.Time     `json:"not_before,omitzero"`
	Err       string        `json:"error,omitempty"`
	Took      time.Duration `json:"took_ns"`

	fatal bool // our own store failed
	again bool // the visit before failed too
	due   int  // items never seen before, though they have been there for a while
}

// Status is the outcome of a visit in a word.
type Status string

// The statuses.
const (
	Polled    Status = "polled"    // an answer with items
	Unchanged Status = "unchanged" // 304, or nothing new in it
	Pushed    Status = "pushed"    // brought by the source's hub
	Waiting   Status = "waiting"   // not asked: the site or a failure said to wait
	Failed    Status = "failed"
)

// count takes over what the reader counted.
func (o *Outcome) count(r reader) {
	o.New, o.Changed, o.OnTopic, o.Copies, o.Refused, o.Left = r.fresh, r.changed, r.onTopic, r.copies, r.refused, r.left
	if o.Status == Unchanged && o.New+o.Changed > 0 {
		o.Status = Polled
	}
}

// log writes the one line that a visit leaves. What is as it was is for those
// who look closely: a source that had nothing new, or that fails again.
func (o Outcome) log(ctx context.Context, log *slog.Logger) {
	dur := o.Took.Round(time.Millisecond)
	switch {
	case o.fatal:
		log.ErrorContext(ctx, "cannot store a visit", "source", o.Source, "err", o.Err)
	case o.Status == Failed && o.again:
		log.DebugContext(ctx, "source fails again", "source", o.Source, "err", o.Err, "not_before", o.NotBefore.Format(time.RFC3339), "dur", dur)
	case o.Status == Failed:
		log.WarnContext(ctx, "source failed", "source", o.Source, "err", o.Err, "not_before", o.NotBefore.Format(time.RFC3339), "dur", dur)
	case o.again:
		log.InfoContext(ctx, "source answers again", "source", o.Source, "new", o.New, "dur", dur)
	case o.Status == Unchanged:
		log.DebugContext(ctx, "polled", "source", o.Source, "new", 0, "dur", dur)
	default:
		log.InfoContext(ctx, "polled", "source", o.Source, "new", o.New, "changed", o.Changed, "on_topic", o.OnTopic, "copies", o.Copies, "dur", dur)
	}
}

// Limits of one visit.
const (
	chunkSize     = 60   // items that are committed together
	chunkPages    = 12   // and pages: a long visit that is cut off keeps what it has
	pagesPerVisit = 60   // pages fetched; what is left waits for the next visit
	maxBacklog    = 2000 // items that wait; of more the oldest are read without their pages
)

// visit takes one source through the pipeline and counts the result, unless
// it was cut off by our own shutdown. It calls free, perhaps, when all is read
// and only waits to be committed: then another may be visited.
func (e *Engine) visit(ctx context.Context, stop <-chan struct{}, p *Plan, src config.Source, free func()) Outcome {
	start := time.Now()
	e.waiting.enter()
	defer e.waiting.leave()
	o := Outcome{Source: src.ID, Name: src.Name, Status: Unchanged}
	if err := e.poll(ctx, stop, p, src, &o, free); err != nil {
		o.Status, o.Err = Failed, err.Error()
		o.fatal = errors.Is(err, errStore)
	}
	o.Took = time.Since(start)
	if ctx.Err() == nil {
		e.observer.Visited(o)
	}
	return o
}

// errStore marks a failure of our own database among those of sources.
var errStore = errors.New("store")

// turn waits for the turn to read a source and returns what is known of it. A
// visit and a delivery both write the whole of that, so they take turns.
func (e *Engine) turn(source string) (last news.Poll, done func(), err error) {
	mu, _ := e.turns.LoadOrStore(source, new(sync.Mutex))
	lock := mu.(*sync.Mutex)
	lock.Lock()
	if last, err = e.store.Poll(source); err != nil {
		lock.Unlock()
		return last, nil, fmt.Errorf("%w: %w", errStore, err)
	}
	return last, lock.Unlock, nil
}

// poll fetches the source and commits what it learned: all of it, or only
// that it failed. What it brought is counted in o. When stop is closed it ends
// after what is being read, and the rest is left for the next visit.
func (e *Engine) poll(ctx context.Context, stop <-chan struct{}, p *Plan, src config.Source, o *Outcome, free func()) error {
	last, done, err := e.turn(src.ID)
	if err != nil {
		return err
	}
	defer done()
	o.again = last.Failed()
	items, next, err := p.fetch.Feed(ctx, src.Source, last)
	if errors.Is(err, context.Canceled) {
		return err // our own shutdown is not the source's failure
	}
	o.NotBefore, o.Items = next.NotBefore, len(items)
	if err != nil {
		return errors.Join(err, e.commit(news.Visit{Source: src.ID, Poll: next}))
	}
	if err := e.take(ctx, stop, p, src, items, last, next, o, free); err != nil {
		return err
	}
	if p.hubs != nil {
		p.hubs.Polled(src.ID, last, next, o.due)
	}
	return nil
}

// take reads the items that are new or changed and commits them with next,
// what is to be remembered of the source; last is what was before.
func (e *Engine) take(ctx context.Context, stop <-chan struct{}, p *Plan, src config.Source, items []news.Item, last, next news.Poll, o *Outcome, free func()) error {
	todo, err := e.unseen(items)
	if err != nil {
		return err
	}
	o.due = overdue(todo, time.Now())
	rest := []news.Item{}
	if last.Left > 0 {
		kept, err := e.backlog(src.ID, items)
		if err != nil {
			return err
		}
		if o.Status == Pushed {
			rest = append(rest, kept...) // it waits for the source's own turn
		} else if todo, err = e.withBacklog(todo, kept); err != nil {
			return err
		}
	}
	for i := range todo[:max(0, len(todo)-pagesPerVisit-maxBacklog)] {
		todo[i].pageless = true
	}
	r := reader{engine: e, plan: p, src: src, stop: stop, budget: pagesPerVisit, poll: next, rest: rest}
	if len(todo) == 0 {
		next.Left = len(rest)
		if last.Left == 0 && e.Writable() == nil {
			return e.note(src.ID, next)
		}
		return e.commit(news.Visit{Source: src.ID, Poll: next, Backlog: rest})
	}
	if err := e.awaitStories(ctx, stop, p); errors.Is(err, errNotAwaited) {
		// That the site was asked is kept, and what it answered fetched again.
		next.Left = last.Left
		return e.note(src.ID, next.WithValidators(last))
	} else if err != nil {
		return err
	}
	defer e.release()
	for len(todo) > 0 {
		read, n, err := r.read(ctx, todo)
		if err != nil {
			return err
		}
		if todo = todo[n:]; len(todo) == 0 {
			todo = nil // what was read waits without the items that it came of
		}
		if err := e.commitRead(&chunk{reader: &r, read: read, last: last, more: len(todo) > 0}, free); err != nil {
			return err
		}
	}
	o.count(r)
	return nil
}

// backlog is what earlier visits left of a source, without the items that the
// feed has now: those are there in their present form.
func (e *Engine) backlog(source string, items []news.Item) ([]news.Item, error) {
	kept, err := e.store.Backlog(source)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errStore, err)
	}
	present := make(map[string]bool, len(items))
	for _, it := range items {
		if !it.Known { // what is kept of it is as it stands there
			present[it.Key()] = true
		}
	}
	return slices.DeleteFunc(kept, func(it news.Item) bool { return present[it.Key()] }), nil
}

// withBacklog adds what was kept to what is to be read.
func (e *Engine) withBacklog(todo []task, kept []news.Item) ([]task, error) {
	old, err := e.unseen(kept)
	if err != nil {
		return nil, err
	}
	todo = append(todo, old...)
	sortTasks(todo)
	return todo, nil
}

// unseen returns what is to be read of the items: those that are new, oldest
// first, and then those that changed since or are to be tried again, so that
// these cannot use up the visit's budget before those.
func (e *Engine) unseen(items []news.Item) ([]task, error) {
	var fresh []int // places of items
	var keys []string
	for i := range items {
		if !items[i].Known {
			fresh, keys = append(fresh, i), append(keys, items[i].Key())
		}
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	known, err := e.store.Known(keys)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errStore, err)
	}
	n, taken := 0, make(map[string]bool, len(fresh))
	for i, at := range fresh {
		key := keys[i]
		seen, ok := known[key]
		if taken[key] || ok && seen.Digest == items[at].Digest() {
			continue
		}
		taken[key] = true
		fresh[n], keys[n] = at, key
		n++
	}
	todo := make([]task, n)
	for i := range todo {
		todo[i] = task{item: items[fresh[i]], seen: known[keys[i]]}
	}
	sortTasks(todo)
	return todo, nil
}

func sortTasks(todo []task) {
	again := func(t task) int { return min(len(t.seen.Article), 1) }
	slices.SortStableFunc(todo, func(a, b task) int {
		return cmp.Or(cmp.Compare(again(a), again(b)), inTurn(a.item).Compare(inTurn(b.item)))
	})
}
