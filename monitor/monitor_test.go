package monitor

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/fetcher"
	"vedetta/news"
	"vedetta/store"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func newMetrics(t *testing.T) (*Metrics, *prometheus.Registry) {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	return New(r, "v1", "abc"), r
}

// expect compares some families with what they are to be.
func expect(t *testing.T, r prometheus.Gatherer, want string, names ...string) {
	t.Helper()
	if err := testutil.GatherAndCompare(r, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}

func TestFetched(t *testing.T) {
	m, r := newMetrics(t)
	for _, x := range []fetcher.Exchange{
		{Source: "alfa", Kind: "feed", Status: 200, Wire: 100, Body: 400},
		{Source: "alfa", Kind: "feed", Status: 304},
		{Source: "alfa", Kind: "feed", Status: 429, Fault: news.FaultLimited},
		{Source: "alfa", Kind: "page", Status: 777, Wire: 7},
		{Source: "alfa", Kind: "page", Status: 301},
		{Source: "alfa", Kind: "page", Fault: news.FaultDNS},
	} {
		m.Fetched(x)
	}
	expect(t, r, `
# HELP vedetta_fetch_body_bytes_total Bytes of bodies after decompression.
# TYPE vedetta_fetch_body_bytes_total counter
vedetta_fetch_body_bytes_total{kind="feed",source="alfa"} 400
vedetta_fetch_body_bytes_total{kind="page",source="alfa"} 0
# HELP vedetta_fetch_requests_total Requests to sites, by what was asked for (feed, page, robots) and the answer: its status class, 304, 429, or why there was none.
# TYPE vedetta_fetch_requests_total counter
vedetta_fetch_requests_total{kind="feed",result="2xx",source="alfa"} 1
vedetta_fetch_requests_total{kind="feed",result="304",source="alfa"} 1
vedetta_fetch_requests_total{kind="feed",result="429",source="alfa"} 1
vedetta_fetch_requests_total{kind="page",result="3xx",source="alfa"} 1
vedetta_fetch_requests_total{kind="page",result="dns",source="alfa"} 1
vedetta_fetch_requests_total{kind="page",result="other",source="alfa"} 1
# HELP vedetta_fetch_wire_bytes_total Bytes of bodies as sites sent them, compressed.
# TYPE vedetta_fetch_wire_bytes_total counter
vedetta_fetch_wire_bytes_total{kind="feed",source="alfa"} 100
vedetta_fetch_wire_bytes_total{kind="page",source="alfa"} 7
`, "vedetta_fetch_requests_total", "vedetta_fetch_wire_bytes_total", "vedetta_fetch_body_bytes_total")
}

func TestVisits(t *testing.T) {
	m, r := newMetrics(t)
	m.Keep([]string{"alfa"}, []string{"patto"})
	m.Visited(engine.Outcome{Source: "alfa", Status: engine.Polled, Items: 9, New: 5, Changed: 1, OnTopic: 2, Copies: 2, Left: 3})
	m.Committed(news.Visit{
		Source: "alfa",
		Articles: []news.Article{
			{Source: "alfa", Method: "dom", Confidence: 0.85, Verdicts: []news.Verdict{{Topic: "patto", On: true}}},
			{Source: "alfa", Method: "feed", Verdicts: []news.Verdict{{Topic: "patto", Near: true}}},
			{Source: "alfa", Method: "feed", Refused: "page not fetched: 404 on a path that says who knows what"},
			{Source: "alfa", Method: "feed", Refused: "a reason that nobody knows"},
		},
		Placement: news.Placement{MergedStories: map[string]string{"a": "b"}, MergedThreads: map[string]string{"c": "d", "e": ""}},
	})
	const want = `
# HELP vedetta_extractions_total Articles stored, by what gave their text: the page, the feed because no page was asked for, or the feed because the page was refused, by reason.
# TYPE vedetta_extractions_total counter
vedetta_extractions_total{result="feed",source="alfa"} 1
vedetta_extractions_total{result="other",source="alfa"} 1
vedetta_extractions_total{result="page",source="alfa"} 1
vedetta_extractions_total{result="page not fetched",source="alfa"} 1
# HELP vedetta_merges_total Stories and threads that went into another.
# TYPE vedetta_merges_total counter
vedetta_merges_total{of="stories"} 1
vedetta_merges_total{of="threads"} 2
# HELP vedetta_polls_total Visits to sources, by how they ended: polled, unchanged, failed.
# TYPE vedetta_polls_total counter
vedetta_polls_total{source="alfa",status="failed"} 0
vedetta_polls_total{source="alfa",status="polled"} 1
vedetta_polls_total{source="alfa",status="unchanged"} 0
# HELP vedetta_source_backlog_items Items that the latest visit left for the next.
# TYPE vedetta_source_backlog_items gauge
vedetta_source_backlog_items{source="alfa"} 3
# HELP vedetta_stories_total Stories founded by new articles.
# TYPE vedetta_stories_total counter
vedetta_stories_total 3
# HELP vedetta_verdicts_total Verdicts on articles stored, by topic: on, near, off.
# TYPE vedetta_verdicts_total counter
vedetta_verdicts_total{topic="patto",verdict="near"} 1
vedetta_verdicts_total{topic="patto",verdict="on"} 1
`
	names := strings.Fields("vedetta_extractions_total vedetta_merges_total vedetta_polls_total vedetta_source_backlog_items vedetta_stories_total vedetta_verdicts_total")
	expect(t, r, want, names...)
	m.Keep([]string{"beta"}, nil)
	all, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if text := f.String(); strings.Contains(text, "alfa") || strings.Contains(text, "patto") {
			t.Errorf("a source and a topic that left still have series: %s", text)
		}
	}
}

