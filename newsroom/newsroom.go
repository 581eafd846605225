package newsroom

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"vedetta/news"
)

// Newsroom is the invented press as it stands at some time. It is an
// http.Handler, safe for concurrent use.
type Newsroom struct {
	base     string
	now      func() time.Time
	start    time.Time
	outlets  []*outlet
	articles []*article // newest first
	byPath   map[string]*article
	layouts  *template.Template
}

// article is an entry with its references followed and its date fixed.
type article struct {
	*entry
	at        *outlet
	published time.Time
	blocks    []block
	fix       *article // a corrected version, from its published time on
}

// New returns the newsroom whose news is dated relative to the current time.
// base is the address it will be served under, without a trailing slash; now
// is asked on every request, so that articles to come appear when it is time.
func New(base string, now func() time.Time) *Newsroom {
	n, err := build(base, now, dataFiles)
	if err != nil {
		panic(err) // unreachable: the embedded articles are checked by a test
	}
	return n
}

// build makes a newsroom of the articles in files.
func build(base string, now func() time.Time, files fs.FS) (*Newsroom, error) {
	entries, err := readEntries(files, "data")
	if err != nil {
		return nil, err
	}
	n := &Newsroom{
		base: strings.TrimSuffix(base, "/"), now: now, start: now().Truncate(time.Minute),
		outlets: outlets(), byPath: map[string]*article{}, layouts: layouts(),
	}
	r := resolver{start: n.start, entries: map[string]*entry{}, done: map[string][]block{}, open: map[string]bool{}}
	for _, e := range entries {
		r.entries[e.ref()] = e
	}
	fixes := map[string]*article{}
	byRef := map[string]*article{}
	for _, e := range entries {
		a, err := n.article(e, &r)
		if err != nil {
			return nil, err
		}
		if target := e.head["corrects"]; target != "" {
			fixes[target] = a
			continue
		}
		byRef[e.ref()] = a
		n.articles = append(n.articles, a)
		n.byPath["/"+a.at.id+"/"+a.path()] = a
	}
	for target, fix := range fixes {
		a, ok := byRef[target]
		if !ok {
			return nil, fmt.Errorf("%w: %s corrects no article", errData, fix.ref())
		}
		a.fix = fix
	}
	slices.SortFunc(n.articles, func(a, b *article) int {
		return cmp.Or(b.published.Compare(a.published), cmp.Compare(a.ref(), b.ref()))
	})
	return n, nil
}

// article resolves e.
func (n *Newsroom) article(e *entry, r *resolver) (*article, error) {
	i := slices.IndexFunc(n.outlets, func(o *outlet) bool { return o.id == e.outlet })
	if i < 0 {
		return nil, fmt.Errorf("%w: %s: no such outlet", errData, e.ref())
	}
	if e.head["corrects"] != "" {
		e.head["of"] = e.head["corrects"]
	}
	if section := e.head["section"]; section != "" && !slices.Contains(n.outlets[i].sections, section) {
		return nil, fmt.Errorf("%w: %s: no section %q", errData, e.ref(), section)
	}
	blocks, err := r.blocks(e.ref())
	if err != nil {
		return nil, err
	}
	a := &article{entry: e, at: n.outlets[i], published: pressHours(n.start.Add(-e.age), n.start)}
	for _, b := range blocks {
		if a.at.dropsLinks {
			b = withoutLinks(b)
		}
		a.blocks = append(a.blocks, b)
	}
	return a, nil
}

// pressHours moves a time of a day before that of start into the hours in
// which the press publishes, from nine to half past ten in the evening, keeping
// the day and the order.
func pressHours(t, start time.Time) time.Time {
	const (
		opens  = 9 * time.Hour
		closes = 22*time.Hour + 30*time.Minute
	)
	t, start = t.In(rome()), start.In(rome())
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location()) }
	day := midnight(t)
	if !t.Before(midnight(start)) {
		return t
	}
	share := t.Sub(day).Hours() / 25 // of a day, which has 25 hours once a year
	return day.Add(opens + time.Duration(share*float64(closes-opens))).Truncate(time.Second)
}

// path is the article's address below its outlet.
func (a *article) path() string {
	return a.at.address(a.slug, cmp.Or(a.head["section"], a.at.sections[0]), a.published)
}

// section is the part of the paper that the article stands in.
func (a *article) section() string { return cmp.Or(a.head["section"], a.at.sections[0]) }

// asOf returns the version of the article that stands at t and the time of its
// last change.
func (a *article) asOf(t time.Time) (version *article, updated time.Time) {
	if a.fix == nil || t.Before(a.fix.published) {
		return a, a.published
	}
	v := *a
	v.blocks = a.fix.blocks
	v.entry = &entry{outlet: a.outlet, slug: a.slug, age: a.age, head: map[string]string{}, blocks: a.fix.entry.blocks}
	maps.Copy(v.head, a.head)
	for _, k := range []string{"title", "summary"} {
		v.head[k] = cmp.Or(a.fix.head[k], a.head[k])
	}
	return &v, a.fix.published
}

