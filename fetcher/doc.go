// Package fetcher brings feeds and pages over HTTP, politely and within
// limits, and reads feeds into items.
//
// It does not decide what becomes of an item, reads no configuration file and
// stores nothing: all that it must know at the next visit is in the news.Poll
// that it returns, to be saved together with the items that it vouches for.
//
// Reading order: feed.go (a visit, from request to outcome), request.go (one
// exchange with redirects), polite.go (who may ask a host, and when),
// transport.go and guard.go (which addresses), body.go and charset.go (bytes
// to text), repair.go, markup.go and escape.go (text to well-formed text),
// texts.go and known.go (what the parser need not see of it), parse.go, rss.go,
// atom.go, jsonfeed.go and dates.go (to items), outcome.go and due.go (what a
// visit means for the next one), page.go and robots.go (articles' pages), list.go
// and sitemap.go (sources without a feed).
package fetcher
