package story

import (
	"cmp"
	"slices"
	"time"
)

// link finds all that a new node is linked to, in the index and among the
// batch's nodes before it, and adds it to the batch.
func (x *Index) link(p *pending, n *node) {
	x.hits.reset(len(x.nodes))
	p.hits.reset(len(p.nodes))
	x.postings.count(n, &x.hits)
	p.postings.count(n, &p.hits)
	x.relateAll(p, n, x.candidates(p, n))
	x.linkByHand(p, n)
	at := uint32(len(p.nodes))
	p.add(n)
	if n.url != "" {
		p.byURL[n.url] = n
	}
	p.postings.insert(&n.print.filing, n.published, at)
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
	gap   time.Duration // between the two
	share float32       // of the shorter text's sampled shingles that both have
	event bool          // they share keys of events: without, they are copies or nothing
}

// before puts those first that share most, and of these the nearest in time.
func (c candidate) before(d candidate) bool {
	if c.share != d.share {
		return c.share > d.share
	}
	return c.nearer(d)
}

func (c candidate) nearer(d candidate) bool {
	if c.gap != d.gap {
		return c.gap < d.gap
	}
	return earlier(c.node, d.node) < 0
}

// found are the candidates of one article.
type found struct {
	likely queue[candidate] // share much, or something rare besides: copies or other texts on one event
	copies queue[candidate] // share little, and can only be copies
	others []candidate      // share what finds events, and no shingle
}

func newFound() found {
	return found{likely: queue[candidate]{before: candidate.before}, copies: queue[candidate]{before: candidate.before}}
}

// candidates finds the nodes that share keys with n, the nearest in time if
// there are too many. Of those with the very same text, the nearest before and
// after are enough: they are linked to the others.
func (x *Index) candidates(p *pending, n *node) *found {
	f := &x.found
	f.likely.items, f.copies.items, f.others = f.likely.items[:0], f.copies.items[:0], f.others[:0]
	var twins [2]*node // nearest with the same text: before, after
	take := func(o *node, c count) {
		if o == nil || p.isReplaced(o) {
			return
		}
		twin := o.text == n.text && n.length >= leastTerms
		if twin && (o.source != n.source || !stub(x.open(o), n.print)) {
			side := 0
			if earlier(o, n) > 0 {
				side = 1
			}
			if t := twins[side]; t == nil || (earlier(t, o) < 0) == (side == 0) {
				twins[side] = o
			}
			return
		}
		d := candidate{node: o, gap: between(o.published, n.published), event: c.event()}
		if c.shingles == 0 {
			f.others = append(f.others, d)
			return
		}
		d.share = float32(c.shingles) / float32(min(o.prints, n.prints))
		if d.share >= likelyShare || d.event {
			f.likely.items = append(f.likely.items, d)
		} else {
			f.copies.items = append(f.copies.items, d)
		}
	}
	for _, m := range x.hits.seen {
		take(x.nodes[m], x.hits.of(m))
	}
	for _, m := range p.hits.seen {
		take(p.nodes[m], p.hits.of(m))
	}
	for _, t := range twins {
		if t != nil {
			f.likely.items = append(f.likely.items, candidate{t, between(t.published, n.published), 1, true})
		}
	}
	f.likely.order()
	f.copies.order()
	if len(f.others) > maxCandidates {
		slices.SortFunc(f.others, func(a, b candidate) int {
			if a.nearer(b) {
				return -1
			}
			return 1
		})
		f.others = f.others[:maxCandidates]
	}
	return f
}

// kindred is a candidate with what speaks for one event.
type kindred struct {
	node *node
	k    kinship
}

// relateAll links a new node to those of the candidates that are its copies
// or tell of the same event.
func (x *Index) relateAll(p *pending, n *node, f *found) {
	x.scratch.sketched.enter(&n.brief)
	left := likelyFailures
	for tried := 0; f.likely.len() > 0 && left > 0 && tried < maxCopies; tried++ {
		c := f.likely.pop()
		var k kinship
		if c.event {
			k = x.scratch.sketched.kin(&c.node.brief, c.gap)
		}
		if !x.relate(p, n, c.node, k) {
			left--
		}
	}
	left = otherFailures
	for tried := 0; f.copies.len() > 0 && left > 0 && tried < maxCopies; tried++ {
		if !x.relate(p, n, f.copies.pop().node, kinship{}) {
			left--
		}
	}
	rest := x.rest[:0]
	for _, c := range f.others {
		k := x.scratch.sketched.kin(&c.node.brief, c.gap)
		if k.score >= leastEvidence && k.strength >= leastStrength {
			rest = append(rest, kindred{c.node, k})
		}
	}
	x.rest = rest
	slices.SortFunc(rest, func(a, b kindred) int {
		if a.k.score != b.k.score {
			return cmp.Compare(b.k.score, a.k.score)
		}
		return earlier(a.node, b.node)
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
			if a.score != b.score {
				return cmp.Compare(b.score, a.score)
			}
			return earlier(p.node(a.to), p.node(b.to))
		})
		n.events = n.events[:maxEvents]
	}
	n.events = slices.Clip(n.events)
	num := uint32(len(p.known) + len(p.nodes)) // that n is going to have
	unseen := x.unseen(p, n)
	for _, l := range n.events {
		o := p.node(l.to)
		x.noteSurfaces(p, o, unseen)
		to := p.linksOf(o)
		to.events = append(to.events, eventLink{num, l.score})
	}
}

