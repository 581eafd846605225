package story

import (
	"math"
	"slices"
)

// heavy is a term with how much it stands out in one text.
type heavy struct {
	term term
	part float32 // by how often and where it stands; times the term's own weight
}

func (h heavy) weight() float32 { return h.part * h.term.weight() }

// rank is the higher the heavier; no two terms have the same.
func (h heavy) rank() uint64 {
	return uint64(math.Float32bits(h.weight()))<<32 | uint64(^h.term)
}

// ranked is the term of a rank.
func ranked(rank uint64) term { return ^term(rank) }

// weighing is the memory in which the terms of one text are counted: a hash
// table with open addressing.
type weighing struct {
	slots []stat
	stamp uint32
	used  []uint32 // slots of the text's terms
	ranks []uint64 // of all of them
	heavy []uint64 // the heaviest: each a term, and how often it stands

	sorted []uint64 // room
}

// stat is a term with how often it stands in the text.
type stat struct {
	term   term // of the heaviest kind that it is of
	stamp  uint32
	front  uint16 // times in title and lead
	behind uint16
}

func (w *weighing) begin(terms int) {
	w.slots = sized(w.slots, tableSize(terms))
	w.stamp++
	w.used, w.ranks, w.heavy = w.used[:0], w.ranks[:0], w.heavy[:0]
}

func (w *weighing) slot(t term) *stat {
	mask := uint32(len(w.slots) - 1)
	i := uint32(t.id()) * 0x9e3779b1 >> 7 & mask
	for w.slots[i].stamp == w.stamp && w.slots[i].term.id() != t.id() {
		i = (i + 1) & mask
	}
	s := &w.slots[i]
	if s.stamp != w.stamp {
		*s = stat{term: t, stamp: w.stamp}
		w.used = append(w.used, i)
	} else if t.weight() > s.term.weight() {
		s.term = t
	}
	return s
}

// weigh fills the sketch: each term weighs by its kind, how often it stands in
// the text, and whether title or lead have it.
func (r *reader) weigh(f *fingerprint) {
	w := &r.weights
	w.begin(len(f.terms) + len(f.title))
	for i, t := range f.terms {
		if i < leadTerms {
			w.slot(t).front++
		} else {
			w.slot(t).behind++
		}
	}
	for _, t := range f.title {
		w.slot(t).front++
	}
	for _, i := range w.used {
		s := w.slots[i]
		w.ranks = append(w.ranks, heavy{s.term, parts[standsOf(s.front, s.behind)]}.rank())
	}
	least := uint64(0)
	if light := len(w.ranks) - sketchLen; light > 0 {
		w.sorted = append(w.sorted[:0], w.ranks...)
		least = nth(w.sorted, light)
	}
	for i, rank := range w.ranks {
		if rank >= least {
			s := w.slots[w.used[i]]
			w.heavy = append(w.heavy, uint64(s.term)<<8|uint64(standsOf(s.front, s.behind)))
		}
	}
	slices.Sort(w.heavy) // by id, as no two terms have the same
	var room [heavyBytes * sketchLen]byte
	b := room[:0]
	f.total = 0
	for _, h := range w.heavy {
		stands := uint8(h)
		h := heavy{term(h >> 8), parts[stands]}
		b = h.append(b, stands)
		f.total += h.weight()
	}
	f.sketch = sketch(b)
}

// nth returns what would stand at a place if the numbers, all different, were
// sorted. It leaves them in another order.
func nth(a []uint64, place int) uint64 {
	lo, hi := 0, len(a)-1
	for lo < hi {
		pivot := a[(lo+hi)/2]
		i, j := lo, hi
		for i <= j {
			for a[i] < pivot {
				i++
			}
			for a[j] > pivot {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i++
				j--
			}
		}
		switch {
		case place <= j:
			hi = j
		case place >= i:
			lo = i
		default:
			return a[place]
		}
	}
	return a[place]
}
