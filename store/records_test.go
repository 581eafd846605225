package store

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

// forms returns a record as this version writes it and as those before 3 did.
func forms(t *testing.T, r record) map[string][]byte {
	t.Helper()
	before, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCodec()
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	return map[string][]byte{"JSON": before, "wire form": c.encode(r)}
}

func mustDecode(t *testing.T, b []byte, v any) {
	t.Helper()
	c, err := newCodec()
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if err := c.decode(b, v); err != nil {
		t.Fatal(err)
	}
}

// What a record leaves out comes back as it was, and so does what is not as
// one would guess.
func TestStoryRoundTrip(t *testing.T) {
	later := day.Add(90 * time.Minute)
	rome := time.FixedZone("", 3600)
	for name, want := range map[string]storyRecord{
		"alone":   {Story: alone(article(1)), Marks: []mark{{Topic: "gcap", Facets: []string{"f"}}, {Topic: "nato", Near: true}}},
		"nothing": {Story: news.Story{ID: "a"}},
		"none":    {Story: news.Story{ID: "a", Members: []news.Member{}, First: day}},
		"empty":   {Story: news.Story{ID: "a", Members: []news.Member{}}},
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
		disk := want.disk()
		for form, b := range forms(t, &disk) {
			var d storyDisk
			mustDecode(t, b, &d)
			if diff := cmp.Diff(want, d.record(want.ID)); diff != "" {
				t.Errorf("%s in %s: %s\n%s", name, form, b, diff)
			}
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
		state := stateOf(want, 7)
		for form, b := range forms(t, &state) {
			var s articleState
			mustDecode(t, b, &s)
			got := s.onto(news.Article{ID: want.ID})
			if diff := cmp.Diff(want, got); diff != "" || s.Bundle != 7 {
				t.Errorf("%s in %s: %s\n%s", name, form, b, diff)
			}
		}
	}
}

func TestThreadRoundTrip(t *testing.T) {
	var all news.Thread
	filled(reflect.ValueOf(&all).Elem(), 1)
	all.Links = append(all.Links, news.Link{A: all.Stories[0], B: all.Stories[1], Score: 24.867599487304688}, news.Link{A: all.Stories[1], B: "00ff", Shared: []string{}})
	for name, want := range map[string]news.Thread{
		"all": all, "nothing": {}, "empty": {ID: "00ff", Stories: []string{}, Links: []news.Link{}},
	} {
		for form, b := range forms(t, &threadRecord{want}) {
			var got threadRecord
			mustDecode(t, b, &got)
			if diff := cmp.Diff(want, got.Thread); diff != "" {
				t.Errorf("%s in %s: %s", name, form, diff)
			}
		}
	}
}

// Nothing of an article may be left out: a field that is new in news.Article
// or in what it holds is filled here by itself.
func TestArticleRoundTrip(t *testing.T) {
	var all news.Article
	filled(reflect.ValueOf(&all).Elem(), 1)
	for name, want := range map[string]news.Article{"all": all, "nothing": {ID: "00"}, "little": article(1)} {
		state := stateOf(want, 7)
		bare := want
		bare.ID, bare.Seen, bare.Story, bare.Verdicts, bare.Pruned = "", time.Time{}, "", nil, false
		before, err := json.Marshal(bare)
		if err != nil {
			t.Fatal(err)
		}
		for form, body := range map[string][]byte{"JSON": before, "wire form": newEntry(&want).body} {
			for _, b := range forms(t, &state) {
				var s articleState
				mustDecode(t, b, &s)
				e := entry{id: want.ID, seen: want.Seen, body: body}
				got, err := e.article()
				if diff := cmp.Diff(want, s.onto(got)); diff != "" || err != nil {
					t.Errorf("%s in %s: %v\n%s", name, form, err, diff)
				}
				lean := want
				lean.HTML, lean.Versions = "", slices.Clone(want.Versions)
				for i := range lean.Versions {
					lean.Versions[i].Text = ""
				}
				got, err = e.lean()
				if diff := cmp.Diff(lean, s.onto(got)); diff != "" || err != nil {
					t.Errorf("%s, lean, in %s: %v\n%s", name, form, err, diff)
				}
			}
		}
	}
}

func TestFloats(t *testing.T) {
	for _, v := range []float64{0, math.Copysign(0, -1), 0.5, 0.445, -0.001, 1, 1000.125, 1.0 / 3, 1e300, -1e-300, math.Inf(1), math.MaxInt64} {
		got := 0.0
		if err := fields(appendFloat(nil, 1, v), func(f field) error { got = f.float(); return nil }); err != nil || math.Float64bits(got) != math.Float64bits(v) {
			t.Errorf("%v became %v, %v", v, got, err)
		}
	}
}
