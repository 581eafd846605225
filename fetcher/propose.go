package fetcher

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"vedetta/news"
)

const (
	maxNamed    = 50     // sitemaps of a robots.txt that are looked at
	maxListed   = 10_000 // of an index
	maxSitemaps = 4      // that are asked for
)

// Way is a way to read a site: a feed, a list of articles on a page, or a
// news sitemap.
type Way struct {
	Source news.Source // its address, and for a page the rule; Name, Site and Lang as far as the site tells
	Label  string      // what the page that advertises a feed calls it
	Items  []news.Item // what it brings; nil until it is tried
	Tried  bool
}

// Front is what answered at an address that somebody gave: a feed, a sitemap,
// or a page from which to find them.
type Front struct {
	Address string // that answered, after redirects
	Name    string // of the site, as a page states it
	Feeds   []Way  // the feed or sitemap at the address, tried; or those that the page advertises, most general first

	lang string
	body []byte
	kind string // Content-Type
}

// Look asks an address. It is what a person does who opens it once, so
// robots.txt is not held against it; what is then read regularly is.
func (f *Fetcher) Look(ctx context.Context, address string) (*Front, error) {
	a, err := f.get(ctx, question{
		address: address, limit: maxFeed,
		accept: acceptPage + ", application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9",
	})
	if err != nil {
		return nil, err
	}
	kind, now := a.header.Get("Content-Type"), time.Now()
	isPage := looksHTML(a.body, kind)
	if wall := blockedBy(a.status, a.header, a.body[:min(len(a.body), headSize)]); wall != "" && isPage {
		return nil, &StatusError{Code: a.status, Blocked: wall}
	}
	front := &Front{Address: a.url.String(), body: a.body, kind: kind}
	at := address
	if a.moved {
		at = front.Address
	}
	src := news.Source{URL: at}
	items, meta, err := ParseFeed(src, a.body, kind, front.Address, now)
	if err == nil {
		front.Feeds = []Way{tried(src, items, meta)}
		return front, nil
	}
	if items, _, failed := parseSitemap(news.Source{Sitemap: at}, a.body, kind, front.Address, now); failed == nil && len(items) > 0 {
		front.Feeds = []Way{tried(news.Source{Sitemap: at}, items, Meta{})}
		return front, nil
	}
	if !isPage {
		return nil, err
	}
	if len(a.body) > maxPage {
		return nil, ErrTooLarge
	}
	front.readPage(a.header.Values("Link")...)
	return front, nil
}

// tried is a way with what it brought, named as the feed names itself.
func tried(src news.Source, items []news.Item, meta Meta) Way {
	src.Name, src.Lang = siteName(meta.Title), meta.Lang
	src.Site = siteOf(meta.Site, src.Address())
	if src.Lang == "" && len(items) > 0 {
		src.Lang = items[0].Lang
	}
	return Way{Source: src, Items: items, Tried: true}
}

// siteOf is the home page of a feed where that is on another host.
func siteOf(home, feed string) string {
	u, errU := parseAddress(home)
	v, errV := parseAddress(feed)
	if errU != nil || errV != nil || bareHost(u) == bareHost(v) {
		return ""
	}
	return u.String()
}

func bareHost(u *url.URL) string { return strings.TrimPrefix(hostKey(u), "www.") }

// Try asks a way for its items, unless that has been done. A way that does
// not lead anywhere is an error.
func (f *Fetcher) Try(ctx context.Context, w Way) (Way, error) {
	if w.Tried {
		return w, nil
	}
	r, err := f.ask(ctx, w.Source, news.Poll{}, w.Source.Address())
	if err != nil {
		return w, err
	}
	src := w.Source
	if r.answer.moved && src.URL != "" {
		src.URL = r.answer.url.Redacted()
	}
	out := tried(src, r.items, r.meta)
	out.Label = w.Label
	out.Source.Name = or(out.Source.Name, w.Source.Name)
	return out, nil
}

// Sitemaps returns the news sitemaps that the robots.txt of the site names,
// directly or in an index, each tried.
func (f *Fetcher) Sitemaps(ctx context.Context, front *Front) ([]Way, error) {
	u, err := parseAddress(front.Address)
	if err != nil {
		return nil, err
	}
	named, err := f.namedSitemaps(ctx, u)
	if err != nil {
		return nil, err
	}
	var ways []Way
	for asked := 0; len(named) > 0 && asked < maxSitemaps && len(ways) == 0; asked++ {
		address := named[0]
		named = named[1:]
		a, err := f.get(ctx, question{address: address, accept: acceptFeed, limit: maxFeed})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue // named and not there: the next
		}
		base, kind := a.url.String(), a.header.Get("Content-Type")
		src := news.Source{Sitemap: address}
		items, meta, err := parseSitemap(src, a.body, kind, base, time.Now())
		switch {
		case err == nil && len(items) > 0:
			w := tried(src, items, Meta{})
			w.Source.Name = front.Name
			ways = append(ways, w)
		case len(meta.Children) > 0:
			named = newsFirst(append(childrenOf(a.body, kind, base), named...))
		}
	}
	return ways, nil
}

