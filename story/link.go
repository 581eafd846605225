package story

import (
	"cmp"
	"slices"
	"time"
)

// pending is a batch that is being placed: nodes that are not in the index
// yet, and links to those that are.
type pending struct {
	nodes    []*node
	byID     map[string]*node
	byURL    map[string]*node
	replaced map[*node]*node // by the node that takes its place
	copies   map[*node][]copyLink
	events   map[*node][]eventLink
	postings postings
	hits     tally
	surface  map[term]string
	begun    time.Time // when the first of the batch came in
	filling  bool      // the archive has only begun to fill
}

func newPending() *pending {
	return &pending{
		byID:     make(map[string]*node),
		byURL:    make(map[string]*node),
		replaced: make(map[*node]*node),
		copies:   make(map[*node][]copyLink),
		events:   make(map[*node][]eventLink),
		postings: newPostings(),
		surface:  make(map[term]string),
	}
}

// copyLinks returns a node's links as they will be when the batch is applied.
func (p *pending) copyLinks(n *node, do func(copyLink)) {
	for _, links := range [][]copyLink{n.copies, p.copies[n]} {
		for _, l := range links {
			if p.replaced[l.to] == nil {
				do(l)
			}
		}
	}
}

func (p *pending) eventLinks(n *node, do func(eventLink)) {
	for _, links := range [][]eventLink{n.events, p.events[n]} {
		for _, l := range links {
			if p.replaced[l.to] == nil {
				do(l)
			}
		}
	}
}

// link finds all that a new node is linked to, in the index and among the
// batch's nodes before it, and adds it to the batch.
func (x *Index) link(p *pending, n *node) {
	x.hits.reset(len(x.nodes))
	p.hits.reset(len(p.nodes))
	x.postings.count(n, &x.hits)
	p.postings.count(n, &p.hits)
	copies, others := x.candidates(p, n)
	x.relateAll(p, n, copies, others)
	x.linkByHand(p, n)
	n.num = uint32(len(p.nodes))
	p.nodes = append(p.nodes, n)
	p.byID[n.id] = n
	if n.url != "" {
		p.byURL[n.url] = n
	}
	p.postings.insert(n)
}

// Limits on the candidates of one article. What is found within them does not
// depend on the order of arrival; a source that floods the index with texts
// all alike runs into them, and must not make each of its articles dearer
// than the one before.
const (
	maxCopies     = 256  // candidates by a shared shingle
	maxCandidates = 4096 // candidates by what the texts are about
	maxCompared   = 96   // of these, texts that are compared: those with the most in common
	maxEvents     = 32   // links to texts on the same event that an article brings: the strongest

	// Candidates for a copy are compared in the order of how much they share,
	// until so many have turned out to be none.
	likelyShare    = 0.3 // of the shorter text's shingles
	likelyFailures = 32  // of those that share as much
	otherFailures  = 4   // of those that share less

	// Candidates by what the texts are about are compared in the order of how
	// much speaks for one event, until so many have turned out to be none.
	eventFailures = 24
)

// candidate is a node worth a closer look.
type candidate struct {
	node  *node
	share float32 // of the shorter text's sampled shingles that both have
	event bool    // they share keys of events: without, they are copies or nothing
}

// candidates lists the nodes that share keys with n, nearest in time first if
// there are too many. Of those with the very same text, the nearest before and
// after are enough: they are linked to the others.
func (x *Index) candidates(p *pending, n *node) (copies, others []candidate) {
	var twins [2]*node // nearest with the same text: before, after
	take := func(o *node, c count) {
		if o == nil || p.replaced[o] != nil || o.id == n.id {
			return
		}
		twin := o.print.text == n.print.text && len(n.print.terms) >= leastTerms
		if twin && (o.source != n.source || !stub(o.print, n.print)) {
			side := 0
			if earlier(o, n) > 0 {
				side = 1
			}
			if t := twins[side]; t == nil || (earlier(t, o) < 0) == (side == 0) {
				twins[side] = o
			}
			return
		}
		if c.shingles == 0 {
			others = append(others, candidate{o, 0, true})
			return
		}
		copies = append(copies, candidate{o, float32(c.shingles) / float32(min(len(o.print.prints), len(n.print.prints))), c.event()})
	}
	for _, m := range x.hits.seen {
		take(x.nodes[m], x.hits.of(m))
	}
	for _, m := range p.hits.seen {
		take(p.nodes[m], p.hits.of(m))
	}
	for _, t := range twins {
		if t != nil {
			copies = append(copies, candidate{t, 1, true})
		}
	}
	nearest := func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.node.published.Sub(n.published).Abs(), b.node.published.Sub(n.published).Abs()), earlier(a.node, b.node))
	}
	slices.SortFunc(copies, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.share, a.share), nearest(a, b))
	})
	if len(others) > maxCandidates {
		slices.SortFunc(others, nearest)
		others = others[:maxCandidates]
	}
	return copies[:min(len(copies), maxCopies)], others
}

