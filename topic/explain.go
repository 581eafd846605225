package topic

import (
	"cmp"
	"fmt"
	"slices"

	"vedetta/news"
)

// explain adds evidence and reasons against to a verdict.
func (r *reader) explain(v *news.Verdict, f features, mentions []mention, scores []float64, ties [][]float64) {
	for i, rel := range r.rules.relations {
		if scores[i] < r.rules.near && scores[i] < v.Score {
			continue
		}
		for _, m := range mentions {
			if e, ok := r.evidence(m, rel, i, ties[i]); ok {
				v.Evidence = append(v.Evidence, e)
			}
		}
	}
	slices.SortStableFunc(v.Evidence, func(a, b news.Evidence) int { return cmp.Compare(b.Weight, a.Weight) })
	v.Evidence = spread(v.Evidence, maxEvidence)
	for _, m := range mentions {
		if m.kind != againstTerm {
			continue
		}
		term, from, to := r.text(r.sentences[m.sentence], m.first, m.last)
		v.Against = append(v.Against, news.Against{
			Theme: r.rules.against[m.id], Term: term, Sentence: r.sentenceText(r.sentences[m.sentence]), Where: r.sentences[m.sentence].where,
			Start: from, End: to, Weight: round(0.4 * m.weight),
		})
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

// evidence returns what a mention says for a relation.
func (r *reader) evidence(m mention, rel relation, index int, tie []float64) (news.Evidence, bool) {
	s := r.sentences[m.sentence]
	e := news.Evidence{Relation: rel.id, Where: s.where}
	t := tie[m.sentence]
	switch {
	case m.kind == actorTerm && (m.id == rel.a || m.id == rel.b):
		e.Actor = r.rules.actors[m.id]
		e.Weight = m.weight * (0.4 + 0.6*t)
		e.Weight *= m.list.discount(rel)
	case m.kind == tieTerm && int(m.id) == index:
		e.Actor = r.rules.actors[rel.b]
		e.Weight = 1
	case m.kind == themeTerm && rel.themes[m.id] && t > 0:
		e.Actor = r.rules.themes[m.id]
		e.Weight = 0.5 * m.weight * t
	default:
		return e, false
	}
	if m.person >= 0 {
		pers := r.rules.people[m.person]
		e.Person = pers.Name
		if pers.Office != "" && pers.inOffice(r.published) {
			e.Person = fmt.Sprintf("%s, %s", pers.Name, pers.Office)
		}
	}
	if s.where == news.InTitle {
		e.Weight *= 1.5
	}
	e.Weight = round(e.Weight)
	e.Term, e.Start, e.End = r.text(s, m.first, m.last)
	e.Sentence = r.sentenceText(s)
	return e, e.Weight > 0
}

// spread keeps at most n pieces of evidence, the strongest, but of the same
// actor and term not more than three.
func spread(all []news.Evidence, n int) []news.Evidence {
	type key struct{ relation, actor, term string }
	seen := map[key]int{}
	keep := all[:0:0]
	for _, e := range all {
		k := key{e.Relation, e.Actor, e.Term}
		if seen[k]++; seen[k] > 3 || len(keep) >= n {
			continue
		}
		keep = append(keep, e)
	}
	if keep == nil {
		return []news.Evidence{}
	}
	return keep
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
