package fetcher

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"vedetta/htmltree"
	"vedetta/news"
)

const (
	defaultListItem = "article"
	headings        = "h1, h2, h3, h4, h5, h6"
	maxListText     = 2000
	maxListTags     = 100_000
	maxListItems    = 300
)

// listTree builds the tree of a page that lists articles, if it is none to take
// much time or memory.
func listTree(text []byte) (*htmltree.Tree, error) {
	if bytes.Count(text, []byte{'<'}) > maxListTags {
		return nil, fmt.Errorf("%w: %w", ErrNotFeed, errTooMany)
	}
	tree, err := htmltree.Build(text, nil)
	if errors.Is(err, htmltree.ErrMultiplies) {
		err = errTooMany
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotFeed, err)
	}
	if tooDeep(tree.Root, maxDepth) {
		tree.Release()
		return nil, fmt.Errorf("%w: %w", ErrNotFeed, errTooDeep)
	}
	return tree, nil
}

// parseList reads the articles that a page lists, by the source's selectors.
func parseList(src news.Source, body []byte, contentType, base string, now time.Time) ([]news.Item, error) {
	tree, err := listTree(toUTF8(body, contentType))
	if err != nil {
		return nil, err
	}
	defer tree.Release()
	return listItems(src, goquery.NewDocumentFromNode(tree.Root), base, now)
}

// listItems is parseList with the page's tree.
func listItems(src news.Source, doc *goquery.Document, base string, now time.Time) ([]news.Item, error) {
	r := pageReader(src, doc, base, now)
	rule := src.List
	rule.Item = or(rule.Item, defaultListItem)
	found, err := find(doc.Selection, rule.Item)
	if err != nil {
		return nil, err
	}
	var items []news.Item
	for i := range min(found.Length(), maxListItems) {
		item, err := r.listed(found.Eq(i), rule)
		if err != nil {
			return nil, err
		}
		if item.URL != "" && item.Title != "" {
			items = append(items, item)
		}
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("%w: no article matches %q", ErrNotFeed, rule.Item)
	}
	items, _ = distinct(items)
	return items, nil
}

// pageReader reads in the language of a page and with the base that it names.
func pageReader(src news.Source, doc *goquery.Document, base string, now time.Time) reader {
	lang := languageTag(doc.Find("html").AttrOr("lang", ""))
	r := newReader(src, lang, now, base)
	if href, ok := doc.Find("base[href]").Attr("href"); ok {
		if at := r.address(href); at != "" {
			r = newReader(src, lang, now, at)
		}
	}
	return r
}

// tooDeep reports whether elements are nested deeper than a limit: selectors
// look up from each element to the root.
func tooDeep(n *html.Node, limit int) bool {
	if limit < 0 {
		return true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.FirstChild != nil && tooDeep(c, limit-1) {
			return true
		}
	}
	return false
}

// find is Find with an error for a selector that cannot be read.
func find(s *goquery.Selection, selector string) (*goquery.Selection, error) {
	m, err := cascadia.Compile(selector)
	if err != nil {
		return nil, fmt.Errorf("parse selector %q: %w", selector, err)
	}
	return s.FindMatcher(m), nil
}

func (r reader) listed(s *goquery.Selection, rule news.ListRule) (news.Item, error) {
	link, err := find(s, or(rule.Link, "a[href]"))
	if err != nil {
		return news.Item{}, err
	}
	if link.Length() == 0 && s.Is("a[href]") {
		link = s
	}
	link = link.First()
	if !link.Is("[href]") { // a selector that names what is around the link
		link = link.Find("a[href]").First()
	}
	title := link
	if rule.Title != "" {
		if title, err = find(s, rule.Title); err != nil {
			return news.Item{}, err
		}
	}
	item := news.Item{
		Source: r.src.ID,
		URL:    r.address(link.AttrOr("href", "")),
		Title:  oneLine(title.First().Text()),
		Lang:   r.lang,
	}
	if item.Title == "" { // the link holds an image
		item.Title = or(oneLine(s.Find(headings).First().Text()), oneLine(link.AttrOr("title", link.AttrOr("aria-label", ""))))
	}
	dates, err := find(s, or(rule.Date, "time"))
	if err != nil {
		return news.Item{}, err
	}
	date := dates.First()
	item.Published = r.date(date.AttrOr("datetime", ""), date.AttrOr("content", ""), date.Text())
	if rule.Summary != "" {
		summary, err := find(s, rule.Summary)
		if err != nil {
			return news.Item{}, err
		}
		item.Summary = paragraphs(oneLine(summary.First().Text()))
	}
	if src, ok := s.Find("img[src]").First().Attr("src"); ok {
		item.Image = r.address(src)
	}
	return item, nil
}

// oneLine is a text with single blanks, of bounded length.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxListText {
		s = strings.ToValidUTF8(s[:maxListText], "")
	}
	return s
}
