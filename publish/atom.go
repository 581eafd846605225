package publish

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"vedetta/news"
)

// The elements of Atom (RFC 4287) that we write, with those of RFC 5005 and of
// our own namespace.
type (
	atomFeed struct {
		XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang      string      `xml:"xml:lang,attr"`
		NSHistory string      `xml:"xmlns:fh,attr,omitempty"`
		NSOurs    string      `xml:"xmlns:vedetta,attr"`
		ID        string      `xml:"id"`
		Title     string      `xml:"title"`
		Subtitle  string      `xml:"subtitle,omitempty"`
		Updated   string      `xml:"updated"`
		Author    *atomPerson `xml:"author"`
		Generator *atomMaker  `xml:"generator"`
		Icon      string      `xml:"icon,omitempty"`
		Links     []atomLink  `xml:"link"`
		Archive   *struct{}   `xml:"fh:archive"`
		Entries   []atomEntry `xml:"entry"`
	}
	atomMaker struct {
		Version string `xml:"version,attr,omitempty"`
		Name    string `xml:",chardata"`
	}
	atomPerson struct {
		Name string `xml:"name"`
		URI  string `xml:"uri,omitempty"`
	}
	atomLink struct {
		Rel   string `xml:"rel,attr"`
		Type  string `xml:"type,attr,omitempty"`
		Href  string `xml:"href,attr"`
		Title string `xml:"title,attr,omitempty"`
	}
	atomText struct {
		Type string `xml:"type,attr"`
		Lang string `xml:"xml:lang,attr,omitempty"`
		Text string `xml:",cdata"` // easier on the eye, and shorter, than escaped
	}
	atomCategory struct {
		Term   string `xml:"term,attr"`
		Scheme string `xml:"scheme,attr,omitempty"`
		Label  string `xml:"label,attr,omitempty"`
	}
	atomSource struct {
		ID      string     `xml:"id"`
		Title   string     `xml:"title"`
		Updated string     `xml:"updated"`
		Links   []atomLink `xml:"link"`
	}
	atomEntry struct {
		Lang       string         `xml:"xml:lang,attr,omitempty"`
		ID         string         `xml:"id"`
		Title      string         `xml:"title"`
		Published  string         `xml:"published"`
		Updated    string         `xml:"updated"`
		Authors    []atomPerson   `xml:"author"`
		Links      []atomLink     `xml:"link"`
		Categories []atomCategory `xml:"category"`
		Summary    *atomText      `xml:"summary"`
		Content    *atomText      `xml:"content"`
		Source     *atomSource    `xml:"source"`
		Ours       *ours          `xml:"vedetta:story"`
	}
)

// ours is our extension in Atom and RSS: the verdict and the story for
// machines.
type ours struct {
	Score    string         `xml:"score,attr"`
	Story    string         `xml:"id,attr"`
	Thread   string         `xml:"thread,attr,omitempty"`
	Origin   string         `xml:"origin,attr,omitempty"`
	Evidence []oursEvidence `xml:"vedetta:evidence"`
	Copies   []oursCopy     `xml:"vedetta:copy"`
}

// oursEvidence is a sentence and the terms in it that count.
type oursEvidence struct {
	Where    string     `xml:"where,attr,omitempty"`
	Sentence string     `xml:"vedetta:sentence"`
	Terms    []oursTerm `xml:"vedetta:term"`
}

type oursTerm struct {
	Relation string `xml:"relation,attr,omitempty"`
	Actor    string `xml:"actor,attr"`
	Term     string `xml:",chardata"`
}

type oursCopy struct {
	Outlet    string `xml:"outlet,attr"`
	Href      string `xml:"href,attr,omitempty"`
	Published string `xml:"published,attr,omitempty"`
	Alike     string `xml:"alike,attr,omitempty"`
}

