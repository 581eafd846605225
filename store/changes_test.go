package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"vedetta/news"
)

// changed returns the stories that changed after a revision, and the last one.
func changed(t *testing.T, s *Store, after uint64) (ids []string, last uint64) {
	t.Helper()
	cs, err := s.Changes(after, 1000)
	if err != nil {
		t.Fatal(err)
	}
	last = after
	for _, c := range cs {
		if c.Revision <= last {
			t.Fatalf("revision %d comes after %d", c.Revision, last)
		}
		ids, last = append(ids, c.Stories...), c.Revision
	}
	return ids, last
}

func TestChanges(t *testing.T) {
	s := openTest(t)
	a, b := article(1), article(2)
	at := uint64(0)
	steps := []struct {
		name string
		do   func() error
		want []string
	}{
		{"two new", func() error { return s.Commit(visit(a, b)) }, []string{a.ID, b.ID}},
		{"a poll alone", func() error { return s.Commit(news.Visit{Source: "rivista"}) }, nil},
		{"judged anew", func() error { return s.Rejudge(map[string][]news.Verdict{b.ID: nil}) }, []string{b.ID}},
		{"merged", func() error {
			st := alone(a)
			st.Members = append(st.Members, alone(b).Members...)
			return s.Commit(news.Visit{Placement: news.Placement{
				Stories: []news.Story{st}, MergedStories: map[string]string{b.ID: a.ID}, StoryOf: map[string]string{b.ID: a.ID},
			}})
		}, []string{a.ID, b.ID}},
		{"pruned", func() error {
			_, err := s.Prune(b.Seen.Add(time.Second))
			return err
		}, []string{a.ID}},
		{"nothing to prune", func() error {
			_, err := s.Prune(b.Seen.Add(time.Second))
			return err
		}, nil},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		var got []string
		got, at = changed(t, s, at)
		want := slices.Sorted(slices.Values(step.want))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", step.name, diff)
		}
	}
	mustVerify(t, s)
	s = reopen(t, s)
	if ids, _ := changed(t, s, 0); len(ids) != 6 {
		t.Errorf("after reopening: %d stories in all changes, want 6", len(ids))
	}
}

func TestChangesAreForgotten(t *testing.T) {
	s := openTest(t)
	mustCommit(t, s, visit(article(1)))
	// As if many revisions had passed.
	err := s.db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketMeta).Put(keyRevision, numberBytes(keepChanges+10))
	})
	if err != nil {
		t.Fatal(err)
	}
	mustCommit(t, s, visit(article(2)))
	if _, err := s.Changes(0, 10); !errors.Is(err, ErrForgotten) {
		t.Errorf("changes from the beginning: %v, want ErrForgotten", err)
	}
	ids, last := changed(t, s, keepChanges+10)
	if want := []string{article(2).ID}; !slices.Equal(ids, want) || last != keepChanges+11 {
		t.Errorf("got %v at %d, want %v at %d", ids, last, want, keepChanges+11)
	}
	n := 0
	_ = s.db.View(func(tx *bolt.Tx) error { n = tx.Bucket(bucketChanges).Stats().KeyN; return nil })
	if n != 1 {
		t.Errorf("%d changes are kept, want the last alone", n)
	}
}

func TestChangesMissing(t *testing.T) {
	s := openTest(t)
	if ids, _ := changed(t, s, 0); ids != nil {
		t.Errorf("a new store has changes: %v", ids)
	}
}

// TestListedRevision expects the number to grow with what a reader of a topic
// can see, and with nothing else.
func TestListedRevision(t *testing.T) {
	s := openTest(t)
	on, off := article(1), article(2)
	off.Verdicts = nil
	third := article(3)
	third.Verdicts = nil
	together := news.Thread{ID: on.ID, Stories: []string{on.ID, third.ID}}
	steps := []struct {
		name string
		do   func() error
		want bool
	}{
		{"a poll", func() error { return s.Commit(news.Visit{Source: "rivista"}) }, false},
		{"off topic", func() error { return s.Commit(visit(off)) }, false},
		{"on topic", func() error { return s.Commit(visit(on)) }, true},
		{"on topic, written again", func() error { return s.Commit(visit(on)) }, true},
		{"off topic into its thread", func() error {
			v := visit(third)
			v.Threads = []news.Thread{together}
			return s.Commit(v)
		}, true},
		{"no longer on topic", func() error { return s.Rejudge(map[string][]news.Verdict{on.ID: nil}) }, true},
		{"pruned", func() error { _, err := s.Prune(on.Seen.Add(time.Second)); return err }, true},
		{"off topic, judged anew", func() error { return s.Rejudge(map[string][]news.Verdict{off.ID: nil}) }, false},
	}
	for _, step := range steps {
		before, listed := s.Revision(), s.ListedRevision()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if s.Revision() <= before {
			t.Errorf("%s: the revision did not grow", step.name)
		}
		if got := s.ListedRevision() > listed; got != step.want {
			t.Errorf("%s: listed revision grew: %v, want %v", step.name, got, step.want)
		}
	}
}

// TestMark expects the mark to change with what is stored of articles and
// stories, and with nothing else.
func TestMark(t *testing.T) {
	s := openTest(t)
	mark := func() string {
		m, err := s.Mark()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if m := mark(); m != "" {
		t.Errorf("an empty store has the mark %q", m)
	}
	last := ""
	for _, step := range []struct {
		what string
		v    news.Visit
		want bool
	}{
		{"an article", visit(article(1)), true},
		{"a poll", news.Visit{Source: "eco", Poll: news.Poll{ETag: `"2"`}}, false},
		{"the same article again", visit(article(1)), true},
		{"a thread", news.Visit{Placement: news.Placement{Threads: []news.Thread{{ID: "filo"}}}}, true},
	} {
		mustCommit(t, s, step.v)
		if m := mark(); (m != last) != step.want {
			t.Errorf("%s: the mark was %q and is %q", step.what, last, m)
		}
		last = mark()
	}
}
