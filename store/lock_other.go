//go:build !linux

package store

// lockHolder returns 0: only Linux tells who holds a lock.
func lockHolder(string) int { return 0 }
