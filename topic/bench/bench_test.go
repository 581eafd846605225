package bench

import (
	"slices"
	"testing"

	"vedetta/news"
)

func item(id, label, kind string, on bool, score float64, facets ...string) Item {
	it := Item{ID: id, Label: label, Kind: kind, Verdict: news.Verdict{On: on, Score: score}}
	if label == On {
		it.Facets = []string{"gcap"}
	}
	if on {
		it.Verdict.Facets = facets
	}
	return it
}

func ids(items []Item) []string {
	var out []string
	for _, it := range items {
		out = append(out, it.ID)
	}
	return out
}

func TestRun(t *testing.T) {
	s := Run([]Item{
		item("1", On, "visit", true, .9, "gcap"),
		item("2", On, "visit", true, .8, "other"),
		item("3", On, "ship", false, .3),
		item("4", On, "ship", false, .1),
		item("5", Off, "sport", true, .6, "gcap"),
		item("6", Off, "sport", true, .7, "gcap"),
		item("7", Off, "sport", false, .0),
		item("8", Borderline, "sport", true, .5, "gcap"),
	})
	if want := (Counts{Right: 2, Wrong: 2, Missed: 2, Neither: 1}); s.All != want {
		t.Errorf("All = %+v; want %+v", s.All, want)
	}
	if p, r, f := s.All.Precision(), s.All.Recall(), s.All.F1(); p != .5 || r != .5 || f != .5 {
		t.Errorf("precision %v, recall %v, F1 %v; want .5", p, r, f)
	}
	if k := s.Kinds["ship"]; k.Missed != 2 || k.Recall() != 0 || k.Precision() != 1 {
		t.Errorf("ship = %+v", k)
	}
	if got := ids(s.Mistakes); !slices.Equal(got, []string{"6", "5", "4", "3"}) {
		t.Errorf("mistakes = %v; want the gravest of each sort first", got)
	}
	if want := (Counts{Right: 1, Missed: 1, Neither: 1}); s.Facets["gcap"] != want {
		t.Errorf("gcap = %+v; want %+v", s.Facets["gcap"], want)
	}
	if got := ids(s.Borderline); !slices.Equal(got, []string{"8"}) {
		t.Errorf("borderline = %v", got)
	}
}

func TestCompare(t *testing.T) {
	before := []Item{item("1", On, "", true, 1), item("2", On, "", false, 0), item("3", Off, "", true, 1)}
	after := []Item{item("1", On, "", true, 1), item("2", On, "", true, 1), item("3", Off, "", false, 0)}
	c := Compare(before, after)
	if !slices.Equal(ids(c.On), []string{"2"}) || !slices.Equal(ids(c.Off), []string{"3"}) {
		t.Errorf("on %v, off %v", ids(c.On), ids(c.Off))
	}
}
