package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"vedetta/news"
)

// Commit writes all that some visits want written, or, when it returns an
// error, nothing of it. Without a source it writes no poll. The articles that
// the visits place differ, and so do the stories and threads.
//
// An article that names no story, neither itself nor in StoryOf, stays in the
// one it is in. The articles of a story that was merged follow it. Of a
// sighting the earliest First is kept.
func (s *Store) Commit(vs ...news.Visit) error {
	e, err := s.encodeVisits(vs)
	if err == nil {
		err = s.update(func(w *writer) error { return w.putVisits(e) })
	}
	if err != nil {
		return fmt.Errorf("commit visit: %w", err)
	}
	return nil
}

// encodedVisits is what of visits can be encoded without looking at the file:
// nearly all that takes time.
type encodedVisits struct {
	visits  []encodedVisit
	bundles []encodedBundle
}

type encodedVisit struct {
	news.Visit
	poll    []byte
	backlog []byte // nil: none
	threads [][]byte
}

type encodedBundle struct {
	articles []news.Article
	value    []byte
}

func (s *Store) encodeVisits(vs []news.Visit) (e encodedVisits, err error) {
	if e.bundles, err = s.encodeArticles(vs); err != nil {
		return e, err
	}
	for _, v := range vs {
		one, err := s.encodeVisit(v)
		if err != nil {
			return e, err
		}
		e.visits = append(e.visits, one)
	}
	return e, nil
}

func (s *Store) encodeVisit(v news.Visit) (e encodedVisit, err error) {
	e.Visit = v
	if v.Source != "" {
		e.poll = appendPoll(nil, &v.Poll) // not packed: there are few, and they are written all the time
	}
	if len(v.Backlog) > 0 {
		if e.backlog, err = s.codec.encodeJSON(backlog{v.Backlog}); err != nil {
			return e, fmt.Errorf("encode backlog of %s: %w", v.Source, err)
		}
	}
	for _, t := range v.Threads {
		if t.ID == "" {
			return e, errors.New("thread has no id")
		}
		e.threads = append(e.threads, s.codec.encodeOften(&threadRecord{t}))
	}
	return e, nil
}

// encodeArticles puts the articles of some visits into bundles.
func (s *Store) encodeArticles(vs []news.Visit) (bs []encodedBundle, err error) {
	type place struct{ visit, article int }
	last := map[string]place{} // of articles that come twice the later counts
	for i, v := range vs {
		for j, a := range v.Articles {
			last[a.ID] = place{i, j}
		}
	}
	as := make([]news.Article, 0, len(last))
	for i, v := range vs {
		for j, a := range v.Articles {
			if last[a.ID] != (place{i, j}) {
				continue
			}
			if a, err = asStored(a, v.StoryOf); err != nil {
				return nil, err
			}
			as = append(as, a)
		}
	}
	r := s.codec.rooms.take()
	defer s.codec.rooms.giveBack(r)
	var es []entry
	for _, b := range inBundles(as, bodySize) {
		es, r.bodies = es[:0], r.bodies[:0]
		for i := range b {
			var e entry
			e, r.bodies = appendEntry(r.bodies, &b[i])
			es = append(es, e)
		}
		bs = append(bs, encodedBundle{articles: b, value: s.codec.encodeBundle(es)})
	}
	return bs, nil
}

// asStored returns the article as it is to be stored.
func asStored(a news.Article, storyOf map[string]string) (news.Article, error) {
	if a.ID == "" {
		return a, fmt.Errorf("article %s has no id", a.URL)
	}
	if err := checkVerdicts(a.Verdicts); err != nil {
		return a, fmt.Errorf("article %s: %w", a.ID, err)
	}
	if story, ok := storyOf[a.ID]; ok {
		a.Story = story
	}
	if a.Text != "" {
		a.Pruned = false
	}
	return a, nil
}

// writer writes within one transaction. Whatever changes what a story's marks
// are computed from puts the story on touched; finish mends them.
type writer struct {
	reader
	touched map[string]bool     // ids of stories
	changed map[string]bool     // ids of stories of which something was written
	listed  bool                // something was written that a timeline leads to
	placed  bool                // an article, a story or a thread was written
	left    map[uint64][]string // bundles, and the articles that are no longer in them
}

func newWriter(tx *bolt.Tx, c *codec) *writer {
	w := &writer{reader: newReader(tx, c), touched: map[string]bool{}, changed: map[string]bool{}, left: map[uint64][]string{}}
	// These grow at their end only: full pages stay as they are.
	for _, name := range [][]byte{bucketArticles, bucketBundles, bucketPruned} {
		tx.Bucket(name).FillPercent = 0.95
	}
	return w
}

func (w *writer) bucket(name []byte) *bolt.Bucket { return w.tx.Bucket(name) }

// putVisits writes visits. The articles come before the stories, and all
// stories at once, so that none is looked at before all its articles are there.
func (w *writer) putVisits(e encodedVisits) error {
	for _, v := range e.visits {
		if err := w.putSource(v); err != nil {
			return err
		}
	}
	for _, b := range e.bundles {
		if err := w.putArticles(b); err != nil {
			return err
		}
	}
	written := map[string]bool{}
	for _, b := range e.bundles {
		for _, a := range b.articles {
			written[a.ID] = true
		}
	}
	for _, v := range e.visits {
		if err := w.putPlacement(v, written); err != nil {
			return err
		}
	}
	return nil
}

