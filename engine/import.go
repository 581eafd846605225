package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"vedetta/news"
)

// Imported is an article of another archive. The article that founded a story
// or a thread brings that with it.
type Imported struct {
	Article       news.Article
	Story         *news.Story
	Thread        *news.Thread
	FormerStories []string // ids that led to the story
	FormerThreads []string // ids that led to the thread
}

// ImportCount says what an import did.
type ImportCount struct {
	Articles int // added
	Known    int // left as they are, because the store has them
	Stories  int // restored as they were
	Placed   int // articles placed anew, because the store has a part of their story
}

// How much of an import goes into one transaction.
const (
	importChunk = 200     // articles, or threads
	importBytes = 8 << 20 // of text
)

// Import adds another archive's articles to the store. read goes through them
// from the beginning each time it is called, and is called up to three times;
// an error of its callback ends it.
//
// Articles that the store has stay as they are there. Stories of which it has
// nothing come back whole, under their ids; all other articles are placed as if
// they had just been fetched. After each transaction the store is consistent;
// an import that was cut off can be repeated.
func (e *Engine) Import(ctx context.Context, p *Plan, read func(func(Imported) error) error) (ImportCount, error) {
	in := importing{
		engine: e, articles: map[string]noted{}, stories: map[string]news.Story{}, threads: map[string]news.Thread{},
		formerStories: map[string][]string{}, formerThreads: map[string][]string{}, written: map[string]bool{},
	}
	if err := read(in.note); err != nil {
		return in.count, err
	}
	if err := in.choose(); err != nil {
		return in.count, err
	}
	if in.fresh == 0 {
		return in.count, nil
	}
	// The verdicts are another archive's: the daemon's next start judges anew.
	if err := e.store.SetSetting(rulesSetting, ""); err != nil {
		return in.count, err
	}
	err := in.chunks(ctx, read, func(n noted) bool { return n.fresh && !n.anew }, in.restore)
	if err == nil {
		err = in.restoreThreads()
	}
	if err != nil || in.anew == 0 {
		return in.count, err
	}
	// What is placed may lie far back: the index of the latest articles, which
	// is kept, is no help.
	x, _, err := e.load(ctx, nil, p, "", in.oldest.Add(-storyWindow))
	if err != nil {
		return in.count, err
	}
	e.recognition = &recognition{index: x}
	return in.count, in.chunks(ctx, read, func(n noted) bool { return n.anew }, in.place)
}

// importing is the state of an import.
type importing struct {
	engine                       *Engine
	order                        []string // ids of articles
	articles                     map[string]noted
	stories                      map[string]news.Story
	threads                      map[string]news.Thread
	formerStories, formerThreads map[string][]string
	fresh, anew                  int       // articles
	oldest                       time.Time // of those placed anew
	written                      map[string]bool
	count                        ImportCount
}

// noted is what is remembered of an article between readings.
type noted struct {
	story     string
	published time.Time
	fresh     bool // the store does not have it
	anew      bool // is to be placed
}

// note is the first reading.
func (in *importing) note(it Imported) error {
	a := it.Article
	if _, twice := in.articles[a.ID]; twice {
		return fmt.Errorf("article %s (%s) stands in the file twice", a.ID, a.URL)
	}
	in.order = append(in.order, a.ID)
	in.articles[a.ID] = noted{story: a.Story, published: a.Published}
	if it.Story != nil {
		if _, twice := in.stories[it.Story.ID]; twice {
			return fmt.Errorf("story %s stands in the file twice", it.Story.ID)
		}
		in.stories[it.Story.ID] = *it.Story
		in.formerStories[it.Story.ID] = it.FormerStories
		in.formerThreads[it.Story.Thread] = append(in.formerThreads[it.Story.Thread], it.FormerThreads...)
	}
	if it.Thread != nil {
		in.threads[it.Thread.ID] = *it.Thread
	}
	return nil
}

// choose decides what comes back as it was and what is placed anew.
func (in *importing) choose() error {
	for ids := range slices.Chunk(in.order, importChunk) {
		there, err := in.engine.store.Articles(ids...)
		if err != nil {
			return fmt.Errorf("%w: %w", errStore, err)
		}
		stored := make(map[string]bool, len(there))
		for _, a := range there {
			stored[a.ID] = true
		}
		for _, id := range ids {
			n := in.articles[id]
			n.fresh = !stored[id]
			in.articles[id] = n
		}
	}
	for id, st := range in.stories {
		whole, err := in.whole(st)
		if err != nil {
			return err
		}
		if !whole {
			delete(in.stories, id)
			continue
		}
		in.stories[id] = in.trimmed(st)
	}
	for id, n := range in.articles {
		if !n.fresh {
			in.count.Known++
			continue
		}
		in.fresh++
		st, ok := in.stories[n.story]
		if ok && slices.ContainsFunc(st.Members, func(m news.Member) bool { return m.Article == id }) {
			continue
		}
		n.anew = true
		in.articles[id] = n
		in.anew++
		if in.oldest.IsZero() || n.published.Before(in.oldest) {
			in.oldest = n.published
		}
	}
	in.count.Stories = len(in.stories)
	return nil
}

