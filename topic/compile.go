package topic

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"vedetta/news"
	"vedetta/prose"
)

// Fault is one mistake in the rules.
type Fault struct {
	Path string // "topics[0].relations[1].between[0]"
	Msg  string
	Hint string
}

// Error returns path, message and hint on one line.
func (f Fault) Error() string {
	s := f.Path + ": " + f.Msg
	if f.Hint != "" {
		s += " (" + f.Hint + ")"
	}
	return s
}

// Faults is every mistake found in the rules.
type Faults []Fault

// Error returns one mistake a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// maxTerms bounds the terms of all topics.
const maxTerms = 1_000_000

// Matcher judges articles by compiled rules. It is safe for concurrent use.
type Matcher struct {
	topics  []rules
	lex     *lexicon
	gate    *gate
	glances sync.Pool
}

// rules is a compiled topic. Actors, third parties and themes are numbered in
// the order of their ids.
type rules struct {
	id        string
	languages []string
	threshold float64
	near      float64
	actors    []string
	others    []string
	themes    []string
	against   []string
	people    []person
	brings    []int32 // by actor: the theme that its name brings with it, -1 for none
	soft      []bool  // by theme
	bonds     bool    // the topic says what parties do with each other
	relations []relation
}

type person struct {
	news.Person
	actor  int32
	theme  int32 // -1 for none
	double bool  // listed under another actor too
}

// relation is a compiled relation: numbers instead of ids.
type relation struct {
	id     string
	a, b   int32
	themes []bool // by theme
	any    bool   // no theme is asked for
	with   []bool // by third party
	needs  []int32
	also   []int32
	within []int32 // relations under which this one is a facet
}

// Compile makes the rules of all enabled topics work. The error, if any, is
// of type Faults.
func Compile(topics []news.Topic) (*Matcher, error) {
	lex := newLexicon()
	c := compiler{Matcher: &Matcher{lex: lex, gate: &gate{lexicon: lex, first: []int{0}}}}
	ids := map[string]bool{}
	for i, t := range topics {
		c.path = fmt.Sprintf("topics[%d]", i)
		switch {
		case t.ID == "":
			c.fault("id", "a topic needs an id", "a short name in lower case, used in the feed's address")
		case ids[t.ID]:
			c.fault("id", fmt.Sprintf("there are two topics %q", t.ID), "")
		}
		ids[t.ID] = true
		c.topic(t)
	}
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	c.gate.anchor()
	return c.Matcher, nil
}

// compiler gathers the faults of a compilation.
type compiler struct {
	*Matcher
	faults Faults
	path   string // of the topic
	lang   string // of its plain terms
	index  int32  // of the topic
	terms  int
	dry    bool // the topic is disabled: checked only
}

func (c *compiler) fault(path, msg, hint string) {
	c.faults = append(c.faults, Fault{c.path + "." + path, msg, hint})
}

func (c *compiler) topic(t news.Topic) {
	c.dry = t.Disabled
	c.index = int32(len(c.topics))
	c.lang = "it"
	r := rules{
		id: t.ID, languages: make([]string, len(t.Languages)), threshold: cmp.Or(t.Threshold, 0.5),
		actors: slices.Sorted(maps.Keys(t.Actors)), others: slices.Sorted(maps.Keys(t.Others)),
		themes: slices.Sorted(maps.Keys(t.Themes)), against: slices.Sorted(maps.Keys(t.Against)),
	}
	for i, l := range t.Languages {
		if r.languages[i] = base(l); len(r.languages[i]) < 2 || len(r.languages[i]) > 3 {
			c.fault(fmt.Sprintf("languages[%d]", i), fmt.Sprintf("%q is no language", l), "write a BCP 47 tag such as it or en")
		}
	}
	if len(r.languages) > 0 {
		c.lang = r.languages[0]
	}
	r.bonds = len(t.Bonds.Terms)+len(t.Bonds.Weak)+len(t.Bonds.In) > 0
	r.near = cmp.Or(t.Near, r.threshold/2)
	if t.Threshold < 0 || t.Threshold >= 1 {
		c.fault("threshold", fmt.Sprintf("%g is not between 0 and 1", t.Threshold), "0.5 is the default; more is stricter")
	}
	if t.Near < 0 || r.near > r.threshold {
		c.fault("near", fmt.Sprintf("%g is not between 0 and the threshold", t.Near), "")
	}
	if len(t.Relations) == 0 {
		c.fault("relations", "a topic needs a relation", "say which actors it is between: {id: …, between: [a, b]}")
	}
	for i, id := range r.others {
		c.wording("others."+id, t.Others[id], entry{kind: otherTerm, id: int32(i)})
	}
	c.themes("themes", t.Themes, r.themes, themeTerm)
	c.themes("against", t.Against, r.against, againstTerm)
	c.wording("bonds", t.Bonds, entry{kind: bondTerm})
	for _, id := range r.themes {
		r.soft = append(r.soft, t.Themes[id].Soft)
	}
	for i, id := range r.actors {
		r.brings = append(r.brings, c.theme("actors."+id+".theme", t.Actors[id].Theme, &r))
		c.actor("actors."+id, t.Actors[id], int32(i), &r)
	}
	for i, rel := range t.Relations {
		r.relations = append(r.relations, c.relation(i, rel, t, &r))
	}
	if !c.dry {
		c.topics = append(c.topics, r)
		c.gate.first = append(c.gate.first, c.gate.actors()+len(r.actors))
		c.gate.relations = append(c.gate.relations, r.relations)
	}
}

