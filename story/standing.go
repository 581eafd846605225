package story

import "slices"

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
}

// tie is the best event link between a story and another.
type tie struct {
	to       *cluster
	score    float32
	from, at uint32 // nodes of the two stories
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

// maxSpare is how many standings, or blocks, are kept for the next run.
const maxSpare = 1024

func (l *standings) put(used []*standing) {
	for _, s := range used[:min(len(used), max(0, maxSpare-len(*l)))] {
		*s = standing{}
		*l = append(*l, s)
	}
}

// tieRoom holds the ties of all stories of a run, in pieces that the next uses
// again.
type tieRoom struct {
	pieces [][]tie // how far each is in use
	at     int     // the piece in use
}

// pieceLen is the room of a piece, maxPieces how many are kept for the next run.
const pieceLen, maxPieces = 4096, 16

// take returns room for n ties at most, which holds until the run has ended, and
// keep says how many of them are used.
func (r *tieRoom) take(n int) []tie {
	for ; r.at < len(r.pieces); r.at++ {
		if p := r.pieces[r.at]; cap(p)-len(p) >= n {
			return p[len(p) : len(p) : len(p)+n]
		}
	}
	r.pieces = append(r.pieces, make([]tie, 0, max(n, pieceLen)))
	return r.pieces[r.at][:0:n]
}

func (r *tieRoom) keep(n int) {
	p := &r.pieces[r.at]
	*p = (*p)[:len(*p)+n]
}

// end lets go of all ties, and of the room of stories that had very many.
func (r *tieRoom) end() {
	r.pieces = slices.DeleteFunc(r.pieces, func(p []tie) bool { return cap(p) > pieceLen })
	clear(r.pieces[min(len(r.pieces), maxPieces):])
	r.pieces = r.pieces[:min(len(r.pieces), maxPieces)]
	for i, p := range r.pieces {
		clear(p)
		r.pieces[i] = p[:0]
	}
	r.at = 0
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
	t.x.ties.end()
	for _, c := range t.fresh {
		for _, n := range c.members {
			n.next = nil
		}
	}
}

// choice is how a story came to its thread.
type choice struct {
	anchored bool    // it is tied to the founder
	score    float32 // of the tie that holds it
	refused  float32 // of the best tie to a thread that could not take it in
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
	round := t.x.newRound()
	most := 0
	for _, n := range c.members {
		most += t.p.eventCount(n)
	}
	s.ties = t.x.ties.take(most)
	for _, n := range c.members {
		t.p.eventLinks(n, func(o *node, score float32) {
			to := o.next
			if to == nil {
				to = o.story
			}
			if to == c || to == nil || to.digest {
				return
			}
			u := tie{to, score, n.num, o.num}
			switch at := to.meet(round, len(s.ties)); {
			case at == len(s.ties):
				s.ties = append(s.ties, u)
			case t.stronger(u, s.ties[at]):
				s.ties[at] = u
			}
		})
	}
	t.x.ties.keep(len(s.ties))
	return s.ties
}

// stronger reports whether one of two ties between the same stories is stronger.
func (t *threading) stronger(u, v tie) bool {
	if u.score != v.score {
		return u.score > v.score
	}
	if by := earlier(t.p.node(u.from), t.p.node(v.from)); by != 0 {
		return by < 0
	}
	return earlier(t.p.node(u.at), t.p.node(v.at)) < 0
}

// newRound begins a run through stories in which each is met once.
func (x *Index) newRound() uint32 {
	x.round++
	return x.round
}

// meet returns what it was given when the story was met first in a round: at, if
// that is now.
func (c *cluster) meet(round uint32, at int) int {
	if c.round != round {
		c.round, c.at = round, uint32(at)
	}
	return int(c.at)
}
