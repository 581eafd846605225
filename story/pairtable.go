package story

import "math/bits"

// pairSlot holds a pair of adjacent terms of one text, and the last of the
// others that has it too.
type pairSlot struct {
	key   uint64
	stamp uint32
	other uint32
}

// adjacent compares the sets of adjacent terms. That of a is kept, since one
// text is compared with many.
func (c *scratch) adjacent(a, b *fingerprint) (inA, inB, jaccard float64, common int) {
	if a.pairs == 0 || b.pairs == 0 {
		return 0, 0, 0, 0
	}
	if c.paired != a.serial {
		c.enterPairs(a.terms)
		c.paired, c.others = a.serial, 0
	}
	c.others++
	both := 0
	last, seen := b.terms[0], c.glance
	for _, t := range b.terms[1:] {
		key := pairKey(last, t)
		last = t
		h := key * pairMix
		if !seen.has(h) {
			continue // as with nearly all
		}
		if p := c.pair(h, key); p.stamp == c.pstamp && p.other != c.others {
			p.other = c.others
			both++
		}
	}
	n := float64(both)
	return n / float64(a.pairs), n / float64(b.pairs), n / (float64(a.pairs) + float64(b.pairs) - n), both
}

// pairMix spreads the keys of pairs over a table.
const pairMix = 0x9e3779b97f4a7c15

func pairKey(t, u term) uint64 { return uint64(t.id())<<32 | uint64(u.id()) }

// enterPairs fills the table with a text's pairs of adjacent terms and returns
// how many there are.
func (c *scratch) enterPairs(terms []term) (distinct int) {
	c.pairs = sized(c.pairs, tableSize(len(terms)))
	c.pstamp++
	c.paired = 0
	c.glance.begin(len(c.pairs))
	for j := 1; j < len(terms); j++ {
		key := pairKey(terms[j-1], terms[j])
		h := key * pairMix
		c.glance.add(h)
		if p := c.pair(h, key); p.stamp != c.pstamp {
			*p = pairSlot{key: key, stamp: c.pstamp}
			distinct++
		}
	}
	return distinct
}

// pair is where a pair is in the table, or where it belongs.
func (c *scratch) pair(hash, key uint64) *pairSlot {
	mask := uint64(len(c.pairs) - 1)
	i := hash >> 32 & mask
	for c.pairs[i].stamp == c.pstamp && c.pairs[i].key != key {
		i = (i + 1) & mask
	}
	return &c.pairs[i]
}

// glance tells of most hashes that are in no table, without a look at it: a bit
// for each eighth of a slot.
type glance struct {
	bits  []uint64
	shift uint8
}

// begin empties the glance at a table of so many slots, a power of two.
func (g *glance) begin(slots int) {
	g.bits = sized(g.bits, slots*8/64)
	clear(g.bits)
	g.shift = uint8(64 - bits.Len(uint(slots*8-1)))
}

func (g *glance) add(hash uint64) {
	at := hash >> (g.shift & 63)
	g.bits[at>>6] |= 1 << (at & 63)
}

func (g *glance) has(hash uint64) bool {
	at := hash >> (g.shift & 63)
	return g.bits[at>>6]>>(at&63)&1 != 0
}

// tableSize is a power of two that leaves a hash table of n entries half
// empty.
func tableSize(n int) int { return 1 << bits.Len(uint(max(2*n, 32)-1)) }

// sized is a table with so many slots. Those of smaller and larger ones before
// it stand in it still, and are told by their stamps.
func sized[T any](slots []T, size int) []T {
	if cap(slots) < size {
		return make([]T, size)
	}
	return slots[:size]
}
