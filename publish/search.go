package publish

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vedetta/news"
)

// Searcher finds stories in the archive by their words.
type Searcher interface {
	// Search stops when ctx ends.
	Search(ctx context.Context, q news.Search) (news.Found, error)
	// Generation changes when answers may have changed.
	Generation() uint64
}

// Sizes of what a search shows.
const (
	searchTime   = 2 * time.Second
	resultPage   = 20
	maxResults   = 1000 // stories that can be paged to
	feedResults  = 50
	searchMemory = 2 << 20 // bytes of answers kept
	maxElsewhere = 6       // copies that are looked at where the shown one has none of the words
)

// Results is a page of what a search found, also for machines.
type Results struct {
	Question string   `json:"question"`
	Total    int      `json:"total"`             // stories
	Share    float64  `json:"share"`             // of the archive that could be searched
	Ignored  []string `json:"ignored,omitempty"` // what was not taken as typed, in words
	Hits     []Hit    `json:"hits"`

	asked asked
	found news.Found
}

// Hit is a story that was found.
type Hit struct {
	Story     string    `json:"story"`
	Title     string    `json:"title"`
	Outlet    string    `json:"outlet"`
	Published time.Time `json:"published"`
	Link      string    `json:"link,omitempty"` // at its publisher's
	Page      string    `json:"page"`           // on our site, absolute
	Relations []string  `json:"relations,omitempty"`
	Text      string    `json:"text,omitempty"` // where the words stand

	Path      string  `json:"-"`
	Marked    []piece `json:"-"` // title
	Snippet   []piece `json:"-"`
	Elsewhere string  `json:"-"` // outlet whose copy the snippet is of
	Lang      string  `json:"-"`
	Others    int     `json:"-"` // outlets beside
}

// Search answers a question as people type it, best matches first or newest.
// Pages begin with 1. Without a Searcher it finds nothing.
func (h *Handler) Search(ctx context.Context, question string, newest bool, page int) (Results, error) {
	return h.results(ctx, h.words(), question, newest, page)
}

func (h *Handler) results(ctx context.Context, w words, question string, newest bool, page int) (Results, error) {
	r := Results{asked: h.ask(w, question), Hits: []Hit{}}
	r.Question, r.Ignored = r.asked.text, r.asked.remarks
	q := r.asked.search
	q.Newest, q.Offset, q.Limit = newest, (page-1)*resultPage, resultPage
	var err error
	if r.found, err = h.look(ctx, q); err != nil {
		return r, err
	}
	r.Total, r.Share = r.found.Total, r.found.Share
	r.Hits, err = h.hits(r.found.Stories, newSought(q))
	return r, err
}

// look asks the index, unless nothing is asked.
func (h *Handler) look(ctx context.Context, q news.Search) (news.Found, error) {
	if h.site.Searcher == nil || len(q.Clauses) == 0 && q.After.IsZero() && q.Before.IsZero() {
		return news.Found{Share: 1}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	return h.site.Searcher.Search(ctx, q)
}

// hits reads what is shown of stories. One that is no longer there is left
// out: the index is a moment behind.
func (h *Handler) hits(ids []string, words *sought) ([]Hit, error) {
	out := make([]Hit, 0, len(ids))
	for _, id := range ids {
		st, err := h.reader.Story(id)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		hit, err := h.hit(st, words)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, hit)
	}
	return out, nil
}

func (h *Handler) hit(st news.Story, words *sought) (Hit, error) {
	arts, err := h.byID([]string{st.Shown})
	if err != nil {
		return Hit{}, err
	}
	a, ok := arts[st.Shown]
	if !ok {
		return Hit{}, fs.ErrNotExist
	}
	hit := Hit{
		Story: st.ID, Title: title(a.Title, maxTitle), Outlet: h.sourceName(a.Source, a.Site), Published: st.First,
		Link: link(cmp.Or(a.Link, a.URL)), Path: "/stories/" + st.ID, Page: h.address("/stories/" + st.ID), Lang: a.Lang,
	}
	if hit.Title == "" {
		hit.Title = cmp.Or(plain(a.Text, 90), hit.Outlet)
	}
	for _, v := range a.Verdicts {
		if t, ok := h.topic(v.Topic); ok && v.On {
			for _, id := range v.Facets {
				if label, ok := relation(t, id); ok {
					hit.Relations = append(hit.Relations, plain(label, maxName))
				}
			}
		}
	}
	outlets := map[string]bool{news.OutletOf(a.Source): true}
	for _, m := range st.Members {
		outlets[news.OutletOf(m.Source)] = true
	}
	hit.Others = len(outlets) - 1
	hit.Marked = words.pieces(hit.Title, a.Lang)
	var n int
	if hit.Snippet, n = words.snippet(a.Text, a.Lang); n < len(words.clauses) {
		if err := h.lookElsewhere(&hit, st, words, n); err != nil {
			return hit, err
		}
	}
	if hit.Snippet == nil {
		hit.Snippet = words.pieces(shorten(summary(a), 0, maxSnippet), a.Lang)
	}
	for _, p := range hit.Snippet {
		hit.Text += p.Text
	}
	return hit, nil
}

