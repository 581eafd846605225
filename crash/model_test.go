package crash

import (
	"errors"
	"io/fs"
	"reflect"
	"testing"
	"time"

	"vedetta/news"
	"vedetta/store"
)

// facts is what must never change of what is stored.
type facts struct {
	articles map[string]fact // by address
	waiting  map[string]bool // addresses of items that are still to be read
	polls    map[string]news.Poll
	revision uint64
}

type fact struct {
	id, source      string
	seen, published time.Time
}

// read reads a store that nobody has open, and sees that no article is there
// twice. One that was never written is empty.
func read(t *testing.T, path string) facts {
	t.Helper()
	f := facts{articles: map[string]fact{}, waiting: map[string]bool{}, polls: map[string]news.Poll{}}
	s, err := store.Open(path, store.Options{ReadOnly: true})
	if errors.Is(err, fs.ErrNotExist) {
		return f
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	err = s.Since(time.Time{}, func(a news.Article) error {
		if _, twice := f.articles[a.URL]; twice {
			t.Errorf("%s is there twice", a.URL)
		}
		f.articles[a.URL] = fact{a.ID, a.Source, a.Seen, a.Published}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if f.polls, err = s.Polls(); err != nil {
		t.Fatal(err)
	}
	for id := range f.polls {
		items, err := s.Backlog(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			f.waiting[it.URL] = true
		}
	}
	f.revision = s.Revision()
	return f
}

// sameAs reports whether two stores hold the same.
func (f facts) sameAs(other facts) bool {
	return f.revision == other.revision && reflect.DeepEqual(f.articles, other.articles) && reflect.DeepEqual(f.polls, other.polls)
}

// follows sees that what was stored before still is, as it was.
func (f facts) follows(t *testing.T, before facts) {
	t.Helper()
	if f.revision < before.revision {
		t.Errorf("revision %d after %d", f.revision, before.revision)
	}
	for url, was := range before.articles {
		if is, ok := f.articles[url]; !ok {
			t.Errorf("%s is lost", url)
		} else if is != was {
			t.Errorf("%s was %+v, is %+v", url, was, is)
		}
	}
}

// accountsFor sees that whatever a stored validator stands for is stored, or
// waits there to be read: what is not would be lost behind a 304.
func (f facts) accountsFor(t *testing.T, p *press) {
	t.Helper()
	issued := p.counts()
	for id, poll := range f.polls {
		if poll.ETag == "" {
			continue
		}
		n, ok := validated(id, poll.ETag)
		if !ok || n > issued[id] {
			t.Errorf("%s: validator %s was never given", id, poll.ETag)
			continue
		}
		for _, url := range p.published(id, n) {
			if _, ok := f.articles[url]; !ok && !f.waiting[url] {
				t.Errorf("%s: validator %s is stored without %s", id, poll.ETag, url)
			}
		}
	}
}

// allowed sees that what was asked of the press was due, by what was stored
// before. A daemon, which keeps to a schedule, serves since a time; that is zero
// for a command that polls at once. A request may be on its way for long, so the
// next one counts from when the one before can have begun at the earliest.
func (f facts) allowed(t *testing.T, asked map[string][]request, since time.Time) {
	t.Helper()
	const interval, tolerance = time.Second, 20 * time.Millisecond
	scheduled := !since.IsZero()
	for id, requests := range asked {
		last := f.polls[id]
		first := last.Last.Add(interval)
		if first.Before(since) {
			first = since
		}
		for i, r := range requests {
			if i == 0 {
				if r.at.Before(last.NotBefore.Add(-tolerance)) {
					t.Errorf("%s: asked at %v, %v before its time", id, r.at, last.NotBefore.Sub(r.at))
				}
				if scheduled && r.at.Before(last.Last.Add(interval-tolerance)) {
					t.Errorf("%s: asked %v after the last visit", id, r.at.Sub(last.Last))
				}
				if r.validator != last.ETag {
					t.Errorf("%s: asked with validator %q, stored is %q", id, r.validator, last.ETag)
				}
			} else if id == resting || id == keeping {
				t.Errorf("%s: asked %d times, though it had asked for time", id, len(requests))
			} else if due := first.Add(time.Duration(i) * interval); scheduled && r.at.Before(due.Add(-tolerance)) {
				t.Errorf("%s: asked for the %d. time at %v, %v before its time", id, i+1, r.at, due.Sub(r.at))
			}
		}
	}
}
