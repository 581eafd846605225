package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"vedetta/config"
	"vedetta/news"
	"vedetta/weblink"
)

// task is an item to be read. seen is zero for one that was never seen.
type task struct {
	item     news.Item
	seen     news.Sighting
	pageless bool // too much waits: the feed's text has to do
}

// reader turns one source's items into articles and counts what it meets.
type reader struct {
	engine *Engine
	plan   *Plan
	src    config.Source
	stop   <-chan struct{}
	budget int       // pages that may still be fetched in this visit
	poll   news.Poll // what is to be remembered of the source, growing

	rest []news.Item // left for the next visit, or to be tried again then

	fresh, changed, onTopic, copies, refused, left int
}

// readItem is what came of an item: what to remember of it, and its article
// where there is one to store.
type readItem struct {
	seen    news.Sighting
	article *news.Article
	known   bool // the article was stored before
}

// How much text is enough, in characters.
const (
	wholeText = 1500 // a feed's text from here on is taken for the whole article when the choice is ours
	solidText = 400  // a page's text from here on stands by itself
)

// How much is remembered for the alarm on a broken extraction.
const (
	lengthsKept  = 40
	refusalsKept = 20
	versionsKept = 20
)

// retryFor is how long after its publication the page of an item is tried
// again when it failed in a way that passes.
const retryFor = 24 * time.Hour

// read reads the first n items when it is this visit's turn.
func (r *reader) read(ctx context.Context, todo []task) (out []readItem, n int, err error) {
	r.plan.reading <- struct{}{}
	defer func() { <-r.plan.reading }()
	r.engine.behind(func() { out, n, err = r.readFirst(ctx, todo) })
	return out, n, err
}

// readFirst reads the first n items, as many as are committed together. Those for
// which the budget of pages is used up, and all that follow once stop is
// closed, are counted in left and stay unseen.
func (r *reader) readFirst(ctx context.Context, todo []task) (out []readItem, n int, err error) {
	inChunk, budget := make(map[string]bool), r.budget
	for ; n < len(todo) && n < chunkSize && budget-r.budget < chunkPages; n++ {
		t := todo[n]
		if isClosed(r.stop) || r.budget == 0 && !t.pageless && t.item.Relayed == nil && r.wantsPage(t.item, r.feedText(t.item)) {
			r.left++
			r.rest = append(r.rest, t.item)
			continue
		}
		it, err := r.readItem(ctx, t, inChunk)
		if err != nil {
			return nil, 0, err
		}
		if it.article != nil {
			inChunk[it.article.ID] = true
		}
		out = append(out, it)
	}
	return out, n, nil
}

