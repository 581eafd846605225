package publish

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"vedetta/news"
)

//go:embed templates
var templateFiles embed.FS

// pages are the parsed templates by name.
type pages struct{ byName map[string]*template.Template }

// parsePages joins each page's template with the layout.
func parsePages() (*pages, error) {
	layout, err := template.ParseFS(templateFiles, "templates/layout.html")
	if err != nil {
		return nil, fmt.Errorf("parse layout: %w", err)
	}
	p := &pages{byName: map[string]*template.Template{}}
	for _, name := range []string{"stories", "story", "compare", "thread", "sources", "subscribe", "search", "error"} {
		t, err := layout.Clone()
		if err == nil {
			t, err = t.ParseFS(templateFiles, "templates/"+name+".html")
		}
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		p.byName[name] = t
	}
	return p, nil
}

// frame is what all pages share; page values embed it, so templates call its
// methods on any of them.
type frame struct {
	words
	h           *Handler
	query       pageQuery
	PageTitle   string // heading of the page
	Head        string // its title in windows and bookmarks, where it is another
	Description string
	Section     string // which entry of the navigation this is
	At          string // path of the page, without the base URL's
	Params      string // the page's parameters but the language
	Feeds       []feedLink
	NoIndex     bool
}

// feedLink is a feed for autodiscovery or for people.
type feedLink struct {
	Title string
	Type  string
	Path  string
	URL   string
}

// The methods below are for the templates.

func (f *frame) Lang() string      { return string(f.lang) }
func (f *frame) SiteTitle() string { return plain(f.h.site.Title, maxName) }
func (f *frame) Version() string   { return f.h.site.Version }

// T is a message, N one that depends on a number.
func (f *frame) T(name string, args ...any) string { return f.t(name, args...) }
func (f *frame) N(name string, n int) string       { return f.n(name, n) }
func (f *frame) Number(n int) string               { return f.number(n) }
func (f *frame) Percent(x float64) string          { return f.percent(x) }

func (f *frame) When(t time.Time) string  { return f.cal.when(t) }
func (f *frame) Full(t time.Time) string  { return f.cal.full(t) }
func (f *frame) Date(t time.Time) string  { return f.cal.date(t) }
func (f *frame) Clock(t time.Time) string { return strings.TrimPrefix(f.cal.hour(t), ", ") }

// ISO is a time for machines, in the site's zone.
func (f *frame) ISO(t time.Time) string { return t.In(f.cal.zone).Format(time.RFC3339) }

// To is the address of a path on the site that keeps the language asked for.
func (f *frame) To(path string) string {
	if f.query.explicit {
		path = withLang(path, f.lang)
	}
	return f.h.root + f.h.at(path)
}

// Raw is the address of something that has no language: a feed, a file.
func (f *frame) Raw(path string) string { return f.h.root + path }

// URL is the absolute address of a path.
func (f *frame) URL(path string) string { return f.h.address(path) }

// Asset is the address of an embedded file.
func (f *frame) Asset(name string) string { return f.h.root + f.h.assets[name].path }

// CanSearch reports whether there is a search.
func (f *frame) CanSearch() bool { return f.h.site.Searcher != nil }

// SearchTitle names the search to browsers.
func (f *frame) SearchTitle() string { return plain(f.h.site.Title, 16) }

// AskedLang is the language that was asked for in the address, for forms.
func (f *frame) AskedLang() string {
	if f.query.explicit {
		return string(f.lang)
	}
	return ""
}

// WindowTitle is what windows, tabs and bookmarks show.
func (f *frame) WindowTitle() string {
	name := cmp.Or(f.Head, f.PageTitle)
	if name == f.SiteTitle() {
		return name
	}
	return name + " · " + f.SiteTitle()
}

// Here is this page's path with its parameters.
func (f *frame) Here() string {
	if f.Params == "" {
		return f.At
	}
	return f.At + "?" + f.Params
}

// Canonical is this page's absolute address, without a language.
func (f *frame) Canonical() string { return f.h.address(f.Here()) }

// Other is the other language, and OtherHref this page in it.
func (f *frame) Other() string {
	if f.lang == italian {
		return string(english)
	}
	return string(italian)
}

