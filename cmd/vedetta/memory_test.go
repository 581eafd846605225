package main

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"
)

func TestGroupLimit(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  int64
	}{
		"no control groups": {fstest.MapFS{}, 0},
		"no limit":          {fstest.MapFS{"proc/self/cgroup": file("0::/a\n"), "sys/fs/cgroup/a/memory.max": file("max\n")}, 0},
		"own":               {fstest.MapFS{"proc/self/cgroup": file("0::/a/b\n"), "sys/fs/cgroup/a/b/memory.max": file("1000\n")}, 1000},
		"high below max": {fstest.MapFS{
			"proc/self/cgroup": file("0::/a\n"), "sys/fs/cgroup/a/memory.max": file("1000\n"), "sys/fs/cgroup/a/memory.high": file("800\n"),
		}, 800},
		"of the parent": {fstest.MapFS{
			"proc/self/cgroup": file("0::/a/b\n"), "sys/fs/cgroup/a/b/memory.max": file("max\n"), "sys/fs/cgroup/a/memory.max": file("700\n"),
		}, 700},
		"of a container": {fstest.MapFS{"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("900\n")}, 900},
		"other version":  {fstest.MapFS{"proc/self/cgroup": file("5:memory:/a\n"), "sys/fs/cgroup/a/memory.max": file("900\n")}, 0},
		"outside":        {fstest.MapFS{"proc/self/cgroup": file("0::/../../a\n"), "sys/fs/cgroup/memory.max": file("900\n")}, 0},
	} {
		if got := groupLimit(c.files); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestEnvironmentDecidesOnMemory(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) })
	root := fstest.MapFS{
		"proc/self/cgroup":           {Data: []byte("0::/a\n")},
		"sys/fs/cgroup/a/memory.max": {Data: []byte("1073741824\n")},
	}
	set := func(string) string { return "1" }
	tuneMemory(set, root)
	if p, l := debug.SetGCPercent(100), debug.SetMemoryLimit(-1); p != 100 || l != math.MaxInt64 {
		t.Errorf("with GOGC and GOMEMLIMIT set: %d %%, %d bytes", p, l)
	}
	tuneMemory(func(string) string { return "" }, root)
	if p, l := debug.SetGCPercent(100), debug.SetMemoryLimit(-1); p != starting && p != sparing || l != 1073741824/10*9 {
		t.Errorf("without: %d %%, %d bytes", p, l)
	}
}

func TestOnCollection(t *testing.T) {
	called := make(chan struct{})
	onCollection(func() { close(called) })
	runtime.GC()
	select {
	case <-called:
	case <-time.After(time.Minute):
		t.Error("nobody was told of a collection")
	}
}

// What lies idle is given back, after a while.
func TestIdleMemoryIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runtime.GC()
		most := max(idleMost, readHeap().live/4) // other tests may have left a large heap
		func() {
			lots := make([]byte, 4*most)
			for i := 0; i < len(lots); i += 4096 {
				lots[i] = 1
			}
			runtime.KeepAlive(lots)
		}()
		runtime.GC()
		if n := readHeap().idle; n < 2*most {
			t.Skipf("SKIPPED: the collector leaves only %d bytes idle", n)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		var logged strings.Builder
		release := func() error { return errors.New("not this time") }
		go func() { giveBack(ctx, release, slog.New(slog.NewTextHandler(&logged, nil))); close(done) }()
		time.Sleep(idleEvery + time.Second)
		if n := readHeap().idle; n > most {
			t.Errorf("%d bytes still lie idle", n)
		}
		stop()
		<-done
		if n := strings.Count(logged.String(), "not this time"); n != 1 {
			t.Errorf("the store was asked %d times, want once: %s", n, logged.String())
		}
	})
}
