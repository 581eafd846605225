package fetcher

import (
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"vedetta/news"
)

// atomEntry is an entry of an Atom feed, before anything is made of it.
type atomEntry struct {
	title, id, summary, content string
	published, updated          string
	links, images               []string // best first
	authors, categories         []string
}

// atomLink is a link, its address made absolute where a base is known.
type atomLink struct{ rel, kind, href string }

// parseAtom reads Atom 1.0 and 0.3.
func parseAtom(src news.Source, text, base string, now time.Time) ([]news.Item, Meta) {
	x := &scanner{text: text, based: strings.Contains(text, " xml:base=")}
	root := x.root()
	doc, _ := url.Parse(base) // nil when there is none
	at := root.base(doc)
	var meta Meta
	var raw []atomEntry
	var links []atomLink
	var authors []string
	period, times := "", ""
	meta.Lang = languageTag(root.attr("xml:lang"))
	for el, ok := x.next(root); ok; el, ok = x.next(root) {
		switch el.key {
		case "entry":
			raw = append(raw, x.atomEntry(el, at))
		case "title":
			meta.Title = shortText(x.atomText(el, at))
		case "link":
			links = append(links, x.atomLink(el, at))
		case "author":
			authors = append(authors, x.personName(el))
		case "sy:updateperiod":
			period = x.string(el)
		case "sy:updatefrequency":
			times = x.string(el)
		default:
			x.skip(el)
		}
	}
	meta.Rhythm = syndication(period, times)
	site := alternate(links)
	for _, l := range links {
		switch l.rel {
		case "hub":
			meta.Hub = l.href
		case "self":
			meta.Self = l.href
		}
	}
	r := newReader(src, meta.Lang, now, base, meta.Self, site)
	meta.Site, meta.Hub, meta.Self = r.address(site), r.address(meta.Hub), r.address(meta.Self)
	common := people(authors)
	items := make([]news.Item, 0, len(raw))
	for _, e := range raw {
		item := r.atomItem(e)
		if len(item.Authors) == 0 {
			item.Authors = common
		}
		items = append(items, item)
	}
	return items, meta
}

func (x *scanner) atomEntry(parent element, outer *url.URL) atomEntry {
	base := parent.base(outer)
	var e atomEntry
	var links []atomLink
	origLink, source := "", ""
	for el, ok := x.next(parent); ok; el, ok = x.next(parent) {
		switch el.key {
		case "title":
			e.title = x.atomText(el, base)
		case "id":
			e.id = x.string(el)
		case "summary":
			e.summary = x.atomText(el, base)
		case "content":
			link := atomLink{kind: el.attr("type"), href: absolute(el.attr("src"), el.base(base))}
			if strings.HasPrefix(link.kind, "image/") {
				e.images = append(e.images, link.href)
				x.skip(el)
				continue
			}
			source = link.href
			e.content = x.atomText(el, base)
		case "published", "issued", "created", "dc:date":
			e.published = or(e.published, x.string(el))
		case "updated", "modified":
			e.updated = x.string(el)
		case "link":
			links = append(links, x.atomLink(el, base))
		case "author":
			e.authors = append(e.authors, x.personName(el))
		case "dc:creator":
			e.authors = append(e.authors, x.string(el))
		case "category":
			e.categories = append(e.categories, or(el.attr("label"), el.attr("term")))
			x.skip(el)
		case "feedburner:origlink":
			origLink = x.string(el)
		case "media:content", "media:thumbnail", "media:group":
			e.images = x.media(el, e.images)
		default:
			x.skip(el)
		}
	}
	e.links = []string{origLink, alternate(links), source}
	for _, l := range links {
		if l.rel == "enclosure" && strings.HasPrefix(l.kind, "image/") {
			e.images = append(e.images, l.href)
		}
	}
	return e
}

func (x *scanner) atomLink(el element, outer *url.URL) atomLink {
	l := atomLink{rel: el.attr("rel"), kind: el.attr("type"), href: absolute(el.attr("href"), el.base(outer))}
	x.skip(el)
	return l
}

// absolute resolves a link against a base, if there is one.
func absolute(link string, base *url.URL) string {
	if base == nil || link == "" {
		return link
	}
	u, err := base.Parse(strings.TrimSpace(link))
	if err != nil {
		return link
	}
	return u.String()
}

// atomText is a text construct (RFC 4287 §3.1) as HTML or, where the type says
// so, as plain text.
func (x *scanner) atomText(el element, outer *url.URL) string {
	kind := strings.ToLower(el.attr("type"))
	switch {
	case strings.HasPrefix(kind, "audio/"), strings.HasPrefix(kind, "video/"), strings.HasPrefix(kind, "image/"):
		x.skip(el)
		return ""
	case el.attr("mode") == "base64": // Atom 0.3
		text, err := base64.StdEncoding.DecodeString(x.string(el))
		if err != nil {
			return ""
		}
		return strings.ToValidUTF8(string(text), "\uFFFD")
	case strings.Contains(kind, "xhtml"):
		return relink(withoutDiv(strings.TrimSpace(x.inner(el))), el.base(outer), x.based)
	case strings.Contains(kind, "html"):
		return relink(x.string(el), el.base(outer), x.based)
	}
	return x.string(el)
}

func (r reader) atomItem(e atomEntry) news.Item {
	item := news.Item{
		Source:     r.src.ID,
		GUID:       strings.TrimSpace(e.id),
		Title:      shortText(e.title),
		Summary:    e.summary,
		Content:    e.content,
		Authors:    people(e.authors),
		Categories: labels(e.categories),
		Published:  r.date(e.published, e.updated),
		Updated:    r.date(e.updated),
		Lang:       r.lang,
		Image:      r.firstAddress(e.images),
		Partial:    isPartial(e.content),
	}
	links := e.links
	if isWeb(item.GUID) {
		links = append(links, item.GUID)
	}
	item.URL = r.firstAddress(links)
	return item
}

// alternate is the link to the page itself, as HTML if there is a choice.
func alternate(links []atomLink) string {
	found := ""
	for _, l := range links {
		if l.rel != "" && l.rel != "alternate" || l.href == "" {
			continue
		}
		if l.kind == "" || strings.Contains(l.kind, "html") {
			return l.href
		}
		found = or(found, l.href)
	}
	return found
}
