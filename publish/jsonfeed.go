package publish

import (
	"bytes"
	"encoding/json"
	"fmt"

	"vedetta/news"
)

// jsonFeedType is JSON Feed's media type.
const jsonFeedType = "application/feed+json; charset=utf-8"

// The objects of JSON Feed 1.1 (jsonfeed.org) that we write, with our
// extension under _vedetta.
type (
	jsonFeed struct {
		Version     string       `json:"version"`
		Title       string       `json:"title"`
		HomePage    string       `json:"home_page_url"`
		FeedURL     string       `json:"feed_url"`
		NextURL     string       `json:"next_url,omitempty"`
		Description string       `json:"description,omitempty"`
		Icon        string       `json:"icon,omitempty"`
		Favicon     string       `json:"favicon,omitempty"`
		Language    string       `json:"language"`
		Authors     []jsonAuthor `json:"authors,omitempty"`
		Hubs        []jsonHub    `json:"hubs,omitempty"`
		Ours        jsonAbout    `json:"_vedetta"`
		Items       []jsonItem   `json:"items"`
	}
	jsonAuthor struct {
		Name string `json:"name,omitempty"`
		URL  string `json:"url,omitempty"`
	}
	jsonHub struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	}
	jsonAbout struct {
		NS      string `json:"ns"` // the same as in Atom and RSS
		ID      string `json:"id"`
		Topic   string `json:"topic"`
		Facet   string `json:"facet,omitempty"`
		Since   string `json:"since,omitempty"` // no entry since then is missing; absent when none is at all
		Updated string `json:"updated"`
		Version string `json:"version,omitempty"`
	}
	jsonItem struct {
		ID        string       `json:"id"`
		URL       string       `json:"url,omitempty"`
		External  string       `json:"external_url,omitempty"`
		Title     string       `json:"title,omitempty"`
		HTML      string       `json:"content_html"`
		Summary   string       `json:"summary,omitempty"`
		Image     string       `json:"image,omitempty"`
		Published string       `json:"date_published"`
		Modified  string       `json:"date_modified"`
		Authors   []jsonAuthor `json:"authors,omitempty"`
		Tags      []string     `json:"tags,omitempty"`
		Language  string       `json:"language,omitempty"`
		Ours      jsonOurs     `json:"_vedetta"`
	}
	jsonOurs struct {
		Story    string         `json:"story"`
		Page     string         `json:"page"`
		Thread   string         `json:"thread,omitempty"`
		Score    float64        `json:"score"`
		Facets   []string       `json:"facets"`
		Origin   string         `json:"origin,omitempty"`
		Source   string         `json:"source"`
		Reason   string         `json:"reason,omitempty"`
		Evidence []jsonEvidence `json:"evidence"`
		Copies   []jsonCopy     `json:"copies"`
		Articles []jsonArticle  `json:"articles"` // of the story, the one shown included
	}
	jsonEvidence struct {
		Relation string  `json:"relation,omitempty"`
		Actor    string  `json:"actor"`
		Term     string  `json:"term"`
		Sentence string  `json:"sentence"`
		Where    string  `json:"where"`
		Weight   float64 `json:"weight"`
	}
	jsonCopy struct {
		Outlet    string  `json:"outlet"`
		URL       string  `json:"url,omitempty"`
		Published string  `json:"published,omitempty"`
		Alike     float64 `json:"alike,omitempty"`
	}
)

// jsonFeed writes the feed as JSON Feed 1.1.
func (h *Handler) jsonFeed(f feed) ([]byte, error) {
	doc := jsonFeed{
		Version:     "https://jsonfeed.org/version/1.1",
		Title:       f.Title,
		HomePage:    h.address(f.Page),
		FeedURL:     h.address(f.Self),
		Description: f.Subtitle,
		Favicon:     h.address("/favicon.svg"),
		Language:    h.site.Language,
		Authors:     []jsonAuthor{{Name: plain(h.site.Title, maxName), URL: h.address("/")}},
		Ours: jsonAbout{
			NS: news.Namespace, ID: feedURN(f.Topic.ID, f.Facet), Topic: f.Topic.ID, Facet: f.Facet,
			Since: exact(f.Since), Updated: rfc3339(f.Updated), Version: h.site.Version,
		},
		Items: []jsonItem{},
	}
	if f.Next != "" {
		doc.NextURL = h.address(f.Next)
	}
	if h.site.Hub != "" && !f.Archive {
		doc.Hubs = []jsonHub{{Type: "WebSub", URL: h.site.Hub}}
	}
	for _, e := range f.Entries {
		doc.Items = append(doc.Items, h.jsonItem(e, f))
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("write JSON feed: %w", err)
	}
	return b.Bytes(), nil
}

func (h *Handler) jsonItem(e entry, f feed) jsonItem {
	content, own := h.content(e, f)
	item := jsonItem{
		ID:        storyURN(e.Story.ID),
		URL:       e.Link,
		Title:     inert(e.Title),
		HTML:      content,
		Summary:   inert(e.Summary),
		Image:     link(e.Article.Image),
		Published: rfc3339(e.Story.First),
		Modified:  rfc3339(e.updated()),
		Language:  languageTag(e.Article.Lang),
		Ours: jsonOurs{
			Story:    e.Story.ID,
			Page:     h.address(e.Path),
			Thread:   e.Thread,
			Score:    e.Verdict.Score,
			Facets:   []string{},
			Origin:   e.Origin,
			Source:   e.Outlet,
			Reason:   plain(e.Verdict.Reason, maxSentence),
			Evidence: []jsonEvidence{},
			Copies:   []jsonCopy{},
			Articles: h.jsonArticles(e, own),
		},
	}
	if item.URL == "" {
		item.URL = h.address(e.Path)
	}
	for _, name := range e.Authors {
		item.Authors = append(item.Authors, jsonAuthor{Name: inert(name)})
	}
	if len(item.Authors) == 0 {
		item.Authors = []jsonAuthor{{Name: inert(e.Outlet)}}
	}
	for _, fc := range e.Facets {
		item.Tags = append(item.Tags, plain(fc.Label, maxName))
		item.Ours.Facets = append(item.Ours.Facets, fc.ID)
	}
	for i, ev := range e.Verdict.Evidence {
		if i == maxReasons {
			break
		}
		item.Ours.Evidence = append(item.Ours.Evidence, jsonEvidence{
			Relation: plain(ev.Relation, maxName),
			Actor:    plain(ev.Actor, maxName),
			Term:     plain(ev.Term, maxName),
			Sentence: plain(ev.Sentence, maxSentence),
			Where:    string(ev.Where),
			Weight:   ev.Weight,
		})
	}
	for _, c := range e.Copies {
		item.Ours.Copies = append(item.Ours.Copies, jsonCopy{Outlet: c.Outlet, URL: c.Link, Published: rfc3339(c.Published), Alike: c.Alike})
	}
	return item
}
