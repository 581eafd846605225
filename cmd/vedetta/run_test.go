package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/fetcher"
	"vedetta/news"
	"vedetta/store"
)

// messages is a logger's handler that hands each message to a test.
type messages chan string

func (m messages) Enabled(context.Context, slog.Level) bool { return true }
func (m messages) WithAttrs([]slog.Attr) slog.Handler       { return m }
func (m messages) WithGroup(string) slog.Handler            { return m }
func (m messages) Handle(_ context.Context, r slog.Record) error {
	m <- r.Message
	return nil
}

// await returns when a message has come.
func (m messages) await(t *testing.T, want string) {
	t.Helper()
	limit := time.After(patience)
	for {
		select {
		case got := <-m:
			if got == want {
				return
			}
		case <-limit:
			t.Fatalf("the daemon never said %q", want)
		}
	}
}

const minimal = `
server: {title: "Uno", listen: "127.0.0.1:0"}
sources:
  - {name: Alfa, url: "http://127.0.0.1:9/feed"}
topics:
  - id: patto
    title: Patto
    actors:
      nato:     {label: NATO, terms: [NATO]}
      giappone: {label: Giappone, terms: [Giappone]}
    relations:
      - {id: nato-giappone, between: [nato, giappone]}
`

func TestDaemonKeepsTheLastGoodConfiguration(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "feeds.yaml")
	save := func(content string) { // as editors do: a new file in the old one's place
		t.Helper()
		tmp := filepath.Join(dir, ".feeds.yaml.swp")
		if err := os.WriteFile(tmp, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(tmp, path); err != nil {
			t.Fatal(err)
		}
	}
	save(minimal)
	logged := make(messages, 1000)
	log := slog.New(logged)
	watch, err := newWatcher(path, log)
	if err != nil {
		t.Fatal(err)
	}
	defer watch.close()
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(filepath.Join(dir, "vedetta.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := newService(watch, l.Addr().String(), s, newMeasures(), log)
	now, err := d.prepare(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.run(ctx, l, now) }()
	logged.await(t, "serving")
	get := func(path string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	const gauge = "vedetta_config_last_reload_successful "
	if page := get("/"); !strings.Contains(page, "Uno") || !strings.Contains(get("/metrics"), gauge+"1") {
		t.Errorf("page:\n%.400s", page)
	}
	save(strings.Replace(minimal, "url:", "ulr:", 1))
	logged.await(t, "configuration not taken over: the last good one stays")
	if page := get("/"); !strings.Contains(page, "Uno") || !strings.Contains(get("/metrics"), gauge+"0") {
		t.Errorf("page under a faulty file:\n%.400s", page)
	}
	save(strings.Replace(minimal, `"Uno"`, `"Due"`, 1))
	logged.await(t, "configuration taken over")
	if page := get("/"); !strings.Contains(page, "Due") || strings.Contains(page, "Uno") || !strings.Contains(get("/metrics"), gauge+"1") {
		t.Errorf("page after the reload:\n%.400s", page)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	logged.await(t, "configuration taken over")
	cancel()
	logged.await(t, "stopped")
	if err := <-done; err != nil {
		t.Errorf("run = %v; want a clean end", err)
	}
}

func TestAPortInUseIsNamed(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	path := write(t, "feeds.yaml", minimal)
	code, _, stderr := vedettaRun(t, "", "run", "--config", path, "--data", t.TempDir(), "--listen", l.Addr().String())
	if code != exitFailed || !strings.Contains(stderr, l.Addr().String()) || !strings.Contains(stderr, "--listen") {
		t.Errorf("exit %d, %q", code, stderr)
	}
}

func TestEverySourceFailing(t *testing.T) {
	path := write(t, "feeds.yaml", minimal)
	data := t.TempDir()
	code, out, stderr := vedettaRun(t, "", "poll", "--config", path, "--data", data, "--log-level", "error")
	if code != exitFailed || !strings.Contains(out, "address is not allowed") || !strings.Contains(stderr, "every source failed") {
		t.Errorf("exit %d, %q, %q", code, out, stderr)
	}
	code, out, _ = vedettaRun(t, "", "poll", "--config", path, "--data", data, "--json")
	var o engine.Outcome
	if err := json.Unmarshal([]byte(out), &o); err != nil || code != exitDone || o.Status != engine.Waiting || o.NotBefore.IsZero() {
		t.Errorf("exit %d, %s, %v; want it left alone until the time named", code, out, err)
	}
	code, out, _ = vedettaRun(t, "", "sources", "--config", path, "--data", data, "--json")
	var row sourceRow
	if err := json.Unmarshal([]byte(out), &row); err != nil || code != exitDone || row.State != "failing" || row.Reason == "" {
		t.Errorf("exit %d, %s, %v", code, out, err)
	}
}

func TestEvalAndReplay(t *testing.T) {
	path := write(t, "feeds.yaml", minimal)
	labelled := write(t, "articoli.jsonl", `{"id":"1","title":"La NATO e il Giappone firmano","text":"La NATO e il Giappone hanno firmato un accordo di cooperazione. La NATO aprirà un ufficio in Giappone.","label":"on","facets":["nato-giappone"],"kind":"on","published":"2026-02-01T10:00:00Z","copy":"","thread":""}
{"id":"2","title":"La ricetta della domenica","text":"Sbattere le uova e unire la farina.","label":"off","facets":[],"kind":"recipe","published":"2026-02-01T10:00:00Z","copy":"","thread":""}
`)
	code, out, stderr := vedettaRun(t, "", "eval", "--config", path, "--json", labelled)
	var e evaluation
	if err := json.Unmarshal([]byte(out), &e); err != nil || code != exitDone || e.Topic.F1 != 1 || e.Stories == nil || e.Topic.Kinds["recipe"].Neither != 1 {
		t.Errorf("exit %d, %s, %s, %v", code, out, stderr, err)
	}
	if code, out, _ = vedettaRun(t, "", "eval", "--config", path, labelled); code != exitDone || !strings.Contains(out, "by kind") {
		t.Errorf("exit %d, %s", code, out)
	}
	// Against the default configuration, under which the first is off.
	t.Setenv("CONFIGURATION_DIRECTORY", filepath.Dir(write(t, "feeds.yaml", strings.ReplaceAll(minimal, "Giappone]", "Cina]"))))
	if code, out, _ = vedettaRun(t, "", "eval", "--config", path, labelled); code != exitDone || !strings.Contains(out, "+1 −0") {
		t.Errorf("exit %d, %s; want the comparison", code, out)
	}
	unlabelled := write(t, "a.jsonl", `{"id":"1","title":"x","text":"y"}`)
	if code, _, stderr = vedettaRun(t, "", "eval", "--config", path, unlabelled); code != exitUsage || !strings.Contains(stderr, "nothing to hold") {
		t.Errorf("exit %d, %s", code, stderr)
	}

	data := t.TempDir()
	s, err := store.Open(filepath.Join(data, "vedetta.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := news.Article{
		ID: "000000000000000000000001", Source: "alfa", URL: "https://alfa.example/1", Title: "La NATO e il Giappone firmano", Seen: time.Now(), Published: time.Now(),
		Text:     "La NATO e il Giappone hanno firmato un accordo di cooperazione. La NATO aprirà un ufficio in Giappone.",
		Verdicts: []news.Verdict{{Topic: "patto"}},
	}
	a.Story = a.ID
	st := news.Story{ID: a.ID, Shown: a.ID, Thread: a.ID, Members: []news.Member{{Article: a.ID, Source: "alfa", Published: a.Published}}, First: a.Published, Updated: a.Published}
	if err := s.Commit(news.Visit{Source: "alfa", Articles: []news.Article{a}, Placement: news.Placement{Stories: []news.Story{st}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ flag, want string }{{"", "+1 −0"}, {"--apply", "+1 −0"}, {"", "+0 −0"}} {
		args := append([]string{"replay", "--config", path, "--data", data}, strings.Fields(step.flag)...)
		if code, out, stderr = vedettaRun(t, "", args...); code != exitDone || !strings.Contains(out, step.want) {
			t.Errorf("replay %s: exit %d, %s%s; want %s", step.flag, code, out, stderr, step.want)
		}
	}
}

func TestDemoOnce(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"demo", "--once", "--listen", "127.0.0.1:0"}, nil, &out, &errs); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	for _, want := range []string{"Agenzia Vespera", "articles read", "/feeds/nato-giappone-italia.atom", "near-misses.atom"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the demo does not show %q:\n%s", want, out.String())
		}
	}
}

func TestSameListen(t *testing.T) {
	for _, tc := range []struct {
		asked, has string
		want       bool
	}{
		{"127.0.0.1:8417", "127.0.0.1:8417", true},
		{"localhost:8417", "127.0.0.1:8417", true},
		{":8417", "[::]:8417", true},
		{"0.0.0.0:8417", "[::]:8417", true},
		{":8417", "127.0.0.1:8417", false},
		{"127.0.0.1:8418", "127.0.0.1:8417", false},
	} {
		has, err := net.ResolveTCPAddr("tcp", tc.has)
		if err != nil {
			t.Fatal(err)
		}
		if got := sameListen(tc.asked, has); got != tc.want {
			t.Errorf("asked for %s, has %s: %t", tc.asked, tc.has, got)
		}
	}
	if sameListen("127.0.0.1:8417", &net.UnixAddr{Name: "/run/vedetta.sock", Net: "unix"}) {
		t.Error("a socket in the file system is taken for a port")
	}
}

// A restart does not come back to a site that has just said to wait.
func TestWaitsOutliveARestart(t *testing.T) {
	asked := 0
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer site.Close()
	s, err := store.Open(filepath.Join(t.TempDir(), "vedetta.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for range 2 {
		o, err := remembering(fetcherOptions(config.Polling{Allow: []string{"127.0.0.1"}}, slog.New(slog.DiscardHandler)), s, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		f, err := fetcher.New(o)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.Feed(t.Context(), news.Source{ID: "a", URL: site.URL}, news.Poll{}); err == nil {
			t.Error("no error")
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}
