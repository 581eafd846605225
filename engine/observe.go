package engine

import (
	"maps"
	"time"

	"vedetta/news"
)

// Observer is told what the engine does, by several goroutines at once. It
// should not take long.
type Observer interface {
	// Begun says that a visit begins, and how late it is.
	Begun(source string, late time.Duration)
	// Committed says that a visit, or a part of it, has been stored.
	Committed(v news.Visit)
	// Visited says how a visit ended. One that our own shutdown cut off has
	// not ended.
	Visited(o Outcome)
}

// unobserved is the Observer where nobody looks.
type unobserved struct{}

func (unobserved) Begun(string, time.Duration) {}
func (unobserved) Committed(news.Visit)        {}
func (unobserved) Visited(Outcome)             {}

// Appointment is a source's place in the schedule.
type Appointment struct {
	Due   time.Time // when it is, or was, to be asked
	Begun time.Time // when the visit under way began; zero while there is none
}

// Schedule returns the appointments of the sources that are followed, by Source.ID;
// none while no plan runs. One whose time has passed without a visit waits
// for a free worker, or for a store that can be written.
func (e *Engine) Schedule() map[string]Appointment {
	e.scheduleMu.Lock()
	defer e.scheduleMu.Unlock()
	return maps.Clone(e.schedule)
}

// appoint notes a source's place in the schedule.
func (e *Engine) appoint(source string, t Appointment) {
	e.scheduleMu.Lock()
	defer e.scheduleMu.Unlock()
	e.schedule[source] = t
}

// clearSchedule takes all sources off the schedule.
func (e *Engine) clearSchedule() {
	e.scheduleMu.Lock()
	defer e.scheduleMu.Unlock()
	clear(e.schedule)
}
