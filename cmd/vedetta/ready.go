package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/news"
)

// What /readyz asks. docs/monitoring.md repeats these numbers.
const (
	graceTime = 15 * time.Minute // after a start no source needs to have answered
	lateMost  = time.Hour        // a source may be due for so long before the schedule is taken to be stuck
	visitMost = 3 * time.Hour    // a visit may take so long: pages, politeness and timeouts included
	silentFor = 6 * time.Hour    // a failing source counts as answering for so long after its last good answer
	leastPart = 2                // one in so many sources has to answer
)

// readiness is one thing that /readyz looks at.
type readiness struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// serveReady says whether the daemon is of use: 200 when all is well, else
// 503; a line for each thing looked at, or JSON for those who ask for it.
func (d *service) serveReady(w http.ResponseWriter, r *http.Request, cfg *config.Config) {
	checks := d.ready(cfg, time.Now())
	ok := !slices.ContainsFunc(checks, func(c readiness) bool { return !c.OK })
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept")
	status := http.StatusOK
	if !ok {
		status = http.StatusServiceUnavailable
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		h.Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = printJSON(w, map[string]any{"ready": ok, "checks": checks}) // the client may be gone
		return
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, readyText(ok, checks))
}

func readyText(ok bool, checks []readiness) string {
	var b strings.Builder
	if ok {
		b.WriteString("ok\n")
	} else {
		b.WriteString("not ready\n")
	}
	for _, c := range checks {
		word := "ok  "
		if !c.OK {
			word = "FAIL"
		}
		fmt.Fprintf(&b, "%s %s: %s\n", word, c.Name, c.Detail)
	}
	return b.String()
}

// ready looks at the schedule, the store and the sources.
func (d *service) ready(cfg *config.Config, now time.Time) []readiness {
	sources := cfg.EnabledSources()
	polls, err := d.store.Polls()
	return []readiness{
		onSchedule(d.engine.Schedule(), len(sources), now),
		stored(errors.Join(err, d.engine.Writable())),
		answering(polls, sources, d.started, now),
	}
}

// onSchedule holds as long as sources are followed and none has been due for
// long without being visited.
func onSchedule(turns map[string]engine.Appointment, sources int, now time.Time) readiness {
	c := readiness{Name: "schedule", OK: true, Detail: fmt.Sprintf("%s followed", counted(len(turns), "source"))}
	if len(turns) == 0 && sources > 0 {
		c.OK, c.Detail = false, "no source is followed: the schedule does not run"
		return c
	}
	late := 0
	for _, id := range slices.Sorted(maps.Keys(turns)) {
		t := turns[id]
		switch waits, takes := now.Sub(t.Due), now.Sub(t.Begun); {
		case t.Begun.IsZero() && waits > lateMost:
			c.Detail += fmt.Sprintf("; %s has been due for %s", id, waits.Round(time.Second))
		case !t.Begun.IsZero() && takes > visitMost:
			c.Detail += fmt.Sprintf("; %s has been visited for %s", id, takes.Round(time.Second))
		default:
			continue
		}
		late++
	}
	c.OK = late == 0
	return c
}

// stored holds when the store can be read and took the latest visit.
func stored(err error) readiness {
	if err != nil {
		return readiness{Name: "store", Detail: strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	return readiness{Name: "store", OK: true, Detail: "can be read and written"}
}

// answering holds when enough of the sources that were ever asked answer.
func answering(polls map[string]news.Poll, sources []config.Source, started, now time.Time) readiness {
	var last time.Time
	asked, answer := 0, 0
	for _, s := range sources {
		p := polls[s.ID]
		if p.Last.IsZero() {
			continue
		}
		asked++
		if !p.Failed() || now.Sub(p.Success) < silentFor {
			answer++
		}
		last = slices.MaxFunc([]time.Time{last, p.Success}, time.Time.Compare)
	}
	c := readiness{Name: "sources", OK: leastPart*answer >= asked, Detail: fmt.Sprintf("%d of %d that were asked answer", answer, asked)}
	if !last.IsZero() {
		c.Detail += ", the latest at " + last.Format(time.RFC3339)
	}
	if !c.OK && now.Sub(started) < graceTime {
		c.OK = true
		c.Detail += "; just started, they have until " + started.Add(graceTime).Format(time.RFC3339)
	}
	return c
}
