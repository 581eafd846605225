// Package bench scores a grouping of articles into stories and threads
// against labels. It groups nothing itself.
package bench

import (
	"cmp"
	"slices"
)

// Item is one labelled article with what was decided about it. Articles with
// the same label, or the same decision, belong together; an empty one belongs
// with none.
type Item struct {
	ID     string
	Copy   string // label: copies of one text
	Thread string // label: texts on one event
	Story  string // decided: Story.ID
	Strand string // decided: Thread.ID
}

// Pairs counts the pairs of articles put together.
type Pairs struct {
	Right  int `json:"right"`  // together in both
	Wrong  int `json:"wrong"`  // together only as decided
	Missed int `json:"missed"` // together only as labelled
}

// Precision is the share of the decided pairs that are right; 1 without any.
func (p Pairs) Precision() float64 { return share(p.Right, p.Right+p.Wrong) }

// Recall is the share of the labelled pairs that were found; 1 without any.
func (p Pairs) Recall() float64 { return share(p.Right, p.Right+p.Missed) }

// F1 is the harmonic mean of precision and recall.
func (p Pairs) F1() float64 { return harmonic(p.Precision(), p.Recall()) }

// Score is how well articles were put together.
type Score struct {
	Copies  Pairs // stories against Copy
	Threads Pairs // threads against Thread
	// B³ of the threads (Bagga, Baldwin, 1998): mean over the articles of the
	// share of its decided companions that are right, and of its labelled
	// companions that were found. An article counts as its own companion.
	ThreadPrecision float64
	ThreadRecall    float64
	Mistakes        []Mistake // wrong merges first, then misses; of threads after those of copies
}

// ThreadF1 is the harmonic mean of the two B³ measures.
func (s Score) ThreadF1() float64 { return harmonic(s.ThreadPrecision, s.ThreadRecall) }

// Mistake is a pair of articles wrongly put together, or wrongly not.
type Mistake struct {
	A, B   string // Item.ID
	Thread bool   // of threads; else of copies
	Missed bool   // labelled together and kept apart; else the other way round
}

// Run scores items.
func Run(items []Item) Score {
	var s Score
	var threads []Mistake
	for i, a := range items {
		for _, b := range items[i+1:] {
			count(&s.Copies, &s.Mistakes, together(a.Copy, b.Copy), together(a.Story, b.Story), Mistake{A: a.ID, B: b.ID})
			count(&s.Threads, &threads, together(a.Thread, b.Thread), together(a.Strand, b.Strand), Mistake{A: a.ID, B: b.ID, Thread: true})
		}
	}
	s.Mistakes = append(s.Mistakes, threads...)
	slices.SortStableFunc(s.Mistakes, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(order(a.Thread), order(b.Thread)), cmp.Compare(order(a.Missed), order(b.Missed)))
	})
	s.ThreadPrecision, s.ThreadRecall = bCubed(items)
	return s
}

func together(a, b string) bool { return a != "" && a == b }

func count(p *Pairs, mistakes *[]Mistake, labelled, decided bool, m Mistake) {
	switch {
	case labelled && decided:
		p.Right++
	case decided:
		p.Wrong++
		*mistakes = append(*mistakes, m)
	case labelled:
		p.Missed++
		m.Missed = true
		*mistakes = append(*mistakes, m)
	}
}

// bCubed is the mean precision and recall of the items' threads.
func bCubed(items []Item) (precision, recall float64) {
	if len(items) == 0 {
		return 1, 1
	}
	type cell struct{ label, decision string }
	labels, decisions, cells := make(map[string]int), make(map[string]int), make(map[cell]int)
	key := func(it Item) cell {
		// Articles without label or decision stand alone: no ID begins with
		// a NUL, so that none is mistaken for a group.
		c := cell{it.Thread, it.Strand}
		if c.label == "" {
			c.label = "\x00" + it.ID
		}
		if c.decision == "" {
			c.decision = "\x00" + it.ID
		}
		return c
	}
	for _, it := range items {
		c := key(it)
		labels[c.label]++
		decisions[c.decision]++
		cells[c]++
	}
	for _, it := range items {
		c := key(it)
		precision += float64(cells[c]) / float64(decisions[c.decision])
		recall += float64(cells[c]) / float64(labels[c.label])
	}
	n := float64(len(items))
	return precision / n, recall / n
}

func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

func harmonic(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

func order(b bool) int {
	if b {
		return 1
	}
	return 0
}
