package store

import (
	"errors"
	"fmt"
	"io/fs"
	"math/bits"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// lockTimeout is how long Open waits for another process to let go.
const lockTimeout = time.Second

// allocSize is by how much the file grows at a time.
const allocSize = 1 << 20

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

// open is Open with the migrations as an argument, for their tests.
func open(path string, opts Options, steps []migration) (_ *Store, err error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Wrote == nil {
		opts.Wrote = func(int, time.Duration, error) {}
	}
	if err := checkPlace(path, opts.ReadOnly); err != nil {
		return nil, err
	}
	s := &Store{path: path, wrote: opts.Wrote}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.abandon())
		}
	}()
	err = guard(path, func() error {
		if err := s.openFile(opts.ReadOnly); err != nil {
			return err
		}
		return s.prepare(opts, steps)
	})
	return s, err
}

// prepare brings an open file up to date and reads what is kept in memory.
func (s *Store) prepare(opts Options, steps []migration) error {
	version, err := readVersion(s.db)
	switch {
	case err != nil:
		return damaged(s.path, err)
	case version > uint64(len(steps)):
		return tooNew(s.path, version, uint64(len(steps)))
	case !opts.ReadOnly:
		if err := s.prepareToWrite(opts, version, steps); err != nil {
			return err
		}
	case version < uint64(len(steps)):
		return fmt.Errorf("%s has version %d, older than this program's %d: open it for writing once (start the daemon) to bring it up to date",
			s.path, version, len(steps))
	}
	return s.load(opts.ReadOnly)
}

func tooNew(path string, version, known uint64) error {
	return fmt.Errorf("%s: %w: it has version %d, this program knows up to %d; install a newer program", path, ErrTooNew, version, known)
}

func (s *Store) prepareToWrite(opts Options, version uint64, steps []migration) error {
	note, err := leaveNote(s.path, opts.Now())
	if err != nil {
		return err
	}
	s.note = note
	if err := removeRests(s.path); err != nil {
		return err
	}
	if note.crashed {
		if err := s.db.View(func(tx *bolt.Tx) error { return checkPages(tx, s.file) }); err != nil {
			return damaged(s.path, err)
		}
	}
	return migrate(s.db, version, steps)
}

// abandon undoes what an opening that failed has done.
func (s *Store) abandon() error {
	var err error
	if s.note != nil && !s.note.crashed { // else the next attempt has to look at the pages again
		err = s.note.remove()
	}
	if s.db != nil {
		err = errors.Join(err, s.db.Close())
	}
	if s.notes.file != nil {
		err = errors.Join(err, s.notes.file.Close())
	}
	if s.codec != nil {
		s.codec.close()
	}
	return err
}

// load reads what is kept in memory.
func (s *Store) load(readOnly bool) (err error) {
	s.codec, err = newCodec()
	if err != nil {
		return err
	}
	err = s.db.View(func(tx *bolt.Tx) error {
		for _, name := range buckets() {
			if tx.Bucket(name) == nil {
				return damaged(s.path, fmt.Errorf("bucket %s is missing", name))
			}
		}
		s.revision.Store(number(tx.Bucket(bucketMeta).Get(keyRevision)))
		s.listed.Store(s.revision.Load())
		return nil
	})
	if err != nil {
		return err
	}
	return s.notes.load(notesPath(s.path), s.revision.Load(), !readOnly)
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
		return nil // will be created
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", path)
	case info.Size() == 0 && readOnly:
		return fmt.Errorf("%s: %w: nothing has been stored yet", path, fs.ErrNotExist)
	}
	return nil
}

func unwritable(path string, err error) error {
	return fmt.Errorf("cannot write in %s as user %d: %w: give that user the folder, or name another with --data",
		path, os.Getuid(), reason(err))
}

