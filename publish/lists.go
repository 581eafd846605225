package publish

import (
	"cmp"
	"net/url"

	"vedetta/news"
)

// sourcesPage is the sources and their health.
type sourcesPage struct {
	*frame
	Reports []report
	Trouble int
	Running string // since when the program runs
}

func (h *Handler) sourcesPage(fr *frame) (document, error) {
	fr.Section = "sources"
	fr.PageTitle = fr.T("sources")
	fr.Description = fr.T("sources.about", fr.SiteTitle())
	p := sourcesPage{frame: fr}
	var err error
	if p.Reports, err = h.reports(fr.cal.now, fr.words); err != nil {
		return document{}, err
	}
	for _, r := range p.Reports {
		if r.Trouble {
			p.Trouble++
		}
	}
	if at := h.site.Started; !at.IsZero() {
		p.Running = fr.T("running", fr.From(at), fr.Clock(at))
	}
	fr.Feeds = []feedLink{{Title: fr.T("health.title", fr.SiteTitle()), Type: "application/atom+xml", Path: "/sources.atom", URL: h.address("/sources.atom")}}
	return h.render("sources", p)
}

// Rhythm is how often the source has something new, in words.
func (r report) Rhythm(f *frame) string {
	if r.Poll.Gap <= 0 {
		return ""
	}
	return f.T("rhythm", f.cal.span(r.Poll.Gap))
}

// Share is the share of the source's items that are on a topic.
func (r report) Share() float64 {
	return float64(r.Poll.OnTopic) / float64(max(1, r.Poll.Items))
}

// Href is the source's home page, else its feed.
func (r report) Href() string { return cmp.Or(link(r.Source.Site), link(sourceAddress(r.Source))) }

// subscribePage is the feeds for people.
type subscribePage struct {
	*frame
	Topics []followTopic
	Hub    string
}

type followTopic struct {
	Title string
	Feeds []followFeed
}

type followFeed struct {
	Label   string
	Note    string
	Anchor  string
	Atom    feedLink
	RSS     feedLink
	JSON    feedLink
	Readers []choice // addresses that subscribe in a reader on the web
}

func (h *Handler) subscribePage(fr *frame) (document, error) {
	fr.Section = "follow"
	fr.PageTitle = fr.T("follow")
	fr.Description = fr.T("follow.intro")
	p := subscribePage{frame: fr}
	if u, err := url.Parse(h.site.Hub); err == nil {
		p.Hub = u.Host
	}
	for _, t := range h.site.Topics {
		ft := followTopic{Title: plain(cmp.Or(t.Title, t.ID), maxTitle)}
		ft.Feeds = append(ft.Feeds, h.follow(t, "", fr.T("follow.all")))
		for _, r := range t.Relations {
			ft.Feeds = append(ft.Feeds, h.follow(t, r.ID, plain(cmp.Or(r.Label, r.ID), maxName)))
		}
		near := h.follow(t, nearMisses, fr.T("near"))
		near.Note = fr.T("follow.near")
		ft.Feeds = append(ft.Feeds, near)
		p.Topics = append(p.Topics, ft)
		fr.discover(t, "")
	}
	return h.render("subscribe", p)
}

func (h *Handler) follow(t news.Topic, facet, label string) followFeed {
	path := feedPath(t.ID, facet)
	title := plain(cmp.Or(t.Title, t.ID), maxTitle) + ": " + label
	at := func(format, kind string) feedLink {
		return feedLink{Title: title, Type: kind, Path: path + "." + format, URL: h.address(path + "." + format)}
	}
	ff := followFeed{
		Label: label, Anchor: t.ID,
		Atom: at("atom", "application/atom+xml"),
		RSS:  at("rss", "application/rss+xml"),
		JSON: at("json", "application/feed+json"),
	}
	if facet != "" {
		ff.Anchor += "." + facet
	}
	q := url.QueryEscape(ff.Atom.URL)
	ff.Readers = []choice{
		{Label: "Feedly", Path: "https://feedly.com/i/subscription/feed/" + q},
		{Label: "Inoreader", Path: "https://www.inoreader.com/?add_feed=" + q},
		{Label: "NewsBlur", Path: "https://www.newsblur.com/?url=" + q},
	}
	return ff
}
