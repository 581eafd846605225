package story

import "slices"

// firmResemblance is from where on two texts stand for each other whatever else
// is like one of them: they share more than they differ in.
const firmResemblance = 0.55

// A block is texts held together by firm links.
type block struct {
	nodes  []*node
	near   []*block // that links which are not firm lead to, once they were looked for
	looked bool
	by     *block // which it was last found to be near to
	passed bool   // what is near to it was visited
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
	p      *pending
	of     map[*node]*block
	seen   map[*node]bool // by reach
	made   []*block       // the first used are in use, the others to be used again
	used   int
	marked *block // all that is near to it says so
}

func newBlocks() *blocks { return &blocks{of: make(map[*node]*block), seen: make(map[*node]bool)} }

// begin looks at another batch.
func (bs *blocks) begin(p *pending) { bs.p = p }

// end forgets the batch. Much room is let go of.
func (bs *blocks) end() {
	if len(bs.of) > maxSpare {
		*bs = *newBlocks()
		return
	}
	for _, b := range bs.made[:bs.used] {
		clear(b.nodes)
		clear(b.near)
		*b = block{nodes: b.nodes[:0], near: b.near[:0]}
	}
	clear(bs.of)
	clear(bs.seen)
	bs.p, bs.used, bs.marked = nil, 0, nil
}

// one is an empty block.
func (bs *blocks) one() *block {
	if bs.used == len(bs.made) {
		bs.made = append(bs.made, new(block))
	}
	bs.used++
	return bs.made[bs.used-1]
}

// block is the block of a node.
func (bs *blocks) block(n *node) *block {
	if b := bs.of[n]; b != nil {
		return b
	}
	b := bs.one()
	b.nodes = append(b.nodes, n)
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
func (bs *blocks) near(b *block) []*block {
	if b.looked {
		return b.near
	}
	b.looked = true
	for _, n := range b.nodes {
		bs.p.copyLinks(n, func(l copyLink) {
			if l.firm || !l.whole() {
				return // to the block itself, or to a part
			}
			if c := bs.block(l.to); c != b && c.by != b {
				c.by = b
				b.near = append(b.near, c)
			}
		})
	}
	bs.marked = b
	return b.near
}

// mark has all that is near to a block say so.
func (bs *blocks) mark(b *block) {
	if bs.marked == b {
		return
	}
	bs.marked = b
	for _, c := range b.near {
		c.by = b
	}
}

// joins reports whether a link between two whole texts makes them one story. Where
// they are one already it need not be asked, and in a large story must not be.
func (bs *blocks) joins(n, o *node) bool {
	b, c := bs.block(n), bs.block(o)
	return b == c || bs.holds(b, c)
}

// holds reports whether links between two blocks make them one story: of what the
// one with fewer links is linked to besides, half is linked to the other as well.
func (bs *blocks) holds(b, c *block) bool {
	less, more := b, c
	if len(bs.near(b)) > len(bs.near(c)) {
		less, more = c, b
	}
	bs.mark(more)
	both, besides := 0, len(less.near)-1
	for _, d := range less.near {
		if d.by == more {
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
