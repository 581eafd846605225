package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/news"
)

func TestAnswering(t *testing.T) {
	cfg, err := config.Parse("feeds.yaml", []byte(strings.Replace(minimal, "sources:", `sources:
  - {name: Beta, url: "http://127.0.0.1:9/beta"}
  - {name: Gamma, url: "http://127.0.0.1:9/gamma"}`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	good := news.Poll{Last: now.Add(-time.Hour), Success: now.Add(-time.Hour)}
	failing := func(since time.Duration) news.Poll {
		return news.Poll{Last: now, Success: now.Add(-since), Failures: 3, Err: "no route to host", FailingSince: now.Add(-since)}
	}
	never := news.Poll{Last: now, Failures: 1, Err: "no such host"}
	for name, c := range map[string]struct {
		polls []news.Poll // of alfa, beta, gamma
		age   time.Duration
		ok    bool
		want  string
	}{
		"all":                {[]news.Poll{good, good, good}, time.Hour, true, "3 of 3"},
		"none asked":         {[]news.Poll{{}, {}, {}}, time.Hour, true, "0 of 0"},
		"one of one asked":   {[]news.Poll{good, {}, {}}, time.Hour, true, "1 of 1"},
		"half":               {[]news.Poll{good, never, {}}, time.Hour, true, "1 of 2"},
		"less than half":     {[]news.Poll{good, never, failing(7 * time.Hour)}, time.Hour, false, "1 of 3"},
		"failing for a bit":  {[]news.Poll{good, never, failing(5 * time.Hour)}, time.Hour, true, "2 of 3"},
		"none, just started": {[]news.Poll{never, never, never}, 5 * time.Minute, true, "just started"},
		"none":               {[]news.Poll{never, never, never}, 16 * time.Minute, false, "0 of 3"},
	} {
		polls := map[string]news.Poll{"alfa": c.polls[0], "beta": c.polls[1], "gamma": c.polls[2]}
		got := answering(polls, cfg.EnabledSources(), now.Add(-c.age), now)
		if got.OK != c.ok || !strings.Contains(got.Detail, c.want) {
			t.Errorf("%s: %+v; want %v with %q", name, got, c.ok, c.want)
		}
	}
}

func TestOnSchedule(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		turns   map[string]engine.Appointment
		sources int
		ok      bool
		want    string
	}{
		"nothing to do":    {nil, 0, true, "0 sources"},
		"not running":      {nil, 3, false, "does not run"},
		"waiting":          {map[string]engine.Appointment{"a": {Due: now.Add(time.Hour)}}, 1, true, "1 source followed"},
		"a little late":    {map[string]engine.Appointment{"a": {Due: now.Add(-59 * time.Minute)}}, 1, true, "1 source followed"},
		"late":             {map[string]engine.Appointment{"a": {Due: now.Add(-61 * time.Minute)}, "b": {Due: now}}, 2, false, "a has been due for 1h1m0s"},
		"long visit":       {map[string]engine.Appointment{"a": {Due: now.Add(-2 * time.Hour), Begun: now.Add(-2 * time.Hour)}}, 1, true, "1 source followed"},
		"visit that hangs": {map[string]engine.Appointment{"a": {Due: now.Add(-4 * time.Hour), Begun: now.Add(-4 * time.Hour)}}, 1, false, "visited for 4h0m0s"},
	} {
		if got := onSchedule(c.turns, c.sources, now); got.OK != c.ok || !strings.Contains(got.Detail, c.want) {
			t.Errorf("%s: %+v; want %v with %q", name, got, c.ok, c.want)
		}
	}
}

func TestStored(t *testing.T) {
	if c := stored(nil); !c.OK {
		t.Errorf("%+v", c)
	}
	if c := stored(errors.New("no space left on device")); c.OK || !strings.Contains(c.Detail, "no space") {
		t.Errorf("%+v", c)
	}
}

// TestReadyz asks a daemon that has polled, but whose schedule does not run.
func TestReadyz(t *testing.T) {
	w := newWorld(t)
	w.round(t)
	ask := func(accept string) (int, string) {
		t.Helper()
		return w.ask(t, http.MethodGet, "/readyz", http.Header{"Accept": {accept}})
	}
	status, body := ask("")
	if status != http.StatusServiceUnavailable || !strings.HasPrefix(body, "not ready\nFAIL schedule: ") || !strings.Contains(body, "\nok   store: ") {
		t.Errorf("%d\n%s", status, body)
	}
	_, body = ask("application/json")
	var r struct {
		Ready  bool
		Checks []readiness
	}
	if err := json.Unmarshal([]byte(body), &r); err != nil || r.Ready || len(r.Checks) != 3 || !r.Checks[1].OK || !r.Checks[2].OK {
		t.Errorf("%s: %+v, %v", body, r, err)
	}
	if body := afterARound(t).get(t, "/readyz"); !strings.HasPrefix(body, "ok\n") || strings.Contains(body, "FAIL") {
		t.Errorf("while the schedule runs:\n%s", body)
	}
}
