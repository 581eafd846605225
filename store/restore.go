package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Restore puts a copy of the backup in the place of the store at path, which
// nobody may have open. The copy is checked first, as Check does; what was
// there is kept under the name that Restore returns, "" if there was nothing.
// At every instant one of the two has the store's name.
func Restore(ctx context.Context, backup, path string, now time.Time) (kept string, st Stats, err error) {
	kept, st, err = restore(ctx, backup, path, now)
	if err != nil {
		return "", st, fmt.Errorf("restore %s: %w", backup, err)
	}
	return kept, st, nil
}

func restore(ctx context.Context, backup, path string, now time.Time) (kept string, st Stats, err error) {
	f, err := seize(path)
	if err != nil {
		return "", st, err
	}
	info, err := f.Stat()
	empty := err == nil && info.Size() == 0
	defer func() {
		if err != nil && empty {
			err = errors.Join(err, os.Remove(path))
		}
		_ = f.Close() // and with it the lock
	}()
	if err != nil {
		return "", st, err
	}
	temp := restorePath(path)
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }() // gone when all went well
	if err := copyTo(temp, backup); err != nil {
		return "", st, err
	}
	if st, err = Check(ctx, temp); err != nil {
		return "", st, asOf(backup, err)
	}
	if err := giveTo(temp, info); err != nil {
		return "", st, err
	}
	if !empty {
		if kept, err = keep(path, now); err != nil {
			return "", st, fmt.Errorf("keep what is there: %w", err)
		}
	}
	if err := os.Rename(temp, path); err != nil {
		return "", st, err
	}
	st.Path = path
	if err := os.Remove(notesPath(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", st, err // though nobody would take notes of another revision
	}
	return kept, st, syncFolder(path)
}

// seize takes the lock of the store at path, whatever state that is in, so that
// no daemon starts on it. Where there is none it makes an empty file.
func seize(path string) (*os.File, error) {
	if err := checkPlace(path, false); err != nil {
		return nil, err
	}
	made := false
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		made = true
		f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return nil, unwritable(path, err)
	}
	if err != nil {
		return nil, err
	}
	if !tryLock(f) {
		return nil, errors.Join(lockedBy(path), f.Close())
	}
	if made { // it belongs to whom the folder belongs
		folder, err := os.Stat(filepath.Dir(path))
		if err == nil {
			err = giveTo(path, folder)
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return f, nil
}

// asOf names the file that a person knows in what was found in a copy of it.
func asOf(path string, err error) error {
	if de := (*DamagedError)(nil); errors.As(err, &de) {
		return fmt.Errorf("%s is damaged (%s): choose another backup", path, de.Reason)
	}
	if fe := (*FaultyError)(nil); errors.As(err, &fe) {
		return &FaultyError{Path: path, Faults: fe.Faults}
	}
	return err
}

// keep gives a file a second name that tells the time, or copies it where that
// cannot be done, and returns the name.
func keep(path string, now time.Time) (string, error) {
	name := keptPrefix(path) + now.UTC().Format(backupTime)
	for n := 2; ; n++ {
		err := os.Link(path, name)
		switch {
		case err == nil:
			return name, nil
		case !errors.Is(err, fs.ErrExist):
			return name, copyTo(name, path)
		}
		name = fmt.Sprintf("%s%s-%d", keptPrefix(path), now.UTC().Format(backupTime), n)
	}
}

func keptPrefix(path string) string { return path + ".replaced-" }

func copyTo(path, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	if info, err := src.Stat(); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", from)
	}
	return writeFile(path, func(w io.Writer) error {
		_, err := io.Copy(w, src)
		return err
	})
}

func restorePath(path string) string { return path + ".restore" }

// SnapshotPattern is, for os.CreateTemp, the name of short-lived copies that
// others make beside the store.
func SnapshotPattern(path string) string { return filepath.Base(path) + ".snapshot-*" }

// removeRests removes what commands that were killed have left beside a store
// whose lock the caller holds.
func removeRests(path string) error {
	folder := filepath.Dir(path)
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	rests := []string{compactPath(path), restorePath(path)}
	for _, f := range files {
		name := filepath.Join(folder, f.Name())
		copied, err := filepath.Match(SnapshotPattern(path), f.Name())
		if copied && err == nil || strings.HasPrefix(name, keptPrefix(path)) && sameFile(name, path) {
			rests = append(rests, name)
		}
	}
	for _, rest := range rests {
		if err := os.Remove(rest); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// sameFile reports whether two names are of one file.
func sameFile(a, b string) bool {
	inA, errA := os.Stat(a)
	inB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(inA, inB)
}
