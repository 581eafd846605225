package story

import (
	"cmp"
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
	agreements     int     // those that agree there
	sentences      int     // of S that have a counterpart
	echo           float32 // weight of the heaviest sentence of either most of which one sentence of the other has
}

// scratch is the memory of one comparison, used again by the next.
type scratch struct {
	where  []place
	score  []float32
	pairs  [2][]uint64
	counts []int
}

// place is a term's sentence.
type place struct {
	id       term
	sentence uint16
}

// compare aligns two texts. a need not be the shorter.
func (c *scratch) compare(a, b *fingerprint) likeness {
	if len(b.terms) < len(a.terms) || len(b.terms) == len(a.terms) && b.text < a.text {
		a, b = b, a
	}
	var l likeness
	l.containment, l.inverse, l.resemblance = c.adjacent(a, b)
	s := c.align(a, b)
	l.coverS, l.spreadS, l.factsS, l.order = s.cover, s.spread, s.facts, s.order
	l.sentences, l.conflicts, l.agreements = s.sentences, s.conflicts, s.agreements
	r := c.align(b, a)
	l.coverL, l.spreadL, l.factsL = r.cover, r.spread, r.facts
	l.echo = max(s.echo, r.echo)
	return l
}

// adjacent compares the sets of adjacent terms.
func (c *scratch) adjacent(a, b *fingerprint) (inA, inB, jaccard float64) {
	for i, f := range []*fingerprint{a, b} {
		p := c.pairs[i][:0]
		for j := 1; j < len(f.terms); j++ {
			p = append(p, uint64(f.terms[j-1].id())<<32|uint64(f.terms[j].id()))
		}
		slices.Sort(p)
		c.pairs[i] = slices.Compact(p)
	}
	pa, pb := c.pairs[0], c.pairs[1]
	if len(pa) == 0 || len(pb) == 0 {
		return 0, 0, 0
	}
	n := 0
	for i, j := 0, 0; i < len(pa) && j < len(pb); {
		switch {
		case pa[i] < pb[j]:
			i++
		case pa[i] > pb[j]:
			j++
		default:
			n++
			i++
			j++
		}
	}
	f := float64(n)
	return f / float64(len(pa)), f / float64(len(pb)), f / float64(len(pa)+len(pb)-n)
}

// aligned is how one text is found in another.
type aligned struct {
	cover, spread, facts, order      float64
	sentences, conflicts, agreements int
	echo                             float32
}

const (
	// counterpart is the least share of a sentence that its counterpart has.
	counterpart = 0.33
	// echoed is the share of it that makes the other an echo.
	echoed = 0.6
)

// align looks for each sentence of a its counterpart in b.
func (c *scratch) align(a, b *fingerprint) aligned {
	c.where = c.where[:0]
	start := 0
	for i, end := range b.ends {
		for _, t := range b.terms[start:end] {
			c.where = append(c.where, place{t.id(), uint16(i)})
		}
		start = int(end)
	}
	slices.SortFunc(c.where, func(x, y place) int {
		return cmp.Or(cmp.Compare(x.id, y.id), cmp.Compare(x.sentence, y.sentence))
	})
	var out aligned
	var total, covered, counted, found, facts, factsFound float32
	var order []int
	start = 0
	for _, end := range a.ends {
		sentence := a.terms[start:end]
		start = int(end)
		best, weight, matched := c.best(sentence, len(b.ends))
		total += weight
		covered += matched
		for _, t := range sentence {
			if !t.exact() {
				continue
			}
			facts += textWeights[t.kind()]
			if c.has(t.id()) {
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
		agree, differ := disagreements(sentence, b.terms[from:b.ends[best]])
		out.agreements += agree
		out.conflicts += differ
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
	return out
}

// best returns the sentence of b that covers most of a sentence's weight, with
// the sentence next to it that adds most, since editors split and join.
func (c *scratch) best(sentence []term, n int) (best int, weight, matched float32) {
	if cap(c.score) < n+2 {
		c.score = make([]float32, n+2)
	}
	score := c.score[:n+2]
	clear(score)
	for _, t := range sentence {
		w := textWeights[t.kind()]
		weight += w
		i, ok := slices.BinarySearchFunc(c.where, t.id(), func(p place, id term) int { return cmp.Compare(p.id, id) })
		if !ok {
			continue
		}
		last := -1
		for ; i < len(c.where) && c.where[i].id == t.id(); i++ {
			if s := int(c.where[i].sentence); s != last {
				score[s] += w
				last = s
			}
		}
	}
	for s := range n {
		if score[s] > score[best] {
			best = s
		}
	}
	return best, weight, score[best]
}

func (c *scratch) has(id term) bool {
	_, ok := slices.BinarySearchFunc(c.where, id, func(p place, id term) int { return cmp.Compare(p.id, id) })
	return ok
}

// factGroups are the kinds of facts that can stand against each other.
var factGroups = [][]kind{{name, given, country, frequent}, {number, small, digit, year}, {date}}

// disagreements counts the names and numbers that two sentences share, and
// those of either that stand against one of the same kind in the other.
func disagreements(a, b []term) (agree, differ int) {
	for _, group := range factGroups {
		onlyA, both := missing(a, b, group)
		onlyB, _ := missing(b, a, group)
		agree += both
		differ += min(onlyA, onlyB)
	}
	return agree, differ
}

// missing counts the terms of the given kinds of a that b lacks and has.
func missing(a, b []term, kinds []kind) (lacks, has int) {
	for i, t := range a {
		if !slices.Contains(kinds, t.kind()) || slices.ContainsFunc(a[:i], func(u term) bool { return u.id() == t.id() }) {
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
