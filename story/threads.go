package story

import (
	"cmp"
	"slices"
	"strings"
	"time"
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
	offers []offer         // room for those at hand
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
			t.pushTied(f, c)
		} else {
			t.pushLeft(f, c)
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

// mayMove reports whether a story's tie to c, which has come to the thread of
// now, can bring it there. One more tie cannot make it leave its own thread, and
// one weaker than what holds it there makes no difference, unless a thread with
// a stronger one only wanted more ties.
func (t *threading) mayMove(u tie, c, now *cluster) bool {
	if now != c && t.founder(u.to) == now {
		return false
	}
	made := t.choiceOf(u.to)
	return t.prevails(u.score, now, u.to) || made.refused >= made.score
}

// prevails reports whether a tie to a thread counts more than what holds a story
// in its own.
func (t *threading) prevails(score float32, founder, c *cluster) bool {
	made := t.choiceOf(c)
	return score > made.score || score == made.score && before(founder, t.founder(c))
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
// more, and that may have to move. Where it was the founder, these are all of the
// thread. Otherwise they are those in the thread that were held by their ties to
// it, and those outside that the thread, now smaller, takes in at last.
func (t *threading) pushLeft(founder, c *cluster) {
	if founder == c {
		for _, m := range t.list(founder) {
			t.pushAfter(m, c)
		}
		return
	}
	if t.isGone(founder) || t.founder(founder) != founder {
		return // all of the thread have been marked when its founder left
	}
	t.pushTied(founder, c)
	for _, o := range t.offersTo(founder) {
		if before(c, o.to) && t.prevails(o.score, founder, o.to) && t.takesIn(founder, o) {
			t.push(o.to)
		}
	}
}

// pushTied marks the stories of a thread that come after c and were held there by
// their ties to it: not those that are tied to the founder, and to another
// stronger than to c.
func (t *threading) pushTied(founder, c *cluster) {
	for _, u := range t.tiesOf(c) {
		if t.founder(u.to) != founder {
			continue
		}
		if made := t.choiceOf(u.to); !made.anchored || u.score >= made.score {
			t.pushAfter(u.to, c)
		}
	}
}

// offer is what ties a story to a thread.
type offer struct {
	to      *cluster // the story
	from    *cluster // the founder of the thread
	count   int      // of the ties
	score   float32  // of the best
	founder bool     // one is with the founder
}

func (o *offer) add(u tie, founder bool) {
	o.count++
	o.score = max(o.score, u.score)
	o.founder = o.founder || founder
}

// offersTo are the offers of a thread to later stories outside that were refused
// by it, or another, as good a place as they have.
func (t *threading) offersTo(founder *cluster) []offer {
	members := t.list(founder)
	for _, m := range members {
		t.tiesOf(m)
	}
	offers := t.offers[:0]
	round := t.x.newRound()
	for _, m := range members {
		for _, u := range t.tiesOf(m) {
			made := t.choiceOf(u.to)
			if made.refused < made.score || made.refused < u.score || !before(m, u.to) || t.founder(u.to) == founder {
				continue
			}
			at := u.to.meet(round, len(offers))
			if at == len(offers) {
				offers = append(offers, offer{to: u.to})
			}
			offers[at].add(u, m == founder)
		}
	}
	t.offers = offers
	return offers
}

// choose returns the founder of the thread that a story joins: itself when it
// joins none.
func (t *threading) choose(c *cluster) *cluster {
	ties := t.tiesOf(c)
	offers := t.offers[:0]
	round := t.x.newRound()
	for _, u := range ties {
		if !before(u.to, c) || t.isGone(u.to) {
			continue
		}
		f := t.founder(u.to)
		at := f.meet(round, len(offers))
		if at == len(offers) {
			offers = append(offers, offer{to: c, from: f})
		}
		offers[at].add(u, u.to == f)
	}
	t.offers = offers
	best, made := c, choice{anchored: true}
	for _, o := range offers {
		if o.score < made.score {
			continue // whether it is refused makes no difference
		}
		if !t.takesIn(o.from, o) {
			made.refused = max(made.refused, o.score)
			continue
		}
		if o.score > made.score || before(o.from, best) {
			best, made.score, made.anchored = o.from, o.score, o.founder
		}
	}
	s := t.of(c)
	s.decided, s.choice = true, made
	return best
}

// takesIn reports whether a thread takes in a story for what ties it there.
func (t *threading) takesIn(founder *cluster, o offer) bool {
	if between(o.to.first, founder.first) > threadSpan {
		return false
	}
	earlier := t.list(founder)
	size, _ := slices.BinarySearchFunc(earlier, o.to, inTime)
	if size >= maxStories || !o.founder && o.count*3 < size {
		return false
	}
	return !slices.ContainsFunc(earlier[:size], func(m *cluster) bool { return t.x.keptApart(m, o.to) })
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
