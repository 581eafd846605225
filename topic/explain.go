package topic

import (
	"cmp"
	"fmt"
	"slices"

	"vedetta/news"
)

// clue is a mention that may be shown as evidence for a relation.
type clue struct {
	weight   float64
	relation int
	mention  int
}

// explain adds evidence and reasons against to a verdict.
func (r *reader) explain(v *news.Verdict, f features, mentions []mention, scores []float64, ties [][]float64) {
	var clues []clue
	for i, rel := range r.rules.relations {
		if scores[i] < r.rules.near && scores[i] < v.Score && !slices.Contains(v.Facets, rel.id) {
			continue
		}
		for j, m := range mentions {
			if w := r.weight(m, rel, i, ties[i]); w > 0 {
				clues = append(clues, clue{w, i, j})
			}
		}
	}
	slices.SortStableFunc(clues, func(a, b clue) int { return cmp.Compare(b.weight, a.weight) })
	type key struct {
		relation int
		kind     kind
		id       int32
		word     string
	}
	seen := map[key]int{}
	for _, c := range clues {
		m := mentions[c.mention]
		k := key{c.relation, m.kind, m.id, r.words[m.first].Fold}
		if seen[k]++; seen[k] <= maxSame && len(v.Evidence) < maxEvidence {
			v.Evidence = append(v.Evidence, r.evidence(m, r.rules.relations[c.relation], c.weight))
		}
	}
	for _, m := range mentions {
		if m.kind != againstTerm {
			continue
		}
		term, from, to := r.text(r.sentences[m.sentence], m.first, m.last)
		v.Against = append(v.Against, news.Against{
			Theme: r.rules.against[m.id], Term: term, Sentence: r.shown(r.sentences[m.sentence], from, to), Where: r.sentences[m.sentence].where,
			Start: from, End: to, Weight: round(0.4 * m.weight),
		})
	}
	if r.definition {
		v.Against = append(v.Against, news.Against{Theme: "definition", Detail: "the text opens as an encyclopedia does", Weight: 1})
	}
	for _, c := range builtin {
		if w := c.weight(f); w > 0.15 {
			v.Against = append(v.Against, news.Against{Theme: c.id, Detail: c.detail, Weight: round(w)})
		}
	}
	slices.SortStableFunc(v.Against, func(a, b news.Against) int { return cmp.Compare(b.Weight, a.Weight) })
	if len(v.Against) > maxAgainst {
		v.Against = v.Against[:maxAgainst]
	}
	if !v.On {
		v.Reason = reason(v, f)
	}
}

// weight returns what a mention says for a relation; 0 when nothing.
func (r *reader) weight(m mention, rel relation, index int, tie []float64) float64 {
	t, w := tie[m.sentence], 0.0
	switch {
	case m.kind == actorTerm && (m.id == rel.a || m.id == rel.b):
		w = m.weight * (0.4 + 0.6*t) * m.list.discount(rel)
	case m.kind == tieTerm && int(m.id) == index:
		w = 1
	case m.kind == themeTerm && rel.themes[m.id]:
		w = 0.5 * m.weight * t
	}
	if r.sentences[m.sentence].where == news.InTitle {
		w *= 1.5
	}
	return round(w)
}

// evidence shows a mention with its sentence.
func (r *reader) evidence(m mention, rel relation, weight float64) news.Evidence {
	s := r.sentences[m.sentence]
	e := news.Evidence{Relation: rel.id, Where: s.where, Weight: weight}
	e.Term, e.Start, e.End = r.text(s, m.first, m.last)
	e.Sentence = r.shown(s, e.Start, e.End)
	switch m.kind {
	case themeTerm:
		e.Actor = r.rules.themes[m.id]
	case tieTerm:
		e.Actor = r.rules.actors[rel.b]
	default:
		e.Actor = r.rules.actors[m.id]
	}
	if m.person >= 0 {
		p := r.rules.people[m.person]
		e.Person = p.Name
		if p.Office != "" && p.inOffice(r.published) {
			e.Person = fmt.Sprintf("%s, %s", p.Name, p.Office)
		}
	}
	return e
}

// builtin are the reasons against that no rule names.
var builtin = []struct {
	id, detail string
	weight     func(features) float64
}{
	{"in-passing", "one of the two parties is only mentioned in passing", func(f features) float64 { return max(0, 0.35-f[salienceMin]) * 2 }},
	{"third-party", "the article ties one of the parties to somebody else", func(f features) float64 { return f[titleRival]*0.6 + max(0, f[rivalTied]-0.3) }},
	{"no-theme", "hardly a word on the themes of the relation", func(f features) float64 { return max(0, 0.3-f[themeShare]) * 2 }},
	{"apart", "no sentence ties the two parties", func(f features) float64 { return max(0, 0.3-f[tieMass]) }},
	{"digest", "many unrelated notices on one page", func(f features) float64 { return f[digest] }},
}

// reason sums up in one line why an article is off.
func reason(v *news.Verdict, f features) string {
	if len(v.Against) == 0 {
		return fmt.Sprintf("the parties are tied too loosely (score %.2f)", v.Score)
	}
	top := v.Against[0]
	if top.Detail != "" {
		return top.Detail
	}
	if f[againstRatio] > 0.3 {
		return fmt.Sprintf("the matter is %s", top.Theme)
	}
	return fmt.Sprintf("the parties are tied too loosely (score %.2f)", v.Score)
}
