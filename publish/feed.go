package publish

import (
	"cmp"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"vedetta/news"
)

// feed is what the three formats have in common.
type feed struct {
	Topic    news.Topic
	Facet    string // relation id, nearMisses, or empty
	Title    string
	Subtitle string
	Path     string // of the feed on our site, without its suffix
	Page     string // path of the page that shows the same
	Search   string // question that it answers, instead of a topic
	Updated  time.Time
	Entries  []entry

	Archive bool      // one month, closed
	Self    string    // path of this document
	Prev    string    // path of the archive document before this one (RFC 5005 §4); Atom's
	Next    string    // path of the document with older entries; JSON's
	Since   time.Time // no entry since then is missing; zero when none is at all
}

// feedRequest is a feed's address taken apart.
type feedRequest struct {
	topic  news.Topic
	facet  string
	month  time.Time // first moment of the archive's month; zero for the feed itself
	upto   time.Time // end of the part of the month that is asked for; exclusive
	format string    // suffix
	limit  int       // 0 for the usual window
}

// parseFeed takes apart what follows /feeds/.
func (h *Handler) parseFeed(rest string) (feedRequest, error) {
	var fr feedRequest
	dot := strings.LastIndexByte(rest, '.')
	if dot < 0 {
		return fr, fs.ErrNotExist
	}
	fr.format = rest[dot+1:]
	if fr.format != "atom" && fr.format != "rss" && fr.format != "json" {
		return fr, fs.ErrNotExist
	}
	parts := strings.Split(rest[:dot], "/")
	if n := len(parts); n >= 3 && parts[n-2] == "archive" {
		if err := fr.archive(parts[n-1], h.site.Zone); err != nil {
			return fr, err
		}
		parts = parts[:n-2]
	}
	var ok bool
	if fr.topic, ok = h.topic(parts[0]); !ok || len(parts) > 2 {
		return fr, fs.ErrNotExist
	}
	if len(parts) == 2 {
		fr.facet = parts[1]
		if _, ok := relation(fr.topic, fr.facet); !ok && fr.facet != nearMisses {
			return fr, fs.ErrNotExist
		}
	}
	return fr, nil
}

// archive reads which archive document is asked for: that of a month or, in
// JSON, of a month up to a day.
func (fr *feedRequest) archive(name string, zone *time.Location) error {
	month, err := time.ParseInLocation("2006-01", name, zone)
	if err == nil && fr.format != "rss" {
		fr.month, fr.upto = month, month.AddDate(0, 1, 0)
		return nil
	}
	day, err := time.ParseInLocation(time.DateOnly, name, zone)
	if err == nil && fr.format == "json" {
		fr.month, fr.upto = monthStart(day, zone), day.AddDate(0, 0, 1)
		return nil
	}
	return fs.ErrNotExist
}

// feedPath is the path of a feed without its suffix.
func feedPath(topic, facet string) string {
	if facet == "" {
		return "/feeds/" + topic
	}
	return "/feeds/" + topic + "/" + facet
}

// feedDocument writes the feed that is asked for.
func (h *Handler) feedDocument(fr feedRequest, now time.Time) (document, error) {
	f, err := h.feed(fr, now)
	if err != nil {
		return document{}, err
	}
	d := document{ccont: keepFeed, vary: "Accept-Encoding"}
	if f.Archive && fr.month.Before(monthStart(now, h.site.Zone)) {
		d.ccont = keepArchive
	}
	if h.site.Hub != "" && !f.Archive {
		// WebSub §4: the only place where JSON Feed can name it for hubs.
		d.links = "<" + h.site.Hub + `>; rel="hub", <` + h.address(f.Self) + `>; rel="self"`
	}
	switch fr.format {
	case "rss":
		d.ctype = "application/rss+xml; charset=utf-8"
		d.data, err = h.rss(f)
	case "json":
		d.ctype = jsonFeedType
		d.data, err = h.jsonFeed(f)
	default:
		d.ctype = "application/atom+xml; charset=utf-8"
		d.data, err = h.atom(f)
	}
	return d, err
}

// feed reads what the feed holds.
func (h *Handler) feed(fr feedRequest, now time.Time) (feed, error) {
	f := h.describe(fr)
	var stories []news.Story
	var rest time.Time
	var err error
	if fr.month.IsZero() {
		stories, rest, err = h.window(fr, now)
	} else {
		stories, err = h.month(fr)
	}
	if err != nil {
		return f, err
	}
	if f.Entries, err = h.entries(stories, fr.topic, fr.facet == nearMisses); err != nil {
		return f, err
	}
	if fr.format == "json" {
		if f, err = h.paged(f, fr, rest); err != nil {
			return f, err
		}
	}
	for _, e := range f.Entries {
		if u := e.updated(); u.After(f.Updated) {
			f.Updated = u
		}
	}
	if f.Updated.IsZero() {
		f.Updated = cmp.Or(fr.month, time.Unix(0, 0).UTC())
	}
	if fr.format != "json" {
		f.Prev, err = h.previous(f, fr, now)
	}
	return f, err
}

