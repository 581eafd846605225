//go:build !linux

package store

import bolt "go.etcd.io/bbolt"

func forgetMapped(*bolt.Tx) error { return nil }
