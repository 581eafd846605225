package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"vedetta/news"
)

// Rejudge replaces the verdicts of articles, by their ids, in one transaction;
// callers with many articles pass some hundreds at a time. Articles that are
// not there are passed over, and so are those whose text Prune has dropped:
// they keep the verdict that was reached while there was a text to judge.
func (s *Store) Rejudge(verdicts map[string][]news.Verdict) error {
	for id, vs := range verdicts {
		if err := checkVerdicts(vs); err != nil {
			return fmt.Errorf("rejudge article %s: %w", id, err)
		}
	}
	return s.update(func(w *writer) error {
		for _, id := range slices.Sorted(maps.Keys(verdicts)) {
			a, key, err := w.articleRecord(id)
			if errors.Is(err, ErrNotFound) || err == nil && a.Pruned {
				continue
			}
			if err == nil {
				a.Verdicts = verdicts[id]
				err = w.putArticleRecord(key, a)
			}
			if err != nil {
				return fmt.Errorf("rejudge article %s: %w", id, err)
			}
		}
		return nil
	})
}

// Prune drops the texts, HTML and earlier versions of articles that were first
// fetched before a time, and returns the number of those articles. All else
// stays: the articles with title, summary and address, what was seen, the
// stories and the timelines. Verdicts keep their sentences where they are why
// an article is served; places in a text that is gone become zero.
//
// It works in chunks, each a transaction, and may be interrupted between them.
func (s *Store) Prune(textBefore time.Time) (int, error) {
	end := appendTime(nil, textBefore)
	total := 0
	for {
		var keys [][]byte
		err := s.view(func(r reader) error {
			c := r.tx.Bucket(bucketTexts).Cursor()
			for k, _ := c.First(); k != nil && bytes.Compare(k, end) < 0 && len(keys) < chunk; k, _ = c.Next() {
				keys = append(keys, bytes.Clone(k))
			}
			return nil
		})
		if err == nil && len(keys) > 0 {
			err = s.update(func(w *writer) error { return w.dropTexts(keys) })
		}
		if err != nil {
			return total, fmt.Errorf("prune texts: %w", err)
		}
		total += len(keys)
		if len(keys) < chunk {
			return total, nil
		}
	}
}

func (w *writer) dropTexts(keys [][]byte) error {
	for _, key := range keys {
		if err := w.bucket(bucketTexts).Delete(key); err != nil {
			return err
		}
		v := w.bucket(bucketArticles).Get(key)
		if v == nil {
			continue // replaced since the keys were read
		}
		var a news.Article
		if err := w.codec.decode(v, &a); err != nil {
			return fmt.Errorf("article at %x: %w", key, err)
		}
		a.Pruned = true
		a.Verdicts = withoutText(a.Verdicts)
		val, err := w.codec.encode(a)
		if err != nil {
			return fmt.Errorf("article %s: %w", a.ID, err)
		}
		// Topics and facets are as they were: no story needs mending.
		if err := w.bucket(bucketArticles).Put(key, val); err != nil {
			return err
		}
	}
	return nil
}

// withoutText returns the verdicts on an article whose text is no more.
func withoutText(vs []news.Verdict) []news.Verdict {
	vs = slices.Clone(vs)
	for i, v := range vs {
		if !v.On && !v.Near {
			vs[i].Evidence, vs[i].Against = nil, nil
			continue
		}
		vs[i].Evidence = slices.Clone(v.Evidence)
		for j, e := range v.Evidence {
			if e.Where != news.InTitle {
				vs[i].Evidence[j].Start, vs[i].Evidence[j].End = 0, 0
			}
		}
		vs[i].Against = slices.Clone(v.Against)
		for j, e := range v.Against {
			if e.Where != news.InTitle {
				vs[i].Against[j].Start, vs[i].Against[j].End = 0, 0
			}
		}
	}
	return vs
}
