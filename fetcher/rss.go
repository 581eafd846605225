package fetcher

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"vedetta/news"
)

const mostMinutes = 7 * 24 * 60 // a ttl

// rssChannel is what an RSS feed says of itself.
type rssChannel struct {
	title, link, lang   string
	ttl, period, times  string
	skipHours, skipDays []string
	hub, self           string
}

// rssItem is an item of an RSS feed, before anything is made of it. Where an
// element may come several times, the first that says something counts.
type rssItem struct {
	title, summary, content string
	guid                    string
	permalink               bool // the GUID is an address
	links, images           []string
	origLink                string
	published, updated      []string
	authors, categories     []string
}

// parseRSS reads RSS 0.9x, 1.0 and 2.0.
func parseRSS(src news.Source, text, base string, now time.Time) ([]news.Item, Meta) {
	x := &scanner{text: text}
	root := x.root()
	at := root.base(nil)
	var channel rssChannel
	var raw []rssItem
	for el, ok := x.next(root); ok; el, ok = x.next(root) {
		switch el.key {
		case "channel", "rss:channel":
			raw = append(raw, x.rssChannel(el, &channel)...)
		case "item", "rss:item":
			raw = append(raw, x.rssItem(el))
		default:
			x.skip(el)
		}
	}
	meta := Meta{
		Title:     shortText(channel.title),
		Lang:      languageTag(channel.lang),
		SkipHours: skipHours(channel.skipHours),
		SkipDays:  skipDays(channel.skipDays),
		Rhythm:    syndication(channel.period, channel.times),
	}
	if minutes, err := strconv.Atoi(strings.TrimSpace(channel.ttl)); err == nil && minutes > 0 {
		meta.Rhythm = max(meta.Rhythm, time.Duration(min(minutes, mostMinutes))*time.Minute)
	}
	r := newReader(src, meta.Lang, now, channel.link, base)
	if at != nil {
		r = newReader(src, meta.Lang, now, at.String())
	}
	meta.Site, meta.Hub, meta.Self = r.address(channel.link), r.address(channel.hub), r.address(channel.self)
	items := make([]news.Item, 0, len(raw))
	for _, it := range raw {
		items = append(items, r.rssItem(it))
	}
	return items, meta
}

func (x *scanner) rssChannel(parent element, c *rssChannel) []rssItem {
	var items []rssItem
	for el, ok := x.next(parent); ok; el, ok = x.next(parent) {
		switch el.key {
		case "item":
			items = append(items, x.rssItem(el))
		case "title":
			c.title = or(c.title, x.string(el))
		case "link", "atom:link", "atom10:link", "a10:link":
			x.channelLink(el, c)
		case "language", "dc:language":
			c.lang = or(c.lang, x.string(el))
		case "ttl":
			c.ttl = x.string(el)
		case "skiphours":
			c.skipHours = x.strings(el)
		case "skipdays":
			c.skipDays = x.strings(el)
		case "sy:updateperiod":
			c.period = x.string(el)
		case "sy:updatefrequency":
			c.times = x.string(el)
		default:
			x.skip(el)
		}
	}
	return items
}

func (x *scanner) channelLink(el element, c *rssChannel) {
	switch rel, href := el.attr("rel"), el.attr("href"); rel {
	case "hub":
		c.hub = href
	case "self":
		c.self = href
	case "", "alternate":
		if el.key == "link" {
			c.link = or(c.link, or(x.string(el), href))
			return
		}
	}
	x.skip(el)
}

// strings are the texts of an element's children.
func (x *scanner) strings(parent element) []string {
	var out []string
	for el, ok := x.next(parent); ok; el, ok = x.next(parent) {
		out = append(out, x.string(el))
	}
	return out
}

