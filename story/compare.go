package story

import (
	"math/bits"
	"slices"
)

// likeness is what two texts have in common. Shares are weighted by the terms'
// weights, 0..1. S is the shorter text and L the longer.
type likeness struct {
	resemblance float64 // Jaccard of the pairs of adjacent terms
	containment float64 // share of S's pairs of adjacent terms found in L
	inverse     float64 // share of L's found in S

	coverS, coverL float64 // share of each text found in the aligned sentences of the other
	spreadS        float64 // share of S's sentences that have a counterpart
	spreadL        float64
	order          float64 // how much the counterparts stand in S's order: 1 the same, 0 reversed
	factsS         float64 // share of S's names and numbers that stand anywhere in L
	factsL         float64
	conflicts      int     // names and numbers that differ where sentences otherwise agree
	figures        int     // the numbers and dates among them
	common         int     // pairs of adjacent terms that both have
	agreements     int     // those that agree there
	sentences      int     // of S that have a counterpart
	echo           float32 // weight of the heaviest sentence of either most of which one sentence of the other has

	// Names and numbers met when both texts are read side by side, for texts
	// that are about equally long.
	paceS, paceL float64 // share of each text's
	met          int     // how many
	stations     int     // sentences in which they are met
}

// scratch is the memory of one comparison, used again by the next. What is
// found out about a text that is compared with many is kept.
type scratch struct {
	tables [2]termTable // of the two texts compared last
	score  []float32
	order  []int
	pairs  []pairSlot
	pstamp uint32
	paired uint64 // the fingerprint whose pairs of adjacent terms stand in pairs
	serial uint64 // of fingerprints so far
	others uint32 // texts compared with these
	facts  []station
	pace   []station
}

// station is how far the reading of two texts side by side has come.
type station struct {
	weight    float32 // of the names and numbers met
	facts     int
	sentences int
}

// termTable is a hash table of the terms of one text.
type termTable struct {
	of    uint64 // serial of its fingerprint
	slots []slot
	chain []place // occurrences, by sentence
	stamp uint32  // tells the slots of this text from those of older ones
	other uint32  // texts compared with this one
}

// slot holds a term's first and last occurrence, and the last of the texts
// compared with this one that has it too.
type slot struct {
	id    term
	stamp uint32
	head  int32
	tail  int32
	other uint32
}

// place is an occurrence of a term.
type place struct {
	sentence uint16
	next     int32 // in chain; -1 at the end
}

// pairSlot holds a pair of adjacent terms of one text, and the last of the
// others that has it too.
type pairSlot struct {
	key   uint64
	stamp uint32
	other uint32
}

// newSerial is the serial of a new fingerprint.
func (c *scratch) newSerial() uint64 {
	c.serial++
	return c.serial
}

// compare aligns two texts, both ways. Which comes first is no matter.
func (c *scratch) compare(a, b *fingerprint) likeness {
	l := c.shared(a, b)
	c.alignShorter(&l, a, b)
	c.alignLonger(&l, a, b)
	return l
}

// shared is the likeness of two texts as far as it lies in their pairs of
// adjacent terms. It is made for one a and many b.
func (c *scratch) shared(a, b *fingerprint) likeness {
	var l likeness
	l.containment, l.inverse, l.resemblance, l.common = c.adjacent(a, b)
	if s, _ := byLength(a, b); s != a {
		l.containment, l.inverse = l.inverse, l.containment
	}
	return l
}

// byLength returns the shorter of two texts and the other.
func byLength(a, b *fingerprint) (s, l *fingerprint) {
	if len(b.terms) < len(a.terms) || len(b.terms) == len(a.terms) && b.text < a.text {
		return b, a
	}
	return a, b
}

// alignShorter looks for the sentences of the shorter text in the longer one.
func (c *scratch) alignShorter(l *likeness, a, b *fingerprint) {
	s := c.align(byLength(a, b))
	l.coverS, l.spreadS, l.factsS, l.order = s.cover, s.spread, s.facts, s.order
	l.sentences, l.conflicts, l.figures, l.agreements = s.sentences, s.conflicts, s.figures, s.agreements
	l.echo = max(l.echo, s.echo)
}

