package story

import (
	"cmp"
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

// weighing is the memory in which the terms of one text are counted: a hash
// table with open addressing.
type weighing struct {
	slots []stat
	stamp uint32
	used  []uint32 // slots of the text's terms
	heavy []ranked
	ranks []uint64 // of all of them
}

// stat is a term with how often it stands in the text.
type stat struct {
	term   term // of the heaviest kind that it is of
	stamp  uint32
	front  uint16 // times in title and lead
	behind uint16
}

// ranked is a heavy term with its rank and how often it stands.
type ranked struct {
	rank uint64
	heavy
	stands uint8
}

func (w *weighing) begin(terms int) {
	if size := tableSize(terms); len(w.slots) < size {
		w.slots, w.stamp = make([]stat, size), 0
	}
	w.stamp++
	w.used, w.heavy, w.ranks = w.used[:0], w.heavy[:0], w.ranks[:0]
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
		stands := standsOf(s.front, s.behind)
		h := heavy{s.term, parts[stands]}
		w.heavy = append(w.heavy, ranked{h.rank(), h, stands})
		w.ranks = append(w.ranks, h.rank())
	}
	slices.Sort(w.ranks)
	heaviest := w.heavy
	if light := len(w.ranks) - sketchLen; light > 0 {
		least := w.ranks[light]
		heaviest = slices.DeleteFunc(heaviest, func(h ranked) bool { return h.rank < least })
	}
	slices.SortFunc(heaviest, func(a, b ranked) int { return cmp.Compare(a.term.id(), b.term.id()) })
	b := make([]byte, 0, heavyBytes*sketchLen)
	f.total = 0
	for _, h := range heaviest {
		b = h.append(b, h.stands)
		f.total += h.weight()
	}
	f.sketch = sketch(b)
}
