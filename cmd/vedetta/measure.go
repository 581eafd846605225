package main

import (
	"net/http"

	"vedetta/monitor"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// measures is what /metrics shows.
type measures struct {
	registry *prometheus.Registry
	counts   *monitor.Metrics
}

func newMeasures() *measures {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	b := buildInfo()
	return &measures{registry: r, counts: monitor.New(r, b.Version, b.Commit)}
}

// handler serves the metrics; what cannot be read is left out.
func (m *measures) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, EnableOpenMetrics: true})
}

// class is the kind of document at a path of the site that is served.
func (d *service) class(path string) string { return d.serving.Load().site.Class(path) }

// named lists the ids of a setup's sources and topics.
func named(s *setup) (sources, topics []string) {
	for _, src := range s.plan.Sources {
		sources = append(sources, src.ID)
	}
	for _, t := range s.cfg.Topics {
		if !t.Disabled {
			topics = append(topics, t.ID)
		}
	}
	return sources, topics
}
