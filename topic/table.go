package topic

import "math/bits"

// byHash maps the hashes of words to what is known of them. Most words asked
// for are not in it, which a bit of the filter tells.
type byHash[T any] struct {
	filter []uint64  // a bit for the highest bits of each hash
	slots  []slot[T] // open addressing by the lowest bits; a hash of 0 is none
}

type slot[T any] struct {
	hash  uint64
	value T
}

// filterBits is how many bits the filter has a word.
const filterBits = 16

func newByHash[T any](words map[uint64]T) byHash[T] {
	size := 1 << bits.Len(uint(2*len(words)))
	t := byHash[T]{filter: make([]uint64, max(1, size*filterBits/2/64)), slots: make([]slot[T], size)}
	for h, v := range words {
		f := h >> 32 & uint64(len(t.filter)*64-1)
		t.filter[f/64] |= 1 << (f % 64)
		i := h & uint64(size-1)
		for t.slots[i].hash != 0 {
			i = (i + 1) & uint64(size-1)
		}
		t.slots[i] = slot[T]{h, v}
	}
	return t
}

func (t *byHash[T]) get(hash uint64) (v T, ok bool) {
	f := hash >> 32 & uint64(len(t.filter)*64-1)
	if t.filter[f/64]>>(f%64)&1 == 0 {
		return v, false
	}
	for i := hash & uint64(len(t.slots)-1); t.slots[i].hash != 0; i = (i + 1) & uint64(len(t.slots)-1) {
		if t.slots[i].hash == hash {
			return t.slots[i].value, true
		}
	}
	return v, false
}
