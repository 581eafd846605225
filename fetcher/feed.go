package fetcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"

	"vedetta/news"
)

const rhythmItems = 30 // newest items that tell how often there is one

// Feed asks a source for its items. What must be remembered is in next, also
// when err is not nil; it is to be saved together with the items, since its
// validators vouch for them. A source without anything new gives no items and
// no error. The caller's own cancellation is context.Canceled and leaves last
// as it was.
func (f *Fetcher) Feed(ctx context.Context, src news.Source, last news.Poll) (items []news.Item, next news.Poll, err error) {
	last = about(src, last)
	start := time.Now()
	read, err := f.visit(ctx, src, last)
	now := time.Now()
	if ctx.Err() != nil {
		return nil, last, ctx.Err()
	}
	if !read.sent.IsZero() {
		start = read.sent
	}
	if err != nil {
		next = failed(src, last, err, start, now)
	} else {
		next = succeeded(last, read, start, now)
		if read.meta.Relayed || last.CatchUp.Next != "" {
			var older []news.Item
			older, next.CatchUp = f.catchUp(ctx, src, last, read, now)
			read.items = append(older, read.items...)
		}
	}
	return read.items, next, err
}

// configured names what a source's Poll is about: its address, and the rule
// by which a page is read, since another rule makes other items of the page
// that the validators vouch for.
func configured(src news.Source) string {
	if src.Page == "" {
		return src.Address()
	}
	return src.Page + " " + digest(fmt.Append(nil, src.List))[:8]
}

// about drops what is remembered of another address than the one that the
// configuration now gives. Totals and the rhythm of the news stay.
func about(src news.Source, last news.Poll) news.Poll {
	address := configured(src)
	if last.Configured == address || last.Configured == "" {
		last.Configured = address
		return last
	}
	return news.Poll{
		Configured: address,
		Newest:     last.Newest, Gap: last.Gap,
		Polls: last.Polls, Unchanged: last.Unchanged, Items: last.Items, OnTopic: last.OnTopic,
		Copies: last.Copies, Refused: last.Refused, Pages: last.Pages,
		Lengths: last.Lengths, RecentRefusals: last.RecentRefusals, Left: last.Left,
	}
}

// reading is what a visit brought.
type reading struct {
	answer answer
	sent   time.Time // when the site was asked
	items  []news.Item
	meta   Meta
	same   bool   // 304, or the very body of last time
	body   string // hash of it
	size   int64  // of the body
	found  string // feed that a page at the source's address advertises
}

// visit asks and reads. A page where a feed should be is answered with the
// feed that it advertises.
func (f *Fetcher) visit(ctx context.Context, src news.Source, last news.Poll) (reading, error) {
	address, found := target(src, last), last.Found
	r, err := f.ask(ctx, src, last, address)
	if lost(err) && address != src.Address() {
		// What stood in for the configured address is gone: back to that one.
		found, address = "", src.Address()
		r, err = f.ask(ctx, src, last, address)
	}
	if page, ok := errors.AsType[*HTMLError](err); ok && len(page.Feeds) > 0 && page.Feeds[0] != address {
		found = page.Feeds[0]
		r, err = f.ask(ctx, src, last, found)
	}
	if err == nil {
		r.found = found
	}
	return r, err
}

// target is the address to ask: the configured one, unless it moved for good
// or only advertises the feed.
func target(src news.Source, last news.Poll) string {
	switch {
	case last.Found != "":
		return last.Found
	case last.HasMoved():
		return last.Moved
	}
	return src.Address()
}

// lost reports whether an error says that there is nothing at an address.
func lost(err error) bool {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.Code == 404 || status.Code == 410
	}
	return errors.Is(err, ErrNotFeed) || faultOf(err) == news.FaultDNS && err != nil && !errors.Is(err, ErrHostDown)
}

