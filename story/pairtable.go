package story

import (
	"math/bits"
)

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
	mask := uint64(len(c.pairs) - 1)
	both := 0
	for j := 1; j < len(b.terms); j++ {
		key := pairKey(b.terms[j-1], b.terms[j])
		i := key * pairMix >> 32 & mask
		for c.pairs[i].stamp == c.pstamp && c.pairs[i].key != key {
			i = (i + 1) & mask
		}
		if p := &c.pairs[i]; p.stamp == c.pstamp && p.other != c.others {
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
	if size := tableSize(len(terms)); len(c.pairs) < size {
		c.pairs = make([]pairSlot, size)
		c.pstamp = 0
	}
	c.pstamp++
	c.paired = 0
	mask := uint64(len(c.pairs) - 1)
	for j := 1; j < len(terms); j++ {
		key := pairKey(terms[j-1], terms[j])
		i := key * pairMix >> 32 & mask
		for c.pairs[i].stamp == c.pstamp && c.pairs[i].key != key {
			i = (i + 1) & mask
		}
		if c.pairs[i].stamp != c.pstamp {
			c.pairs[i] = pairSlot{key: key, stamp: c.pstamp}
			distinct++
		}
	}
	return distinct
}

// tableSize is a power of two that leaves a hash table of n entries half
// empty.
func tableSize(n int) int { return 1 << bits.Len(uint(2*n+16)) }
