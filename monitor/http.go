package monitor

import (
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type publishMetrics struct {
	builds  *prometheus.CounterVec
	seconds *prometheus.HistogramVec
}

func newPublish(f promauto.Factory) publishMetrics {
	return publishMetrics{
		builds: f.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_document_builds_total", Help: "Feeds and pages built, by class and how that ended; all other answers come from memory.",
		}, []string{"class", "result"}),
		seconds: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vedetta_document_build_duration_seconds", Help: "Time to build a feed or a page.",
			Buckets: []float64{.001, .005, .01, .05, .1, .5, 1, 5},
		}, []string{"class"}),
	}
}

// Built counts a document that was built.
func (m *Metrics) Built(class string, took time.Duration, err error) {
	result := "built"
	if err != nil {
		result = "failed"
	}
	m.publish.builds.WithLabelValues(class, result).Inc()
	m.publish.seconds.WithLabelValues(class).Observe(took.Seconds())
}

type httpMetrics struct {
	requests    *prometheus.CounterVec
	series      atomic.Pointer[map[answer]answered] // of those answers that occurred; replaced when one is added
	mu          sync.Mutex                          // held to add to series
	bytes       *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	connections prometheus.Gauge
	accepted    prometheus.Counter
	limit       prometheus.Gauge
}

func newHTTP(f promauto.Factory) *httpMetrics {
	return &httpMetrics{
		requests: f.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_http_requests_total", Help: "Requests answered, by class of document, method and status.",
		}, []string{"class", "method", "code"}),
		bytes: f.NewCounterVec(prometheus.CounterOpts{
			Name: "vedetta_http_response_bytes_total", Help: "Bytes of bodies that were sent.",
		}, []string{"class"}),
		seconds: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vedetta_http_request_duration_seconds", Help: "Time to answer a request, until the last byte was taken.",
			Buckets: []float64{.0005, .001, .005, .01, .05, .1, .5, 1, 5, 30},
		}, []string{"class"}),
		connections: f.NewGauge(prometheus.GaugeOpts{
			Name: "vedetta_http_connections", Help: "Open connections of readers.",
		}),
		accepted: f.NewCounter(prometheus.CounterOpts{
			Name: "vedetta_http_connections_accepted_total", Help: "Connections of readers that were accepted.",
		}),
		limit: f.NewGauge(prometheus.GaugeOpts{
			Name: "vedetta_http_connections_limit", Help: "Connections of readers that may be open at the same time; more wait.",
		}),
	}
}

// answer is what answers are told apart by. Its values are few: see class,
// method, and the statuses that the site answers with.
type answer struct {
	class, method string
	code          int
}

// answered are the metrics of one kind of answer. Finding them by their labels
// takes longer than many an answer.
type answered struct {
	requests prometheus.Counter
	bytes    prometheus.Counter
	seconds  prometheus.Observer
}

// of returns the metrics of an answer.
func (m *httpMetrics) of(a answer) answered {
	if known := m.series.Load(); known != nil {
		if s, ok := (*known)[a]; ok {
			return s
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	next := map[answer]answered{}
	if known := m.series.Load(); known != nil {
		maps.Copy(next, *known)
	}
	next[a] = answered{
		requests: m.requests.WithLabelValues(a.class, a.method, code(a.code)),
		bytes:    m.bytes.WithLabelValues(a.class),
		seconds:  m.seconds.WithLabelValues(a.class),
	}
	m.series.Store(&next)
	return next[a]
}

// Handler counts the requests that h answers. class names the kind of
// document at a path, in one of a few words.
func (m *Metrics) Handler(h http.Handler, class func(path string) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() { // also when h ends the connection by a panic
			s := m.http.of(answer{class(r.URL.Path), method(r.Method), rec.status})
			s.requests.Inc()
			s.bytes.Add(float64(rec.bytes))
			s.seconds.Observe(time.Since(start).Seconds())
		}()
		h.ServeHTTP(rec, r)
	})
}

// Limit notes how many connections may be open at the same time.
func (m *Metrics) Limit(connections int) { m.http.limit.Set(float64(connections)) }

// ConnState counts connections; it is for http.Server.ConnState.
func (m *Metrics) ConnState(_ net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		m.http.accepted.Inc()
		m.http.connections.Inc()
	case http.StateClosed, http.StateHijacked:
		m.http.connections.Dec()
	}
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.wrote && status >= 200 {
		r.status, r.wrote = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.wrote = true
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// method is the method where the server knows it, else "other".
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return m
	}
	return "other"
}

// code is a status as a label. The server chooses among few; a site's answer
// is counted by class.
func code(status int) string { return strconv.Itoa(status) }

// class is the class of a status: 2xx to 5xx, or "other".
func class(status int) string {
	if status < 100 || status > 599 {
		return "other"
	}
	return strconv.Itoa(status/100) + "xx"
}
