package story

import (
	"cmp"
	"slices"
	"strings"
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
	x      *Index
	p      *pending
	states []*standing // of all stories looked at, and the nodes of the fresh
	fresh  []*cluster
	listed []*cluster      // founders of the threads that may have changed
	queue  queue[*cluster] // of stories to be decided, by first publication
	round  uint32          // runs through the ties of a story so far
}

// standing is what a run knows of a story. It hangs on the story until the run
// has ended.
type standing struct {
	of      *cluster
	gone    bool       // it is no more
	fresh   bool       // it was made in this run
	founder *cluster   // of its thread, where decided in this run
	listed  bool       // members holds
	members []*cluster // of the thread that it founded, in order of time
	tied    bool       // ties holds
	ties    []tie
	decided bool // choice holds
	choice  choice
	heirOf  *cluster // it stands where one of the gone stood: the founder of that one's thread
	queued  bool
	round   uint32 // when it was met last
	at      int    // where, then
}

// tie is the best event link between a story and another.
type tie struct {
	to   *cluster
	link eventLink
	from *node
}

// standings are those of earlier runs, to be used again.
type standings []*standing

func (l *standings) take() *standing {
	if len(*l) == 0 {
		return &standing{}
	}
	s := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return s
}

// maxSpare is how many standings are kept for the next run, and maxSpareTies
// how many ties each has room for.
const maxSpare, maxSpareTies = 1024, 64

func (l *standings) put(used []*standing) {
	for _, s := range used[:min(len(used), max(0, maxSpare-len(*l)))] {
		ties := s.ties[:0]
		if cap(ties) > maxSpareTies {
			ties = nil
		}
		clear(s.ties)
		*s = standing{ties: ties}
		*l = append(*l, s)
	}
}

func newThreading(x *Index, p *pending, fresh []*cluster, gone map[*cluster]bool) *threading {
	t := &threading{x: x, p: p, fresh: fresh, queue: queue[*cluster]{before: before}}
	for _, c := range fresh {
		t.of(c).fresh = true
		for _, n := range c.members {
			n.next = c
		}
	}
	for c := range gone {
		t.of(c).gone = true
	}
	return t
}

// of is what the run knows of a story.
func (t *threading) of(c *cluster) *standing {
	if c.standing == nil {
		s := t.x.spare.take()
		s.of = c
		c.standing = s
		t.states = append(t.states, s)
	}
	return c.standing
}

// end takes from stories and nodes what only the run had to know.
func (t *threading) end() {
	for _, s := range t.states {
		s.of.standing = nil
	}
	t.x.spare.put(t.states)
	for _, c := range t.fresh {
		for _, n := range c.members {
			n.next = nil
		}
	}
}

// run decides the threads of fresh stories and of all that depends on them or
// depended on those that are gone.
func (t *threading) run() {
	for _, s := range slices.Clone(t.states) {
		if !s.gone {
			continue
		}
		c := s.of
		f := t.founder(c)
		// Its thread is no longer what is remembered, even if no other
		// story is left in it.
		t.list(f)
		if heir := c.members[0].next; heir != nil && heir.members[0] == c.members[0] && f != c {
			t.of(heir).heirOf = f
		} else {
			t.pushLeft(f, c)
		}
		for _, u := range t.tiesOf(c) {
			t.pushAfter(u.to, c)
		}
	}
	for _, c := range t.fresh {
		t.push(c)
	}
	for t.queue.len() > 0 {
		c := t.queue.pop()
		s := t.of(c)
		s.queued = false
		was := t.founder(c)
		t.leave(c, was)
		now := t.choose(c)
		s.founder = now
		l := t.list(now)
		if i, _ := slices.BinarySearchFunc(l, c, inTime); i == len(l) || l[i] != c {
			t.of(now).members = slices.Insert(slices.Clip(l), i, c)
		}
		if now == was && !s.fresh {
			continue
		}
		for _, u := range t.tiesOf(c) {
			if t.mayMove(u, c, now) {
				t.pushAfter(u.to, c)
			}
		}
		if f := s.heirOf; f != nil {
			s.heirOf = nil
			if f == now {
				continue // to the thread's others, all is as it was
			}
			was = f
		}
		if was != now {
			t.pushLeft(was, c)
		}
		t.pushLoose(now, c)
	}
}