// namedSitemaps are the sitemaps that a robots.txt names, those for news
// first. What it says to us is remembered on the way.
func (f *Fetcher) namedSitemaps(ctx context.Context, u *url.URL) ([]string, error) {
	file := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	a, err := f.get(ctx, question{address: file.String(), accept: "text/plain, */*;q=0.5", limit: maxRobots})
	rules, delay, failed := robotsFrom(a, err, time.Now(), nil)
	if failed != nil {
		return nil, failed
	}
	f.polite.learn(u.Scheme+"://"+strings.ToLower(u.Host), hostKey(u), rules, delay)
	if err != nil {
		return nil, nil
	}
	r := newReader(news.Source{}, "", time.Now(), file.String())
	var out []string
	for line := range strings.SplitSeq(strings.ReplaceAll(string(toUTF8(a.body, "")), "\r", "\n"), "\n") {
		key, value, found := strings.Cut(line, ":")
		if !found || !strings.EqualFold(strings.TrimSpace(key), "sitemap") {
			continue
		}
		value, _, _ = strings.Cut(value, " #")
		if address := r.address(value); address != "" && !slices.Contains(out, address) && len(out) < maxNamed {
			out = append(out, address)
		}
	}
	return newsFirst(out), nil
}

// location is an address in an index of sitemaps.
var location = regexp.MustCompile(`<(?:[a-zA-Z0-9]+:)?loc>\s*(?:<!\[CDATA\[)?\s*([^\s<\]]+)`)

// childrenOf are the sitemaps of an index that may be for news.
func childrenOf(body []byte, kind, base string) []string {
	r := newReader(news.Source{}, "", time.Now(), base)
	var out []string
	for _, m := range location.FindAllSubmatch(toUTF8(body, kind), maxListed) {
		if address := r.address(html.UnescapeString(string(m[1]))); address != "" && isNews(address) && len(out) < maxNamed {
			out = append(out, address)
		}
	}
	return out
}

// isNews reports whether a sitemap's address says that it is for news.
func isNews(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	path := strings.ToLower(u.EscapedPath() + "?" + u.RawQuery)
	return strings.Contains(path, "news") || strings.Contains(path, "notizie")
}

// newsFirst puts the sitemaps for news before the others.
func newsFirst(addresses []string) []string {
	slices.SortStableFunc(addresses, func(a, b string) int {
		switch x, y := isNews(a), isNews(b); {
		case x && !y:
			return -1
		case y && !x:
			return 1
		}
		return 0
	})
	return addresses
}

// Lists proposes selectors for the articles that the page lists, the best
// first, two at most, with what they find. It fails with ErrRobots where the
// page must not be read regularly, and with ErrNotFeed where nothing on it
// looks like a list of articles.
func (f *Fetcher) Lists(ctx context.Context, front *Front) ([]Way, error) {
	u, err := parseAddress(front.Address)
	if err != nil {
		return nil, err
	}
	if err := f.allowed(ctx, news.Source{}, u); err != nil {
		return nil, err
	}
	return front.lists(time.Now())
}

// lists proposes rules and tries each as a poll would.
func (p *Front) lists(now time.Time) ([]Way, error) {
	tree, err := listTree(toUTF8(p.body, p.kind))
	if err != nil {
		return nil, err
	}
	defer tree.Release()
	doc := goquery.NewDocumentFromNode(tree.Root)
	var ways []Way
	for _, rule := range newOutline(doc, p.Address, now).rules() {
		src := news.Source{Page: p.Address, List: rule, Name: p.Name, Lang: p.lang}
		items, err := listItems(src, doc, p.Address, now)
		if err == nil && len(items) >= minListed {
			ways = append(ways, Way{Source: src, Items: items, Tried: true})
		}
	}
	if len(ways) == 0 {
		return nil, fmt.Errorf("%w, and nothing on the page looks like a list of articles", ErrNotFeed)
	}
	return ways, nil
}

// readPage takes what a page says of its site, Link headers (RFC 8288)
// included.
func (p *Front) readPage(headers ...string) {
	text := toUTF8(p.body, p.kind)
	if bytes.Count(text, []byte{'<'}) > maxListTags {
		text = text[:min(len(text), 1<<20)] // the head is what counts here
	}
	h := readHead(text, p.Address)
	h.readLinks(headers, p.Address)
	p.Name, p.lang = h.name(), h.lang
	p.Feeds = h.ways()
}
