package publish

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// A site that is written as files (Site.Static) has no parameters in its
// addresses, as a server of files would not look at them. They become folders:
//
//	/                              /index.html
//	/?facet=gcap&month=2026-03     /facet=gcap/month=2026-03/index.html
//	/stories/3f9c…?lang=en         /en/stories/3f9c…/index.html
//	/feeds/patto.atom              the same
//
// The site's own language has no folder. Days are named by their dates, not as
// today or yesterday, so that a file stays right, and the same, while nothing
// happens.

// File is a document of a static site.
type File struct {
	Data  []byte
	Type  string   // media type
	Links []string // addresses on the site that it names, without duplicates
	Moved bool     // it only leads to where its content is now
}

// notFoundPage is what a server of files shows for what is not there.
const notFoundPage = "/404.html"

// Roots are addresses from which all of a static site can be reached by links.
func (h *Handler) Roots() []string {
	out := []string{
		"/", h.at(withLang("/", h.otherLanguage())), "/sources/", "/subscribe/", notFoundPage,
		"/feeds.opml", "/sources.opml", "/sources.atom", "/favicon.svg", "/robots.txt",
	}
	for _, feed := range h.feedPaths() {
		out = append(out, feed+".atom", feed+".rss", feed+".json")
	}
	return out
}

func (h *Handler) otherLanguage() lang {
	if h.site.Language == string(english) {
		return italian
	}
	return english
}

// File makes the document at an address of a static site. What is not there is
// reported with an error that wraps fs.ErrNotExist.
func (h *Handler) File(at string) (File, error) {
	d, moved, err := h.staticDocument(at)
	if err != nil {
		return File{}, fmt.Errorf("build %s: %w", at, err)
	}
	f := File{Data: d.data, Type: d.ctype, Links: h.linksOf(d.data), Moved: moved}
	if d.ctype == jsonFeedType {
		f.Links = h.nextOf(d.data)
	}
	return f, nil
}

// nextOf is the address on the site that a JSON feed names for older entries.
func (h *Handler) nextOf(data []byte) []string {
	var doc struct {
		Next string `json:"next_url"`
	}
	_ = json.Unmarshal(data, &doc) // unreachable error: it is ours
	if at, ok := h.onSite(doc.Next); ok {
		return []string{at}
	}
	return nil
}

func (h *Handler) staticDocument(at string) (d document, moved bool, err error) {
	if at == notFoundPage {
		d, err = h.errorDocument(lang(h.site.Language), http.StatusNotFound)
		return d, false, err
	}
	local, query, ok := h.dynamic(at)
	if !ok {
		return d, false, fs.ErrNotExist
	}
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: local, RawQuery: query}, Header: http.Header{}}
	res, err := h.route(local, r, h.now())
	if err == nil {
		d, err = res.build()
	}
	to, ok := errors.AsType[*movedError](err)
	if !ok {
		return d, false, err
	}
	target := h.root + h.at(to.to)
	if strings.Contains(query, "lang=") {
		target = h.root + h.at(withLang(to.to, h.otherLanguage()))
	}
	target = html.EscapeString(target)
	return document{ctype: "text/html; charset=utf-8", data: []byte(`<!doctype html><meta charset="utf-8"><title>Vedetta</title>` +
		`<meta name="robots" content="noindex"><meta http-equiv="refresh" content="0; url=` + target + `"><a href="` + target + `">` + target + "</a>\n")}, true, nil
}

// isPage reports whether a path is a page, rather than a feed or another file.
func isPage(local string) bool {
	switch first, _, _ := strings.Cut(strings.TrimPrefix(local, "/"), "/"); first {
	case "", "sources", "subscribe", "stories", "threads":
		return true
	}
	return false
}

// at is how the site names one of its own paths: as it is or, for a static
// site, as a file's.
func (h *Handler) at(local string) string {
	if !h.site.Static {
		return local
	}
	local, anchor, marked := strings.Cut(local, "#")
	local, query, _ := strings.Cut(local, "?")
	if !isPage(local) {
		return local
	}
	out := "/"
	var folders []string
	for p := range strings.SplitSeq(query, "&") {
		switch key, value, _ := strings.Cut(p, "="); {
		case value == "" || key == "lang" && value == h.site.Language:
		case key == "lang":
			out = "/" + value + "/"
		default:
			folders = append(folders, p)
		}
	}
	for _, part := range append(strings.Split(strings.Trim(local, "/"), "/"), folders...) {
		if part != "" {
			out += part + "/"
		}
	}
	if marked {
		out += "#" + anchor
	}
	return out
}

// dynamic is the path and the query for an address of a static site.
func (h *Handler) dynamic(at string) (local, query string, ok bool) {
	if at != path.Clean(at) && at != path.Clean(at)+"/" {
		return "", "", false
	}
	var parts, params []string
	for i, part := range strings.Split(strings.Trim(at, "/"), "/") {
		switch {
		case i == 0 && part == string(h.otherLanguage()):
			params = append(params, "lang="+part)
		case strings.Contains(part, "="):
			params = append(params, part)
		default:
			parts = append(parts, part)
		}
	}
	return "/" + strings.Join(parts, "/"), strings.Join(params, "&"), true
}

// fromStatic is where the page of a static site's address is on this one, so
// that links to a site that was files once go on working.
func (h *Handler) fromStatic(at, query string) (to string, ok bool) {
	if at == "/" || !strings.HasSuffix(at, "/") {
		return "", false
	}
	to, params, ok := h.dynamic(at)
	for part := range strings.FieldsFuncSeq(at, func(r rune) bool { return r == '/' || r == '=' }) {
		ok = ok && pathSafe(part)
	}
	if !ok || !isPage(to) && to != "/search" {
		return "", false
	}
	if query = strings.Trim(params+"&"+query, "&"); query != "" {
		to += "?" + query
	}
	return to, true
}

// linksOf returns the addresses on the site that a document names. Our
// templates and encoders write attributes in double quotes.
func (h *Handler) linksOf(data []byte) []string {
	var out []string
	seen := map[string]bool{}
	for {
		before, rest, found := bytes.Cut(data, []byte(`="`))
		value, after, closed := bytes.Cut(rest, []byte(`"`))
		if !found || !closed {
			return out
		}
		if !bytes.HasSuffix(before, []byte(" href")) && !bytes.HasSuffix(before, []byte(" src")) && !bytes.HasSuffix(before, []byte(" action")) {
			data = rest
			continue
		}
		data = after
		if to, ok := h.onSite(html.UnescapeString(string(value))); ok && !seen[to] {
			seen[to] = true
			out = append(out, to)
		}
	}
}

// onSite takes what stands before a path of the site off a link, and what
// stands behind it.
func (h *Handler) onSite(link string) (at string, ok bool) {
	link, _, _ = strings.Cut(link, "#")
	if rest, ok := strings.CutPrefix(link, h.site.BaseURL); ok {
		link = h.root + rest
	}
	at, ok = strings.CutPrefix(link, h.root)
	switch {
	case !ok || link == "":
		return "", false
	case at == "":
		return "/", true
	}
	return at, at[0] == '/' && !strings.HasPrefix(at, "//")
}
