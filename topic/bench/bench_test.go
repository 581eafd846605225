package bench

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

func verdict(facets ...string) news.Verdict {
	return news.Verdict{On: len(facets) > 0, Facets: facets}
}

func TestScore(t *testing.T) {
	r := Score([]Case{
		{ID: "1", Label: On, Kind: "visit", Facets: []string{"a", "b"}, Verdict: verdict("a")},
		{ID: "2", Label: On, Kind: "visit", Facets: []string{"a"}, Verdict: verdict()},
		{ID: "3", Label: Off, Kind: "sport", Verdict: verdict("a")},
		{ID: "4", Label: Off, Kind: "sport", Verdict: verdict()},
		{ID: "5", Label: Borderline, Kind: "sport", Facets: []string{"a"}, Verdict: verdict("a")},
	})
	if d := cmp.Diff(Count{1, 1, 1, 1}, r.Overall); d != "" {
		t.Errorf("overall (-want +got)\n%s", d)
	}
	if d := cmp.Diff([]Group{{"a", Count{1, 1, 1, 1}}, {"b", Count{0, 0, 1, 3}}}, r.Facets); d != "" {
		t.Errorf("facets (-want +got)\n%s", d)
	}
	if d := cmp.Diff([]Group{{"sport", Count{0, 1, 0, 1}}, {"visit", Count{1, 0, 1, 0}}}, r.Kinds); d != "" {
		t.Errorf("kinds (-want +got)\n%s", d)
	}
	var wrong []string
	for _, c := range r.Mistakes {
		wrong = append(wrong, c.ID)
	}
	if d := cmp.Diff([]string{"2", "3"}, wrong); d != "" || len(r.Borderline) != 1 {
		t.Errorf("mistakes (-want +got)\n%s borderline %d", d, len(r.Borderline))
	}
	if p, rc, f := r.Overall.Precision(), r.Overall.Recall(), r.Overall.F1(); p != 0.5 || rc != 0.5 || f != 0.5 {
		t.Errorf("precision %v, recall %v, F1 %v, want 0.5", p, rc, f)
	}
	empty := Score(nil).Overall
	if empty.Precision() != 1 || empty.Recall() != 1 || empty.F1() != 0 {
		t.Errorf("score of nothing: %v %v %v", empty.Precision(), empty.Recall(), empty.F1())
	}
}

func TestCompare(t *testing.T) {
	c := Compare([]Change{
		{ID: "in", Label: Off, Old: verdict(), New: news.Verdict{On: true, Facets: []string{"a"}, Score: 0.6}},
		{ID: "in2", Label: On, Old: verdict(), New: news.Verdict{On: true, Facets: []string{"a"}, Score: 0.9}},
		{ID: "out", Label: Off, Old: verdict("a"), New: verdict()},
		{ID: "facet", Old: verdict("a"), New: verdict("b")},
		{ID: "same", Old: verdict("a"), New: verdict("a")},
		{ID: "off", Old: verdict(), New: verdict()},
	})
	if len(c.Added) != 2 || c.Added[0].ID != "in2" {
		t.Errorf("added %+v", c.Added)
	}
	if len(c.Removed) != 1 || len(c.Facets) != 1 || c.Same != 2 {
		t.Errorf("removed %d, facets %d, same %d", len(c.Removed), len(c.Facets), c.Same)
	}
}
