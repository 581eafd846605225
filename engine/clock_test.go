package engine

import (
	"testing"
	"testing/synctest"
	"time"
)

// A machine that slept for a night, or whose clock was set, asks its sources
// by the new time within a minute, not when their timers end.
func TestClockLeaps(t *testing.T) {
	for name, tt := range map[string]struct {
		by     time.Duration
		within time.Duration // of the leap's being seen
	}{
		"forwards":  {by: 10 * time.Hour, within: 0},
		"backwards": {by: -10 * time.Hour, within: time.Hour},
		"slewed":    {by: leastLeap / 2, within: 55 * time.Minute}, // as if nothing had happened
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, `
poll: {per_host: 0s}
sources:
  - {name: Alfa, url: "https://alfa.example/feed", schedule: "@every 1h"}
`)
				leap := &r.press.ahead
				r.clock.now = func() time.Time { return time.Now().Round(0).Add(time.Duration(leap.Load())) }
				stop, done := make(chan struct{}), make(chan error)
				go func() { done <- r.Run(t.Context(), stop, r.plan) }()
				pass := func(d time.Duration) int {
					time.Sleep(d)
					synctest.Wait()
					return r.polls(t)["alfa"]
				}
				if n := pass(5*time.Minute - time.Second); n != 1 {
					t.Fatalf("%d visits, want the first", n)
				}
				leap.Store(int64(tt.by))
				if n := pass(time.Second); tt.within > 0 && n != 1 {
					t.Errorf("%d visits when the leap was seen, want 1", n)
				}
				if n := pass(max(tt.within-10*time.Second, 0)); tt.within > 0 && n != 1 {
					t.Errorf("%d visits early, want 1", n)
				}
				if n := pass(20 * time.Second); n != 2 {
					t.Errorf("%d visits %v after the leap was seen, want 2", n, tt.within)
				}
				close(stop)
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}
