package engine

import (
	"fmt"
	"sync"
	"time"

	"vedetta/news"
)

// A transaction waits twice for the disk and rewrites pages that the next one
// rewrites again, and articles that are placed together have the threads that
// they join divided once. So what several visits have read is committed
// together: who comes first waits a little for others, and then places and
// commits all that is there.
const (
	groupWait = time.Second
	// What is worth a transaction; of more that waits, visits keep their workers.
	groupItems = 400
	groupBytes = 4 << 20 // of texts
)

// chunk is what was read of a source.
type chunk struct {
	reader *reader
	read   []readItem
	last   news.Poll // what was known of the source before
	more   bool      // of the same visit is still to be read

	done chan struct{} // closed when it has been committed, or not
	err  error         // why not
}

// group is the chunks that wait to be committed together.
type group struct {
	mu      sync.Mutex // guards the rest
	chunks  []*chunk
	items   int
	bytes   int           // of their texts
	reading int           // visits under way that do not wait for a commit
	ready   chan struct{} // of who commits the group; nil while there is none
}

// enter and leave tell of a visit that may read something.
func (g *group) enter() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reading++
}

func (g *group) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reading--
	g.check()
}

// check tells who commits the group that nothing more is to be waited for.
// The caller holds mu.
func (g *group) check() {
	if g.ready != nil && (g.full() || g.reading <= 0) {
		close(g.ready)
		g.ready = nil
	}
}

// full reports whether as much waits as is worth a transaction. The caller holds
// mu.
func (g *group) full() bool { return g.items >= groupItems || g.bytes >= groupBytes }

// add puts a chunk into the group. Where the caller is to commit the group,
// ready is closed when that is due; full says that too much waits already.
func (g *group) add(c *chunk) (ready <-chan struct{}, full bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.chunks = append(g.chunks, c)
	g.items += len(c.read)
	for _, it := range c.read {
		if it.article != nil {
			g.bytes += len(it.article.Text) + len(it.article.HTML)
		}
	}
	full = g.full()
	g.reading--
	if len(g.chunks) == 1 {
		g.ready = make(chan struct{})
		ready = g.ready
	}
	g.check()
	return ready, full
}

// take takes the group.
func (g *group) take() []*chunk {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.chunks
	g.chunks, g.items, g.bytes, g.ready = nil, 0, 0, nil
	return all
}

// commitRead waits until a chunk has been placed and committed, with others
// that come at the same time. It calls free when that was the visit's last.
func (e *Engine) commitRead(c *chunk, free func()) error {
	c.done = make(chan struct{})
	ready, full := e.waiting.add(c)
	defer e.waiting.enter()
	if !c.more && !full {
		free()
	}
	if ready == nil {
		<-c.done
		return c.err
	}
	wait := time.NewTimer(groupWait)
	select {
	case <-ready:
	case <-wait.C:
	}
	wait.Stop()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.behind(func() {
		for chunks := e.waiting.take(); len(chunks) > 0; {
			chunks = e.commitChunks(chunks)
		}
	})
	return c.err
}

// commitChunks commits chunks, all together or else each by itself, and returns
// those that have to come after. The caller holds mu.
func (e *Engine) commitChunks(all []*chunk) (later []*chunk) {
	chunks, later := apart(all)
	err := e.commitTogether(chunks)
	if err != nil && len(chunks) > 1 {
		e.log.Warn("cannot store visits together, so each is stored by itself", "visits", len(chunks), "err", err)
	}
	for _, c := range chunks {
		if c.err = err; err != nil && len(chunks) > 1 {
			c.err = e.commitTogether([]*chunk{c})
		}
		close(c.done)
	}
	return later
}

// apart takes out the chunks with an article that one before them has as well:
// they are to find it stored.
func apart(all []*chunk) (chunks, later []*chunk) {
	taken := make(map[string]bool)
	for _, c := range all {
		twice := false
		for _, it := range c.read {
			twice = twice || it.article != nil && taken[it.article.ID]
		}
		if twice {
			later = append(later, c)
			continue
		}
		for _, it := range c.read {
			if it.article != nil {
				taken[it.article.ID] = true
			}
		}
		chunks = append(chunks, c)
	}
	return chunks, later
}