// kindred is a candidate with what speaks for one event.
type kindred struct {
	node *node
	k    kinship
}

// relateAll links a new node to those of the candidates that are its copies
// or tell of the same event.
func (x *Index) relateAll(p *pending, n *node, copies, others []candidate) {
	likely, other := likelyFailures, otherFailures
	for _, c := range copies {
		left := &other
		if c.share >= likelyShare || c.event {
			left = &likely
		}
		if *left == 0 {
			continue
		}
		var k kinship
		if c.event {
			k = kin(n.print, c.node.print, n.published.Sub(c.node.published).Abs())
		}
		if !x.relate(p, n, c.node, k) {
			*left--
		}
	}
	var rest []kindred
	for _, c := range others {
		k := kin(n.print, c.node.print, n.published.Sub(c.node.published).Abs())
		if k.score >= leastEvidence && k.strength >= leastStrength {
			rest = append(rest, kindred{c.node, k})
		}
	}
	slices.SortFunc(rest, func(a, b kindred) int {
		return cmp.Or(cmp.Compare(b.k.score, a.k.score), earlier(a.node, b.node))
	})
	before, failures := len(n.events), 0
	for _, r := range rest[:min(len(rest), maxCompared)] {
		// The strongest come first: those that follow would be dropped below.
		if len(n.events)-before == maxEvents || failures == eventFailures {
			break
		}
		linked := len(n.events)
		if !x.relate(p, n, r.node, r.k) && len(n.events) == linked {
			failures++
		}
	}
	if len(n.events) > maxEvents {
		slices.SortFunc(n.events, func(a, b eventLink) int {
			return cmp.Or(cmp.Compare(b.score, a.score), earlier(a.to, b.to))
		})
		n.events = n.events[:maxEvents]
	}
	n.events = slices.Clip(n.events)
	for _, there := range n.events {
		back := there
		back.to = n
		p.events[there.to] = append(p.events[there.to], back)
	}
}

// relate links two nodes if they are copies or tell of one event, and reports
// whether they are copies; the link of an event is n's only, for now.
func (x *Index) relate(p *pending, n, o *node, k kinship) (copies bool) {
	gap := n.published.Sub(o.published).Abs()
	mayBeEvent := k.score >= leastEvidence
	l := x.scratch.likeness(n.print, o.print, func(l likeness) bool {
		switch {
		case l.containment >= leastContainment:
			return true
		case !mayBeEvent:
			return false // a rewriting would share what finds events
		case l.containment >= leastForm, gap <= someEventSpan && !sameEvent(k, l, n.print, o.print, gap):
			return true
		}
		return gap <= rewrittenSpan && balanced(n.print, o.print) && x.scratch.sameFacts(n.print, o.print)
	})
	if why, ok := judge(l, n.print, o.print, gap, n.source == o.source); ok {
		x.join(p, n, o, l, why)
		return true
	}
	event := mayBeEvent && sameEvent(k, l, n.print, o.print, gap)
	series := n.print.series != 0 && n.print.series == o.print.series
	if event && (series || !template(l, n.source == o.source)) {
		n.events = append(n.events, eventLink{to: o, score: float32(k.score), terms: evidence(n.print, o.print)})
	}
	return false
}

// join links two copies.
func (x *Index) join(p *pending, n, o *node, l likeness, why string) {
	link := copyLink{resemblance: float32(l.resemblance), containment: float32(l.containment), sentences: uint16(min(l.sentences, 1<<16-1)), why: why}
	there, back := link, link
	there.to, back.to = o, n
	if !whole(l, why) {
		there.larger = len(o.print.terms) >= len(n.print.terms)
		there.smaller = !there.larger
		back.larger, back.smaller = there.smaller, there.larger
	}
	n.copies = append(n.copies, there)
	p.copies[o] = append(p.copies[o], back)
}

// linkByHand links a node to those that the rules put together with it.
func (x *Index) linkByHand(p *pending, n *node) {
	if n.url == "" {
		return
	}
	for _, url := range x.together[n.url] {
		o := p.byURL[url]
		if o == nil {
			o = x.byURL[url]
		}
		if o == nil || p.replaced[o] != nil || o == n {
			continue
		}
		l := x.scratch.compare(n.print, o.print)
		x.join(p, n, o, l, Editor)
	}
}

// keepLinks lets the new version of an article stay with its copies, as long
// as it is the same article still.
func (x *Index) keepLinks(p *pending, old, n *node) {
	if old.print == nil {
		return
	}
	l := x.scratch.compare(old.print, n.print)
	if _, ok := judge(l, old.print, n.print, 0, true); !ok && old.print.text != n.print.text {
		return
	}
	linked := make(map[*node]bool)
	for _, c := range n.copies {
		linked[c.to] = true
	}
	p.copyLinks(old, func(c copyLink) {
		if c.to == n || linked[c.to] {
			return
		}
		n.copies = append(n.copies, c)
		back := c
		back.to, back.larger, back.smaller = n, c.smaller, c.larger
		p.copies[c.to] = append(p.copies[c.to], back)
	})
}
