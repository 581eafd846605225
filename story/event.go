package story

import (
	"math"
	"time"
)

// eventSpan is how far apart in time two texts on one event may be.
const eventSpan = 96 * time.Hour

// What makes two texts tell of one event: much evidence in itself, or less of
// it that is a good share of what the lesser text tells and rests on names and
// numbers.
const (
	muchEvidence = 7.0
	muchShare    = 0.1
	muchStrength = 1.4

	someEvidence  = 4
	someShare     = 0.13 // with some strength
	lesserShare   = 0.07 // with good strength
	someStrength  = 1.6
	goodStrength  = 3
	someTerms     = 12 // of either text
	someEventSpan = 42 * time.Hour
)

// Little evidence will do where a sentence of one text echoes one of the
// other: a comment or a follow-up recalls the event in a line.
const (
	leastEvidence = 3.3
	leastStrength = 1.0
	leastEcho     = 2.8
)

// kinship is what speaks for two texts telling of one event.
type kinship struct {
	score    float64 // weight of the terms that both have, less with time
	share    float64 // of the lesser text's weight
	facts    int     // names and numbers among the terms
	strength float32 // of the terms as evidence of their own
}

// kin weighs the evidence for two texts telling of one event; a has the sketch
// of one.
func (a *sketched) kin(b *brief, gap time.Duration) kinship {
	var k kinship
	if gap > eventSpan {
		return k
	}
	var sum float32
	a.eachShared(b.sketch, func(t term, weight float32) {
		sum += weight
		k.strength += strengths[t.kind()]
		if t.kind() == name || t.kind() == number {
			k.facts++
		}
	})
	k.score = float64(sum) * decay(gap)
	if least := min(a.total, b.total); least > 0 {
		k.share = float64(sum / least)
	}
	if a.series != 0 && a.series == b.series && gap <= 12*time.Hour {
		k.score += muchEvidence
		k.share, k.strength = 1, muchStrength
	}
	return k
}

// sketched is a text's sketch as a hash table, for comparing it with many.
type sketched struct {
	total  float32
	series uint64
	slots  [256]uint8 // places in heavy, from 1; 0 when free
	heavy  [sketchLen]heavy
}

func (a *sketched) enter(b *brief) {
	a.total, a.series = b.total, b.series
	clear(a.slots[:])
	for i := range b.sketch.len() {
		a.heavy[i] = b.sketch.at(i)
		at := sketchHash(a.heavy[i].term.id())
		for a.slots[at] != 0 {
			at++
		}
		a.slots[at] = uint8(i + 1)
	}
}

func sketchHash(id term) uint8 { return uint8(uint32(id) * 0x9e3779b1 >> 24) }

// eachShared calls do with the terms that two sketches share, in the order of
// their ids, and what they weigh.
func (a *sketched) eachShared(b sketch, do func(t term, weight float32)) {
	for ; len(b) >= heavyBytes; b = b[heavyBytes:] {
		id := b.id(0)
		for at := sketchHash(id); a.slots[at] != 0; at++ {
			x := a.heavy[a.slots[at]-1]
			if x.term.id() != id {
				continue
			}
			// What one text shows to be a name is one in the other too,
			// where it may only stand at the head of a sentence.
			y := b.at(0)
			t := x.term
			if y.term.weight() > t.weight() {
				t = y.term
			}
			do(t, min(x.part, y.part)*t.weight())
			break
		}
	}
}

// heaviest are the heaviest terms of several.
type heaviest [6]term

// evidence returns the heaviest terms that the sketches of two texts share.
func evidence(a, b *brief) heaviest {
	var s sketched
	s.enter(a)
	return s.evidence(b.sketch)
}

func (a *sketched) evidence(b sketch) (out heaviest) {
	var weights [len(out)]float32
	a.eachShared(b, func(t term, weight float32) { // by id, so that of equals the first stays ahead
		at := len(out)
		for at > 0 && weight > weights[at-1] {
			at--
		}
		if at == len(out) {
			return
		}
		copy(out[at+1:], out[at:])
		copy(weights[at+1:], weights[at:])
		out[at], weights[at] = t, weight
	})
	return out
}

// sameEvent reports whether the evidence suffices.
func sameEvent(k kinship, l likeness, a, b *fingerprint, gap time.Duration) bool {
	if gap <= someEventSpan && l.echo >= leastEcho {
		return true
	}
	if k.score >= muchEvidence && k.share >= muchShare && k.strength >= muchStrength {
		return true
	}
	return k.score >= someEvidence && k.facts > 0 && gap <= someEventSpan && min(len(a.terms), len(b.terms)) >= someTerms &&
		(k.strength >= someStrength && k.share >= someShare || k.strength >= goodStrength && k.share >= lesserShare)
}

// leastForm is the least containment of two texts that are one form.
const leastForm = 0.12

// template reports whether two texts that are no copies are one form filled in
// twice: they share the frame and differ in the facts, or come from one source
// that repeats itself. What they share then says nothing about an event.
func template(l likeness, sameSource bool) bool {
	if l.conflicts > 0 && (l.containment >= 0.45 || l.containment >= 0.2 && 4*l.conflicts >= l.agreements || l.conflicts >= 5 && l.containment >= leastForm) {
		return true
	}
	return sameSource && (l.containment >= 0.4 || l.containment >= leastForm && l.conflicts >= 2)
}

// decay is what is left of evidence after a time: all of it for a day and a
// half, then less and less.
func decay(gap time.Duration) float64 {
	free := 36 * time.Hour
	if gap <= free {
		return 1
	}
	return math.Exp2(-float64(gap-free) / float64(30*time.Hour))
}
