package config

import (
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
		if t.Threshold < 0 || t.Threshold > 1 {
			k.fault(path+".threshold", fmt.Sprintf("out of range: %v", t.Threshold), "write a number from 0 to 1")
		}
		switch {
		case len(t.Actors) == 0:
			k.missing(path, []string{"actors"}, "a topic without actors", "add \"actors:\" with their terms")
		case len(t.Relations) == 0:
			k.missing(path, []string{"relations"}, "a topic without relations", "add \"relations:\" that tie its actors")
		}
		k.relations(path, t)
	}
}

func (k checker) relations(path string, t *news.Topic) {
	ids := first{}
	for i, r := range t.Relations {
		at := fmt.Sprintf("%s.relations[%d]", path, i)
		if r.ID == "" {
			k.missing(at, []string{"id"}, "a relation without an id", "add \"id: …\"; it is part of the feed's address")
		} else {
			k.id(at+".id", r.ID)
			if earlier, twice := ids.repeats(r.ID, at+".id"); twice {
				k.fault(at+".id", "duplicate relation "+quote(r.ID), k.line(earlier))
			}
		}
		for j, actor := range r.Between {
			k.member(fmt.Sprintf("%s.between[%d]", at, j), "actor", actor, slices.Sorted(maps.Keys(t.Actors)), r.Between[:j])
		}
		for j, theme := range r.Theme {
			k.member(fmt.Sprintf("%s.theme[%d]", at, j), "theme", theme, slices.Sorted(maps.Keys(t.Themes)), r.Theme[:j])
		}
	}
}

// member checks that a relation's actor or theme is one of the topic's, and
// named once.
func (k checker) member(path, what, name string, known, before []string) {
	switch {
	case !slices.Contains(known, name):
		hint := "the topic has no " + what + "s"
		if len(known) > 0 {
			hint = choiceHint(name, known)
		}
		k.fault(path, "unknown "+what+" "+quote(name), hint)
	case slices.Contains(before, name):
		k.fault(path, what+" "+quote(name)+" named twice", "remove one")
	}
}
