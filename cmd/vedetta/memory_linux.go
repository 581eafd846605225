package main

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// forgetProgram tells the kernel that nothing of the program itself is needed
// now, as code that only the start ran. It stays in the system's cache, and
// what runs is mapped again.
func forgetProgram() {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		from, to, ok := unwritten(line, exe)
		if ok {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED) // it is only about memory
		}
	}
}

// unwritten reports the place of a mapping, given as in proc_pid_maps(5), that
// is a file's and cannot be written to.
func unwritten(line, file string) (from, to uintptr, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 6 || !strings.HasPrefix(fields[1], "r-") || !strings.HasSuffix(strings.TrimSpace(line), " "+file) {
		return 0, 0, false
	}
	begin, end, _ := strings.Cut(fields[0], "-")
	a, err := strconv.ParseUint(begin, 16, 64)
	if err != nil {
		return 0, 0, false
	}
	b, err := strconv.ParseUint(end, 16, 64)
	return uintptr(a), uintptr(b), err == nil && a < b
}
