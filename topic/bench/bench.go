// Package bench scores verdicts of a topic against labels, and compares two
// sets of rules on the same articles.
//
// It judges nothing itself and reads no file: cases come with their verdicts.
package bench

import (
	"cmp"
	"maps"
	"slices"

	"vedetta/news"
)

// Label is what a reader says of an article.
type Label string

// The labels. Borderline articles are not scored.
const (
	On         Label = "on"
	Off        Label = "off"
	Borderline Label = "borderline"
)

// Case is a labelled article and the verdict on it.
type Case struct {
	ID      string
	Title   string
	Label   Label
	Facets  []string // relations that hold, as labelled; empty when off
	Kind    string   // family of cases that it stands for
	Why     string   // the labeller's note
	Verdict news.Verdict
}

// Wrong reports whether the verdict is against the label. Borderline cases
// never are.
func (c Case) Wrong() bool {
	return c.Label == On && !c.Verdict.On || c.Label == Off && c.Verdict.On
}

// Count is how verdicts stand to labels.
type Count struct {
	TruePositive  int `json:"tp"`
	FalsePositive int `json:"fp"`
	FalseNegative int `json:"fn"`
	TrueNegative  int `json:"tn"`
}

func (c *Count) add(want, got bool) {
	switch {
	case want && got:
		c.TruePositive++
	case got:
		c.FalsePositive++
	case want:
		c.FalseNegative++
	default:
		c.TrueNegative++
	}
}

// Precision is the share of what was let in that belongs there; 1 when
// nothing was let in.
func (c Count) Precision() float64 { return ratio(c.TruePositive, c.FalsePositive) }

// Recall is the share of what belongs there that was let in; 1 when nothing
// belongs there.
func (c Count) Recall() float64 { return ratio(c.TruePositive, c.FalseNegative) }

// F1 is the harmonic mean of precision and recall.
func (c Count) F1() float64 {
	if c.TruePositive == 0 {
		return 0
	}
	p, r := c.Precision(), c.Recall()
	return 2 * p * r / (p + r)
}

func ratio(good, bad int) float64 {
	if good+bad == 0 {
		return 1
	}
	return float64(good) / float64(good+bad)
}

// Group is the count of one facet or kind.
type Group struct {
	Name string `json:"name"`
	Count
}

// Report is the score of a set of cases.
type Report struct {
	Overall    Count   `json:"overall"`
	Facets     []Group `json:"facets"` // by name; articles that are rightly on count for the facets they are given
	Kinds      []Group `json:"kinds"`  // by name
	Mistakes   []Case  `json:"mistakes"`
	Borderline []Case  `json:"borderline"` // not scored
}

// Score counts verdicts against labels.
func Score(cases []Case) Report {
	var r Report
	facets, kinds := map[string]*Count{}, map[string]*Count{}
	for _, c := range cases {
		for _, f := range slices.Concat(c.Facets, c.Verdict.Facets) {
			if facets[f] == nil {
				facets[f] = &Count{}
			}
		}
	}
	for _, c := range cases {
		if c.Label == Borderline {
			r.Borderline = append(r.Borderline, c)
			continue
		}
		want := c.Label == On
		r.Overall.add(want, c.Verdict.On)
		if kinds[c.Kind] == nil {
			kinds[c.Kind] = &Count{}
		}
		kinds[c.Kind].add(want, c.Verdict.On)
		for f, count := range facets {
			count.add(slices.Contains(c.Facets, f), slices.Contains(c.Verdict.Facets, f))
		}
		if c.Wrong() {
			r.Mistakes = append(r.Mistakes, c)
		}
	}
	r.Facets, r.Kinds = groups(facets), groups(kinds)
	return r
}

func groups(counts map[string]*Count) []Group {
	out := make([]Group, 0, len(counts))
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, Group{name, *counts[name]})
	}
	return out
}

// Change is an article whose verdict differs between two sets of rules.
type Change struct {
	ID, Title string
	URL       string       `json:",omitempty"`
	Label     Label        `json:",omitempty"` // empty where nobody labelled it
	Old, New  news.Verdict // of the same topic
}

// Comparison is what changes from one set of rules to another: "+14 −3".
type Comparison struct {
	Added   []Change // off before, on now; highest score first
	Removed []Change // on before, off now
	Facets  []Change // on both times, in other facets
	Same    int      // articles without a change
}

// Compare sorts changes of articles by what they mean. It takes every article,
// changed or not.
func Compare(all []Change) Comparison {
	var c Comparison
	for _, ch := range all {
		switch {
		case ch.New.On && !ch.Old.On:
			c.Added = append(c.Added, ch)
		case ch.Old.On && !ch.New.On:
			c.Removed = append(c.Removed, ch)
		case ch.New.On && !slices.Equal(ch.Old.Facets, ch.New.Facets):
			c.Facets = append(c.Facets, ch)
		default:
			c.Same++
		}
	}
	slices.SortStableFunc(c.Added, func(a, b Change) int { return cmp.Compare(b.New.Score, a.New.Score) })
	slices.SortStableFunc(c.Removed, func(a, b Change) int { return cmp.Compare(b.Old.Score, a.Old.Score) })
	return c
}
