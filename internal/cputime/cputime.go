// Package cputime measures, in tests and benchmarks, what a program costs.
package cputime

import (
	"syscall"
	"testing"
	"time"
)

// Used is the processor time that the process has used so far, in which what
// else the machine does has no part (getrusage(2)).
func Used(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
