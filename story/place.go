package story

import (
	"maps"
	"math"
	"slices"
	"time"

	"vedetta/news"
)

// Placement is what placing a batch changes: the values to commit, and what
// the index has to remember once they are.
type Placement struct {
	news.Placement

	pending  *pending
	clusters []*cluster
	strands  []*strand
	choices  map[*cluster]choice // of stories that stay as they are
}

// Place decides in which stories and threads articles belong, together with
// all that the index knows. It sees the batch as a whole and changes nothing.
//
// An article whose ID the index knows is a new version of it. It stays in its
// story as long as its text is the same article still.
func (x *Index) Place(arts []news.Article) *Placement {
	p := x.begin()
	arts = latest(arts)
	p.begun = firstSeen(arts)
	p.filling = x.filling(p.begun)
	for _, a := range arts {
		n := x.newNode(a)
		old := x.byID[n.id]
		if old != nil {
			p.replaced[old] = n
			n.seq = old.seq
		} else {
			n.seq = x.seq + uint64(len(p.nodes)) + 1
		}
		x.link(p, n)
		if old != nil {
			n.story = old.story
			x.keepLinks(p, old, n)
			if n.text != old.text {
				x.closeGap(p, old)
			}
		}
		x.linkRelayed(p, n)
	}
	return x.settle(p, slices.Clone(p.nodes))
}

// firstRounds is for how long an archive is filled in whatever order the first
// rounds bring. Until then a story is named after the article that came out
// first, so that an archive that had to be begun anew gives the names that
// readers know; later after the one that came in first.
const firstRounds = time.Hour

// filling reports whether a batch that comes in at a time is among the first of
// the archive. What was never seen to come in, or long ago elsewhere, is not.
func (x *Index) filling(at time.Time) bool {
	if x.begun.IsZero() {
		return !at.IsZero()
	}
	return at.Sub(x.begun).Abs() < firstRounds
}

// firstSeen is when the first of the articles came in.
func firstSeen(arts []news.Article) time.Time {
	var first time.Time
	for _, a := range arts {
		if first.IsZero() || a.Seen.Before(first) {
			first = a.Seen
		}
	}
	return first
}

// latest drops all but the last of the articles with one ID.
func latest(arts []news.Article) []news.Article {
	last := make(map[string]int, len(arts))
	for i, a := range arts {
		last[a.ID] = i
	}
	if len(last) == len(arts) {
		return arts
	}
	var out []news.Article
	for i, a := range arts {
		if last[a.ID] == i {
			out = append(out, a)
		}
	}
	return out
}

// settle divides the nodes that have changed, with all that this may change,
// into stories and threads. gone are the stories of nodes that are replaced.
func (x *Index) settle(p *pending, changed []*node) *Placement {
	for old := range p.replaced {
		if old.story != nil {
			changed = append(changed, old.story.members...)
		}
	}
	x.blocks.begin(p)
	nodes := x.reach(p, changed)
	groups, digests := x.storiesOf(p, nodes)
	x.blocks.end()
	fresh, gone := x.nameStories(p, nodes, groups, digests)
	t := newThreading(x, p, fresh, gone)
	defer t.end()
	t.run()

	out := &Placement{pending: p}
	out.clusters, out.strands = t.strands()
	out.choices = t.choices()
	x.report(t, out)
	return out
}

// report fills in the values that have changed.
func (x *Index) report(t *threading, out *Placement) {
	before, threadsBefore := t.remembered(out.clusters)
	out.StoryOf = make(map[string]string, len(t.p.nodes))
	for _, c := range out.clusters {
		id := c.id()
		for _, n := range c.members {
			if t.p.byID[n.id] == n || n.story.id() != id {
				out.StoryOf[n.id] = id
			}
		}
		if old := before[id]; old == nil || !sameStory(old, c) {
			out.Stories = append(out.Stories, c.value())
		}
		delete(before, id)
	}
	for _, s := range out.strands {
		if old := threadsBefore[s.value.ID]; old == nil || !sameThread(old.value, s.value) {
			out.Threads = append(out.Threads, s.value)
		}
		delete(threadsBefore, s.value.ID)
	}
	if len(before)+len(threadsBefore) == 0 {
		return
	}
	// The others have gone into those of their articles.
	storyNow := make(map[string]*cluster) // by article
	for _, c := range out.clusters {
		for _, n := range c.members {
			storyNow[n.id] = c
		}
	}
	for id, old := range before {
		if out.MergedStories == nil {
			out.MergedStories = make(map[string]string)
		}
		out.MergedStories[id] = storyNow[old.members[0].id].id()
	}
	for id, old := range threadsBefore {
		if out.MergedThreads == nil {
			out.MergedThreads = make(map[string]string)
		}
		into := ""
		if c := storyNow[old.stories[0].members[0].id]; c != nil && c.thread != nil {
			into = c.thread.value.ID
		}
		out.MergedThreads[id] = into
	}
}

