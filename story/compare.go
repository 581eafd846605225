package story

import (
	"slices"
	"time"
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
	tables   [2]termTable // of the two texts compared last
	score    []float32
	order    []int
	pairs    []pairSlot
	pstamp   uint32
	paired   uint64 // the fingerprint whose pairs of adjacent terms stand in pairs
	serial   uint64 // of fingerprints so far
	others   uint32 // texts compared with these
	glance   glance // at pairs
	exact    exactTerms
	sketched sketched // of the text compared with others
	facts    []station
	pace     []station
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

// likeness is what two texts have in common as far as it takes to tell whether
// they are copies, and with what speaks for one event otherwise, whether they
// tell of it. Aligning costs most, and mostly what the texts share tells already
// that it would find nothing. It is made for one a and many b.
func (c *scratch) likeness(a, b *fingerprint, k kinship, gap time.Duration, sameSource bool) likeness {
	mayBeEvent := k.score >= leastEvidence
	openEvent := mayBeEvent && gap <= someEventSpan && !sameEvent(k, likeness{}, a, b, gap)
	mayBeRewriting := gap <= rewrittenSpan && balanced(a, b) && mayShareFacts(a, b)
	if !openEvent && (!mayBeEvent || !mayBeRewriting) && differInWords(a, b) {
		return likeness{} // no copies, and the event is told by k alone
	}
	l := c.shared(a, b)
	reworded := l.containment < leastContainment
	// A rewriting shares what finds events.
	rewriting := (mayBeEvent || !reworded) && mayBeRewriting && c.mayBeRewriting(&l, a, b)
	mayBeEdited := !reworded && (l.containment >= mostlyKept || c.shareOfFacts(byLength(a, b)) >= editedFacts)
	if openEvent || rewriting || mayBeEdited || mayBeEvent && l.containment >= leastForm {
		c.alignShorter(&l, a, b)
	}
	if openEvent || rewriting && consistent(l, gap, sameSource) && (mayBeReworded(l) || c.mayBeParallel(l, a, b)) {
		c.alignLonger(&l, a, b)
	}
	return l
}

// mayBeRewriting reports whether one of two balanced texts may be the other
// reworded, as far as their names and numbers tell.
func (c *scratch) mayBeRewriting(l *likeness, a, b *fingerprint) bool {
	facts := c.sameFacts(a, b)
	if !facts.enough() {
		return false
	}
	l.factsS, l.factsL = float64(facts.inB), float64(facts.inA)
	most := facts.ofA
	if s, _ := byLength(a, b); s != a {
		l.factsS, l.factsL, most = l.factsL, l.factsS, facts.ofB
	}
	best := *l
	best.coverS, best.spreadS, best.order, best.sentences, best.agreements = 1, 1, 1, leastSentences, most
	return mayBeReworded(best) || min(facts.ofA, facts.ofB) >= leastMet && c.mayBeParallel(best, a, b)
}

// shareOfFacts is the share of s's names and numbers that stand anywhere in l.
func (c *scratch) shareOfFacts(s, l *fingerprint) float64 {
	table := c.table(l)
	var all, found float32
	for _, t := range s.terms {
		if !t.exact() {
			continue
		}
		all += textWeights[t.kind()]
		if table.find(t.id()).stamp == table.stamp {
			found += textWeights[t.kind()]
		}
	}
	return float64(part(found, all))
}

// mayBeReworded reports whether aligning the longer of two balanced texts with
// the shorter may show that one is the other reworded sentence by sentence; l is
// what is known without that.
func mayBeReworded(l likeness) bool {
	l.coverL, l.spreadL = 1, 1 // at best
	return rewritten(l)
}

// mayBeParallel reports whether it may show that both go through the same facts.
func (c *scratch) mayBeParallel(l likeness, a, b *fingerprint) bool {
	l.conflicts = 0
	c.readSideBySide(&l, a, b)
	return parallel(l)
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
		c.readSideBySide(l, a, b)
	}
}

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
	c.score = slices.Grow(c.score[:0], len(b.ends))
	score := c.score[:len(b.ends)] // by sentence of b, how much of one of a stands there
	start := 0
	for _, end := range a.ends {
		sentence := a.terms[start:end]
		start = int(end)
		clear(score)
		var weight float32
		for _, t := range sentence {
			w := textWeights[t.kind()]
			weight += w
			s := table.find(t.id())
			found := s.stamp == table.stamp
			if t.exact() {
				facts += w
				if found {
					factsFound += w
				}
			}
			if !found {
				continue
			}
			for i := int(s.head); i >= 0; i = int(table.chain[i].next) {
				score[table.chain[i].sentence] += w
			}
		}
		best, matched := heaviestOf(score)
		total += weight
		covered += matched
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

// heaviestOf returns the place of the greatest of several weights, and the weight.
func heaviestOf(weights []float32) (best int, weight float32) {
	for i, w := range weights {
		if w > weight {
			best, weight = i, w
		}
	}
	return best, weight
}

// factGroups are the kinds of facts that can stand against each other: names,
// numbers, dates.
var factGroups = [...]kinds{1<<name | 1<<given | 1<<country | 1<<frequent, 1<<number | 1<<small | 1<<digit | 1<<year, 1 << date}

// kinds is a set of kinds: a bit for each.
type kinds uint16

func (s kinds) has(k kind) bool { return s>>k&1 != 0 }

// kindsOf are the kinds of terms in a sentence.
func kindsOf(sentence []term) (s kinds) {
	for _, t := range sentence {
		s |= 1 << t.kind()
	}
	return s
}

// disagreements counts the names and numbers that two sentences share, those
// of either that stand against one of the same kind in the other, and the
// numbers and dates among these.
func disagreements(a, b []term) (agree, differ, figures int) {
	inA, inB := kindsOf(a), kindsOf(b)
	for i, group := range factGroups {
		if inA&group == 0 {
			continue
		}
		onlyA, both := missing(a, b, group)
		agree += both
		if onlyA == 0 || inB&group == 0 {
			continue
		}
		onlyB, _ := missing(b, a, group)
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
