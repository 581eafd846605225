package engine

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"vedetta/config"
)

// storePause is how long a source waits after the store refused its visit: not
// being able to write is ours to mend, not the source's, and a pause keeps a full
// disk from turning into a storm of requests.
const storePause = 5 * time.Minute

// inARow is how many visits one goroutine makes while others are due: the first
// made its stack large enough. Then deliveries of hubs get a turn.
const inARow = 16

// entry is a source in the timetable.
type entry struct {
	src    *config.Source
	at     time.Time // due, or to be looked at
	unread bool      // its state could not be read, or not written: at is when to try again
	hub    bool      // it has a hub that may come to push
	pushed bool      // its hub does
}

// timetable holds the sources that nobody visits. One goroutine keeps it: of
// many sources nearly all wait, and a goroutine each would be most of what they
// take of memory.
type timetable struct {
	waiting byTime
	ready   []*entry // due, the first for the next free worker
}

// byTime is a heap.
type byTime []*entry

func (h byTime) Len() int           { return len(h) }
func (h byTime) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h byTime) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *byTime) Push(x any)        { *h = append(*h, x.(*entry)) }
func (h *byTime) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return x
}

// put takes an entry in.
func (t *timetable) put(n *entry, now time.Time) {
	if !n.unread && !n.at.After(now) {
		t.ready = append(t.ready, n)
		return
	}
	heap.Push(&t.waiting, n)
}

// first takes out the entry that is due for longest.
func (t *timetable) first() *entry {
	n := t.ready[0]
	t.ready[0] = nil
	t.ready = t.ready[1:]
	return n
}

// rest is how long nothing is due, a glance at most.
func (t *timetable) rest(now time.Time) time.Duration {
	if len(t.waiting) == 0 {
		return glance
	}
	return min(glance, t.waiting[0].at.Sub(now))
}

// visited is an entry that comes back from a visit.
type visited struct {
	entry *entry
	slot  bool          // its worker has a slot for another visit
	next  chan<- *entry // that the worker makes; nil ends it
}

// follow polls each source of the plan whenever it is due.
func (e *Engine) follow(ctx context.Context, stop <-chan struct{}, p *Plan) {
	var workers sync.WaitGroup
	defer func() {
		workers.Wait()
		e.clearSchedule()
	}()
	var t timetable
	leapt, now := e.clock.leap(), e.clock.now()
	for i := range p.Sources {
		n := &entry{src: &p.Sources[i]}
		e.look(p, n, now)
		t.waiting = append(t.waiting, n)
	}
	heap.Init(&t.waiting)
	back := make(chan visited)
	timer := time.NewTimer(glance)
	defer timer.Stop()
	for glanced := now; !isClosed(stop) && ctx.Err() == nil; now = e.clock.now() {
		if since := now.Sub(glanced); since >= glance || since < 0 {
			glanced = now
			e.lookForHubs(p, &t, now)
		}
		e.takeDue(p, &t, now)
		timer.Reset(t.rest(now))
		slots := p.slots
		if len(t.ready) == 0 {
			slots = nil
		}
		select {
		case slots <- struct{}{}:
			n := t.first()
			workers.Go(func() { e.work(ctx, stop, p, n, back) })
		case v := <-back:
			now = e.clock.now()
			if !v.entry.unread {
				e.look(p, v.entry, now)
			}
			t.put(v.entry, now)
			var next *entry
			if v.slot && len(t.ready) > 0 {
				next = t.first()
			} else if v.slot {
				<-p.slots
			}
			v.next <- next
		case <-leapt:
			leapt, now = e.clock.leap(), e.clock.now()
			for _, n := range t.waiting {
				e.look(p, n, now)
			}
			heap.Init(&t.waiting)
		case <-timer.C:
		case <-stop:
			return
		case <-ctx.Done():
			return
		}
	}
}

// look finds out when a source is due.
func (e *Engine) look(p *Plan, n *entry, now time.Time) {
	at, pushed, hub, err := e.due(p, n.src, now)
	if err != nil {
		e.log.Error("cannot read the source's state", "source", n.src.ID, "err", err)
		n.at, n.unread = now.Add(storePause), true
		return
	}
	n.at, n.unread, n.pushed, n.hub = at.Round(0), false, pushed, hub
	e.appoint(n.src.ID, Appointment{Due: at})
}

// due says when a source is to be asked, whether its hub brings what is new, and
// whether it has a hub that may come to.
func (e *Engine) due(p *Plan, src *config.Source, now time.Time) (at time.Time, pushed, hub bool, err error) {
	last, err := e.store.Poll(src.ID)
	if err != nil {
		return at, false, false, err
	}
	pushed = p.pushes(*src, last)
	return together(p.due(*src, last, pushed, now), last.Last), pushed, pushed || p.hubs != nil && last.Hub != "", nil
}

// lookForHubs looks at the sources whose time changes as a hub comes to push,
// leaves something to be read or stops.
func (e *Engine) lookForHubs(p *Plan, t *timetable, now time.Time) {
	for _, n := range t.waiting {
		if !n.hub || n.unread {
			continue // only a visit finds one
		}
		if _, pushed, _, err := e.due(p, n.src, now); err == nil && pushed != n.pushed {
			e.look(p, n, now)
		}
	}
	heap.Init(&t.waiting)
}

// takeDue makes ready what is due. What should have been for minutes, as the
// machine was suspended, is looked at anew: of all that is overdue then, each has
// its own time.
func (e *Engine) takeDue(p *Plan, t *timetable, now time.Time) {
	for len(t.waiting) > 0 && !t.waiting[0].at.After(now) {
		n := heap.Pop(&t.waiting).(*entry)
		if n.unread || now.Sub(n.at) > 2*glance {
			e.look(p, n, now)
			t.put(n, now)
			continue
		}
		t.ready = append(t.ready, n)
	}
}

// work visits a source that is due, and others as long as it is given them.
func (e *Engine) work(ctx context.Context, stop <-chan struct{}, p *Plan, n *entry, back chan<- visited) {
	next := make(chan *entry, 1)
	for made := 1; n != nil; made++ {
		slot := true
		free := func() {
			if slot {
				slot = false
				<-p.slots
			}
		}
		e.visitDue(ctx, stop, p, n, free)
		if made >= inARow {
			free()
		}
		select {
		case back <- visited{entry: n, slot: slot, next: next}:
			n = <-next
		case <-stop:
			free()
			return
		case <-ctx.Done():
			free()
			return
		}
	}
}

// visitDue visits a source.
func (e *Engine) visitDue(ctx context.Context, stop <-chan struct{}, p *Plan, n *entry, free func()) {
	begun := time.Now()
	e.appoint(n.src.ID, Appointment{Due: n.at, Begun: begun})
	e.observer.Begun(n.src.ID, begun.Sub(n.at))
	o := e.visit(ctx, stop, p, *n.src, free)
	if ctx.Err() != nil {
		return
	}
	o.log(ctx, e.log)
	if o.fatal {
		e.appoint(n.src.ID, Appointment{Due: n.at})
		n.at, n.unread = e.clock.now().Add(storePause), true
	}
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
