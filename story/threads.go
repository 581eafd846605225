package story

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"vedetta/news"
)

const (
	// threadSpan is how long after its first story a thread takes in others.
	threadSpan = 5 * 24 * time.Hour
	// maxStories is how many stories a thread takes in: more make no event
	// but a matter that goes on.
	maxStories = 150
)

// threading divides stories into threads.
//
// The stories come one after the other, in order of their first publication.
// Each joins the thread to which it is tied best, if it is tied to the story
// that founded it or to a third of its stories at least, and no more than
// threadSpan after its beginning. So a thread stays near its beginning: a
// chain of stories each like the last does not make one thread, nor does a matter that is told of for weeks.
//
// A story's thread depends on earlier stories only. When stories change, those
// are decided again that come later and are tied to what has changed, in the
// same order, and nothing else: the outcome is as if all had been decided
// again, the cost does not grow with the index.
type threading struct {
	x        *Index
	p        *pending
	storyOf  map[*node]*cluster // stories made in this run
	gone     map[*cluster]bool  // stories that are no more
	founders map[*cluster]*cluster
	members  map[*cluster][]*cluster // by founder, where they may differ from what is remembered; in order of time
	ties     map[*cluster][]tie
	anchored map[*cluster]bool     // of those decided in this run
	heirs    map[*cluster]*cluster // stories that stand where one of the gone stood, and the founder of that one's thread
	queue    storyQueue
	queued   map[*cluster]bool
}

// tie is the best event link between a story and another.
type tie struct {
	to   *cluster
	link eventLink
	from *node
}

func newThreading(x *Index, p *pending, fresh []*cluster, gone map[*cluster]bool) *threading {
	t := &threading{
		x: x, p: p, gone: gone,
		storyOf:  make(map[*node]*cluster),
		founders: make(map[*cluster]*cluster),
		members:  make(map[*cluster][]*cluster),
		ties:     make(map[*cluster][]tie),
		anchored: make(map[*cluster]bool),
		heirs:    make(map[*cluster]*cluster),
		queued:   make(map[*cluster]bool),
	}
	for _, c := range fresh {
		for _, n := range c.members {
			t.storyOf[n] = c
		}
	}
	return t
}

// run decides the threads of fresh stories and of all that depends on them or
// depended on those that are gone.
func (t *threading) run(fresh []*cluster) {
	for c := range t.gone {
		f := t.founder(c)
		// Its thread is no longer what is remembered, even if no other
		// story is left in it.
		t.list(f)
		if heir := t.storyOf[c.members[0]]; heir != nil && heir.members[0] == c.members[0] && f != c {
			t.heirs[heir] = f
		} else {
			t.pushThread(f, c)
		}
		for _, u := range t.tiesOf(c) {
			t.pushAfter(u.to, c)
		}
	}
	for _, c := range fresh {
		t.push(c)
	}
	for len(t.queue) > 0 {
		c := heap.Pop(&t.queue).(*cluster)
		delete(t.queued, c)
		was := t.founder(c)
		t.leave(c, was)
		now := t.choose(c)
		t.founders[c] = now
		l := t.list(now)
		if i, _ := slices.BinarySearchFunc(l, c, inTime); i == len(l) || l[i] != c {
			t.members[now] = slices.Insert(slices.Clip(l), i, c)
		}
		_, isFresh := t.storyOf[c.members[0]]
		if now == was && !isFresh {
			continue
		}
		for _, u := range t.tiesOf(c) {
			t.pushAfter(u.to, c)
		}
		if f, ok := t.heirs[c]; ok {
			delete(t.heirs, c)
			if f == now {
				continue // to the thread's others, all is as it was
			}
			was = f
		}
		if was != now {
			t.pushThread(was, c)
		}
		t.pushLoose(now, c)
	}
}

// pushLoose marks the stories of a thread that come after c, which has joined
// it, and that may have to leave as the thread has grown: those that are not
// tied to its founder, and those beyond its greatest size.
func (t *threading) pushLoose(founder, c *cluster) {
	for i, m := range t.list(founder) {
		if i >= maxStories || !t.isAnchored(m) {
			t.pushAfter(m, c)
		}
	}
}

