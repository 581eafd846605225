package fetcher

import (
	"bytes"
	"context"

	"vedetta/news"
)

// Page fetches an article's page, if robots.txt lets us. A failure that says
// more than that the page is not to be had is a StatusError, ErrRobots,
// ErrNotPage, ErrTooLarge or ErrPrivate.
func (f *Fetcher) Page(ctx context.Context, src news.Source, address string) (news.Page, error) {
	room := f.room()
	a, err := f.get(ctx, question{src: src, address: address, accept: acceptPage, limit: maxPage, page: true, robots: true, room: room})
	if err != nil {
		f.giveBack(room)
		return news.Page{}, err
	}
	contentType := a.header.Get("Content-Type")
	if wall := blockedBy(a.status, a.header, a.body[:min(len(a.body), headSize)]); wall != "" {
		f.giveBack(room)
		return news.Page{}, &StatusError{Code: a.status, Blocked: wall}
	}
	return news.Page{URL: a.url.String(), ContentType: contentType, Body: a.body}, nil
}

// Done takes the memory of a page's body for another one. Nobody may read the
// body any more. A page that is not given back is collected as garbage.
func (f *Fetcher) Done(page news.Page) { f.giveBack(bytes.NewBuffer(page.Body[:0])) }
