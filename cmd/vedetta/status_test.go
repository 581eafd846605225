package main

import (
	"testing"
	"time"

	"vedetta/config"
	"vedetta/news"
)

func TestStatusLine(t *testing.T) {
	var sources []config.Source
	for _, id := range []string{"alfa", "beta", "gamma", "delta", "epsilon"} {
		sources = append(sources, config.Source{Source: news.Source{ID: id}})
	}
	at := time.Date(2026, 3, 1, 9, 30, 0, 0, time.Local)
	clock := at.Format("15:04 MST")
	good := news.Poll{Last: at, Success: at}
	bad := news.Poll{Last: at.Add(-time.Hour), Err: "no such host"}
	for _, tc := range []struct {
		name    string
		sources []config.Source
		polls   map[string]news.Poll
		stories int
		want    string
	}{
		{"at the first start", sources[:2], nil, 0, "0 of 2 sources answer, 2 not asked yet; 0 stories today"},
		{"all well", sources[:2], map[string]news.Poll{"alfa": good, "beta": good}, 1, "2 of 2 sources answer; last asked " + clock + "; 1 story today"},
		{"one fails", sources[:3], map[string]news.Poll{"alfa": good, "beta": bad}, 7, "1 of 3 sources answer, 1 not asked yet, 1 failing (beta); last asked " + clock + "; 7 stories today"},
		{"many fail", sources, map[string]news.Poll{"alfa": good, "beta": bad, "gamma": bad, "delta": bad, "epsilon": bad}, 2, "1 of 5 sources answer, 4 failing (beta, gamma, delta, …); last asked " + clock + "; 2 stories today"},
		{"one that is no longer in the file", sources[:1], map[string]news.Poll{"alfa": good, "zeta": bad}, 2, "1 of 1 sources answer; last asked " + clock + "; 2 stories today"},
	} {
		if got := statusLine(tc.sources, tc.polls, tc.stories); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestMidnightIsThatOfThePress(t *testing.T) {
	now := time.Date(2026, 7, 1, 23, 30, 0, 0, time.UTC) // past midnight in Rome
	if got, want := midnight(now), time.Date(2026, 7, 1, 22, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("midnight of %s: %s, want %s", now, got, want)
	}
}