// relate links two nodes if they are copies or tell of one event, and reports
// whether they are copies; the link of an event is n's only, for now.
func (x *Index) relate(p *pending, n, o *node, k kinship) (copies bool) {
	gap, sameSource := between(n.published, o.published), sameOutlet(n, o)
	mayBeEvent := k.score >= leastEvidence
	a, b := n.print, x.open(o)
	l := x.scratch.likeness(a, b, k, gap, sameSource)
	if why, ok := judge(l, a, b, gap, sameSource); ok {
		x.join(p, n, o, l, why)
		return true
	}
	event := mayBeEvent && sameEvent(k, l, a, b, gap)
	series := n.series != 0 && n.series == o.series
	if event && (series || !template(l, sameSource)) {
		n.events = append(n.events, eventLink{to: o.num, score: float32(k.score)})
	}
	return false
}

// join links two copies.
func (x *Index) join(p *pending, n, o *node, l likeness, why string) {
	link := copyLink{resemblance: float32(l.resemblance), containment: float32(l.containment), sentences: uint16(min(l.sentences, 1<<16-1)), why: why}
	link.firm = why == Editor || l.resemblance >= firmResemblance
	p.connect(n, o, link, !whole(l, why))
}

// connect adds a link between a node and one before it, and the same back. With
// part set the shorter text is a part of the longer.
func (p *pending) connect(n, o *node, link copyLink, part bool) {
	there, back := link, link
	there.to, back.to = o, n
	if part {
		there.larger = o.length > n.length || o.length == n.length && earlier(o, n) < 0
		there.smaller = !there.larger
		back.larger, back.smaller = there.smaller, there.larger
	}
	n.copies = append(n.copies, there)
	to := p.linksOf(o)
	to.copies = append(to.copies, back)
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
		if o == nil || p.isReplaced(o) || o == n {
			continue
		}
		l := x.scratch.compare(n.print, x.open(o))
		x.join(p, n, o, l, Editor)
	}
}

// keepLinks lets the new version of an article stay with its copies, as long
// as it is the same article still.
func (x *Index) keepLinks(p *pending, old, n *node) {
	if old.storied {
		return
	}
	before := x.open(old)
	l := x.scratch.compare(before, n.print)
	if _, ok := judge(l, before, n.print, 0, true); !ok && old.text != n.text {
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
		c.firm = c.firm || c.to.story == old.story
		n.copies = append(n.copies, c)
		back := c
		back.to, back.larger, back.smaller = n, c.smaller, c.larger
		to := p.linksOf(c.to)
		to.copies = append(to.copies, back)
	})
}

// closeGap links the nearest twins before and after an article whose new version has
// another text: each twin is linked to the nearest ones only.
func (x *Index) closeGap(p *pending, old *node) {
	var before, after copyLink
	p.copyLinks(old, func(l copyLink) {
		switch o := l.to; {
		case o.text != old.text || o.storied || l.why != SameText:
		case earlier(o, old) < 0:
			if before.to == nil || earlier(before.to, o) < 0 {
				before = l
			}
		case after.to == nil || earlier(o, after.to) < 0:
			after = l
		}
	})
	a, b := before.to, after.to
	if a == nil || b == nil || between(a.published, b.published) > verbatimSpan || sameOutlet(a, b) && old.length <= stubTerms {
		return
	}
	linked := false
	p.copyLinks(a, func(l copyLink) { linked = linked || l.to == b })
	if linked {
		return
	}
	ofA, ofB := p.linksOf(a), p.linksOf(b)
	ofA.copies = append(ofA.copies, after)
	ofB.copies = append(ofB.copies, before)
}
