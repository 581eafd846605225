package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"vedetta/news"

	bolt "go.etcd.io/bbolt"
)

// maxProblems is how many problems Verify reports before it gives up.
const maxProblems = 1000

// Stats is what there is in the store.
type Stats struct {
	Path     string `json:"path"`
	Size     int64  `json:"size"` // of the file, bytes
	Free     int64  `json:"free"` // of these, bytes that writes reuse before the file grows
	Version  uint64 `json:"version"`
	Revision uint64 `json:"revision"`

	Sources   int `json:"sources"` // ever polled
	Sightings int `json:"sightings"`
	Articles  int `json:"articles"`
	Pruned    int `json:"pruned"` // of the articles, those whose text was dropped
	Stories   int `json:"stories"`
	Threads   int `json:"threads"`
}

// Stats counts what there is. It looks at all pages' headers: not for every
// request.
func (s *Store) Stats() (Stats, error) {
	st := Stats{Path: s.path, Revision: s.Revision()}
	u, err := s.Usage()
	if err != nil {
		return st, err
	}
	st.Size, st.Free = u.Size, u.Free
	err = s.view(func(r reader) error {
		st.Version = number(r.tx.Bucket(bucketMeta).Get(keyVersion))
		for _, c := range []struct {
			n    *int
			name []byte
		}{
			{&st.Sources, bucketPolls},
			{&st.Sightings, bucketSeen},
			{&st.Articles, bucketArticles},
			{&st.Stories, bucketStories},
			{&st.Threads, bucketThreads},
		} {
			*c.n = r.tx.Bucket(c.name).Stats().KeyN
		}
		return r.tx.Bucket(bucketPruned).ForEach(func(_, v []byte) error {
			h, _, err := cutBundleHead(v)
			st.Pruned += h.count
			return err
		})
	})
	if err != nil {
		return st, fmt.Errorf("read statistics: %w", err)
	}
	return st, nil
}

