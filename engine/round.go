package engine

import (
	"context"
	"sync"
	"time"

	"vedetta/config"
)

// Round polls the plan's sources once, all at the same time within the plan's
// number of workers, the schedule aside. A source that asked for time, or
// that is in back-off, is left alone and its outcome says until when, unless
// force is set. report is called once a source, one call at a time, in the
// order in which they end; the outcomes are returned in the plan's order.
func (e *Engine) Round(ctx context.Context, p *Plan, force bool, report func(Outcome)) ([]Outcome, error) {
	if err := e.recognise(ctx, p); err != nil {
		return nil, err
	}
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex // report is called by one at a time
		outcomes = make([]Outcome, len(p.Sources))
	)
	for i, src := range p.Sources {
		p.slots <- struct{}{} // before there is a goroutine, which takes room
		wg.Go(func() {
			free := sync.OnceFunc(func() { <-p.slots })
			o := e.visitNow(ctx, p, src, force, free)
			free()
			mu.Lock()
			defer mu.Unlock()
			outcomes[i] = o
			report(o)
		})
	}
	wg.Wait()
	return outcomes, ctx.Err()
}

// visitNow visits a source unless it is to be left alone, as visit does.
func (e *Engine) visitNow(ctx context.Context, p *Plan, src config.Source, force bool, free func()) Outcome {
	last, err := e.store.Poll(src.ID)
	if err != nil {
		return Outcome{Source: src.ID, Name: src.Name, Status: Failed, Err: err.Error(), fatal: true}
	}
	if !force && last.NotBefore.After(time.Now()) {
		return Outcome{Source: src.ID, Name: src.Name, Status: Waiting, NotBefore: last.NotBefore, Err: last.Err}
	}
	return e.visit(ctx, nil, p, src, free)
}
