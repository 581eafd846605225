package topic

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"vedetta/news"
)

// Limits on what of an article is read and shown.
const (
	maxText     = 400_000 // bytes of text judged
	maxEvidence = 16
	maxSame     = 3 // of one term
	maxAgainst  = 8
)

// Match returns a verdict for each enabled topic, in the order of the rules.
// It is a pure function of the article.
func (m *Matcher) Match(a news.Article) []news.Verdict {
	if len(m.topics) == 0 {
		return nil
	}
	a.Text = cut(a.Text, maxText)
	g, ok := m.glances.Get().(*glance)
	if !ok {
		g = &glance{}
	}
	defer m.glances.Put(g)
	words := g.read(a)
	lang := cmp.Or(g.detectLanguage(a), base(a.Lang))
	var d *document
	var hits [][]found
	looked := false
	verdicts := make([]news.Verdict, len(m.topics))
	for i := range m.topics {
		r := &m.topics[i]
		v := news.Verdict{Topic: r.id, Facets: []string{}, Evidence: []news.Evidence{}, Against: []news.Against{}}
		switch judged, ok := r.judges(lang); {
		case !ok:
			v.Reason = fmt.Sprintf("language %q is not among those of the topic (%s)", lang, strings.Join(r.languages, ", "))
		case !words:
			v.Reason = "the article has no words"
		default:
			if !looked {
				looked = true
				if m.gate.passes(a, g, judged) {
					d = newDocument(a, judged)
					hits = m.byTopic(d)
				}
			}
			if d == nil {
				v.Reason = noRelation
				break
			}
			m.judge(r, d, a, hits[i], &v)
		}
		verdicts[i] = v
	}
	return verdicts
}

// otherGenre is what is left of a score on a page of many notices or in an
// encyclopedia.
const otherGenre = 0.5

// cut shortens a text to n bytes at most, at the border of a character.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// judges reports whether the topic judges articles in a language, and in
// which language an article of unknown language is read.
func (r *rules) judges(lang string) (string, bool) {
	switch {
	case len(r.languages) == 0:
		return cmp.Or(lang, "it"), true
	case lang == "":
		return r.languages[0], true
	}
	return lang, slices.Contains(r.languages, lang)
}

// byTopic finds the terms of all topics and parts them by topic.
func (m *Matcher) byTopic(d *document) [][]found {
	all := m.lex.find(d)
	counts := make([]int, len(m.topics))
	for _, h := range all {
		counts[m.lex.entries[h.entry].topic]++
	}
	parts := make([][]found, len(m.topics))
	cells := make([]found, len(all))
	at := 0
	for i, n := range counts {
		parts[i] = cells[at : at : at+n]
		at += n
	}
	for _, h := range all {
		t := m.lex.entries[h.entry].topic
		parts[t] = append(parts[t], h)
	}
	return parts
}

// judge fills the verdict of one topic.
func (m *Matcher) judge(r *rules, d *document, a news.Article, hits []found, v *news.Verdict) {
	if !r.possible(m.lex, hits) {
		v.Reason = noRelation
		return
	}
	rd := &reader{document: d, rules: r, published: a.Published}
	mentions := rd.mentions(m.lex, hits)
	p := newProfile(r, d, mentions)
	scores := make([]float64, len(r.relations))
	ties := make([][]float64, len(r.relations))
	var best features
	for i, rel := range r.relations {
		f, tie := p.measure(rel, i, d)
		ties[i] = tie
		if !p.present(rel, i) || len(rel.within) > 0 && !p.sure[rel.a] && most(p.ties[i]) == 0 {
			continue // hints alone make a facet of another relation at most
		}
		scores[i] = f.score()
		if d.digest || d.definition {
			scores[i] *= otherGenre
		}
		for _, need := range rel.needs {
			if most(p.themes[need]) == 0 {
				scores[i] = 0
			}
		}
		if scores[i] >= v.Score {
			v.Score, best = scores[i], f
		}
	}
	holds := p.holding(r, scores, d)
	for i, rel := range r.relations {
		for _, j := range rel.within {
			if scores[j] >= r.threshold { // which holds without this one
				holds[i] = holds[j] && p.substantial(rel, i, d)
			}
		}
		if holds[i] {
			v.Facets = append(v.Facets, rel.id)
		}
	}
	v.On = len(v.Facets) > 0
	v.Near = !v.On && v.Score >= r.near
	if v.Score == 0 {
		v.Reason = noRelation
		return
	}
	rd.explain(v, best, mentions, scores, ties)
	v.Score = round(v.Score)
}

