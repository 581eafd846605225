package publish

import (
	"hash/maphash"
	"net/url"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
)

// Longest texts of each kind that are served, in characters. Beyond them an
// ellipsis stands; a title of two megabytes is somebody's mistake or malice.
const (
	maxTitle    = 300
	maxName     = 120
	maxSummary  = 600
	maxLead     = 320
	maxSentence = 500
	maxBody     = 400_000
)

// plain makes a text of the network fit for a line of a document: no control
// or bidirectional formatting characters, white space collapsed, at most limit
// characters. The result is not yet escaped.
func plain(s string, limit int) string {
	// A line of limit characters never needs more than this many bytes,
	// however much white space it has within reason.
	if most := limit*utf8.UTFMax*2 + 64; len(s) > most {
		s = s[:most]
	}
	var b strings.Builder
	b.Grow(min(len(s), limit*2))
	n, space := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if !printable(r) {
			continue
		}
		if n >= limit {
			return strings.TrimRight(b.String(), " ,;:.") + "…"
		}
		if space {
			b.WriteByte(' ')
			n++
			space = false
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// printable reports whether a character may appear in what is served. Left out
// are those that XML 1.0 §2.2 does not allow, other controls, and the
// characters that reorder text around them (Unicode UAX 9), which can make a
// title say what it does not.
func printable(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return true
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return false
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return false
	case r == utf8.RuneError, r == 0xfeff, r == 0x2028, r == 0x2029:
		return false
	case r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return false
	}
	return true
}

// strip removes from a longer text what printable refuses, and keeps its
// white space.
func strip(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !printable(r) }) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if !printable(r) {
			return -1
		}
		return r
	}, s)
}

// cut shortens a text to at most limit bytes, at a character's edge.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// link returns the address if a reader may follow it: absolute, http or https,
// nothing hidden in it. Otherwise it returns the empty string.
func link(address string) string {
	if len(address) > 2048 {
		return ""
	}
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	if strings.IndexFunc(address, func(r rune) bool { return !printable(r) || unicode.IsSpace(r) }) >= 0 {
		return ""
	}
	return u.String()
}

// cleaner sanitises HTML, and remembers its results because the same bodies
// are asked for after every commit.
type cleaner struct {
	feed *bluemonday.Policy // what feed readers get
	page *bluemonday.Policy // what our pages show: no images, as they would be third-party requests
	seed maphash.Seed

	mu   sync.Mutex // guards memo and size
	memo map[uint64]string
	size int
}

// maxMemo bounds the bytes that a cleaner remembers.
const maxMemo = 6 << 20

func newCleaner() *cleaner {
	feed := policy()
	feed.AllowAttrs("src").OnElements("img")
	feed.AllowAttrs("alt").OnElements("img")
	feed.AllowAttrs("width", "height").Matching(bluemonday.Integer).OnElements("img")
	return &cleaner{feed: feed, page: policy(), seed: maphash.MakeSeed(), memo: map[uint64]string{}}
}

func policy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	p.AllowElements("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
		"blockquote", "q", "cite", "pre", "code", "em", "strong", "b", "i", "u", "s", "small", "sub", "sup",
		"abbr", "figure", "figcaption", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "a", "div", "span", "mark")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("colspan", "rowspan").Matching(bluemonday.Integer).OnElements("td", "th")
	p.AllowAttrs("scope").Matching(bluemonday.CellAlign).OnElements("th")
	p.SkipElementsContent("script", "style", "svg", "math", "iframe", "object", "embed", "template", "noscript", "title")
	return p
}

// forFeed sanitises a body for feed readers.
func (c *cleaner) forFeed(html string) string { return c.run(c.feed, 'f', html) }

// forPage sanitises a body for our own pages.
func (c *cleaner) forPage(html string) string { return c.run(c.page, 'p', html) }

func (c *cleaner) run(p *bluemonday.Policy, kind byte, html string) string {
	var mh maphash.Hash
	mh.SetSeed(c.seed)
	_ = mh.WriteByte(kind)
	_, _ = mh.WriteString(html)
	key := mh.Sum64()
	c.mu.Lock()
	out, ok := c.memo[key]
	c.mu.Unlock()
	if ok {
		return out
	}
	out = p.Sanitize(strip(cut(html, maxBody)))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size += len(out); c.size > maxMemo {
		clear(c.memo)
		c.size = len(out)
	}
	c.memo[key] = out
	return out
}
