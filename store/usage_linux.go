package store

import "syscall"

// spaceLeft is the number of bytes that may still be written on the file
// system that holds a path; -1 where it cannot be told.
func spaceLeft(path string) int64 {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return -1
	}
	return int64(st.Bavail) * st.Bsize
}
