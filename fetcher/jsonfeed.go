package fetcher

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"vedetta/news"
)

// loose is a JSON text that some write as a number or a boolean.
type loose string

func (l *loose) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		if text := b[1 : len(b)-1]; bytes.IndexByte(text, '\\') < 0 && utf8.Valid(text) {
			*l = loose(text) // as most
			return nil
		}
		return json.Unmarshal(b, (*string)(l))
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	if v, ok := v.(float64); ok {
		*l = loose(strconv.FormatFloat(v, 'f', -1, 64))
		if raw := strings.TrimSpace(string(b)); strings.Trim(raw, "0123456789") == "" {
			*l = loose(raw) // larger than a float holds
		}
	}
	return nil
}

// list is a JSON list, of which members that do not fit are left out, and
// those beyond the limit of items.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if token, err := d.Token(); err != nil || token != json.Delim('[') {
		return nil // not a list: none
	}
	for n := 0; d.More() && n < maxItems; n++ {
		var v T
		if d.Decode(&v) == nil { // else it is of another type; the document has been read once
			*l = append(*l, v)
		}
	}
	return nil
}

type jsonAuthor struct {
	Name loose `json:"name"`
}

type jsonItem struct {
	ID          loose            `json:"id"`
	URL         loose            `json:"url"`
	External    loose            `json:"external_url"`
	Title       loose            `json:"title"`
	HTML        loose            `json:"content_html"`
	Text        loose            `json:"content_text"`
	Summary     loose            `json:"summary"`
	Image       loose            `json:"image"`
	Banner      loose            `json:"banner_image"`
	Published   loose            `json:"date_published"`
	Modified    loose            `json:"date_modified"`
	Authors     list[jsonAuthor] `json:"authors"`
	Author      jsonAuthor       `json:"author"`
	Tags        list[loose]      `json:"tags"`
	Lang        loose            `json:"language"`
	Attachments list[struct {
		URL  loose `json:"url"`
		Type loose `json:"mime_type"`
	}] `json:"attachments"`
	Ours jsonStory `json:"_vedetta"`
}

type jsonFeed struct {
	Version loose            `json:"version"`
	Title   loose            `json:"title"`
	Home    loose            `json:"home_page_url"`
	Self    loose            `json:"feed_url"`
	Lang    loose            `json:"language"`
	Authors list[jsonAuthor] `json:"authors"`
	Author  jsonAuthor       `json:"author"`
	Items   list[jsonItem]   `json:"items"`
	Hubs    list[struct {
		Type loose `json:"type"`
		URL  loose `json:"url"`
	}] `json:"hubs"`
	Next loose     `json:"next_url"`
	Ours jsonAbout `json:"_vedetta"`
}

// parseJSON reads a JSON Feed (jsonfeed.org, 1.0 and 1.1).
func parseJSON(src news.Source, text []byte, base string, now time.Time) ([]news.Item, Meta, error) {
	var feed jsonFeed
	if err := json.Unmarshal(text, &feed); err != nil {
		return nil, Meta{}, fmt.Errorf("%w: %w", ErrNotFeed, err)
	}
	if !strings.Contains(string(feed.Version), "jsonfeed") {
		return nil, Meta{}, fmt.Errorf("%w: JSON of another kind", ErrNotFeed)
	}
	meta := Meta{Title: shortText(string(feed.Title)), Lang: languageTag(string(feed.Lang))}
	r := newReader(src, meta.Lang, now, string(feed.Home), base)
	meta.Site, meta.Self = r.address(string(feed.Home)), r.address(string(feed.Self))
	for _, h := range feed.Hubs {
		if strings.EqualFold(string(h.Type), "websub") {
			meta.Hub = or(meta.Hub, r.address(string(h.URL)))
		}
	}
	if feed.Ours.NS == news.Namespace {
		if items, meta, ok := r.parseRelay(feed, meta); ok {
			return items, meta, nil
		}
	}
	common := names(append(feed.Authors, feed.Author))
	var items []news.Item
	for _, it := range feed.Items {
		item := r.jsonItem(it)
		if len(item.Authors) == 0 {
			item.Authors = common
		}
		items = append(items, item)
	}
	items, meta.BadGUIDs = distinct(items)
	return items, meta, nil
}

func (r reader) jsonItem(it jsonItem) news.Item {
	item := news.Item{
		Source:    r.src.ID,
		GUID:      strings.TrimSpace(string(it.ID)),
		Title:     shortText(string(it.Title)),
		Summary:   string(it.Summary),
		Content:   string(it.HTML),
		Authors:   names(append(it.Authors, it.Author)),
		Published: r.date(string(it.Published), string(it.Modified)),
		Updated:   r.date(string(it.Modified)),
		Lang:      r.lang,
	}
	if item.Content == "" {
		item.Content = paragraphs(string(it.Text))
	}
	if lang := languageTag(string(it.Lang)); lang != "" {
		item.Lang = lang
	}
	links := []string{string(it.URL), string(it.External)}
	if isWeb(item.GUID) {
		links = append(links, item.GUID)
	}
	item.URL = r.firstAddress(links)
	images := []string{string(it.Image), string(it.Banner)}
	for _, a := range it.Attachments {
		if strings.HasPrefix(string(a.Type), "image/") {
			images = append(images, string(a.URL))
		}
	}
	item.Image = r.firstAddress(images)
	var tags []string
	for _, t := range it.Tags {
		tags = append(tags, string(t))
	}
	item.Categories = labels(tags)
	item.Partial = isPartial(item.Content)
	return item
}

func names(list []jsonAuthor) []string {
	var out []string
	for _, a := range list {
		out = append(out, string(a.Name))
	}
	return people(out)
}