func (t *threading) isAnchored(c *cluster) bool {
	if anchored, ok := t.anchored[c]; ok {
		return anchored
	}
	return c.anchored
}

// founder is the first story of a story's thread, as far as decided.
func (t *threading) founder(c *cluster) *cluster {
	if f := t.founders[c]; f != nil {
		return f
	}
	if c.thread == nil {
		return c
	}
	return c.thread.stories[0]
}

// list is the stories of a thread, without those that are no more.
func (t *threading) list(founder *cluster) []*cluster {
	if l, ok := t.members[founder]; ok {
		return l
	}
	stories := []*cluster{founder}
	if founder.thread != nil && founder.thread.stories[0] == founder {
		stories = founder.thread.stories
	}
	var out []*cluster
	for _, c := range stories {
		if !t.gone[c] && (t.founders[c] == nil || t.founders[c] == founder) && t.known(c) {
			out = append(out, c)
		}
	}
	t.members[founder] = out
	return out
}

// known reports whether a story has a thread already: remembered or decided.
func (t *threading) known(c *cluster) bool {
	_, fresh := t.storyOf[c.members[0]]
	return !fresh || t.founders[c] != nil
}

// leave takes a story out of its thread.
func (t *threading) leave(c, founder *cluster) {
	l := t.list(founder)
	if i := slices.Index(l, c); i >= 0 {
		t.members[founder] = slices.Concat(l[:i], l[i+1:])
	}
}

// push marks a story to be decided.
func (t *threading) push(c *cluster) {
	if !t.queued[c] && !t.gone[c] {
		t.queued[c] = true
		heap.Push(&t.queue, c)
	}
}

// pushAfter marks a story if it comes after another.
func (t *threading) pushAfter(c, after *cluster) {
	if before(after, c) {
		t.push(c)
	}
}

// pushThread marks the stories that come after c and are tied to a thread.
func (t *threading) pushThread(founder, c *cluster) {
	for _, m := range t.list(founder) {
		t.pushAfter(m, c)
		for _, u := range t.tiesOf(m) {
			t.pushAfter(u.to, c)
		}
	}
}

// tiesOf returns the ties of a story, each other story once.
func (t *threading) tiesOf(c *cluster) []tie {
	if l, ok := t.ties[c]; ok {
		return l
	}
	var out []tie
	if !c.digest {
		at := make(map[*cluster]int)
		for _, n := range c.members {
			t.p.eventLinks(n, func(l eventLink) {
				to := t.storyOf[l.to]
				if to == nil {
					to = l.to.story
				}
				if to == c || to == nil || to.digest {
					return
				}
				i, ok := at[to]
				switch {
				case !ok:
					at[to] = len(out)
					out = append(out, tie{to, l, n})
				case stronger(l, n, out[i]):
					out[i] = tie{to, l, n}
				}
			})
		}
	}
	t.ties[c] = out
	return out
}

func stronger(l eventLink, n *node, old tie) bool {
	if l.score != old.link.score {
		return l.score > old.link.score
	}
	if by := earlier(n, old.from); by != 0 {
		return by < 0
	}
	return earlier(l.to, old.link.to) < 0
}

// choose returns the founder of the thread that a story joins: itself when it
// joins none.
func (t *threading) choose(c *cluster) *cluster {
	type offer struct {
		count   int
		score   float32
		founder bool
	}
	offers := make(map[*cluster]offer)
	for _, u := range t.tiesOf(c) {
		if !before(u.to, c) || t.gone[u.to] {
			continue
		}
		f := t.founder(u.to)
		o := offers[f]
		o.count++
		o.score = max(o.score, u.link.score)
		o.founder = o.founder || u.to == f
		offers[f] = o
	}
	best, bestScore, anchored := c, float32(0), true
	for f, o := range offers {
		if between(c.members[0].published, f.members[0].published) > threadSpan {
			continue
		}
		earlier := t.list(f)
		size, _ := slices.BinarySearchFunc(earlier, c, inTime)
		earlier = earlier[:size]
		if len(t.x.apart) > 0 && slices.ContainsFunc(earlier, func(m *cluster) bool { return t.x.keptApart(m, c) }) {
			continue
		}
		if size >= maxStories || !o.founder && o.count*3 < size {
			continue
		}
		if o.score > bestScore || o.score == bestScore && before(f, best) {
			best, bestScore, anchored = f, o.score, o.founder
		}
	}
	t.anchored[c] = anchored
	return best
}

