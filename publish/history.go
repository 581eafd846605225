package publish

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"vedetta/news"
)

// history counts a topic's or a facet's stories over time.
type history struct {
	first   time.Time      // Monday of the first week
	weeks   []int          // stories by week, the last one being the current
	months  map[string]int // stories by month (yyyy-mm)
	outlets map[string]int // stories of those weeks by Source.ID of who carried them
}

// How far back history goes.
const (
	chartWeeks   = 26
	leastWeeks   = 8 // that a chart shows, however young the archive is
	maxMonths    = 24
	maxHistories = 20_000 // stories
)

func newHistory(c calendar) history {
	now := c.now.In(c.zone)
	monday := c.dayStart(now).AddDate(0, 0, -int(now.Weekday()+6)%7)
	return history{
		first: monday.AddDate(0, 0, -7*(chartWeeks-1)), weeks: make([]int, chartWeeks),
		months: map[string]int{}, outlets: map[string]int{},
	}
}

func (hy history) total() int {
	n := 0
	for _, w := range hy.weeks {
		n += w
	}
	return n
}

// young is the first week that is worth a bar: an archive that has just begun
// is not drawn as half a year of nothing.
func (hy history) young() int {
	i := slices.IndexFunc(hy.weeks, func(n int) bool { return n > 0 })
	return min(max(0, i), chartWeeks-leastWeeks)
}

// monday is the first moment of the current week.
func (hy history) monday() time.Time { return hy.first.AddDate(0, 0, 7*(chartWeeks-1)) }

// add counts stories.
func (hy history) add(stories []news.Story, zone *time.Location) {
	for _, st := range stories {
		at := st.First.In(zone)
		hy.months[at.Format("2006-01")]++
		days := int(midnightUTC(at).Sub(midnightUTC(hy.first)) / (24 * time.Hour))
		if days < 0 || days/7 >= chartWeeks {
			continue
		}
		hy.weeks[days/7]++
		var seen []string
		for _, m := range st.Members {
			if o := news.OutletOf(m.Source); !slices.Contains(seen, o) {
				seen = append(seen, o)
				hy.outlets[o]++
			}
		}
	}
}

func (hy history) clone() history {
	hy.weeks, hy.months, hy.outlets = slices.Clone(hy.weeks), maps.Clone(hy.months), maps.Clone(hy.outlets)
	return hy
}

// settled remembers the history of the weeks before the current one. It is
// counted once a day, as thousands of stories are read for it; a story that
// turns up late is counted from the next day on.
type settled struct {
	mu     sync.Mutex // guards days and counts; one count at a time
	day    time.Time
	counts map[string]history // by topic and facet
}

// history counts the stories of a topic, or of one of its facets.
func (h *Handler) history(topic, facet string, c calendar) (history, error) {
	past, err := h.settled(topic, facet, c)
	if err != nil {
		return past, err
	}
	all := past.clone()
	q := news.Query{Topic: topic, Facet: facet, After: past.monday(), Limit: maxHistories}
	q.Facet, q.Near = feedRequest{facet: facet}.selects()
	week, err := h.reader.Timeline(q)
	if err != nil {
		return all, err
	}
	all.add(week, c.zone)
	return all, nil
}

func (h *Handler) settled(topic, facet string, c calendar) (history, error) {
	h.past.mu.Lock()
	defer h.past.mu.Unlock()
	if today := c.dayStart(c.now); !h.past.day.Equal(today) {
		h.past.day, h.past.counts = today, map[string]history{}
	}
	key := topic + "/" + facet
	if hy, ok := h.past.counts[key]; ok {
		return hy, nil
	}
	hy := newHistory(c)
	q := news.Query{Topic: topic, Before: hy.monday(), After: monthStart(c.now, c.zone).AddDate(0, 1-maxMonths, 0), Limit: maxHistories}
	q.Facet, q.Near = feedRequest{facet: facet}.selects()
	stories, err := h.reader.Timeline(q)
	if err != nil {
		return hy, err
	}
	hy.add(stories, c.zone)
	h.past.counts[key] = hy
	return hy, nil
}

// Warm counts what is counted once a day, unless it is counted already, so
// that nobody who asks for a page waits for it.
func (h *Handler) Warm() error {
	c := h.speak(italian, h.now()).cal
	for _, t := range h.site.Topics {
		facets := []string{"", nearMisses}
		for _, r := range t.Relations {
			facets = append(facets, r.ID)
		}
		for _, facet := range facets {
			if _, err := h.settled(t.ID, facet, c); err != nil {
				return fmt.Errorf("count the stories of %s: %w", feedPath(t.ID, facet), err)
			}
		}
	}
	return nil
}
