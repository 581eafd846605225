package publish

import (
	"cmp"
	"errors"
	"html/template"
	"io/fs"
	"slices"
	"strings"
	"time"

	"vedetta/news"
)

// storyPage is one story.
type storyPage struct {
	*frame
	entry
	Off        bool // by today's rules
	Near       bool
	Threshold  float64
	Topic      news.Topic
	Standfirst string
	Body       template.HTML // sanitised, with marks
	Targets    []string      // ids of the marks, by reason
	Minutes    int
	Partial    string // why the page gave no text
	Changes    []version
	Siblings   []sibling
	Citation   string
}

// version is a change of the text.
type version struct {
	Until   time.Time
	Title   string // the former one, where it was another
	Changes []change
}

// sibling is another story of the thread.
type sibling struct {
	Title     string
	Outlet    string
	Path      string
	Published time.Time
	Lang      string
	Summary   string
	Others    int
}

// Bounds of what a story's page shows.
const (
	maxVersions = 10
	maxSiblings = 6
	maxThread   = 300
	maxGist     = 180
	readingRate = 220 // words a minute
)

// find reads a story and the article under which it stands, in the first topic
// that it is on.
func (h *Handler) find(id string) (storyPage, error) {
	var p storyPage
	st, err := h.reader.Story(id)
	if errors.Is(err, fs.ErrNotExist) {
		return p, cmp.Or(h.joined(id), err)
	}
	if err != nil {
		return p, err
	}
	if st.ID != id {
		return p, &movedError{to: "/stories/" + st.ID}
	}
	arts, err := h.articles(st)
	if err != nil {
		return p, err
	}
	for _, near := range []bool{false, true} {
		for _, t := range h.site.Topics {
			if a, v, ok := shown(st, arts, t.ID, near); ok {
				p.Near, p.Threshold = near, cmp.Or(t.Threshold, 0.5)
				p.entry, err = h.entry(st, a, v, t, arts)
				p.Topic = t
				return p, err
			}
		}
	}
	a, ok := arts[st.Shown]
	if !ok {
		for _, m := range st.Members {
			if a, ok = arts[m.Article]; ok {
				break
			}
		}
	}
	if !ok {
		return p, fs.ErrNotExist
	}
	p.Off = true
	p.entry, err = h.entry(st, a, news.Verdict{}, news.Topic{}, arts)
	return p, err
}

// joined is where a story is that is known elsewhere by the article that founded
// it, and here is a part of another: a daemon that this one merges has it by
// itself. It is nil where there is no such article.
func (h *Handler) joined(id string) error {
	as, err := h.reader.Articles(id)
	if err != nil {
		return err
	}
	if len(as) == 0 || as[0].Story == "" || as[0].Story == id {
		return nil
	}
	return &movedError{to: "/stories/" + as[0].Story}
}

func (h *Handler) storyPage(fr *frame, id string) (document, error) {
	p, err := h.find(id)
	if err != nil {
		return document{}, err
	}
	p.frame = fr
	a := p.Article
	fr.Section = "stories"
	fr.PageTitle = p.Title
	fr.Description = p.Summary
	if s := excerpt(a.Summary, maxSummary); s != "" && !strings.Contains(plain(cut(a.Text, 8*maxSummary), maxSummary*2), strings.TrimRight(s, "….")) {
		p.Standfirst = s
	}
	body, targets := highlight(h.clean.clean(bodyHTML(a)), p.Reasons, fr.t("image"))
	p.Body = template.HTML(body) //nolint:gosec // sanitised by clean; highlight adds mark elements and links only
	p.Targets = targets
	if n := len(strings.Fields(a.Text)); n > 0 {
		p.Minutes = max(1, (n+readingRate/2)/readingRate)
	}
	p.Partial = fr.refusal(a.Refused)
	p.Changes = versions(a)
	if p.Siblings, err = h.siblings(p.Thread, p.Story.ID, maxSiblings); err != nil {
		return document{}, err
	}
	p.Citation = p.cite()
	fr.discover(p.Topic, "")
	return h.render("story", p)
}

// Edited reports whether the text changed after it was published.
func (p storyPage) Edited() bool {
	return len(p.Article.Versions) > 0 && p.Story.Updated.After(p.Article.Published)
}

