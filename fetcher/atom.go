package fetcher

import (
	"bytes"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/atom"

	"vedetta/news"
)

// parseAtom reads Atom 1.0 and 0.3.
func parseAtom(src news.Source, doc repaired, base string, now time.Time) (parsed, error) {
	feed, err := (&atom.Parser{}).Parse(bytes.NewReader(doc.text))
	if err != nil {
		return parsed{}, err
	}
	meta := Meta{Title: shortText(feed.Title), Lang: languageTag(feed.Language), Rhythm: syndication(feed.Extensions)}
	r := newReader(src, meta.Lang, now, base)
	meta.Site = r.address(alternate(feed.Links))
	for _, l := range feed.Links {
		switch l.Rel {
		case "hub":
			meta.Hub = or(meta.Hub, r.address(l.Href))
		case "self":
			meta.Self = r.address(l.Href)
		}
	}
	if r.base == nil {
		r = newReader(src, meta.Lang, now, meta.Self, meta.Site)
	}
	common := atomPeople(feed.Authors)
	r.texts = doc.texts
	items := make([]news.Item, 0, len(feed.Entries))
	for _, e := range feed.Entries {
		item := r.atomItem(e)
		if len(item.Authors) == 0 {
			item.Authors = common
		}
		items = append(items, item)
	}
	return parsed{items, meta, r.baseText()}, nil
}

func (r reader) atomItem(e *atom.Entry) news.Item {
	item := news.Item{
		Source:    r.src.ID,
		GUID:      strings.TrimSpace(e.ID),
		Title:     shortText(e.Title),
		Summary:   strings.TrimSpace(r.texts.of(e.Summary)),
		Authors:   atomPeople(e.Authors),
		Published: r.date(e.Published, extension(e.Extensions, "dc", "date"), e.Updated),
		Updated:   r.date(e.Updated),
		Lang:      r.lang,
	}
	links := []string{extension(e.Extensions, "feedburner", "origLink"), alternate(e.Links)}
	var images []string
	if c := e.Content; c != nil {
		item.Content = strings.TrimSpace(r.texts.of(c.Value))
		if strings.HasPrefix(c.Type, "image/") {
			images = append(images, c.Src)
		} else {
			links = append(links, c.Src)
		}
	}
	if isWeb(item.GUID) {
		links = append(links, item.GUID)
	}
	item.URL = r.firstAddress(links)
	var categories []string
	for _, c := range e.Categories {
		categories = append(categories, or(c.Label, c.Term))
	}
	item.Categories = labels(categories)
	for _, l := range e.Links {
		if l.Rel == "enclosure" && strings.HasPrefix(l.Type, "image/") {
			images = append(images, l.Href)
		}
	}
	item.Image = r.firstAddress(append(images, mediaImages(e.Extensions["media"])...))
	item.Partial = isPartial(item.Content)
	return item
}

// alternate is the link to the page itself, as HTML if there is a choice.
func alternate(links []*atom.Link) string {
	found := ""
	for _, l := range links {
		if l.Rel != "" && l.Rel != "alternate" || l.Href == "" {
			continue
		}
		if l.Type == "" || strings.Contains(l.Type, "html") {
			return l.Href
		}
		found = or(found, l.Href)
	}
	return found
}

func atomPeople(list []*atom.Person) []string {
	var names []string
	for _, p := range list {
		names = append(names, p.Name)
	}
	return people(names)
}
