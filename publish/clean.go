package publish

import (
	"fmt"
	"hash/maphash"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/idna"
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
	var p pile
	for _, r := range s {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if !printable(r) || p.holds(r) {
			continue
		}
		if n >= limit || space && n+1 >= limit {
			s := b.String()
			// Not within a word, where words have spaces between them.
			if i := strings.LastIndexByte(s, ' '); !space && i > len(s)*3/4 {
				s = s[:i]
			}
			return strings.TrimRight(s, " ,;:.") + "…"
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
	case r == 0x200b, r >= 0x2060 && r <= 0x2064, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f:
		return false // invisible: text could hide among them
	case r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return false
	}
	return true
}

// maxMarks is how many combining marks a character keeps. No language needs
// more; hundreds of them cover the lines around.
const maxMarks = 4

// pile counts the combining marks on a character.
type pile int

// holds reports whether the next character of a text is to be left out.
func (p *pile) holds(r rune) bool {
	if r < 0x300 || !unicode.In(r, unicode.Mn, unicode.Me) {
		*p = 0
		return false
	}
	*p++
	return *p > maxMarks
}

// strip removes from a longer text what printable refuses and what is piled
// up, and keeps its white space.
func strip(s string) string {
	var p pile
	return strings.Map(func(r rune) rune {
		if !printable(r) || p.holds(r) {
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

// title makes a title or a name fit for a line. Publishers escape them once too
// often; an entity left in plain text is never meant.
func title(s string, limit int) string {
	if strings.Contains(s, "&") {
		s = html.UnescapeString(cut(s, limit*16))
	}
	if s = plain(s, limit); strings.IndexFunc(s, visible) < 0 {
		return ""
	}
	return s
}

// visible reports whether a character shows by itself. Fillers are letters to
// Unicode that show nothing.
func visible(r rune) bool {
	switch r {
	case 0x115f, 0x1160, 0x2800, 0x3164, 0xffa0:
		return false
	}
	return !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Z)
}

// excerpt is a title-like text that may have been cut: the many marks that
// publishing systems put at a cut become an ellipsis.
func excerpt(s string, limit int) string {
	s = title(s, limit)
	if !strings.HasSuffix(s, "…") && !strings.HasSuffix(s, "...") && !strings.HasSuffix(s, "]") && !strings.HasSuffix(s, ")") {
		return s
	}
	if at := cutMark.FindStringIndex(s); at != nil {
		s = strings.TrimRight(s[:at[0]], " ,;:.…") + "…"
	}
	return s
}

// inert makes a cleaned line safe for readers that take a title for HTML
// although the feed says that it is text: nothing in it looks like a tag or an
// entity.
func inert(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	return entityLike.ReplaceAllString(tagLike.ReplaceAllString(s, "‹$1"), "& $1")
}

var (
	cutMark    = regexp.MustCompile(`(\s*([\[(](…|\.\.\.)[\])]|…|\.\.\.))+$`)
	tagLike    = regexp.MustCompile(`<([a-zA-Z/!?])`)
	entityLike = regexp.MustCompile(`&(#?[0-9a-zA-Z]+;)`)
)

// link returns the address as a URI (RFC 3986) if a reader may follow it:
// absolute, http or https, nothing hidden in it. Otherwise it returns the empty
// string.
func link(address string) string {
	address = strings.TrimSpace(address)
	if address == "" || len(address) > 2048 || strings.IndexFunc(address, func(r rune) bool { return !printable(r) }) >= 0 {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	host := u.Hostname()
	if !strings.Contains(host, ":") {
		if host, err = idna.Lookup.ToASCII(host); err != nil || host == "" {
			return ""
		}
	} else {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	out := u.Scheme + "://" + host + encode(u.EscapedPath())
	if q := untracked(u.RawQuery); q != "" {
		out += "?" + encode(q)
	}
	if u.Fragment != "" {
		out += "#" + encode(u.EscapedFragment())
	}
	return out
}

// untracked leaves out of a query the parameters by which campaigns follow
// their readers.
func untracked(query string) string {
	if !strings.Contains(query, "utm_") && !strings.Contains(query, "clid=") {
		return query
	}
	kept := slices.DeleteFunc(strings.Split(query, "&"), func(p string) bool {
		return strings.HasPrefix(p, "utm_") || strings.HasPrefix(p, "fbclid=") || strings.HasPrefix(p, "gclid=")
	})
	return strings.Join(kept, "&")
}

// encode writes as percent escapes the bytes that a URI may not hold, and
// leaves the escapes that are there.
func encode(s string) string {
	const safe = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz;/?:@&=+$,-_.!~*'()"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case strings.IndexByte(safe, c) >= 0, c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// cleaner sanitises HTML, and remembers its results because the same bodies
// are asked for after every commit.
type cleaner struct {
	policy *bluemonday.Policy
	seed   maphash.Seed

	mu   sync.Mutex // guards memo and size
	memo map[uint64]string
	size int
}

// maxMemo bounds the bytes that a cleaner remembers.
const maxMemo = 6 << 20

func newCleaner() *cleaner {
	return &cleaner{policy: policy(), seed: maphash.MakeSeed(), memo: map[uint64]string{}}
}

// policy lets through what articles are made of, with absolute addresses, and
// nothing that runs, loads or lays out.
func policy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	p.AllowElements("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
		"blockquote", "q", "cite", "pre", "code", "em", "strong", "b", "i", "u", "s", "small", "sub", "sup",
		"abbr", "figure", "figcaption", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "a", "div", "span", "mark")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(bluemonday.Integer).OnElements("img")
	p.AllowAttrs("colspan", "rowspan").Matching(bluemonday.Integer).OnElements("td", "th")
	p.AllowAttrs("scope").Matching(bluemonday.CellAlign).OnElements("th")
	p.SkipElementsContent("script", "style", "svg", "math", "iframe", "object", "embed", "template", "noscript", "title")
	return p
}

// clean sanitises and balances a body.
func (c *cleaner) clean(markup string) string {
	key := maphash.String(c.seed, markup)
	c.mu.Lock()
	out, ok := c.memo[key]
	c.mu.Unlock()
	if ok {
		return out
	}
	// Entities can stand for characters that strip has taken out.
	out = strip(balance(c.policy.Sanitize(strip(cut(markup, maxBody)))))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size += len(out); c.size > maxMemo {
		clear(c.memo)
		c.size = len(out)
	}
	c.memo[key] = out
	return out
}

// balance closes what is open and nests it as browsers would, so that a body
// cannot take what follows it into a link, a quotation or a table. Images get
// the alternative text that they lack, which is none.
func balance(markup string) string {
	root, err := fragment(markup)
	if err != nil {
		return html.EscapeString(markup) // unreachable: reading a string cannot fail
	}
	for n := range root.Descendants() {
		if n.DataAtom == atom.Img && !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "alt" }) {
			n.Attr = append(n.Attr, html.Attribute{Key: "alt"})
		}
	}
	return rendered(root)
}

// fragment parses sanitised HTML into the children of one element.
func fragment(markup string) (*html.Node, error) {
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(markup), root)
	for _, n := range nodes {
		root.AppendChild(n)
	}
	return root, err
}

// rendered writes the children of an element. Its attributes stand in double
// quotes, so that apostrophes, of which Italian is full, can stay as they are.
func rendered(root *html.Node) string {
	var b strings.Builder
	for n := root.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(&b, n); err != nil {
			break // unreachable: writing to a string cannot fail
		}
	}
	return strings.ReplaceAll(b.String(), "&#39;", "'")
}
