package main

import "syscall"

// behindBy is how much nicer than the process a thread of the background is: by
// 10 it gets a tenth of a processor that another one wants as well (sched(7)).
const behindBy = 10

// yieldProcessor puts the calling thread behind the others of the process.
// Where that is not allowed it stays among them.
func yieldProcessor() {
	if nice, err := niceness(); err == nil {
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), min(nice+behindBy, 19))
	}
}

// niceness is that of the calling thread, which on Linux has its own
// (setpriority(2), bugs).
func niceness() (int, error) {
	raw, err := syscall.Getpriority(syscall.PRIO_PROCESS, syscall.Gettid())
	return 20 - raw, err // the system call returns no negative numbers
}