// whole reports whether the store has nothing of a story, neither its id nor
// one of its articles.
func (in *importing) whole(st news.Story) (bool, error) {
	if _, err := in.engine.store.Story(st.ID); err == nil {
		return false, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("%w: %w", errStore, err)
	}
	var elsewhere []string // members that the file does not have
	for _, m := range st.Members {
		n, ok := in.articles[m.Article]
		if ok && !n.fresh {
			return false, nil
		}
		if !ok {
			elsewhere = append(elsewhere, m.Article)
		}
	}
	there, err := in.engine.store.Articles(elsewhere...)
	if err != nil {
		return false, fmt.Errorf("%w: %w", errStore, err)
	}
	if len(there) > 0 {
		return false, nil
	}
	return len(in.trimmed(st).Members) > 0, nil
}

// trimmed is a story with those of its members that the file has. It is alone
// until its thread is restored.
func (in *importing) trimmed(st news.Story) news.Story {
	seen := map[string]bool{}
	st.Members = slices.DeleteFunc(slices.Clone(st.Members), func(m news.Member) bool {
		out := seen[m.Article] || in.articles[m.Article].story != st.ID
		seen[m.Article] = true
		return out
	})
	if len(st.Members) > 0 && !slices.ContainsFunc(st.Members, func(m news.Member) bool { return m.Article == st.Shown }) {
		st.Shown = st.Members[0].Article
	}
	return st
}

// chunks reads again and hands on the wanted articles, some at a time.
func (in *importing) chunks(ctx context.Context, read func(func(Imported) error) error, want func(noted) bool, do func([]news.Article) error) error {
	var arts []news.Article
	size := 0
	flush := func() error {
		if len(arts) == 0 {
			return nil
		}
		err := do(arts)
		arts, size = arts[:0], 0
		return err
	}
	err := read(func(it Imported) error {
		if ctx.Err() != nil {
			return ErrStopped
		}
		if !want(in.articles[it.Article.ID]) {
			return nil
		}
		arts = append(arts, it.Article)
		size += len(it.Article.Text) + len(it.Article.HTML)
		if len(arts) < importChunk && size < importBytes {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// restore writes articles and what there is by then of their stories.
func (in *importing) restore(arts []news.Article) error {
	v := news.Visit{Articles: arts}
	v.MergedStories = map[string]string{}
	touched := map[string]bool{}
	for _, a := range arts {
		in.written[a.ID] = true
	}
	for _, a := range arts {
		st := in.stories[a.Story]
		if touched[st.ID] {
			continue
		}
		touched[st.ID] = true
		st.Thread = st.ID
		st.Members = slices.DeleteFunc(slices.Clone(st.Members), func(m news.Member) bool { return !in.written[m.Article] })
		if !in.written[st.Shown] {
			st.Shown = st.Members[0].Article
		}
		v.Stories = append(v.Stories, st)
		for _, former := range in.formerStories[st.ID] {
			free, err := in.free(former)
			if err != nil {
				return err
			}
			if free && in.stories[former].ID == "" {
				v.MergedStories[former] = st.ID
			}
		}
	}
	if err := in.commit(v); err != nil {
		return err
	}
	in.count.Articles += len(arts)
	return nil
}

// free reports whether the store has no story of that id.
func (in *importing) free(story string) (bool, error) {
	_, err := in.engine.store.Story(story)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", errStore, err)
	}
	return false, nil
}

// restoreThreads joins the restored stories into the threads that they were
// in.
func (in *importing) restoreThreads() error {
	var v news.Visit
	flush := func() error {
		if len(v.Threads) == 0 {
			return nil
		}
		err := in.commit(v)
		v = news.Visit{}
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(in.threads)) {
		t := in.threads[id]
		mine := func(story string) bool { return in.stories[story].ID != "" && in.stories[story].Thread == t.ID }
		t.Stories = slices.DeleteFunc(slices.Clone(t.Stories), func(s string) bool { return !mine(s) })
		t.Links = slices.DeleteFunc(slices.Clone(t.Links), func(l news.Link) bool { return !mine(l.A) || !mine(l.B) })
		_, err := in.engine.store.Thread(t.ID)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: %w", errStore, err)
		}
		if err == nil || len(t.Stories) < 2 {
			continue // the store's own thread stays; its next start finds who belongs to it
		}
		for _, s := range t.Stories {
			v.Stories = append(v.Stories, in.stories[s])
		}
		v.Threads = append(v.Threads, t)
		for _, former := range in.formerThreads[t.ID] {
			if _, err := in.engine.store.Thread(former); errors.Is(err, fs.ErrNotExist) && in.threads[former].ID == "" {
				if v.MergedThreads == nil {
					v.MergedThreads = map[string]string{}
				}
				v.MergedThreads[former] = t.ID
			}
		}
		if len(v.Threads) == importChunk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// place writes articles where the recognition puts them.
func (in *importing) place(arts []news.Article) error {
	e := in.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range arts {
		arts[i].Story = ""
	}
	placed := e.recognition.index.Place(arts)
	v := news.Visit{Articles: arts, Placement: placed.Placement}
	for i := range arts {
		arts[i].Story = placed.StoryOf[arts[i].ID]
	}
	if err := e.commit(v); err != nil {
		return err
	}
	e.recognition.index.Apply(placed)
	in.count.Articles += len(arts)
	in.count.Placed += len(arts)
	return nil
}

func (in *importing) commit(v news.Visit) error {
	in.engine.mu.Lock()
	defer in.engine.mu.Unlock()
	return in.engine.commit(v)
}
