package story

import (
	"cmp"
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
}

// Place decides in which stories and threads articles belong, together with
// all that the index knows. It sees the batch as a whole and changes nothing.
//
// An article whose ID the index knows is a new version of it. It stays in its
// story as long as its text is the same article still.
func (x *Index) Place(arts []news.Article) *Placement {
	p := newPending()
	var affected []*node
	for _, a := range latest(arts) {
		n := x.newNode(a, p.surface)
		old := x.byID[n.id]
		if old != nil {
			affected = append(affected, old.mates()...)
			p.replaced[old] = n
			n.seq = old.seq
		} else {
			n.seq = x.seq + uint64(len(p.nodes)) + 1
		}
		x.link(p, n)
		if old != nil {
			n.story = old.story
			x.keepLinks(p, old, n)
		}
	}
	return x.settle(p, append(affected, p.nodes...))
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

// mates are the members of a node's thread.
func (n *node) mates() []*node {
	switch {
	case n.story == nil:
		return nil
	case n.story.thread == nil:
		return n.story.members
	}
	var out []*node
	for _, c := range n.story.thread.stories {
		out = append(out, c.members...)
	}
	return out
}

// settle divides all that the affected nodes reach into stories and threads
// and says what has changed.
func (x *Index) settle(p *pending, affected []*node) *Placement {
	nodes := p.reach(affected)
	groups, digests := x.storiesOf(p, nodes)
	numbers, ties := x.threadsOf(p, groups, digests)

	out := &Placement{pending: p}
	out.StoryOf = make(map[string]string)
	out.clusters = x.nameStories(p, groups)
	out.strands = x.nameThreads(p, out.clusters, numbers, ties)
	x.report(p, nodes, out)
	return out
}

// report fills in the values that have changed.
func (x *Index) report(p *pending, nodes []*node, out *Placement) {
	before := make(map[string]*cluster)
	threadsBefore := make(map[string]*strand)
	for n := range p.formerly(nodes) {
		if n.story == nil {
			continue
		}
		before[n.story.value.ID] = n.story
		if t := n.story.thread; t != nil {
			threadsBefore[t.value.ID] = t
		}
	}
	now := make(map[string]*cluster)
	for _, c := range out.clusters {
		now[c.value.ID] = c
		old := before[c.value.ID]
		if old == nil || !sameStory(old.value, c.value) {
			out.Stories = append(out.Stories, c.value)
		}
	}
	threadsNow := make(map[string]*strand)
	for _, t := range out.strands {
		threadsNow[t.value.ID] = t
		if old := threadsBefore[t.value.ID]; old == nil || !sameThread(old.value, t.value) {
			out.Threads = append(out.Threads, t.value)
		}
	}
	storyNow := make(map[string]*cluster)
	for _, c := range out.clusters {
		for _, n := range c.members {
			storyNow[n.id] = c
		}
	}
	for id, old := range before {
		if now[id] == nil {
			if out.MergedStories == nil {
				out.MergedStories = make(map[string]string)
			}
			out.MergedStories[id] = storyNow[old.members[0].id].value.ID
		}
	}
	for id, old := range threadsBefore {
		if threadsNow[id] != nil {
			continue
		}
		if out.MergedThreads == nil {
			out.MergedThreads = make(map[string]string)
		}
		into := ""
		if c := storyNow[old.stories[0].members[0].id]; c.thread != nil {
			into = c.thread.value.ID
		}
		out.MergedThreads[id] = into
	}
	for _, n := range p.nodes {
		out.StoryOf[n.id] = storyNow[n.id].value.ID
	}
}

// formerly yields the nodes as the index knows them: new versions give way to
// the old ones.
func (p *pending) formerly(nodes []*node) func(func(*node) bool) {
	return func(yield func(*node) bool) {
		for _, n := range nodes {
			if !yield(n) {
				return
			}
		}
		for old := range p.replaced {
			if !yield(old) {
				return
			}
		}
	}
}

func sameStory(a, b news.Story) bool {
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
// after; of several, the one founded first prevails.
func (x *Index) nameStories(p *pending, groups [][]*node) []*cluster {
	out := make([]*cluster, len(groups))
	for i, members := range groups {
		arrival := slices.MinFunc(members, func(a, b *node) int { return cmp.Compare(a.seq, b.seq) })
		id := arrival.id
		var prior *cluster
		inGroup := make(map[string]*node, len(members))
		for _, n := range members {
			inGroup[n.id] = n
		}
		for _, n := range members {
			c := n.story
			if c == nil || inGroup[c.value.ID] == nil {
				continue
			}
			if prior == nil || inGroup[c.value.ID].seq < inGroup[prior.value.ID].seq {
				prior = c
			}
		}
		if prior != nil {
			id = prior.value.ID
		}
		out[i] = x.newCluster(p, id, members, prior)
	}
	return out
}

// nameThreads makes the threads of two stories and more.
func (x *Index) nameThreads(p *pending, clusters []*cluster, numbers []int, ties [][]tie) []*strand {
	byNumber := make(map[int][]int)
	for i, th := range numbers {
		byNumber[th] = append(byNumber[th], i)
	}
	var out []*strand
	taken := make(map[string]bool)
	for _, th := range slices.Sorted(maps.Keys(byNumber)) {
		stories := byNumber[th]
		if len(stories) < 2 {
			clusters[stories[0]].value.Thread = clusters[stories[0]].value.ID
			continue
		}
		t := &strand{}
		for _, i := range stories {
			t.stories = append(t.stories, clusters[i])
		}
		t.value = x.threadValue(p, clusters, stories, numbers, ties)
		t.value.ID = threadID(t.stories, taken)
		taken[t.value.ID] = true
		for _, c := range t.stories {
			c.value.Thread = t.value.ID
			c.thread = t
		}
		out = append(out, t)
	}
	return out
}

// threadID is the identity of a thread: that of its story which arrived first
// among those that a thread is already named after, else among all.
func threadID(stories []*cluster, taken map[string]bool) string {
	var named, first *cluster
	for _, c := range stories {
		if first == nil || c.arrival() < first.arrival() {
			first = c
		}
		if c.wasThread() && !taken[c.value.ID] && (named == nil || c.arrival() < named.arrival()) {
			named = c
		}
	}
	if named != nil {
		return named.value.ID
	}
	return first.value.ID
}

// arrival is when the first member arrived.
func (c *cluster) arrival() uint64 {
	return slices.MinFunc(c.members, func(a, b *node) int { return cmp.Compare(a.seq, b.seq) }).seq
}

// wasThread reports whether a thread bears the story's name already.
func (c *cluster) wasThread() bool {
	return slices.ContainsFunc(c.members, func(n *node) bool {
		return n.story != nil && n.story.thread != nil && n.story.thread.value.ID == c.value.ID
	})
}

// threadValue lists a thread's stories by time, and for each but the first the
// tie that holds it best.
func (x *Index) threadValue(p *pending, clusters []*cluster, stories, numbers []int, ties [][]tie) news.Thread {
	v := news.Thread{First: clusters[stories[0]].value.First}
	for _, i := range stories {
		c := clusters[i]
		v.Stories = append(v.Stories, c.value.ID)
		for _, n := range c.members {
			if n.published.After(v.Last) {
				v.Last = n.published
			}
		}
		best := -1
		for k, t := range ties[i] {
			if t.to < i && numbers[t.to] == numbers[i] && (best < 0 || t.link.score > ties[i][best].link.score) {
				best = k
			}
		}
		if best < 0 {
			continue
		}
		t := ties[i][best]
		link := news.Link{A: clusters[t.to].value.ID, B: c.value.ID, Score: float64(t.link.score)}
		for _, term := range t.link.terms {
			if s := x.surfaceOf(p, term); s != "" {
				link.Shared = append(link.Shared, s)
			}
		}
		v.Links = append(v.Links, link)
	}
	return v
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
	for n, links := range p.pending.copies {
		n.copies = append(n.copies, links...)
	}
	for n, links := range p.pending.events {
		n.events = append(n.events, links...)
	}
	for old := range p.pending.replaced {
		forgetLinks(old)
	}
	for _, c := range p.clusters {
		for _, n := range c.members {
			n.story = c
		}
	}
	x.remember(p)
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
		x.postings.insert(n)
	}
}

// forgetLinks takes a node out of its neighbours' links.
func forgetLinks(gone *node) {
	for _, l := range gone.copies {
		l.to.copies = slices.DeleteFunc(l.to.copies, func(c copyLink) bool { return c.to == gone })
	}
	for _, l := range gone.events {
		l.to.events = slices.DeleteFunc(l.to.events, func(e eventLink) bool { return e.to == gone })
	}
}