// Verify reads the whole store, computes every index anew from its records,
// and returns what does not agree, one line each; nothing when all is well.
// Writes have to wait during its first part, which looks at the pages.
func (s *Store) Verify(ctx context.Context) ([]string, error) {
	v := &verifier{ctx: ctx}
	err := s.guard(func() error {
		if err := s.verifyPages(v); err != nil {
			return err
		}
		return s.view(func(r reader) error {
			v.reader = r
			for _, step := range []func() error{
				v.polls, v.sightings, v.articles, v.bundles, v.stories, v.threads, v.merges, v.timeline,
			} {
				if err := step(); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if errors.Is(err, errEnough) {
		return append(v.problems, "and perhaps more"), nil
	}
	if err != nil {
		return v.problems, fmt.Errorf("verify store: %w", err)
	}
	return v.problems, nil
}

var errEnough = errors.New("enough problems")

// verifyPages looks at the structure below the records, which nobody may write
// to meanwhile.
func (s *Store) verifyPages(v *verifier) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tx(func(tx *bolt.Tx) error {
		if err := checkPages(tx, s.file); err != nil {
			return v.problem("pages: %v", err)
		}
		return nil
	})
}

// verifier collects what is wrong.
type verifier struct {
	reader
	ctx      context.Context // of one call of Verify
	problems []string
	states   int // articles
}

func (v *verifier) problem(format string, args ...any) error {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
	if len(v.problems) >= maxProblems {
		return errEnough
	}
	return nil
}

// each calls f with all pairs of a bucket, as long as the context lasts.
func (v *verifier) each(bucket []byte, f func(k, val []byte) error) error {
	return v.tx.Bucket(bucket).ForEach(func(k, val []byte) error {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		return f(k, val)
	})
}

func (v *verifier) polls() error {
	err := v.each(bucketPolls, func(k, val []byte) error {
		if _, err := decodePoll(val); err != nil {
			return v.problem("poll of %s: %v", k, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.each(bucketBacklog, func(k, val []byte) error {
		if err := v.codec.decode(val, new(backlog)); err != nil {
			return v.problem("backlog of %s: %v", k, err)
		}
		return nil
	})
}

func (v *verifier) sightings() error {
	return v.each(bucketSeen, func(k, val []byte) error {
		key, err := cutID(k)
		if err == nil {
			_, err = decodeSighting(key, val)
		}
		if err != nil {
			return v.problem("sighting %x: %v", k, err)
		}
		return nil
	})
}

func (v *verifier) articles() error {
	err := v.each(bucketArticles, func(k, val []byte) error {
		v.states++
		_, id, err := cutArticleKey(k)
		if err != nil {
			return v.problem("article at %x: %v", k, err)
		}
		var s articleState
		if err := v.codec.decode(val, &s); err != nil {
			return v.problem("article %s: %v", id, err)
		}
		if !bytes.Equal(v.tx.Bucket(bucketIDs).Get(idKey(id)), k[:timeLen]) {
			return v.problem("article %s: not among the ids", id)
		}
		story := s.story(id)
		if story == "" {
			return nil
		}
		if st, err := v.story(story); err != nil {
			return v.problem("article %s: its story %s: %v", id, story, err)
		} else if !hasMember(st, id) {
			return v.problem("article %s: not in its story %s", id, story)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if ids := v.tx.Bucket(bucketIDs).Stats().KeyN; ids != v.states {
		return v.problem("%d ids for %d articles", ids, v.states)
	}
	return nil
}

// bundles sees that each article is in its bundle, and nowhere else.
func (v *verifier) bundles() error {
	bodies := 0
	for _, bucket := range [][]byte{bucketBundles, bucketPruned} {
		err := v.each(bucket, func(k, val []byte) error {
			n := number(k)
			h, _, err := cutBundleHead(val)
			if err != nil {
				return v.problem("bundle %d: %v", n, err)
			}
			es, err := v.codec.decodeBundle(val)
			if err != nil {
				return v.problem("bundle %d: %v", n, err)
			}
			bodies += len(es)
			return v.entries(n, h.oldest, es)
		})
		if err != nil {
			return err
		}
	}
	if bodies != v.states {
		return v.problem("%d bodies for %d articles", bodies, v.states)
	}
	return nil
}

func (v *verifier) entries(n uint64, oldest time.Time, es []entry) error {
	seen := map[string]bool{}
	least := es[0].seen
	for _, e := range es {
		if e.seen.Before(least) {
			least = e.seen
		}
		s, key, err := v.state(e.id)
		if err == nil {
			_, err = e.article()
		}
		if err == nil && (s.Bundle != n || !bytes.Equal(key, articleKey(e.seen, e.id)) || seen[e.id]) {
			err = errors.New("belongs elsewhere")
		}
		if err != nil {
			if err := v.problem("bundle %d: article %s: %v", n, e.id, err); err != nil {
				return err
			}
		}
		seen[e.id] = true
	}
	if !least.Equal(oldest) {
		return v.problem("bundle %d: says its oldest article is of %v, it is of %v", n, oldest, least)
	}
	return nil
}

func hasMember(s news.Story, article string) bool {
	for _, m := range s.Members {
		if m.Article == article {
			return true
		}
	}
	return false
}

func (v *verifier) stories() error {
	return v.each(bucketStories, func(k, _ []byte) error {
		id, err := cutID(k)
		if err != nil {
			return v.problem("story at %x: %v", k, err)
		}
		rec, err := v.storyRecord(id)
		if err != nil {
			return v.problem("story %s: %v", id, err)
		}
		for _, m := range rec.Members {
			s, _, err := v.state(m.Article)
			if err != nil {
				return v.problem("story %s: its article %s: %v", rec.ID, m.Article, err)
			}
			if in := s.story(m.Article); in != rec.ID {
				return v.problem("story %s: its article %s is in story %q", rec.ID, m.Article, in)
			}
		}
		verdicts, err := v.verdicts(rec.Story)
		if err != nil {
			return v.problem("story %s: %v", rec.ID, err)
		}
		want := storyRecord{Story: rec.Story, Marks: marksOf(verdicts)}
		if !reflect.DeepEqual(want.keys(), rec.keys()) {
			return v.problem("story %s: marked %v, its articles say %v", rec.ID, rec.Marks, want.Marks)
		}
		for _, key := range want.keys() {
			if !v.has(bucketTimeline, key) {
				return v.problem("story %s: missing on a timeline it is marked for", rec.ID)
			}
		}
		return nil
	})
}

// has reports whether a bucket has a key, the value of which may be empty.
func (v *verifier) has(bucket, key []byte) bool {
	k, _ := v.tx.Bucket(bucket).Cursor().Seek(key)
	return bytes.Equal(k, key)
}

func (v *verifier) threads() error {
	return v.each(bucketThreads, func(k, val []byte) error {
		var rec threadRecord
		if err := v.codec.decode(val, &rec); err != nil {
			return v.problem("thread at %x: %v", k, err)
		}
		t := rec.Thread
		if !bytes.Equal(k, idKey(t.ID)) {
			return v.problem("thread %s: kept as %x", t.ID, k)
		}
		for _, id := range t.Stories {
			st, err := v.story(id)
			if err != nil {
				return v.problem("thread %s: its story %s: %v", t.ID, id, err)
			}
			if to, err := v.merged(bucketMergedThreads, st.Thread); err != nil || to != t.ID {
				return v.problem("thread %s: its story %s is in thread %q", t.ID, id, st.Thread)
			}
		}
		return nil
	})
}

func (v *verifier) merges() error {
	for _, m := range []struct {
		kind             string
		aliases, records []byte
	}{
		{"story", bucketMergedStories, bucketStories},
		{"thread", bucketMergedThreads, bucketThreads},
	} {
		err := v.each(m.aliases, func(k, _ []byte) error {
			id, err := cutID(k)
			if err != nil {
				return v.problem("merged %s at %x: %v", m.kind, k, err)
			}
			if v.has(m.records, k) {
				return v.problem("merged %s %s: still there", m.kind, id)
			}
			to, err := v.merged(m.aliases, id)
			if err != nil {
				return v.problem("merged %s %s: %v", m.kind, id, err)
			}
			if m.kind == "story" && !v.has(m.records, idKey(to)) {
				return v.problem("merged story %s: went into %s, which is not there", id, to)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// timeline looks for entries that no story accounts for. That none is missing
// was seen with the stories.
func (v *verifier) timeline() error {
	want := 0
	err := v.each(bucketStories, func(k, _ []byte) error {
		id, err := cutID(k)
		if err != nil {
			return nil // reported with the stories
		}
		if rec, err := v.storyRecord(id); err == nil {
			want += len(rec.keys())
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n := v.tx.Bucket(bucketTimeline).Stats().KeyN; n != want {
		return v.problem("timeline: %d entries where the stories are marked for %d", n, want)
	}
	return nil
}
