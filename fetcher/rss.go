package fetcher

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/rss"

	"vedetta/news"
)

const mostMinutes = 7 * 24 * 60 // a ttl

// parseRSS reads RSS 0.9x, 1.0 and 2.0.
func parseRSS(src news.Source, doc repaired, base string, now time.Time) (parsed, error) {
	feed, err := (&rss.Parser{}).Parse(bytes.NewReader(doc.text))
	if err != nil {
		return parsed{}, err
	}
	meta := Meta{
		Title:     shortText(feed.Title),
		Lang:      languageTag(or(feed.Language, extension(feed.Extensions, "dc", "language"))),
		SkipHours: skipHours(feed.SkipHours),
		SkipDays:  skipDays(feed.SkipDays),
		Rhythm:    syndication(feed.Extensions),
	}
	if minutes, err := strconv.Atoi(strings.TrimSpace(feed.TTL)); err == nil && minutes > 0 {
		meta.Rhythm = max(meta.Rhythm, time.Duration(min(minutes, mostMinutes))*time.Minute)
	}
	r := newReader(src, meta.Lang, now, feed.Link, base)
	meta.Site = r.address(feed.Link)
	for _, prefix := range [...]string{"atom", "atom10", "a10"} {
		for _, l := range feed.Extensions[prefix]["link"] {
			switch l.Attrs["rel"] {
			case "hub":
				meta.Hub = or(meta.Hub, r.address(l.Attrs["href"]))
			case "self":
				meta.Self = r.address(l.Attrs["href"])
			}
		}
	}
	r.texts = doc.texts
	items := make([]news.Item, 0, len(feed.Items))
	for _, it := range feed.Items {
		items = append(items, r.rssItem(it))
	}
	return parsed{items, meta, r.baseText()}, nil
}

func (r reader) rssItem(it *rss.Item) news.Item {
	item := news.Item{
		Source:  r.src.ID,
		Title:   shortText(or(it.Title, extension(it.Extensions, "dc", "title"))),
		Summary: strings.TrimSpace(or(r.texts.of(it.Description), r.texts.ofExtension(extension(it.Extensions, "dc", "description")))),
		Content: strings.TrimSpace(r.texts.of(or(it.Content, it.Custom["encoded"]))),
		Published: r.date(it.PubDate, extension(it.Extensions, "dc", "date"),
			extension(it.Extensions, "atom", "published"), extension(it.Extensions, "dcterms", "created"), it.Custom["date"]),
		Updated: r.date(extension(it.Extensions, "atom", "updated"), extension(it.Extensions, "dcterms", "modified")),
		Lang:    r.lang,
	}
	if it.GUID != nil {
		item.GUID = strings.TrimSpace(it.GUID.Value)
	}
	item.URL = r.rssLink(it, item.GUID)
	if item.Published.IsZero() {
		item.Published = item.Updated
	}
	authors := []string{it.Author}
	for _, name := range [...]string{"creator", "author"} {
		for _, x := range it.Extensions["dc"][name] {
			authors = append(authors, x.Value)
		}
	}
	item.Authors = people(append(authors, extension(it.Extensions, "itunes", "author")))
	var categories []string
	for _, c := range it.Categories {
		categories = append(categories, c.Value)
	}
	for _, x := range it.Extensions["dc"]["subject"] {
		categories = append(categories, x.Value)
	}
	item.Categories = labels(categories)
	var images []string
	for _, e := range it.Enclosures {
		if strings.HasPrefix(e.Type, "image/") {
			images = append(images, e.URL)
		}
	}
	item.Image = r.firstAddress(append(images, mediaImages(it.Extensions["media"])...))
	item.Partial = isPartial(item.Content)
	return item
}

// rssLink is the address of an item's page: the publisher's own where a service
// stands between, and the GUID where that is the only address.
func (r reader) rssLink(it *rss.Item, guid string) string {
	candidates := []string{extension(it.Extensions, "feedburner", "origLink"), it.Link}
	candidates = append(candidates, it.Links...)
	for _, l := range it.Extensions["atom"]["link"] {
		if rel := l.Attrs["rel"]; rel == "" || rel == "alternate" {
			candidates = append(candidates, l.Attrs["href"])
		}
	}
	if isWeb(guid) && (it.GUID == nil || !strings.EqualFold(it.GUID.IsPermalink, "false") || it.Link == "") {
		candidates = append(candidates, guid)
	}
	return r.firstAddress(candidates)
}