// isClosed reports whether the plan is to end. A nil stop never is.
func isClosed(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

// readItem reads one item. It has no article where another item brought the
// same, or where nothing changed that a reader would see.
func (r *reader) readItem(ctx context.Context, t task, inChunk map[string]bool) (readItem, error) {
	if t.item.Relayed != nil {
		return r.readRelayed(t, inChunk)
	}
	id := t.seen.Article
	if id == "" {
		id = news.ArticleID(identity(t.item, ""))
	}
	prior, known, err := r.engine.article(id)
	if err != nil {
		return readItem{}, err
	}
	if inChunk[id] || known && !yields(prior, t.item) && (t.seen.Article == "" || prior.Pruned) {
		return readItem{seen: sighting(t, id)}, nil
	}
	a, again, err := r.article(ctx, t)
	if err != nil {
		return readItem{}, err
	}
	switch {
	case known && yields(prior, t.item):
		a = takeOver(prior, a)
	case known:
		a = revise(prior, a)
	case a.ID != id:
		// The page names another address as its own; it may be known by that.
		dup, stored, err := r.engine.article(a.ID)
		if err != nil || inChunk[a.ID] || stored && !yields(dup, t.item) {
			return readItem{seen: sighting(t, a.ID)}, err
		}
		if stored {
			prior, known, a = dup, true, takeOver(dup, a)
		}
	}
	it := readItem{seen: sighting(t, a.ID), known: known}
	if again && time.Since(a.Published) < retryFor {
		it.seen.Digest = "" // looks changed at the next visit
		r.rest = append(r.rest, t.item)
	}
	if known && !differs(prior, a) && !yields(prior, t.item) {
		return it, nil
	}
	a.Verdicts = r.plan.judge(r.engine.log, a)
	it.article = &a
	return it, nil
}

// article returns what is stored under an id.
func (e *Engine) article(id string) (a news.Article, known bool, err error) {
	as, err := e.store.Articles(id)
	if err != nil {
		return a, false, fmt.Errorf("%w: %w", errStore, err)
	}
	if len(as) == 0 {
		return a, false, nil
	}
	return as[0], true, nil
}

func sighting(t task, article string) news.Sighting {
	first := t.seen.First
	if first.IsZero() {
		first = time.Now().UTC()
	}
	return news.Sighting{Key: t.item.Key(), Digest: t.item.Digest(), Article: article, First: first}
}

// identity is the canonical address of an item: the one that its page states
// where that is on the same site, else the item's own, else, for an item
// without address, a name made of its key. A page elsewhere that is stated as
// the origin is not taken: a reprint is a copy of a story, not the article.
func identity(it news.Item, stated string) string {
	switch {
	case stated != "" && weblink.Host(stated) == weblink.Host(it.URL):
		return weblink.Canonical(stated)
	case it.URL != "":
		return weblink.Canonical(it.URL)
	default:
		return news.KeyedPrefix + it.Key()
	}
}

// feedText is the item's text as the feed has it.
func (r *reader) feedText(it news.Item) string {
	text, _ := r.plan.extract.Feed(longer(it.Content, it.Summary), it.URL)
	return text
}

// wantsPage reports whether the page of an item, of which the feed has this
// text, is to be fetched for its body.
func (r *reader) wantsPage(it news.Item, text string) bool {
	if !strings.HasPrefix(it.URL, "http") {
		return false
	}
	switch r.src.Extract.FullText {
	case news.FullTextNever:
		return false
	case news.FullTextAlways:
		return true
	default:
		return it.Partial || looksCut(text) || utf8.RuneCountInString(text) < wholeText
	}
}

// longer returns the longer of two texts, the first when they are equal.
func longer(a, b string) string {
	if len(b) > len(a) {
		return b
	}
	return a
}

// looksCut reports whether a text ends as teasers do.
func looksCut(text string) bool {
	text = strings.TrimRight(text, " \n»\"”’'")
	for _, end := range []string{"…", "...", "[…]", "[...]", "(segue)", "Leggi tutto", "Continua a leggere", "Continue reading", "Read more"} {
		if strings.HasSuffix(text, end) {
			return true
		}
	}
	return false
}

// article makes an article of the item, with the body from its page or, where
// that does not serve, from the feed. again asks for another try at the next
// visit because the page failed in a way that passes.
func (r *reader) article(ctx context.Context, t task) (a news.Article, again bool, err error) {
	it, now := t.item, time.Now().UTC()
	a = news.Article{
		Source: r.src.ID, GUID: it.GUID, Link: it.URL,
		Title: it.Title, Authors: it.Authors, Tags: it.Categories,
		Published: it.Published, Updated: it.Updated, Seen: now,
		Lang: it.Lang, Image: it.Image, Method: "feed",
	}
	a.Text, a.HTML = r.plan.extract.Feed(longer(it.Content, it.Summary), it.URL)
	if a.Summary = a.Text; it.Content != "" {
		a.Summary, _ = r.plan.extract.Feed(it.Summary, it.URL)
	}
	stated := ""
	if !t.pageless && r.wantsPage(it, a.Text) {
		var x news.Extract
		x, again, err = r.page(ctx, it)
		if err != nil {
			return a, false, err
		}
		stated = x.URL
		a = withPage(a, x)
	}
	a.URL = identity(it, stated)
	a.ID = news.ArticleID(a.URL)
	if a.Link == a.URL {
		a.Link = ""
	}
	if a.Lang == "" {
		a.Lang = r.src.Lang
	}
	if a.Published.IsZero() || a.Published.After(now) {
		a.Published = now
	}
	return a, again, nil
}

// page fetches and extracts the item's page. A page that cannot be had is an
// Extract that says why; only the end of ctx is an error.
func (r *reader) page(ctx context.Context, it news.Item) (x news.Extract, again bool, err error) {
	r.budget--
	r.poll.Pages++
	<-r.plan.reading // others read while this one waits for the site
	page, err := r.plan.fetch.Page(ctx, r.src.Source, it.URL)
	r.plan.reading <- struct{}{}
	if errors.Is(err, context.Canceled) {
		return x, false, err
	}
	if err != nil {
		return news.Extract{Refused: "page not fetched: " + err.Error()}, r.plan.fetch.Passes(err), nil
	}
	defer r.plan.fetch.Done(page)
	return r.plan.readPage(r.engine.log, page, r.src.Extract, it.Title), false, nil
}

// withPage completes the article by what its page gave. The page's text
// serves when it is solid or says more than the feed; the feed's headline and
// date stay, because outlets choose them for readers and pages repeat them
// with decorations, unless they are missing or cut.
func withPage(a news.Article, x news.Extract) news.Article {
	a.Refused = x.Refused
	if wins(x, a.Text) {
		a.Text, a.HTML, a.Method, a.Confidence = x.Text, x.HTML, x.Method, x.Confidence
	}
	if x.Refused != "" {
		return a
	}
	if a.Title == "" || looksCut(a.Title) && len(x.Title) > len(a.Title) {
		a.Title = x.Title
	}
	if len(x.Authors) > 0 {
		a.Authors = x.Authors
	}
	if a.Published.IsZero() {
		a.Published = x.Published
	}
	if a.Updated.IsZero() {
		a.Updated = x.Updated
	}
	if x.Image != "" {
		a.Image, a.Caption = x.Image, x.Caption
	}
	if x.Summary != "" {
		a.Summary = x.Summary
	}
	if x.Lang != "" {
		a.Lang = x.Lang
	}
	a.Site = x.Site
	return a
}

// wins reports whether the page's text is to be preferred to the feed's. The
// beginning of an article that a refused page leaves is worth as much as it
// says more than the feed.
func wins(x news.Extract, feed string) bool {
	page, own := utf8.RuneCountInString(x.Text), utf8.RuneCountInString(feed)
	if x.Refused != "" {
		return page > own
	}
	return page >= own || page >= solidText && 3*page >= 2*own
}

// freshIn counts the new articles by the story that they are in.
func freshIn(read []readItem, placed news.Placement) map[string]int {
	fresh := make(map[string]int)
	for _, it := range read {
		if it.article != nil && !it.known {
			fresh[placed.StoryOf[it.article.ID]]++
		}
	}
	return fresh
}

// copiesIn is how many new articles, counted by story, have a text that was
// there already, be it in the archive or among themselves. Which of them a
// story is named after does not matter. Those that are counted later were not
// there yet.
func copiesIn(fresh map[string]int, placed news.Placement, later map[string]int) int {
	n := 0
	for _, s := range placed.Stories { // all that a new article joined, and others
		if k := fresh[s.ID]; k > 0 {
			n += min(k, len(s.Members)-later[s.ID]-1)
		}
	}
	return n
}

// count adds what was read to the visit's and the source's totals.
func (r *reader) count(read []readItem, placed news.Placement, fresh, later map[string]int) {
	copies := copiesIn(fresh, placed, later)
	r.copies += copies
	r.poll.Copies += copies
	for _, it := range read {
		if it.article == nil {
			continue
		}
		a := *it.article
		on := a.On("")
		if it.known {
			r.changed++
		} else {
			r.fresh++
			r.poll.Items++
			if on {
				r.poll.OnTopic++
			}
		}
		if on {
			r.onTopic++
		}
		if a.Refused != "" {
			r.refused++
			r.poll.Refused++
		}
		if a.Method != "feed" || a.Refused != "" {
			r.poll.RecentRefusals = latest(r.poll.RecentRefusals, a.Refused, refusalsKept)
		}
		r.poll.Lengths = latest(r.poll.Lengths, utf8.RuneCountInString(a.Text), lengthsKept)
	}
}

// latest appends to a list of bounded length, dropping the oldest. The list
// is copied: it is shared with the poll that was read from the store.
func latest[T any](list []T, v T, most int) []T {
	list = append(slices.Clip(list), v)
	return list[max(0, len(list)-most):]
}

// revise is the article after its publisher changed it: the same identity and
// dates, the new text, the old one among the versions.
func revise(prior, a news.Article) news.Article {
	if a.Refused != "" && len(prior.Text) > len(a.Text) {
		// The page no longer gives its text (a wall came up, or it cannot be
		// reached): what we have stays.
		walled := prior
		walled.Title, walled.GUID, walled.Link, walled.Refused = a.Title, a.GUID, a.Link, a.Refused
		a = walled
	}
	a.ID, a.URL, a.Source, a.Seen, a.Story = prior.ID, prior.URL, prior.Source, prior.Seen, prior.Story
	a.Published = prior.Published
	a.Versions = prior.Versions
	if differs(prior, a) {
		a.Versions = latest(prior.Versions, news.Version{Until: time.Now().UTC(), Title: prior.Title, Text: prior.Text}, versionsKept)
	}
	return a
}

// differs reports whether a reader would see another article.
func differs(a, b news.Article) bool {
	return strings.TrimSpace(a.Title) != strings.TrimSpace(b.Title) || !sameWords(a.Text, b.Text)
}

// sameWords compares two texts word by word, white space aside.
func sameWords(a, b string) bool {
	return a == b || slices.Equal(strings.Fields(a), strings.Fields(b))
}
