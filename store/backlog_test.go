package store

import (
	"testing"

	"vedetta/news"

	"github.com/google/go-cmp/cmp"
)

func TestBacklog(t *testing.T) {
	s := openTest(t)
	check := func(step string, want ...news.Item) {
		t.Helper()
		got, err := s.Backlog("alfa")
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v\n%s", step, err, cmp.Diff(want, got))
		}
	}
	check("before anything")
	a := news.Item{Source: "alfa", GUID: "a", URL: "https://alfa.example/a", Title: "Città", Content: "<p>testo</p>", Authors: []string{"X"}, Published: day, Partial: true}
	b := news.Item{Source: "alfa", GUID: "b", Title: "Senza indirizzo"}
	mustCommit(t, s, news.Visit{Source: "alfa", Backlog: []news.Item{a, b}})
	mustCommit(t, s, news.Visit{Source: "beta", Backlog: []news.Item{{GUID: "altro"}}})
	check("written", a, b)
	mustCommit(t, s, news.Visit{Source: "alfa", Poll: news.Poll{Left: 2}})
	check("a visit that says nothing of it", a, b)
	s = reopen(t, s)
	check("after a restart", a, b)
	mustVerify(t, s)
	mustCommit(t, s, news.Visit{Source: "alfa", Backlog: []news.Item{b}})
	check("fewer", b)
	mustCommit(t, s, news.Visit{Source: "alfa", Backlog: []news.Item{}})
	check("read")
	mustVerify(t, s)
}
