package story

import (
	"cmp"
	"slices"

	"vedetta/news"
)

// strands returns the threads that have changed, as they are now, and the
// stories in them, which are new values wherever they were remembered ones.
func (t *threading) strands() (clusters []*cluster, strands []*strand) {
	for _, founder := range t.listed {
		stories := founder.standing.members
		if len(stories) == 0 || t.unchanged(founder, stories) {
			continue
		}
		if len(stories) == 1 {
			clusters = append(clusters, stories[0].in(nil, t.choiceOf(stories[0])))
			continue
		}
		s := &strand{value: t.value(stories), stories: make([]*cluster, len(stories))}
		s.value.ID = threadID(stories)
		for i, c := range stories {
			s.stories[i] = c.in(s, t.choiceOf(c))
		}
		clusters = append(clusters, s.stories...)
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
		return len(stories) == 1 && founder.threadID() == founder.id()
	}
	return slices.Equal(stories, founder.thread.stories)
}

// value lists a thread's stories by time, and for each but the first the tie
// that holds it best.
func (t *threading) value(stories []*cluster) news.Thread {
	v := news.Thread{
		First: stories[0].first.time(), Stories: make([]string, 0, len(stories)), Links: make([]news.Link, 0, len(stories)-1),
	}
	last, founder := firstInstant, stories[0]
	before := t.linksBefore(stories)
	for i, c := range stories {
		v.Stories = append(v.Stories, c.id())
		for _, n := range c.members {
			last = max(last, n.published)
		}
		if before != nil && before[i] != nil {
			v.Links = append(v.Links, *before[i])
		} else if best := t.best(c, founder); best.to != nil {
			v.Links = append(v.Links, t.link(c, best))
		}
	}
	v.Last = last.time()
	return v
}

// best is the tie to an earlier story that holds a story best in the thread of a
// founder.
func (t *threading) best(c, founder *cluster) (best tie) {
	for _, u := range t.tiesOf(c) {
		if t.founder(u.to) == founder && before(u.to, c) && !t.isGone(u.to) && (best.to == nil || u.score > best.score ||
			u.score == best.score && before(u.to, best.to)) {
			best = u
		}
	}
	return best
}

// link is a tie of a story as others know it.
func (t *threading) link(c *cluster, u tie) news.Link {
	l := news.Link{A: u.to.id(), B: c.id(), Score: float64(u.score)}
	for _, term := range evidence(&t.p.node(u.from).brief, &t.p.node(u.at).brief) {
		if s := t.x.surfaceOf(t.p, term); s != "" {
			if l.Shared == nil {
				l.Shared = make([]string, 0, len(heaviest{}))
			}
			l.Shared = append(l.Shared, s)
		}
	}
	return l
}

// linksBefore are, by the places of a thread's stories, the links that are as
// remembered: those of stories that were in it, by a tie to one that still is, to
// which no newcomer is tied as well.
func (t *threading) linksBefore(stories []*cluster) []*news.Link {
	old := stories[0].thread
	if old == nil || old.stories[0] != stories[0] {
		return nil
	}
	stayed := make(map[string]*cluster, len(stories))
	for _, c := range stories {
		if c.thread == old { // no fresh one has any yet
			stayed[c.id()] = c
		} else {
			t.tiesOf(c) // now, as it meets others
		}
	}
	round := t.x.newRound()
	for i, c := range stories {
		c.meet(round, i)
	}
	links := make([]*news.Link, len(stories))
	for i := range old.value.Links {
		l := &old.value.Links[i]
		if c := stayed[l.B]; c != nil && stayed[l.A] != nil {
			links[c.at] = l
		}
	}
	for _, m := range stories {
		if m.thread == old {
			continue
		}
		for _, u := range t.tiesOf(m) {
			if u.to.round != round {
				continue
			}
			if l := links[u.to.at]; l != nil && float64(u.score) >= l.Score {
				links[u.to.at] = nil
			}
		}
	}
	return links
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
		return named.id()
	}
	return first.id()
}

// arrival is when the first member arrived.
func (c *cluster) arrival() uint64 {
	return slices.MinFunc(c.members, func(a, b *node) int { return cmp.Compare(a.seq, b.seq) }).seq
}

// wasThread reports whether a thread bears the story's name already.
func (c *cluster) wasThread() bool {
	return slices.ContainsFunc(c.members, func(n *node) bool {
		return n.story != nil && n.story.thread != nil && n.story.thread.value.ID == c.id()
	})
}
