package engine

import (
	"context"
	"sync"
	"time"
)

const (
	// glance is how often somebody looks whether the clock on the wall has
	// leapt, and a source that a hub pushes whether it still does.
	glance = time.Minute
	// leastLeap is what a clock that is only slewed stays below.
	leastLeap = time.Second
)

// wallClock is the clock that schedules mean. A timer alone sleeps through a
// suspended machine and a corrected clock: one goroutine looks for such leaps
// for all who wait.
type wallClock struct {
	now func() time.Time // without a monotonic reading

	mu    sync.Mutex
	leapt chan struct{} // closed by the next leap
}

func newWallClock() *wallClock {
	return &wallClock{now: func() time.Time { return time.Now().Round(0) }, leapt: make(chan struct{})}
}

// leap returns a channel that is closed when the clock leaps.
func (c *wallClock) leap() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leapt
}

// watch tells those who wait of leaps, until stop or ctx ends.
func (c *wallClock) watch(ctx context.Context, stop <-chan struct{}) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for wall, run := c.now(), time.Now(); ; {
		select {
		case <-tick.C:
		case <-stop:
			return
		case <-ctx.Done():
			return
		}
		w, r := c.now(), time.Now()
		if d := w.Sub(wall) - r.Sub(run); d.Abs() >= leastLeap {
			c.mu.Lock()
			close(c.leapt)
			c.leapt = make(chan struct{})
			c.mu.Unlock()
		}
		wall, run = w, r
	}
}

// pause waits for so long, or until the clock leaps; false means that it was
// ended by stop or ctx.
func (c *wallClock) pause(ctx context.Context, stop <-chan struct{}, d time.Duration) bool {
	leapt := c.leap()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-leapt:
	case <-stop:
	case <-ctx.Done():
	}
	return !isClosed(stop) && ctx.Err() == nil // also where more than one has come
}
