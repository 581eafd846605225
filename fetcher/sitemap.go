package fetcher

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vedetta/news"
)

const indexSitemaps = 2 // sitemaps of an index that are read in a visit

// sitemapURL is an entry of a sitemap, with Google's extensions for news and
// images, or of an index of sitemaps.
type sitemapURL struct {
	loc, modified               string
	title, date, keywords, lang string
	image                       string
}

// parseSitemap reads a Google News sitemap. Entries without a title are pages
// of the site that are no news. An index gives its newest sitemaps in
// Meta.Children.
func parseSitemap(src news.Source, body []byte, contentType, base string, now time.Time) ([]news.Item, Meta, error) {
	text := toUTF8(body, contentType)
	fixed, err := repair(text, "urlset", "sitemapindex")
	if err != nil {
		return nil, Meta{}, err
	}
	urls := sitemapURLs(string(fixed.text))
	meta := Meta{Cut: fixed.cut}
	r := newReader(src, src.Lang, now, base)
	if fixed.root == "sitemapindex" {
		meta.Children = newestOf(r, urls)
		return nil, meta, nil
	}
	var items []news.Item
	for _, u := range urls {
		item := r.sitemapItem(u)
		if item.URL != "" && item.Title != "" {
			items = append(items, item)
		}
	}
	if len(items) == 0 && len(urls) > 0 {
		return nil, meta, fmt.Errorf("%w: no entry of the sitemap has a title", ErrNotFeed)
	}
	items, _ = distinct(items)
	return items, meta, nil
}

func sitemapURLs(text string) []sitemapURL {
	x := &scanner{text: text}
	root := x.root()
	var urls []sitemapURL
	for el, ok := x.next(root); ok; el, ok = x.next(root) {
		if name := local(el.key); name == "url" || name == "sitemap" {
			var u sitemapURL
			x.sitemapURL(el, "", &u)
			urls = append(urls, u)
		} else {
			x.skip(el)
		}
	}
	return urls
}

// sitemapURL reads what stands inside an entry, or inside an element of it.
func (x *scanner) sitemapURL(parent element, within string, u *sitemapURL) {
	for el, ok := x.next(parent); ok; el, ok = x.next(parent) {
		switch name := local(el.key); within + name {
		case "loc":
			u.loc = x.string(el)
		case "lastmod":
			u.modified = x.string(el)
		case "news", "image", "news/publication":
			x.sitemapURL(el, within+name+"/", u)
		case "news/title":
			u.title = x.string(el)
		case "news/publication_date":
			u.date = x.string(el)
		case "news/keywords":
			u.keywords = x.string(el)
		case "news/publication/language":
			u.lang = x.string(el)
		case "image/loc":
			u.image = or(u.image, x.string(el))
		default:
			x.skip(el)
		}
	}
}

func (r reader) sitemapItem(u sitemapURL) news.Item {
	item := news.Item{
		Source:    r.src.ID,
		URL:       r.address(u.loc),
		Title:     shortText(u.title),
		Published: r.date(u.date, u.modified),
		Updated:   r.date(u.modified),
		Lang:      or(languageTag(u.lang), r.lang),
		Image:     r.address(u.image),
	}
	if u.keywords != "" {
		item.Categories = labels(strings.Split(u.keywords, ","))
	}
	return item
}

// newestOf returns the sitemaps of an index that changed last; the last ones
// named where it does not say when they did.
func newestOf(r reader, urls []sitemapURL) []string {
	slices.Reverse(urls)
	slices.SortStableFunc(urls, func(a, b sitemapURL) int {
		return r.date(b.modified).Compare(r.date(a.modified))
	})
	var out []string
	for _, u := range urls {
		if address := r.address(u.loc); address != "" && len(out) < indexSitemaps {
			out = append(out, address)
		}
	}
	return out
}
