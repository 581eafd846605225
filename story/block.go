package story

import "slices"

// firmResemblance is from where on two texts stand for each other whatever else
// is like one of them: they share more than they differ in.
const firmResemblance = 0.55

// A block is texts held together by firm links.
type block struct {
	nodes []*node
	near  map[*block]bool // that links which are not firm lead to; nil before they were looked for
}

// blocks are the blocks that are looked at in the course of a batch.
//
// A link that is not firm holds where the two blocks are mostly linked to the same
// others, or one of them to no other: see holds. Without this, texts each of
// which has parts in common with a few others, but never the same ones, would
// all be one story as soon as they have more than one such link on average (the
// giant component of Erdős and Rényi, 1960). It depends on the set of articles
// alone.
type blocks struct {
	p  *pending
	of map[*node]*block
}

func newBlocks(p *pending) *blocks { return &blocks{p: p, of: make(map[*node]*block)} }

// block is the block of a node.
func (bs *blocks) block(n *node) *block {
	if b := bs.of[n]; b != nil {
		return b
	}
	b := &block{nodes: []*node{n}}
	bs.of[n] = b
	for i := 0; i < len(b.nodes); i++ {
		bs.p.copyLinks(b.nodes[i], func(l copyLink) {
			if l.firm && l.whole() && bs.of[l.to] == nil {
				bs.of[l.to] = b
				b.nodes = append(b.nodes, l.to)
			}
		})
	}
	return b
}

// near are the blocks that a block is linked to.
func (bs *blocks) near(b *block) map[*block]bool {
	if b.near != nil {
		return b.near
	}
	b.near = make(map[*block]bool)
	for _, n := range b.nodes {
		bs.p.copyLinks(n, func(l copyLink) {
			if c := bs.block(l.to); c != b && l.whole() {
				b.near[c] = true
			}
		})
	}
	return b.near
}

// holds reports whether links between two blocks make them one story: of what the
// one with fewer links is linked to besides, half is linked to the other as well.
func (bs *blocks) holds(b, c *block) bool {
	less, more := bs.near(b), bs.near(c)
	if len(less) > len(more) {
		less, more = more, less
	}
	both, besides := 0, len(less)-1
	for d := range less {
		if more[d] {
			both++
		}
	}
	return 2*both >= besides
}

// whole reports whether a link is between texts that stand for each other, not
// between a text and a part of it.
func (l copyLink) whole() bool { return l.why == Editor || !l.larger && !l.smaller }

// makeFirm makes the link of a new node to one before it firm, and reports whether
// there is one.
func (n *node) makeFirm(o *node) bool {
	at := slices.IndexFunc(n.copies, func(l copyLink) bool { return l.to == o })
	if at < 0 {
		return false
	}
	back := slices.IndexFunc(o.added.copies, func(l copyLink) bool { return l.to == n })
	n.copies[at].firm, o.added.copies[back].firm = true, true
	return true
}
