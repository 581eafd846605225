package main

import (
	"runtime"
	"sync"
)

// behind runs work on threads of its own, which the kernel puts behind the
// others of the process: while polls keep every processor busy, those that
// answer readers go first. The zero value is ready.
type behind struct {
	mu   sync.Mutex
	idle []chan func() // threads without work
}

// run returns when the work is done.
func (b *behind) run(work func()) {
	thread := b.thread()
	done := make(chan struct{})
	thread <- func() {
		defer close(done)
		work()
		b.mu.Lock()
		defer b.mu.Unlock()
		b.idle = append(b.idle, thread)
	}
	<-done
}

// thread takes an idle thread or starts one, which lives as long as the process.
func (b *behind) thread() chan func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if last := len(b.idle) - 1; last >= 0 {
		thread := b.idle[last]
		b.idle = b.idle[:last]
		return thread
	}
	thread := make(chan func())
	go func() {
		runtime.LockOSThread()
		yieldProcessor()
		for work := range thread {
			work()
		}
	}()
	return thread
}
