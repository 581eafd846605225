package story

// station is how far the reading of two texts side by side has come.
type station struct {
	weight    float32 // of the names and numbers met
	facts     int32
	sentences int32
}

// readSideBySide reads two texts side by side, both ways, unless the first
// reading meets too little. That is the one for which a table is at hand.
func (c *scratch) readSideBySide(l *likeness, a, b *fingerprint) {
	a, b = byLength(a, b)
	var r, s station
	if c.hasTable(b) {
		if s, l.paceS = c.sideBySide(a, b); l.paceS < leastFacts {
			return
		}
		r, l.paceL = c.sideBySide(b, a)
	} else {
		if r, l.paceL = c.sideBySide(b, a); l.paceL < leastFacts {
			return
		}
		s, l.paceS = c.sideBySide(a, b)
	}
	l.met, l.stations = int(min(s.facts, r.facts)), int(min(s.sentences, r.sentences))
}

// sideBySide reads a and b from front to end at once, and returns what is met
// in sentences that stand against each other, and its share of all names and
// numbers of a. No sentence of b is passed twice, though
// several of a may stand against one: of all such readings it takes the one
// that meets most. Two authors seldom tell the same facts in the same order.
func (c *scratch) sideBySide(a, b *fingerprint) (met station, share float64) {
	n := len(b.ends)
	if cap(c.pace) < n+1 {
		c.pace, c.facts = make([]station, n+1), make([]station, n+1)
	}
	pace, facts := c.pace[:n+1], c.facts[:n+1]
	clear(pace)
	clear(facts)
	table := c.table(b)
	var total float32
	start := 0
	for _, end := range a.ends {
		first, last := n+1, 0 // of the sentences of b that are met
		for _, t := range a.terms[start:end] {
			if !t.exact() {
				continue
			}
			w := textWeights[t.kind()]
			total += w
			s := table.find(t.id())
			if s.stamp != table.stamp {
				continue
			}
			for i := int(s.head); i >= 0; i = int(table.chain[i].next) {
				j := int(table.chain[i].sentence) + 1
				first, last = min(first, j), max(last, j)
				f := &facts[j]
				f.weight += w
				f.facts++
				f.sentences = 1
			}
		}
		start = int(end)
		// What stands before and after these does not change, but that a
		// reading which meets more is taken further.
		for j := first; j <= n; j++ {
			p, f := &pace[j], facts[j]
			p.weight += f.weight
			p.facts += f.facts
			p.sentences += f.sentences
			if pace[j-1].weight >= p.weight {
				*p = pace[j-1]
			} else if j > last {
				break
			}
		}
		if first <= last {
			clear(facts[first : last+1])
		}
	}
	if total == 0 {
		return station{}, 0
	}
	return pace[n], float64(pace[n].weight / total)
}
