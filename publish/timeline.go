package publish

import (
	"cmp"
	"slices"
	"time"

	"vedetta/news"
)

// storiesPage is the list of a topic's stories by day.
type storiesPage struct {
	*frame
	Topic     news.Topic
	Topics    []choice
	Facets    []choice
	Facet     string
	Label     string // of the facet
	Near      bool
	Scope     string // which time the list covers; empty for the newest
	Days      []day
	Count     int
	Older     string // path of the page before; empty when there is none
	Months    []choice
	Coverage  bars
	Relations []relationOverTime
	Own       []feedLink // the feeds of this list, named by format
	Outlets   []outletCount
	Polled    bool // some source was read
}

// relationOverTime is a relation's stories by week.
type relationOverTime struct {
	Label string
	Path  string
	Count int
	Bars  bars
}

// choice is a link in a row of which one is chosen.
type choice struct {
	Label  string
	Path   string
	Count  int
	Chosen bool
	month  string // yyyy-mm, of the row of months
}

type day struct {
	Heading string
	Date    string
	Entries []entry
}

type outletCount struct {
	Name  string
	Count int
	Width int // of 100
}

// Sizes of the list and of what surrounds it.
const (
	pageSize   = 25
	maxPage    = 400 // stories of one day or month
	chartWidth = chartWeeks * 10
	maxOutlets = 8
)

func (h *Handler) storiesPage(fr *frame) (document, error) {
	p := &storiesPage{frame: fr}
	fr.Section = "stories"
	if len(h.site.Topics) == 0 {
		p.PageTitle = p.T("no.topic")
		return h.render("stories", p)
	}
	p.Topic = h.site.Topics[0]
	if t, ok := h.topic(fr.query.topic); ok {
		p.Topic = t
	}
	p.Facet = fr.query.facet
	p.Near = p.Facet == nearMisses
	p.PageTitle = plain(cmp.Or(p.Topic.Title, p.Topic.ID), maxTitle)
	p.Description = p.T("feed.subtitle", p.PageTitle)
	if p.Near {
		p.Label = p.T("near")
		p.NoIndex = true
	} else if p.Facet != "" {
		p.Label, _ = relation(p.Topic, p.Facet)
	}
	fr.discover(p.Topic, p.Facet)
	for i, name := range []string{"Atom", "RSS", "JSON Feed"} {
		fl := fr.Feeds[i]
		fl.Title = name
		p.Own = append(p.Own, fl)
	}
	p.choices()

	stories, err := h.list(p)
	if err != nil {
		return document{}, err
	}
	for _, part := range []string{plain(p.Label, maxName), p.Scope} {
		if part != "" {
			fr.Head = part + " · " + cmp.Or(fr.Head, fr.PageTitle)
		}
	}
	entries, err := h.listed(stories, p.Topic, p.Near)
	if err != nil {
		return document{}, err
	}
	p.Count = len(entries)
	p.Days = p.byDay(entries)
	if err := h.surround(p); err != nil {
		return document{}, err
	}
	if p.query.month != "" && p.Older == "" {
		p.Older = p.earlierMonth()
	}
	if p.Count == 0 {
		if p.Polled, err = h.everRead(); err != nil {
			return document{}, err
		}
	}
	return h.render("stories", p)
}

// everRead reports whether any source was ever read.
func (h *Handler) everRead() (bool, error) {
	if h.read.Load() {
		return true, nil
	}
	polls, err := h.reader.Polls()
	for _, poll := range polls {
		if !poll.Success.IsZero() {
			h.read.Store(true)
		}
	}
	return h.read.Load(), err
}

// choices fills the rows of topics and facets.
func (p *storiesPage) choices() {
	if len(p.h.site.Topics) > 1 {
		for _, t := range p.h.site.Topics {
			p.Topics = append(p.Topics, choice{
				Label: plain(cmp.Or(t.Title, t.ID), maxName), Path: p.h.pagePath(t.ID, ""), Chosen: t.ID == p.Topic.ID,
			})
		}
	}
	add := func(id, label string) {
		p.Facets = append(p.Facets, choice{Label: label, Path: p.with("facet", id), Chosen: p.Facet == id})
	}
	add("", p.T("all"))
	for _, r := range p.Topic.Relations {
		add(r.ID, plain(cmp.Or(r.Label, r.ID), maxName))
	}
	add(nearMisses, p.T("near"))
}

// with is the path of this list with one parameter changed; a facet keeps the
// month, everything else starts from the newest.
func (p *storiesPage) with(name, value string) string {
	topic := ""
	if p.h.site.Topics[0].ID != p.Topic.ID {
		topic = p.Topic.ID
	}
	facet, month, before := p.Facet, "", ""
	switch name {
	case "facet":
		facet, month = value, p.query.month
	case "month":
		month = value
	case "before":
		month, before = p.query.month, value
	}
	q := params("topic", topic, "facet", facet, "month", month, "before", before)
	if q == "" {
		return "/"
	}
	return "/?" + q
}

// Newest is the path of this list from its beginning.
func (p *storiesPage) Newest() string { return p.with("", "") }

// NearPath is the path of the near misses.
func (p *storiesPage) NearPath() string { return p.with("facet", nearMisses) }

// AllPath is the path of the topic without a facet or time.
func (p *storiesPage) AllPath() string { return p.h.pagePath(p.Topic.ID, "") }

