package publish

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"vedetta/news"
)

// state is how a source fares; the names are also message names after
// "state.".
type state string

const (
	stateOK       state = "ok"
	stateNew      state = "new"      // not read yet
	stateOff      state = "off"      // not enabled
	stateFailing  state = "failing"  // the last readings failed
	stateDead     state = "dead"     // for a month
	stateGone     state = "gone"     // 410
	stateBlocked  state = "blocked"  // refused with 401, 403, 429, 451, or robots.txt
	stateSilent   state = "silent"   // far behind its own rhythm
	stateMoved    state = "moved"    // permanent redirect
	stateDegraded state = "degraded" // pages without articles, or much shorter ones
)

// Limits of the health states.
const (
	deadAfter   = 30 * 24 * time.Hour
	leastSilent = 7 * 24 * time.Hour // a source that is quiet for less is not called silent
	silentGaps  = 8                  // of its own mean gaps
	leastPages  = 5                  // readings before extraction is judged
	leastBodies = 8                  // lengths before they are compared
)

// report is a source's health.
type report struct {
	Source  SourceInfo
	Poll    news.Poll
	Name    string
	State   state
	Reason  string    // a sentence; empty when all is well
	Since   time.Time // when the state began, as far as it is known
	Trouble bool
}

// health judges a source. It is a function of its arguments.
func health(s SourceInfo, p news.Poll, now time.Time, w words) report {
	r := report{Source: s, Poll: p, Name: plain(cmp.Or(s.Name, s.ID), maxName), State: stateOK}
	switch {
	case !s.Enabled:
		r.State, r.Reason = stateOff, plain(s.Reason, maxSummary)
	case p.Last.IsZero():
		r.State = stateNew
	case p.GoneCount > 0:
		r.State, r.Reason, r.Since = stateGone, w.t("why.gone"), p.FailingSince
	case p.Failed():
		r.fail(p, now, w)
	case p.Moved != "":
		r.State, r.Since = stateMoved, p.MovedSince
		r.Reason = w.t("why.moved", plain(p.Moved, maxSummary))
	default:
		r.content(p, now, w)
	}
	r.Trouble = r.State != stateOK && r.State != stateNew && r.State != stateOff
	return r
}

// fail tells a source that cannot be read from one that will not be.
func (r *report) fail(p news.Poll, now time.Time, w words) {
	r.State, r.Since = stateFailing, cmp.Or(p.FailingSince, p.Last)
	switch p.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusUnavailableForLegalReasons:
		r.State = stateBlocked
	}
	if strings.Contains(p.Err, "robots") {
		r.State = stateBlocked
	}
	if now.Sub(r.Since) > deadAfter && r.State == stateFailing {
		r.State = stateDead
	}
	r.Reason = w.t("why.failing", w.from(r.Since), clock(r.Since.In(w.cal.zone)), plain(p.Err, maxSummary))
}

// content judges what a source that answers has to give.
func (r *report) content(p news.Poll, now time.Time, w words) {
	if reason, share := refusals(p.RecentRefusals); len(p.RecentRefusals) >= leastPages && share > 0.5 {
		r.State, r.Reason = stateDegraded, w.t("why.refusals", plain(reason, maxSummary))
		return
	}
	if halved(p.Lengths) {
		r.State, r.Reason = stateDegraded, w.t("why.shorter")
		return
	}
	quiet := max(leastSilent, silentGaps*p.Gap)
	if p.Gap > 0 && !p.Newest.IsZero() && now.Sub(p.Newest) > quiet {
		r.State, r.Since = stateSilent, p.Newest.Add(quiet)
		r.Reason = w.t("why.silent", w.from(p.Newest), w.cal.span(p.Gap))
	}
}

// refusals is the share of pages that held no article, and the commonest
// reason.
func refusals(recent []string) (string, float64) {
	counts := map[string]int{}
	n := 0
	best := ""
	for _, reason := range recent {
		if reason == "" {
			continue
		}
		n++
		counts[reason]++
		if counts[reason] > counts[best] || counts[reason] == counts[best] && reason < best {
			best = reason
		}
	}
	return best, float64(n) / float64(max(1, len(recent)))
}

// halved reports whether the later third of lengths has a median under half of
// that of the rest.
func halved(lengths []int) bool {
	if len(lengths) < leastBodies {
		return false
	}
	at := len(lengths) - len(lengths)/3
	return 2*median(lengths[at:]) < median(lengths[:at])
}

func median(list []int) int {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// reports judges all sources, those in trouble first, then by name.
func (h *Handler) reports(now time.Time, w words) ([]report, error) {
	polls, err := h.reader.Polls()
	if err != nil {
		return nil, err
	}
	out := make([]report, 0, len(h.site.Sources))
	for _, s := range h.site.Sources {
		out = append(out, health(s, polls[s.ID], now, w))
	}
	rank := func(r report) int {
		switch {
		case r.Trouble:
			return 0
		case r.State == stateOff:
			return 2
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b report) int {
		return cmp.Or(rank(a)-rank(b), cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	return out, nil
}

// healthFeed writes the sources in trouble as Atom: an entry for each state of
// a source, whose id holds when it began, so that a second failure is news
// again.
func (h *Handler) healthFeed(now time.Time) (document, error) {
	w := h.speak(lang(h.site.Language), now)
	list, err := h.reports(now, w)
	if err != nil {
		return document{}, err
	}
	doc := atomFeed{
		Lang:      h.site.Language,
		NSOurs:    extensionNamespace,
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
	for _, r := range list {
		if !r.Trouble {
			continue
		}
		since := cmp.Or(r.Since, r.Poll.Success, r.Poll.Last).Truncate(time.Second)
		if since.After(newest) {
			newest = since
		}
		doc.Entries = append(doc.Entries, h.healthEntry(r, since, w))
	}
	slices.SortStableFunc(doc.Entries, func(a, b atomEntry) int { return strings.Compare(b.Updated, a.Updated) })
	doc.Updated = rfc3339(newest)
	data, err := marshal(doc)
	return document{data: data, ctype: "application/atom+xml; charset=utf-8", ccont: keepFeed, vary: "Accept-Encoding"}, err
}

func (h *Handler) healthEntry(r report, since time.Time, w words) atomEntry {
	text := r.Reason + " "
	if r.Poll.Success.IsZero() {
		text += w.t("health.last.none")
	} else {
		text += w.t("health.last", w.cal.full(r.Poll.Success))
	}
	return atomEntry{
		ID:        urn("source/" + r.Source.ID + "/" + string(r.State) + "/" + stableSince(r, since)),
		Title:     w.t("health.entry", r.Name, w.t("state."+string(r.State))),
		Published: rfc3339(since),
		Updated:   rfc3339(since),
		Links: []atomLink{
			{Rel: "alternate", Type: "text/html", Href: h.address("/sources#" + r.Source.ID)},
		},
		Content: &atomText{Type: "text", Text: text},
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
