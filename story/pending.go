package story

import "time"

// pending is a batch that is being placed: nodes that are not in the index
// yet, and links to those that are.
type pending struct {
	known    []*node // of the index
	nodes    []*node // numbered from len(known) on
	byID     map[string]*node
	byURL    map[string]*node
	replaced map[*node]*node // by the node that takes its place
	linked   []*node         // that the batch adds links to
	postings postings
	hits     tally
	surface  map[term]string
	begun    time.Time // when the first of the batch came in
	filling  bool      // the archive has only begun to fill
}

// batchRoom is what a batch has its tables in.
type batchRoom struct {
	postings postings
	hits     tally
}

// begin starts a batch. One that was placed and never applied leaves nothing.
func (x *Index) begin() *pending {
	if x.placing != nil {
		x.end(x.placing)
	}
	x.placing = &pending{
		known:    x.nodes,
		byID:     make(map[string]*node),
		byURL:    make(map[string]*node),
		replaced: make(map[*node]*node),
		postings: x.room.postings,
		hits:     x.room.hits,
		surface:  make(map[term]string),
	}
	return x.placing
}

// end takes the batch's links from the nodes, and lets the next one have the room
// of its tables.
func (x *Index) end(p *pending) {
	for _, n := range p.linked {
		n.added = nil
	}
	p.linked = nil
	if x.placing != p {
		return // it has ended
	}
	x.placing = nil
	if p.postings.empty(); len(p.hits.counts) > maxRoom {
		p.hits = tally{}
	}
	x.room = batchRoom{p.postings, p.hits}
}

// node returns a node of the index or the batch.
func (p *pending) node(num uint32) *node {
	if int(num) < len(p.known) {
		return p.known[num]
	}
	return p.nodes[int(num)-len(p.known)]
}

// add takes a node into the batch.
func (p *pending) add(n *node) {
	n.num = uint32(len(p.known) + len(p.nodes))
	p.nodes = append(p.nodes, n)
	p.byID[n.id] = n
}

// isReplaced reports whether a node gives way to one of the batch.
func (p *pending) isReplaced(n *node) bool { return len(p.replaced) > 0 && p.replaced[n] != nil }

// links are those that a batch adds to a node of the index, or to one of its own
// that came before.
type links struct {
	copies []copyLink
	events []eventLink
}

// linksOf is where the batch's links of a node go.
func (p *pending) linksOf(n *node) *links {
	if n.added == nil {
		n.added = &links{}
		p.linked = append(p.linked, n)
	}
	return n.added
}

// copyLinks calls do with a node's links as they will be when the batch is
// applied.
func (p *pending) copyLinks(n *node, do func(copyLink)) {
	for _, l := range n.copies {
		if !p.isReplaced(l.to) {
			do(l)
		}
	}
	if n.added == nil {
		return
	}
	for _, l := range n.added.copies {
		if !p.isReplaced(l.to) {
			do(l)
		}
	}
}

// eventLinks does the same with those to texts on the same event.
func (p *pending) eventLinks(n *node, do func(to *node, score float32)) {
	for _, l := range n.events {
		if to := p.node(l.to); !p.isReplaced(to) {
			do(to, l.score)
		}
	}
	if n.added == nil {
		return
	}
	for _, l := range n.added.events {
		if to := p.node(l.to); !p.isReplaced(to) {
			do(to, l.score)
		}
	}
}

// eventCount is how many links eventLinks finds at most.
func (p *pending) eventCount(n *node) int {
	if n.added == nil {
		return len(n.events)
	}
	return len(n.events) + len(n.added.events)
}