// noRelation is the reason of most verdicts.
const noRelation = "no relation has both its actors in the article"

// possible reports whether the terms found leave a relation both its actors.
func (r *rules) possible(lex *lexicon, hits []found) bool {
	seen := make([]bool, len(r.actors))
	for _, h := range hits {
		switch e := &lex.entries[h.entry]; e.kind {
		case actorTerm:
			seen[e.id] = true
		case tieTerm:
			return true
		}
	}
	return slices.ContainsFunc(r.relations, func(rel relation) bool { return seen[rel.a] && seen[rel.b] })
}

// present reports whether both actors of a relation are in the article.
func (p *profile) present(rel relation, index int) bool {
	return most(p.actors[rel.a]) > 0 && most(p.actors[rel.b]) > 0 || most(p.ties[index]) > 0
}

// holding reports which relations hold by their scores and by what others
// imply. One whose party is named by hints only, or by the way, gives way to
// one that holds better with both its parties named.
func (p *profile) holding(r *rules, scores []float64, d *document) []bool {
	named := func(rel relation) bool { return p.sure[rel.a] && p.sure[rel.b] }
	holds := make([]bool, len(r.relations))
	for i, rel := range r.relations {
		if scores[i] < r.threshold {
			continue
		}
		yields := false
		for j, other := range r.relations {
			yields = yields || scores[j] > scores[i] && named(other) && (!named(rel) || p.lesser(rel, other, d))
		}
		if yields {
			continue
		}
		holds[i] = true
		for _, j := range rel.also {
			holds[j] = true
		}
	}
	return holds
}

// A party that is spoken of in fewer sentences than sideParts, and in less than
// sideShare of those of the other, stands by its side: an admiral's country
// where he speaks for the alliance.
const (
	sideParts = 2.0
	sideShare = 0.6
)

// lesser reports whether two relations share a party, and what sets the first
// apart is named by the way only, beside what sets the second apart.
func (p *profile) lesser(rel, other relation, d *document) bool {
	own, rival := rel.a, other.a
	switch {
	case rel.a == other.a:
		own, rival = rel.b, other.b
	case rel.a == other.b:
		own, rival = rel.b, other.a
	case rel.b == other.a:
		rival = other.b
	case rel.b != other.b:
		return false
	}
	part := d.part(p.actors[own])
	return part < sideParts && part < sideShare*d.part(p.actors[rival])
}

// Sentences that the title and the first of the body count for.
const (
	titlePart   = 2.0
	openingPart = 1.5
)

// part returns in how many sentences an actor stands that has the strengths x.
func (d *document) part(x []float64) float64 {
	sum := 0.0
	for i, x := range x {
		switch {
		case i < d.title:
			x *= titlePart
		case i == d.title:
			x *= openingPart
		}
		sum += x
	}
	return sum
}

// An actor is a real part of an article that speaks of it in realPart
// sentences, or in shortPart of those of a short one, if at least one of them
// names it as well as anchorWeight.
const (
	realPart     = 1.3
	shortPart    = 0.25
	anchorWeight = 0.6
)

// substantial reports whether the first actor of a relation is a real part of
// the article: by the title, by the first sentence of the body, or by more than
// a single sentence.
func (p *profile) substantial(rel relation, index int, d *document) bool {
	x := slices.Clone(p.hints[rel.a])
	for i, tie := range p.ties[index] {
		x[i] = max(x[i], tie)
	}
	return most(x) >= anchorWeight && d.part(x) >= max(1, min(realPart, shortPart*float64(d.body)))
}

func most(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	return slices.Max(x)
}

func round(x float64) float64 { return math.Round(x*1000) / 1000 }
