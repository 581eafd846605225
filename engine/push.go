package engine

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"vedetta/config"
	"vedetta/news"
)

// maxHeld is how many deliveries wait for their source's turn. While there are
// so many no more are taken, so that hubs are asked to come back.
const maxHeld = 8

// receive takes what hubs send through the pipeline until the plan ends. What
// it had to leave is for the next plan. Of each source one delivery is read at
// a time: a source that is slow to read must not hold all workers.
func (e *Engine) receive(ctx context.Context, stop <-chan struct{}, p *Plan) {
	var wg sync.WaitGroup
	defer wg.Wait()
	e.mu.Lock()
	held := e.held
	e.held = nil
	e.mu.Unlock()
	reading, done := map[string]bool{}, make(chan string)
	for {
		if i := slices.IndexFunc(held, func(d news.Delivery) bool { return !reading[d.Source] }); i >= 0 {
			select {
			case p.slots <- struct{}{}:
			case <-stop:
				e.hold(held...)
				return
			case <-ctx.Done():
				return
			}
			d := held[i]
			held = slices.Delete(held, i, i+1)
			reading[d.Source] = true
			wg.Go(func() {
				if left := e.deliver(ctx, stop, p, d); left {
					e.hold(d)
				}
				<-p.slots
				select {
				case done <- d.Source:
				case <-stop:
				case <-ctx.Done():
				}
			})
			continue
		}
		more := p.hubs.Deliveries()
		if len(held) >= maxHeld {
			more = nil
		}
		select {
		case d := <-more:
			held = append(held, d)
		case source := <-done:
			delete(reading, source)
		case <-stop:
			e.hold(held...)
			return
		case <-ctx.Done():
			return
		}
	}
}

// hold keeps deliveries for the next plan.
func (e *Engine) hold(ds ...news.Delivery) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = append(e.held, ds...)
}

// deliver takes one delivery through the pipeline, as a visit that nobody had
// to make. It reports whether it was stopped on the way.
func (e *Engine) deliver(ctx context.Context, stop <-chan struct{}, p *Plan, d news.Delivery) (stopped bool) {
	i := slices.IndexFunc(p.Sources, func(s config.Source) bool { return s.ID == d.Source })
	if i < 0 {
		return false // it has left the configuration since
	}
	src, start := p.Sources[i], time.Now()
	e.waiting.enter()
	defer e.waiting.leave()
	o := Outcome{Source: src.ID, Name: src.Name, Status: Pushed}
	err := e.push(ctx, stop, p, src, d, &o)
	if ctx.Err() != nil {
		return false
	}
	o.Took = time.Since(start)
	log := e.log.With("source", src.ID)
	if err != nil {
		log.Warn("cannot take a hub's delivery", "err", err)
		return false
	}
	e.observer.Visited(o)
	level := slog.LevelInfo
	if o.New+o.Changed == 0 {
		level = slog.LevelDebug
	}
	log.Log(ctx, level, "pushed", "new", o.New, "changed", o.Changed, "on_topic", o.OnTopic, "copies", o.Copies, "dur", o.Took.Round(time.Millisecond))
	return o.Left > 0 && isClosed(stop)
}

func (e *Engine) push(ctx context.Context, stop <-chan struct{}, p *Plan, src config.Source, d news.Delivery, o *Outcome) error {
	last, done, err := e.turn(src.ID)
	if err != nil {
		return err
	}
	defer done()
	items, next, err := p.fetch.Delivery(src.Source, last, d)
	if err != nil {
		return err
	}
	o.Items = len(items)
	return e.take(ctx, stop, p, src, items, last, next, o, func() {})
}

// inFlight is how long an item may have been out before a hub is expected to
// have brought it.
const inFlight = 30 * time.Minute

// overdue counts the items that nobody has brought though they have been out
// for a while.
func overdue(todo []task, now time.Time) int {
	n := 0
	for _, t := range todo {
		if t.seen.First.IsZero() && now.Sub(outSince(t.item)) > inFlight {
			n++
		}
	}
	return n
}
