package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"

	"vedetta/news"
	"vedetta/story"
)

// recognition is the index of stories, and what it was made for.
type recognition struct {
	index *story.Index
	key   string        // of the rules
	ready chan struct{} // closed once index is there
	mark  string        // of the store, when the index was kept last
}

// KeepStories has the index of stories kept in a file while no process is
// running, so that the next one need not make it again from the texts. The file
// is read by what follows, and written by SaveStories.
func (e *Engine) KeepStories(path string) { e.snapshot = path }

// begin returns the recognition for a plan: the one at hand, if it was made for
// the same rules, else a new one without an index, which is to be adopted.
func (e *Engine) begin(p *Plan) (r *recognition, anew bool, err error) {
	key, err := recognitionKey(p)
	if err != nil {
		return nil, false, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.recognition != nil && e.recognition.index != nil && e.recognition.key == key {
		return e.recognition, false, nil
	}
	e.recognition = &recognition{key: key, ready: make(chan struct{})}
	return e.recognition, true, nil
}

// recognitionKey tells the rules by which stories are made from others.
func recognitionKey(p *Plan) (string, error) {
	b, err := json.Marshal(struct {
		Rules news.StoryRules
		Kinds map[string]news.Kind
	}{p.stories, p.kinds})
	return string(b), err
}

// recognise has an index of stories for the plan's rules.
func (e *Engine) recognise(ctx context.Context, p *Plan) error {
	r, anew, err := e.begin(p)
	if err != nil || !anew {
		return err
	}
	return e.adopt(ctx, p, r, time.Now().Add(-storyWindow))
}

// adopt fills the index of stories: from the file where it is kept, else from
// what the store has since a time. What the rules, or a newer program, place
// otherwise than before is written. Nothing is committed meanwhile that would
// have to be placed.
func (e *Engine) adopt(ctx context.Context, p *Plan, r *recognition, since time.Time) error {
	x := newIndex(p)
	mark, err := e.store.Mark()
	if err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	if e.restore(x, r.key, mark) {
		e.use(r, x, mark)
		return nil
	}
	loading := x.Load()
	err = e.store.Arrivals(since, func(a news.Article) error {
		loading.Add(a)
		return ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("%w: read the latest articles: %w", errStore, err)
	}
	stories, threads, err := e.store.Settled(loading.Stories())
	if err != nil {
		return fmt.Errorf("%w: read the latest stories: %w", errStore, err)
	}
	changed := loading.Done(stories, threads)
	if len(changed.Stories)+len(changed.Threads)+len(changed.MergedStories)+len(changed.MergedThreads) > 0 {
		if err := e.store.Commit(news.Visit{Placement: changed}); err != nil {
			return fmt.Errorf("%w: write stories placed anew: %w", errStore, err)
		}
		e.log.Info("stories placed anew", "n", len(changed.Stories))
	}
	e.use(r, x, "")
	return nil
}

// adoptUntil is adopt, given up when stop is closed.
func (e *Engine) adoptUntil(ctx context.Context, stop <-chan struct{}, p *Plan, r *recognition) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := e.adopt(ctx, p, r, time.Now().Add(-storyWindow)); ctx.Err() == nil {
		return err
	}
	return nil
}

// use lets visits place articles.
func (e *Engine) use(r *recognition, x *story.Index, mark string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r.index, r.mark = x, mark
	close(r.ready)
}

// awaitStories waits until articles can be placed; false when it was ended by
// stop or ctx.
func (e *Engine) awaitStories(ctx context.Context, stop <-chan struct{}) bool {
	e.mu.Lock()
	ready := e.recognition.ready
	e.mu.Unlock()
	select {
	case <-ready:
		return true
	default:
	}
	select {
	case <-ready:
		return true
	case <-stop:
	case <-ctx.Done():
	}
	return false
}

// restore reads the index from the file in which it is kept, if that holds what
// the store does.
func (e *Engine) restore(x *story.Index, key, mark string) bool {
	if e.snapshot == "" || mark == "" {
		return false
	}
	data, err := readPacked(e.snapshot)
	if err == nil {
		err = x.Restore(data, key+mark)
	}
	switch {
	case err == nil:
		return true
	case errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, story.ErrSnapshot):
		e.log.Debug("the index of stories is made from the texts", "because", err)
	default:
		e.log.Warn("cannot read the index of stories, so it is made from the texts", "err", err)
	}
	return false
}

// SaveStories writes the index of stories to the file in which it is kept, if
// anything was placed since it was read. It comes after the last visit.
func (e *Engine) SaveStories() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.recognition
	if e.snapshot == "" || r == nil || r.index == nil {
		return nil
	}
	mark, err := e.store.Mark()
	if err != nil || mark == r.mark || mark == "" {
		return err
	}
	if err := writePacked(e.snapshot, func(w io.Writer) error { return r.index.Save(w, r.key+mark) }); err != nil {
		return fmt.Errorf("keep the index of stories: %w", err)
	}
	r.mark = mark
	return nil
}

// readPacked reads a file that writePacked wrote. What cannot be unpacked is
// damaged like any other.
func readPacked(path string) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	if data, err = io.ReadAll(z); err != nil {
		return nil, fmt.Errorf("%w: %w", story.ErrSnapshot, err)
	}
	return data, nil
}

// writePacked puts a file in the place of another at once. It may be lost with
// the power: what it holds can be made again.
func writePacked(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.new")
	if err != nil {
		return err
	}
	z, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err == nil {
		err = errors.Join(write(z), z.Close())
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// newIndex returns an empty index with the plan's corrections and kinds.
func newIndex(p *Plan) *story.Index {
	return story.NewIndex(story.Options{
		Rules: p.stories,
		Kind:  func(source string) news.Kind { return p.kinds[source] },
	})
}
