package publish

import (
	"strings"
	"time"

	"vedetta/news"
)

// jsonArticle is an article of a story, whole, for another daemon that
// subscribes to the feed: its canonical address, which is its identity, and
// what is needed to judge and place it there as here.
type jsonArticle struct {
	ID        string   `json:"id"`
	URL       string   `json:"url"`            // canonical
	Link      string   `json:"link,omitempty"` // to be opened, where it is another
	Source    string   `json:"source"`         // the outlet's identifier here
	Outlet    string   `json:"outlet"`
	Kind      string   `json:"kind,omitempty"`
	Title     string   `json:"title"`
	Summary   string   `json:"summary,omitempty"`
	Text      string   `json:"text,omitempty"`   // paragraphs separated by a blank line
	Pruned    bool     `json:"pruned,omitempty"` // the text is kept no more
	Language  string   `json:"language,omitempty"`
	Authors   []string `json:"authors,omitempty"`
	Tags      []string `json:"tags,omitempty"` // the publisher's
	Image     string   `json:"image,omitempty"`
	Caption   string   `json:"caption,omitempty"`
	Published string   `json:"published"`
	Updated   string   `json:"updated,omitempty"`
	Seen      string   `json:"seen"` // first, here
	// By which copy it came to be in the story; the founder has none.
	Of          string  `json:"of,omitempty"`
	Resemblance float64 `json:"resemblance,omitempty"`
	Containment float64 `json:"containment,omitempty"`
	Sentences   int     `json:"sentences,omitempty"`
	Why         string  `json:"why,omitempty"`
	// Which bytes of the item's content_html are the article's own, without
	// our image and foot; of the article shown only.
	Body *jsonSpan `json:"body,omitempty"`
}

// jsonSpan is a part of a text, in bytes.
type jsonSpan struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// jsonArticles are the articles of an entry's story, the story's order.
func (h *Handler) jsonArticles(e entry, body jsonSpan) []jsonArticle {
	out := make([]jsonArticle, 0, len(e.Members))
	for i, a := range e.Members {
		m := e.Story.Members[i]
		if a.ID == "" {
			continue // not there any more
		}
		j := jsonArticle{
			ID: a.ID, URL: a.URL, Link: a.Link,
			Source: a.Source, Outlet: h.sourceName(a.Source, a.Site), Kind: string(h.kindOf(a)),
			Title: strip(a.Title), Summary: strip(a.Summary), Text: strip(cut(a.Text, maxBody)), Pruned: a.Pruned,
			Language: languageTag(a.Lang), Image: link(a.Image), Caption: strip(a.Caption),
			Published: exact(a.Published), Updated: exact(a.Updated), Seen: exact(a.Seen),
			Of: m.Of, Resemblance: m.Resemblance, Containment: m.Containment, Sentences: m.Sentences, Why: m.Why,
		}
		for _, name := range a.Authors {
			j.Authors = append(j.Authors, strip(name))
		}
		for _, tag := range a.Tags {
			j.Tags = append(j.Tags, strip(tag))
		}
		if a.ID == e.Article.ID && strings.TrimSpace(a.HTML) != "" {
			j.Body = &body
		}
		out = append(out, j)
	}
	return out
}

// kindOf is the kind of an article's outlet.
func (h *Handler) kindOf(a news.Article) news.Kind {
	if a.Relay != nil {
		return a.Relay.Kind
	}
	if s, ok := h.sources[a.Source]; ok {
		return s.Kind
	}
	return ""
}

// exact is a time to the last digit: what is derived from it elsewhere is to
// come out the same.
func exact(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// maxDocument is about how many bytes of articles a JSON document holds: half of
// what a daemon takes of any feed.
const maxDocument = 4 << 20

// fits is how many of the entries go into one JSON document. Those of an
// archive end with a whole day, so that the next document can begin with the
// day before it.
func (h *Handler) fits(f feed) int {
	size, edge := 0, 0 // where a day begins
	for n, e := range f.Entries {
		if n > 0 && (!f.Archive || !h.sameDay(f.Entries[n-1].Story.First, e.Story.First)) {
			edge = n
		}
		size += len(e.Article.HTML) + 2048
		for _, a := range e.Members {
			size += len(a.Text) + len(a.Summary) + 1024
		}
		if size > maxDocument && edge > 0 {
			return edge
		}
	}
	return len(f.Entries)
}

func (h *Handler) sameDay(a, b time.Time) bool {
	y, m, d := a.In(h.site.Zone).Date()
	yy, mm, dd := b.In(h.site.Zone).Date()
	return y == yy && m == mm && d == dd
}

// paged cuts a JSON feed to the size of one document and says where the next is
// (JSON Feed 1.1, next_url) and since when this one is complete. rest is the
// first story that was left out before, if one was.
func (h *Handler) paged(f feed, fr feedRequest, rest time.Time) (feed, error) {
	if n := h.fits(f); n < len(f.Entries) {
		rest = f.Entries[n].Story.First
		f.Entries = f.Entries[:n]
	}
	zone := h.site.Zone
	switch {
	case rest.IsZero() && !f.Archive:
		return f, nil // the feed holds all there is
	case rest.IsZero():
		f.Since = fr.month
		older, err := h.reader.Timeline(h.query(fr, fr.month))
		if err != nil || len(older) == 0 {
			return f, err
		}
		f.Next = archivePath(f.Path, older[0].First.In(zone).Format("2006-01"), "json")
	case f.Archive:
		f.Next = archivePath(f.Path, rest.In(zone).Format(time.DateOnly), "json")
	default:
		f.Next = archivePath(f.Path, rest.In(zone).Format("2006-01"), "json")
	}
	if n := len(f.Entries); n > 0 && f.Since.IsZero() {
		f.Since = f.Entries[n-1].Story.First
	}
	return f, nil
}
