//go:build !linux

package store

func spaceLeft(string) int64 { return -1 }