func (f *frame) OtherHref() string { return f.h.root + f.h.at(withLang(f.Here(), lang(f.Other()))) }

func withLang(path string, l lang) string {
	path, anchor, _ := strings.Cut(path, "#")
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	path += sep + "lang=" + string(l)
	if anchor != "" {
		path += "#" + anchor
	}
	return path
}

// Foreign is the language of a text if it is not the page's, for lang
// attributes.
func (f *frame) Foreign(tag string) string {
	if tag = languageTag(tag); tag == string(f.lang) {
		return ""
	}
	return tag
}

// Why names the rule that joined a copy, in words.
func (f *frame) Why(rule string) string {
	if _, ok := messages[rule]; ok {
		return f.t(rule)
	}
	return plain(rule, maxName)
}

// Because says why an article stayed off the topic, Speaks what a reason
// against is.
func (f *frame) Because(e entry) string { return f.because(e) }
func (f *frame) Speaks(r reason) string { return f.speaks(r) }

// Frame is the frame itself, for methods of values that need it.
func (f *frame) Frame() *frame { return f }

// Diff joins changes with the frame, for the template that they share.
func (f *frame) Diff(cs []change) diff { return diff{Changes: cs, Frame: f} }

// From is "dal 3 marzo 2026".
func (f *frame) From(t time.Time) string { return f.from(t) }

// discover lists the feeds of a topic that browsers and readers may find.
func (f *frame) discover(t news.Topic, facet string) {
	if t.ID == "" {
		return
	}
	kinds := []struct{ suffix, kind string }{
		{"atom", "application/atom+xml"}, {"rss", "application/rss+xml"}, {"json", "application/feed+json"},
	}
	for _, id := range slices.Compact([]string{facet, ""}) {
		for _, k := range kinds {
			fd := f.h.describe(feedRequest{topic: t, facet: id, format: k.suffix})
			f.Feeds = append(f.Feeds, feedLink{Title: fd.Title, Type: k.kind, Path: fd.Self, URL: f.h.address(fd.Self)})
		}
	}
}

// diff is what the template of changes is given.
type diff struct {
	Changes []change
	Frame   *frame
}

// render writes a page. Its data embeds the frame.
func (h *Handler) render(name string, data any) (document, error) {
	var b bytes.Buffer
	if err := h.pages.byName[name].ExecuteTemplate(&b, "page", data); err != nil {
		return document{}, fmt.Errorf("render page: %w", err)
	}
	return document{
		data: b.Bytes(), ctype: "text/html; charset=utf-8", ccont: keepPage,
		vary: "Accept-Encoding, Accept-Language", page: true,
	}, nil
}

// errorPage is a page that says what went wrong and what to do.
type errorPage struct {
	*frame
	Status int
	Name   string // of its messages
}

// fail answers with an error, as a page for people and a line for programs.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, status int) {
	header := w.Header()
	if status >= 500 || status == http.StatusMethodNotAllowed {
		header["Cache-Control"] = []string{keepNothing}
	} else {
		header["Cache-Control"] = []string{keepPage}
	}
	header["X-Content-Type-Options"] = []string{"nosniff"}
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		header["Content-Type"] = []string{"text/plain; charset=utf-8"}
		header["Vary"] = []string{"Accept"}
		w.WriteHeader(status)
		_, _ = fmt.Fprintln(w, http.StatusText(status))
		return
	}
	l := preferred(r.Header.Get("Accept-Language"), lang(h.site.Language))
	d, err := h.errorDocument(l, status)
	if err != nil {
		h.log.Error("render error page", "err", err)
		w.WriteHeader(status)
		return
	}
	header["Content-Type"] = []string{d.ctype}
	header["Content-Security-Policy"] = []string{pagePolicy}
	header["Referrer-Policy"] = []string{"no-referrer"}
	header["Vary"] = []string{"Accept, Accept-Language"}
	w.WriteHeader(status)
	_, _ = w.Write(d.data)
}

func (h *Handler) errorDocument(l lang, status int) (document, error) {
	page := errorPage{
		frame:  &frame{h: h, words: h.speak(l, h.now()), At: "/", NoIndex: true},
		Status: status,
		Name:   fmt.Sprintf("error.%d", status),
	}
	page.PageTitle = page.T(page.Name)
	return h.render("error", page)
}
