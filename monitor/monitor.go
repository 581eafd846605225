// Package monitor counts what the daemon does, for Prometheus.
//
// It is told by the stages, which know nothing of it: engine through its
// Observer, fetcher, store and publish through a function each, the server
// through a wrapped handler and listener. What can be asked at any time (when
// a source last answered, how large the store is) is not counted but read when
// a scrape comes (state.go).
//
// # Labels
//
// Values are bounded: sources and topics by the configuration (those that
// leave it lose their series, see Keep), everything else by a list in this
// package. No text from outside becomes a label. docs/monitoring.md lists
// every metric.
package monitor

import (
	"runtime"
	"sync"
	"time"

	"vedetta/fetcher"
	"vedetta/news"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Metrics are the daemon's counters. They are safe for concurrent use.
type Metrics struct {
	fetch   fetchMetrics
	visit   visitMetrics
	store   storeMetrics
	publish publishMetrics
	http    *httpMetrics
	config  configMetrics

	found found

	mu       sync.Mutex // guards what follows
	sources  map[string]bool
	topics   map[string]bool
	bySource []deleter
	byTopic  []deleter
}

// deleter is a metric whose series can be dropped by label.
type deleter interface {
	DeletePartialMatch(prometheus.Labels) int
}

// New registers the metrics. build names what runs.
func New(r prometheus.Registerer, version, revision string) *Metrics {
	f := promauto.With(r)
	m := &Metrics{
		fetch:   newFetch(f),
		visit:   newVisit(f),
		store:   newStore(f),
		publish: newPublish(f),
		http:    newHTTP(f),
		config:  newConfig(f),
	}
	m.found.forget()
	m.bySource = []deleter{
		m.fetch.requests, m.fetch.wire, m.fetch.body,
		m.visit.polls, m.visit.items, m.visit.articles, m.visit.onTopic, m.visit.copies, m.visit.extractions, m.visit.backlog,
	}
	m.byTopic = []deleter{m.visit.verdicts}
	f.NewGaugeVec(prometheus.GaugeOpts{
		Name: "vedetta_build_info", Help: "What runs; the value is always 1.",
	}, []string{"version", "revision", "goversion"}).WithLabelValues(version, revision, runtime.Version()).Set(1)
	return m
}

// Keep drops the series of the sources and topics that are not named. It is to
// be called when a configuration is taken over, after the last visit under the
// one before.
func (m *Metrics) Keep(sources, topics []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sources = keep(m.sources, sources, "source", m.bySource)
	m.topics = keep(m.topics, topics, "topic", m.byTopic)
	m.found.forget()
	for _, s := range sources {
		for _, status := range statuses {
			m.visit.polls.WithLabelValues(s, string(status)) // so that the first one is an increase
		}
	}
}

func keep(before map[string]bool, now []string, label string, series []deleter) map[string]bool {
	next := make(map[string]bool, len(now))
	for _, v := range now {
		next[v] = true
	}
	for v := range before {
		if next[v] {
			continue
		}
		for _, d := range series {
			d.DeletePartialMatch(prometheus.Labels{label: v})
		}
	}
	return next
}

type fetchMetrics struct {
	requests   *prometheus.CounterVec
	wire, body *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
}

func newFetch(f promauto.Factory) fetchMetrics {
	labels := []string{"source", "kind"}
	return fetchMetrics{
		requests: f.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_fetch_requests_total", Help: "Requests to sites, by what was asked for (feed, page, robots) and the answer: its status class, 304, 429, or why there was none.",
		}, []string{"source", "kind", "result"}),
		wire: f.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_fetch_wire_bytes_total", Help: "Bytes of bodies as sites sent them, compressed.",
		}, labels),
		body: f.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_fetch_body_bytes_total", Help: "Bytes of bodies after decompression.",
		}, labels),
		seconds: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vedetta_fetch_duration_seconds", Help: "Time from a request to the last byte of its answer.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"kind"}),
	}
}

// Fetched counts a request to a site.
func (m *Metrics) Fetched(x fetcher.Exchange) {
	s := m.fetchesOf(fetchKey{x.Source, x.Kind, result(x.Status, x.Fault)})
	s.requests.Inc()
	s.wire.Add(float64(x.Wire))
	s.body.Add(float64(x.Body))
	s.seconds.Observe(x.Took.Seconds())
}

// result is an answer in a word: its status where that says more than its
// class, else the class, or the fault where no answer came.
func result(status int, fault news.Fault) string {
	switch {
	case status == 304 || status == 429:
		return code(status)
	case status >= 100:
		return class(status)
	case fault != "":
		return string(fault)
	}
	return "none"
}

type storeMetrics struct {
	transactions *prometheus.CounterVec
	writes       prometheus.Counter
	seconds      prometheus.Histogram
}

func newStore(f promauto.Factory) storeMetrics {
	m := storeMetrics{
		transactions: f.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_store_transactions_total", Help: "Write transactions of the store, by how they ended.",
		}, []string{"result"}),
		writes: f.NewCounter(prometheus.CounterOpts{
			Name: "vedetta_store_writes_total", Help: "Writes that were committed; a transaction takes in those that wait at the same time.",
		}),
		seconds: f.NewHistogram(prometheus.HistogramOpts{
			Name: "vedetta_store_transaction_duration_seconds", Help: "Length of a write transaction, waiting for the disk included.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}),
	}
	for _, ok := range []string{"committed", "failed"} {
		m.transactions.WithLabelValues(ok)
	}
	return m
}

// Wrote counts a write transaction of the store.
func (m *Metrics) Wrote(writes int, took time.Duration, err error) {
	m.store.seconds.Observe(took.Seconds())
	if err != nil {
		m.store.transactions.WithLabelValues("failed").Inc()
		return
	}
	m.store.transactions.WithLabelValues("committed").Inc()
	m.store.writes.Add(float64(writes))
}

type configMetrics struct {
	reloads  *prometheus.CounterVec
	good     prometheus.Gauge
	goodTime prometheus.Gauge
}

func newConfig(f promauto.Factory) configMetrics {
	m := configMetrics{
		reloads: f.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_config_reloads_total", Help: "Attempts to take over a changed configuration, by how they ended.",
		}, []string{"result"}),
		good: f.NewGauge(prometheus.GaugeOpts{
			Name: "vedetta_config_last_reload_successful", Help: "Whether the configuration file as it stands now is the one that runs.",
		}),
		goodTime: f.NewGauge(prometheus.GaugeOpts{
			Name: "vedetta_config_last_reload_success_timestamp_seconds", Help: "When the configuration that runs was taken over, in Unix time.",
		}),
	}
	for _, r := range []string{"taken", "refused"} {
		m.reloads.WithLabelValues(r)
	}
	m.good.Set(1)
	m.goodTime.SetToCurrentTime()
	return m
}

// Reloaded notes how an attempt to take over a changed configuration ended.
func (m *Metrics) Reloaded(err error) {
	if err != nil {
		m.config.reloads.WithLabelValues("refused").Inc()
		m.config.good.Set(0)
		return
	}
	m.config.reloads.WithLabelValues("taken").Inc()
	m.config.good.Set(1)
	m.config.goodTime.SetToCurrentTime()
}
