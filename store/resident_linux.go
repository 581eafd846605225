package store

import (
	"os"
	"syscall"

	bolt "go.etcd.io/bbolt"
)

// forgetMapped tells the kernel that none of the mapped file is needed now. Its
// pages stay in the system's cache, and are mapped again as they are read. The
// transaction keeps the file mapped where it is.
func forgetMapped(tx *bolt.Tx) error {
	_, _, errno := syscall.Syscall(syscall.SYS_MADVISE, tx.DB().Info().Data, uintptr(tx.Size()), syscall.MADV_DONTNEED)
	if errno != 0 {
		return os.NewSyscallError("madvise", errno)
	}
	return nil
}