func (x *scanner) rssItem(parent element) rssItem {
	var it rssItem
	for el, ok := x.next(parent); ok; el, ok = x.next(parent) {
		switch el.key {
		case "title":
			it.title = or(x.string(el), it.title)
		case "dc:title":
			it.title = or(it.title, x.string(el))
		case "description":
			it.summary = or(x.string(el), it.summary)
		case "dc:description", "atom:summary":
			it.summary = or(it.summary, x.string(el))
		case "content:encoded", "encoded", "atom:content":
			it.content = or(it.content, x.string(el))
		case "link":
			href := el.attr("href")
			it.links = append(it.links, resolve(el, or(x.string(el), href)))
		case "atom:link":
			if rel := el.attr("rel"); rel == "" || rel == "alternate" {
				it.links = append(it.links, resolve(el, el.attr("href")))
			}
			x.skip(el)
		case "feedburner:origlink":
			it.origLink = x.string(el)
		case "guid":
			it.permalink = !strings.EqualFold(or(el.attr("isPermaLink"), el.attr("isPermalink")), "false")
			it.guid = x.string(el)
		case "pubdate":
			it.published = slices.Insert(it.published, 0, x.string(el))
		case "dc:date", "date", "atom:published", "dcterms:created":
			it.published = append(it.published, x.string(el))
		case "atom:updated", "dcterms:modified":
			it.updated = append(it.updated, x.string(el))
		case "author", "dc:creator", "dc:author", "itunes:author":
			it.authors = append(it.authors, x.string(el))
		case "atom:author":
			it.authors = append(it.authors, x.personName(el))
		case "category", "dc:subject":
			it.categories = append(it.categories, x.string(el))
		case "enclosure":
			if strings.HasPrefix(el.attr("type"), "image/") {
				it.images = append(it.images, el.attr("url"))
			}
			x.skip(el)
		case "media:content", "media:thumbnail", "media:group":
			it.images = x.media(el, it.images)
		default:
			x.skip(el)
		}
	}
	return it
}

// resolve makes a link absolute by the element's own xml:base, if it has one.
func resolve(el element, link string) string {
	base := el.base(nil)
	if base == nil {
		return link
	}
	u, err := base.Parse(strings.TrimSpace(link))
	if err != nil {
		return link
	}
	return u.String()
}

// media adds the images that Media RSS names.
func (x *scanner) media(el element, images []string) []string {
	switch el.key {
	case "media:thumbnail":
		images = append(images, el.attr("url"))
	case "media:content":
		if el.attr("medium") == "image" || strings.HasPrefix(el.attr("type"), "image/") {
			images = append(images, el.attr("url"))
		}
	}
	for child, ok := x.next(el); ok; child, ok = x.next(el) {
		if strings.HasPrefix(child.key, "media:") {
			images = x.media(child, images)
		} else {
			x.skip(child)
		}
	}
	return images
}

// personName is the name of an Atom person.
func (x *scanner) personName(parent element) string {
	name := ""
	for el, ok := x.next(parent); ok; el, ok = x.next(parent) {
		if _, local, found := strings.Cut(el.key, ":"); el.key == "name" || found && local == "name" {
			name = x.string(el)
		} else {
			x.skip(el)
		}
	}
	return name
}

func (r reader) rssItem(it rssItem) news.Item {
	item := news.Item{
		Source:     r.src.ID,
		GUID:       strings.TrimSpace(it.guid),
		Title:      shortText(it.title),
		Summary:    it.summary,
		Content:    it.content,
		Published:  r.date(it.published...),
		Updated:    r.date(it.updated...),
		Authors:    people(it.authors),
		Categories: labels(it.categories),
		Image:      r.firstAddress(it.images),
		Lang:       r.lang,
		Partial:    isPartial(it.content),
	}
	// The publisher's own address where a service stands between, and the GUID
	// where that is the only one.
	links := append([]string{it.origLink}, it.links...)
	if isWeb(item.GUID) && (it.permalink || len(it.links) == 0) {
		links = append(links, item.GUID)
	}
	item.URL = r.firstAddress(links)
	if item.Published.IsZero() {
		item.Published = item.Updated
	}
	return item
}
