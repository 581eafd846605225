package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Snapshot writes the file as of the last commit to w, after it told how many
// bytes that will be. Reads and writes go on meanwhile, but room that they
// give free is not used again before the end.
func (s *Store) Snapshot(w io.Writer, size func(int64)) error {
	err := s.tx(func(tx *bolt.Tx) error {
		size(tx.Size())
		_, err := tx.WriteTo(w)
		return err
	})
	if err != nil {
		return fmt.Errorf("copy store: %w", err)
	}
	return nil
}

// Receive makes a backup at path of what write writes. Nothing has that name
// before it is on the disk, has been opened and found without fault; a file
// that was there before is replaced only then.
func Receive(ctx context.Context, path string, write func(io.Writer) error) (Stats, error) {
	st, err := receive(ctx, path, write)
	if err != nil {
		return st, fmt.Errorf("back up to %s: %w", path, err)
	}
	return st, nil
}

func receive(ctx context.Context, path string, write func(io.Writer) error) (st Stats, err error) {
	temp := path + partSuffix
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temp))
		}
	}()
	if err := writeFile(temp, write); err != nil {
		return st, err
	}
	if st, err = Check(ctx, temp); err != nil {
		return st, err
	}
	if err := os.Rename(temp, path); err != nil {
		return st, err
	}
	st.Path = path
	return st, syncFolder(path)
}

// writeFile makes a new file of what write writes, on the disk when it returns.
func writeFile(path string, write func(io.Writer) error) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Sync(), f.Close())
}

// FaultyError says that a store can be read, but that its parts contradict
// each other.
type FaultyError struct {
	Path   string
	Faults []string // as Verify returns them
}

func (e *FaultyError) Error() string {
	return fmt.Sprintf("%s has %d faults, the first: %s", e.Path, len(e.Faults), e.Faults[0])
}

// Check opens a file that nobody writes to, reads all of it and verifies every
// index. The errors are those of Open, and [FaultyError]. A file of an older
// version cannot be verified before it is brought up to date; of such its pages
// are read.
func Check(ctx context.Context, path string) (Stats, error) {
	return check(ctx, path, uint64(len(migrations())))
}

func check(ctx context.Context, path string, newest uint64) (st Stats, err error) {
	if version, err := checkFile(path, newest); err != nil || version < newest {
		return Stats{Path: path, Version: version}, err
	}
	s, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		return st, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	problems, err := s.Verify(ctx)
	if err == nil && len(problems) > 0 {
		err = &FaultyError{Path: path, Faults: problems}
	}
	if err != nil {
		return st, err
	}
	return s.Stats()
}

var errEmpty = errors.New("it is empty")

// checkFile reads all pages of a file and returns its version, which must not be
// newer than the newest known.
func checkFile(path string, newest uint64) (version uint64, err error) {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		return 0, damaged(path, errEmpty)
	}
	if err := checkPlace(path, true); err != nil {
		return 0, err
	}
	err = guard(path, func() error {
		db, file, err := openBolt(path, true)
		if err != nil {
			return err
		}
		defer func() { _ = db.Close() }() // only read
		if version, err = readVersion(db); err != nil {
			return damaged(path, err)
		}
		if version == 0 {
			return damaged(path, errEmpty)
		}
		if version > newest {
			return tooNew(path, version, newest)
		}
		if err := db.View(func(tx *bolt.Tx) error { return checkPages(tx, file) }); err != nil {
			return damaged(path, err)
		}
		return nil
	})
	return version, err
}

// The names of dated backups, whose order is that of their times.
const (
	backupPrefix = "vedetta-"
	backupSuffix = ".db"
	backupTime   = "20060102T150405Z"
	partSuffix   = ".part" // of a backup that is being made
)

// BackupName is the name of a backup of a time.
func BackupName(t time.Time) string {
	return backupPrefix + t.UTC().Format(backupTime) + backupSuffix
}

// Backups returns the paths of the backups with dated names in a folder, the
// oldest first.
func Backups(folder string) ([]string, error) { return dated(folder, backupSuffix) }

// dated returns the paths of the files in a folder whose names are a backup's,
// with that suffix, the oldest first.
func dated(folder, suffix string) ([]string, error) {
	files, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list backups: %w", err)
	}
	var paths []string
	for _, f := range files {
		date, ok := strings.CutPrefix(f.Name(), backupPrefix)
		if ok {
			date, ok = strings.CutSuffix(date, suffix)
		}
		if _, err := time.Parse(backupTime, date); ok && err == nil && f.Type().IsRegular() {
			paths = append(paths, filepath.Join(folder, f.Name()))
		}
	}
	slices.Sort(paths)
	return paths, nil
}

// KeepBackups removes the backups in a folder but for the newest, of which it
// keeps so many, and returns what it removed.
func KeepBackups(folder string, keep int) (removed []string, err error) {
	paths, err := Backups(folder)
	if err != nil || len(paths) <= keep {
		return nil, err
	}
	for _, path := range paths[:len(paths)-keep] {
		if err := os.Remove(path); err != nil {
			return removed, fmt.Errorf("remove old backup: %w", err)
		}
		removed = append(removed, path)
	}
	return removed, nil
}

// maxBackupTime is more than a backup takes. It is less than a day, so that
// what one night leaves unfinished the next removes.
const maxBackupTime = 12 * time.Hour

// RemoveUnfinished removes from a folder of backups what such left behind as
// were killed.
func RemoveUnfinished(folder string, now time.Time) error {
	paths, err := dated(folder, backupSuffix+partSuffix)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if filepath.Base(path) > BackupName(now.Add(-maxBackupTime)) {
			continue // somebody may be at it
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove unfinished backup: %w", err)
		}
	}
	return nil
}
