package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"vedetta/news"

	bolt "go.etcd.io/bbolt"
)

// Commit writes all that a visit wants written, or, when it returns an error,
// nothing of it. Without a source it writes no poll.
//
// An article that names no story, neither itself nor in StoryOf, stays in the
// one it is in. The articles of a story that was merged follow it. Of a
// sighting the earliest First is kept.
func (s *Store) Commit(v news.Visit) error {
	e, err := s.encodeVisit(v)
	if err == nil {
		err = s.update(func(w *writer) error { return w.putVisit(v, e) })
	}
	if err != nil {
		return fmt.Errorf("commit visit: %w", err)
	}
	return nil
}

// encodedVisit is what of a visit can be encoded without looking at the file:
// all that takes time.
type encodedVisit struct {
	poll    []byte
	texts   [][]byte // by article; nil when it has none
	threads [][]byte
}

func (s *Store) encodeVisit(v news.Visit) (e encodedVisit, err error) {
	if v.Source != "" {
		if e.poll, err = s.codec.encode(v.Poll); err != nil {
			return e, fmt.Errorf("encode poll of %s: %w", v.Source, err)
		}
	}
	for _, a := range v.Articles {
		if a.ID == "" {
			return e, fmt.Errorf("article %s has no id", a.URL)
		}
		if err := checkVerdicts(a.Verdicts); err != nil {
			return e, fmt.Errorf("article %s: %w", a.ID, err)
		}
		var b []byte
		if _, t := split(a); !t.empty() {
			if b, err = s.codec.encode(t); err != nil {
				return e, fmt.Errorf("encode texts of article %s: %w", a.ID, err)
			}
		}
		e.texts = append(e.texts, b)
	}
	for _, t := range v.Threads {
		if t.ID == "" {
			return e, errors.New("thread has no id")
		}
		b, err := s.codec.encode(t)
		if err != nil {
			return e, fmt.Errorf("encode thread %s: %w", t.ID, err)
		}
		e.threads = append(e.threads, b)
	}
	return e, nil
}

// writer writes within one transaction. Whatever changes what a story's marks
// are computed from puts the story on touched; finish mends them.
type writer struct {
	reader
	touched map[string]bool // ids of stories
}

func newWriter(tx *bolt.Tx, c *codec) *writer {
	w := &writer{reader: reader{tx: tx, codec: c}, touched: map[string]bool{}}
	// These grow at their end only: full pages stay as they are.
	for _, name := range [][]byte{bucketArticles, bucketTexts} {
		tx.Bucket(name).FillPercent = 0.95
	}
	return w
}

func (w *writer) bucket(name []byte) *bolt.Bucket { return w.tx.Bucket(name) }

func (w *writer) putVisit(v news.Visit, e encodedVisit) error {
	if v.Source != "" {
		if err := w.bucket(bucketPolls).Put([]byte(v.Source), e.poll); err != nil {
			return fmt.Errorf("put poll of %s: %w", v.Source, err)
		}
	}
	for _, s := range v.Sightings {
		if err := w.putSighting(s); err != nil {
			return fmt.Errorf("put sighting %s: %w", s.Key, err)
		}
	}
	for i, a := range v.Articles {
		if err := w.putArticle(a, e.texts[i]); err != nil {
			return fmt.Errorf("put article %s: %w", a.ID, err)
		}
	}
	for i, t := range v.Threads {
		if err := w.putThread(t.ID, e.threads[i]); err != nil {
			return fmt.Errorf("put thread %s: %w", t.ID, err)
		}
	}
	return w.place(v.Placement)
}

// place writes what a placement changes, but for the threads themselves.
func (w *writer) place(p news.Placement) error {
	for _, from := range slices.Sorted(maps.Keys(p.MergedThreads)) {
		if err := w.merge(bucketThreads, bucketMergedThreads, from, p.MergedThreads[from]); err != nil {
			return fmt.Errorf("merge thread %s: %w", from, err)
		}
	}
	for _, from := range slices.Sorted(maps.Keys(p.MergedStories)) {
		if err := w.mergeStory(from, p.MergedStories[from]); err != nil {
			return fmt.Errorf("merge story %s: %w", from, err)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.StoryOf)) {
		if err := w.moveArticle(id, p.StoryOf[id]); err != nil {
			return fmt.Errorf("put article %s into its story: %w", id, err)
		}
	}
	for _, s := range p.Stories {
		if err := w.putStory(s); err != nil {
			return fmt.Errorf("put story %s: %w", s.ID, err)
		}
	}
	return nil
}

