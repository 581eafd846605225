package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/news"
)

// started runs the engine; end stops it and waits.
func started(t *testing.T, r *rig) (end func()) {
	t.Helper()
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- r.Run(t.Context(), stop, r.plan) }()
	return func() {
		t.Helper()
		close(stop)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

// running runs a plan in simulated time while f looks on.
func running(t *testing.T, sources string, f func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sources)
		end := started(t, r)
		f(r)
		end()
		if left := r.Schedule(); len(left) > 0 {
			t.Errorf("still on the schedule: %v", left)
		}
		if n := len(r.plan.slots); n > 0 {
			t.Errorf("%d slots were not given back", n)
		}
	})
}

// crowd is n sources, fonte-0 and so on, each asked every twenty minutes by a few
// workers.
func crowd(n int) string {
	var b strings.Builder
	b.WriteString("poll: {per_host: 0s, workers: 3}\nsources:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {name: Fonte %d, url: \"https://fonte-%d.example/feed\", schedule: \"@every 20m\"}\n", i, i)
	}
	return b.String()
}

func TestManySourcesTakeTurns(t *testing.T) {
	const sources = 300
	before := runtime.NumGoroutine()
	running(t, crowd(sources), func(r *rig) {
		pass(61 * time.Minute)
		polls := r.polls(t)
		if len(polls) != sources {
			t.Fatalf("%d sources were asked", len(polls))
		}
		for source, n := range polls {
			if n != 4 { // at 0, 20, 40 and 60
				t.Errorf("%s was asked %d times in 61 minutes", source, n)
			}
		}
		if n := runtime.NumGoroutine() - before; n > 20 {
			t.Errorf("%d goroutines wait for %d sources", n, sources)
		}
		now := time.Now()
		for source, turn := range r.Schedule() {
			if !turn.Begun.IsZero() || !turn.Due.After(now) {
				t.Errorf("%s has the appointment %+v at %s", source, turn, now)
			}
		}
	})
}

// slowPress is a press that takes its time to answer, and counts those that ask
// at the same time.
type slowPress struct {
	*press
	mu         sync.Mutex
	asks, most int
}

func (p *slowPress) Feed(ctx context.Context, src news.Source, last news.Poll) ([]news.Item, news.Poll, error) {
	p.mu.Lock()
	p.asks++
	p.most = max(p.most, p.asks)
	p.mu.Unlock()
	time.Sleep(time.Second)
	p.mu.Lock()
	p.asks--
	p.mu.Unlock()
	return p.press.Feed(ctx, src, last)
}

// There are as many visits at a time as there are workers, and of what is due
// nothing waits longer than it has to.
func TestWorkersAreBusyWhileSourcesAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, crowd(90))
		slow := &slowPress{press: r.press}
		r.plan.fetch = slow
		end := started(t, r)
		pass(30*time.Second + time.Millisecond)
		if n := len(r.polls(t)); n != 90 || slow.most != 3 {
			t.Errorf("in half a minute 3 workers made %d visits of a second, %d at most at a time", n, slow.most)
		}
		end()
	})
}

// Where nothing can be written each source is asked once, and then only after a
// pause.
func TestAFullDiskIsNoStormOfRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, crowd(5))
		full := &fullDisk{Store: r.store, full: true}
		r.Engine.store = full
		end := started(t, r)
		pass(storePause - time.Second)
		if n := r.asked(); n != 5 {
			t.Errorf("%d requests of 5 sources before the pause was over", n)
		}
		full.set(false)
		pass(2 * time.Second)
		if n, polls := r.asked(), r.polls(t); n != 10 || len(polls) != 5 {
			t.Errorf("%d requests, %d sources stored after the pause", n, len(polls))
		}
		pass(20 * time.Minute)
		if n := r.asked(); n != 15 {
			t.Errorf("%d requests after another round", n)
		}
		end()
	})
}

// asked is how many feeds were asked for.
func (r *rig) asked() int {
	r.press.mu.Lock()
	defer r.press.mu.Unlock()
	return r.press.feeds
}

// fullDisk is a store that takes nothing while it is full.
type fullDisk struct {
	Store
	mu   sync.Mutex
	full bool
}

var errFull = errors.New("no space left on device")

func (s *fullDisk) set(full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = full
}

func (s *fullDisk) check() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return errFull
	}
	return nil
}

func (s *fullDisk) Commit(vs ...news.Visit) error {
	if err := s.check(); err != nil {
		return err
	}
	return s.Store.Commit(vs...)
}

func (s *fullDisk) Note(source string, p news.Poll) error {
	if err := s.check(); err != nil {
		return err
	}
	return s.Store.Note(source, p)
}

// What is due for longest comes first, and what is late by minutes has its time
// found out anew.
func TestTimetable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, crowd(6))
		var table timetable
		now := r.clock.now()
		late := func(i int, by time.Duration) {
			table.put(&entry{src: &r.plan.Sources[i], at: now.Add(-by)}, now.Add(-time.Hour))
		}
		late(0, time.Second)
		late(1, 10*time.Minute) // the machine slept
		late(2, -time.Minute)
		late(3, time.Minute)
		late(4, 0)
		if err := r.store.Note(r.plan.Sources[1].ID, news.Poll{Last: now.Add(-5 * time.Minute)}); err != nil {
			t.Fatal(err)
		}
		r.takeDue(r.plan, &table, now)
		var order []string
		for len(table.ready) > 0 {
			order = append(order, table.first().src.ID)
		}
		if want := []string{"fonte-3", "fonte-0", "fonte-4"}; !slices.Equal(order, want) {
			t.Errorf("ready are %v, want %v", order, want)
		}
		waiting := map[string]time.Duration{}
		for _, n := range table.waiting {
			waiting[n.src.ID] = n.at.Sub(now)
		}
		want := map[string]time.Duration{"fonte-1": 15 * time.Minute, "fonte-2": time.Minute}
		if d := waiting["fonte-1"]; d >= 15*time.Minute && d <= 15*time.Minute+mostSlack {
			waiting["fonte-1"] = 15 * time.Minute // put off to the time of others
		}
		if !maps.Equal(waiting, want) {
			t.Errorf("waiting are %v, want %v", waiting, want)
		}
		if d := table.rest(now); d != glance {
			t.Errorf("a rest of %s", d)
		}
	})
}

// At a start what is due for longest comes first.
func TestStartInTheOrderOfTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, strings.Replace(crowd(3), "workers: 3", "workers: 1", 1))
		for i, ago := range []time.Duration{21 * time.Minute, 22 * time.Minute, 21*time.Minute + 30*time.Second} {
			if err := r.store.Note(r.plan.Sources[i].ID, news.Poll{Last: time.Now().Add(-ago)}); err != nil {
				t.Fatal(err)
			}
		}
		var order []string
		r.press.onFeed = func(source string) { order = append(order, source) }
		end := started(t, r)
		pass(time.Minute)
		if want := []string{"fonte-1", "fonte-2", "fonte-0"}; !slices.Equal(order, want) {
			t.Errorf("asked were %v, want %v", order, want)
		}
		end()
	})
}

// Whoever stops a plan waits for no visit that has not begun.
func TestNothingBeginsAfterAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, crowd(50))
		stop := make(chan struct{})
		close(stop)
		if err := r.Run(t.Context(), stop, r.plan); err != nil {
			t.Fatal(err)
		}
		if n := r.asked(); n != 0 {
			t.Errorf("%d sources were asked after the stop", n)
		}
	})
}
