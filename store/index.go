package store

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"vedetta/news"
)

// mark is a reason why a story is on a timeline.
type mark struct {
	Topic  string   `json:"t"`
	Near   bool     `json:"n,omitempty"`
	Facets []string `json:"f,omitempty"` // sorted, each once
}

// marksOf tells on which timelines a story belongs whose articles have these
// verdicts: those of each topic that some article is on, with the facets that
// hold in those articles; or else, where some article is near, among the near
// misses. The result is in the order of the topics' ids.
func marksOf(verdicts []news.Verdict) []mark {
	type found struct{ on, near map[string]bool } // facets; nil: no such article
	add := func(m map[string]bool, facets []string) map[string]bool {
		if m == nil {
			m = map[string]bool{}
		}
		for _, f := range facets {
			m[f] = true
		}
		return m
	}
	topics := map[string]found{}
	for _, v := range verdicts {
		f := topics[v.Topic]
		switch {
		case v.On:
			f.on = add(f.on, v.Facets)
		case v.Near:
			f.near = add(f.near, v.Facets)
		default:
			continue
		}
		topics[v.Topic] = f
	}
	var marks []mark
	for _, topic := range slices.Sorted(maps.Keys(topics)) {
		m := mark{Topic: topic}
		facets := topics[topic].on
		if facets == nil {
			m.Near, facets = true, topics[topic].near
		}
		delete(facets, "") // names the whole topic
		m.Facets = slices.Sorted(maps.Keys(facets))
		marks = append(marks, m)
	}
	return marks
}

// keys returns the story's keys on the timeline.
func (r storyRecord) keys() [][]byte {
	var keys [][]byte
	for _, m := range r.Marks {
		keys = append(keys, timelineKey(timelinePrefix(m.Near, m.Topic, ""), r.First, r.ID))
		for _, f := range m.Facets {
			keys = append(keys, timelineKey(timelinePrefix(m.Near, m.Topic, f), r.First, r.ID))
		}
	}
	return keys
}

// checkVerdicts refuses names that do not fit into a key.
func checkVerdicts(vs []news.Verdict) error {
	for _, v := range vs {
		if len(v.Topic) > math.MaxInt8 {
			return fmt.Errorf("topic %.40q…: id longer than %d bytes", v.Topic, math.MaxInt8)
		}
		for _, f := range v.Facets {
			if len(f) > math.MaxInt8 {
				return fmt.Errorf("facet %.40q…: id longer than %d bytes", f, math.MaxInt8)
			}
		}
	}
	return nil
}