// reason strips the name of the file from an error that tells another.
func reason(err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// openFile opens the file at the store's path.
func (s *Store) openFile(readOnly bool) error {
	db, file, err := openBolt(s.path, readOnly)
	for errors.Is(err, errReplaced) {
		db, file, err = openBolt(s.path, readOnly)
	}
	if s.db, s.file = db, file; err == nil {
		s.pageSize = db.Info().PageSize
	}
	return err
}

// errReplaced says that while the lock was waited for another file came into
// the place of the one that was opened, as Compact and Restore do.
var errReplaced = errors.New("file was replaced")

// openBolt opens a file and sees that it is as long as it has to be. Where it
// fails nothing stays open, unless the file itself is faulty.
func openBolt(path string, readOnly bool) (*bolt.DB, *os.File, error) {
	var file *os.File
	db, err := func() (*bolt.DB, error) {
		opened := false
		defer func() {
			if !opened && file != nil { // bbolt panicked: the lock must not stay
				unlock(file)
				_ = file.Close()
			}
		}()
		db, err := bolt.Open(path, 0o600, &bolt.Options{
			Timeout:         lockTimeout,
			ReadOnly:        readOnly,
			InitialMmapSize: mapSize(path),
			OpenFile: func(name string, flag int, perm fs.FileMode) (*os.File, error) {
				f, err := os.OpenFile(name, flag, perm)
				file = f
				return f, err
			},
		})
		opened = true
		return db, err
	}()
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, nil, lockedBy(path)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOSPC):
		return nil, nil, unwritable(path, err)
	case errors.As(err, new(syscall.Errno)), err != nil && file == nil: // the system's fault
		return nil, nil, err
	case err != nil: // it can be read, but not understood
		return nil, nil, damaged(path, err)
	}
	db.AllocSize = allocSize
	info, err := file.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	if now, err := os.Stat(path); err != nil || !os.SameFile(info, now) {
		return nil, nil, errors.Join(errReplaced, db.Close())
	}
	err = db.View(func(tx *bolt.Tx) error {
		if info.Size() < tx.Size() {
			return damaged(path, fmt.Errorf("cut short: %d of %d bytes", info.Size(), tx.Size()))
		}
		if err := checkTree(tx, file, false); err != nil {
			return damaged(path, err)
		}
		return nil
	})
	return db, file, err
}

// mapSize is how much address space to set aside for a file. To map more of it
// later bbolt has to wait for all readers, a backup among them, and whoever
// comes meanwhile has to wait as well: so leave room.
func mapSize(path string) int {
	const least = 1 << 30
	if bits.UintSize < 64 {
		return 0 // there is not that much
	}
	info, err := os.Stat(path)
	if err != nil {
		return least // it is about to be created
	}
	return max(least, 4*int(info.Size()))
}

// guard runs f and makes an error of the ways in which a damaged file strikes
// whoever reads it: bbolt panics on pages that make no sense, and the kernel
// faults where the file was cut short or its disk cannot be read. A panic of
// other origin goes on.
func guard(path string, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			if !fromFile(p) {
				panic(p)
			}
			err = damaged(path, fmt.Errorf("%v", p))
		}
	}()
	return f()
}

// fromFile reports whether the panic that is being recovered from comes from
// what the file holds: a fault in memory that is mapped, or bbolt's.
func fromFile(p any) bool {
	if _, fault := p.(interface{ Addr() uintptr }); fault {
		return true
	}
	stack := make([]uintptr, 16)
	frames := runtime.CallersFrames(stack[:runtime.Callers(0, stack)])
	panicking := false
	for f, more := frames.Next(); more; f, more = frames.Next() {
		switch {
		case f.Function == "runtime.gopanic":
			panicking = true
		case panicking && !strings.HasPrefix(f.Function, "runtime."):
			return strings.HasPrefix(f.Function, "go.etcd.io/bbolt")
		}
	}
	return false
}

func damaged(path string, err error) error {
	if de := (*DamagedError)(nil); errors.As(err, &de) {
		return err
	}
	return &DamagedError{Path: path, Reason: err.Error()}
}
