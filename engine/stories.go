package engine

import (
	"bytes"
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

// recognition is the index of stories, and what it was made for. The engine's mu
// guards it.
type recognition struct {
	index   *story.Index // nil until it is needed, and again when it was not for a while
	key     string       // of the rules
	loading bool
	loaded  chan struct{} // closed when loading has ended, well or not
	users   int           // who may place articles now
	used    time.Time     // when the last of them ended
	mark    string        // of the store, when the index was kept last
}

// KeepStories has the index of stories kept in a file while no process needs
// it, so that the next one need not make it again from the texts. The file is
// read by what follows, and written by SaveStories.
func (e *Engine) KeepStories(path string) { e.snapshot = path }

// recognise prepares the recognition of stories for a plan's rules. What is
// kept in the file waits there until somebody needs it; otherwise the index is
// made now, since what the rules change is to be seen at once.
func (e *Engine) recognise(ctx context.Context, p *Plan) error {
	waits, err := e.begin(p)
	if err != nil || waits {
		return err
	}
	return e.prepare(ctx, nil, p)
}

// begin takes up a plan's rules; waits reports whether an index made for them
// is at hand or in the file.
func (e *Engine) begin(p *Plan) (waits bool, err error) {
	key, err := recognitionKey(p)
	if err != nil {
		return false, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.recognition == nil || e.recognition.key != key {
		e.recognition = &recognition{key: key}
	}
	if e.recognition.index != nil {
		return true, nil
	}
	mark, err := e.store.Mark()
	if err == nil && mark == "" {
		err = e.store.SetSetting(rulesSetting, p.rules) // there is nothing to judge anew
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", errStore, err)
	}
	return e.snapshotFits(storyOptions(p), key+mark), nil
}

// recognitionKey tells the rules by which stories are made from others.
func recognitionKey(p *Plan) (string, error) {
	b, err := json.Marshal(struct {
		Rules news.StoryRules
		Kinds map[string]news.Kind
	}{p.stories, p.kinds})
	return string(b), err
}

// errNotAwaited says that stop or ctx ended before the index was there.
var errNotAwaited = errors.New("stopped before the stories were there")

// awaitStories waits until articles can be placed. Who gets no error calls
// release when it has placed its own. The first who needs the index loads it,
// the others wait.
func (e *Engine) awaitStories(ctx context.Context, stop <-chan struct{}, p *Plan) error {
	for {
		e.mu.Lock()
		r := e.recognition
		switch {
		case r.index != nil:
			r.users++
			e.mu.Unlock()
			return nil
		case isClosed(stop) || ctx.Err() != nil:
			e.mu.Unlock()
			return errNotAwaited
		case r.loading:
			loaded := r.loaded
			e.mu.Unlock()
			select {
			case <-loaded:
			case <-stop:
			case <-ctx.Done():
			}
			continue
		}
		r.loading, r.loaded = true, make(chan struct{})
		e.mu.Unlock()
		var x *story.Index
		var mark string
		var err error
		e.behind(func() { x, mark, err = e.load(ctx, stop, p, r.key, time.Now().Add(-storyWindow)) })
		e.mu.Lock()
		r.loading = false
		close(r.loaded)
		if err == nil {
			r.index, r.mark = x, mark
		}
		e.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// prepare has the index at hand, for others to place articles.
func (e *Engine) prepare(ctx context.Context, stop <-chan struct{}, p *Plan) error {
	err := e.awaitStories(ctx, stop, p)
	if err == nil {
		e.release()
	}
	return err
}

// release ends what awaitStories began.
func (e *Engine) release() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.recognition.users--
	e.recognition.used = time.Now()
}

// doze lets go of the index when nobody has needed it for a while, if it is
// kept in a file: most of the daemon's memory.
func (e *Engine) doze(ctx context.Context, stop <-chan struct{}) {
	for e.snapshot != "" && e.clock.pause(ctx, stop, dozeAfter/4) {
		e.mu.Lock()
		r := e.recognition
		if r.index != nil && r.users == 0 && time.Since(r.used) >= dozeAfter {
			if err := e.saveStories(); err != nil {
				e.log.Warn("cannot let go of the index of stories", "err", err)
			} else {
				r.index = nil
			}
		}
		e.mu.Unlock()
	}
}

// dozeAfter is how long the index of stories is held though nobody needs it:
// longer than sources are usually apart, since it takes 50 µs an article to come
// back.
const dozeAfter = 20 * time.Minute

// load fills an index of stories: from the file where it is kept, else from what
// the store has since a time. What the rules, or a newer program, place
// otherwise than before is written. Nothing is committed meanwhile that would
// have to be placed. mark is that of the store if the file holds the index.
func (e *Engine) load(ctx context.Context, stop <-chan struct{}, p *Plan, key string, since time.Time) (x *story.Index, mark string, err error) {
	x = newIndex(p)
	if mark, err = e.store.Mark(); err != nil {
		return nil, "", fmt.Errorf("%w: %w", errStore, err)
	}
	if e.restore(x, key, mark) {
		n := x.Len()
		if x.Forget(since); x.Len() < n {
			mark = "" // the file has more
		}
		return x, mark, nil
	}
	loading := x.Load()
	err = e.store.Arrivals(since, func(a news.Article) error {
		if isClosed(stop) || ctx.Err() != nil {
			return errNotAwaited
		}
		loading.Add(a)
		return nil
	})
	if errors.Is(err, errNotAwaited) {
		return nil, "", errNotAwaited
	}
	if err != nil {
		return nil, "", fmt.Errorf("%w: read the latest articles: %w", errStore, err)
	}
	stories, threads, err := e.store.Settled(loading.Stories())
	if err != nil {
		return nil, "", fmt.Errorf("%w: read the latest stories: %w", errStore, err)
	}
	changed := loading.Done(stories, threads)
	if len(changed.Stories)+len(changed.Threads)+len(changed.MergedStories)+len(changed.MergedThreads)+len(changed.StoryOf) > 0 {
		if err := e.store.Commit(news.Visit{Placement: changed}); err != nil {
			return nil, "", fmt.Errorf("%w: write stories placed anew: %w", errStore, err)
		}
		e.log.Info("stories placed anew", "n", len(changed.Stories))
	}
	return x, "", nil
}

// snapshotFits reports whether the file holds an index of these options and label.
func (e *Engine) snapshotFits(opts story.Options, label string) bool {
	if e.snapshot == "" {
		return false
	}
	fits := false
	err := openPacked(e.snapshot, func(r io.Reader) error {
		fits = opts.Fits(r, label)
		return nil
	})
	return err == nil && fits
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
	return e.saveStories()
}

// saveStories is SaveStories for a caller that holds mu.
func (e *Engine) saveStories() error {
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
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	room := bytes.NewBuffer(make([]byte, 0, usualRatio*info.Size()+bytes.MinRead))
	err = openPacked(path, func(r io.Reader) error {
		if _, err := room.ReadFrom(r); err != nil {
			return fmt.Errorf("%w: %w", story.ErrSnapshot, err)
		}
		return nil
	})
	return room.Bytes(), err
}

// Of a file that writePacked wrote: how much longer it mostly is unpacked, and
// how far back what is packed may refer, which both sides hold in memory.
const (
	usualRatio   = 2
	packedWindow = 512 << 10
)

// openPacked has a file that writePacked wrote read, unpacked.
func openPacked(path string, read func(io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	if err != nil {
		return err
	}
	defer z.Close()
	return read(z)
}

// writePacked puts a file in the place of another at once. It may be lost with
// the power: what it holds can be made again.
func writePacked(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.new")
	if err != nil {
		return err
	}
	z, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(packedWindow), zstd.WithLowerEncoderMem(true))
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

// newIndex returns an empty index of stories for the plan.
func newIndex(p *Plan) *story.Index { return story.NewIndex(storyOptions(p)) }

// storyOptions are the plan's corrections and kinds.
func storyOptions(p *Plan) story.Options {
	return story.Options{
		Rules: p.stories,
		Kind:  func(source string) news.Kind { return p.kinds[source] },
	}
}
