package publish

import (
	"cmp"
	"encoding/xml"
	"slices"
	"strings"
)

// The elements of OPML 2.0 that we write.
type (
	opml struct {
		XMLName xml.Name      `xml:"opml"`
		Version string        `xml:"version,attr"`
		Title   string        `xml:"head>title"`
		Docs    string        `xml:"head>docs"`
		Body    []opmlOutline `xml:"body>outline"`
	}
	opmlOutline struct {
		Text     string        `xml:"text,attr"`
		Title    string        `xml:"title,attr,omitempty"`
		Type     string        `xml:"type,attr,omitempty"`
		XMLURL   string        `xml:"xmlUrl,attr,omitempty"`
		HTMLURL  string        `xml:"htmlUrl,attr,omitempty"`
		Language string        `xml:"language,attr,omitempty"`
		Category string        `xml:"category,attr,omitempty"`
		Outlines []opmlOutline `xml:"outline"`
	}
)

const opmlType = "text/x-opml; charset=utf-8"

// sourcesOPML lists the sources that have a feed, for those who want to read
// them all.
func (h *Handler) sourcesOPML() (document, error) {
	doc := opml{Version: "2.0", Title: h.words().t("sources.of", h.site.Title), Docs: "http://opml.org/spec2.opml"}
	for _, s := range h.site.Sources {
		at := link(s.URL)
		if at == "" || !s.Enabled {
			continue
		}
		name := plain(cmp.Or(s.Name, s.ID), maxName)
		doc.Body = append(doc.Body, opmlOutline{
			Text: name, Title: name, Type: "rss", XMLURL: at, HTMLURL: link(s.Site),
			Language: languageTag(s.Lang), Category: strings.Join(s.Tags, ","),
		})
	}
	slices.SortStableFunc(doc.Body, func(a, b opmlOutline) int {
		return cmp.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text))
	})
	return h.opmlDocument(doc)
}

// feedsOPML lists our own feeds, a folder a topic.
func (h *Handler) feedsOPML() (document, error) {
	doc := opml{Version: "2.0", Title: plain(h.site.Title, maxTitle), Docs: "http://opml.org/spec2.opml"}
	for _, t := range h.site.Topics {
		group := opmlOutline{Text: plain(cmp.Or(t.Title, t.ID), maxTitle)}
		facets := []string{""}
		for _, r := range t.Relations {
			facets = append(facets, r.ID)
		}
		for _, facet := range facets {
			f := h.describe(feedRequest{topic: t, facet: facet, format: "atom"})
			group.Outlines = append(group.Outlines, opmlOutline{
				Text: f.Title, Title: f.Title, Type: "rss", Language: h.site.Language,
				XMLURL: h.address(f.Self), HTMLURL: h.address(f.Page),
			})
		}
		doc.Body = append(doc.Body, group)
	}
	return h.opmlDocument(doc)
}

func (h *Handler) opmlDocument(doc opml) (document, error) {
	data, err := marshal(doc)
	return document{data: data, ctype: opmlType, ccont: keepFeed, vary: "Accept-Encoding"}, err
}
