package publish

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"vedetta/dossier"
	"vedetta/news"
)

// maxDossier bounds the stories of a dossier; no topic comes near it.
const maxDossier = 100_000

// dossierChunk is how many stories of a dossier are read with their articles
// at a time.
const dossierChunk = 200

// Dossier is the stories that the query selects, for people who cite them, in
// the language asked for ("it" or "en"). A topic or a facet that is not there
// is reported with an error that wraps fs.ErrNotExist.
func (h *Handler) Dossier(q news.Query, language string) (dossier.Dossier, error) {
	topic, ok := h.topic(q.Topic)
	if !ok {
		return dossier.Dossier{}, fmt.Errorf("topic %q: %w", q.Topic, fs.ErrNotExist)
	}
	if q.Facet == nearMisses {
		q.Facet, q.Near = "", true
	}
	w := h.speak(lang(language), h.now())
	d := dossier.Dossier{
		Title: plain(cmp.Or(topic.Title, topic.ID), maxTitle), Site: plain(h.site.Title, maxName),
		Lang: language, Accessed: w.cal.now, Period: w.cal.period(q.After, q.Before),
		Calendar: dossier.Calendar{Day: w.cal.date, Minute: w.cal.full, Month: w.cal.month},
	}
	switch label, ok := relation(topic, q.Facet); {
	case q.Near:
		d.Title += ": " + w.t("near")
	case ok:
		d.Title += ": " + plain(label, maxName)
	case q.Facet != "":
		return d, fmt.Errorf("facet %q of topic %q: %w", q.Facet, q.Topic, fs.ErrNotExist)
	}
	q.Limit = maxDossier
	stories, err := h.reader.Timeline(q)
	if err != nil {
		return d, err
	}
	slices.Reverse(stories)
	for part := range slices.Chunk(stories, dossierChunk) {
		entries, err := h.entries(part, topic, q.Near)
		if err != nil {
			return d, err
		}
		for _, e := range entries {
			d.Entries = append(d.Entries, h.cited(e))
		}
	}
	return d, nil
}

// cited is an entry as a dossier tells it.
func (h *Handler) cited(e entry) dossier.Entry {
	c := dossier.Entry{
		Story: e.Story, Kind: h.kindOf(e.Article), Title: e.Title, Outlet: e.Outlet, Authors: e.Authors,
		Published: e.Article.Published.In(h.site.Zone), Link: e.Link, Lang: languageTag(e.Article.Lang), Summary: e.Summary, Origin: e.Origin,
	}
	for _, f := range e.Facets {
		c.Facets = append(c.Facets, plain(f.Label, maxName))
	}
	for i, r := range e.Reasons {
		if i == maxFootReasons {
			break
		}
		var ps []dossier.Piece
		for _, p := range r.Pieces {
			ps = append(ps, dossier.Piece(p))
		}
		if len(ps) > 0 {
			c.Reasons = append(c.Reasons, ps)
		}
	}
	for _, o := range e.Copies {
		c.Copies = append(c.Copies, dossier.Copy{Outlet: o.Outlet, Link: o.Link, Published: o.Published})
	}
	return c
}

// period is from when to when, in words; the second bound is exclusive.
func (c calendar) period(from, until time.Time) string {
	last := until.Add(-time.Nanosecond)
	switch {
	case from.IsZero() && until.IsZero():
		return ""
	case from.IsZero():
		return strings.TrimSpace(c.with(c.pick("fino al", "until"), last))
	case until.IsZero():
		return c.with(c.pick("dal", "from"), from)
	}
	return c.between(from, last)
}
