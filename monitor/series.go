package monitor

import (
	"sync"

	"vedetta/engine"

	"github.com/prometheus/client_golang/prometheus"
)

// To find a series by its labels takes most of the time of counting, and a
// visit that brings nothing touches a dozen. So they are found once a source.

// visitSeries are the series that a visit to a source touches.
type visitSeries struct {
	status                                 [3]prometheus.Counter // in the order of statuses
	items, fresh, changed, onTopic, copies prometheus.Counter
	backlog                                prometheus.Gauge
}

// fetchKey names the series that a request touches.
type fetchKey struct{ source, kind, result string }

type fetchSeries struct {
	requests, wire, body prometheus.Counter
	seconds              prometheus.Observer
}

// found are the series that were found.
type found struct {
	mu      sync.RWMutex // guards the rest
	visits  map[string]*visitSeries
	fetches map[fetchKey]*fetchSeries
}

// forget drops what was found, because series may be gone.
func (f *found) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.visits, f.fetches = map[string]*visitSeries{}, map[fetchKey]*fetchSeries{}
}

// statuses are those of most visits.
var statuses = [3]engine.Status{engine.Polled, engine.Unchanged, engine.Failed}

func (m *Metrics) visitsOf(source string) *visitSeries {
	return find(&m.found.mu, &m.found.visits, source, func() *visitSeries {
		v := m.visit
		s := &visitSeries{
			items:   v.items.WithLabelValues(source),
			fresh:   v.articles.WithLabelValues(source, "new"),
			changed: v.articles.WithLabelValues(source, "changed"),
			onTopic: v.onTopic.WithLabelValues(source),
			copies:  v.copies.WithLabelValues(source),
			backlog: v.backlog.WithLabelValues(source),
		}
		for i, status := range statuses {
			s.status[i] = v.polls.WithLabelValues(source, string(status))
		}
		return s
	})
}

func (m *Metrics) fetchesOf(k fetchKey) *fetchSeries {
	return find(&m.found.mu, &m.found.fetches, k, func() *fetchSeries {
		f := m.fetch
		return &fetchSeries{
			requests: f.requests.WithLabelValues(k.source, k.kind, k.result),
			wire:     f.wire.WithLabelValues(k.source, k.kind),
			body:     f.body.WithLabelValues(k.source, k.kind),
			seconds:  f.seconds.WithLabelValues(k.kind),
		}
	})
}

// find returns what is at a key, and makes it where there is nothing.
func find[K comparable, V any](mu *sync.RWMutex, in *map[K]*V, key K, make func() *V) *V {
	mu.RLock()
	v, ok := (*in)[key]
	mu.RUnlock()
	if ok {
		return v
	}
	mu.Lock()
	defer mu.Unlock()
	if v, ok = (*in)[key]; !ok {
		v = make()
		(*in)[key] = v
	}
	return v
}
