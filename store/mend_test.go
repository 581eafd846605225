package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"vedetta/news"
)

// A transaction whose meta page was written but did not reach the disk, as far
// as one knows, is undone before anything else is written.
func TestFailedEndIsUndone(t *testing.T) {
	s := openSync(t)
	a, b, c := article(1), article(2), article(3)
	mustCommit(t, s, visit(a))
	failEnd(t, s, visitOf(t, s, b.ID))
	if err := s.Commit(visit(c)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Article(b.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("what failed is there: %v", err)
	}
	if got, err := s.Articles(a.ID, c.ID); err != nil || len(got) != 2 {
		t.Errorf("%d articles, %v", len(got), err)
	}
	if s.Revision() != 2 {
		t.Errorf("revision %d, want 2", s.Revision())
	}
	mustVerify(t, s)
	mustVerify(t, reopen(t, s))
}

// visitOf is a write that a visit with one article makes.
func visitOf(t *testing.T, s *Store, id string) *write {
	t.Helper()
	for n := range 10 {
		if a := article(n); a.ID == id {
			v := visit(a)
			e, err := s.encodeVisits([]news.Visit{v})
			if err != nil {
				t.Fatal(err)
			}
			return &write{f: func(w *writer) error { return w.putVisits(e) }}
		}
	}
	t.Fatal("no such article")
	return nil
}

// failEnd leaves a store as if the last sync of a transaction had failed.
func failEnd(t *testing.T, s *Store, w *write) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.keepHeads(); err != nil {
		t.Fatal(err)
	}
	err := s.db.Update(func(tx *bolt.Tx) error {
		_, _, err := s.write(tx, []*write{w})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.doubtful = true
}

// While a failed transaction cannot be undone nothing is written, and what was
// stored before can be read.
func TestFailedEndThatCannotBeUndone(t *testing.T) {
	s := openSync(t)
	a := article(1)
	mustCommit(t, s, visit(a))
	failEnd(t, s, visitOf(t, s, article(2).ID))
	file := s.file
	closed, err := os.Open(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	s.file = closed
	if err := s.Commit(visit(article(3))); err == nil || !strings.Contains(err.Error(), "undo failed write") {
		t.Errorf("got %v, want that nothing can be written", err)
	}
	if _, err := s.Article(a.ID); err != nil {
		t.Errorf("read meanwhile: %v", err)
	}
	s.file = file
	mustCommit(t, s, visit(article(3)))
	mustVerify(t, s)
	if got, err := s.Stats(); err != nil || got.Articles != 2 {
		t.Errorf("%d articles, %v; want 2", got.Articles, err)
	}
}

// A file that a command took while it was opened anew is left alone until it
// is free.
func TestReopenFindsALock(t *testing.T) {
	s := openSync(t)
	mustCommit(t, s, visit(article(1)))
	failEnd(t, s, visitOf(t, s, article(2).ID))
	if _, err := s.file.WriteAt(s.heads, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	s.file = nil
	reader, err := Open(s.path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(visit(article(3))); !errors.As(err, new(*LockedError)) {
		t.Errorf("got %v, want that it is locked", err)
	}
	if _, err := s.Article(article(1).ID); err == nil {
		t.Error("a closed file was read")
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	mustCommit(t, s, visit(article(3)))
	mustVerify(t, s)
}

// A page that makes no sense fails the reading, not the process, and the next
// start looks at all pages.
func TestDamageWhileOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	mustCreate(t, path)
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 2*int64(os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Article(article(1).ID); !errors.As(err, new(*DamagedError)) {
		t.Errorf("got %v, want that it is damaged", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(notePath(path)); err != nil {
		t.Errorf("the next start does not know: %v", err)
	}
}

// A panic of our own is not taken for damage.
func TestGuardLetsOthersPass(t *testing.T) {
	defer func() {
		if p := recover(); p != "mistake" {
			t.Errorf("got %v", p)
		}
	}()
	_ = guard("vedetta.db", func() error { panic("mistake") })
}
