package publish

import (
	"cmp"
	"encoding/xml"
	"html"
	"time"

	"vedetta/news"
)

// The elements of RSS 2.0 that we write, with content:encoded, dc:creator,
// atom:link and our own.
type (
	rssFeed struct {
		XMLName   xml.Name   `xml:"rss"`
		Version   string     `xml:"version,attr"`
		NSAtom    string     `xml:"xmlns:atom,attr"`
		NSContent string     `xml:"xmlns:content,attr"`
		NSDC      string     `xml:"xmlns:dc,attr"`
		NSOurs    string     `xml:"xmlns:vedetta,attr"`
		Channel   rssChannel `xml:"channel"`
	}
	rssChannel struct {
		Title       string     `xml:"title"`
		Link        string     `xml:"link"`
		Description string     `xml:"description"`
		Language    string     `xml:"language"`
		Generator   string     `xml:"generator"`
		Docs        string     `xml:"docs"`
		LastBuild   string     `xml:"lastBuildDate"`
		TTL         int        `xml:"ttl"`
		Links       []atomLink `xml:"atom:link"`
		Items       []rssItem  `xml:"item"`
	}
	rssItem struct {
		Title       string        `xml:"title"`
		Link        string        `xml:"link"`
		GUID        rssGUID       `xml:"guid"`
		PubDate     string        `xml:"pubDate"`
		Creators    []string      `xml:"dc:creator"`
		Categories  []rssCategory `xml:"category"`
		Description string        `xml:"description"`
		Content     rssContent    `xml:"content:encoded"`
		Source      *rssSource    `xml:"source"`
		Ours        *ours         `xml:"vedetta:story"`
	}
	rssContent struct {
		Text string `xml:",cdata"`
	}
	rssGUID struct {
		PermaLink bool   `xml:"isPermaLink,attr"`
		ID        string `xml:",chardata"`
	}
	rssCategory struct {
		Domain string `xml:"domain,attr,omitempty"`
		Label  string `xml:",chardata"`
	}
	rssSource struct {
		URL  string `xml:"url,attr"`
		Name string `xml:",chardata"`
	}
)

// rssMinutes is how long readers may wait between two polls, in RSS's unit.
const rssMinutes = 30

// rfc822 is the date of RSS, in UTC; four digits for the year, as the
// specification prefers.
func rfc822(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 +0000") }

// rss writes the feed as RSS 2.0.
func (h *Handler) rss(f feed) ([]byte, error) {
	doc := rssFeed{
		Version:   "2.0",
		NSAtom:    "http://www.w3.org/2005/Atom",
		NSContent: "http://purl.org/rss/1.0/modules/content/",
		NSDC:      "http://purl.org/dc/elements/1.1/",
		NSOurs:    news.Namespace,
		Channel: rssChannel{
			Title:       f.Title,
			Link:        h.address(f.Page),
			Description: f.Subtitle,
			Language:    h.site.Language,
			Generator:   "Vedetta " + h.site.Version,
			Docs:        "https://www.rssboard.org/rss-specification",
			LastBuild:   rfc822(f.Updated),
			TTL:         rssMinutes,
			Links:       []atomLink{{Rel: "self", Type: "application/rss+xml", Href: h.address(f.Self)}},
		},
	}
	if h.site.Hub != "" {
		doc.Channel.Links = append(doc.Channel.Links, atomLink{Rel: "hub", Href: h.site.Hub})
	}
	for _, e := range f.Entries {
		doc.Channel.Items = append(doc.Channel.Items, h.rssItem(e, f))
	}
	return marshal(doc)
}

func (h *Handler) rssItem(e entry, f feed) rssItem {
	content, _ := h.content(e, f)
	item := rssItem{
		Title:       inert(e.Title),
		Link:        e.Link,
		GUID:        rssGUID{ID: storyURN(e.Story.ID)},
		PubDate:     rfc822(e.Story.First),
		Description: html.EscapeString(cmp.Or(inert(e.Summary), inert(e.Title))),
		Content:     rssContent{content},
		Ours:        newOurs(e),
	}
	if item.Link == "" {
		item.Link = h.address(e.Path)
	}
	for _, name := range e.Authors {
		item.Creators = append(item.Creators, inert(name))
	}
	if len(item.Creators) == 0 {
		item.Creators = []string{inert(e.Outlet)}
	}
	for _, fc := range e.Facets {
		item.Categories = append(item.Categories, rssCategory{Domain: h.address("/feeds/" + f.Topic.ID + "/"), Label: plain(fc.Label, maxName)})
	}
	if s, ok := h.feedOf(e.Article); ok {
		if at := link(sourceAddress(s)); at != "" {
			item.Source = &rssSource{URL: at, Name: inert(e.Outlet)}
		}
	}
	return item
}
