package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vedetta/news"
)

// topics checks that a topic holds together. What its terms mean is the
// affair of package topic.
func (k checker) topics() {
	ids := first{}
	for i := range k.c.Topics {
		if k.full() {
			return
		}
		t, path := &k.c.Topics[i], fmt.Sprintf("topics[%d]", i)
		if t.ID == "" {
			k.missing(path, []string{"id"}, "a topic without an id", "add a line \"id: …\"; it is part of the feed's address")
		} else {
			k.id(path+".id", t.ID)
			if earlier, twice := ids.repeats(t.ID, path+".id"); twice {
				k.fault(path+".id", "duplicate topic "+quote(t.ID), k.line(earlier))
			}
		}
		if t.Title = strings.TrimSpace(t.Title); t.Title == "" {
			k.missing(path, []string{"title"}, "a topic without a title", "add a line \"title: …\"")
		}
		for j, lang := range t.Languages {
			t.Languages[j] = k.tag(fmt.Sprintf("%s.languages[%d]", path, j), lang)
		}
		k.share(path+".threshold", t.Threshold)
		k.share(path+".near", t.Near)
		if threshold := cmp.Or(t.Threshold, 0.5); t.Near > threshold {
			k.fault(path+".near", fmt.Sprintf("near misses from %v, above the threshold %v", t.Near, threshold), "write less")
		}
		switch {
		case len(t.Actors) == 0:
			k.missing(path, []string{"actors"}, "a topic without actors", "add \"actors:\" with their terms")
		case len(t.Relations) == 0:
			k.missing(path, []string{"relations"}, "a topic without relations", "add \"relations:\" that tie its actors")
		}
		k.actors(path+".actors", t)
		k.themes(path+".themes", t.Themes)
		k.themes(path+".against", t.Against)
		k.relations(path, t)
	}
}

// share checks a part of one, of which zero is the default.
func (k checker) share(path string, f float64) {
	if f < 0 || f >= 1 {
		k.fault(path, fmt.Sprintf("out of range: %v", f), "write a number between 0 and 1")
	}
}

func (k checker) actors(path string, t *news.Topic) {
	for _, id := range sortedKeys(t.Actors) {
		at, a := join(path, id), t.Actors[id]
		if len(a.Terms) == 0 {
			k.missing(at, []string{"terms"}, "an actor without terms", "add \"terms: […]\" with its names")
		}
		for i, p := range a.People {
			who := fmt.Sprintf("%s.people[%d]", at, i)
			if strings.TrimSpace(p.Name) == "" {
				k.missing(who, []string{"name"}, "a person without a name", "add \"name: …\"")
			}
			if p.Theme != "" {
				k.member(who+".theme", "theme", p.Theme, sortedKeys(t.Themes), nil)
			}
		}
	}
}

func (k checker) themes(path string, themes map[string]news.Theme) {
	for _, id := range sortedKeys(themes) {
		if len(themes[id].Terms) == 0 {
			k.missing(join(path, id), []string{"terms"}, "a theme without terms", "add \"terms: […]\"")
		}
	}
}

// nearMisses is taken by a feed that every topic has.
const nearMisses = "near-misses"

func (k checker) relations(path string, t *news.Topic) {
	ids := first{}
	for i, r := range t.Relations {
		at := fmt.Sprintf("%s.relations[%d]", path, i)
		if r.ID == "" {
			k.missing(at, []string{"id"}, "a relation without an id", "add \"id: …\"; it is part of the feed's address")
		} else {
			k.id(at+".id", r.ID)
			if r.ID == nearMisses {
				k.fault(at+".id", "a relation that is called "+nearMisses, "write another id: the feed of near misses has this address")
			}
			if earlier, twice := ids.repeats(r.ID, at+".id"); twice {
				k.fault(at+".id", "duplicate relation "+quote(r.ID), k.line(earlier))
			}
		}
		if len(r.Between) != 2 {
			k.missing(at, []string{"between"}, fmt.Sprintf("a relation is between two actors, not %d", len(r.Between)), "write \"between: [a, b]\"")
		}
		k.members(at+".between", "actor", r.Between, sortedKeys(t.Actors))
		k.members(at+".theme", "theme", r.Theme, sortedKeys(t.Themes))
		k.members(at+".needs", "theme", r.Needs, sortedKeys(t.Themes))
		k.members(at+".with", "third party", r.With, sortedKeys(t.Others))
		var others []string
		for _, o := range t.Relations {
			if o.ID != r.ID {
				others = append(others, o.ID)
			}
		}
		k.members(at+".also", "relation", r.Also, others)
	}
}

// members checks names of what the topic knows.
func (k checker) members(path, what string, names, known []string) {
	for i, name := range names {
		k.member(fmt.Sprintf("%s[%d]", path, i), what, name, known, names[:i])
	}
}

// member checks that a name is one that the topic knows, and new in its list.
func (k checker) member(path, what, name string, known, before []string) {
	switch {
	case !slices.Contains(known, name):
		hint := "the topic has none"
		if len(known) > 0 {
			hint = choiceHint(name, known)
		}
		k.fault(path, "unknown "+what+" "+quote(name), hint)
	case slices.Contains(before, name):
		k.fault(path, what+" "+quote(name)+" named twice", "remove one")
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
