package story

import (
	"cmp"
	"slices"
	"time"

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
		longest = max(longest, n.length())
	}
	return slices.MinFunc(members, func(a, b *node) int {
		return cmp.Or(
			cmp.Compare(x.rank(x.kindOf(a.source)), x.rank(x.kindOf(b.source))),
			cmp.Compare(a.lacks(longest), b.lacks(longest)),
			earlier(a, b),
		)
	})
}

// length is the number of terms in the node's text.
func (n *node) length() int {
	if n.print == nil {
		return 0
	}
	return len(n.print.terms)
}

// lacks is 0 for a complete text, else by how much it falls short.
func (n *node) lacks(longest int) int {
	if float64(n.length()) >= complete*float64(longest) {
		return 0
	}
	return longest - n.length()
}

// identity is the name of a story of members, given in order of publication,
// and the story that bears it so far; nil for a new one. While the archive is
// filling the name goes to the article that came out first.
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
		if c == nil || byID[c.value.ID] == nil {
			continue
		}
		if prior == nil || byID[c.value.ID].seq < byID[prior.value.ID].seq {
			prior = c
		}
	}
	switch {
	case filling:
		return members[0].id, prior
	case prior != nil:
		return prior.value.ID, prior
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
			if n.print == nil && n.id == prior.value.Shown {
				shown = n
			}
		}
	}
	c := &cluster{members: members}
	c.value = news.Story{ID: id, Shown: shown.id, First: members[0].published, Members: make([]news.Member, len(members))}
	in := make(map[*node]bool, len(members))
	for _, n := range members {
		in[n] = true
	}
	for i, n := range members {
		c.value.Members[i] = p.member(n, in, id)
	}
	c.value.Origin = originOf(members)
	c.value.Updated = x.updated(p, c.value, shown, prior)
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

// member says why a node is in its story: the copy that arrived before it, or
// that the story is named after, and that it is most like, or any, where it only came in through a later one.
func (p *pending) member(n *node, members map[*node]bool, id string) news.Member {
	m := news.Member{Article: n.id, Source: n.source, Published: n.published}
	if n.id == id {
		return m
	}
	var best copyLink
	better := func(l copyLink) int {
		before, bestBefore := l.to.id == id || l.to.seq < n.seq, best.to.id == id || best.to.seq < n.seq
		switch {
		case before != bestBefore && before:
			return 1
		case before != bestBefore:
			return -1
		}
		return cmp.Or(cmp.Compare(l.resemblance, best.resemblance), cmp.Compare(best.to.seq, l.to.seq))
	}
	p.copyLinks(n, func(l copyLink) {
		if members[l.to] && (best.to == nil || better(l) > 0) {
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

// updated is when readers should last look again. Only a new version of the
// shown text with something new in it moves it; copies never do.
func (x *Index) updated(p *pending, v news.Story, shown *node, prior *cluster) time.Time {
	if prior == nil {
		return v.First
	}
	at := prior.value.Updated
	if prior.value.Shown != shown.id {
		return at
	}
	for old, n := range p.replaced {
		if n != shown || old.print == nil || old.print.text == n.print.text {
			continue
		}
		if x.scratch.news(old.print, n.print) >= material && n.changed.After(at) {
			return n.changed
		}
	}
	return at
}

// news is the share of b's pairs of adjacent terms that a does not have.
func (c *scratch) news(a, b *fingerprint) float64 {
	_, inB, _, _ := c.adjacent(a, b)
	return 1 - inB
}