// description is what a short feed says of the article.
func (a *article) description() string {
	if s := a.head["summary"]; s != "" {
		return s
	}
	whole := strings.Join(strings.Fields(textOf(a.blocks)), " ")
	if short := shorten(whole, cmp.Or(a.at.teaser, 260)); short != whole {
		return short + " […]"
	}
	return whole
}

// visible returns the articles of an outlet that are out at t, newest first.
func (n *Newsroom) visible(o *outlet, t time.Time) []*article {
	var out []*article
	for _, a := range n.articles {
		if a.at == o && !a.published.After(t) {
			out = append(out, a)
		}
	}
	return out
}

// Article is the truth about one article of the newsroom.
type Article struct {
	Outlet    string // news.Source.ID
	URL       string // canonical address
	Title     string
	Author    string
	Lang      string
	Summary   string    // standfirst, which is no part of Text
	Text      string    // what a perfect extractor returns; the feed's own text where Wall is set
	Published time.Time // the ministry's pages tell the day only
	Updated   time.Time // equal to Published unless the text was corrected since

	Label    string   // on, off or borderline
	On       bool     // Label is on
	Facets   []string // relations it is on for; where borderline, that it could be on for
	Trap     string   // in which way it could mislead
	Copy     string   // group of articles that are one text; empty when alone
	Thread   string   // group of articles on one event; empty when alone
	Original string   // URL of the article it was made from
	Why      string   // reason for the labels
	Wall     string   // paywall or consent: the page holds no article
}

// Articles returns the truth about all that is published by now, newest first.
func (n *Newsroom) Articles() []Article {
	return n.truth(func(a *article, now time.Time) bool { return !a.published.After(now) })
}

// Upcoming returns the truth about what is still to appear, as it will be
// when it does, latest first.
func (n *Newsroom) Upcoming() []Article {
	return n.truth(func(a *article, now time.Time) bool { return a.published.After(now) })
}

// truth describes the articles that pass.
func (n *Newsroom) truth(pass func(*article, time.Time) bool) []Article {
	var out []Article
	now := n.now()
	urls := map[string]string{}
	for _, a := range n.articles {
		urls[a.ref()] = n.url(a)
	}
	for _, a := range n.articles {
		if !pass(a, now) {
			continue
		}
		v, updated := a.asOf(now)
		t := Article{
			Outlet: a.at.id, URL: n.url(a), Title: v.head["title"], Author: v.head["author"], Lang: a.at.language(), Summary: v.head["summary"],
			Text: v.readable(), Published: a.published, Updated: updated,
			Facets: fields(v.head["facets"]), Trap: v.head["trap"], Copy: v.head["copy"], Thread: v.head["thread"],
			Original: urls[v.head["of"]], Why: v.head["why"], Wall: a.at.wall, Label: v.label(),
		}
		t.On = t.Label == "on"
		out = append(out, t)
	}
	return out
}

// label is on, off or borderline.
func (a *article) label() string {
	switch {
	case a.head["label"] != "":
		return a.head["label"]
	case a.head["facets"] != "":
		return "on"
	}
	return "off"
}

// readable is the text that can be had from the outlet.
func (a *article) readable() string {
	if a.at.wall != "" {
		return a.description()
	}
	return textOf(a.blocks)
}

// fields splits a comma-separated list.
func fields(s string) []string {
	var out []string
	for f := range strings.SplitSeq(s, ",") {
		if f = strings.TrimSpace(f); f != "" {
			out = append(out, f)
		}
	}
	return out
}

// url is the article's canonical address.
func (n *Newsroom) url(a *article) string { return n.home(a.at) + a.path() }

// home is the outlet's front page.
func (n *Newsroom) home(o *outlet) string { return n.base + "/" + o.id + "/" }

// Sources returns the outlets as the daemon reads them.
func (n *Newsroom) Sources() []news.Source {
	var out []news.Source
	for _, o := range n.outlets {
		s := news.Source{ID: o.id, Name: o.name, Site: n.home(o), Tags: o.tags, Kind: o.kind, Lang: o.language(), List: o.list}
		if o.feed != "" {
			s.URL = n.home(o) + o.feed
		} else {
			s.Page = n.home(o) + o.listPath
		}
		out = append(out, s)
	}
	return out
}

// Config returns the outlets as the sources section of a feeds.yaml, each with
// its own schedule: without one, no source is asked more than once an hour.
func (n *Newsroom) Config(schedule string) []byte {
	var b bytes.Buffer
	b.WriteString("sources:\n")
	for _, s := range n.Sources() {
		fmt.Fprintf(&b, "  - id: %s\n    name: %q\n", s.ID, s.Name)
		if s.URL != "" {
			fmt.Fprintf(&b, "    url: %s\n", s.URL)
		} else {
			fmt.Fprintf(&b, "    page: %s\n    list: {item: %q, link: %q, title: %q, date: %q, summary: %q}\n",
				s.Page, s.List.Item, s.List.Link, s.List.Title, s.List.Date, s.List.Summary)
		}
		fmt.Fprintf(&b, "    tags: [%s]\n", strings.Join(s.Tags, ", "))
		if s.Kind != "" {
			fmt.Fprintf(&b, "    kind: %s\n", s.Kind)
		}
		fmt.Fprintf(&b, "    lang: %s\n    schedule: %q\n", s.Lang, schedule)
	}
	return b.Bytes()
}
