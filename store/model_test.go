package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

// model is what a store should answer, kept in maps.
type model struct {
	r        *rand.Rand
	articles map[string]news.Article
	stories  map[string]news.Story
	merged   map[string]string
	seen     map[string]news.Sighting
	next     int
}

func (m *model) verdicts() (vs []news.Verdict) {
	for _, topic := range []string{"gcap", "gca", "nato"} {
		v := news.Verdict{Topic: topic, Evidence: []news.Evidence{}, Against: []news.Against{}}
		switch m.r.IntN(4) {
		case 0:
			v.On = true
		case 1:
			v.Near = true
		case 2:
			continue
		}
		for _, f := range []string{"f", "g", ""} {
			if m.r.IntN(2) == 0 {
				v.Facets = append(v.Facets, f)
			}
		}
		vs = append(vs, v)
	}
	return vs
}

func (m *model) pick() string {
	ids := make([]string, 0, len(m.articles))
	for id := range m.articles {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids[m.r.IntN(len(ids))]
}

// visit makes up a visit and does to the model what it should do to a store.
func (m *model) visit() news.Visit {
	v := news.Visit{Source: fmt.Sprint("s", m.r.IntN(3)), Poll: news.Poll{Polls: m.next}}
	v.StoryOf, v.MergedStories = map[string]string{}, map[string]string{}
	changed := map[string]bool{}
	for range m.r.IntN(4) {
		m.next++
		a := article(m.next)
		// Several at the same instant, and some out of order.
		a.Seen = day.Add(time.Duration(m.next/3-m.r.IntN(2)) * time.Minute)
		a.Published = a.Seen.Add(-time.Duration(m.r.IntN(100)) * time.Minute)
		a.Verdicts = m.verdicts()
		id := a.ID
		if len(m.articles) > 0 && m.r.IntN(3) == 0 {
			id = m.articles[m.pick()].Story // joins that story
		}
		a.Story = id
		m.articles[a.ID] = a
		st, ok := m.stories[id]
		if !ok {
			st = news.Story{ID: id, Shown: id, Thread: id, First: a.Published}
		}
		st.Members = append(slices.Clone(st.Members), alone(a).Members...)
		if a.Published.Before(st.First) {
			st.First = a.Published
		}
		m.stories[id] = st
		changed[id] = true
		v.Articles = append(v.Articles, a)
		v.StoryOf[a.ID] = id
		s := news.Sighting{Key: fmt.Sprint("k", m.next), Digest: a.ID, Article: a.ID, First: a.Seen}
		m.seen[s.Key] = s
		v.Sightings = append(v.Sightings, s)
	}
	if len(m.stories) > 4 && m.r.IntN(3) == 0 {
		from, to := m.articles[m.pick()].Story, m.articles[m.pick()].Story
		if from != to {
			a, b := m.stories[from], m.stories[to]
			for _, mem := range a.Members {
				art := m.articles[mem.Article]
				art.Story = to
				m.articles[mem.Article] = art
				v.StoryOf[mem.Article] = to
			}
			b.Members = append(slices.Clone(b.Members), a.Members...)
			if a.First.Before(b.First) {
				b.First = a.First
			}
			m.stories[to] = b
			delete(m.stories, from)
			m.merged[from] = to
			v.MergedStories[from] = to
			delete(changed, from)
			changed[to] = true
		}
	}
	if len(m.articles) > 0 && m.r.IntN(3) == 0 { // an edited article
		a := m.articles[m.pick()]
		a.Verdicts = m.verdicts()
		a.Text += " Aggiornamento."
		a.Pruned = false
		m.articles[a.ID] = a
		v.Articles = append(v.Articles, a)
	}
	for id := range changed {
		v.Stories = append(v.Stories, m.stories[id])
	}
	// An article that came and was merged in one visit carries its last story.
	for i, a := range v.Articles {
		v.Articles[i].Story = m.articles[a.ID].Story
	}
	return v
}

func (m *model) rejudge() map[string][]news.Verdict {
	out := map[string][]news.Verdict{}
	for range m.r.IntN(5) {
		a := m.articles[m.pick()]
		vs := m.verdicts()
		if !a.Pruned {
			a.Verdicts = vs
			m.articles[a.ID] = a
		}
		out[a.ID] = vs
	}
	return out
}

func (m *model) prune(before time.Time) (n int) {
	for id, a := range m.articles {
		if a.Seen.Before(before) && !a.Pruned {
			a.Pruned, a.Text, a.HTML, a.Versions = true, "", "", nil
			a.Verdicts = withoutText(a.Verdicts)
			m.articles[id] = a
			n++
		}
	}
	return n
}

// timeline answers a query by looking at everything.
func (m *model) timeline(q news.Query) []news.Story {
	sts := []news.Story{}
	for _, st := range m.stories {
		on, near, onFacet, nearFacet := false, false, q.Facet == "", q.Facet == ""
		for _, mem := range st.Members {
			v, _ := m.articles[mem.Article].Verdict(q.Topic)
			on = on || v.On
			near = near || v.Near
			if slices.Contains(v.Facets, q.Facet) {
				onFacet = onFacet || v.On
				nearFacet = nearFacet || v.Near
			}
		}
		if !q.Near && on && onFacet || q.Near && !on && near && nearFacet {
			if (q.Before.IsZero() || st.First.Before(q.Before)) && !st.First.Before(q.After) {
				sts = append(sts, st)
			}
		}
	}
	slices.SortFunc(sts, func(a, b news.Story) int {
		if c := b.First.Compare(a.First); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return sts[:min(len(sts), q.Limit)]
}

func (m *model) query() news.Query {
	q := news.Query{
		Topic: []string{"gcap", "gca", "nato"}[m.r.IntN(3)],
		Facet: []string{"", "f", "g", "h"}[m.r.IntN(4)],
		Near:  m.r.IntN(3) == 0,
		Limit: 1 + m.r.IntN(40),
	}
	some := func() time.Time { return m.stories[m.articles[m.pick()].Story].First }
	if m.r.IntN(2) == 0 {
		q.Before = some()
	}
	if m.r.IntN(2) == 0 {
		q.After = some()
	}
	return q
}

// TestModel does random things to a store and to a model, and asks both.
func TestModel(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			s := openTest(t)
			m := &model{
				r:        rand.New(rand.NewPCG(seed, 1)),
				articles: map[string]news.Article{}, stories: map[string]news.Story{},
				merged: map[string]string{}, seen: map[string]news.Sighting{},
			}
			for step := range 100 {
				switch k := m.r.IntN(12); {
				case k == 0:
					before := day.Add(time.Duration(m.r.IntN(step+1)) * time.Minute / 2)
					if n, err := s.Prune(before); err != nil || n != m.prune(before) {
						t.Fatalf("step %d: pruned %d, %v", step, n, err)
					}
				case k < 3 && len(m.articles) > 0:
					if err := s.Rejudge(m.rejudge()); err != nil {
						t.Fatal(err)
					}
				default:
					mustCommit(t, s, m.visit())
				}
				if len(m.articles) == 0 {
					continue
				}
				q := m.query()
				if got, err := s.Timeline(q); err != nil || !cmp.Equal(got, m.timeline(q)) {
					t.Fatalf("step %d: timeline %+v: %v\n%s", step, q, err, cmp.Diff(m.timeline(q), got))
				}
				if step%20 == 19 {
					mustVerify(t, s)
				}
			}
			s = reopen(t, s)
			for id, want := range m.articles {
				if got, err := s.Article(id); err != nil || !cmp.Equal(got, want) {
					t.Errorf("article: %v\n%s", err, cmp.Diff(want, got))
				}
			}
			for from, to := range m.merged {
				for m.merged[to] != "" {
					to = m.merged[to]
				}
				if got, err := s.Story(from); err != nil || got.ID != to {
					t.Errorf("merged story %s is %s, %v, want %s", from, got.ID, err, to)
				}
			}
			keys := []string{}
			for k := range m.seen {
				keys = append(keys, k)
			}
			if got, err := s.Known(keys); err != nil || !cmp.Equal(got, m.seen) {
				t.Errorf("known: %v\n%s", err, cmp.Diff(m.seen, got))
			}
			mustVerify(t, s)
		})
	}
}