// remembered returns the stories and threads, by identity, that the index
// knows in the place of what was decided now.
func (t *threading) remembered(clusters []*cluster) (map[string]*cluster, map[string]*strand) {
	stories, threads := make(map[string]*cluster, len(clusters)), make(map[string]*strand)
	note := func(n *node) {
		if n.story == nil {
			return
		}
		stories[n.story.id()] = n.story
		if s := n.story.thread; s != nil {
			threads[s.value.ID] = s
		}
	}
	for _, c := range clusters {
		for _, n := range c.members {
			note(n)
		}
	}
	for old := range t.p.replaced {
		note(old)
	}
	return stories, threads
}

func sameValue(a, b news.Story) bool {
	return a.ID == b.ID && a.Shown == b.Shown && a.Origin == b.Origin && a.Thread == b.Thread &&
		a.First.Equal(b.First) && a.Updated.Equal(b.Updated) &&
		slices.EqualFunc(a.Members, b.Members, func(m, n news.Member) bool {
			same := m.Published.Equal(n.Published)
			m.Published, n.Published = time.Time{}, time.Time{}
			return same && m == n
		})
}

func sameThread(a, b news.Thread) bool {
	return a.ID == b.ID && a.First.Equal(b.First) && a.Last.Equal(b.Last) && slices.Equal(a.Stories, b.Stories) &&
		slices.EqualFunc(a.Links, b.Links, func(k, l news.Link) bool {
			return k.A == l.A && k.B == l.B && math.Abs(k.Score-l.Score) < 0.01
		})
}

// nameStories gives each group of nodes its identity and value. An identity
// that is taken stays with the group that holds the article it is named
// after; of several, the one founded first prevails. A group that has not
// changed is left alone. gone are the stories that have.
func (x *Index) nameStories(p *pending, nodes []*node, groups [][]*node, digests map[*node]bool) (fresh []*cluster, gone map[*cluster]bool) {
	gone = make(map[*cluster]bool)
	for _, n := range nodes {
		if n.story != nil {
			gone[n.story] = true
		}
	}
	for old := range p.replaced {
		if old.story != nil {
			gone[old.story] = true
		}
	}
	for _, members := range groups {
		digest := digests[members[0]]
		if c := members[0].story; c != nil && c.digest == digest && slices.Equal(c.members, members) && !p.touches(members) {
			delete(gone, c)
			continue
		}
		c := x.newCluster(p, members)
		c.digest = digest
		fresh = append(fresh, c)
	}
	return fresh, gone
}

// touches reports whether the batch holds one of the nodes, or a new link to
// one: then its story's value may change.
func (p *pending) touches(nodes []*node) bool {
	return slices.ContainsFunc(nodes, func(n *node) bool {
		return p.byID[n.id] == n || n.added != nil
	})
}

// Apply remembers what was placed. It follows the commit of the placement;
// without it, the index knows nothing of the batch.
func (x *Index) Apply(p *Placement) {
	for old := range p.pending.replaced {
		x.nodes[old.num] = nil
		delete(x.byID, old.id)
	}
	for _, n := range p.pending.nodes {
		x.insert(n)
	}
	for _, n := range p.pending.linked {
		n.copies = append(n.copies, n.added.copies...)
		n.events = joined(n.events, n.added.events)
	}
	x.end(p.pending)
	for old := range p.pending.replaced {
		x.forgetLinks(old)
	}
	for c, made := range p.choices {
		c.choice = made
	}
	for _, c := range p.clusters {
		for _, n := range c.members {
			n.story = c
		}
	}
	if b := p.pending.begun; x.begun.IsZero() || !b.IsZero() && b.Before(x.begun) {
		x.begun = b
	}
	maps.Copy(x.surface, p.pending.surface)
}

// insert adds a node to the tables.
func (x *Index) insert(n *node) {
	n.num = uint32(len(x.nodes))
	x.nodes = append(x.nodes, n)
	x.byID[n.id] = n
	if n.url != "" {
		x.byURL[n.url] = n
	}
	if n.seq > x.seq {
		x.seq = n.seq
	}
	if n.print != nil {
		x.postings.insert(&n.print.filing, n.published, n.num)
		x.pack(n)
	}
}

// joined appends links with little room for more: there are many short lists.
func joined(links, more []eventLink) []eventLink {
	if n := len(links) + len(more); n > cap(links) {
		links = append(make([]eventLink, 0, n+n/8), links...)
	}
	return append(links, more...)
}

// forgetLinks takes a node out of its neighbours' links.
func (x *Index) forgetLinks(gone *node) {
	for _, l := range gone.copies {
		l.to.copies = slices.DeleteFunc(l.to.copies, func(c copyLink) bool { return c.to == gone })
	}
	for _, l := range gone.events {
		if to := x.nodes[l.to]; to != nil { // else replaced, too
			to.events = slices.DeleteFunc(to.events, func(e eventLink) bool { return e.to == gone.num })
		}
	}
}
