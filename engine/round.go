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
	visit := func(i int) {
		free := sync.OnceFunc(func() { <-p.slots })
		o := e.visitNow(ctx, p, p.Sources[i], force, free)
		func() {
			mu.Lock()
			defer mu.Unlock()
			outcomes[i] = o
			report(o)
		}()
		free()
	}
	next := make(chan int)
	for i := range p.Sources {
		p.slots <- struct{}{}
		select {
		case next <- i: // to who has ended a visit, and has a stack that is large enough
		default:
			wg.Go(func() {
				visit(i)
				for i := range next {
					visit(i)
				}
			})
		}
	}
	close(next)
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
