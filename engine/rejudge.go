package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"vedetta/news"
)

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
	r, err := e.Rejudge(ctx, stop, p, time.Time{}, true)
	if errors.Is(err, ErrStopped) {
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
	if r.Articles > 0 {
		e.log.Info("archive judged anew", "n", r.Articles, "on", len(r.On), "off", len(r.Off), "dur", time.Since(start).Round(time.Millisecond))
	}
}

// Rejudged is what judging the archive anew changes.
type Rejudged struct {
	Articles int      // judged
	On       []Change // came onto a topic
	Off      []Change // fell off it
}

// Change is an article whose verdict on a topic turned.
type Change struct {
	Article   string       `json:"article"` // Article.ID
	URL       string       `json:"url"`
	Title     string       `json:"title"`
	Source    string       `json:"source"`
	Published time.Time    `json:"published"`
	Verdict   news.Verdict `json:"verdict"` // as it is now
}

// ErrStopped says that judging anew was stopped before its end.
var ErrStopped = errors.New("stopped")

// rejudgeChunk is how many changed verdicts go into one transaction.
const rejudgeChunk = 200

// Rejudge judges every article seen since a time by the plan's topics and
// tells what changes; with apply it is written as well. Entries keep their own
// dates, so what comes onto a topic does not appear as news. It ends with
// ErrStopped when stop is closed or ctx ends; what was written stays.
func (e *Engine) Rejudge(ctx context.Context, stop <-chan struct{}, p *Plan, since time.Time, apply bool) (Rejudged, error) {
	var r Rejudged
	if apply {
		// Until the end the archive is judged partly by these topics and partly
		// by those before, so no plan may take it for its own.
		if err := e.store.SetSetting(rulesSetting, ""); err != nil {
			return r, fmt.Errorf("%w: %w", errStore, err)
		}
	}
	var changed []string // ids of articles
	flush := func() error {
		if len(changed) == 0 {
			return nil
		}
		err := e.applyVerdicts(p, changed)
		changed = changed[:0]
		return err
	}
	err := e.store.Since(since, func(a news.Article) error {
		select {
		case <-ctx.Done():
			return ErrStopped
		case <-stop:
			return ErrStopped
		default:
		}
		if a.Pruned {
			return nil // keeps the verdict reached while there was a text to judge
		}
		now := p.judge(e.log, a)
		r.compare(a, now)
		if !apply || reflect.DeepEqual(a.Verdicts, now) {
			return nil
		}
		changed = append(changed, a.ID)
		if len(changed) < rejudgeChunk {
			return nil
		}
		return flush()
	})
	if err != nil {
		return r, err
	}
	return r, flush()
}

// applyVerdicts judges the articles as they are stored now and writes their
// verdicts. They were found to need it by a look at the past: a visit may have
// corrected their texts since, and no other can while this one writes.
func (e *Engine) applyVerdicts(p *Plan, ids []string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	arts, err := e.store.Articles(ids...)
	if err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	verdicts := make(map[string][]news.Verdict, len(arts))
	for _, a := range arts {
		if !a.Pruned {
			verdicts[a.ID] = p.judge(e.log, a)
		}
	}
	if err := e.store.Rejudge(verdicts); err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	return nil
}

// compare notes which verdicts of the article turned. A topic that is no more
// was left by all that was on it.
func (r *Rejudged) compare(a news.Article, now []news.Verdict) {
	r.Articles++
	is := news.Article{Verdicts: now}
	for _, v := range now {
		if v.On != a.On(v.Topic) {
			r.note(a, v)
		}
	}
	for _, v := range a.Verdicts {
		if _, judged := is.Verdict(v.Topic); v.On && !judged {
			r.note(a, news.Verdict{Topic: v.Topic, Reason: "the topic is no more"})
		}
	}
}

func (r *Rejudged) note(a news.Article, v news.Verdict) {
	c := Change{Article: a.ID, URL: a.URL, Title: a.Title, Source: a.Source, Published: a.Published, Verdict: v}
	if v.On {
		r.On = append(r.On, c)
	} else {
		r.Off = append(r.Off, c)
	}
}