// choice is how a story came to its thread.
type choice struct {
	anchored bool    // it is tied to the founder
	score    float32 // of the tie that holds it
	refused  float32 // of the best tie to a thread that could not take it in
}

// mayMove reports whether a story's tie to c, which has come to the thread of
// now, can bring it there. One more tie cannot make it leave its own thread, and
// one weaker than what holds it there makes no difference, unless a thread with
// a stronger one only wanted more ties.
func (t *threading) mayMove(u tie, c, now *cluster) bool {
	if now != c && t.founder(u.to) == now {
		return false
	}
	made := t.choiceOf(u.to)
	return u.link.score >= made.score || made.refused >= made.score
}

// pushLoose marks the stories of a thread that come after c, which has joined
// it, and that may have to leave as the thread has grown: those that are not
// tied to its founder, and those beyond its greatest size.
func (t *threading) pushLoose(founder, c *cluster) {
	for i, m := range t.list(founder) {
		if i >= maxStories || !t.choiceOf(m).anchored {
			t.pushAfter(m, c)
		}
	}
}

// choiceOf is how a story came to its thread, as far as decided.
func (t *threading) choiceOf(c *cluster) choice {
	if s := c.standing; s != nil && s.decided {
		return s.choice
	}
	return c.choice
}

// choices are the decisions of the run about stories that it did not make anew.
func (t *threading) choices() map[*cluster]choice {
	made := make(map[*cluster]choice)
	for _, s := range t.states {
		if s.decided && !s.fresh && !s.gone && s.of.choice != s.choice {
			made[s.of] = s.choice
		}
	}
	return made
}

// founder is the first story of a story's thread, as far as decided.
func (t *threading) founder(c *cluster) *cluster {
	if s := c.standing; s != nil && s.founder != nil {
		return s.founder
	}
	if c.thread == nil {
		return c
	}
	return c.thread.stories[0]
}

// list is the stories of a thread, without those that are no more.
func (t *threading) list(founder *cluster) []*cluster {
	s := t.of(founder)
	if s.listed {
		return s.members
	}
	stories := []*cluster{founder}
	if founder.thread != nil && founder.thread.stories[0] == founder {
		stories = founder.thread.stories
	}
	out := make([]*cluster, 0, len(stories)+1)
	for _, c := range stories {
		if !t.isGone(c) && t.founder(c) == founder && t.known(c) {
			out = append(out, c)
		}
	}
	s.listed, s.members = true, out
	t.listed = append(t.listed, founder)
	return out
}

func (t *threading) isGone(c *cluster) bool { return c.standing != nil && c.standing.gone }

// known reports whether a story has a thread already: remembered or decided.
func (t *threading) known(c *cluster) bool {
	s := c.standing
	return s == nil || !s.fresh || s.founder != nil
}

// leave takes a story out of its thread.
func (t *threading) leave(c, founder *cluster) {
	l := t.list(founder)
	if i := slices.Index(l, c); i >= 0 {
		t.of(founder).members = slices.Delete(l, i, i+1)
	}
}

// push marks a story to be decided.
func (t *threading) push(c *cluster) {
	if s := t.of(c); !s.queued && !s.gone {
		s.queued = true
		t.queue.push(c)
	}
}

// pushAfter marks a story if it comes after another.
func (t *threading) pushAfter(c, after *cluster) {
	if before(after, c) {
		t.push(c)
	}
}

