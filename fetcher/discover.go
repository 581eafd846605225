package fetcher

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

const maxAdvertised = 10

// looksHTML reports whether a text that is no feed is a page.
func looksHTML(text []byte, contentType string) bool {
	head := text[:min(len(text), 1024)]
	for {
		_, rest, found := bytes.Cut(head, []byte("<"))
		if !found {
			return strings.Contains(strings.ToLower(contentType), "html")
		}
		for _, tag := range [...]string{"html", "head", "!doctype html"} {
			if len(rest) >= len(tag) && strings.EqualFold(string(rest[:len(tag)]), tag) {
				return true
			}
		}
		head = rest
	}
}

// advertised returns the feeds that a page names in its head, first those that
// are not of comments.
func advertised(text []byte, base string) []string {
	at, err := url.Parse(base)
	if err != nil {
		return nil
	}
	var feeds, comments []string
	z := html.NewTokenizer(bytes.NewReader(text))
	z.SetMaxBuf(1 << 20)
	for len(feeds)+len(comments) < maxAdvertised {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		name, more := z.TagName()
		switch string(name) {
		case "base":
			if href := attributesOf(z, more)["href"]; href != "" {
				if u, err := url.Parse(strings.TrimSpace(href)); err == nil {
					at = at.ResolveReference(u)
				}
			}
		case "link":
			attr := attributesOf(z, more)
			if !isFeedLink(attr) {
				continue
			}
			u, err := url.Parse(strings.TrimSpace(attr["href"]))
			if err != nil {
				continue
			}
			address := at.ResolveReference(u)
			if _, err := parseAddress(address.String()); err != nil {
				continue
			}
			address.User, address.Fragment = nil, ""
			if isComments(attr["title"] + " " + address.Path) {
				comments = append(comments, address.String())
			} else if !slices.Contains(feeds, address.String()) {
				feeds = append(feeds, address.String())
			}
		}
	}
	return append(feeds, comments...)
}

func attributesOf(z *html.Tokenizer, more bool) map[string]string {
	attr := map[string]string{}
	for more && len(attr) < maxAttributes {
		var key, value []byte
		key, value, more = z.TagAttr()
		if _, ok := attr[string(key)]; !ok {
			attr[string(key)] = string(value)
		}
	}
	return attr
}

func isFeedLink(attr map[string]string) bool {
	if attr["href"] == "" || !slices.Contains(strings.Fields(strings.ToLower(attr["rel"])), "alternate") {
		return false
	}
	switch kind, _, _ := strings.Cut(strings.ToLower(attr["type"]), ";"); strings.TrimSpace(kind) {
	case "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml":
		return true
	}
	return false
}

func isComments(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "comment")
}
