package publish

import (
	"cmp"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"

	"vedetta/news"
)

// stateDead is a source that has been failing for deadAfter; the other states
// are those of news.Health. All are message names after "state.".
const stateDead news.Health = "dead"

const (
	deadAfter    = 30 * 24 * time.Hour
	stateOffline = "offline" // not the source's fault: our own connection is down
)

// report is a source's health.
type report struct {
	Source  SourceInfo
	Poll    news.Poll
	Hub     string // that pushes what is new; empty when the source is polled
	Name    string
	State   news.Health
	Reason  string    // a sentence; empty when all is well
	Detail  string    // the failure as the program tells it, in English
	Since   time.Time // when the state began, as far as it is known
	Trouble bool
}

// health tells a source's state and the reason in words. It is a function of
// its arguments.
func health(s SourceInfo, p news.Poll, now time.Time, w words) report {
	r := report{Source: s, Poll: p, Name: title(cmp.Or(s.Name, s.ID), maxName)}
	var why string
	r.State, why = p.Health(s.Enabled, now)
	switch r.State {
	case news.HealthDisabled:
		r.Reason = plain(s.Reason, maxSummary)
		return r
	case news.HealthNew, news.HealthGood:
		return r
	case news.HealthFailing, news.HealthBlocked:
		if p.Fault == news.FaultOffline {
			r.State, r.Reason = stateOffline, w.t("why.offline")
			return r
		}
		r.Since = cmp.Or(p.FailingSince, p.Last)
		if r.State == news.HealthFailing && now.Sub(r.Since) > deadAfter {
			r.State = stateDead
		}
		r.Reason = w.t("why.failing", w.from(r.Since), clock(r.Since.In(w.cal.zone)), w.fault(p))
		r.Detail = plain(p.Err, maxSummary)
	case news.HealthGone:
		r.Since, r.Reason = p.FailingSince, w.t("why.gone")
	case news.HealthMoved:
		r.Since, r.Reason = p.MovedSince, w.t("why.moved", plain(p.Moved, maxSummary))
	case news.HealthSilent:
		r.Since, r.Reason = silentSince(p, now), w.t("why.silent", w.from(p.Newest), w.cal.span(p.Gap))
	case news.HealthDegraded:
		r.Reason = w.t("why.shorter")
		if last, most := refusals(p); most {
			r.Reason = w.t("why.degraded", w.refusal(last))
		}
	default:
		r.Detail = plain(why, maxSummary)
	}
	r.Trouble = true
	return r
}

// fault says in a few words why a source could not be read.
func (w words) fault(p news.Poll) string {
	switch p.Fault {
	case news.FaultClient, news.FaultServer:
		if p.Status == http.StatusNotFound {
			return w.t("fault.404")
		}
		return w.t("fault."+string(p.Fault), p.Status)
	}
	if name := "fault." + string(p.Fault); messages[name].it != "" {
		return w.t(name)
	}
	return w.t("fault.other")
}

// silentSince is the hour in which a source came to be called silent.
func silentSince(p news.Poll, now time.Time) time.Time {
	hours := sort.Search(int(now.Sub(p.Newest)/time.Hour), func(i int) bool { return p.Silent(p.Newest.Add(time.Duration(i) * time.Hour)) })
	return p.Newest.Add(time.Duration(hours) * time.Hour)
}

// refusals returns the latest reason why a page gave no article, and whether
// most of the latest pages gave none: else texts became shorter.
func refusals(p news.Poll) (last string, most bool) {
	n := 0
	tail := p.RecentRefusals[max(0, len(p.RecentRefusals)-10):]
	for _, r := range tail {
		if r != "" {
			n, last = n+1, r
		}
	}
	return last, 2*n > len(tail)
}

