package publish

import (
	"cmp"
	"slices"
	"strings"

	"vedetta/opml"
)

// SourcesOPML lists the sources that have a feed, for those who want to read
// them all. It asks the configuration alone.
func (h *Handler) SourcesOPML() ([]byte, error) {
	var body []opml.Outline
	for _, s := range h.site.Sources {
		at := link(s.URL)
		if at == "" || !s.Enabled {
			continue
		}
		name := plain(cmp.Or(s.Name, s.ID), maxName)
		body = append(body, opml.Outline{
			Text: name, Title: name, Type: "rss", XMLURL: at, HTMLURL: link(s.Site),
			Language: languageTag(s.Lang), Category: strings.Join(s.Tags, ","),
		})
	}
	slices.SortStableFunc(body, func(a, b opml.Outline) int {
		return cmp.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text))
	})
	return opml.Marshal(h.words().t("sources.of", h.site.Title), body)
}

// feedsOPML lists our own feeds, a folder a topic.
func (h *Handler) feedsOPML() (document, error) {
	var body []opml.Outline
	for _, t := range h.site.Topics {
		group := opml.Outline{Text: plain(cmp.Or(t.Title, t.ID), maxTitle)}
		facets := []string{""}
		for _, r := range t.Relations {
			facets = append(facets, r.ID)
		}
		for _, facet := range facets {
			f := h.describe(feedRequest{topic: t, facet: facet, format: "atom"})
			group.Outlines = append(group.Outlines, opml.Outline{
				Text: f.Title, Title: f.Title, Type: "rss", Language: h.site.Language,
				XMLURL: h.address(f.Self), HTMLURL: h.address(f.Page),
			})
		}
		body = append(body, group)
	}
	return opmlDocument(opml.Marshal(plain(h.site.Title, maxTitle), body))
}

func opmlDocument(data []byte, err error) (document, error) {
	return document{data: data, ctype: opml.Type, ccont: keepFeed, vary: "Accept-Encoding"}, err
}
