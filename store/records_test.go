package store

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

// What a record leaves out comes back as it was, and so does what is not as
// one would guess.
func TestStoryRoundTrip(t *testing.T) {
	later := day.Add(90 * time.Minute)
	rome := time.FixedZone("", 3600)
	for name, want := range map[string]storyRecord{
		"alone":   {Story: alone(article(1)), Marks: []mark{{Topic: "gcap", Facets: []string{"f"}}, {Topic: "nato", Near: true}}},
		"nothing": {Story: news.Story{ID: "a"}},
		"none":    {Story: news.Story{ID: "a", Members: []news.Member{}, First: day}},
		"zone":    {Story: news.Story{ID: "a", Shown: "a", Thread: "a", First: day.In(rome), Updated: later.In(rome)}},
		"all": {Story: news.Story{
			ID: "a", Shown: "b", Origin: "Agenzia", Thread: "c", First: day, Updated: later,
			Members: []news.Member{
				{Article: "a", Source: "s", Published: day},
				{Article: "b", Source: "", Published: later, Of: "a", Resemblance: 0.25, Containment: 1, Why: "contained"},
				{Article: ""},
			},
		}},
	} {
		b, err := json.Marshal(want.disk())
		if err != nil {
			t.Fatal(err)
		}
		var d storyDisk
		if err := json.Unmarshal(b, &d); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, d.record(want.ID)); diff != "" {
			t.Errorf("%s: %s\n%s", name, b, diff)
		}
	}
}

func TestStateRoundTrip(t *testing.T) {
	for name, want := range map[string]news.Article{
		"founder":     {ID: "a", Story: "a"},
		"member":      {ID: "a", Story: "b", Pruned: true},
		"no story":    {ID: "a"},
		"no verdicts": {ID: "a", Verdicts: []news.Verdict{}},
		"verdicts": {ID: "a", Story: "a", Verdicts: []news.Verdict{
			{Topic: "t"},
			{Topic: "u", Score: 0.1, Near: true, Facets: []string{}, Evidence: []news.Evidence{}, Against: []news.Against{}, Reason: "en"},
			{Topic: "v", On: true, Score: 1, Facets: []string{"f"}, Evidence: []news.Evidence{{Actor: "x", Start: 1, End: 2}}, Against: []news.Against{{Theme: "y", Weight: 0.5}}},
		}},
	} {
		b, err := json.Marshal(stateOf(want, 7))
		if err != nil {
			t.Fatal(err)
		}
		var s articleState
		if err := json.Unmarshal(b, &s); err != nil {
			t.Fatal(err)
		}
		got := s.onto(news.Article{ID: want.ID})
		if diff := cmp.Diff(want, got); diff != "" || s.Bundle != 7 {
			t.Errorf("%s: %s\n%s", name, b, diff)
		}
	}
}