// lookElsewhere takes the snippet from a copy that has more of the words.
func (h *Handler) lookElsewhere(hit *Hit, st news.Story, words *sought, n int) error {
	var ids []string
	for _, m := range st.Members {
		if m.Article != st.Shown && len(ids) < maxElsewhere {
			ids = append(ids, m.Article)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	copies, err := h.reader.Articles(ids...)
	if err != nil {
		return err
	}
	for _, c := range copies {
		if s, found := words.snippet(c.Text, c.Lang); found > n {
			hit.Snippet, hit.Elsewhere, n = s, h.sourceName(c.Source, c.Site), found
		}
	}
	return nil
}

// searchPage is the page of a search.
type searchPage struct {
	*frame
	Results
	Asked    bool
	Newest   bool
	Orders   []choice
	Scopes   []choice // the relations, to narrow the search
	Period   string
	Fewer    []choice // questions without one part, where nothing was found
	Missing  string   // parts that stand nowhere in the archive
	Examples []example
	Before   string // paths of the neighbouring pages
	After    string
	First    int // numbers of the hits shown
	Last     int
	Feed     string // path of the search as a feed
	Done     string // share of the archive that is in the index, where it is not all
}

// example is a question that can be tried.
type example struct{ Question, Path, Note string }

// searchPath is the path of a search.
func searchPath(question string, newest bool, page int) string {
	order, number := "", ""
	if newest {
		order = "newest"
	}
	if page > 1 {
		number = strconv.Itoa(page)
	}
	if p := params("q", question, "order", order, "page", number); p != "" {
		return "/search?" + p
	}
	return "/search"
}

// routeSearch finds the document of a search: page, feed or for machines.
func (h *Handler) routeSearch(fr *frame, r *http.Request) (resource, error) {
	if h.site.Searcher == nil {
		return resource{}, fs.ErrNotExist
	}
	v := r.URL.Query()
	question, newest, page := v.Get("q"), v.Get("order") == "newest", 1
	if s := v.Get("page"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > maxResults/resultPage {
			return resource{}, &queryError{"page", s}
		}
		page = n
	}
	question = plain(cut(question, maxQuestion+1), maxQuestion+1)
	// Others may wait for the same answer, so it does not end with this request.
	ctx := context.WithoutCancel(r.Context())
	res := resource{dated: true, search: true}
	kind := fr.At
	switch kind {
	case "/search":
		fr.Params = strings.TrimPrefix(strings.TrimPrefix(searchPath(question, newest, page), "/search"), "?")
		res.build = func() (document, error) { return h.searchPage(ctx, fr, question, newest, page) }
	case "/search.atom":
		if question == "" {
			return resource{}, fs.ErrNotExist
		}
		res.build = func() (document, error) { return h.searchFeed(ctx, question) }
	default:
		res.build = func() (document, error) { return h.searchJSON(ctx, fr, question, newest, page) }
	}
	res.name = kind + "|" + question + "|" + strconv.FormatBool(newest) + "|" + strconv.Itoa(page) + "|" + string(fr.query.lang) + strconv.FormatBool(fr.query.explicit)
	return res, nil
}

func (h *Handler) searchPage(ctx context.Context, fr *frame, question string, newest bool, page int) (document, error) {
	r, err := h.results(ctx, fr.words, question, newest, page)
	if err != nil {
		return document{}, err
	}
	p := &searchPage{frame: fr, Results: r, Newest: newest, Asked: r.Question != ""}
	fr.Section, fr.NoIndex = "search", true
	fr.PageTitle = p.T("search")
	if p.Asked {
		fr.Head = p.T("search.head", r.Question)
	}
	fr.Description = p.T("search.about")
	if r.Share < 1 {
		p.Done = p.Percent(r.Share)
	}
	if !p.Asked {
		p.Examples = h.examples(fr)
		return h.render("search", p)
	}
	p.period()
	if r.Total > 1 {
		p.Orders = []choice{
			{Label: p.T("search.best"), Path: searchPath(question, false, 1), Chosen: !newest},
			{Label: p.T("search.newest"), Path: searchPath(question, true, 1), Chosen: newest},
		}
	}
	p.Feed = "/search.atom?" + params("q", r.Question)
	fr.Feeds = append(fr.Feeds, feedLink{Title: fr.Head, Type: "application/atom+xml", Path: p.Feed, URL: h.address(p.Feed)})
	if len(r.Hits) > 0 {
		p.First, p.Last = (page-1)*resultPage+1, (page-1)*resultPage+len(r.Hits)
	}
	if page > 1 {
		p.Before = searchPath(question, newest, page-1)
	}
	if page*resultPage < min(r.Total, maxResults) {
		p.After = searchPath(question, newest, page+1)
	}
	if r.Total == 0 {
		if err := p.suggest(ctx); err != nil {
			return document{}, err
		}
		p.Examples = h.examples(fr)
	} else if r.Total > 1 {
		p.scopes()
	}
	return h.render("search", p)
}

// period tells the bounds of the search in time as they were understood.
func (p *searchPage) period() {
	after, before := p.asked.search.After, p.asked.search.Before
	var parts []string
	if !after.IsZero() {
		parts = append(parts, p.cal.with(p.cal.pick("dal", "from"), after))
	}
	if !before.IsZero() {
		last := before.AddDate(0, 0, -1)
		parts = append(parts, p.cal.with(p.cal.pick("al", "to"), last))
	}
	p.Period = strings.Join(parts, " ")
}

// scopes offers to narrow the search to a relation, unless it asks for one.
func (p *searchPage) scopes() {
	for _, c := range p.asked.search.Clauses {
		if c.Field == news.SearchRelation || c.Field == news.SearchTopic {
			return
		}
	}
	for _, t := range p.h.site.Topics {
		for _, r := range t.Relations {
			p.Scopes = append(p.Scopes, choice{
				Label: plain(cmp.Or(r.Label, r.ID), maxName),
				Path:  searchPath(p.Question+" relazione:"+r.ID, p.Newest, 1),
			})
		}
	}
}

// suggest finds what to leave out of a question that found nothing: what
// stands nowhere, or a part without which there is something.
func (p *searchPage) suggest(ctx context.Context) error {
	var missing, questions []string
	for _, i := range p.found.Missing {
		missing = append(missing, p.asked.clause(i))
	}
	p.Missing = strings.Join(missing, ", ")
	if len(missing) > 1 {
		questions = append(questions, p.asked.without(p.found.Missing...))
	}
	for i := range p.asked.clauses {
		questions = append(questions, p.asked.without(i))
	}
	for _, q := range questions {
		if q == "" {
			continue
		}
		found, err := p.h.look(ctx, p.h.ask(p.words, q).search)
		if err != nil {
			return err
		}
		if found.Total > 0 {
			p.Fewer = append(p.Fewer, choice{Label: q, Path: searchPath(q, p.Newest, 1), Count: found.Total})
		}
	}
	return nil
}

// examples are questions that show what can be asked, with names of this site.
func (h *Handler) examples(fr *frame) []example {
	var out []example
	add := func(question, note string) {
		out = append(out, example{question, searchPath(question, false, 1), note})
	}
	add("portaerei Tokyo", fr.T("search.eg.words"))
	add("\"ministro della Difesa\"", fr.T("search.eg.phrase"))
	add("caccia -calcio", fr.T("search.eg.not"))
	add("cyber*", fr.T("search.eg.open"))
	for _, s := range h.site.Sources {
		if name := title(s.Name, maxName); name != "" {
			add("Giappone "+fr.T("search.field.source")+":"+quoted(name), fr.T("search.eg.source"))
			break
		}
	}
	if len(h.site.Topics) > 0 && len(h.site.Topics[0].Relations) > 0 {
		rs := h.site.Topics[0].Relations
		add(fr.T("search.field.relation")+":"+rs[len(rs)-1].ID+" "+fr.T("search.field.after")+":"+strconv.Itoa(fr.cal.now.In(h.site.Zone).Year()), fr.T("search.eg.relation"))
	}
	now := fr.cal.now.In(h.site.Zone)
	add("NATO "+fr.T("search.field.date")+":"+now.Format("2006-01"), fr.T("search.eg.date"))
	add("NATO "+fr.T("search.field.before")+":"+now.Format("2/1/2006"), fr.T("search.eg.before"))
	return out
}

// quoted puts a name between quotation marks where it is more than one word.
func quoted(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r == ' ' }) {
		return `"` + strings.ReplaceAll(name, `"`, "") + `"`
	}
	return name
}

