package publish

import (
	"cmp"
	"errors"
	"io/fs"
	"strings"
	"time"

	"vedetta/news"
)

// nearMisses is the name of the feed of articles that were off, but not by
// much.
const nearMisses = "near-misses"

// maxAuthors is how many of an article's authors are named.
const maxAuthors = 8

// entry is a story as it stands in a topic: the article shown, why it is
// there, and who else has it. Its texts are cleaned but not escaped.
type entry struct {
	Story   news.Story
	Article news.Article
	Verdict news.Verdict
	Title   string
	Outlet  string
	Via     string // daemon that passed the article on; empty when it was read at its outlet's
	Link    string // where the article can be read at its publisher's; empty when its address is not fit to follow
	Path    string // of the story on our site
	Authors []string
	Summary string
	Origin  string // agency credited
	Facets  []facet
	Reasons []reason
	Against []reason
	Copies  []copied
	Members []news.Article // as the story lists them; of feeds only
	Others  int            // outlets other than the one shown
	Thread  string
	Related int // other stories of the thread
}

// Lead is the summary with what counted marked in it.
func (e entry) Lead() []piece {
	ps, _ := within(plain(e.Summary, maxLead), e.Reasons)
	return ps
}

// Quote is the strongest sentence for the topic, where neither the title nor
// the summary shows it already.
func (e entry) Quote() []piece {
	if _, ok := within(plain(e.Summary, maxLead), e.Reasons); ok {
		return nil
	}
	for _, r := range e.Reasons {
		if !r.Title {
			return r.Pieces
		}
	}
	return nil
}

// facet is a relation for people.
type facet struct{ ID, Label string }

// copied is an article of the story other than the one shown.
type copied struct {
	Article   string
	Outlet    string
	Via       string
	Link      string
	Title     string
	Published time.Time
	Why       string
	Alike     float64 // the larger of resemblance and containment; 0 for the same text
	First     bool    // came before all others
	Changed   bool    // its text differs enough to be worth comparing
}

// entries turns stories into entries of a topic, in the same order, with all
// that feeds tell of their copies. Stories of which no article is (any longer)
// on the topic are left out.
func (h *Handler) entries(stories []news.Story, topic news.Topic, near bool) ([]entry, error) {
	arts, err := h.articles(stories...)
	if err != nil {
		return nil, err
	}
	out := make([]entry, 0, len(stories))
	for _, st := range stories {
		a, v, ok := shown(st, arts, topic.ID, near)
		if !ok {
			continue
		}
		e, err := h.entry(st, a, v, topic, arts)
		if err != nil {
			return nil, err
		}
		for _, m := range st.Members {
			e.Members = append(e.Members, arts[m.Article])
		}
		out = append(out, e)
	}
	return out, nil
}

