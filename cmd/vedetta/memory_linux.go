package main

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// forgetter returns a function that tells the kernel that nothing of the program
// itself is needed now, as code that only the start ran. It stays in the
// system's cache, and what runs is mapped again.
func forgetter() (forget func()) {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return func() {}
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return func() {}
	}
	spans := unwritten(string(maps), exe)
	return func() {
		for _, s := range spans {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, s.from, s.to-s.from, syscall.MADV_DONTNEED) // it is only about memory
		}
	}
}

// span is a part of memory.
type span struct{ from, to uintptr }

// unwritten returns the mappings, given as in proc_pid_smaps(5), that are a
// file's, cannot be written to and never were: of a program that is relocated
// as it starts (-buildmode=pie) others hold addresses that no file has.
func unwritten(smaps, file string) []span {
	var found []span
	var at span
	whole, ours := false, false // whether all pages are the file's, and the file is ours
	for line := range strings.Lines(smaps) {
		fields := strings.Fields(line)
		switch {
		case len(fields) < 3:
		case !strings.HasSuffix(fields[0], ":"):
			at, ours = mapping(line, fields, file)
			whole = false
		case fields[0] == "Anonymous:":
			whole = fields[1] == "0"
		case fields[0] == "Swap:" && fields[1] == "0" && ours && whole:
			found = append(found, at)
		}
	}
	return found
}

// mapping reads a mapping's first line.
func mapping(line string, fields []string, file string) (at span, ok bool) {
	if len(fields) < 6 || !strings.HasPrefix(fields[1], "r-") || !strings.HasSuffix(strings.TrimSpace(line), " "+file) {
		return span{}, false
	}
	begin, end, _ := strings.Cut(fields[0], "-")
	from, err := strconv.ParseUint(begin, 16, 64)
	if err != nil {
		return span{}, false
	}
	to, err := strconv.ParseUint(end, 16, 64)
	return span{uintptr(from), uintptr(to)}, err == nil && from < to
}
