package engine

import (
	"reflect"
	"strings"
	"time"

	"vedetta/news"
)

// readRelayed takes over an article as another daemon passes it on. It says
// nothing of an article that was read at its outlet's, or that came by another
// daemon: neither its text nor its place is anybody else's to change.
func (r *reader) readRelayed(t task, inChunk map[string]bool) (readItem, error) {
	id := news.ArticleID(t.item.GUID)
	prior, known, err := r.engine.article(id)
	if err != nil {
		return readItem{}, err
	}
	if inChunk[id] || known && (prior.Pruned || t.item.Relayed.Pruned || news.Upstream(prior.Source) != r.src.ID) {
		return readItem{seen: sighting(t, id)}, nil
	}
	a := r.relayed(t.item)
	if known {
		kept := prior
		relay := a.Relay
		if a = revise(prior, a); !differs(prior, a) {
			a = kept // what is built from a text alone does not replace what came with pictures
		}
		a.Relay = relay
	}
	it := readItem{seen: sighting(t, id), known: known}
	if known && !differs(prior, a) && reflect.DeepEqual(prior.Relay, a.Relay) {
		return it, nil
	}
	a.Verdicts = r.plan.judge(r.engine.log, a)
	if v := t.item.Relayed.Verdicts; a.Pruned && len(v) > 0 {
		a.Verdicts = r.plan.adopted(v)
	}
	it.article = &a
	return it, nil
}

// relayed makes an article of what another daemon passes on. Its text is the
// one that daemon judged; its markup is cleaned as any feed's.
func (r *reader) relayed(it news.Item) news.Article {
	now, rel := time.Now().UTC(), it.Relayed
	relay := rel.Relay // a copy: the text is not to live on with it
	a := news.Article{
		ID: news.ArticleID(it.GUID), URL: it.GUID, Link: it.URL,
		Source: news.RelayedSource(r.src.ID, rel.Outlet), Site: rel.Name, Relay: &relay,
		Title: it.Title, Authors: it.Authors, Tags: it.Categories, Summary: it.Summary,
		Published: it.Published, Updated: it.Updated, Seen: now, Pruned: rel.Pruned,
		Lang: it.Lang, Image: it.Image, Caption: rel.Caption, Text: rel.Text, Method: "feed",
	}
	if a.Link == a.URL {
		a.Link = ""
	}
	if strings.TrimSpace(it.Content) != "" {
		_, a.HTML = r.plan.extract.Feed(it.Content, it.URL)
	}
	if a.Published.IsZero() || a.Published.After(now) {
		a.Published = now
	}
	return a
}

// adopted are the verdicts of another daemon on topics of ours, where there is
// no text any more that we could judge.
func (p *Plan) adopted(verdicts []news.Verdict) []news.Verdict {
	var out []news.Verdict
	for _, v := range verdicts {
		if p.judged[v.Topic] {
			out = append(out, v)
		}
	}
	return out
}

// yields reports whether a stored article is to be replaced by an item: what
// another daemon passed on gives way to what is read at the outlet's.
func yields(prior news.Article, it news.Item) bool {
	return prior.Relay != nil && it.Relayed == nil
}

// takeOver is the article as it was read at its outlet's, in the place of what
// another daemon had passed on. What that said is no earlier version of it.
func takeOver(prior, a news.Article) news.Article {
	a.ID, a.URL, a.Seen, a.Story = prior.ID, prior.URL, prior.Seen, prior.Story
	return a
}

// inTurn is when an item came out: the order in which items are read. Those of
// another daemon come in an order of their own.
func inTurn(it news.Item) time.Time {
	if it.Relayed != nil {
		return time.Time{}
	}
	return it.Published
}

// outSince is since when an item could have been had: from another daemon,
// since it came there.
func outSince(it news.Item) time.Time {
	if it.Relayed != nil && !it.Relayed.Seen.IsZero() {
		return it.Relayed.Seen
	}
	return it.Published
}
