//go:build unix

package main

import "syscall"

// descriptors is how many files and sockets the process may have open; 0 when
// that cannot be told.
func descriptors() uint64 {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return 0
	}
	return uint64(r.Cur) // of another type on other systems
}