func (w *writer) putSighting(s news.Sighting) error {
	if s.Key == "" {
		return errors.New("no key")
	}
	b, key := w.bucket(bucketSeen), idKey(s.Key)
	if old := b.Get(key); old != nil {
		if o, err := decodeSighting(s.Key, old); err == nil && o.First.Before(s.First) {
			s.First = o.First
		}
	}
	val, err := encodeSighting(s)
	if err != nil {
		return err
	}
	return b.Put(key, val)
}

// putArticle writes an article and its encoded texts in the place of what is
// known under its id.
func (w *writer) putArticle(a news.Article, texts []byte) error {
	key := articleKey(a.Seen, a.ID)
	old, oldKey, err := w.articleRecord(a.ID)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return err
	default:
		if a.Story == "" {
			a.Story = old.Story
		}
		w.touched[old.Story] = true
		if !bytes.Equal(oldKey, key) {
			if err := errors.Join(w.bucket(bucketArticles).Delete(oldKey), w.bucket(bucketTexts).Delete(oldKey)); err != nil {
				return err
			}
		}
	}
	if err := w.bucket(bucketIDs).Put(idKey(a.ID), key[:timeLen]); err != nil {
		return err
	}
	if texts == nil {
		err = w.bucket(bucketTexts).Delete(key)
	} else {
		err = w.bucket(bucketTexts).Put(key, texts)
	}
	if err != nil {
		return err
	}
	return w.putArticleRecord(key, a)
}

// putArticleRecord writes all of an article but its texts.
func (w *writer) putArticleRecord(key []byte, a news.Article) error {
	record, _ := split(a)
	val, err := w.codec.encode(record)
	if err != nil {
		return err
	}
	w.touched[a.Story] = true
	return w.bucket(bucketArticles).Put(key, val)
}

// moveArticle puts an article into another story. One that is not kept has
// nothing to move.
func (w *writer) moveArticle(id, story string) error {
	a, key, err := w.articleRecord(id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || a.Story == story {
		return err
	}
	w.touched[a.Story] = true
	a.Story = story
	return w.putArticleRecord(key, a)
}

// merge takes a record away and leaves the id of the one it went into; with
// none the id is forgotten.
func (w *writer) merge(records, aliases []byte, from, to string) error {
	if from == to {
		return errors.New("merged with itself")
	}
	key := idKey(from)
	if err := w.bucket(records).Delete(key); err != nil {
		return err
	}
	if to == "" {
		return w.bucket(aliases).Delete(key)
	}
	return w.bucket(aliases).Put(key, idKey(to))
}

func (w *writer) mergeStory(from, to string) error {
	old, err := w.storyRecord(from)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return err
	default:
		if err := w.unlist(old); err != nil {
			return err
		}
		for _, m := range old.Members {
			a, _, err := w.articleRecord(m.Article)
			if err == nil && a.Story == from {
				err = w.moveArticle(m.Article, to)
			}
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
		}
	}
	return w.merge(bucketStories, bucketMergedStories, from, to)
}

func (w *writer) putThread(id string, val []byte) error {
	key := idKey(id)
	if err := w.bucket(bucketMergedThreads).Delete(key); err != nil {
		return err
	}
	return w.bucket(bucketThreads).Put(key, val)
}

// putStory writes a story and its place on the timelines. The articles have to
// be there before it.
func (w *writer) putStory(s news.Story) error {
	if s.ID == "" {
		return errors.New("no id")
	}
	delete(w.touched, s.ID)
	old, err := w.storyRecord(s.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err == nil {
		if err := w.unlist(old); err != nil {
			return err
		}
	}
	verdicts, err := w.verdicts(s)
	if err != nil {
		return err
	}
	record := storyRecord{Story: s, Marks: marksOf(verdicts)}
	val, err := w.codec.encode(record)
	if err != nil {
		return err
	}
	key := idKey(s.ID)
	if err := w.bucket(bucketMergedStories).Delete(key); err != nil {
		return err
	}
	for _, k := range record.keys() {
		if err := w.bucket(bucketTimeline).Put(k, nil); err != nil {
			return err
		}
	}
	return w.bucket(bucketStories).Put(key, val)
}

// unlist takes a story off all timelines.
func (w *writer) unlist(old storyRecord) error {
	for _, k := range old.keys() {
		if err := w.bucket(bucketTimeline).Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// finish mends the marks of the stories whose articles changed.
func (w *writer) finish() error {
	for _, id := range slices.Sorted(maps.Keys(w.touched)) {
		old, err := w.storyRecord(id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err == nil {
			err = w.putStory(old.Story)
		}
		if err != nil {
			return fmt.Errorf("mend story %s: %w", id, err)
		}
	}
	return nil
}