func TestHandlerCountsAnswers(t *testing.T) {
	m, r := newMetrics(t)
	h := m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/early":
			w.WriteHeader(http.StatusEarlyHints) // announces the answer, and is none
		case "/panic":
			panic(http.ErrAbortHandler)
		default:
			http.NotFound(w, r)
			w.WriteHeader(http.StatusOK) // too late, as net/http has it
		}
	}), func(string) string { return "page" })
	for _, path := range []string{"/early", "/panic", "/"} {
		func() {
			defer func() { _ = recover() }()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "BREW", path, nil))
		}()
	}
	expect(t, r, `
# HELP vedetta_http_requests_total Requests answered, by class of document, method and status.
# TYPE vedetta_http_requests_total counter
vedetta_http_requests_total{class="page",code="200",method="other"} 2
vedetta_http_requests_total{class="page",code="404",method="other"} 1
# HELP vedetta_http_response_bytes_total Bytes of bodies that were sent.
# TYPE vedetta_http_response_bytes_total counter
vedetta_http_response_bytes_total{class="page"} 19
`, "vedetta_http_requests_total", "vedetta_http_response_bytes_total")
}

func TestReloadsAndTransactions(t *testing.T) {
	m, r := newMetrics(t)
	m.Reloaded(errors.New("feeds.yaml:3: no"))
	m.Reloaded(nil)
	m.Reloaded(errors.New("feeds.yaml:3: no"))
	m.Wrote(3, time.Millisecond, nil)
	m.Wrote(1, time.Millisecond, errors.New("no space"))
	expect(t, r, `
# HELP vedetta_config_last_reload_successful Whether the configuration file as it stands now is the one that runs.
# TYPE vedetta_config_last_reload_successful gauge
vedetta_config_last_reload_successful 0
# HELP vedetta_config_reloads_total Attempts to take over a changed configuration, by how they ended.
# TYPE vedetta_config_reloads_total counter
vedetta_config_reloads_total{result="refused"} 2
vedetta_config_reloads_total{result="taken"} 1
# HELP vedetta_store_transactions_total Write transactions of the store, by how they ended.
# TYPE vedetta_store_transactions_total counter
vedetta_store_transactions_total{result="committed"} 1
vedetta_store_transactions_total{result="failed"} 1
# HELP vedetta_store_writes_total Writes that were committed; a transaction takes in those that wait at the same time.
# TYPE vedetta_store_writes_total counter
vedetta_store_writes_total 3
`, "vedetta_config_last_reload_successful", "vedetta_config_reloads_total", "vedetta_store_transactions_total", "vedetta_store_writes_total")
}

