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
			old, key, err := w.state(id)
			if errors.Is(err, ErrNotFound) || err == nil && old.Pruned {
				continue
			}
			if err == nil {
				err = w.putState(key, id, old.judged(verdicts[id]))
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
// Then it repacks, as Repack does.
func (s *Store) Prune(textBefore time.Time) (int, error) {
	total := 0
	for {
		var old []uint64
		n := 0
		err := s.view(func(r reader) error {
			c := r.tx.Bucket(bucketBundles).Cursor()
			for k, v := c.First(); k != nil && n < chunk; k, v = c.Next() {
				h, _, err := cutBundleHead(v)
				if err != nil {
					return fmt.Errorf("bundle %d: %w", number(k), err)
				}
				if h.oldest.Before(textBefore) {
					old = append(old, number(k))
					n += h.count
				}
			}
			return nil
		})
		dropped := 0
		if err == nil && len(old) > 0 {
			err = s.update(func(w *writer) (err error) {
				dropped, err = w.prune(old, textBefore)
				return err
			})
		}
		if err != nil {
			return total, fmt.Errorf("prune texts: %w", err)
		}
		total += dropped
		if n < chunk {
			return total, s.Repack()
		}
	}
}

// prune drops the texts of those articles in some bundles that were first
// fetched before a time, and puts what remains of them into bundles of their
// own.
func (w *writer) prune(numbers []uint64, before time.Time) (int, error) {
	var pruned []entry
	for _, n := range numbers {
		v := w.bucket(bucketBundles).Get(numberBytes(n))
		if v == nil {
			continue // its articles were written anew since
		}
		es, err := w.codec.decodeBundle(v)
		if err != nil {
			return 0, fmt.Errorf("bundle %d: %w", n, err)
		}
		var rest []entry
		for _, e := range es {
			if !e.seen.Before(before) {
				rest = append(rest, e)
				continue
			}
			if e, err = e.withoutText(); err != nil {
				return 0, fmt.Errorf("bundle %d: %w", n, err)
			}
			pruned = append(pruned, e)
		}
		if err := w.putRest(bucketBundles, n, rest); err != nil {
			return 0, err
		}
	}
	err := w.rebundle(bucketPruned, pruned, func(s articleState) articleState {
		s.Pruned = true
		return s.judged(withoutText(s.verdicts()))
	})
	return len(pruned), err
}

// rebundle puts articles into new bundles, and changes their states. Neither
// topics nor facets may change by that: stories are not mended.
func (w *writer) rebundle(bucket []byte, es []entry, change func(articleState) articleState) error {
	for _, b := range bundles(es) {
		n, err := w.putBundle(bucket, w.codec.encodeBundle(b))
		if err != nil {
			return err
		}
		for _, e := range b {
			s, key, err := w.state(e.id)
			if err != nil {
				return fmt.Errorf("article %s: %w", e.id, err)
			}
			s = change(s)
			s.Bundle = n
			if s.Pruned {
				w.changed[s.story(e.id)], w.listed = true, true
			}
			if err := w.bucket(bucketArticles).Put(key, w.codec.encode(&s)); err != nil {
				return err
			}
		}
	}
	return nil
}

// judged returns the state with other verdicts.
func (s articleState) judged(vs []news.Verdict) articleState {
	s.Verdicts = stateOf(news.Article{Verdicts: vs}, 0).Verdicts
	return s
}

// withoutText drops the texts of a body.
func (e entry) withoutText() (entry, error) {
	a, err := e.article()
	if err != nil {
		return e, err
	}
	a.Text, a.HTML, a.Versions = "", "", nil
	return newEntry(&a), nil
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

// Repack joins the small bundles that visits with one or two new articles
// leave behind into large ones, which take less room. It works in chunks, each
// a transaction, and leaves the latest articles alone until there are enough
// of them.
func (s *Store) Repack() error {
	const small, many = maxBundle / 3, 8 * maxBundle
	var start []byte
	var end uint64 // the new bundles are behind it
	for {
		var numbers []uint64
		size := 0
		err := s.view(func(r reader) error {
			b := r.tx.Bucket(bucketBundles)
			if end == 0 {
				end = b.Sequence()
			}
			c := b.Cursor()
			k, v := c.Seek(start)
			for ; k != nil && number(k) <= end && size < many; k, v = c.Next() {
				h, _, err := cutBundleHead(v)
				if err != nil {
					return fmt.Errorf("bundle %d: %w", number(k), err)
				}
				if h.size < small {
					numbers = append(numbers, number(k))
					size += h.size
				}
			}
			start = nil
			if k != nil && number(k) <= end {
				start = bytes.Clone(k)
			}
			return nil
		})
		if err == nil && size >= maxBundle {
			err = s.update(func(w *writer) error { return w.repack(numbers) })
		}
		if err != nil {
			return fmt.Errorf("repack articles: %w", err)
		}
		if start == nil {
			return nil
		}
	}
}

func (w *writer) repack(numbers []uint64) error {
	var all []entry
	for _, n := range numbers {
		v := w.bucket(bucketBundles).Get(numberBytes(n))
		if v == nil {
			continue // its articles were written anew since
		}
		es, err := w.codec.decodeBundle(v)
		if err != nil {
			return fmt.Errorf("bundle %d: %w", n, err)
		}
		if err := w.bucket(bucketBundles).Delete(numberBytes(n)); err != nil {
			return err
		}
		all = append(all, es...)
	}
	return w.rebundle(bucketBundles, all, func(s articleState) articleState { return s })
}
