package fetcher

import (
	"context"
	"slices"
	"strings"
	"time"

	"vedetta/news"
	"vedetta/weblink"
)

// Limits on what a feed of another daemon may bring. It is as hostile as any.
const (
	maxMembers   = 200  // articles of a story
	maxRelayed   = 2000 // articles of a document: as many as items of any feed
	maxEvidence  = 50   // of a verdict
	pagesAtOnce  = 3    // older pages read in a visit
	maxRelayText = 1 << 20
	maxSummary   = 64 << 10

	// lateness is how much later than it was published an article is expected
	// to come to a daemon: only what is older than the last visit by more than
	// that is taken for known.
	lateness = 7 * 24 * time.Hour
	// Once in a while it is looked back further, for what came later still.
	lookEvery = 7 * 24 * time.Hour
	lookBack  = 62 * 24 * time.Hour
)

// jsonAbout is what a JSON feed of ours says of itself.
type jsonAbout struct {
	NS    loose `json:"ns"`
	Topic loose `json:"topic"`
	Since loose `json:"since"`
}

// jsonStory is what it says of an item.
type jsonStory struct {
	Story    loose       `json:"story"`
	Score    float64     `json:"score"`
	Facets   list[loose] `json:"facets"`
	Reason   loose       `json:"reason"`
	Evidence list[struct {
		Relation loose   `json:"relation"`
		Actor    loose   `json:"actor"`
		Term     loose   `json:"term"`
		Sentence loose   `json:"sentence"`
		Where    loose   `json:"where"`
		Weight   float64 `json:"weight"`
	}] `json:"evidence"`
	Articles list[jsonArticle] `json:"articles"`
}

type jsonArticle struct {
	URL         loose       `json:"url"`
	Link        loose       `json:"link"`
	Source      loose       `json:"source"`
	Outlet      loose       `json:"outlet"`
	Kind        loose       `json:"kind"`
	Title       loose       `json:"title"`
	Summary     loose       `json:"summary"`
	Text        loose       `json:"text"`
	Pruned      bool        `json:"pruned"`
	Lang        loose       `json:"language"`
	Authors     list[loose] `json:"authors"`
	Tags        list[loose] `json:"tags"`
	Image       loose       `json:"image"`
	Caption     loose       `json:"caption"`
	Published   loose       `json:"published"`
	Updated     loose       `json:"updated"`
	Seen        loose       `json:"seen"`
	Of          loose       `json:"of"`
	Resemblance float64     `json:"resemblance"`
	Containment float64     `json:"containment"`
	Sentences   int         `json:"sentences"`
	Why         loose       `json:"why"`
	Body        *struct {
		From int `json:"from"`
		To   int `json:"to"`
	} `json:"body"`
}

// relayed reads a feed of another daemon: an item for each article of each
// story, those that founded one before those that joined it, the oldest story
// first.
func (r reader) relayed(feed jsonFeed) []news.Item {
	var items []news.Item
	taken := map[string]bool{}
	for _, it := range slices.Backward(feed.Items) {
		for _, item := range r.members(it, string(feed.Ours.Topic)) {
			if len(items) < maxRelayed && !taken[item.GUID] {
				taken[item.GUID] = true
				items = append(items, item)
			}
		}
	}
	return items
}

