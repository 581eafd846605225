package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// lockTimeout is how long Open waits for another process to let go.
const lockTimeout = time.Second

// Open opens the store in the file at path, whose folder has to exist, and
// creates the file if there is none. A file of an older version is brought up
// to date after a copy of it was put beside it.
//
// The errors that callers may want to tell apart: [LockedError], [ErrTooNew],
// [DamagedError], [fs.ErrNotExist], [fs.ErrPermission].
func Open(path string, opts Options) (*Store, error) {
	s, err := open(path, opts, migrations())
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return s, nil
}

func open(path string, opts Options, steps []migration) (_ *Store, err error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if err := checkPlace(path, opts.ReadOnly); err != nil {
		return nil, err
	}
	db, err := openFile(path, opts.ReadOnly)
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, lockedBy(path)
	}
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, db: db}
	crashed := false
	defer func() {
		if err == nil {
			return
		}
		if !crashed { // else the next attempt has to look at the pages again
			err = errors.Join(err, s.note.remove())
		}
		err = errors.Join(err, db.Close())
	}()

	version, err := readVersion(db)
	if err != nil {
		return nil, damaged(path, err)
	}
	if version > uint64(len(steps)) {
		return nil, fmt.Errorf("%s: %w: it has version %d, this program knows up to %d; install a newer program",
			path, ErrTooNew, version, len(steps))
	}
	if !opts.ReadOnly {
		if s.note, crashed, err = leaveNote(path, opts.Now()); err != nil {
			return nil, err
		}
		if crashed {
			if err := checkPages(db); err != nil {
				return nil, damaged(path, err)
			}
		}
		if err := migrate(db, version, steps); err != nil {
			return nil, err
		}
		if err := addDictionary(db); err != nil {
			return nil, err
		}
	} else if version < uint64(len(steps)) {
		return nil, fmt.Errorf("%s has version %d, older than this program's %d: open it for writing once (start the daemon) to bring it up to date",
			path, version, len(steps))
	}
	if err := s.load(); err != nil {
		return nil, damaged(path, err)
	}
	return s, nil
}

// load reads what is kept in memory.
func (s *Store) load() error {
	dicts := map[uint32][]byte{}
	err := s.db.View(func(tx *bolt.Tx) error {
		for _, name := range buckets() {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("bucket %s is missing", name)
			}
		}
		s.revision.Store(number(tx.Bucket(bucketMeta).Get(keyRevision)))
		return tx.Bucket(bucketDictionaries).ForEach(func(k, v []byte) error {
			if len(k) != 4 {
				return errKey
			}
			dicts[binary.BigEndian.Uint32(k)] = append([]byte(nil), v...)
			return nil
		})
	})
	if err != nil {
		return err
	}
	s.codec, err = newCodec(dicts)
	return err
}

// checkPlace finds out before bbolt does what people get wrong.
func checkPlace(path string, readOnly bool) error {
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("folder %s: %w: create it, or name another with --data", dir, fs.ErrNotExist)
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder: name another with --data", dir)
	}
	info, err = os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && readOnly:
		return fmt.Errorf("%s: %w: nothing has been stored yet", path, fs.ErrNotExist)
	case errors.Is(err, fs.ErrNotExist):
		return checkWritable(dir)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", path)
	}
	return nil
}

// checkWritable tries to write into a folder: permission bits do not tell of
// access lists, read-only mounts and full disks.
func checkWritable(dir string) error {
	f, err := os.CreateTemp(dir, ".vedetta-*")
	if err != nil {
		return unwritable(dir, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func unwritable(path string, err error) error {
	return fmt.Errorf("cannot write in %s as user %d: %w: give that user the folder, or name another with --data",
		path, os.Getuid(), reason(err))
}

// reason strips the name of a temporary file from an error.
func reason(err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// openFile opens the file and sees that it is whole as far as that is cheap.
// bbolt panics on pages that make no sense, and the kernel faults where a file
// was cut short: both become errors here.
func openFile(path string, readOnly bool) (db *bolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var file *os.File
	defer func() {
		if p := recover(); p != nil {
			if db != nil {
				_ = db.Close() // the file is reported damaged; closing frees the lock
			} else if file != nil {
				_ = file.Close()
			}
			db, err = nil, damaged(path, fmt.Errorf("%v", p))
		}
	}()
	db, err = bolt.Open(path, 0o600, &bolt.Options{
		Timeout:  lockTimeout,
		ReadOnly: readOnly,
		OpenFile: func(name string, flag int, perm fs.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag, perm)
			file = f
			return f, err
		},
	})
	switch {
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, damaged(path, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrInvalid):
		return nil, unwritable(path, err)
	case err != nil:
		return nil, err
	}
	return db, db.View(func(tx *bolt.Tx) error {
		info, err := file.Stat()
		if err != nil {
			return err
		}
		if info.Size() < tx.Size() {
			return damaged(path, fmt.Errorf("cut short: %d of %d bytes", info.Size(), tx.Size()))
		}
		return nil
	})
}

// checkPages reads every page, as is due after a crash.
func checkPages(db *bolt.DB) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return db.View(func(tx *bolt.Tx) error { return firstProblem(tx) })
}

func damaged(path string, err error) error {
	if de := (*DamagedError)(nil); errors.As(err, &de) {
		return err
	}
	return &DamagedError{Path: path, Reason: err.Error()}
}
