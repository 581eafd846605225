package engine

import "github.com/prometheus/client_golang/prometheus"

// Metrics are the engine's counters. Labels are sources and fixed words, so
// their number is bounded by feeds.yaml.
type Metrics struct {
	polls    *prometheus.CounterVec
	articles *prometheus.CounterVec
	seconds  prometheus.Histogram
}

// NewMetrics registers the engine's metrics; a nil registerer leaves them
// unregistered.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		polls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_polls_total", Help: "Visits to sources, by how they ended.",
		}, []string{"source", "status"}),
		articles: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_articles_total", Help: "Articles stored, by what became of them; one may count under several.",
		}, []string{"source", "as"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "vedetta_poll_seconds", Help: "Length of a visit, pages and politeness included.",
			Buckets: []float64{.1, .5, 1, 5, 15, 60, 300, 900},
		}),
	}
	if r != nil {
		r.MustRegister(m.polls, m.articles, m.seconds)
	}
	return m
}

func (m *Metrics) observe(o Outcome) {
	m.polls.WithLabelValues(o.Source, string(o.Status)).Inc()
	m.seconds.Observe(o.Took.Seconds())
	for as, n := range map[string]int{
		"new": o.New, "changed": o.Changed, "on-topic": o.OnTopic, "copy": o.Copies, "refused-page": o.Refused,
	} {
		if n > 0 {
			m.articles.WithLabelValues(o.Source, as).Add(float64(n))
		}
	}
}
