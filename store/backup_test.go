package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

func TestBackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "vedetta.db"), filepath.Join(dir, "copy.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustCommit(t, s, visit(article(1)))
	size := int64(0)
	st, err := Receive(t.Context(), copied, func(w io.Writer) error { return s.Snapshot(w, func(n int64) { size = n }) })
	if err != nil || st.Articles != 1 || st.Path != copied || st.Size != size {
		t.Fatalf("%+v, %v; %d bytes announced", st, err, size)
	}
	mustCommit(t, s, visit(article(2)))
	if _, _, err := Restore(t.Context(), copied, path, day); !errors.As(err, new(*LockedError)) {
		t.Errorf("beside the one who has it: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	kept, st, err := Restore(t.Context(), copied, path, day)
	if err != nil || st.Articles != 1 || st.Path != path || kept != path+".replaced-20260302T080000Z" {
		t.Fatalf("%q, %+v, %v", kept, st, err)
	}
	for file, want := range map[string]int{path: 1, kept: 2} {
		if st, err := Check(t.Context(), file); err != nil || st.Articles != want {
			t.Errorf("%s: %d articles, want %d, %v", file, st.Articles, want, err)
		}
	}
	// Again in the same second: what was kept is not given up for it.
	if again, _, err := Restore(t.Context(), copied, path, day); err != nil || again != kept+"-2" {
		t.Errorf("twice at once: %q, %v", again, err)
	}
	// Where there is none.
	elsewhere := filepath.Join(t.TempDir(), "vedetta.db")
	if kept, st, err := Restore(t.Context(), copied, elsewhere, day); err != nil || kept != "" || st.Articles != 1 {
		t.Errorf("%q, %+v, %v", kept, st, err)
	}
}

// What cannot be trusted is neither kept as a backup nor restored, and what is
// there stays.
func TestBadBackup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	mustCreate(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	future := filepath.Join(t.TempDir(), "future.db")
	mustCreate(t, future)
	s, err := open(future, Options{}, append(migrations(), migration{"from the future", func(*bolt.Tx) error { return nil }}))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	faulty := filepath.Join(t.TempDir(), "faulty.db")
	mustCreate(t, faulty)
	if s, err = Open(faulty, Options{}); err != nil {
		t.Fatal(err)
	}
	err = s.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketIDs).Delete(idKey(article(1).ID)) })
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ file, want string }{
		"none":    {filepath.Join(t.TempDir(), "none.db"), "no such file"},
		"folder":  {t.TempDir(), "is not a regular file"},
		"empty":   {mustWrite(t, nil), "it is empty"},
		"half":    {mustWrite(t, whole[:3*os.Getpagesize()]), "is damaged (cut short"},
		"other":   {mustBolt(t), "it holds something else"},
		"newer":   {future, "install a newer program"},
		"faulty":  {faulty, "not among the ids"},
		"no data": {mustWrite(t, bytes.Repeat([]byte("<html>"), 4096)), "is damaged"},
	} {
		kept, _, err := Restore(t.Context(), tt.file, path, day)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.file) || kept != "" {
			t.Errorf("%s: restore: %v, kept %q", name, err, kept)
		}
		if name == "none" || name == "folder" {
			continue
		}
		target := filepath.Join(t.TempDir(), "backup.db")
		if err := os.WriteFile(target, []byte("earlier"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = Receive(t.Context(), target, func(w io.Writer) error {
			b, err := os.ReadFile(tt.file)
			if err == nil {
				_, err = w.Write(b)
			}
			return err
		})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: backup: %v", name, err)
		}
		if b, err := os.ReadFile(target); err != nil || string(b) != "earlier" {
			t.Errorf("%s: the earlier backup is gone: %v", name, err)
		}
		if _, err := os.Stat(target + ".part"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a part is left: %v", name, err)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(whole, after) {
		t.Errorf("the store changed: %v", err)
	}
	if rests, err := filepath.Glob(path + ".*"); err != nil || len(rests) > 0 {
		t.Errorf("left behind: %v, %v", rests, err)
	}
}

// TestDamagedPages zeroes each page and turns bits in it: that is noticed, or
// harmless, and never ends the process; also after a clean end, when not all
// pages are looked at before they are needed.
func TestDamagedPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	mustCreate(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page, used := os.Getpagesize(), usedSize(t, path)
	noticed, tried := 0, 0
	try := func(name string, b []byte, crashed bool) {
		t.Helper()
		tried++
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if crashed {
			err = os.WriteFile(notePath(path), nil, 0o600)
		} else {
			err = os.RemoveAll(notePath(path))
		}
		if err != nil {
			t.Fatal(err)
		}
		bad, err := useAll(t, path)
		if err != nil && !errors.As(err, new(*DamagedError)) && bad == "open" {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			noticed++
		}
	}
	for n := 0; n < used; n += page {
		for _, crashed := range []bool{true, false} {
			b := bytes.Clone(whole)
			clear(b[n : n+page])
			try(fmt.Sprintf("page %d zeroed", n/page), b, crashed)
			for bit := range 12 { // the page's header, and what follows it
				b := bytes.Clone(whole)
				b[n+bit*3] ^= 1 << (bit % 8)
				try(fmt.Sprintf("page %d, bit %d", n/page, bit), b, crashed)
			}
		}
	}
	if noticed < tried/4 {
		t.Errorf("%d of %d faults noticed", noticed, tried)
	}
	t.Logf("%d of %d faults noticed, the others are in room that nothing uses", noticed, tried)
}

// useAll opens a store, reads all of it and verifies it, and tells which of
// these failed.
func useAll(t *testing.T, path string) (step string, err error) {
	t.Helper()
	s, err := Open(path, Options{})
	if err != nil {
		return "open", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	problems, err := s.Verify(t.Context())
	if err != nil || len(problems) > 0 {
		return "verify", errors.Join(err, errors.New("faults"))
	}
	_, err = s.Articles(article(1).ID, article(2).ID)
	return "read", err
}

func TestUnfinishedBackupsAreRemoved(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 5, 4, 3, 30, 0, 0, time.UTC)
	lastNight, running := BackupName(now.Add(-20*time.Hour)), BackupName(now.Add(-time.Hour))
	for _, name := range []string{lastNight, lastNight + ".part", running + ".part", "other.db.part", "vedetta-notes.part"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := RemoveUnfinished(dir, now); err != nil {
		t.Fatal(err)
	}
	var left []string
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		left = append(left, f.Name())
	}
	want := []string{"other.db.part", lastNight, running + ".part", "vedetta-notes.part"}
	if !slices.Equal(left, want) {
		t.Errorf("left: %q; want %q", left, want)
	}
	if err := RemoveUnfinished(filepath.Join(dir, "missing"), now); err != nil {
		t.Errorf("no folder: %v", err)
	}
}