// list reads the stories of the page: whole days, up to about pageSize
// stories, of a month or of all times.
func (h *Handler) list(p *storiesPage) ([]news.Story, error) {
	q := news.Query{Topic: p.Topic.ID, Facet: p.Facet, Near: p.Near, Limit: pageSize + 1}
	if p.Near {
		q.Facet = ""
	}
	if m := p.query.month; m != "" {
		start, _ := time.ParseInLocation("2006-01", m, h.site.Zone) // checked by parsePage
		q.After, q.Before = start, start.AddDate(0, 1, 0)
		p.Scope = p.T("month.of", p.cal.month(start))
	}
	if b := p.query.before; b != "" {
		day, _ := time.ParseInLocation("2006-01-02", b, h.site.Zone) // checked by parsePage
		if q.Before.IsZero() || day.Before(q.Before) {
			q.Before = day
		}
		if p.Scope == "" {
			p.Scope = capital(p.T("before.of", p.cal.with(p.cal.pick("del", ""), day)))
		}
	}
	stories, err := h.reader.Timeline(q)
	if err != nil || len(stories) <= pageSize {
		return stories, err
	}
	last := p.cal.dayStart(stories[pageSize].First)
	n := slices.IndexFunc(stories, func(st news.Story) bool { return !st.First.After(last) || p.cal.dayStart(st.First).Equal(last) })
	p.Older = p.with("before", last.AddDate(0, 0, 1).Format("2006-01-02"))
	if n > 0 {
		return stories[:n], nil
	}
	// One day fills the page: show all of it.
	p.Older = p.with("before", last.Format("2006-01-02"))
	q.After, q.Limit = last, maxPage
	return h.reader.Timeline(q)
}

// earlierMonth is the path of the newest month before the page's that has
// stories; empty when there is none.
func (p *storiesPage) earlierMonth() string {
	for _, m := range p.Months { // newest first
		if m.month < p.query.month {
			return m.Path
		}
	}
	return ""
}

func (p *storiesPage) byDay(entries []entry) []day {
	var out []day
	for _, e := range entries {
		date := e.Story.First.In(p.cal.zone).Format("2006-01-02")
		if n := len(out); n == 0 || out[n-1].Date != date {
			out = append(out, day{Heading: p.cal.day(e.Story.First), Date: date})
		}
		d := &out[len(out)-1]
		d.Entries = append(d.Entries, e)
	}
	return out
}

// surround fills the charts, the outlets and the months from the stories of
// the last two years.
func (h *Handler) surround(p *storiesPage) error {
	all, err := h.history(p.Topic.ID, p.Facet, p.cal)
	if err != nil || len(all.months) == 0 {
		return err
	}
	from := all.young()
	p.chart(all, from)
	p.months(all)
	p.outlets(all)
	if p.Facet != "" || len(p.Topic.Relations) < 2 {
		return nil
	}
	for _, r := range p.Topic.Relations {
		one, err := h.history(p.Topic.ID, r.ID, p.cal)
		if err != nil {
			return err
		}
		rt := relationOverTime{Label: plain(cmp.Or(r.Label, r.ID), maxName), Path: p.with("facet", r.ID), Count: one.total()}
		rt.Bars = newBars(one.weeks[from:], chartWidth, 26, func(int, int) string { return "" })
		rt.Bars.Alt = p.T("coverage.alt", chartWeeks-from, rt.Count, slices.Max(one.weeks))
		p.Relations = append(p.Relations, rt)
	}
	return nil
}

// chart draws the weeks from one on.
func (p *storiesPage) chart(all history, from int) {
	if all.total() == 0 {
		return
	}
	first := all.first.AddDate(0, 0, 7*from)
	p.Coverage = newBars(all.weeks[from:], chartWidth, 56, func(i, n int) string {
		return p.T("week.of", p.cal.with(p.cal.pick("del", "of"), first.AddDate(0, 0, 7*i)), p.N("stories.count", n))
	})
	p.Coverage.Alt = p.T("coverage.alt", chartWeeks-from, all.total(), slices.Max(all.weeks))
	p.Coverage.Left = p.cal.month(first)
	p.Coverage.Right = p.cal.month(p.cal.now)
}

func (p *storiesPage) months(all history) {
	m := monthStart(p.cal.now, p.cal.zone)
	for range maxMonths {
		name := m.Format("2006-01")
		if n := all.months[name]; n > 0 {
			p.Months = append(p.Months, choice{Label: p.cal.month(m), Path: p.with("month", name), Count: n, Chosen: p.query.month == name, month: name})
		}
		m = m.AddDate(0, -1, 0)
	}
}

// outlets ranks the outlets by the stories that each carried, its own or
// others', in the weeks of the chart.
func (p *storiesPage) outlets(all history) {
	for id, n := range all.outlets {
		p.Outlets = append(p.Outlets, outletCount{Name: p.h.sourceName(id, ""), Count: n})
	}
	slices.SortFunc(p.Outlets, func(a, b outletCount) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Name, b.Name)) })
	p.Outlets = p.Outlets[:min(len(p.Outlets), maxOutlets)]
	for i := range p.Outlets {
		p.Outlets[i].Width = max(2, p.Outlets[i].Count*100/p.Outlets[0].Count)
	}
}