// describe fills what does not depend on the entries.
func (h *Handler) describe(fr feedRequest) feed {
	w := h.words()
	f := feed{
		Topic: fr.topic,
		Facet: fr.facet,
		Title: plain(cmp.Or(fr.topic.Title, fr.topic.ID), maxTitle),
		Path:  feedPath(fr.topic.ID, fr.facet),
		Page:  h.pagePath(fr.topic.ID, fr.facet),
	}
	f.Self = f.Path + "." + fr.format
	f.Subtitle = w.t("feed.subtitle", f.Title)
	switch {
	case fr.facet == nearMisses:
		f.Title += ": " + w.t("near")
		f.Subtitle = w.t("feed.near")
	case fr.facet != "":
		label, _ := relation(fr.topic, fr.facet)
		f.Title += ": " + plain(label, maxName)
		f.Subtitle = w.t("feed.facet", plain(label, maxName))
	}
	if !fr.month.IsZero() {
		f.Archive = true
		name := fr.month.Format("2006-01")
		if !fr.upto.Equal(fr.month.AddDate(0, 1, 0)) {
			name = fr.upto.AddDate(0, 0, -1).Format(time.DateOnly)
		}
		f.Self = archivePath(f.Path, name, fr.format)
		f.Title += ", " + w.cal.month(fr.month)
	}
	if fr.limit > 0 {
		f.Self += "?limit=" + strconv.Itoa(fr.limit)
	}
	return f
}

// pagePath is the page that shows what a feed carries.
func (h *Handler) pagePath(topic, facet string) string {
	q := ""
	if h.site.firstTopic() != topic {
		q = "?topic=" + topic
	}
	if facet != "" {
		q += cmp.Or(strings.Repeat("&", min(1, len(q))), "?") + "facet=" + facet
	}
	return "/" + q
}

// window selects the stories that the feed holds now: at least Limits.Entries,
// and all of the last Limits.Window and of the current month, but at most
// Limits.MaxEntries. A reader that comes rarely misses nothing, and what is
// not in the window is in the archive: rest is when the first of that came out.
func (h *Handler) window(fr feedRequest, now time.Time) (stories []news.Story, rest time.Time, err error) {
	l := h.site.Limits
	q := h.query(fr, time.Time{})
	q.Limit = cmp.Or(fr.limit, l.MaxEntries) + 1
	if stories, err = h.reader.Timeline(q); err != nil {
		return nil, rest, err
	}
	edge := now.Add(-l.Window)
	if m := monthStart(now, h.site.Zone); m.Before(edge) {
		edge = m
	}
	n := min(len(stories), cmp.Or(fr.limit, l.Entries))
	for n < min(len(stories), q.Limit-1) && !stories[n].First.Before(edge) {
		n++
	}
	if n < len(stories) {
		rest = stories[n].First
	}
	return stories[:n], rest, nil
}

// query asks for the newest story of a feed before a time; zero for no bound.
func (h *Handler) query(fr feedRequest, before time.Time) news.Query {
	q := news.Query{Topic: fr.topic.ID, Before: before, Limit: 1}
	q.Facet, q.Near = fr.selects()
	return q
}

func (fr feedRequest) selects() (facet string, near bool) {
	if fr.facet == nearMisses {
		return "", true
	}
	return fr.facet, false
}

// maxMonth bounds an archive document; no topic comes near it.
const maxMonth = 5000

func (h *Handler) month(fr feedRequest) ([]news.Story, error) {
	q := h.query(fr, fr.upto)
	q.After, q.Limit = fr.month, maxMonth
	stories, err := h.reader.Timeline(q)
	if err == nil && len(stories) == 0 {
		err = fmt.Errorf("archive of %s: %w", fr.month.Format("2006-01"), fs.ErrNotExist)
	}
	return stories, err
}

func archivePath(feed, name, format string) string {
	return feed + "/archive/" + name + "." + format
}

// previous finds the archive document before this one. Before the feed itself
// comes the archive of the month before the current one, or of the current one
// if the window does not hold all of it. The one after is not named: a month
// that is past would change when the next one is over, and readers walk back.
func (h *Handler) previous(f feed, fr feedRequest, now time.Time) (string, error) {
	q := h.query(fr, monthStart(now, h.site.Zone))
	if !fr.month.IsZero() {
		q.Before = fr.month
	} else if n := len(f.Entries); n > 0 && f.Entries[n-1].Story.First.After(q.Before) {
		q.Before = f.Entries[n-1].Story.First
	}
	older, err := h.reader.Timeline(q)
	if err != nil || len(older) == 0 {
		return "", err
	}
	return archivePath(f.Path, older[0].First.In(h.site.Zone).Format("2006-01"), "atom"), nil
}

// updated is the entry's atom:updated: never before it was published.
func (e entry) updated() time.Time {
	if e.Story.Updated.Before(e.Story.First) {
		return e.Story.First
	}
	return e.Story.Updated
}
