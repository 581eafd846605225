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
	fetch   *prometheus.HistogramVec
	visit   visitMetrics
	store   storeMetrics
	publish publishMetrics
	http    *httpMetrics
	config  configMetrics

	bySource *bySource

	mu      sync.Mutex // guards what follows
	sources map[string]bool
	topics  map[string]bool
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

		bySource: &bySource{of: map[string]*counts{}},
	}
	r.MustRegister(m.bySource)
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
	m.bySource.keep(sources)
	m.sources = keep(m.sources, sources, "source", m.visit.extractions)
	m.topics = keep(m.topics, topics, "topic", m.visit.verdicts)
}

// keep drops the series of what was there before and is no more.
func keep(before map[string]bool, now []string, label string, series *prometheus.CounterVec) map[string]bool {
	next := make(map[string]bool, len(now))
	for _, v := range now {
		next[v] = true
	}
	for v := range before {
		if !next[v] {
			series.DeletePartialMatch(prometheus.Labels{label: v})
		}
	}
	return next
}

func newFetch(f promauto.Factory) *prometheus.HistogramVec {
	return f.NewHistogramVec(prometheus.HistogramOpts{
		Name: "vedetta_fetch_duration_seconds", Help: "Time from a request to the last byte of its answer.",
		Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"kind"})
}

// Fetched counts a request to a site.
func (m *Metrics) Fetched(x fetcher.Exchange) {
	m.bySource.fetched(x)
	m.fetch.WithLabelValues(x.Kind).Observe(x.Took.Seconds())
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
