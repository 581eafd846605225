package story

import (
	"cmp"
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

// kin weighs the evidence for two texts telling of one event.
func kin(a, b *brief, gap time.Duration) kinship {
	var k kinship
	if gap > eventSpan {
		return k
	}
	var sum float32
	eachShared(a.sketch, b.sketch, func(t term, weight float32) {
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

// eachShared calls do with the terms that two sketches share and what they
// weigh.
func eachShared(a, b sketch, do func(t term, weight float32)) {
	if len(a) == 0 || len(b) == 0 {
		return
	}
	i, j := 0, 0
	x, y := a.at(0), b.at(0)
	for {
		by := cmp.Compare(x.term.id(), y.term.id())
		if by == 0 {
			// What one text shows to be a name is one in the other too,
			// where it may only stand at the head of a sentence.
			t := x.term
			if y.term.weight() > t.weight() {
				t = y.term
			}
			do(t, min(x.part, y.part)*t.weight())
		}
		if by <= 0 {
			if i++; i == a.len() {
				return
			}
			x = a.at(i)
		}
		if by >= 0 {
			if j++; j == b.len() {
				return
			}
			y = b.at(j)
		}
	}
}

// heaviest are the heaviest terms of several.
type heaviest [6]term

// evidence returns the heaviest terms that two sketches share.
func evidence(a, b sketch) (out heaviest) {
	var weights [len(out)]float32
	eachShared(a, b, func(t term, weight float32) { // by id, so that of equals the first stays ahead
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
