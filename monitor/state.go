package monitor

import (
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/news"
	"vedetta/store"

	"github.com/prometheus/client_golang/prometheus"
)

// Store is what State needs of package store.
type Store interface {
	Polls() (map[string]news.Poll, error)
	Usage() (store.Usage, error)
}

// Engine is what State needs of package engine.
type Engine interface {
	Schedule() map[string]engine.Appointment
	Writable() error
}

// State reads at each scrape what need not be counted. It implements
// prometheus.Collector.
type State struct {
	store   Store
	engine  Engine
	sources func() []config.Source   // those polled
	pushing func() map[string]string // hub by source
	now     func() time.Time
}

// NewState returns a collector over a store and an engine. sources are those
// that are polled at the time, pushing those whose hub is bound to push.
func NewState(s Store, e Engine, sources func() []config.Source, pushing func() map[string]string) *State {
	return &State{store: s, engine: e, sources: sources, pushing: pushing, now: time.Now}
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// The series of State.
var (
	descSources  = desc("vedetta_sources", "Sources that are polled.")
	descWaiting  = desc("vedetta_polls_waiting", "Sources that are due and wait for a free worker.")
	descVisiting = desc("vedetta_polls_in_progress", "Visits under way.")
	descState    = desc("vedetta_source_state", "State of a source; the one that holds has the value 1, others have no series.", "source", "state")
	descNext     = desc("vedetta_source_next_poll_timestamp_seconds", "When a source is due, in Unix time; in the past while it waits or is visited.", "source")
	descLast     = desc("vedetta_source_last_poll_timestamp_seconds", "When a source was last asked, in Unix time.", "source")
	descSuccess  = desc("vedetta_source_last_success_timestamp_seconds", "When a source last answered as it should, in Unix time.", "source")
	descNewest   = desc("vedetta_source_newest_item_timestamp_seconds", "Date of a source's newest item, in Unix time.", "source")
	descFailing  = desc("vedetta_source_failing_since_timestamp_seconds", "Since when a source has been failing, in Unix time; no series while it answers.", "source")
	descFailures = desc("vedetta_source_failures", "Failures of a source in a row.", "source")
	descPushed   = desc("vedetta_source_pushed", "Whether a WebSub hub is bound to push a source's news.", "source")
	descWritable = desc("vedetta_store_writable", "Whether the latest visit could be written.")
	descSize     = desc("vedetta_store_size_bytes", "Size of the store's file.")
	descFree     = desc("vedetta_store_free_bytes", "Part of the store's file that writes reuse before it grows.")
	descLeft     = desc("vedetta_store_disk_available_bytes", "Space left on the file system of the store.")
)

// Describe implements prometheus.Collector.
func (*State) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descSources, descWaiting, descVisiting, descState, descNext, descLast, descSuccess, descNewest,
		descFailing, descFailures, descPushed, descWritable, descSize, descFree, descLeft,
	} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (s *State) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	at := func(d *prometheus.Desc, t time.Time, source string) {
		if !t.IsZero() {
			gauge(d, float64(t.UnixMilli())/1000, source)
		}
	}
	polls, err := s.store.Polls()
	if err != nil {
		out <- prometheus.NewInvalidMetric(descState, err)
	}
	now, turns, sources, hubs := s.now(), s.engine.Schedule(), s.sources(), s.pushing()
	waiting, visiting := 0, 0
	for _, src := range sources {
		if t, ok := turns[src.ID]; ok {
			at(descNext, t.Due, src.ID)
			switch {
			case !t.Begun.IsZero():
				visiting++
			case t.Due.Before(now):
				waiting++
			}
		}
		p := polls[src.ID]
		state, _ := p.Health(true, now)
		gauge(descState, 1, src.ID, string(state))
		gauge(descFailures, float64(p.Failures), src.ID)
		gauge(descPushed, yes(hubs[src.ID] != ""), src.ID)
		at(descLast, p.Last, src.ID)
		at(descSuccess, p.Success, src.ID)
		at(descNewest, p.Newest, src.ID)
		at(descFailing, p.FailingSince, src.ID)
	}
	gauge(descSources, float64(len(sources)))
	gauge(descWaiting, float64(waiting))
	gauge(descVisiting, float64(visiting))
	gauge(descWritable, yes(s.engine.Writable() == nil))
	u, err := s.store.Usage()
	if err != nil {
		out <- prometheus.NewInvalidMetric(descSize, err)
		return
	}
	gauge(descSize, float64(u.Size))
	gauge(descFree, float64(u.Free))
	if u.Left >= 0 {
		gauge(descLeft, float64(u.Left))
	}
}

// yes is a truth as a number.
func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
