package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vedetta"
	"vedetta/config"
	"vedetta/news"
)

var (
	soakDays = flag.Int("soak.days", fortnight, "simulated days of TestSoak")
	soakSVG  = flag.String("soak.svg", "", "file to draw the curve of TestSoak in")
	soakKeep = flag.String("soak.keep", "", "folder for the database and the heap profiles of TestSoak")
)

// soakOutlets is the number of sources, three of which leave and come back with
// each reload.
const soakOutlets = 10

// reading is a point of the curve.
type reading struct {
	day        int
	requests   int
	articles   int
	heap, rss  int64 // bytes; the heap after a collection
	goroutines int
	files      int   // descriptors
	size, used int64 // of the database: its file, and the part of it that is not free
}

// TestSoak runs the daemon for a fortnight, or a year (make soak), on a
// simulated clock: real configuration, engine, fetcher, extractor, topics,
// stories, store and site over an invented press, with failing sources,
// corrections, copies, readers, and a reload each week. What should be flat has
// to be. It runs in a process of its own, where goroutines and descriptors are not
// those that other tests leave behind for a while.
func TestSoak(t *testing.T) {
	if os.Getenv(soakEnv) != "" {
		synctest.Test(t, soak)
		return
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-test.run=^TestSoak$", fmt.Sprint("-soak.days=", *soakDays), "-soak.svg=" + *soakSVG, "-soak.keep=" + *soakKeep}
	if end, ok := t.Deadline(); ok {
		args = append(args, fmt.Sprint("-test.timeout=", time.Until(end)))
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Env = append(os.Environ(), soakEnv+"=1")
	cmd.Stderr = os.Stderr
	if out, err := cmd.Output(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// soakEnv makes the test binary be the process of TestSoak.
const soakEnv = "VEDETTA_TEST_SOAK"

func soak(t *testing.T) {
	dir := *soakKeep
	if dir == "" {
		dir = memoryDir(t)
	}
	path := filepath.Join(dir, "feeds.yaml")
	keep := max(*soakDays/6, 2)
	write := func(week int) {
		if err := os.WriteFile(path, soakConfig(week, keep), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(0)
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	press := &soakPress{start: time.Now(), outlets: soakOutlets}
	var log bytes.Buffer
	watch := &watcher{path: path, changes: make(chan struct{}, 1)} // told by hand: the kernel knows no simulated clock
	d, stop := startSimulated(t, dir, cfg, press, watch, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})))
	ctx, cancel := context.WithCancel(t.Context())
	var warming sync.WaitGroup
	warming.Go(func() { d.keepWarm(ctx) })

	var curve []reading
	step := max(*soakDays/12, 1)
	for day := 1; day <= *soakDays; day++ {
		time.Sleep(24 * time.Hour)
		soakRead(t, d)
		if day%7 == 0 {
			write(day / 7)
			watch.post()
		}
		if day%step == 0 {
			synctest.Wait()
			r := measure(t, d, press, day)
			curve = append(curve, r)
			keepProfile(t, day)
			fmt.Fprintln(os.Stderr, r)
		}
	}
	cancel()
	warming.Wait()
	stop()
	if log.Len() > 0 {
		t.Errorf("the daemon complained of itself:\n%.2000s", log.String())
	}
	judgeCurve(t, curve)
	if *soakSVG != "" {
		if err := os.WriteFile(*soakSVG, drawCurve(curve), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// memoryDir is a directory in memory where there is one: a year of waiting for
// a disk would take hours.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "vedetta-soak-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// soakConfig is the configuration of a week: three of the outlets come and go,
// and every fourth week the topics change, so that the archive is judged anew.
func soakConfig(week, keep int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "poll: {schedule: \"@every 2h\", contact: \"mailto:prova@esempio.it\"}\nkeep: {text: %dd}\nsources:\n", keep)
	for i := range soakOutlets {
		fmt.Fprintf(&b, "  - {name: Testata %d, url: \"https://testata%d.example/feed\", schedule: \"@every 2h\", enabled: %v}\n", i, i, i < soakOutlets-3 || week%2 == 0)
	}
	topics := vedetta.Feeds[bytes.Index(vedetta.Feeds, []byte("\ntopics:")):]
	if week/4%2 == 1 {
		topics = bytes.Replace(topics, []byte("threshold: 0.5"), []byte("threshold: 0.51"), 1)
	}
	b.Write(topics)
	return b.Bytes()
}

// soakRead is what readers ask in a day.
func soakRead(t *testing.T, d *service) {
	t.Helper()
	month := time.Now().Format("2006-01")
	paths := []string{
		"/", "/sources", "/subscribe", "/sources.atom", "/sources.json", "/metrics", "/readyz", "/?month=" + month, "/non/esiste",
		"/feeds/" + topicID + ".atom", "/feeds/" + topicID + ".rss", "/feeds/" + topicID + ".json", "/feeds/" + topicID + "/near-misses.atom",
		"/feeds/" + topicID + "/archive/" + month + ".atom",
	}
	stories, err := d.store.Timeline(news.Query{Topic: topicID, Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range stories {
		paths = append(paths, "/stories/"+st.ID, "/threads/"+st.Thread)
	}
	for _, path := range paths {
		w := httptest.NewRecorder()
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		req.Header.Set("Accept-Encoding", "gzip")
		d.ServeHTTP(w, req)
		if w.Code >= http.StatusInternalServerError && path != "/readyz" {
			t.Errorf("%s: %d %.200s", path, w.Code, w.Body)
		}
	}
}

func measure(t *testing.T, d *service, press *soakPress, day int) reading {
	t.Helper()
	st, err := d.store.Stats()
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.GC() // what finalizers and pools still held
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	press.mu.Lock()
	defer press.mu.Unlock()
	return reading{
		day: day, requests: press.requests, articles: st.Articles,
		heap: int64(mem.HeapAlloc), rss: residentBytes(), goroutines: runtime.NumGoroutine(), files: openFiles(),
		size: st.Size, used: st.Size - st.Free,
	}
}

// keepProfile writes what the heap holds, if that was asked for.
func keepProfile(t *testing.T, day int) {
	t.Helper()
	if *soakKeep == "" {
		return
	}
	f, err := os.Create(filepath.Join(*soakKeep, fmt.Sprintf("heap-%03d.pprof", day)))
	if err == nil {
		err = errors.Join(pprof.WriteHeapProfile(f), f.Close())
	}
	if err != nil {
		t.Error(err)
	}
}

// residentBytes is the memory that the process holds; 0 where it cannot be told.
func residentBytes() int64 {
	status, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(status))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// openFiles is the number of descriptors; 0 where it cannot be told.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

func (r reading) String() string {
	const mb = 1 << 20
	return fmt.Sprintf("day %3d  %7d requests  %6d articles  heap %5.1f MB  rss %6.1f MB  %3d goroutines  %2d descriptors  file %5.1f MB, %5.1f MB used",
		r.day, r.requests, r.articles, float64(r.heap)/mb, float64(r.rss)/mb, r.goroutines, r.files, float64(r.size)/mb, float64(r.used)/mb)
}