// ask asks one address and reads what comes.
func (f *Fetcher) ask(ctx context.Context, src news.Source, last news.Poll, address string) (r reading, err error) {
	q := question{
		src: src, address: address, accept: acceptFeed, limit: maxFeed,
		etag: last.ETag, modified: last.LastModified, of: last.Address,
	}
	if src.Page != "" {
		q.accept, q.limit, q.robots = acceptPage, maxPage, true
	}
	q.room = f.room()
	defer func() {
		r.answer.body = nil // whatever is made of it are copies
		f.giveBack(q.room)
	}()
	a, err := f.get(ctx, q)
	r = reading{answer: a, sent: a.sent, size: int64(len(a.body))}
	if err != nil {
		return r, err
	}
	if a.status == 304 {
		r.same = true
		return r, nil
	}
	if looksHTML(a.body, a.header.Get("Content-Type")) {
		if wall := blockedBy(a.status, a.header, a.body[:min(len(a.body), headSize)]); wall != "" {
			return r, &StatusError{Code: a.status, Blocked: wall}
		}
	}
	r.body = strconv.FormatUint(xxhash.Sum64(a.body), 16) // nobody but the site could gain by another body with it
	if r.body == last.Body && a.url.Redacted() == last.Address {
		r.same = true
		return r, nil
	}
	r.items, r.meta, err = f.read(ctx, src, last, a, r.body)
	if links := a.header.Values("Link"); src.URL != "" && len(links) > 0 {
		r.meta = linked(r.meta, links, a.url.String())
		if page, ok := errors.AsType[*HTMLError](err); ok && len(page.Feeds) == 0 {
			for _, feed := range feedLinks(links, a.url.String()) {
				page.Feeds = append(page.Feeds, feed.address)
			}
		}
	}
	if last.BadGUIDs {
		dropGUIDs(r.items)
	}
	return r, err
}

// read makes items of a body of this hash, by the kind of the source.
func (f *Fetcher) read(ctx context.Context, src news.Source, last news.Poll, a answer, body string) ([]news.Item, Meta, error) {
	base, contentType, now := a.url.String(), a.header.Get("Content-Type"), time.Now()
	switch {
	case src.Page != "":
		items, err := parseList(src, a.body, contentType, base, now)
		return items, Meta{}, err
	case src.Sitemap != "":
		items, meta, err := parseSitemap(src, a.body, contentType, base, now)
		for _, child := range meta.Children {
			more, failed := f.child(ctx, src, child)
			if failed != nil && !errors.Is(failed, ErrNotFeed) {
				return nil, meta, failed
			}
			items, err = append(items, more...), failed
		}
		if len(items) > 0 {
			err = nil // an index may also name sitemaps that hold no news
		}
		return items, meta, err
	}
	c := &recollection{memory: f.memory, before: f.memory.recall(src.ID, last, base)}
	items, meta, err := repairing{marks: true, recollection: c}.parse(src, a.body, contentType, base, now)
	if err == nil {
		f.memory.remember(src.ID, body, base, c.result)
	}
	return items, meta, err
}

// child reads one sitemap of an index.
func (f *Fetcher) child(ctx context.Context, src news.Source, address string) ([]news.Item, error) {
	a, err := f.get(ctx, question{src: src, address: address, accept: acceptFeed, limit: maxFeed})
	if err != nil {
		return nil, err
	}
	items, _, err := parseSitemap(src, a.body, a.header.Get("Content-Type"), a.url.String(), time.Now())
	return items, err
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// rhythmOf returns the date of the newest item and the mean time between the
// newest ones, zero where the dates do not tell. The oldest fifth is left out:
// it may hold an item that the site keeps at the top for years.
func rhythmOf(items []news.Item) (newest time.Time, gap time.Duration) {
	dates := make([]time.Time, 0, len(items))
	for _, it := range items {
		if !it.Published.IsZero() {
			dates = append(dates, it.Published)
		}
	}
	if len(dates) == 0 {
		return time.Time{}, 0
	}
	slices.SortFunc(dates, func(a, b time.Time) int { return b.Compare(a) })
	n := min(len(dates)-len(dates)/5, rhythmItems) - 1
	if n > 0 {
		gap = dates[0].Sub(dates[n]) / time.Duration(n)
	}
	return dates[0], gap
}
