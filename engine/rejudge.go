package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"vedetta/news"
	"vedetta/story"
)

// adopt builds the index of stories from the store, by the plan's rules. What
// the rules, or a newer program, place otherwise than before is written.
func (e *Engine) adopt(p *Plan) error {
	arts, stories, threads, err := e.store.Window(time.Now().Add(-storyWindow))
	if err != nil {
		return fmt.Errorf("%w: read the latest articles: %w", errStore, err)
	}
	x := newIndex(p)
	changed := x.Load(arts, stories, threads)
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(changed.Stories)+len(changed.Threads)+len(changed.MergedStories)+len(changed.MergedThreads) > 0 {
		if err := e.store.Commit(news.Visit{Placement: changed}); err != nil {
			return fmt.Errorf("%w: write stories placed anew: %w", errStore, err)
		}
		e.log.Info("stories placed anew", "n", len(changed.Stories))
	}
	e.stories = x
	return nil
}

// newIndex returns an empty index with the plan's corrections and kinds.
func newIndex(p *Plan) *story.Index {
	return story.NewIndex(story.Options{
		Rules: p.stories,
		Kind:  func(source string) news.Kind { return p.kinds[source] },
	})
}

// rulesSetting is the store's setting with the fingerprint of the topics that
// the archive was last judged by.
const rulesSetting = "topics"

// rejudgeIfChanged judges the archive anew when the topics are not those it
// was judged by, be it after a reload or because the file changed while the
// daemon was not running.
func (e *Engine) rejudgeIfChanged(ctx context.Context, stop <-chan struct{}, p *Plan) {
	last, err := e.store.Setting(rulesSetting)
	if err != nil {
		e.log.Error("cannot read by which topics the archive was judged", "err", err)
		return
	}
	if last == p.rules {
		return
	}
	start := time.Now()
	c, err := e.rejudge(ctx, stop, p)
	if errors.Is(err, errStopped) {
		return // the next start or reload begins anew
	}
	if err != nil {
		e.log.Error("cannot judge the archive anew", "err", err)
		return
	}
	if err := e.store.SetSetting(rulesSetting, p.rules); err != nil {
		e.log.Error("cannot note that the archive was judged anew", "err", err)
		return
	}
	if c.Articles > 0 {
		e.log.Info("archive judged anew", "n", c.Articles, "on", c.On, "off", c.Off, "dur", time.Since(start).Round(time.Millisecond))
	}
}

// Rejudged counts what judging the archive anew changed.
type Rejudged struct {
	Articles int // judged
	On       int // came onto some topic
	Off      int // fell off every topic
}

var errStopped = errors.New("stopped")

// rejudgeChunk is how many changed verdicts go into one transaction.
const rejudgeChunk = 200

// rejudge applies the plan's topics to every stored article. Entries keep
// their own dates, so what comes onto a topic does not appear as news.
func (e *Engine) rejudge(ctx context.Context, stop <-chan struct{}, p *Plan) (Rejudged, error) {
	var c Rejudged
	changed := make(map[string][]news.Verdict)
	flush := func() error {
		if len(changed) == 0 {
			return nil
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		if err := e.store.Rejudge(changed); err != nil {
			return fmt.Errorf("%w: %w", errStore, err)
		}
		clear(changed)
		return nil
	}
	err := e.store.Since(time.Time{}, func(a news.Article) error {
		select {
		case <-ctx.Done():
			return errStopped
		case <-stop:
			return errStopped
		default:
		}
		if a.Pruned {
			return nil // keeps the verdict reached while there was a text to judge
		}
		c.Articles++
		b := a
		b.Verdicts = p.topics.Match(a)
		if reflect.DeepEqual(a.Verdicts, b.Verdicts) {
			return nil
		}
		switch was, is := a.On(""), b.On(""); {
		case is && !was:
			c.On++
		case was && !is:
			c.Off++
		}
		changed[a.ID] = b.Verdicts
		if len(changed) < rejudgeChunk {
			return nil
		}
		return flush()
	})
	if err != nil {
		return c, err
	}
	return c, flush()
}
