package fetcher

import (
	"fmt"
	"testing"
	"time"

	"vedetta/news"
)

// every is a schedule at a fixed interval, as robfig/cron makes it.
type every time.Duration

func (e every) Next(t time.Time) time.Time {
	return t.Add(time.Duration(e) - time.Duration(t.Nanosecond()))
}

// daily is a schedule at an hour of the day.
type daily int

func (d daily) Next(t time.Time) time.Time {
	at := time.Date(t.Year(), t.Month(), t.Day(), int(d), 0, 0, 0, t.Location())
	if !at.After(t) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

func TestDue(t *testing.T) {
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC) // a Wednesday
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	in := func(d time.Duration) time.Time { return now.Add(d) }
	src := news.Source{ID: "gazzetta", URL: "https://a.example/feed"}
	const h, day = time.Hour, 24 * time.Hour
	tests := map[string]struct {
		sched    Schedule
		last     news.Poll
		from, to time.Time
	}{
		"new":                          {nil, news.Poll{}, now, in(firstWait)},
		"fixed interval":               {every(h), news.Poll{Last: ago(h / 2).Add(300 * time.Millisecond)}, in(h / 2).Add(300 * time.Millisecond), in(h / 2).Add(300 * time.Millisecond)},
		"time of day":                  {daily(18), news.Poll{Last: ago(h)}, in(8 * h), in(8*h + catchUp)},
		"time of day, just asked":      {daily(9), news.Poll{Last: ago(h - 9*time.Minute)}, in(23 * h), in(23*h + catchUp)},
		"half the gap":                 {nil, news.Poll{Last: now, Gap: 6 * h, Newest: ago(h)}, in(3 * h), in(3*h + 18*time.Minute)},
		"never under an hour":          {nil, news.Poll{Last: now, Gap: time.Minute, Newest: now}, in(h), in(h + 6*time.Minute)},
		"own schedule under an hour":   {every(20 * time.Minute), news.Poll{Last: now}, in(20 * time.Minute), in(20 * time.Minute)},
		"ceiling":                      {nil, news.Poll{Last: now, Gap: 400 * h, Newest: ago(h)}, in(day), in(day + 144*time.Minute)},
		"silent for a week":            {nil, news.Poll{Last: now, Gap: h, Newest: ago(8 * day)}, in(6 * h), in(6*h + 36*time.Minute)},
		"silent for a month":           {nil, news.Poll{Last: now, Gap: h, Newest: ago(31 * day)}, in(day), in(day + 144*time.Minute)},
		"without dates":                {nil, news.Poll{Last: now}, in(h), in(h + 6*time.Minute)},
		"not before":                   {every(h), news.Poll{Last: now, NotBefore: in(5 * h)}, in(5 * h), in(5 * h)},
		"skipped hours":                {every(h), news.Poll{Last: now, SkipHours: []int{11, 12, 13}}, in(4 * h), in(4 * h)},
		"skipped days":                 {every(h), news.Poll{Last: now, SkipDays: []time.Weekday{time.Wednesday, time.Thursday}}, in(38 * h), in(38 * h)},
		"a little late":                {every(h), news.Poll{Last: ago(h + time.Minute)}, ago(time.Minute), ago(time.Minute)},
		"overdue":                      {every(h), news.Poll{Last: ago(9 * h)}, ago(catchGrace), in(catchUp)},
		"clock set back":               {every(h), news.Poll{Last: in(40 * day), NotBefore: in(40*day + 2*h)}, in(2 * h), in(2 * h)},
		"absurd not-before":            {every(h), news.Poll{Last: now, NotBefore: in(4000 * day)}, in(goneLook), in(goneLook)},
		"another address in the file":  {every(h), news.Poll{Configured: "https://b.example/", Last: now, NotBefore: in(day)}, now, in(firstWait)},
		"all hours left out are none":  {every(h), news.Poll{Last: now, SkipDays: []time.Weekday{0, 1, 2, 3, 4, 5, 6}}, in(h), in(10 * day)},
		"not before while time of day": {daily(18), news.Poll{Last: ago(h), NotBefore: in(9 * h)}, in(9 * h), in(9 * h)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := (Rhythm{}).Due(tt.sched, src, tt.last, now)
			if got.Before(tt.from) || got.After(tt.to) {
				t.Errorf("due %v, want %v to %v", got.Sub(now), tt.from.Sub(now), tt.to.Sub(now))
			}
			if again := (Rhythm{}).Due(tt.sched, src, tt.last, now); !again.Equal(got) {
				t.Errorf("due %v and then %v", got, again)
			}
		})
	}
}

// After a night of the machine's, sources come over ten minutes, not at once,
// and one that looks again at its time is let go.
func TestOverdueSourcesAreSpread(t *testing.T) {
	now := time.Date(2026, 3, 4, 7, 3, 0, 0, time.UTC)
	minutes := map[int]int{}
	for i := range 600 {
		src := news.Source{ID: fmt.Sprintf("fonte-%d", i)}
		last := news.Poll{Last: now.Add(-9 * time.Hour)}
		at := (Rhythm{}).Due(every(time.Hour), src, last, now)
		minutes[int(at.Sub(now)/time.Minute)]++
		if later := (Rhythm{}).Due(every(time.Hour), src, last, at.Add(time.Millisecond)); later.After(at.Add(catchGrace)) {
			t.Fatalf("put off from %v to %v", at, later)
		}
	}
	for m, n := range minutes {
		if n > 90 {
			t.Errorf("%d of 600 sources in minute %d", n, m)
		}
	}
	if len(minutes) < 10 {
		t.Errorf("spread over %d minutes", len(minutes))
	}
}
