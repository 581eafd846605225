package search

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"vedetta/news"
)

// Archive is what the index is made from.
type Archive interface {
	// Revision grows with every write.
	Revision() uint64
	// Size is the number of articles.
	Size() (int, error)
	// Since calls f with the articles seen at or after t, oldest first, and
	// stops at its first error.
	Since(t time.Time, f func(news.Article) error) error
	// Stories follows merges, and leaves out what is not there.
	Stories(ids ...string) ([]news.Story, error)
	// Texts returns articles, perhaps without their HTML, and leaves out what is
	// not there.
	Texts(ids ...string) ([]news.Article, error)
	// Changes returns what was written after a revision, oldest first, until it
	// names limit stories; an fs.ErrNotExist where that is no longer known.
	Changes(after uint64, limit int) ([]news.StoryChange, error)
}

// How much goes into a segment of its own: stories, and words where they are
// long.
const (
	batchStories = 1000
	batchWords   = 400_000
	// Stories, and articles of whole stories, that are read from the archive at a
	// time: articles that came together are read together, some megabytes.
	storiesRead  = 1000
	articlesRead = 512
	// keptUp is after how many revisions without a story the index notes all
	// the same that it has seen them, so that they are not too many at its next
	// start.
	keptUp = 5000
)

// Follow opens the index, brings it up to the archive, and looks each interval
// for what has changed, until ctx ends. An index that cannot be used is made
// anew. It never fails: what goes wrong is logged and tried again later.
func (x *Index) Follow(ctx context.Context, a Archive, interval time.Duration, log *slog.Logger) {
	f := &follower{index: x, archive: a, log: log}
	for {
		wait := interval
		if err := f.step(ctx); err != nil && ctx.Err() == nil {
			log.Error("search index is not up to date", "err", err)
			f.ready = false
			wait = max(interval, retry)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// retry is the wait after an error.
const retry = time.Minute

// follower brings an index up to its archive.
type follower struct {
	index   *Index
	archive Archive
	log     *slog.Logger
	ready   bool   // the index is open, and of this archive
	cursor  uint64 // revision up to which the archive's changes were looked at
}

// step does what there is to do.
func (f *follower) step(ctx context.Context) error {
	if !f.ready {
		reason, err := f.index.openOrReset()
		if reason != nil {
			f.log.Warn("search index is made anew", "reason", reason)
		}
		if err == nil {
			err = f.check()
		}
		if err != nil {
			return err
		}
		f.ready = true
		f.cursor = f.index.state.Cursor
	}
	if f.index.state.Filling != nil {
		if err := f.fill(ctx); err != nil {
			return fmt.Errorf("fill index: %w", err)
		}
	}
	return f.catchUp(ctx)
}

// check sees that the index is of this archive and not too old for it; else it
// begins anew.
func (f *follower) check() error {
	m := f.index.state
	reason := ""
	switch last := m.Anchor; {
	case m.Cursor > f.archive.Revision():
		reason = "the archive is an earlier one"
	case last != nil:
		cs, err := f.archive.Changes(last.Revision-1, 1)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			// Too long ago to tell.
		case err != nil:
			return err
		case len(cs) == 0 || traceOf(cs[0]) != *last:
			reason = "the archive is another one"
		}
	}
	if reason == "" && m.Filling == nil {
		if _, err := f.archive.Changes(m.Cursor, 0); errors.Is(err, fs.ErrNotExist) {
			reason = "it has missed too much"
		} else if err != nil {
			return err
		}
	}
	if reason == "" {
		return nil
	}
	f.log.Warn("search index is made anew", "reason", reason)
	return f.index.reset()
}

func traceOf(c news.StoryChange) changeTrace {
	return changeTrace{c.Revision, crc32.ChecksumIEEE([]byte(strings.Join(c.Stories, "\n")))}
}

// fill goes through the archive once, from where the last run stopped.
func (f *follower) fill(ctx context.Context) error {
	start := time.Now()
	at := *f.index.state.Filling
	if at.From.IsZero() {
		// What is written from now on is followed afterwards.
		f.cursor = f.archive.Revision()
		size, err := f.archive.Size()
		if err != nil {
			return err
		}
		at.Total = size
	}
	b := newBatch()
	flush := func() error {
		state := at
		err := f.index.commit(change{batch: b, update: func(m *manifest) { m.Filling, m.Cursor = &state, f.cursor }})
		b = newBatch()
		if err != nil {
			return err
		}
		return f.index.merge()
	}
	err := f.archive.Since(at.From, func(a news.Article) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(b.docs) >= batchStories || b.words >= batchWords {
			if err := flush(); err != nil {
				return err
			}
		}
		at.From = a.Seen
		at.Done++
		return f.first(b, a)
	})
	if err != nil {
		return err
	}
	n := at.Done
	if err := f.index.commit(change{batch: b, update: func(m *manifest) { m.Filling, m.Cursor = nil, f.cursor }}); err != nil {
		return err
	}
	if n > 0 {
		f.log.Info("search index filled", "articles", n, "dur", time.Since(start).Round(time.Millisecond))
	}
	return f.index.merge()
}

// first adds the story of an article if the article is its first.
func (f *follower) first(b *batch, a news.Article) error {
	sts, err := f.archive.Stories(a.Story)
	if err != nil || len(sts) == 0 || sts[0].Members[0].Article != a.ID {
		return err
	}
	as := []news.Article{a}
	if len(sts[0].Members) > 1 {
		if as, err = f.articles(sts[0]); err != nil {
			return err
		}
	}
	return f.add(b, sts[0], as)
}

// articles reads those of a story, the shown one first.
func (f *follower) articles(st news.Story) ([]news.Article, error) {
	return f.archive.Texts(articleIDs(nil, st)...)
}

// articleIDs appends the ids of a story's articles, the shown one first.
func articleIDs(ids []string, st news.Story) []string {
	ids = append(ids, st.Shown)
	for _, m := range st.Members {
		if m.Article != st.Shown {
			ids = append(ids, m.Article)
		}
	}
	return ids
}

// add puts a story into a batch unless the index has it as it is.
func (f *follower) add(b *batch, st news.Story, as []news.Article) error {
	digest := digestOf(st, as)
	if n, ok := b.numbers[st.ID]; ok {
		if b.docs[n].digest == digest {
			return nil
		}
	} else if held, ok, err := f.index.holds(st.ID); err != nil || ok && held == digest {
		return err
	}
	b.add(st, as, digest)
	return nil
}

// catchUp takes in what the archive has changed since.
func (f *follower) catchUp(ctx context.Context) error {
	for {
		now := f.archive.Revision()
		if now == f.cursor {
			return nil
		}
		cs, err := f.archive.Changes(f.cursor, batchStories)
		if errors.Is(err, fs.ErrNotExist) {
			f.ready = false // check tells what to do
			return nil
		}
		if err != nil {
			return err
		}
		if len(cs) == 0 {
			f.cursor = now
			if now < f.index.state.Cursor+keptUp {
				return nil
			}
			return f.index.commit(change{update: func(m *manifest) { m.Cursor = now }})
		}
		c := change{batch: newBatch()}
		if c.gone, err = f.take(ctx, c.batch, cs); err != nil {
			return err
		}
		last := cs[len(cs)-1]
		trace := traceOf(last)
		c.update = func(m *manifest) { m.Cursor, m.Anchor = last.Revision, &trace }
		if err := f.index.commit(c); err != nil {
			return err
		}
		f.cursor = last.Revision
		if err := f.index.merge(); err != nil {
			return err
		}
	}
}

// take adds the stories that changed to a batch, and returns those that are no
// more.
func (f *follower) take(ctx context.Context, b *batch, cs []news.StoryChange) (gone []string, err error) {
	var ids []string
	once := map[string]bool{}
	for _, c := range cs {
		for _, id := range c.Stories {
			if !once[id] {
				once[id] = true
				ids = append(ids, id)
			}
		}
	}
	for len(ids) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		some := ids[:min(storiesRead, len(ids))]
		ids = ids[len(some):]
		sts, err := f.archive.Stories(some...)
		if err != nil {
			return nil, err
		}
		there := map[string]bool{}
		for _, st := range sts {
			there[st.ID] = true
		}
		if err := f.addAll(b, sts); err != nil {
			return nil, err
		}
		for _, id := range some {
			if !there[id] {
				gone = append(gone, id)
			}
		}
	}
	return gone, nil
}

// addAll adds stories to a batch. Their articles are read together, some at a
// time: those that came together lie together.
func (f *follower) addAll(b *batch, sts []news.Story) error {
	for len(sts) > 0 {
		n, ids := 0, []string(nil)
		for n < len(sts) && (n == 0 || len(ids)+len(sts[n].Members) <= articlesRead) {
			ids = articleIDs(ids, sts[n])
			n++
		}
		as, err := f.archive.Texts(ids...)
		if err != nil {
			return err
		}
		byID := make(map[string]news.Article, len(as))
		for _, a := range as {
			byID[a.ID] = a
		}
		for _, st := range sts[:n] {
			own := make([]news.Article, 0, len(st.Members))
			for _, id := range articleIDs(nil, st) {
				if a, ok := byID[id]; ok {
					own = append(own, a)
				}
			}
			if err := f.add(b, st, own); err != nil {
				return err
			}
		}
		sts = sts[n:]
	}
	return nil
}