// pushLeft marks the stories that come after c, which has left a thread or is no
// more, and that may have to move: those in the thread that were tied to it, and
// those outside that the thread, now smaller, may take in at last. Where it was
// the founder, all are decided again.
func (t *threading) pushLeft(founder, c *cluster) {
	if founder == c {
		t.pushThread(founder, c)
		return
	}
	for _, u := range t.tiesOf(c) {
		if t.founder(u.to) == founder {
			t.pushAfter(u.to, c)
		}
	}
	for _, m := range t.list(founder) {
		for _, u := range t.tiesOf(m) {
			if made := t.choiceOf(u.to); made.refused >= made.score && t.founder(u.to) != founder {
				t.pushAfter(u.to, c)
			}
		}
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
	s := t.of(c)
	if s.tied {
		return s.ties
	}
	s.tied = true
	if c.digest {
		return nil
	}
	t.round++
	for _, n := range c.members {
		t.p.eventLinks(n, func(l eventLink) {
			to := l.to.next
			if to == nil {
				to = l.to.story
			}
			if to == c || to == nil || to.digest {
				return
			}
			u := t.of(to)
			switch {
			case u.round != t.round:
				u.round, u.at = t.round, len(s.ties)
				s.ties = append(s.ties, tie{to, l, n})
			case stronger(l, n, s.ties[u.at]):
				s.ties[u.at] = tie{to, l, n}
			}
		})
	}
	return s.ties
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
		from    *cluster
		count   int
		score   float32
		founder bool
	}
	var offers []offer
	ties := t.tiesOf(c)
	t.round++
	for _, u := range ties {
		if !before(u.to, c) || t.isGone(u.to) {
			continue
		}
		f := t.founder(u.to)
		s := t.of(f)
		if s.round != t.round {
			s.round, s.at = t.round, len(offers)
			offers = append(offers, offer{from: f})
		}
		o := &offers[s.at]
		o.count++
		o.score = max(o.score, u.link.score)
		o.founder = o.founder || u.to == f
	}
	best, made := c, choice{anchored: true}
	for _, o := range offers {
		f := o.from
		if !t.takesIn(f, c, o.founder, o.count) {
			made.refused = max(made.refused, o.score)
			continue
		}
		if o.score > made.score || o.score == made.score && before(f, best) {
			best, made.score, made.anchored = f, o.score, o.founder
		}
	}
	s := t.of(c)
	s.decided, s.choice = true, made
	return best
}

// takesIn reports whether a thread takes in a story that is tied to its founder,
// or not, and to so many of its stories.
func (t *threading) takesIn(founder, c *cluster, anchored bool, ties int) bool {
	if between(c.first, founder.first) > threadSpan {
		return false
	}
	earlier := t.list(founder)
	size, _ := slices.BinarySearchFunc(earlier, c, inTime)
	if size >= maxStories || !anchored && ties*3 < size {
		return false
	}
	return !slices.ContainsFunc(earlier[:size], func(m *cluster) bool { return t.x.keptApart(m, c) })
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
func inTime(c, d *cluster) int {
	if c.first != d.first {
		return cmp.Compare(c.first, d.first)
	}
	return strings.Compare(c.members[0].id, d.members[0].id)
}

func before(c, d *cluster) bool { return inTime(c, d) < 0 }

// strands returns the threads that have changed, as they are now, and the
// stories in them, which are new values wherever they were remembered ones.
func (t *threading) strands() (clusters []*cluster, strands []*strand) {
	for _, founder := range t.listed {
		stories := founder.standing.members
		if len(stories) == 0 || t.unchanged(founder, stories) {
			continue
		}
		fresh := make([]*cluster, len(stories))
		for i, c := range stories {
			fresh[i] = &cluster{value: c.value, members: c.members, first: c.first, digest: c.digest, choice: t.choiceOf(c)}
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
	if founder.standing.fresh {
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
	founder := stories[0]
	for _, c := range stories {
		v.Stories = append(v.Stories, c.value.ID)
		for _, n := range c.members {
			last = max(last, n.published)
		}
		var best tie
		for _, u := range t.tiesOf(c) {
			if t.founder(u.to) == founder && before(u.to, c) && !t.isGone(u.to) && (best.to == nil || u.link.score > best.link.score ||
				u.link.score == best.link.score && before(u.to, best.to)) {
				best = u
			}
		}
		if best.to == nil {
			continue
		}
		link := news.Link{A: best.to.value.ID, B: c.value.ID, Score: float64(best.link.score)}
		for _, term := range evidence(best.from.sketch, best.link.to.sketch) {
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
