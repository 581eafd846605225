package main

import (
	"context"
	"io/fs"
	"log/slog"
	"path"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// sparing is how much the heap may grow between two collections, in percent.
// Most of it is the index of stories, which stays; Go's own 100 would double it.
const sparing = 50

// starting is that before the first collection, which it puts off until there
// are 16 MiB instead of 2: starting up keeps most of what it makes, and a poll
// that brings nothing ends before.
const starting = 400

// tuneMemory sets the garbage collector's pace and the limit of memory, unless
// the environment does, by GOGC and GOMEMLIMIT: within a control group that has
// a limit, nine tenths of it, so that memory is collected before the kernel
// kills.
func tuneMemory(getenv func(string) string, root fs.FS) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(starting)
		onCollection(func() { debug.SetGCPercent(sparing) })
	}
	if limit := groupLimit(root); getenv("GOMEMLIMIT") == "" && limit > 0 {
		debug.SetMemoryLimit(limit / 10 * 9)
	}
}

// onCollection has f called, once, when garbage has been collected.
func onCollection(f func()) {
	sentinel := new([1]*int) // with a pointer, so that it shares its room with nothing
	runtime.AddCleanup(sentinel, func(f func()) { f() }, f)
}

// groupLimit is the least limit, in bytes, of the control groups (version 2)
// that the process is in; 0 when there is none. root is the root of the file
// system.
func groupLimit(root fs.FS) int64 {
	own, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	var least int64
	for line := range strings.Lines(string(own)) {
		group, ok := strings.CutPrefix(strings.TrimSpace(line), "0::/")
		if !ok {
			continue
		}
		for dir := path.Join("sys/fs/cgroup", group); strings.HasPrefix(dir, "sys/fs/cgroup"); dir = path.Dir(dir) {
			for _, name := range []string{"memory.max", "memory.high"} {
				b, err := fs.ReadFile(root, path.Join(dir, name))
				if err != nil {
					continue
				}
				n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
				if err == nil && n > 0 && (least == 0 || n < least) {
					least = n
				}
			}
		}
	}
	return least
}

// How often it is looked whether memory lies idle, how much of it is worth a
// collection, which the runtime makes by itself only after minutes, and how much
// that nothing refers to any more while next to nothing is done; of a large heap
// a quarter, as it takes longer to go through.
const (
	idleEvery   = 10 * time.Second
	idleMost    = 8 << 20
	garbageMost = 6 << 20
	littleDone  = 1 << 20 // bytes allocated since the time before
)

// giveBack returns memory that lies idle to the system, such as the start and
// a round that brought much leave behind, until ctx ends; release does that for
// the store.
func giveBack(ctx context.Context, release func() error, log *slog.Logger) {
	tick := time.NewTicker(idleEvery)
	defer tick.Stop()
	before, forget := readHeap(), forgetter()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := readHeap()
		quiet := now.allocated-before.allocated < littleDone
		if now.idle > max(idleMost, now.live/4) || now.garbage > max(garbageMost, now.live/4) && quiet {
			debug.FreeOSMemory()
			now = readHeap()
		}
		before = now
		if err := release(); err != nil {
			log.Warn("cannot give memory back", "err", err)
		}
		if quiet {
			forget()
		}
	}
}

// heapUse is what the runtime tells of its memory, in bytes.
type heapUse struct {
	idle      uint64 // holds nothing and is not given back
	live      uint64 // found by the latest collection
	garbage   uint64 // allocated since then, and perhaps not needed now
	allocated uint64 // since the start
}

func readHeap() heapUse {
	s := []metrics.Sample{
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/gc/heap/allocs:bytes"},
	}
	metrics.Read(s)
	objects, live := s[1].Value.Uint64(), s[2].Value.Uint64()
	return heapUse{idle: s[0].Value.Uint64(), live: live, garbage: objects - min(objects, live), allocated: s[3].Value.Uint64()}
}