// firstReasons is how many sentences a story's page shows at once.
const firstReasons = 4

// MoreReasons counts the sentences that are folded away.
func (p storyPage) MoreReasons() int { return max(0, len(p.Reasons)-firstReasons) }

// Whole is the story as lists show it.
func (p storyPage) Whole() entry { return p.entry }

// FacetPath is the page of one of the story's facets.
func (p storyPage) FacetPath(id string) string { return p.h.pagePath(p.Topic.ID, id) }

// cite is the story as a bibliography would have it.
func (p storyPage) cite() string {
	var parts []string
	if len(p.Authors) > 0 {
		parts = append(parts, strings.Join(p.Authors, ", "))
	}
	title := "«" + p.Title + "»"
	if p.lang == english {
		title = "“" + p.Title + "”"
	}
	parts = append(parts, title, p.Outlet, p.cal.date(p.Article.Published))
	if p.Link != "" {
		parts = append(parts, p.Link)
	}
	return strings.Join(parts, ", ") + "."
}

// versions compares each text of the article with the one that followed it,
// newest change first.
func versions(a news.Article) []version {
	var out []version
	next := news.Version{Title: a.Title, Text: a.Text}
	for _, v := range slices.Backward(a.Versions) {
		if len(out) == maxVersions {
			break
		}
		cs := compare(v.Text, next.Text)
		ver := version{Until: v.Until}
		if v.Title != next.Title {
			ver.Title = title(v.Title, maxTitle)
		}
		if changed(cs) {
			ver.Changes = cs
		}
		if ver.Title != "" || ver.Changes != nil {
			out = append(out, ver)
		}
		next = v
	}
	return out
}

// siblings lists the stories of a thread other than one, newest first.
func (h *Handler) siblings(thread, self string, most int) ([]sibling, error) {
	t, err := h.threadOf(thread)
	if err != nil || len(t.Stories) == 0 {
		return nil, err
	}
	ids := slices.DeleteFunc(slices.Clone(t.Stories), func(id string) bool { return id == self })
	slices.Reverse(ids)
	return h.tellAll(ids[:min(len(ids), most)])
}

// tellAll reads stories by id, leaving out those that are gone.
func (h *Handler) tellAll(ids []string) ([]sibling, error) {
	var stories []news.Story
	for _, id := range ids {
		st, err := h.reader.Story(id)
		if isNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		stories = append(stories, st)
	}
	arts, err := h.articles(stories...)
	if err != nil {
		return nil, err
	}
	var out []sibling
	for _, st := range stories {
		a, ok := arts[st.Shown]
		if !ok {
			continue
		}
		_, others := h.copies(st, a, arts)
		out = append(out, sibling{
			Title: cmp.Or(title(a.Title, maxTitle), title(a.Text, 90), h.sourceName(a.Source, a.Site)), Outlet: h.sourceName(a.Source, a.Site),
			Path: "/stories/" + st.ID, Published: st.First, Lang: a.Lang, Others: others,
			Summary: cmp.Or(excerpt(a.Summary, maxGist), plain(a.Text, maxGist)),
		})
	}
	return out, nil
}

// comparePage holds a copy against the text shown.
type comparePage struct {
	*frame
	Story   storyPage
	Copy    copied
	Changes []change
	Any     bool
}

func (h *Handler) comparePage(fr *frame, id, article string) (document, error) {
	st, err := h.find(id)
	if err != nil {
		return document{}, err
	}
	st.frame = fr
	i := slices.IndexFunc(st.Copies, func(c copied) bool { return c.Article == article })
	if i < 0 {
		return document{}, fs.ErrNotExist
	}
	list, err := h.reader.Articles(article)
	if err != nil {
		return document{}, err
	}
	if len(list) == 0 {
		return document{}, fs.ErrNotExist
	}
	p := comparePage{frame: fr, Story: st, Copy: st.Copies[i]}
	fr.Section, fr.NoIndex = "stories", true
	fr.PageTitle = fr.T("compare.title")
	fr.discover(st.Topic, "")
	p.Changes = compare(st.Article.Text, list[0].Text)
	p.Any = changed(p.Changes)
	return h.render("compare", p)
}