// putSource writes what is known of a visit's source and of its items.
func (w *writer) putSource(v encodedVisit) error {
	if v.Source != "" {
		if err := w.bucket(bucketPolls).Put([]byte(v.Source), v.poll); err != nil {
			return fmt.Errorf("put poll of %s: %w", v.Source, err)
		}
	}
	if v.Backlog != nil {
		if err := w.putBacklog(v.Source, v.backlog); err != nil {
			return fmt.Errorf("put backlog of %s: %w", v.Source, err)
		}
	}
	for _, s := range v.Sightings {
		if err := w.putSighting(s); err != nil {
			return fmt.Errorf("put sighting %s: %w", s.Key, err)
		}
	}
	return nil
}

// putPlacement writes the stories and threads of a visit. The articles that have
// been written know their stories.
func (w *writer) putPlacement(v encodedVisit, written map[string]bool) error {
	for i, t := range v.Threads {
		if err := w.putThread(t.ID, v.threads[i]); err != nil {
			return fmt.Errorf("put thread %s: %w", t.ID, err)
		}
		// One of its other stories may be listed, and say how many there are.
		w.listed = w.listed || len(t.Stories) > 1
	}
	return w.place(v.Placement, written)
}

// place writes what a placement changes, but for the threads themselves.
func (w *writer) place(p news.Placement, written map[string]bool) error {
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
		if written[id] {
			continue
		}
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

// putArticles writes the articles of a bundle in the place of what is known
// under their ids.
func (w *writer) putArticles(b encodedBundle) error {
	n, err := w.putBundle(bucketBundles, b.value)
	if err != nil {
		return fmt.Errorf("put bundle: %w", err)
	}
	for _, a := range b.articles {
		if err := w.putArticle(a, n); err != nil {
			return fmt.Errorf("put article %s: %w", a.ID, err)
		}
	}
	return nil
}

// putBundle writes a bundle under a number that no other has, in whichever of
// the two buckets.
func (w *writer) putBundle(bucket, value []byte) (uint64, error) {
	n, err := w.bucket(bucketBundles).NextSequence()
	if err != nil {
		return 0, err
	}
	return n, w.bucket(bucket).Put(numberBytes(n), value)
}

// putArticle writes all of an article but its body, which lies in a bundle.
func (w *writer) putArticle(a news.Article, bundle uint64) error {
	key := articleKey(a.Seen, a.ID)
	old, oldKey, err := w.state(a.ID)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return err
	default:
		story := old.story(a.ID)
		if a.Story == "" {
			a.Story = story
		}
		w.touched[story] = true
		w.left[old.Bundle] = append(w.left[old.Bundle], a.ID)
		if !bytes.Equal(oldKey, key) {
			if err := w.bucket(bucketArticles).Delete(oldKey); err != nil {
				return err
			}
		}
	}
	if err := w.bucket(bucketIDs).Put(idKey(a.ID), key[:timeLen]); err != nil {
		return err
	}
	return w.putState(key, a.ID, stateOf(a, bundle))
}

func (w *writer) putState(key []byte, id string, s articleState) error {
	w.touched[s.story(id)], w.placed = true, true
	return w.bucket(bucketArticles).Put(key, w.codec.encode(&s))
}

// moveArticle puts an article into another story. One that is not kept has
// nothing to move.
func (w *writer) moveArticle(id, story string) error {
	s, key, err := w.state(id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || s.story(id) == story {
		return err
	}
	w.touched[s.story(id)] = true
	s.Story = unless(story, id)
	return w.putState(key, id, s)
}

// dropLeft takes the articles that moved out of the bundles that they left.
func (w *writer) dropLeft() error {
	for _, n := range slices.Sorted(maps.Keys(w.left)) {
		bucket, es, err := w.bundle(n)
		if err != nil {
			return err
		}
		es = slices.DeleteFunc(es, func(e entry) bool { return slices.Contains(w.left[n], e.id) })
		if err := w.putRest(bucket, n, es); err != nil {
			return err
		}
	}
	return nil
}

// putRest writes what remains of a bundle in its place.
func (w *writer) putRest(bucket []byte, n uint64, es []entry) error {
	if len(es) == 0 {
		return w.bucket(bucket).Delete(numberBytes(n))
	}
	return w.bucket(bucket).Put(numberBytes(n), w.codec.encodeBundle(es))
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
	w.changed[from] = true
	old, err := w.storyRecord(from)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return err
	default:
		w.listed = w.listed || len(old.Marks) > 0
		if err := w.unlist(old); err != nil {
			return err
		}
		for _, m := range old.Members {
			a, _, err := w.state(m.Article)
			if err == nil && a.story(m.Article) == from {
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
	w.placed = true
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
	w.changed[s.ID], w.placed = true, true
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
	w.listed = w.listed || len(old.Marks)+len(record.Marks) > 0
	disk, key := record.disk(), idKey(s.ID)
	if err := w.bucket(bucketMergedStories).Delete(key); err != nil {
		return err
	}
	for _, k := range record.keys() {
		if err := w.bucket(bucketTimeline).Put(k, nil); err != nil {
			return err
		}
	}
	return w.bucket(bucketStories).Put(key, w.codec.encodeOften(&disk))
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

// finish does what changes to articles bring with them.
func (w *writer) finish() error {
	if err := w.dropLeft(); err != nil {
		return fmt.Errorf("rewrite bundle: %w", err)
	}
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
