package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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
}

// Status is the outcome of a visit in a word.
type Status string

// The statuses.
const (
	Polled    Status = "polled"    // an answer with items
	Unchanged Status = "unchanged" // 304, or nothing new in it
	Waiting   Status = "waiting"   // not asked: the site or a failure said to wait
	Failed    Status = "failed"
)

// count takes over what the reader counted.
func (o *Outcome) count(r reader) {
	o.New, o.Changed, o.OnTopic, o.Refused, o.Left = r.fresh, r.changed, r.onTopic, r.refused, r.left
	if o.New+o.Changed > 0 {
		o.Status = Polled
	}
}

// log writes the one line that a visit leaves. What is as it was is for those
// who look closely: a source that had nothing new, or that fails again.
func (o Outcome) log(ctx context.Context, log *slog.Logger) {
	dur := o.Took.Round(time.Millisecond)
	switch {
	case o.fatal:
		log.ErrorContext(ctx, "cannot store a visit", "err", o.Err)
	case o.Status == Failed && o.again:
		log.DebugContext(ctx, "source fails again", "err", o.Err, "not_before", o.NotBefore.Format(time.RFC3339), "dur", dur)
	case o.Status == Failed:
		log.WarnContext(ctx, "source failed", "err", o.Err, "not_before", o.NotBefore.Format(time.RFC3339), "dur", dur)
	case o.again:
		log.InfoContext(ctx, "source answers again", "new", o.New, "dur", dur)
	case o.Status == Unchanged:
		log.DebugContext(ctx, "polled", "new", 0, "dur", dur)
	default:
		log.InfoContext(ctx, "polled", "new", o.New, "changed", o.Changed, "on_topic", o.OnTopic, "copies", o.Copies, "dur", dur)
	}
}

// Limits of one visit.
const (
	chunkSize     = 12 // articles in a transaction: a long visit that is cut off keeps what it has
	pagesPerVisit = 60 // pages fetched; what is left waits for the next visit
)

// visit takes one source through the pipeline and counts the result.
func (e *Engine) visit(ctx context.Context, p *Plan, src config.Source, last news.Poll) Outcome {
	start := time.Now()
	o := Outcome{Source: src.ID, Name: src.Name, Status: Unchanged, again: last.Failed()}
	if err := e.poll(ctx, p, src, last, &o); err != nil {
		o.Status, o.Err = Failed, err.Error()
		o.fatal = errors.Is(err, errStore)
	}
	o.Took = time.Since(start)
	e.metrics.observe(o)
	return o
}

// errStore marks a failure of our own database among those of sources.
var errStore = errors.New("store")

// poll fetches the source and commits what it learned: all of it, or only
// that it failed. What it brought is counted in o.
func (e *Engine) poll(ctx context.Context, p *Plan, src config.Source, last news.Poll, o *Outcome) error {
	items, next, err := p.fetch.Feed(ctx, src.Source, last)
	if errors.Is(err, context.Canceled) {
		return err // our own shutdown is not the source's failure
	}
	o.NotBefore, o.Items = next.NotBefore, len(items)
	if err != nil {
		_, failed := e.commit(news.Visit{Source: src.ID, Poll: next})
		return errors.Join(err, failed)
	}
	todo, err := e.unseen(items)
	if err != nil {
		return err
	}
	r := reader{engine: e, plan: p, src: src, budget: pagesPerVisit, poll: next}
	for first := true; first || len(todo) > 0; first = false {
		n := min(chunkSize, len(todo))
		v, err := r.read(ctx, todo[:n])
		if err != nil {
			return err
		}
		todo = todo[n:]
		v.Poll = r.poll
		if len(todo) > 0 || r.left > 0 {
			// Saving the new validators before the last item would lose the rest
			// behind a 304.
			v.Poll = v.Poll.WithValidators(last)
		}
		copies, err := e.commit(v)
		if err != nil {
			return err
		}
		r.poll.Copies += copies
		o.Copies += copies
	}
	o.count(r)
	return nil
}

// commit decides in which stories the visit's articles belong, writes all in
// one transaction, and only then remembers. It returns how many of the
// articles are copies of what was known.
func (e *Engine) commit(v news.Visit) (copies int, err error) {
	if len(v.Articles) == 0 {
		// Nothing to place: visits that brought nothing share a transaction.
		if err := e.store.Commit(v); err != nil {
			return 0, fmt.Errorf("%w: %w", errStore, err)
		}
		return 0, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	placed := e.stories.Place(v.Articles)
	v.Placement = placed.Placement
	for i := range v.Articles {
		v.Articles[i].Story = v.StoryOf[v.Articles[i].ID]
	}
	copies = copiesAmong(v)
	v.Poll.Copies += copies
	if err := e.store.Commit(v); err != nil {
		return 0, fmt.Errorf("%w: %w", errStore, err)
	}
	e.stories.Apply(placed)
	return copies, nil
}

// copiesAmong counts the visit's articles that joined another one's story.
func copiesAmong(v news.Visit) int {
	n := 0
	for _, a := range v.Articles {
		if a.Story != a.ID && len(a.Versions) == 0 {
			n++
		}
	}
	return n
}

// unseen returns what is to be read of the items, oldest first: those that
// are new and those that changed since.
func (e *Engine) unseen(items []news.Item) ([]task, error) {
	keys := make([]string, len(items))
	for i, it := range items {
		keys[i] = it.Key()
	}
	known, err := e.store.Known(keys)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errStore, err)
	}
	var todo []task
	taken := make(map[string]bool, len(items))
	for i, it := range items {
		seen, ok := known[keys[i]]
		if taken[keys[i]] || ok && seen.Digest == it.Digest() {
			continue
		}
		taken[keys[i]] = true
		todo = append(todo, task{item: it, seen: seen})
	}
	slices.SortStableFunc(todo, func(a, b task) int { return a.item.Published.Compare(b.item.Published) })
	return todo, nil
}
