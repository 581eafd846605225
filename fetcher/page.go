package fetcher

import (
	"context"

	"vedetta/news"
)

// Page fetches an article's page, if robots.txt lets us.
func (f *Fetcher) Page(ctx context.Context, src news.Source, address string) (news.Page, error) {
	if err := f.allowed(ctx, src, address); err != nil {
		return news.Page{}, err
	}
	a, err := f.get(ctx, question{src: src, address: address, accept: acceptPage, limit: maxPage})
	if err != nil {
		return news.Page{}, err
	}
	contentType := a.header.Get("Content-Type")
	if wall := blockedBy(a.status, a.header, a.body[:min(len(a.body), headSize)]); wall != "" {
		return news.Page{}, &StatusError{Code: a.status, Blocked: wall}
	}
	return news.Page{URL: a.url.String(), ContentType: contentType, Body: a.body}, nil
}
