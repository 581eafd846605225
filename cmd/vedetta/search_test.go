package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vedetta/publish"
)

// The archive can be searched while the daemon runs and when it does not: on
// the page, as a feed, for machines and from the command line.
func TestSearchOverTheNewsroom(t *testing.T) {
	w := newWorld(t)
	w.round(t)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	index := w.service.index
	wg.Go(func() { index.Follow(ctx, indexed{w.store}, 10*time.Millisecond, slog.New(slog.DiscardHandler)) })
	stop := sync.OnceFunc(func() { cancel(); wg.Wait(); _ = index.Close() })
	t.Cleanup(stop)
	search := func(question string) (r publish.Results) {
		t.Helper()
		if err := json.Unmarshal([]byte(w.get(t, "/search.json?q="+url.QueryEscape(question))), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	for generation := index.Generation(); search("gcap").Share < 1; generation = index.Generation() {
		for index.Generation() == generation && t.Context().Err() == nil {
			time.Sleep(time.Millisecond)
		}
	}
	titles := func(r publish.Results) string {
		var out []string
		for _, h := range r.Hits {
			out = append(out, h.Title)
		}
		return strings.Join(out, "\n")
	}
	for question, want := range map[string]string{
		"missile":                          "disgelo", // the text says "missili"
		"ministri Torino relazione:gcap":   "TORINO",
		"tempura acciughe":                 "tempura", // off topic is found too
		`fonte:"Agenzia Vespera" Giappone`: "Stati Uniti-Giappone",
		"Giappone data:2019":               "", // nothing is as old
		"tempura -acciughe":                "",
	} {
		r := search(question)
		if !strings.Contains(titles(r), want) || (r.Total == 0) != (want == "") {
			t.Errorf("%s: %d found\n%s", question, r.Total, titles(r))
		}
	}
	if page := w.get(t, "/search?q=missile"); !strings.Contains(page, "<mark>missili</mark>") {
		t.Error("the page does not mark what was found")
	}
	total := search("gcap").Total
	if f := w.feed(t, "/search.atom?q=gcap"); len(f.Items) != total {
		t.Errorf("the search as a feed has %d entries, the page %d", len(f.Items), total)
	}

	cfg := filepath.Join(w.dir, "feeds.yaml")
	byCommand := func(when string) {
		t.Helper()
		code, out, errs := vedettaRun(t, "", "search", "--json", "--config", cfg, "--data", w.dir, "gcap", "della")
		var r publish.Results
		if err := json.Unmarshal([]byte(out), &r); code != 0 || err != nil || r.Total != total || len(r.Ignored) != 1 {
			t.Errorf("%s: exit %d, %v, %d found, ignored %q; want %d\n%s", when, code, err, r.Total, r.Ignored, total, errs)
		}
		code, out, errs = vedettaRun(t, "", "search", "--config", cfg, "--data", w.dir, "missile della")
		if code != 0 || !strings.Contains(out, "missili") || !strings.Contains(out, "stories\n") || !strings.Contains(errs, "«della»") {
			t.Errorf("%s: exit %d\n%s%s", when, code, out, errs)
		}
	}
	byCommand("beside the daemon")
	stop()
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	byCommand("without the daemon")
}

func TestSearchWithoutAnArchive(t *testing.T) {
	code, _, errs := vedettaRun(t, "", "search", "--data", t.TempDir(), "--config", filepath.Join("..", "..", "feeds.yaml"), "gcap")
	if code != 1 || !strings.Contains(errs, "vedetta run") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, _, _ := vedettaRun(t, "", "search", "--page", "0", "gcap"); code != exitUsage {
		t.Errorf("page 0: exit %d", code)
	}
}