// still is a daemon that stands still.
type still struct {
	polls    map[string]news.Poll
	turns    map[string]engine.Appointment
	readErr  error
	writeErr error
}

func (s *still) Polls() (map[string]news.Poll, error) { return s.polls, s.readErr }
func (s *still) Usage() (store.Usage, error) {
	return store.Usage{Size: 4096, Free: 1024, Left: -1}, nil
}
func (s *still) Schedule() map[string]engine.Appointment { return s.turns }
func (s *still) Writable() error                         { return s.writeErr }

func TestState(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	d := &still{
		polls: map[string]news.Poll{
			"alfa":  {Last: now.Add(-60 * time.Second), Success: now.Add(-60 * time.Second)},
			"beta":  {Last: now, Failures: 4, Err: "no such host", Fault: news.FaultDNS, FailingSince: now.Add(-time.Hour)},
			"other": {Last: now},
		},
		turns: map[string]engine.Appointment{
			"alfa":  {Due: now.Add(-time.Second)},
			"beta":  {Due: now.Add(-2 * time.Second), Begun: now},
			"gamma": {Due: now.Add(time.Second)},
		},
		writeErr: errors.New("no space"),
	}
	var sources []config.Source
	for _, id := range []string{"alfa", "beta", "gamma"} {
		sources = append(sources, config.Source{Source: news.Source{ID: id}})
	}
	s := NewState(d, d, func() []config.Source { return sources }, func() map[string]string { return map[string]string{"alfa": "hub.example"} })
	s.now = func() time.Time { return now }
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(s)
	expect(t, r, `
# HELP vedetta_polls_in_progress Visits under way.
# TYPE vedetta_polls_in_progress gauge
vedetta_polls_in_progress 1
# HELP vedetta_polls_waiting Sources that are due and wait for a free worker.
# TYPE vedetta_polls_waiting gauge
vedetta_polls_waiting 1
# HELP vedetta_source_failing_since_timestamp_seconds Since when a source has been failing, in Unix time; no series while it answers.
# TYPE vedetta_source_failing_since_timestamp_seconds gauge
vedetta_source_failing_since_timestamp_seconds{source="beta"} 1.7999964e+09
# HELP vedetta_source_last_success_timestamp_seconds When a source last answered as it should, in Unix time.
# TYPE vedetta_source_last_success_timestamp_seconds gauge
vedetta_source_last_success_timestamp_seconds{source="alfa"} 1.79999994e+09
# HELP vedetta_source_pushed Whether a WebSub hub is bound to push a source's news.
# TYPE vedetta_source_pushed gauge
vedetta_source_pushed{source="alfa"} 1
vedetta_source_pushed{source="beta"} 0
vedetta_source_pushed{source="gamma"} 0
# HELP vedetta_source_state State of a source; the one that holds has the value 1, others have no series.
# TYPE vedetta_source_state gauge
vedetta_source_state{source="alfa",state="ok"} 1
vedetta_source_state{source="beta",state="failing"} 1
vedetta_source_state{source="gamma",state="new"} 1
# HELP vedetta_sources Sources that are polled.
# TYPE vedetta_sources gauge
vedetta_sources 3
# HELP vedetta_store_free_bytes Part of the store's file that writes reuse before it grows.
# TYPE vedetta_store_free_bytes gauge
vedetta_store_free_bytes 1024
# HELP vedetta_store_size_bytes Size of the store's file.
# TYPE vedetta_store_size_bytes gauge
vedetta_store_size_bytes 4096
# HELP vedetta_store_writable Whether the latest visit could be written.
# TYPE vedetta_store_writable gauge
vedetta_store_writable 0
`, "vedetta_polls_in_progress", "vedetta_polls_waiting", "vedetta_source_failing_since_timestamp_seconds", "vedetta_source_last_success_timestamp_seconds",
		"vedetta_source_pushed", "vedetta_source_state", "vedetta_sources", "vedetta_store_free_bytes", "vedetta_store_size_bytes", "vedetta_store_writable", "vedetta_store_disk_available_bytes")

	d.readErr = errors.New("page 7 makes no sense")
	if _, err := r.Gather(); err == nil || !strings.Contains(err.Error(), "page 7") {
		t.Errorf("Gather of a store that cannot be read = %v", err)
	}
}
