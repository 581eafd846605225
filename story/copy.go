package story

import (
	"slices"
	"time"
)

// Why a member is in its story: the values of news.Member.Why.
const (
	SameText  = "same text" // word for word but for the frame
	Contained = "contained" // the shorter text stands in the longer one
	Edited    = "edited"    // words, order or length changed, most of it kept
	Rewritten = "rewritten" // every sentence reworded, same facts in the same order
	Editor    = "editor"    // joined by hand, in feeds.yaml
)

// How far apart in time two texts may be and still be looked upon as copies.
const (
	verbatimSpan  = 45 * 24 * time.Hour // a reprint may be weeks late
	editedSpan    = 14 * 24 * time.Hour
	rewrittenSpan = 40 * time.Hour
	// Bulletins from one template come once a day or more rarely, corrections
	// within hours.
	correctionSpan = 20 * time.Hour
)

const (
	leastTerms     = 12  // of a text that can be a copy at all
	leastSentences = 3   // aligned, for a text to be a rewriting
	partTerms      = 28  // pairs of adjacent terms that show another's paragraphs in a text
	leastPart      = 0.5 // of the shorter text that these paragraphs are: less is a quotation or a notice
	stubTerms      = 40  // the longest text that a paywall or an error page shows

	// What every copy has that is not reworded throughout, and what every
	// reworded one has.
	leastContainment = 0.36
	leastFacts       = 0.62
	leastBothFacts   = 1.45 // the shares of both texts together
	editedFacts      = 0.85 // share of an edited text's facts
	mostlyKept       = 0.5  // of the shorter text, word for word: of fewer facts as many are enough
	leastMet         = 6    // names and numbers that are met when both are read side by side
)

// judge decides whether two texts are copies, and by which rule. It is
// symmetric and looks at nothing but the two, which makes stories independent
// of the order of arrival.
func judge(l likeness, s, t *fingerprint, gap time.Duration, sameSource bool) (why string, ok bool) {
	short := min(len(s.terms), len(t.terms))
	if short < leastTerms || gap > verbatimSpan || !consistent(l, gap, sameSource) || sameSource && stub(s, t) {
		return "", false
	}
	switch {
	case verbatim(l, sameSource):
		if l.inverse >= 0.75 {
			return SameText, true
		}
		return Contained, true
	case !sameSource && l.conflicts == 0 && l.common >= partTerms && l.containment >= leastPart:
		return Contained, true
	case gap <= editedSpan && edited(l, short):
		return Edited, true
	case gap <= rewrittenSpan && reworded(l) && (rewritten(l) || parallel(l)) && balanced(s, t):
		return Rewritten, true
	}
	return "", false
}

// consistent reports whether two texts differ in no more facts than copies
// may. A template filled in anew agrees in its frame and differs in its facts;
// a copy may have one of them corrected or told in other figures, and names
// spoilt by a scanner.
func consistent(l likeness, gap time.Duration, sameSource bool) bool {
	switch {
	case l.conflicts == 0:
		return true
	case gap > correctionSpan, sameSource && l.containment < 0.85:
		return false
	case l.containment >= 0.75:
		return l.conflicts <= max(1, l.agreements/6)
	case l.figures == 0:
		return l.conflicts*3 <= l.agreements
	}
	return l.conflicts*4 <= l.agreements
}

// stub reports whether two texts of one source are what it shows in the place
// of articles: few words, under titles that have nothing in common.
func stub(s, t *fingerprint) bool {
	if min(len(s.terms), len(t.terms)) > stubTerms || len(s.title) == 0 || len(t.title) == 0 {
		return false
	}
	return !slices.ContainsFunc(s.title, func(a term) bool {
		return a.kind() != common && slices.ContainsFunc(t.title, func(b term) bool { return a.id() == b.id() })
	})
}

// verbatim reports whether the shorter text stands in the longer one word for
// word. A source that repeats itself must repeat the facts too; another's own
// introduction or biography may add to them.
func verbatim(l likeness, sameSource bool) bool {
	if l.containment < 0.75 || l.coverS < 0.75 {
		return false
	}
	return l.factsS >= 0.8 || !sameSource && l.conflicts == 0
}

// edited reports whether most of the shorter text stands in the longer one,
// though not word for word. A short one may share its few sentences with any
// report of the same event.
func edited(l likeness, short int) bool {
	if l.containment < leastContainment || l.coverS < 0.62 || l.spreadS < 0.8 || l.agreements < 3 || l.figures*8 > l.agreements {
		return false
	}
	if l.inverse < 0.25 || l.sentences < leastSentences {
		return short >= 60 && l.conflicts == 0 && l.factsS >= editedFacts
	}
	// A scanner spoils names, and more of them than an editor changes.
	return l.factsS >= editedFacts && l.conflicts*8 <= l.agreements || l.factsS >= 0.75 && l.containment >= mostlyKept && l.agreements >= 8
}

// reworded reports whether most sentences have a counterpart, or clearly more is
// in common than what stands in both texts word for word. Where neither is so they
// share a few paragraphs, and the rest is the one's or the other's own.
func reworded(l likeness) bool { return l.spreadS >= 0.8 || l.coverS >= 1.75*l.containment }

// rewritten reports whether both texts tell the same facts, sentence by
// sentence in the same order, and little else: two reports of one event by
// different authors differ in facts, order or both.
func rewritten(l likeness) bool {
	facts := l.factsS + l.factsL
	return l.sentences >= leastSentences &&
		min(l.coverS, l.coverL) >= 0.29 && l.coverS+l.coverL >= 0.66 &&
		min(l.spreadS, l.spreadL) >= 0.36 &&
		min(l.factsS, l.factsL) >= 0.7 && (facts >= 1.7 || facts >= 1.55 && l.agreements >= 12) &&
		(l.agreements >= 8 || l.agreements >= 6 && facts >= 1.85) &&
		(l.order >= 0.85 || l.order >= 0.65 && l.agreements >= 10)
}

// parallel reports whether two texts, read side by side, go through the same
// facts in the same order, sentence by sentence, however differently they put
// them: nearly all of each text's, or enough of them that chance is no reason.
// Hardly any may stand against another: two notes on two calls of one minister
// differ in little else.
func parallel(l likeness) bool {
	least, both := min(l.paceS, l.paceL), l.paceS+l.paceL
	return l.stations >= leastSentences && l.conflicts*5 <= l.met &&
		(l.met >= 8 && least >= leastFacts && both >= leastBothFacts || l.met >= leastMet && least >= 0.82 && both >= 1.75)
}

// balanced reports whether two texts are about equally long.
func balanced(s, t *fingerprint) bool {
	a, b := len(s.terms), len(t.terms)
	return min(a, b)*10 >= max(a, b)*6
}

// whole reports whether the longer text is mostly the shorter one, so that
// they stand for each other; otherwise the shorter is a part of the longer.
func whole(l likeness, why string) bool {
	return why == Rewritten || why == Edited || l.inverse >= 0.45
}
