package story

import "vedetta/news"

// cluster is a story as last decided.
type cluster struct {
	members  []*node
	kept     *news.Story // nil for a story of one article, which says no more than the article
	updated  instant     // when readers should last look again
	first    instant     // when the first member was published
	thread   *strand     // nil when alone
	digest   bool        // it quotes others whole, on different events
	choice   choice      // of its thread
	standing *standing   // in the run that divides stories into threads
	round    uint32      // when it was met last
	at       uint32      // where, then
}

// id is the identity of the story.
func (c *cluster) id() string {
	if c.kept != nil {
		return c.kept.ID
	}
	return c.members[0].id
}

// shown is the article that the story shows.
func (c *cluster) shown() string {
	if c.kept != nil {
		return c.kept.Shown
	}
	return c.members[0].id
}

// value is the story as others know it.
func (c *cluster) value() news.Story {
	if c.kept != nil {
		return *c.kept
	}
	n := c.members[0]
	return news.Story{
		ID: n.id, Shown: n.id, Origin: n.origin, Thread: c.threadID(), First: n.published.time(), Updated: c.updated.time(),
		Members: []news.Member{{Article: n.id, Source: n.source, Published: n.published.time()}},
	}
}

// threadID is the identity of the story's thread: its own when alone.
func (c *cluster) threadID() string {
	switch {
	case c.kept != nil:
		return c.kept.Thread
	case c.thread != nil:
		return c.thread.value.ID
	}
	return c.members[0].id
}

// in is the story in a thread; nil for none.
func (c *cluster) in(thread *strand, made choice) *cluster {
	d := &cluster{
		members: c.members, kept: c.kept, updated: c.updated, first: c.first, thread: thread, digest: c.digest, choice: made,
	}
	id := c.id()
	if thread != nil {
		id = thread.value.ID
	}
	if c.kept != nil && c.kept.Thread != id {
		v := *c.kept
		v.Thread = id
		d.kept = &v
	}
	return d
}

// sameStory reports whether others would take two stories for the same.
func sameStory(c, d *cluster) bool {
	if c.kept == nil && d.kept == nil {
		n, m := c.members[0], d.members[0]
		return n.id == m.id && n.source == m.source && n.published == m.published && n.origin == m.origin &&
			c.updated == d.updated && c.threadID() == d.threadID()
	}
	return sameValue(c.value(), d.value())
}
