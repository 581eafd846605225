package fetcher

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"vedetta/news"
)

const indexSitemaps = 2 // sitemaps of an index that are read in a visit

// sitemapURL is an entry of a sitemap, with Google's extensions for news and
// images, or of an index of sitemaps. Names are matched in any namespace.
type sitemapURL struct {
	Loc      string `xml:"loc"`
	Modified string `xml:"lastmod"`
	News     struct {
		Title       string `xml:"title"`
		Date        string `xml:"publication_date"`
		Keywords    string `xml:"keywords"`
		Publication struct {
			Language string `xml:"language"`
		} `xml:"publication"`
	} `xml:"news"`
	Image struct {
		Loc string `xml:"loc"`
	} `xml:"image"`
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
	urls, err := sitemapURLs(fixed.text)
	if err != nil {
		return nil, Meta{}, fmt.Errorf("%w: %w", ErrNotFeed, err)
	}
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

func sitemapURLs(text []byte) ([]sitemapURL, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = false
	var urls []sitemapURL
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return urls, nil
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "url" && start.Name.Local != "sitemap" {
			continue
		}
		var u sitemapURL
		if err := d.DecodeElement(&u, &start); err != nil {
			return nil, err
		}
		urls = append(urls, u)
	}
}

func (r reader) sitemapItem(u sitemapURL) news.Item {
	item := news.Item{
		Source:    r.src.ID,
		URL:       r.address(u.Loc),
		Title:     shortText(u.News.Title),
		Published: r.date(u.News.Date, u.Modified),
		Updated:   r.date(u.Modified),
		Lang:      or(languageTag(u.News.Publication.Language), r.lang),
		Image:     r.address(u.Image.Loc),
	}
	if u.News.Keywords != "" {
		item.Categories = labels(strings.Split(u.News.Keywords, ","))
	}
	return item
}

// newestOf returns the sitemaps of an index that changed last; the last ones
// named where it does not say when they did.
func newestOf(r reader, urls []sitemapURL) []string {
	slices.Reverse(urls)
	slices.SortStableFunc(urls, func(a, b sitemapURL) int {
		return r.date(b.Modified).Compare(r.date(a.Modified))
	})
	var out []string
	for _, u := range urls {
		if address := r.address(u.Loc); address != "" && len(out) < indexSitemaps {
			out = append(out, address)
		}
	}
	return out
}
