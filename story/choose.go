package story

import (
	"cmp"
	"slices"

	"vedetta/news"
)

const (
	// complete is the share of the longest member's length that makes a
	// member complete.
	complete = 0.8
	// material is the share of a new version that must be new for readers to
	// be told of it.
	material = 0.2
)

// rank orders the kinds of publisher: as the rules prefer them, and those that
// the rules do not name by how near the origin they stand.
func (x *Index) rank(k news.Kind) int {
	if k == "" {
		k = news.Outlet
	}
	if i := slices.Index(x.opts.Rules.Prefer, k); i >= 0 {
		return i
	}
	return len(x.opts.Rules.Prefer) + slices.Index(news.Kinds(), k)
}

// shown chooses the copy to show: the kind of publisher, then completeness,
// then time.
func (x *Index) shown(members []*node) *node {
	longest := 0
	for _, n := range members {
		longest = max(longest, int(n.length))
	}
	return slices.MinFunc(members, func(a, b *node) int {
		return cmp.Or(
			cmp.Compare(x.rank(x.kindOf(a)), x.rank(x.kindOf(b))),
			cmp.Compare(a.lacks(longest), b.lacks(longest)),
			earlier(a, b),
		)
	})
}

// lacks is 0 for a complete text, else by how much it falls short.
func (n *node) lacks(longest int) int {
	if float64(n.length) >= complete*float64(longest) {
		return 0
	}
	return longest - int(n.length)
}

// identity is the name of a story of members, given in order of publication,
// and the story that bears it so far; nil for a new one. While the archive is
// filling the name goes to the article that came out first. A name that
// another daemon gave goes before both.
func identity(members []*node, filling bool) (id string, prior *cluster) {
	byID := make(map[string]*node, len(members))
	first := members[0]
	for _, n := range members {
		byID[n.id] = n
		if n.seq < first.seq {
			first = n
		}
	}
	for _, n := range members {
		c := n.story
		if c == nil || byID[c.id()] == nil {
			continue
		}
		if prior == nil || byID[c.id()].seq < byID[prior.id()].seq {
			prior = c
		}
	}
	switch {
	case prior != nil && !filling:
		return prior.id(), prior
	case relayedFounder(members) != "":
		return relayedFounder(members), prior
	case filling:
		return members[0].id, prior
	}
	return first.id, nil
}

// newCluster makes a story of members, given in order of publication.
func (x *Index) newCluster(p *pending, members []*node) *cluster {
	id, prior := identity(members, p.filling)
	shown := x.shown(members)
	if prior != nil {
		// What cannot be compared any more stays.
		for _, n := range members {
			if n.storied && n.id == prior.shown() {
				shown = n
			}
		}
	}
	c := &cluster{members: members, first: members[0].published}
	c.updated = x.updated(p, members, shown, prior)
	if len(members) == 1 {
		return c
	}
	c.kept = &news.Story{
		ID: id, Shown: shown.id, Origin: originOf(members), First: c.first.time(), Updated: c.updated.time(),
		Members: make([]news.Member, len(members)),
	}
	joined := p.joined(members, id)
	for i, n := range members {
		c.kept.Members[i] = p.member(n, joined)
	}
	return c
}

// originOf is the agency that most members credit, the earliest of equals.
func originOf(members []*node) string {
	count := make(map[string]int)
	best := ""
	for _, n := range members {
		if n.origin != "" {
			count[n.origin]++
		}
	}
	for _, n := range members {
		if n.origin != "" && count[n.origin] > count[best] {
			best = n.origin
		}
	}
	return best
}

// joined is the order in which members came to be one story, from its founder
// on: next is always the one that arrived first of those that are linked to
// another. So each but the founder has a link to one before it, by which the
// story can be put together again when the texts are gone.
func (p *pending) joined(members []*node, founder string) map[*node]int {
	in := make(map[*node]bool, len(members))
	rest := slices.SortedFunc(slices.Values(members), func(a, b *node) int {
		switch founder {
		case a.id:
			return -1
		case b.id:
			return 1
		}
		return cmp.Compare(a.seq, b.seq)
	})
	for _, n := range rest {
		in[n] = true
	}
	order := make(map[*node]int, len(members))
	reached := queue[*node]{before: func(a, b *node) bool { return a.seq < b.seq }}
	for _, n := range rest { // more than the first only where a link is not known any more
		if in[n] {
			delete(in, n)
			reached.push(n)
		}
		for reached.len() > 0 {
			next := reached.pop()
			order[next] = len(order)
			p.copyLinks(next, func(l copyLink) {
				if in[l.to] {
					delete(in, l.to)
					reached.push(l.to)
				}
			})
		}
	}
	return order
}

// member says why a node is in its story: of those that joined before it, the
// copy that it is most like.
func (p *pending) member(n *node, joined map[*node]int) news.Member {
	m := news.Member{Article: n.id, Source: n.source, Published: n.published.time()}
	own := joined[n]
	var best copyLink
	p.copyLinks(n, func(l copyLink) {
		at, in := joined[l.to]
		if !in || at >= own {
			return
		}
		if best.to == nil || cmp.Or(cmp.Compare(l.resemblance, best.resemblance), cmp.Compare(best.to.seq, l.to.seq)) > 0 {
			best = l
		}
	})
	if best.to == nil {
		return m
	}
	m.Of = best.to.id
	m.Resemblance = round(best.resemblance)
	m.Containment = round(best.containment)
	m.Sentences = int(best.sentences)
	m.Why = best.why
	return m
}

func round(f float32) float64 { return float64(int(f*1000+0.5)) / 1000 }

// updated is when readers should last look again. Only a new version of what
// was shown moves it, if something new in it is shown now, be it in this version
// or in a copy of it; copies alone never do.
func (x *Index) updated(p *pending, members []*node, shown *node, prior *cluster) instant {
	if prior == nil {
		return members[0].published
	}
	at := prior.updated
	old := x.byID[prior.shown()]
	n := p.replaced[old]
	if n == nil || old.storied || old.text == n.text || n.changed <= at || !slices.Contains(members, n) {
		return at
	}
	if x.scratch.news(x.open(old), n.print) < material {
		return at
	}
	if shown != n && (shown.storied || x.scratch.news(x.open(shown), n.print) >= material) {
		return at // an earlier text is shown after all
	}
	return n.changed
}

// news is the share of b's pairs of adjacent terms that a does not have.
func (c *scratch) news(a, b *fingerprint) float64 {
	_, inB, _, _ := c.adjacent(a, b)
	return 1 - inB
}
