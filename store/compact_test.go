package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

// fillTest writes articles with bodies, and drops the bodies of most again.
func fillTest(t *testing.T, s *Store) {
	t.Helper()
	for i := range 60 {
		var as []news.Article
		for j := range 10 {
			as = append(as, article(10*i+j))
		}
		mustCommit(t, s, visit(as...))
	}
	if _, err := s.Prune(article(500).Seen); err != nil {
		t.Fatal(err)
	}
}

func allOf(t *testing.T, s *Store) (as []news.Article) {
	t.Helper()
	if err := s.Since(time.Time{}, func(a news.Article) error { as = append(as, a); return nil }); err != nil {
		t.Fatal(err)
	}
	return as
}

func TestCompact(t *testing.T) {
	s := openTest(t)
	fillTest(t, s)
	want, revision, signs := allOf(t, s), s.Revision(), 0
	before, after, err := s.Compact(t.Context(), func() { signs++ })
	if err != nil || after >= before || signs == 0 {
		t.Fatalf("%d bytes, were %d, %d signs of life, %v", after, before, signs, err)
	}
	if info, err := os.Stat(s.path); err != nil || info.Size() != after || info.Mode().Perm() != 0o600 {
		t.Errorf("file: %v, %v", info, err)
	}
	if diff := cmp.Diff(want, allOf(t, s)); diff != "" || s.Revision() != revision {
		t.Errorf("revision %d, was %d; articles:\n%s", s.Revision(), revision, diff)
	}
	mustVerify(t, s)
	mustCommit(t, s, visit(article(1000)))
	if _, err := Open(s.path, Options{ReadOnly: true}); !errors.As(err, new(*LockedError)) {
		t.Errorf("the new file is not locked: %v", err)
	}
	s = reopen(t, s)
	mustVerify(t, s)
	if got := allOf(t, s); len(got) != len(want)+1 {
		t.Errorf("%d articles, want %d", len(got), len(want)+1)
	}
}

// Whoever waited for the lock of the file that was replaced gets the new one.
func TestOpenAfterTheFileWasReplaced(t *testing.T) {
	s := openTest(t)
	fillTest(t, s)
	opened := make(chan *Store)
	go func() {
		other, err := Open(s.path, Options{})
		if err != nil {
			t.Error(err)
		}
		opened <- other
	}()
	if _, _, err := s.Compact(t.Context(), func() {}); err != nil {
		t.Fatal(err)
	}
	mustCommit(t, s, visit(article(1000)))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	other := <-opened
	if other == nil {
		return
	}
	defer other.Close()
	if _, err := other.Article(article(1000).ID); err != nil {
		t.Errorf("the old file was opened: %v", err)
	}
}

// A compaction that is given up, or dies, leaves the store as it was.
func TestCompactInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	fillTest(t, s)
	for after := range 4 {
		ctx, cancel := context.WithCancel(t.Context())
		signs := 0
		_, _, err := s.Compact(ctx, func() {
			if signs++; signs > after {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after %d signs: %v", after, err)
		}
		cancel()
	}
	mustCommit(t, s, visit(article(1000)))
	mustVerify(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	rests := []string{compactPath(path), restorePath(path), path + ".snapshot-1"}
	for _, rest := range rests {
		if err := os.WriteFile(rest, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, rest := range rests {
		if _, err := os.Stat(rest); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", rest, err)
		}
	}
}

// Dropping old texts never holds the writers up for the whole archive.
func TestPruneInPieces(t *testing.T) {
	s := openTest(t)
	for i := range 4 {
		var as []news.Article
		for j := range chunk {
			as = append(as, article(chunk*i+j))
		}
		mustCommit(t, s, visit(as...))
	}
	before := s.Revision()
	n, err := s.Prune(article(4 * chunk).Seen.Add(time.Hour))
	if pieces := s.Revision() - before; err != nil || n != 4*chunk || pieces < 4 {
		t.Errorf("%d articles in %d transactions, %v", n, pieces, err)
	}
	mustVerify(t, s)
}
