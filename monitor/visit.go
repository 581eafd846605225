package monitor

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"vedetta/engine"
	"vedetta/news"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type visitMetrics struct {
	seconds     prometheus.Histogram
	late        prometheus.Histogram
	extractions *prometheus.CounterVec
	confidence  prometheus.Histogram
	verdicts    *prometheus.CounterVec
	stories     prometheus.Counter
	merges      *prometheus.CounterVec
}

func newVisit(f promauto.Factory) visitMetrics {
	m := visitMetrics{
		seconds: f.NewHistogram(prometheus.HistogramOpts{
			Name: "vedetta_poll_duration_seconds", Help: "Length of a visit, pages and politeness included.",
			Buckets: []float64{.1, .5, 1, 5, 15, 60, 300, 900, 3600},
		}),
		late: f.NewHistogram(prometheus.HistogramOpts{
			Name: "vedetta_poll_late_seconds", Help: "How long a source had been due when its visit began.",
			Buckets: []float64{1, 5, 15, 60, 300, 900, 3600, 4 * 3600},
		}),
		extractions: f.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_extractions_total", Help: "Articles stored, by what gave their text: the page, the feed because no page was asked for, or the feed because the page was refused, by reason.",
		}, []string{"source", "result"}),
		confidence: f.NewHistogram(prometheus.HistogramOpts{
			Name: "vedetta_extraction_confidence_ratio", Help: "The extractor's confidence in the texts that pages gave, 0 to 1.",
			Buckets: []float64{.1, .2, .3, .4, .5, .6, .7, .8, .9, 1},
		}),
		verdicts: f.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_verdicts_total", Help: "Verdicts on articles stored, by topic: on, near, off.",
		}, []string{"topic", "verdict"}),
		stories: f.NewCounter(prometheus.CounterOpts{
			Name: "vedetta_stories_total", Help: "Stories founded by new articles.",
		}),
		merges: f.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_merges_total", Help: "Stories and threads that went into another.",
		}, []string{"of"}),
	}
	for _, of := range []string{"stories", "threads"} {
		m.merges.WithLabelValues(of)
	}
	return m
}

// Begun implements engine.Observer.
func (m *Metrics) Begun(_ string, late time.Duration) {
	m.visit.late.Observe(max(late, 0).Seconds())
}

// Visited implements engine.Observer.
func (m *Metrics) Visited(o engine.Outcome) {
	m.bySource.visited(o)
	m.visit.seconds.Observe(o.Took.Seconds())
	m.visit.stories.Add(float64(max(o.New-o.Copies, 0)))
}

// Committed implements engine.Observer.
func (m *Metrics) Committed(visit news.Visit) {
	for _, a := range visit.Articles {
		source := cmp.Or(news.Upstream(a.Source), a.Source) // outlets of another daemon may be any number
		m.visit.extractions.WithLabelValues(source, extraction(a)).Inc()
		if a.Method != "feed" {
			m.visit.confidence.Observe(a.Confidence)
		}
		for _, v := range a.Verdicts {
			m.visit.verdicts.WithLabelValues(v.Topic, verdict(v)).Inc()
		}
	}
	m.visit.merges.WithLabelValues("stories").Add(float64(len(visit.MergedStories)))
	m.visit.merges.WithLabelValues("threads").Add(float64(len(visit.MergedThreads)))
}

func verdict(v news.Verdict) string {
	switch {
	case v.On:
		return "on"
	case v.Near:
		return "near"
	}
	return "off"
}

// refusals are the reasons why a page gives no article that are counted by
// themselves, as the extractor and the engine word them before a colon.
var refusals = []string{
	"bot challenge", "consent wall", "error page", "extractor failed", "list page", "login", "no content",
	"page not fetched", "paywall stub", "wrong article",
}

// extraction says what gave an article its text.
func extraction(a news.Article) string {
	if a.Refused == "" {
		if a.Method == "feed" {
			return "feed"
		}
		return "page"
	}
	reason, _, _ := strings.Cut(a.Refused, ":")
	if slices.Contains(refusals, reason) {
		return reason
	}
	return "other"
}
