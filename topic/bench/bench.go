// Package bench scores verdicts on one topic against labels, and compares the
// verdicts of two sets of rules. It judges nothing itself.
package bench

import (
	"cmp"
	"slices"

	"vedetta/news"
)

// The labels. Borderline articles, on which two careful readers could
// disagree, are not scored.
const (
	On         = "on"
	Off        = "off"
	Borderline = "borderline"
)

// Item is one labelled article with its verdict.
type Item struct {
	ID      string
	Title   string
	Kind    string   // family of cases that it stands for
	Label   string   // On, Off or Borderline
	Facets  []string // labelled; empty where the label is not On
	Verdict news.Verdict
}

// Counts are the outcomes for one question that is answered yes or no.
type Counts struct {
	Right   int `json:"right"`   // yes in both
	Wrong   int `json:"wrong"`   // yes only as decided
	Missed  int `json:"missed"`  // yes only as labelled
	Neither int `json:"neither"` // no in both
}

// Precision is the share of the decided that are right; 1 without any.
func (c Counts) Precision() float64 { return share(c.Right, c.Right+c.Wrong) }

// Recall is the share of the labelled that were found; 1 without any.
func (c Counts) Recall() float64 { return share(c.Right, c.Right+c.Missed) }

// F1 is the harmonic mean of precision and recall.
func (c Counts) F1() float64 { return share(2*c.Right, 2*c.Right+c.Wrong+c.Missed) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

func (c *Counts) add(decided, labelled bool) {
	switch {
	case decided && labelled:
		c.Right++
	case decided:
		c.Wrong++
	case labelled:
		c.Missed++
	default:
		c.Neither++
	}
}

// Score is how well articles were judged.
type Score struct {
	All        Counts
	Facets     map[string]Counts // by facet, over the articles that are rightly on
	Kinds      map[string]Counts // by kind
	Mistakes   []Item            // wrongly on first, highest score first; then missed, lowest first
	Borderline []Item            // not scored, as they were judged
}

// Run scores items.
func Run(items []Item) Score {
	s := Score{Facets: make(map[string]Counts), Kinds: make(map[string]Counts)}
	facets := facetsOf(items)
	for _, it := range items {
		if it.Label != On && it.Label != Off {
			s.Borderline = append(s.Borderline, it)
			continue
		}
		labelled := it.Label == On
		s.All.add(it.Verdict.On, labelled)
		k := s.Kinds[it.Kind]
		k.add(it.Verdict.On, labelled)
		s.Kinds[it.Kind] = k
		if it.Verdict.On != labelled {
			s.Mistakes = append(s.Mistakes, it)
			continue
		}
		for _, f := range facets {
			c := s.Facets[f]
			c.add(slices.Contains(it.Verdict.Facets, f), slices.Contains(it.Facets, f))
			s.Facets[f] = c
		}
	}
	slices.SortStableFunc(s.Mistakes, func(a, b Item) int {
		switch {
		case a.Verdict.On && b.Verdict.On:
			return cmp.Compare(b.Verdict.Score, a.Verdict.Score)
		case a.Verdict.On:
			return -1
		case b.Verdict.On:
			return 1
		default:
			return cmp.Compare(a.Verdict.Score, b.Verdict.Score)
		}
	})
	return s
}

// facetsOf lists every facet that was labelled or decided.
func facetsOf(items []Item) []string {
	var out []string
	for _, it := range items {
		out = append(out, it.Facets...)
		out = append(out, it.Verdict.Facets...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Change is what other rules make of the same articles.
type Change struct {
	On  []Item // off before, on after; with the verdict after
	Off []Item // on before, off after; with the verdict after
}

// Compare tells what changed between two judgements of the same articles.
func Compare(before, after []Item) Change {
	was := make(map[string]bool, len(before))
	for _, it := range before {
		was[it.ID] = it.Verdict.On
	}
	var c Change
	for _, it := range after {
		switch {
		case it.Verdict.On && !was[it.ID]:
			c.On = append(c.On, it)
		case !it.Verdict.On && was[it.ID]:
			c.Off = append(c.Off, it)
		}
	}
	return c
}
