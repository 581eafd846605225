package extractor

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// policy is the allow-list that all HTML from outside passes last. It is safe
// for concurrent use once built.
var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote",
		"pre", "code", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "figure", "figcaption", "strong",
		"em", "sub", "sup", "q", "cite", "abbr", "del", "ins", "mark", "s", "kbd", "samp", "var", "details", "summary")
	p.AllowAttrs("colspan", "rowspan").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("td", "th")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(false)
	return p
}

// Feed turns the HTML that a feed carries into plain text and sanitised HTML:
// text markup, links and images with absolute addresses, without scripts,
// styles, forms, frames, tracking parameters and pixels. base resolves
// relative links.
func Feed(fragment, base string) (text, sanitised string) {
	if strings.TrimSpace(fragment) == "" {
		return "", ""
	}
	if text, sanitised, ok := feedDirect(fragment, base); ok {
		return text, sanitised
	}
	return feedTree(fragment, parseBase(base))
}

// feedTree is Feed for any markup.
func feedTree(fragment string, base *url.URL) (text, sanitised string) {
	l := lay(parse([]byte(fragment)))
	defer l.release()
	l.prose = zeroes(l.prose, len(l.blocks)+1)
	return l.whole(base)
}

// whole renders all of a layout, but the tails that feeds append.
func (l *layout) whole(base *url.URL) (text, sanitised string) {
	kept := make([]int, 0, len(l.blocks))
	for i := range l.blocks {
		b := &l.blocks[i]
		b.drop = b.chars == 0 || isFeedTail(l.text(i), b)
		if !b.drop {
			kept = append(kept, i)
		}
	}
	w := l.writer(base)
	w.roots()
	return l.plainText(kept), sanitise(string(bytes.TrimSpace(w.sb.Bytes())))
}

// sanitise lets through what the policy allows.
func sanitise(s string) string {
	if settled(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	if err := policy.SanitizeReaderToWriter(strings.NewReader(s), &out); err != nil {
		return "" // nothing but what a reader or writer returns: these return none
	}
	return out.String()
}

// roots writes what stands in the body element.
func (w *htmlWriter) roots() {
	for i := range w.l.nodes {
		if nd := &w.l.nodes[i]; nd.n.Type == html.ElementNode && nd.n.DataAtom == atom.Body {
			w.children(int32(i), true)
			return
		}
	}
	for i := int32(0); int(i) < len(w.l.nodes); i = w.l.nodes[i].end {
		w.element(i)
	}
}

func parseBase(base string) *url.URL {
	u, err := url.Parse(base)
	if err != nil || !u.IsAbs() {
		return nil
	}
	return u
}