// alignLonger looks for those of the longer one in the shorter, and reads both
// side by side if they are about equally long.
func (c *scratch) alignLonger(l *likeness, a, b *fingerprint) {
	a, b = byLength(a, b)
	r := c.align(b, a)
	l.coverL, l.spreadL, l.factsL = r.cover, r.spread, r.facts
	l.echo = max(l.echo, r.echo)
	// The names and numbers met side by side are among those found anywhere.
	if balanced(a, b) && min(l.factsS, l.factsL) >= leastFacts {
		pr, share := c.sideBySide(b, a)
		ps, shareS := c.sideBySide(a, b)
		l.paceS, l.paceL = shareS, share
		l.met, l.stations = min(ps.facts, pr.facts), min(ps.sentences, pr.sentences)
	}
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
	table := c.table(b)
	var total float32
	start := 0
	for _, end := range a.ends {
		clear(facts)
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
			for i := s.head; i >= 0; i = table.chain[i].next {
				f := &facts[table.chain[i].sentence+1]
				f.weight += w
				f.facts++
				f.sentences = 1
			}
		}
		start = int(end)
		for j := 1; j <= n; j++ {
			p, f := &pace[j], facts[j]
			p.weight += f.weight
			p.facts += f.facts
			p.sentences += f.sentences
			if pace[j-1].weight >= p.weight {
				*p = pace[j-1]
			}
		}
	}
	if total == 0 {
		return station{}, 0
	}
	return pace[n], float64(pace[n].weight / total)
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

// aligned is how one text is found in another.
type aligned struct {
	cover, spread, facts, order               float64
	sentences, conflicts, figures, agreements int
	echo                                      float32
}

const (
	// counterpart is the least share of a sentence that its counterpart has.
	counterpart = 0.33
	// echoed is the share of it that makes the other an echo.
	echoed = 0.6
)

// align looks for each sentence of a its counterpart in b.
func (c *scratch) align(a, b *fingerprint) aligned {
	table := c.table(b)
	var out aligned
	var total, covered, counted, found, facts, factsFound float32
	order := c.order[:0]
	start := 0
	for _, end := range a.ends {
		sentence := a.terms[start:end]
		start = int(end)
		best, weight, matched := c.best(sentence, table, len(b.ends))
		total += weight
		covered += matched
		for _, t := range sentence {
			if !t.exact() {
				continue
			}
			facts += textWeights[t.kind()]
			if table.has(t.id()) {
				factsFound += textWeights[t.kind()]
			}
		}
		if weight < 1.5 {
			continue
		}
		counted += weight
		if matched < counterpart*weight {
			continue
		}
		found += weight
		out.sentences++
		order = append(order, best)
		from := 0
		if best > 0 {
			from = int(b.ends[best-1])
		}
		agree, differ, figures := disagreements(sentence, b.terms[from:b.ends[best]])
		out.agreements += agree
		out.conflicts += differ
		out.figures += figures
		if matched >= echoed*weight && agree > 0 && differ == 0 {
			out.echo = max(out.echo, matched)
		}
	}
	if total > 0 {
		out.cover = float64(covered / total)
	}
	if counted > 0 {
		out.spread = float64(found / counted)
	}
	out.facts = 1
	if facts > 0 {
		out.facts = float64(factsFound / facts)
	}
	out.order = concordance(order)
	c.order = order
	return out
}

// sameFacts reports whether two texts have so many names and numbers in common
// that one may be a rewriting of the other. It is made for one a and many b.
func (c *scratch) sameFacts(a, b *fingerprint) bool {
	table := c.table(a)
	table.other++
	var all, found float32
	for _, t := range b.terms {
		s := table.find(t.id())
		if s.stamp == table.stamp {
			s.other = table.other
		}
		if !t.exact() {
			continue
		}
		all += textWeights[t.kind()]
		if s.stamp == table.stamp {
			found += textWeights[t.kind()]
		}
	}
	inA := part(found, all)
	if inA < leastFacts {
		return false
	}
	all, found = 0, 0
	for _, t := range a.terms {
		if !t.exact() {
			continue
		}
		all += textWeights[t.kind()]
		if table.find(t.id()).other == table.other {
			found += textWeights[t.kind()]
		}
	}
	inB := part(found, all)
	return inB >= leastFacts && inA+inB >= leastBothFacts
}

