package main

import "runtime"

// spareThreads is how many more threads than processors run Go code in the
// daemon. While polls keep all processors busy, Go has a request wait until one
// of them has had its turn of 10 ms; a thread that is free takes it at once, and
// the kernel lets it go before those that compute. Those behind the others count
// as busy also while the kernel keeps them waiting: two that read, one that
// places and one that indexes for the search.
const spareThreads = 4

// tuneThreads adds the spare threads, unless the environment has a number, by
// GOMAXPROCS.
func tuneThreads(getenv func(string) string) {
	if getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + spareThreads)
	}
}