func (c *compiler) themes(path string, themes map[string]news.Theme, ids []string, k kind) {
	for i, id := range ids {
		t := themes[id]
		if len(t.Terms) == 0 {
			c.fault(path+"."+id+".terms", "a theme needs terms", "")
		}
		c.wording(path+"."+id, news.Wording{Terms: t.Terms, Weak: t.Weak, Not: t.Not, In: t.In}, entry{kind: k, id: int32(i)})
	}
}

// wording enters lists of terms, also those of other languages.
func (c *compiler) wording(path string, w news.Wording, e entry) {
	if e.lang == "" {
		e.lang = c.lang
	}
	e.topic, e.person = c.index, -1
	c.list(path+".terms", w.Terms, e)
	weak := e
	weak.weak = true
	c.list(path+".weak", w.Weak, weak)
	not := e
	not.kind, not.target = notTerm, e.kind
	c.list(path+".not", w.Not, not)
	for _, lang := range slices.Sorted(maps.Keys(w.In)) {
		if base(lang) == e.lang || len(base(lang)) < 2 || len(base(lang)) > 3 {
			c.fault(path+".in."+lang, fmt.Sprintf("%q is not another language", lang), "the plain terms are in the topic's first language")
			continue
		}
		in := e
		in.lang = base(lang)
		c.wording(path+".in."+lang, w.In[lang], in)
	}
}

func (c *compiler) list(path string, terms []string, e entry) {
	for i, term := range terms {
		c.term(fmt.Sprintf("%s[%d]", path, i), term, e)
	}
}

func (c *compiler) term(path, term string, e entry) {
	variants, err := parseTerm(term, e.lang)
	if err != nil {
		c.fault(path, fmt.Sprintf("term %q %v", term, err), "")
		return
	}
	if c.terms += len(variants); c.terms > maxTerms {
		if c.terms-len(variants) <= maxTerms {
			c.fault(path, fmt.Sprintf("there are more than %d terms in all topics", maxTerms), "")
		}
		return
	}
	if c.dry {
		return
	}
	for _, v := range variants {
		symbols := c.lex.add(v, e)
		if e.kind == actorTerm || e.kind == tieTerm {
			c.gate.admit(v, symbols, e)
		}
	}
}

func (c *compiler) actor(path string, a news.Actor, id int32, r *rules) {
	if len(a.Terms) == 0 {
		c.fault(path+".terms", "an actor needs terms", "the names by which articles call it")
	}
	e := entry{kind: actorTerm, id: id}
	c.wording(path, news.Wording{Terms: a.Terms, Weak: a.Weak, Not: a.Not, In: a.In}, e)
	e.topic, e.person, e.lang = c.index, -1, c.lang
	own := e
	own.own = true
	c.list(path+".own", a.Own, own)
	yardstick := e
	yardstick.kind = yardstickTerm
	c.list(path+".yardstick", a.Yardstick, yardstick)
	unclear := e
	unclear.unclear = true
	c.list(path+".unclear", a.Unclear, unclear)
	for i, p := range a.People {
		c.person(fmt.Sprintf("%s.people[%d]", path, i), p, id, r)
	}
}