// part is the share of names and numbers that were found: all of none.
func part(found, all float32) float32 {
	if all == 0 {
		return 1
	}
	return found / all
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

// enter fills the table.
func (t *termTable) enter(f *fingerprint) {
	if size := tableSize(len(f.terms)); len(t.slots) < size {
		t.slots, t.stamp = make([]slot, size), 0
	}
	t.of = f.serial
	t.stamp++
	t.other = 0
	t.chain = t.chain[:0]
	start := 0
	for sentence, end := range f.ends {
		for _, id := range f.terms[start:end] {
			id := id.id()
			at := int32(len(t.chain))
			s := t.find(id)
			if s.stamp != t.stamp {
				*s = slot{id: id, stamp: t.stamp, head: at, tail: at}
			} else {
				if t.chain[s.tail].sentence == uint16(sentence) {
					continue
				}
				t.chain[s.tail].next = at
				s.tail = at
			}
			t.chain = append(t.chain, place{uint16(sentence), -1})
		}
		start = int(end)
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

func (t *termTable) has(id term) bool { return t.find(id).stamp == t.stamp }

// best returns the sentence of the text in the table, of n, that covers most
// of a sentence's weight.
func (c *scratch) best(sentence []term, table *termTable, n int) (best int, weight, matched float32) {
	if cap(c.score) < n {
		c.score = make([]float32, n)
	}
	score := c.score[:n]
	clear(score)
	for _, t := range sentence {
		w := textWeights[t.kind()]
		weight += w
		s := table.find(t.id())
		if s.stamp != table.stamp {
			continue
		}
		for i := s.head; i >= 0; i = table.chain[i].next {
			score[table.chain[i].sentence] += w
		}
	}
	for s := range n {
		if score[s] > score[best] {
			best = s
		}
	}
	if n > 0 {
		matched = score[best]
	}
	return best, weight, matched
}

// factGroups are the kinds of facts that can stand against each other: names,
// numbers, dates.
var factGroups = [...]kinds{1<<name | 1<<given | 1<<country | 1<<frequent, 1<<number | 1<<small | 1<<digit | 1<<year, 1 << date}

// kinds is a set of kinds: a bit for each.
type kinds uint16

func (s kinds) has(k kind) bool { return s>>k&1 != 0 }

// disagreements counts the names and numbers that two sentences share, those
// of either that stand against one of the same kind in the other, and the
// numbers and dates among these.
func disagreements(a, b []term) (agree, differ, figures int) {
	for i, group := range factGroups {
		onlyA, both := missing(a, b, group)
		onlyB, _ := missing(b, a, group)
		agree += both
		differ += min(onlyA, onlyB)
		if i > 0 {
			figures += min(onlyA, onlyB)
		}
	}
	return agree, differ, figures
}

// missing counts the terms of the given kinds of a that b lacks and has.
func missing(a, b []term, group kinds) (lacks, has int) {
	for i, t := range a {
		if !group.has(t.kind()) || slices.ContainsFunc(a[:i], func(u term) bool { return u.id() == t.id() }) {
			continue
		}
		if slices.ContainsFunc(b, func(u term) bool { return u.id() == t.id() }) {
			has++
		} else {
			lacks++
		}
	}
	return lacks, has
}

// concordance is the share of pairs of positions that stand in rising order.
func concordance(p []int) float64 {
	if len(p) < 2 {
		return 1
	}
	rising, n := 0, 0
	for i := range p {
		for j := i + 1; j < len(p) && j < i+30; j++ {
			n++
			if p[i] <= p[j] {
				rising++
			}
		}
	}
	return float64(rising) / float64(n)
}