// commitTogether writes chunks with the polls as they stand, but with the
// validators of the last complete answer while items are still to come: saving
// the new ones would lose those behind a 304. What is left in the end, or to be
// tried again, is kept with the new validators, so that no site is asked for
// the same answer twice.
func (e *Engine) commitTogether(chunks []*chunk) error {
	n := 0
	for _, c := range chunks {
		if err := e.notStored(c.read); err != nil {
			return err
		}
		n += len(c.read)
	}
	articles := make([]news.Article, 0, n)
	for _, c := range chunks {
		for _, it := range c.read {
			if it.article != nil {
				articles = append(articles, *it.article)
			}
		}
	}
	placed := e.recognition.index.Place(articles)
	fresh := make([]map[string]int, len(chunks))
	later := make(map[string]int) // new articles of the chunks that follow, by story
	for i, c := range chunks {
		fresh[i] = freshIn(c.read, placed.Placement)
		for story, n := range fresh[i] {
			later[story] += n
		}
	}
	visits, before := make([]news.Visit, len(chunks)), make([]reader, len(chunks))
	for i, c := range chunks {
		for story, n := range fresh[i] {
			later[story] -= n
		}
		before[i] = *c.reader
		c.reader.count(c.read, placed.Placement, fresh[i], later)
		visits[i], articles = c.visit(articles, placed.StoryOf)
	}
	visits[0].Placement = placed.Placement
	if err := e.commit(visits...); err != nil {
		for i, c := range chunks {
			*c.reader = before[i]
		}
		return err
	}
	e.recognition.index.Apply(placed)
	return nil
}

// visit is the chunk as the store takes it, but for the placement. Its articles
// are the first of those given; the others are returned.
func (c *chunk) visit(articles []news.Article, storyOf map[string]string) (v news.Visit, others []news.Article) {
	r := c.reader
	v = news.Visit{Source: r.src.ID, Poll: r.poll, Sightings: make([]news.Sighting, 0, len(c.read))}
	n := 0
	for _, it := range c.read {
		v.Sightings = append(v.Sightings, it.seen)
		if it.article != nil {
			articles[n].Story = storyOf[articles[n].ID]
			n++
		}
	}
	v.Articles = articles[:n:n]
	if c.more {
		v.Poll = v.Poll.WithValidators(c.last)
	} else {
		v.Backlog, v.Poll.Left = r.rest, len(r.rest)
	}
	return v, articles[n:]
}

// notStored takes out the articles that were new when they were read but have
// been stored since, by a visit to another feed of the same outlet. Their
// sightings stay.
func (e *Engine) notStored(read []readItem) error {
	for i, it := range read {
		if it.article == nil || it.known {
			continue
		}
		prior, stored, err := e.article(it.article.ID)
		switch {
		case err != nil:
			return err
		case stored && prior.Relay != nil && it.article.Relay == nil:
			a := takeOver(prior, *it.article)
			read[i].article, read[i].known = &a, true
		case stored:
			read[i].article = nil
		}
	}
	return nil
}

// note writes what a visit that brought nothing learned of its source.
func (e *Engine) note(source string, p news.Poll) error {
	err := e.store.Note(source, p)
	if err != nil {
		err = fmt.Errorf("%w: %w", errStore, err)
		e.lastCommit.Store(&err)
	}
	return err
}

// commit writes visits in one transaction, and remembers whether that worked.
func (e *Engine) commit(vs ...news.Visit) error {
	err := e.store.Commit(vs...)
	if err != nil {
		err = fmt.Errorf("%w: %w", errStore, err)
	}
	e.lastCommit.Store(&err)
	if err == nil {
		for _, v := range vs {
			e.observer.Committed(v)
		}
	}
	return err
}
