package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"vedetta/news"
)

// maxMerges bounds how long a chain of merged ids is followed.
const maxMerges = 1000

// reader reads within one transaction. What it returns does not refer to the
// file's memory, unless said.
type reader struct {
	tx    *bolt.Tx
	codec *codec
	cache *unpacked
}

func newReader(tx *bolt.Tx, c *codec) reader { return reader{tx: tx, codec: c, cache: new(unpacked)} }

// state returns an article's state, and its key.
func (r reader) state(id string) (s articleState, key []byte, err error) {
	seen := r.tx.Bucket(bucketIDs).Get(idKey(id))
	if seen == nil {
		return s, nil, ErrNotFound
	}
	key = appendID(bytes.Clone(seen), id)
	v := r.tx.Bucket(bucketArticles).Get(key)
	if v == nil {
		return s, nil, errors.New("article without state")
	}
	return s, key, r.codec.decode(v, &s)
}

func (r reader) article(id string) (a news.Article, err error) {
	s, _, err := r.state(id)
	if err != nil {
		return a, err
	}
	return r.withBody(id, s, entry.article)
}

// articles returns articles in the order asked for, their bodies as decode reads
// them, without those that are not there. It reads them in the order in which they
// lie, as to unpack bundles takes most of the time.
func (r reader) articles(ids []string, decode func(entry) (news.Article, error)) ([]news.Article, error) {
	type found struct {
		id    string
		state articleState
		place int
	}
	var all []found // mostly asked for those that are not there
	for _, id := range ids {
		s, _, err := r.state(id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		all = append(all, found{id, s, len(all)})
	}
	if len(all) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(a.state.Bundle, b.state.Bundle) })
	as := make([]news.Article, len(all))
	for _, f := range all {
		a, err := r.withBody(f.id, f.state, decode)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.id, err)
		}
		as[f.place] = a
	}
	return as, nil
}

// withBody returns the article of that id and state, its body as decode reads
// it.
func (r reader) withBody(id string, s articleState, decode func(entry) (news.Article, error)) (a news.Article, err error) {
	es, ok := r.cache.bundles[s.Bundle]
	if !ok {
		if _, es, err = r.bundle(s.Bundle); err != nil {
			return a, err
		}
		r.cache.put(s.Bundle, es)
	}
	e, ok := find(es, id)
	if !ok {
		return a, fmt.Errorf("article is not in bundle %d", s.Bundle)
	}
	if a, err = decode(e); err != nil {
		return a, err
	}
	return s.onto(a), nil
}

// bundle unpacks a bundle, and tells in which of the two buckets it is.
func (r reader) bundle(n uint64) (bucket []byte, es []entry, err error) {
	key := numberBytes(n)
	for _, bucket := range [][]byte{bucketBundles, bucketPruned} {
		if v := r.tx.Bucket(bucket).Get(key); v != nil {
			es, err := r.codec.decodeBundle(v)
			if err != nil {
				return nil, nil, fmt.Errorf("bundle %d: %w", n, err)
			}
			return bucket, es, nil
		}
	}
	return nil, nil, fmt.Errorf("bundle %d is missing", n)
}

// walk calls f with the articles from the key start on, their bodies as decode
// reads them, for as long as f returns true. It returns the key to go on from;
// nil at the end.
func (r reader) walk(start []byte, decode func(entry) (news.Article, error), f func(news.Article) bool) (next []byte, err error) {
	c := r.tx.Bucket(bucketArticles).Cursor()
	more := true
	k, v := c.Seek(start)
	for ; k != nil && more; k, v = c.Next() {
		_, id, err := cutArticleKey(k)
		if err != nil {
			return nil, err
		}
		var s articleState
		if err := r.codec.decode(v, &s); err != nil {
			return nil, fmt.Errorf("article %s: %w", id, err)
		}
		a, err := r.withBody(id, s, decode)
		if err != nil {
			return nil, fmt.Errorf("article %s: %w", id, err)
		}
		more = f(a)
	}
	return bytes.Clone(k), nil
}

// storyRecord returns the record of exactly that id.
func (r reader) storyRecord(id string) (rec storyRecord, err error) {
	v := r.tx.Bucket(bucketStories).Get(idKey(id))
	if v == nil {
		return rec, ErrNotFound
	}
	var d storyDisk
	err = r.codec.decode(v, &d)
	return d.record(id), err
}

func (r reader) story(id string) (news.Story, error) {
	id, err := r.merged(bucketMergedStories, id)
	if err != nil {
		return news.Story{}, err
	}
	rec, err := r.storyRecord(id)
	return rec.Story, err
}

func (r reader) thread(id string) (t news.Thread, err error) {
	if id, err = r.merged(bucketMergedThreads, id); err != nil {
		return t, err
	}
	v := r.tx.Bucket(bucketThreads).Get(idKey(id))
	if v == nil {
		return t, ErrNotFound
	}
	rec := threadRecord{}
	err = r.codec.decode(v, &rec)
	return rec.Thread, err
}

// merged follows an id to the one it was merged into, over any number of
// merges.
func (r reader) merged(aliases []byte, id string) (string, error) {
	b := r.tx.Bucket(aliases)
	for range maxMerges {
		v := b.Get(idKey(id))
		if v == nil {
			return id, nil
		}
		to, err := cutID(v)
		if err != nil {
			return "", err
		}
		id = to
	}
	return "", fmt.Errorf("merges of %s go in a circle", id)
}

// merges returns all ids of a bucket of merges with the ids they lead to.
func (r reader) merges(aliases []byte) (map[string]string, error) {
	all := map[string]string{}
	return all, r.tx.Bucket(aliases).ForEach(func(k, _ []byte) error {
		id, err := cutID(k)
		if err == nil {
			all[id], err = r.merged(aliases, id)
		}
		return err
	})
}

// verdicts returns those of all articles of a story that are kept.
func (r reader) verdicts(s news.Story) ([]news.Verdict, error) {
	var vs []news.Verdict
	for _, m := range s.Members {
		a, _, err := r.state(m.Article)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("article %s: %w", m.Article, err)
		}
		vs = append(vs, a.verdicts()...)
	}
	return vs, nil
}
