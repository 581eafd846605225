package story

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// eventSpan is how far apart in time two texts on one event may be.
const eventSpan = 96 * time.Hour

// shared is a term that two texts have, with what it weighs.
type shared struct {
	term   term
	weight float32
}

// evidence says how much speaks for two texts telling of one event, and which
// terms do, heaviest first.
func evidence(a, b *fingerprint, gap time.Duration) (score float64, terms []shared) {
	if gap > eventSpan {
		return 0, nil
	}
	var sum float64
	for i, j := 0, 0; i < len(a.sketch) && j < len(b.sketch); {
		x, y := a.sketch[i], b.sketch[j]
		switch {
		case x.term.id() < y.term.id():
			i++
		case x.term.id() > y.term.id():
			j++
		default:
			w := min(x.weight, y.weight)
			sum += float64(w)
			terms = append(terms, shared{x.term, w})
			i++
			j++
		}
	}
	slices.SortFunc(terms, func(p, q shared) int {
		return cmp.Or(cmp.Compare(q.weight, p.weight), cmp.Compare(p.term.id(), q.term.id()))
	})
	score = sum * decay(gap)
	if a.series != 0 && a.series == b.series && gap <= 12*time.Hour {
		score += 10
	}
	return score, terms
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