// reports judges all sources, those in trouble first, then by name.
func (h *Handler) reports(now time.Time, w words) ([]report, error) {
	polls, err := h.reader.Polls()
	if err != nil {
		return nil, err
	}
	hubs := map[string]string{}
	if h.site.Pushing != nil {
		hubs = h.site.Pushing()
	}
	out := make([]report, 0, len(h.site.Sources))
	for _, s := range h.site.Sources {
		r := health(s, polls[s.ID], now, w)
		r.Hub = plain(hubs[s.ID], maxName)
		out = append(out, r)
	}
	rank := func(r report) int {
		switch {
		case r.Trouble:
			return 0
		case r.State == news.HealthDisabled:
			return 2
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b report) int {
		return cmp.Or(rank(a)-rank(b), cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	return out, nil
}

// healthFeed writes the sources in trouble as Atom, and those that recovered
// lately: an entry for each state of a source, whose id holds when it began, so that a second failure is news
// again.
func (h *Handler) healthFeed(now time.Time) (document, error) {
	w := h.speak(lang(h.site.Language), now)
	list, err := h.reports(now, w)
	if err != nil {
		return document{}, err
	}
	doc := atomFeed{
		Lang:      h.site.Language,
		NSOurs:    news.Namespace,
		ID:        urn("sources"),
		Title:     w.t("health.title", plain(h.site.Title, maxName)),
		Subtitle:  w.t("health.subtitle"),
		Author:    &atomPerson{Name: plain(h.site.Title, maxName), URI: h.address("/")},
		Generator: &atomMaker{Version: h.site.Version, Name: "Vedetta"},
		Links: []atomLink{
			{Rel: "self", Type: "application/atom+xml", Href: h.address("/sources.atom")},
			{Rel: "alternate", Type: "text/html", Href: h.address("/sources")},
		},
	}
	newest := time.Unix(0, 0)
	add := func(e atomEntry, at time.Time) {
		if at.After(newest) {
			newest = at
		}
		doc.Entries = append(doc.Entries, e)
	}
	for _, r := range list {
		if r.recovered(now) {
			add(h.recoveryEntry(r, w), r.Poll.Recovered)
		}
		if !r.Trouble {
			continue
		}
		since := cmp.Or(r.Since, r.Poll.Success, r.Poll.Last).Truncate(time.Second)
		add(h.healthEntry(r, since, w), since)
	}
	slices.SortStableFunc(doc.Entries, func(a, b atomEntry) int { return strings.Compare(b.Updated, a.Updated) })
	doc.Updated = rfc3339(newest)
	data, err := marshal(doc)
	return document{data: data, ctype: "application/atom+xml; charset=utf-8", ccont: keepFeed, vary: "Accept-Encoding"}, err
}

func (h *Handler) healthEntry(r report, since time.Time, w words) atomEntry {
	text := strings.TrimRight(r.Reason, ". ") + "."
	switch {
	case !r.Poll.Failed(): // its last good reading is the last one, and changes with each
	case r.Poll.Success.IsZero():
		text += " " + w.t("health.last.none")
	default:
		text += " " + w.t("health.last", w.cal.full(r.Poll.Success))
	}
	if r.Detail != "" {
		text += " " + w.t("health.detail", r.Detail)
	}
	id := urn("source/" + r.Source.ID + "/" + string(r.State) + "/" + stableSince(r, since))
	return atomEntry{
		ID:        id,
		Title:     inert(w.t("health.entry", r.Name, w.t("state."+string(r.State)))),
		Published: rfc3339(since),
		Updated:   stamp(since, id),
		Links: []atomLink{
			{Rel: "alternate", Type: "text/html", Href: h.address("/sources#" + r.Source.ID)},
		},
		Content: &atomText{Type: "text", Text: inert(text)},
	}
}

// Recoveries that are told of: of outages that were more than a hiccup, while
// they are news.
const (
	leastOutage  = 6 * time.Hour
	recoveryNews = 14 * 24 * time.Hour
)

func (r report) recovered(now time.Time) bool {
	p := r.Poll
	return r.Source.Enabled && !p.Failed() && !p.Recovered.IsZero() && p.Outage >= leastOutage && now.Sub(p.Recovered) < recoveryNews
}

// recoveryEntry tells that a source can be read again.
func (h *Handler) recoveryEntry(r report, w words) atomEntry {
	at := r.Poll.Recovered.Truncate(time.Second)
	id := urn("source/" + r.Source.ID + "/recovered/" + rfc3339(at))
	return atomEntry{
		ID:        id,
		Title:     inert(w.t("health.entry", r.Name, w.t("recovered"))),
		Published: rfc3339(at),
		Updated:   stamp(at, id),
		Links:     []atomLink{{Rel: "alternate", Type: "text/html", Href: h.address("/sources#" + r.Source.ID)}},
		Content:   &atomText{Type: "text", Text: w.t("recovered.after", w.from(at), clock(at.In(w.cal.zone)), w.cal.span(r.Poll.Outage))},
	}
}

// stableSince is the part of an entry's id that tells one bout of trouble from
// the next. Where the beginning is not known, there is one entry for all.
func stableSince(r report, since time.Time) string {
	if r.Since.IsZero() {
		return ""
	}
	return rfc3339(since)
}

// sourceAddress is the address that a source is read at.
func sourceAddress(s SourceInfo) string { return cmp.Or(s.URL, s.Page, s.Sitemap) }
