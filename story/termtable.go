package story

import "slices"

// termTable is a hash table of the terms of one text.
type termTable struct {
	of    uint64  // serial of its fingerprint
	slots []slot  // a power of two
	chain []place // occurrences, by sentence
	stamp uint32  // tells the slots of this text from those of older ones
	other uint32  // texts compared with this one
}

// slot holds a term's first occurrence, and the last of the texts compared with
// this one that has it too.
type slot struct {
	id    term
	stamp uint32
	head  int32
	other uint32
}

// place is an occurrence of a term.
type place struct {
	sentence uint16
	next     int16 // in chain; -1 at the end
}

// table returns the terms of a text, entered now if they are not those of the
// texts compared last.
func (c *scratch) table(f *fingerprint) *termTable {
	for i := range c.tables {
		if c.tables[i].of == f.serial {
			return &c.tables[i]
		}
	}
	t := &c.tables[0]
	if c.tables[0].of == c.paired {
		t = &c.tables[1] // the other is going to be asked for again
	}
	t.enter(f)
	return t
}

// hasTable reports whether table has nothing to enter for a text.
func (c *scratch) hasTable(f *fingerprint) bool {
	return c.tables[0].of == f.serial || c.tables[1].of == f.serial
}

// enter fills the table.
func (t *termTable) enter(f *fingerprint) {
	t.slots = sized(t.slots, tableSize(len(f.terms)))
	t.of = f.serial
	t.stamp++
	t.other = 0
	t.chain = t.chain[:0]
	for sentence, end := range slices.Backward(f.ends) { // the first is to come first in chains
		start := 0
		if sentence > 0 {
			start = int(f.ends[sentence-1])
		}
		for _, id := range f.terms[start:end] {
			s := t.find(id.id())
			switch {
			case s.stamp != t.stamp:
				*s = slot{id: id.id(), stamp: t.stamp, head: -1}
			case t.chain[s.head].sentence == uint16(sentence):
				continue
			}
			t.chain = append(t.chain, place{uint16(sentence), int16(s.head)})
			s.head = int32(len(t.chain) - 1)
		}
	}
}

// find returns the slot of a term, or the free one where it belongs.
func (t *termTable) find(id term) *slot {
	mask := uint32(len(t.slots) - 1)
	i := uint32(id) * 0x9e3779b1 >> 7 & mask
	for t.slots[i].stamp == t.stamp && t.slots[i].id != id {
		i = (i + 1) & mask
	}
	return &t.slots[i]
}