// Thousands is the number of stories, also where they are too many to page
// through.
func (p *searchPage) Thousands() string { return p.N("search.found", p.Total) }

func (h *Handler) searchJSON(ctx context.Context, fr *frame, question string, newest bool, page int) (document, error) {
	r, err := h.results(ctx, fr.words, question, newest, page)
	if err != nil {
		return document{}, err
	}
	data, err := json.Marshal(r)
	if err != nil {
		return document{}, fmt.Errorf("write results: %w", err)
	}
	return document{data: append(data, '\n'), ctype: "application/json", ccont: keepPage, vary: "Accept-Encoding, Accept-Language"}, nil
}

// searchFeed is the newest stories of a search as Atom.
func (h *Handler) searchFeed(ctx context.Context, question string) (document, error) {
	w := h.words()
	a := h.ask(w, question)
	q := a.search
	q.Newest, q.Limit = true, feedResults
	found, err := h.look(ctx, q)
	if err != nil {
		return document{}, err
	}
	query := "?" + params("q", a.text)
	f := feed{
		Title:    w.t("search.feed", h.site.Title, a.text),
		Subtitle: w.t("search.about"),
		Path:     "/search", Self: "/search.atom" + query, Page: "/search" + query,
		Search: a.text, Updated: time.Unix(0, 0).UTC(),
	}
	for _, id := range found.Stories {
		s, err := h.find(id)
		if answers(err) {
			continue // merged or gone since the index saw it
		}
		if err != nil {
			return document{}, err
		}
		f.Entries = append(f.Entries, s.entry)
		if u := s.updated(); u.After(f.Updated) {
			f.Updated = u
		}
	}
	data, err := h.atom(f)
	return document{data: data, ctype: "application/atom+xml; charset=utf-8", ccont: keepFeed, vary: "Accept-Encoding"}, err
}