func newOurs(e entry) *ours {
	o := &ours{
		Score:  decimal(e.Verdict.Score),
		Story:  e.Story.ID,
		Thread: e.Thread,
		Origin: e.Origin,
	}
	at := map[place]int{}
	for _, ev := range e.Verdict.Evidence {
		p := place{ev.Where, ev.Sentence}
		i, ok := at[p]
		if !ok {
			if len(o.Evidence) == maxReasons {
				continue
			}
			i = len(o.Evidence)
			at[p] = i
			o.Evidence = append(o.Evidence, oursEvidence{Where: string(ev.Where), Sentence: plain(ev.Sentence, maxSentence)})
		}
		o.Evidence[i].Terms = append(o.Evidence[i].Terms, oursTerm{
			Relation: plain(ev.Relation, maxName), Actor: plain(ev.Actor, maxName), Term: plain(ev.Term, maxName),
		})
	}
	for _, c := range e.Copies {
		oc := oursCopy{Outlet: c.Outlet, Href: c.Link, Published: rfc3339(c.Published)}
		if c.Alike > 0 {
			oc.Alike = decimal(c.Alike)
		}
		o.Copies = append(o.Copies, oc)
	}
	return o
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// atom writes the feed as Atom 1.0.
func (h *Handler) atom(f feed) ([]byte, error) {
	doc := atomFeed{
		Lang:      h.site.Language,
		NSOurs:    news.Namespace,
		ID:        feedURN(f.Topic.ID, f.Facet),
		Title:     f.Title,
		Subtitle:  f.Subtitle,
		Updated:   rfc3339(f.Updated),
		Author:    &atomPerson{Name: plain(h.site.Title, maxName), URI: h.address("/")},
		Generator: &atomMaker{Version: h.site.Version, Name: "Vedetta"},
		Icon:      h.address("/favicon.svg"),
		Links:     h.feedLinks(f),
	}
	if f.Search != "" {
		doc.ID = urn("search/" + f.Search)
	}
	if f.Prev != "" || f.Archive {
		doc.NSHistory = "http://purl.org/syndication/history/1.0"
	}
	if f.Archive {
		doc.Archive = &struct{}{}
	}
	for _, e := range f.Entries {
		doc.Entries = append(doc.Entries, h.atomEntry(e, f))
	}
	return marshal(doc)
}

// feedLinks are the links of a feed in Atom; RSS carries them too.
func (h *Handler) feedLinks(f feed) []atomLink {
	const kind = "application/atom+xml"
	links := []atomLink{
		{Rel: "self", Type: kind, Href: h.address(f.Self)},
		{Rel: "alternate", Type: "text/html", Href: h.address(f.Page)},
	}
	if f.Archive {
		links = append(links, atomLink{Rel: "current", Type: kind, Href: h.address(f.Path + ".atom")})
	} else if h.site.Hub != "" && f.Search == "" { // searches are not announced
		links = append(links, atomLink{Rel: "hub", Href: h.site.Hub})
	}
	if f.Prev != "" {
		links = append(links, atomLink{Rel: "prev-archive", Type: kind, Href: h.address(f.Prev)})
	}
	return links
}

func (h *Handler) atomEntry(e entry, f feed) atomEntry {
	w := h.words()
	content, _ := h.content(e, f)
	ae := atomEntry{
		ID:        storyURN(e.Story.ID),
		Title:     inert(e.Title),
		Published: rfc3339(e.Story.First),
		Updated:   stamp(e.updated(), e.Story.ID),
		Content:   &atomText{Type: "html", Lang: h.foreign(e.Article.Lang), Text: content},
		Ours:      newOurs(e),
	}
	if e.Summary != "" {
		// As HTML: mail readers that prefer plain text would take a summary in
		// plain text for the whole entry.
		ae.Summary = &atomText{Type: "html", Text: escape(inert(e.Summary))}
	}
	if f.Search != "" && !e.Verdict.On {
		ae.Ours = nil // there is no verdict to tell
	}
	for _, name := range e.Authors {
		ae.Authors = append(ae.Authors, atomPerson{Name: inert(name)})
	}
	if len(ae.Authors) == 0 {
		ae.Authors = []atomPerson{{Name: inert(e.Outlet)}}
	}
	page := atomLink{Rel: "related", Type: "text/html", Href: h.address(e.Path), Title: w.t("foot.story", h.site.Title)}
	if e.Link == "" {
		page.Rel = "alternate"
	} else {
		ae.Links = append(ae.Links, atomLink{Rel: "alternate", Type: "text/html", Href: e.Link})
	}
	ae.Links = append(ae.Links, page)
	for _, fc := range e.Facets {
		ae.Categories = append(ae.Categories, atomCategory{Term: fc.ID, Scheme: h.address("/feeds/" + f.Topic.ID + "/"), Label: plain(fc.Label, maxName)})
	}
	if s, ok := h.feedOf(e.Article); ok {
		ae.Source = h.atomSource(s, e)
	}
	return ae
}

// atomSource names the feed that the entry comes from (RFC 4287 §4.2.11).
func (h *Handler) atomSource(s SourceInfo, e entry) *atomSource {
	at := link(sourceAddress(s))
	if at == "" {
		return nil
	}
	src := &atomSource{
		ID: urn("source/" + s.ID), Title: inert(e.Outlet), Updated: rfc3339(e.Story.First),
		Links: []atomLink{{Rel: "self", Href: at}},
	}
	if site := link(s.Site); site != "" {
		src.Links = append(src.Links, atomLink{Rel: "alternate", Type: "text/html", Href: site})
	}
	return src
}

// foreign is the article's language if it is not the site's.
func (h *Handler) foreign(tag string) string {
	tag = languageTag(tag)
	if tag == h.site.Language {
		return ""
	}
	return tag
}

// stamp is atom:updated. Many entries change in one visit, and no two entries
// of a feed should have changed at the same instant (RFC 4287 leaves their
// order open then): the milliseconds come from the identity, so that they stay
// as they are.
func stamp(updated time.Time, id string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	t := updated.UTC().Truncate(time.Second)
	return t.Add(time.Duration(h.Sum32()%1000) * time.Millisecond).Format("2006-01-02T15:04:05.000Z07:00")
}

// marshal writes an XML document, indented so that people can read it.
func marshal(doc any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("write XML: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