func (c *compiler) person(path string, p news.Person, actor int32, r *rules) {
	names := prose.Words(p.Name)
	if len(names) == 0 {
		c.fault(path+".name", "a person needs a name", "")
		return
	}
	if !p.From.IsZero() && !p.Until.IsZero() && p.Until.First.Before(p.From.First) {
		c.fault(path+".until", fmt.Sprintf("%s is before %s", p.Until, p.From), "until is the last day in office")
	}
	theme := c.theme(path+".theme", p.Theme, r)
	e := entry{kind: actorTerm, id: actor, topic: c.index, person: int32(len(r.people)), full: true}
	double := false
	for i := range r.people {
		if o := &r.people[i]; o.Name == p.Name && o.actor != actor {
			o.double, double = true, true
		}
	}
	r.people = append(r.people, person{Person: p, actor: actor, theme: theme, double: double})
	c.term(path+".name", p.Name, e)
	e.full, e.unclear = false, p.Unclear
	c.term(path+".surname", cmp.Or(p.Surname, p.Name[names[len(names)-1].Start:names[len(names)-1].End]), e)
}

// relations returns the numbers of other relations of the topic.
func (c *compiler) relations(path string, ids []string, self string, t news.Topic) []int32 {
	var out []int32
	for j, id := range ids {
		n := slices.IndexFunc(t.Relations, func(o news.Relation) bool { return o.ID == id && o.ID != self })
		if n < 0 {
			c.fault(fmt.Sprintf("%s[%d]", path, j), fmt.Sprintf("there is no other relation %q", id), "")
			continue
		}
		out = append(out, int32(n))
	}
	return out
}

// theme returns the number of a theme; -1 when none is named.
func (c *compiler) theme(path, id string, r *rules) int32 {
	n := number(r.themes, id)
	if id != "" && n < 0 {
		c.fault(path, fmt.Sprintf("there is no theme %q", id), known(r.themes))
	}
	return n
}

func (c *compiler) relation(i int, rel news.Relation, t news.Topic, r *rules) relation {
	path := fmt.Sprintf("relations[%d]", i)
	out := relation{id: rel.ID, a: -1, b: -1, themes: make([]bool, len(r.themes)), with: make([]bool, len(r.others))}
	if rel.ID == "" {
		c.fault(path+".id", "a relation needs an id", "it names the facet and its feed")
	}
	if slices.ContainsFunc(t.Relations[:i], func(o news.Relation) bool { return o.ID == rel.ID }) {
		c.fault(path+".id", fmt.Sprintf("there are two relations %q", rel.ID), "")
	}
	if len(rel.Between) != 2 {
		c.fault(path+".between", fmt.Sprintf("a relation is between two actors, not %d", len(rel.Between)), known(r.actors))
	}
	for j, id := range rel.Between {
		n := number(r.actors, id)
		if n < 0 {
			c.fault(fmt.Sprintf("%s.between[%d]", path, j), fmt.Sprintf("there is no actor %q", id), known(r.actors))
		}
		if j == 0 {
			out.a = n
		} else {
			out.b = n
		}
	}
	if len(rel.Between) == 2 && rel.Between[0] == rel.Between[1] {
		c.fault(path+".between[1]", "a relation needs two different actors", known(r.actors))
	}
	for j, id := range rel.Theme {
		if n := number(r.themes, id); n >= 0 {
			out.themes[n] = true
		} else {
			c.fault(fmt.Sprintf("%s.theme[%d]", path, j), fmt.Sprintf("there is no theme %q", id), known(r.themes))
		}
	}
	out.any = len(rel.Theme) == 0
	for j, id := range rel.With {
		if n := number(r.others, id); n >= 0 {
			out.with[n] = true
		} else {
			c.fault(fmt.Sprintf("%s.with[%d]", path, j), fmt.Sprintf("there is no third party %q", id), known(r.others))
		}
	}
	for j, id := range rel.Needs {
		if n := number(r.themes, id); n >= 0 {
			out.needs = append(out.needs, n)
		} else {
			c.fault(fmt.Sprintf("%s.needs[%d]", path, j), fmt.Sprintf("there is no theme %q", id), known(r.themes))
		}
	}
	out.also = c.relations(path+".also", rel.Also, rel.ID, t)
	out.within = c.relations(path+".within", rel.Within, rel.ID, t)
	e := entry{kind: tieTerm, id: int32(i), topic: c.index, person: -1, lang: c.lang}
	c.list(path+".ties", rel.Ties, e)
	for _, lang := range slices.Sorted(maps.Keys(rel.In)) {
		e.lang = base(lang)
		c.list(path+".in."+lang+".terms", rel.In[lang].Terms, e)
	}
	return out
}

// number returns the place of id in sorted ids; -1 when it is not there.
func number(ids []string, id string) int32 {
	if i, ok := slices.BinarySearch(ids, id); ok {
		return int32(i)
	}
	return -1
}

// known lists what could have been meant.
func known(ids []string) string {
	if len(ids) == 0 {
		return "none is defined"
	}
	return "there are: " + strings.Join(ids, ", ")
}