// listed does the same for lists, which tell of copies no more than their
// number: it reads the shown articles alone where they are on the topic.
func (h *Handler) listed(stories []news.Story, topic news.Topic, near bool) ([]entry, error) {
	ids := make([]string, len(stories))
	for i, st := range stories {
		ids[i] = st.Shown
	}
	arts, err := h.byID(ids)
	if err != nil {
		return nil, err
	}
	out := make([]entry, 0, len(stories))
	for _, st := range stories {
		a, v, ok := shown(st, arts, topic.ID, near)
		if !ok && len(st.Members) > 1 {
			others, err := h.articles(st)
			if err != nil {
				return nil, err
			}
			a, v, ok = shown(st, others, topic.ID, near)
		}
		if !ok {
			continue
		}
		e, err := h.entry(st, a, v, topic, arts)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// articles returns all articles of the stories by id.
func (h *Handler) articles(stories ...news.Story) (map[string]news.Article, error) {
	var ids []string
	for _, st := range stories {
		for _, m := range st.Members {
			ids = append(ids, m.Article)
		}
	}
	return h.byID(ids)
}

func (h *Handler) byID(ids []string) (map[string]news.Article, error) {
	list, err := h.reader.Articles(ids...)
	if err != nil {
		return nil, err
	}
	arts := make(map[string]news.Article, len(list))
	for _, a := range list {
		arts[a.ID] = a
	}
	return arts, nil
}

// shown chooses the article under which a story stands in a topic: the one
// that the story shows if it is on the topic, else the first member that is.
func shown(st news.Story, arts map[string]news.Article, topic string, near bool) (news.Article, news.Verdict, bool) {
	ids := make([]string, 0, len(st.Members)+1)
	ids = append(ids, st.Shown)
	for _, m := range st.Members {
		ids = append(ids, m.Article)
	}
	for _, id := range ids {
		a, ok := arts[id]
		if !ok {
			continue
		}
		v, ok := a.Verdict(topic)
		if ok && ((!near && v.On) || (near && v.Near && !v.On)) {
			return a, v, true
		}
	}
	return news.Article{}, news.Verdict{}, false
}

func (h *Handler) entry(st news.Story, a news.Article, v news.Verdict, topic news.Topic, arts map[string]news.Article) (entry, error) {
	e := entry{
		Story:   st,
		Article: a,
		Verdict: v,
		Title:   title(a.Title, maxTitle),
		Outlet:  h.sourceName(a.Source, a.Site),
		Via:     h.via(a.Source),
		Link:    link(cmp.Or(a.Link, a.URL)),
		Path:    "/stories/" + st.ID,
		Summary: summary(a),
		Origin:  title(st.Origin, maxName),
		Reasons: reasons(v, topic),
		Against: against(v, topic),
		Thread:  st.Thread,
	}
	if e.Title == "" {
		e.Title = cmp.Or(title(a.Text, 90), e.Outlet)
	}
	for _, name := range a.Authors {
		// An address is not a name, and should not be spread.
		if name = title(name, maxName); name != "" && !strings.Contains(name, "@") && len(e.Authors) < maxAuthors {
			e.Authors = append(e.Authors, name)
		}
	}
	for _, id := range v.Facets {
		if label, ok := relation(topic, id); ok {
			e.Facets = append(e.Facets, facet{id, label})
		}
	}
	e.Copies, e.Others = h.copies(st, a, arts)
	var err error
	e.Related, err = h.related(st)
	return e, err
}

// summary is what the publisher says of an article, else how its text begins.
func summary(a news.Article) string {
	if s := excerpt(a.Summary, maxSummary); s != "" {
		return s
	}
	return plain(a.Text, maxLead)
}

// copies lists the story's articles other than the shown one, and counts the
// outlets among them.
func (h *Handler) copies(st news.Story, shown news.Article, arts map[string]news.Article) ([]copied, int) {
	var out []copied
	outlets := map[string]bool{}
	for i, m := range st.Members {
		if m.Article == shown.ID {
			continue
		}
		a := arts[m.Article]
		c := copied{
			Article:   m.Article,
			Outlet:    h.sourceName(m.Source, a.Site),
			Via:       h.via(m.Source),
			Link:      link(cmp.Or(a.Link, a.URL)),
			Title:     title(a.Title, maxTitle),
			Published: m.Published,
			Why:       m.Why,
			Alike:     alike(m),
			First:     i == 0,
			Changed:   a.Text != "" && a.Text != shown.Text,
		}
		out = append(out, c)
		if o := news.OutletOf(m.Source); o != news.OutletOf(shown.Source) {
			outlets[o] = true
		}
	}
	return out, len(outlets)
}

// alike is how alike a copy is to what it copies; nothing for one that is the
// same.
func alike(m news.Member) float64 {
	x := max(m.Resemblance, m.Containment)
	if x > 0.995 {
		return 0
	}
	return x
}

// related counts the other stories of a story's thread.
func (h *Handler) related(st news.Story) (int, error) {
	if st.Thread == "" {
		return 0, nil
	}
	t, err := h.reader.Thread(st.Thread)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return max(0, len(t.Stories)-1), nil
}
