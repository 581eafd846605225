package store

import (
	"errors"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
)

// migration brings a file from the version that is its place in the list to
// the next one. It sees the file as the steps before left it.
type migration struct {
	name string
	run  func(tx *bolt.Tx) error
}

// migrations returns all steps; the current version is their number. A step
// that is released is never changed. Each has a file of the version before it
// in testdata.
func migrations() []migration {
	return []migration{
		{"create the buckets", createBuckets},
		{"create the backlog", createBuckets},
		{"let records be of either form", createBuckets}, // nothing is rewritten
	}
}

func createBuckets(tx *bolt.Tx) error {
	for _, name := range buckets() {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return fmt.Errorf("create bucket %s: %w", name, err)
		}
	}
	return nil
}

// readVersion returns the version of a file, 0 for an empty one.
func readVersion(db *bolt.DB) (version uint64, err error) {
	err = db.View(func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if meta == nil {
			if k, _ := tx.Cursor().First(); k != nil {
				return errors.New("it holds something else")
			}
			return nil
		}
		if version = number(meta.Get(keyVersion)); version == 0 {
			return errors.New("it does not tell its version")
		}
		return nil
	})
	return version, err
}

// migrate runs the steps that a file lacks in one transaction. A file that
// holds something is copied first, to a name that tells its version.
func migrate(db *bolt.DB, version uint64, steps []migration) error {
	if version == uint64(len(steps)) {
		return nil
	}
	if version > 0 {
		copyPath := fmt.Sprintf("%s.v%d", db.Path(), version)
		if err := copyFile(db, copyPath); err != nil {
			return fmt.Errorf("copy file before migration: %w", err)
		}
	}
	return db.Update(func(tx *bolt.Tx) error {
		for i, m := range steps[version:] {
			if err := m.run(tx); err != nil {
				return fmt.Errorf("migrate to version %d (%s): %w", int(version)+i+1, m.name, err)
			}
		}
		return tx.Bucket(bucketMeta).Put(keyVersion, numberBytes(uint64(len(steps))))
	})
}

// copyFile writes the state of the last commit to a file that appears whole or
// not at all, and replaces an earlier one of that name.
func copyFile(db *bolt.DB, path string) error {
	temp := path + ".part"
	err := db.View(func(tx *bolt.Tx) error { return tx.CopyFile(temp, 0o600) })
	if err == nil {
		err = syncFile(temp)
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(temp))
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
