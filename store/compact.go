package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// compactBytes is about how much of the new file one transaction writes.
const compactBytes = 16 << 20

// Compact writes the file anew without the room that nothing uses, and puts
// the new one in the place of the old when it is on the disk and has been
// compared with it, key by key. It returns the sizes before and after. Writes
// wait meanwhile; reads do not. progress is called all the time, as a sign of
// life. When it fails, or the process dies, the old file stays.
func (s *Store) Compact(ctx context.Context, progress func()) (before, after int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mend(); err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	before, after, err = s.compact(ctx, progress)
	if err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	return before, after, nil
}

func (s *Store) compact(ctx context.Context, progress func()) (before, after int64, err error) {
	old, err := s.file.Stat()
	if err != nil {
		return 0, 0, err
	}
	temp := compactPath(s.path)
	if err := os.RemoveAll(temp); err != nil {
		return 0, 0, err
	}
	var db *bolt.DB
	var file *os.File
	placed := false
	defer func() {
		if !placed {
			if db != nil {
				err = errors.Join(err, db.Close())
			}
			err = errors.Join(err, os.RemoveAll(temp))
		}
	}()
	err = s.guard(func() (err error) {
		if db, file, err = openBolt(temp, false); err != nil {
			return err
		}
		return writeAnew(ctx, db, file, s.db, progress)
	})
	if err != nil {
		return 0, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, 0, err
	}
	if err := giveTo(temp, old); err != nil {
		return 0, 0, err
	}
	// The new file is locked before it has the name, so nobody else can come
	// in between.
	if err := os.Rename(temp, s.path); err != nil {
		return 0, 0, err
	}
	placed = true
	if err := syncFolder(s.path); err != nil {
		// Which of the two files a power cut would leave is open; both hold
		// the same until the next write.
		s.suspect.Store(true)
		return 0, 0, err
	}
	s.files.Lock()
	s.db, db = db, s.db
	s.file, s.pageSize = file, s.db.Info().PageSize
	s.files.Unlock()
	return old.Size(), info.Size(), db.Close()
}

// writeAnew copies all there is into an empty file, brings it to the disk and
// compares it.
func writeAnew(ctx context.Context, to *bolt.DB, file *os.File, from *bolt.DB, progress func()) error {
	to.NoSync = true // the file has no name yet that counts: once at the end is enough
	to.AllocSize = 0 // no room for what is to come
	err := from.View(func(src *bolt.Tx) error {
		return src.ForEach(func(name []byte, b *bolt.Bucket) error {
			return copyBucket(ctx, to, name, b, progress)
		})
	})
	if err != nil {
		return err
	}
	to.NoSync, to.AllocSize = false, allocSize
	if err := to.Sync(); err != nil {
		return err
	}
	return from.View(func(src *bolt.Tx) error {
		return to.View(func(dst *bolt.Tx) error {
			if err := checkPages(dst, file); err != nil {
				return err
			}
			return sameContent(ctx, dst, src, progress)
		})
	})
}

// copyBucket copies a bucket in some transactions, filling its pages.
func copyBucket(ctx context.Context, to *bolt.DB, name []byte, from *bolt.Bucket, progress func()) error {
	c := from.Cursor()
	k, v := c.First()
	for first := true; first || k != nil; first = false {
		if err := ctx.Err(); err != nil {
			return err
		}
		progress()
		err := to.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists(name)
			if err != nil {
				return err
			}
			b.FillPercent = 1
			for size := 0; k != nil && size < compactBytes; k, v = c.Next() {
				if err := b.Put(k, v); err != nil {
					return err
				}
				size += len(k) + len(v)
			}
			return b.SetSequence(from.Sequence())
		})
		if err != nil {
			return fmt.Errorf("bucket %s: %w", name, err)
		}
	}
	return nil
}

// sameContent reports, as an error, where two files differ.
func sameContent(ctx context.Context, a, b *bolt.Tx, progress func()) error {
	differ := func(name []byte) error { return fmt.Errorf("bucket %s: the copy differs", name) }
	err := b.ForEach(func(name []byte, inB *bolt.Bucket) error {
		inA := a.Bucket(name)
		if inA == nil || inA.Sequence() != inB.Sequence() {
			return differ(name)
		}
		ca, n := inA.Cursor(), 0
		ka, va := ca.First()
		err := inB.ForEach(func(k, v []byte) error {
			if n++; n%chunk == 0 {
				progress()
				if err := ctx.Err(); err != nil {
					return err
				}
			}
			if !bytes.Equal(ka, k) || !bytes.Equal(va, v) {
				return differ(name)
			}
			ka, va = ca.Next()
			return nil
		})
		if err == nil && ka != nil {
			return differ(name)
		}
		return err
	})
	if err != nil {
		return err
	}
	return a.ForEach(func(name []byte, _ *bolt.Bucket) error {
		if b.Bucket(name) == nil {
			return differ(name)
		}
		return nil
	})
}

func compactPath(path string) string { return path + ".compact" }

// syncFolder brings the name of a file to the disk.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
