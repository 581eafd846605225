package story

// sharedFacts is how much of the names and numbers of two texts, a and b,
// stands in the other.
type sharedFacts struct {
	inA, inB float32 // share of b's that a has, and of a's that b has
	ofA, ofB int     // how many of each text's stand in the other
}

// enough reports whether one text may be a rewriting of the other.
func (f sharedFacts) enough() bool {
	return f.inA >= leastFacts && f.inB >= leastFacts && f.inA+f.inB >= leastBothFacts
}

// exactTerms are the names and numbers of the text whose serial is of.
type exactTerms struct {
	of     uint64
	terms  []term
	glance [16]uint64 // has a bit for each
}

func (e *exactTerms) bit(id term) (word *uint64, bit uint64) {
	h := uint32(id) * 0x9e3779b1 >> 22
	return &e.glance[h>>6], 1 << (h & 63)
}

func (e *exactTerms) enter(f *fingerprint) {
	e.of, e.terms = f.serial, e.terms[:0]
	clear(e.glance[:])
	for _, t := range f.terms {
		if t.exact() {
			e.terms = append(e.terms, t)
			word, bit := e.bit(t.id())
			*word |= bit
		}
	}
}

// sameFacts compares the names and numbers of two texts. What it returns holds
// only where it is enough. It is made for one a and many b.
func (c *scratch) sameFacts(a, b *fingerprint) (f sharedFacts) {
	table := c.table(a)
	if c.exact.of != a.serial {
		c.exact.enter(a)
	}
	table.other++
	var all, found float32
	for _, t := range b.terms {
		exact := t.exact()
		if word, bit := c.exact.bit(t.id()); !exact && *word&bit == 0 {
			continue
		}
		s := table.find(t.id())
		if s.stamp == table.stamp {
			s.other = table.other
		}
		if !exact {
			continue
		}
		all += textWeights[t.kind()]
		if s.stamp == table.stamp {
			found += textWeights[t.kind()]
			f.ofB++
		}
	}
	if f.inA = part(found, all); f.inA < leastFacts {
		return f
	}
	all, found = 0, 0
	for _, t := range c.exact.terms {
		all += textWeights[t.kind()]
		if table.find(t.id()).other == table.other {
			found += textWeights[t.kind()]
			f.ofA++
		}
	}
	f.inB = part(found, all)
	return f
}

// part is the share of names and numbers that were found: all of none.
func part(found, all float32) float32 {
	if all == 0 {
		return 1
	}
	return found / all
}
