package store

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"vedetta/news"
)

const (
	// Where all articles are gone through, one transaction reads or writes
	// about this many of them, and stops earlier at so many bytes of text.
	chunk      = 1000
	chunkBytes = 4 << 20
	// defaultLimit is the number of stories of a query that names none.
	defaultLimit = 100
)

// Poll returns what is known of a source; the zero value when it is new.
func (s *Store) Poll(source string) (p news.Poll, err error) {
	noted := s.notes.get(source) // before the store, which takes it in
	if noted != nil {
		return decodePoll(noted)
	}
	err = s.view(func(r reader) (err error) {
		if v := r.tx.Bucket(bucketPolls).Get([]byte(source)); v != nil {
			p, err = decodePoll(v)
		}
		return err
	})
	if err != nil {
		return news.Poll{}, fmt.Errorf("read poll of %s: %w", source, err)
	}
	return p, nil
}

// Polls returns what is known of all sources, by Source.ID, those included
// that are no longer in the configuration.
func (s *Store) Polls() (map[string]news.Poll, error) {
	polls, noted := map[string]news.Poll{}, s.notes.all()
	err := s.view(func(r reader) error {
		return r.tx.Bucket(bucketPolls).ForEach(func(k, v []byte) (err error) {
			if polls[string(k)], err = decodePoll(v); err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
			return nil
		})
	})
	for source, note := range noted {
		if err == nil {
			polls[source], err = decodePoll(note)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read polls: %w", err)
	}
	return polls, nil
}

// Known returns the sightings of those items, named by Item.Key, that were
// seen before.
func (s *Store) Known(keys []string) (map[string]news.Sighting, error) {
	known := make(map[string]news.Sighting, len(keys))
	err := s.view(func(r reader) error {
		c := r.tx.Bucket(bucketSeen).Cursor() // one for all keys: Get makes one for each
		var room []byte
		for _, key := range keys {
			room = appendID(room[:0], key)
			k, v := c.Seek(room)
			if !bytes.Equal(k, room) {
				continue
			}
			seen, err := decodeSighting(key, v)
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			known[key] = seen
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read sightings: %w", err)
	}
	return known, nil
}

// Article returns an article with its texts.
func (s *Store) Article(id string) (a news.Article, err error) {
	err = s.view(func(r reader) error {
		a, err = r.article(id)
		return err
	})
	if err != nil {
		return news.Article{}, fmt.Errorf("read article %s: %w", id, err)
	}
	return a, nil
}

// Articles returns articles with their texts in the order asked for; those
// that are not there are left out.
func (s *Store) Articles(ids ...string) ([]news.Article, error) {
	return s.articles(ids, entry.article)
}

// Texts is Articles without HTML and the texts of earlier versions.
func (s *Store) Texts(ids ...string) ([]news.Article, error) {
	return s.articles(ids, entry.lean)
}

func (s *Store) articles(ids []string, decode func(entry) (news.Article, error)) (as []news.Article, err error) {
	err = s.view(func(r reader) error {
		as, err = r.articles(ids, decode)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read articles: %w", err)
	}
	return as, nil
}

// Story returns the story of that id, or the one it was merged into.
func (s *Store) Story(id string) (st news.Story, err error) {
	err = s.view(func(r reader) error {
		st, err = r.story(id)
		return err
	})
	if err != nil {
		return news.Story{}, fmt.Errorf("read story %s: %w", id, err)
	}
	return st, nil
}

// Stories returns stories in the order asked for, as Story does; those that
// are not there are left out.
func (s *Store) Stories(ids ...string) ([]news.Story, error) {
	sts := make([]news.Story, 0, len(ids))
	err := s.view(func(r reader) error { return each(ids, &sts, r.story) })
	if err != nil {
		return nil, fmt.Errorf("read stories: %w", err)
	}
	return sts, nil
}

// Thread returns the thread of that id, or the one it was merged into. A story
// that is its own thread has none.
func (s *Store) Thread(id string) (t news.Thread, err error) {
	err = s.view(func(r reader) error {
		t, err = r.thread(id)
		return err
	})
	if err != nil {
		return news.Thread{}, fmt.Errorf("read thread %s: %w", id, err)
	}
	return t, nil
}

// Merged returns the stories and the threads that are no more, by id, with the
// ids of those that they went into at last.
func (s *Store) Merged() (stories, threads map[string]string, err error) {
	err = s.view(func(r reader) error {
		if stories, err = r.merges(bucketMergedStories); err != nil {
			return err
		}
		threads, err = r.merges(bucketMergedThreads)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read merges: %w", err)
	}
	return stories, threads, nil
}

// Timeline returns the stories that a query selects, newest first by
// Story.First; stories of the same instant come in the order of their ids.
func (s *Store) Timeline(q news.Query) ([]news.Story, error) {
	if q.Topic == "" {
		return nil, errors.New("read timeline: no topic")
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	sts := make([]news.Story, 0, min(limit, defaultLimit))
	err := s.view(func(r reader) error {
		prefix := timelinePrefix(q.Near, q.Topic, q.Facet)
		start := prefix
		if !q.Before.IsZero() {
			// Behind all keys of that instant, as the bound is exclusive.
			if start = after(appendTimeDown(bytes.Clone(prefix), q.Before)); start == nil {
				return nil
			}
		}
		c := r.tx.Bucket(bucketTimeline).Cursor()
		for k, _ := c.Seek(start); k != nil && bytes.HasPrefix(k, prefix) && len(sts) < limit; k, _ = c.Next() {
			first, id, err := cutTimeline(k[len(prefix):])
			if err != nil {
				return err
			}
			if !q.After.IsZero() && first.Before(q.After) {
				break
			}
			rec, err := r.storyRecord(id)
			if err != nil {
				return fmt.Errorf("story %s: %w", id, err)
			}
			sts = append(sts, rec.Story)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read timeline of %s: %w", q.Topic, err)
	}
	return sts, nil
}

// Since calls f with all articles that were first fetched at or after t, all
// of them when t is zero, oldest first, and stops at its first error. It holds
// no transaction while f runs: f may write, and sees each article as it was
// when its chunk was read.
func (s *Store) Since(t time.Time, f func(news.Article) error) error {
	return s.since(t, entry.article, f)
}

// Arrivals is Since without what the index of stories has no need of: the
// articles come without HTML and without the texts of earlier versions. They
// must not be written back.
func (s *Store) Arrivals(t time.Time, f func(news.Article) error) error {
	return s.since(t, entry.lean, f)
}

func (s *Store) since(t time.Time, decode func(entry) (news.Article, error), f func(news.Article) error) error {
	var start []byte
	if !t.IsZero() {
		start = appendTime(nil, t)
	}
	for {
		var as []news.Article
		size := 0
		err := s.view(func(r reader) (err error) {
			start, err = r.walk(start, decode, func(a news.Article) bool {
				as = append(as, a)
				size += len(a.Text) + len(a.HTML)
				return len(as) < chunk && size < chunkBytes
			})
			return err
		})
		if err != nil {
			return fmt.Errorf("read articles: %w", err)
		}
		for _, a := range as {
			if err := f(a); err != nil {
				return err
			}
		}
		if start == nil {
			return nil
		}
	}
}

// Settled returns the stories with the given ids, each once whatever was
// merged, and the threads that they are in.
func (s *Store) Settled(ids []string) (sts []news.Story, ths []news.Thread, err error) {
	err = s.view(func(r reader) error {
		if err := targets(r, bucketMergedStories, ids, &sts, r.story); err != nil {
			return err
		}
		var threads []string
		for _, st := range sts {
			threads = append(threads, st.Thread)
		}
		return targets(r, bucketMergedThreads, threads, &ths, r.thread)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read stories: %w", err)
	}
	return sts, ths, nil
}

// each appends what get returns for the ids, but for those not found.
func each[T any](ids []string, to *[]T, get func(string) (T, error)) error {
	for _, id := range ids {
		v, err := get(id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		*to = append(*to, v)
	}
	return nil
}

// targets appends what get returns for the ids, each once whatever was merged,
// in the order of their first appearance.
func targets[T any](r reader, aliases []byte, ids []string, to *[]T, get func(string) (T, error)) error {
	var once []string
	seen := map[string]bool{"": true}
	for _, id := range ids {
		id, err := r.merged(aliases, id)
		if err != nil {
			return err
		}
		if !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	return each(once, to, get)
}
