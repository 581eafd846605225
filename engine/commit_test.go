package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/news"
)

// countingStore counts transactions, and fails those of several visits.
type countingStore struct {
	Store
	mu     sync.Mutex
	groups []int // visits, by transaction
	alone  bool  // visits can be committed by themselves only
}

func (s *countingStore) Commit(vs ...news.Visit) error {
	s.mu.Lock()
	s.groups = append(s.groups, len(vs))
	s.mu.Unlock()
	if s.alone && len(vs) > 1 {
		return errors.New("no space left on device")
	}
	return s.Store.Commit(vs...)
}

// Visits that are read at the same time are committed together, more of them
// than there are workers, and each counts what it brought as if it had come by
// itself; also where they can only be committed one by one. The time is simulated:
// the first outlet answers when all others have.
func TestVisitsAreCommittedTogether(t *testing.T) {
	const outlets = 30
	for _, alone := range []bool{false, true} {
		t.Run(fmt.Sprintf("alone=%v", alone), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, strings.Replace(crowd(outlets), "workers: 3", "workers: 4", 1)+"extract: {full_text: never}\n")
				s := &countingStore{Store: r.store, alone: alone}
				r.Engine.store = s
				r.press.onFeed = func(source string) {
					if source == "fonte-0" {
						time.Sleep(groupWait / 2)
					}
				}
				for i := range outlets {
					source := fmt.Sprint("fonte-", i)
					for n := range 3 {
						r.item(source, fmt.Sprint("pezzo-", n), fmt.Sprintf("Pezzo %d di %d", n, i), "")
						r.press.items[source][n].Content = prosa(100*i + n)
					}
					if i%3 > 0 { // two of three carry what the third wrote
						r.press.items[source][0].Content = prosa(100 * (i - i%3))
					}
				}
				fresh, copies := 0, 0
				for _, o := range r.round(t) {
					fresh += o.New
					copies += o.Copies
					if o.Status != Polled {
						t.Errorf("%s: %s %s", o.Source, o.Status, o.Err)
					}
				}
				if fresh != 3*outlets || copies != outlets*2/3 {
					t.Errorf("%d new, %d copies; want %d, %d", fresh, copies, 3*outlets, outlets*2/3)
				}
				if most := slices.Max(s.groups); most <= 4 {
					t.Errorf("transactions of %v visits; want some of more than there are workers", s.groups)
				}
				polls, err := r.store.Polls()
				if err != nil {
					t.Fatal(err)
				}
				total := 0
				for _, p := range polls {
					if p.Items != 3 {
						t.Errorf("%d items of a source, want 3", p.Items)
					}
					total += p.Copies
				}
				if total != copies {
					t.Errorf("the sources' polls count %d copies, the outcomes %d", total, copies)
				}
			})
		})
	}
}

// A visit does not wait for others that take long, nor at all when it is alone.
func TestAVisitWaitsLittleForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, twoSources)
		r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
		r.item("beta", "pezzo", "Pezzo", prosa(1))
		r.press.onPage = func(n int) error {
			if n == 2 {
				time.Sleep(time.Hour) // beta's, as alfa is asked first
			}
			return nil
		}
		var took []time.Duration
		start := time.Now()
		if _, err := r.Round(t.Context(), r.plan, true, func(Outcome) { took = append(took, time.Since(start)) }); err != nil {
			t.Fatal(err)
		}
		if took[0] > groupWait || took[1] != time.Hour {
			t.Errorf("visits ended after %v", took)
		}
	})
}
