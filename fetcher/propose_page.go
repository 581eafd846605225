package fetcher

import (
	"bytes"
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"vedetta/news"
)

// head is what a page says of its site and of the feeds there.
type head struct {
	site, title, lang string
	inner             bool // not the front page, by its address
	feeds             []advert
	links             []advert // links in the text that call themselves feeds
}

// advert is a feed that a page names.
type advert struct{ address, label string }

// readHead reads a page. Only what it names counts: no usual address is tried.
func readHead(text []byte, base string) head {
	var h head
	if u, err := url.Parse(base); err == nil {
		h.inner = strings.Trim(u.Path, "/") != "" || u.RawQuery != ""
	}
	r := newReader(news.Source{}, "", time.Time{}, base)
	z := html.NewTokenizer(bytes.NewReader(text))
	z.SetMaxBuf(1 << 20)
	inTitle := false
	link := -1 // of h.links, whose text is being read
	for len(h.feeds)+len(h.links) < maxNamed {
		switch z.Next() {
		case html.ErrorToken:
			return h
		case html.TextToken:
			if inTitle && h.title == "" {
				h.title = shortText(string(z.Text()))
			}
			if link >= 0 && len(h.links[link].label) < maxListText {
				h.links[link].label = strings.TrimSpace(h.links[link].label + " " + shortText(string(z.Text())))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			inTitle = inTitle && string(name) != "title"
			if string(name) == "a" {
				link = -1
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag := string(name)
			attr := attributesOf(z, more)
			switch tag {
			case "html":
				h.lang = languageTag(attr["lang"])
			case "title":
				inTitle = h.title == ""
			case "base":
				if at := r.address(attr["href"]); at != "" {
					r = newReader(news.Source{}, "", time.Time{}, at)
				}
			case "meta":
				if attr["property"] == "og:site_name" {
					h.site = shortText(attr["content"])
				}
			case "link":
				if isFeedLink(attr) {
					h.feeds = advertise(h.feeds, advert{r.address(attr["href"]), shortText(attr["title"])})
				}
			case "a":
				n := len(h.links)
				if at := r.address(attr["href"]); namesFeed(attr) && sameSite(at, base) {
					h.links = advertise(h.links, advert{at, ""})
				}
				if link = -1; len(h.links) > n {
					link = n
				}
			}
		}
	}
	return h
}

// readLinks adds the feeds that Link headers name.
func (h *head) readLinks(headers []string, base string) {
	for _, a := range feedLinks(headers, base) {
		h.feeds = advertise(h.feeds, a)
	}
}

func advertise(list []advert, a advert) []advert {
	a.address, _, _ = strings.Cut(a.address, "#")
	if a.address == "" || slices.ContainsFunc(list, func(b advert) bool { return b.address == a.address }) {
		return list
	}
	return append(list, a)
}

// feedPath is the end of addresses that are feeds by their name.
var feedPath = regexp.MustCompile(`(?i)([./](rss|atom|rdf)(2|2\.0)?(\.(xml|php|aspx?))?|/(feed|feeds|rss|atom)(\.(xml|json|rss|atom|php))?|/(rss|feed|feeds)([-_][a-z0-9-]*|/[a-z0-9/._-]*)?\.(xml|rss))/?$`)

// namesFeed reports whether a link in the text leads to a feed by what it says.
func namesFeed(attr map[string]string) bool {
	switch kind, _, _ := strings.Cut(strings.ToLower(attr["type"]), ";"); strings.TrimSpace(kind) {
	case "application/rss+xml", "application/atom+xml", "application/feed+json":
		return true
	}
	u, err := url.Parse(strings.TrimSpace(attr["href"]))
	return err == nil && feedPath.MatchString(u.Path)
}

// sameSite reports whether one of two addresses is on the host of the other or
// below it.
func sameSite(a, b string) bool {
	u, errU := parseAddress(a)
	v, errV := parseAddress(b)
	if errU != nil || errV != nil {
		return false
	}
	x, y := bareHost(u), bareHost(v)
	return x == y || strings.HasSuffix(x, "."+y) || strings.HasSuffix(y, "."+x)
}

// ways are the feeds, most general first; those of the head before links.
func (h head) ways() []Way {
	list := h.feeds
	if len(list) == 0 {
		list = h.links
	}
	slices.SortStableFunc(list, func(a, b advert) int { return cmp.Compare(narrowness(a), narrowness(b)) })
	var out []Way
	for _, a := range list {
		if len(out) < maxAdvertised {
			out = append(out, Way{Source: news.Source{URL: a.address, Name: h.name(), Lang: h.lang}, Label: a.label})
		}
	}
	return out
}

// narrowWords stand in the address of a feed that is not the whole site's.
var narrowWords = regexp.MustCompile(`(?i)(^|[/?&._=-])(category|categoria|categorie|tag|tags|author|autore|search|cerca|podcast|video|archive|sezion[ei]|topic|argoment[oi])([/?&._=-]|$)`)

// narrowness is how little of a site a feed seems to hold: those of comments
// most of all, then those of a section, then the deeper ones.
func narrowness(a advert) int {
	u, err := url.Parse(a.address)
	if err != nil {
		return 1 << 20
	}
	n := 10 * strings.Count(strings.Trim(u.Path, "/"), "/")
	if u.RawQuery != "" {
		n += 5
	}
	if narrowWords.MatchString(u.Path + "?" + u.RawQuery) {
		n += 100
	}
	if isComments(a.label+" "+u.Path) || strings.Contains(strings.ToLower(a.label), "commenti") {
		n += 1000
	}
	return n
}

// name is what the site is called. Titles of its inner pages end with it.
func (h head) name() string {
	if name := siteName(h.site); name != "" || !h.inner {
		return or(name, siteName(h.title))
	}
	name := siteName(h.title)
	for _, sep := range []string{" | ", " - "} {
		parts := strings.Split(name, sep)
		for _, part := range slices.Backward(parts) {
			if part = strings.TrimSpace(part); len(parts) > 1 && len(part) > 2 && !section.MatchString(part) {
				return part
			}
		}
	}
	return name
}

// section is a part of a title that names a part of a site.
var section = regexp.MustCompile(`(?i)^(tutt[ei] (le|i|gli) )?(notizie|news|comunicati( stampa)?|press releases?|archivio|articoli|attualità|in evidenza|ultim[ei].*|pagina \d+|page \d+|sala stampa|press)$`)

// trimmings are what feeds and pages add to the name of their site.
var trimmings = regexp.MustCompile(`(?i)^(home ?page|home|feed rss (di|del|della)|rss feed( of)?|feed (di|of)|rss (di|of)?)\s*[-–—|»:·]?\s+|\s*[-–—|»:·]\s*(rss|feed|rss feed|feed rss|home ?page|home|atom|latest|ultime notizie|ultim'ora)$`)

// siteName is a title without what is no part of a name; "" for one that says
// nothing.
func siteName(title string) string {
	title = oneLine(title)
	for range 3 {
		next := strings.TrimSpace(trimmings.ReplaceAllString(title, ""))
		if next == title {
			break
		}
		title = next
	}
	const most = 80
	if r := []rune(title); len(r) > most {
		title = strings.TrimSpace(string(r[:most]))
	}
	switch strings.ToLower(title) {
	case "rss", "feed", "home", "homepage", "untitled":
		return ""
	}
	return title
}
