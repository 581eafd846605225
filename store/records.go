package store

import (
	"time"

	"vedetta/news"
)

// The records below leave out what mostly is as one would guess, because there
// is one for every article ever seen. Slices keep the difference between nil
// and empty, so that what was read compares equal to what was written. The names
// are for the JSON of versions before 3.

// articleState is what changes of an article after it was written, and where
// the rest lies.
type articleState struct {
	Bundle   uint64    `json:"b"`
	Story    *string   `json:"s,omitempty"` // nil: the story it founded
	Pruned   bool      `json:"p,omitempty"`
	Verdicts []verdict `json:"v,omitzero"`
}

// verdict is a news.Verdict.
type verdict struct {
	Topic    string          `json:"t"`
	On       bool            `json:"o,omitempty"`
	Near     bool            `json:"n,omitempty"`
	Score    float64         `json:"s,omitempty"`
	Facets   []string        `json:"f,omitzero"`
	Evidence []news.Evidence `json:"e,omitzero"`
	Against  []news.Against  `json:"a,omitzero"`
	Reason   string          `json:"r,omitempty"`
}

// stateOf returns the state of an article that lies in a bundle.
func stateOf(a news.Article, bundle uint64) articleState {
	s := articleState{Bundle: bundle, Story: unless(a.Story, a.ID), Pruned: a.Pruned}
	if a.Verdicts != nil {
		s.Verdicts = make([]verdict, 0, len(a.Verdicts))
	}
	for _, v := range a.Verdicts {
		s.Verdicts = append(s.Verdicts, verdict(v))
	}
	return s
}

// onto returns the article with its state.
func (s articleState) onto(a news.Article) news.Article {
	a.Story, a.Pruned = s.story(a.ID), s.Pruned
	a.Verdicts = s.verdicts()
	return a
}

func (s articleState) story(id string) string { return or(s.Story, id) }

func (s articleState) verdicts() []news.Verdict {
	if s.Verdicts == nil {
		return nil
	}
	vs := make([]news.Verdict, len(s.Verdicts))
	for i, v := range s.Verdicts {
		vs[i] = news.Verdict(v)
	}
	return vs
}

// storyRecord is a story with the marks by which it is on the timelines.
type storyRecord struct {
	news.Story
	Marks []mark
}

// storyDisk is how a storyRecord is kept.
type storyDisk struct {
	Members []memberDisk `json:"m,omitzero"`
	Shown   *string      `json:"s,omitempty"` // nil: the founder
	Origin  string       `json:"o,omitempty"`
	Thread  *string      `json:"t,omitempty"` // nil: its own
	First   time.Time    `json:"f"`
	Updated *time.Time   `json:"u,omitempty"` // nil: First
	Marks   []mark       `json:"k,omitempty"`
}

// memberDisk is how a news.Member is kept.
type memberDisk struct {
	Article     *string    `json:"a,omitempty"` // nil: the founder
	Source      string     `json:"s,omitempty"`
	Published   *time.Time `json:"p,omitempty"` // nil: the story's First
	Of          string     `json:"o,omitempty"`
	Resemblance float64    `json:"r,omitempty"`
	Containment float64    `json:"c,omitempty"`
	Sentences   int        `json:"n,omitempty"`
	Why         string     `json:"w,omitempty"`
}

func (r storyRecord) disk() storyDisk {
	d := storyDisk{
		Shown: unless(r.Shown, r.ID), Origin: r.Origin, Thread: unless(r.Thread, r.ID),
		First: r.First, Updated: unlessAt(r.Updated, r.First), Marks: r.Marks,
	}
	if r.Members != nil {
		d.Members = make([]memberDisk, 0, len(r.Members))
	}
	for _, m := range r.Members {
		d.Members = append(d.Members, memberDisk{
			Article: unless(m.Article, r.ID), Source: m.Source, Published: unlessAt(m.Published, r.First),
			Of: m.Of, Resemblance: m.Resemblance, Containment: m.Containment, Sentences: m.Sentences, Why: m.Why,
		})
	}
	return d
}

func (d storyDisk) record(id string) storyRecord {
	r := storyRecord{Story: news.Story{
		ID: id, Shown: or(d.Shown, id), Origin: d.Origin, Thread: or(d.Thread, id),
		First: d.First, Updated: or(d.Updated, d.First),
	}, Marks: d.Marks}
	if d.Members != nil {
		r.Members = make([]news.Member, 0, len(d.Members))
	}
	for _, m := range d.Members {
		r.Members = append(r.Members, news.Member{
			Article: or(m.Article, id), Source: m.Source, Published: or(m.Published, d.First),
			Of: m.Of, Resemblance: m.Resemblance, Containment: m.Containment, Sentences: m.Sentences, Why: m.Why,
		})
	}
	return r
}

// unless returns v, or nil where it is what one would guess.
func unless(v, guess string) *string {
	if v == guess {
		return nil
	}
	return &v
}

func unlessAt(v, guess time.Time) *time.Time {
	if v.Equal(guess) {
		return nil
	}
	return &v
}

// or is the reverse of unless.
func or[T any](v *T, guess T) T {
	if v == nil {
		return guess
	}
	return *v
}