// members are the articles of one story, each after the one it is a copy of.
func (r reader) members(it jsonItem, topic string) []news.Item {
	st := it.Ours
	byID := make(map[string]news.Item, len(st.Articles))
	var order []string
	for _, a := range st.Articles[:min(len(st.Articles), maxMembers)] {
		item, ok := r.member(a, it, topic)
		if !ok {
			continue
		}
		id := news.ArticleID(item.GUID)
		if _, twice := byID[id]; !twice {
			order = append(order, id)
			byID[id] = item
		}
	}
	var out []news.Item
	placed := map[string]bool{}
	for len(out) < len(order) {
		before := len(out)
		for _, id := range order {
			item := byID[id]
			_, here := byID[item.Relayed.Of]
			if placed[id] || here && !placed[item.Relayed.Of] {
				continue
			}
			placed[id] = true
			out = append(out, item)
		}
		if len(out) == before { // each says to be a copy of another: of none
			for _, id := range order {
				if item := byID[id]; !placed[id] {
					rel := *item.Relayed
					rel.Of = ""
					item.Relayed = &rel
					byID[id] = item
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b news.Item) int { return founding(b) - founding(a) })
	return out
}

// founding is 1 for the article that its story is named after, else 0.
func founding(it news.Item) int {
	if news.ArticleID(it.GUID) == it.Relayed.Story {
		return 1
	}
	return 0
}

// member is one article; not ok where it has no address to know it by.
func (r reader) member(a jsonArticle, it jsonItem, topic string) (news.Item, bool) {
	canonical := r.canonical(string(a.URL))
	if canonical == "" {
		return news.Item{}, false
	}
	rel := &news.Relayed{
		Relay: news.Relay{
			Kind: news.Kind(a.Kind), Story: relayedID(string(it.Ours.Story)), Of: relayedID(string(a.Of)),
			Resemblance: within(a.Resemblance), Containment: within(a.Containment),
			Sentences: min(max(a.Sentences, 0), 1<<15), Why: shortText(string(a.Why)),
		},
		Outlet: slug(string(a.Source)), Name: shortText(string(a.Outlet)),
		Text: cutText(string(a.Text), maxRelayText), Caption: shortText(string(a.Caption)), Pruned: a.Pruned,
		Seen: r.date(string(a.Seen)),
	}
	if !slices.Contains(news.Kinds(), rel.Kind) {
		rel.Kind = ""
	}
	if host := weblink.Host(canonical); rel.Outlet == "" {
		rel.Outlet = slug(host)
	}
	item := news.Item{
		Source: r.src.ID, GUID: canonical, URL: r.address(or(string(a.Link), canonical)),
		Title: oneLine(cutText(string(a.Title), maxShort)), Summary: cutText(string(a.Summary), maxSummary),
		Published: r.date(string(a.Published)), Updated: r.date(string(a.Updated)),
		Lang: languageTag(string(a.Lang)), Image: r.address(string(a.Image)), Relayed: rel,
	}
	for _, name := range a.Authors {
		item.Authors = append(item.Authors, string(name))
	}
	item.Authors = people(item.Authors)
	for _, tag := range a.Tags {
		item.Categories = append(item.Categories, string(tag))
	}
	item.Categories = labels(item.Categories)
	if a.Body != nil {
		// Of the one that is shown there are the pictures and headings, too.
		html := string(it.HTML)
		if from, to := a.Body.From, a.Body.To; 0 <= from && from <= to && to <= len(html) {
			item.Content = strings.ToValidUTF8(html[from:to], "")
		}
		if rel.Pruned {
			rel.Verdicts = []news.Verdict{it.Ours.verdict(topic)}
		}
	}
	if item.Content == "" {
		item.Content = paragraphs(rel.Text)
	}
	return item, true
}

// canonical is an address as a name of an article, or the name of one that has
// no address; "" for anything else.
func (r reader) canonical(s string) string {
	if key, ok := strings.CutPrefix(s, news.KeyedPrefix); ok {
		if len(key) == 32 && strings.Trim(key, "0123456789abcdef") == "" {
			return s
		}
		return ""
	}
	if s = r.address(s); s == "" {
		return ""
	}
	return weblink.Canonical(s)
}

// verdict is the one that the other daemon reached, within what a verdict can
// be.
func (st jsonStory) verdict(topic string) news.Verdict {
	v := news.Verdict{Topic: topic, On: true, Score: within(st.Score), Facets: []string{}, Evidence: []news.Evidence{}, Against: []news.Against{}, Reason: shortText(string(st.Reason))}
	for _, f := range st.Facets[:min(len(st.Facets), maxEvidence)] {
		v.Facets = append(v.Facets, shortText(string(f)))
	}
	for _, e := range st.Evidence[:min(len(st.Evidence), maxEvidence)] {
		where := news.Place(e.Where)
		if where != news.InTitle && where != news.InSummary {
			where = news.InText
		}
		v.Evidence = append(v.Evidence, news.Evidence{
			Relation: shortText(string(e.Relation)), Actor: shortText(string(e.Actor)), Term: shortText(string(e.Term)),
			Sentence: shortText(string(e.Sentence)), Where: where, Weight: within(e.Weight),
		})
	}
	return v
}

// within is a share as it can be.
func within(f float64) float64 { return min(max(f, 0), 1) }

// relayedID is an Article.ID or Story.ID that another daemon names; "" for
// what is none.
func relayedID(s string) string {
	if len(s) != 24 || strings.Trim(s, "0123456789abcdef") != "" {
		return ""
	}
	return s
}

const maxSlug = 80

// slug is an identifier of an outlet: of one that was relayed before, its own.
func slug(s string) string {
	s = news.OutletOf(s)
	var b strings.Builder
	for i := 0; i < len(s) && b.Len() < maxSlug; i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// catchUp reads the older pages of a feed of ours as far as they may hold what
// is not known yet: after a long pause, at the first visit and, now and then,
// of the last two months. Some are read in a visit, the others in the next
// ones. A page that cannot be read now is read then.
func (f *Fetcher) catchUp(ctx context.Context, src news.Source, last news.Poll, head reading, now time.Time) (items []news.Item, c news.CatchUp) {
	c = last.CatchUp
	if m := head.meta; !head.same && m.Relayed {
		until := last.Success.Add(-lateness)
		switch {
		case c.Looked.IsZero():
			until = time.Time{}
		case now.Sub(c.Looked) >= lookEvery:
			until = earlier(until, now.Add(-lookBack))
		}
		if c.Looked.IsZero() || now.Sub(c.Looked) >= lookEvery {
			c.Looked = now
		}
		switch {
		case m.Older == "" || !m.Since.After(until):
		case c.Next == "":
			c.Next, c.Until, c.Page = m.Older, until, time.Time{}
		case m.Since.After(last.Success.Add(-lateness)):
			// There was another pause while the past was being read.
			c.Next, c.Until, c.Page = m.Older, earlier(c.Until, until), time.Time{}
		}
	}
	for range pagesAtOnce {
		if c.Next == "" || ctx.Err() != nil {
			break
		}
		a, err := f.get(ctx, question{src: src, address: c.Next, accept: acceptFeed, limit: maxFeed})
		if lost(err) {
			c.Next = ""
			break
		}
		if err != nil {
			break
		}
		more, m, err := ParseFeed(src, a.body, a.header.Get("Content-Type"), a.url.String(), now)
		if err != nil || !m.Relayed || !c.Page.IsZero() && !m.Since.Before(c.Page) {
			c.Next = "" // it is no page of ours, or leads nowhere
			break
		}
		items = append(items, more...)
		c.Page = m.Since
		if c.Next = m.Older; m.Since.IsZero() || !m.Since.After(c.Until) {
			c.Next = ""
		}
	}
	return items, c
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// parseRelay reads a JSON feed of ours; not ok for one that does not carry its
// articles, which is read as any other.
func (r reader) parseRelay(feed jsonFeed, meta Meta) ([]news.Item, Meta, bool) {
	items := r.relayed(feed)
	if len(items) == 0 && len(feed.Items) > 0 {
		return nil, meta, false
	}
	meta.Relayed, meta.Older, meta.Since = true, r.address(string(feed.Next)), r.date(string(feed.Ours.Since))
	return items, meta, true
}
