package main

import (
	"sync"
	"syscall"
	"testing"
)

func TestBehind(t *testing.T) {
	own, err := niceness()
	if err != nil {
		t.Fatal(err)
	}
	var b behind
	var first, second int
	b.run(func() {
		first = syscall.Gettid()
		if got, err := niceness(); err != nil || got != min(own+behindBy, 19) {
			t.Errorf("niceness behind = %d, %v; before it %d", got, err, own)
		}
	})
	b.run(func() { second = syscall.Gettid() })
	if first != second {
		t.Error("a thread that was free was not taken")
	}
	if got, err := niceness(); err != nil || got != own {
		t.Errorf("niceness of the caller = %d, %v; want %d", got, err, own)
	}

	// All that is there at the same time runs, whatever each waits for.
	var together sync.WaitGroup
	threads := make(chan int, 3)
	meet := make(chan struct{})
	for range cap(threads) {
		together.Go(func() {
			b.run(func() {
				threads <- syscall.Gettid()
				<-meet
			})
		})
	}
	seen := make(map[int]bool)
	for range cap(threads) {
		seen[<-threads] = true
	}
	close(meet)
	together.Wait()
	if len(seen) != cap(threads) || !seen[first] {
		t.Errorf("ran on the threads %v; want %d, among them %d", seen, cap(threads), first)
	}
}