// keptApart reports whether the rules forbid two stories in one thread.
func (x *Index) keptApart(c, d *cluster) bool {
	if len(x.apart) == 0 {
		return false
	}
	for _, a := range c.members {
		for _, b := range d.members {
			if a.url != "" && x.apart[[2]string{a.url, b.url}] {
				return true
			}
		}
	}
	return false
}

// inTime orders stories by first publication.
func inTime(c, d *cluster) int { return earlier(c.members[0], d.members[0]) }

func before(c, d *cluster) bool { return inTime(c, d) < 0 }

// storyQueue is a heap of stories by first publication.
type storyQueue []*cluster

func (q storyQueue) Len() int           { return len(q) }
func (q storyQueue) Less(i, j int) bool { return before(q[i], q[j]) }
func (q storyQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }

// Push is for package heap.
func (q *storyQueue) Push(c any) { *q = append(*q, c.(*cluster)) }

// Pop is for package heap.
func (q *storyQueue) Pop() any {
	old := *q
	c := old[len(old)-1]
	*q = old[:len(old)-1]
	return c
}

// strands returns the threads that have changed, as they are now, and the
// stories in them, which are new values wherever they were remembered ones.
func (t *threading) strands() (clusters []*cluster, strands []*strand) {
	for founder, stories := range t.members {
		if len(stories) == 0 || t.unchanged(founder, stories) {
			continue
		}
		fresh := make([]*cluster, len(stories))
		for i, c := range stories {
			fresh[i] = &cluster{value: c.value, members: c.members, digest: c.digest, anchored: t.isAnchored(c)}
		}
		if len(stories) == 1 {
			fresh[0].value.Thread = fresh[0].value.ID
			clusters = append(clusters, fresh[0])
			continue
		}
		s := &strand{stories: fresh}
		s.value = t.value(stories)
		s.value.ID = threadID(stories)
		for _, c := range fresh {
			c.value.Thread = s.value.ID
			c.thread = s
		}
		clusters = append(clusters, fresh...)
		strands = append(strands, s)
	}
	slices.SortFunc(clusters, inTime)
	slices.SortFunc(strands, func(s, u *strand) int { return inTime(s.stories[0], u.stories[0]) })
	return clusters, strands
}

// unchanged reports whether a founder's thread is what is remembered.
func (t *threading) unchanged(founder *cluster, stories []*cluster) bool {
	if _, fresh := t.storyOf[founder.members[0]]; fresh {
		return false
	}
	if founder.thread == nil {
		return len(stories) == 1 && founder.value.Thread == founder.value.ID
	}
	return slices.Equal(stories, founder.thread.stories)
}

// value lists a thread's stories by time, and for each but the first the tie
// that holds it best.
func (t *threading) value(stories []*cluster) news.Thread {
	v := news.Thread{First: stories[0].value.First}
	last := firstInstant
	in := make(map[*cluster]bool, len(stories))
	for _, c := range stories {
		in[c] = true
		v.Stories = append(v.Stories, c.value.ID)
		for _, n := range c.members {
			last = max(last, n.published)
		}
		var best tie
		for _, u := range t.tiesOf(c) {
			if in[u.to] && before(u.to, c) && (best.to == nil || u.link.score > best.link.score ||
				u.link.score == best.link.score && before(u.to, best.to)) {
				best = u
			}
		}
		if best.to == nil {
			continue
		}
		link := news.Link{A: best.to.value.ID, B: c.value.ID, Score: float64(best.link.score)}
		for _, term := range best.link.terms {
			if s := t.x.surfaceOf(t.p, term); s != "" {
				link.Shared = append(link.Shared, s)
			}
		}
		v.Links = append(v.Links, link)
	}
	v.Last = last.time()
	return v
}

// threadID is the identity of a thread: that of its story which arrived first
// among those that a thread is already named after, else among all.
func threadID(stories []*cluster) string {
	var named, first *cluster
	for _, c := range stories {
		if first == nil || c.arrival() < first.arrival() {
			first = c
		}
		if c.wasThread() && (named == nil || c.arrival() < named.arrival()) {
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