// openSearch tells browsers how to search the site (OpenSearch 1.1).
func (h *Handler) openSearch() (document, error) {
	type url struct {
		Type     string `xml:"type,attr"`
		Rel      string `xml:"rel,attr,omitempty"`
		Template string `xml:"template,attr"`
	}
	w := h.words()
	doc := struct {
		XMLName     xml.Name `xml:"http://a9.com/-/spec/opensearch/1.1/ OpenSearchDescription"`
		ShortName   string   `xml:"ShortName"`
		Description string   `xml:"Description"`
		Image       string   `xml:"Image"`
		URLs        []url    `xml:"Url"`
		Language    string   `xml:"Language"`
		Encoding    string   `xml:"InputEncoding"`
	}{
		ShortName:   plain(h.site.Title, 16),
		Description: w.t("search.about"),
		Image:       h.address("/favicon.svg"),
		URLs: []url{
			{Type: "text/html", Template: h.address("/search?q={searchTerms}")},
			{Type: "application/atom+xml", Template: h.address("/search.atom?q={searchTerms}")},
			{Type: "application/opensearchdescription+xml", Rel: "self", Template: h.address("/opensearch.xml")},
		},
		Language: h.site.Language,
		Encoding: "UTF-8",
	}
	data, err := marshal(doc)
	return document{data: data, ctype: "application/opensearchdescription+xml; charset=utf-8", ccont: keepArchive, vary: "Accept-Encoding"}, err
}
