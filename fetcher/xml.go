package fetcher

import (
	"net/url"
	"strings"
)

// scanner walks the elements of a repaired document, of which it relies on
// what repair guarantees: tags that match, attributes as ` name="value"`, no
// comments, and no references but the five of XML. A general parser looks at
// each byte several times and costs eight times as much.
type scanner struct {
	text   string
	at     int
	based  bool              // an element declares xml:base
	own    string            // prefix of the format's own elements
	spaces map[string]string // prefix → usual prefix of its namespace
}

// element is a start tag. Its content has to be taken, by inner, skip or a
// loop over next, before the scanner goes on.
type element struct {
	prefix string // usual prefix of its namespace
	key    string // local name in lower case, after the prefix and a colon if that is not the format's own
	attrs  string
	empty  bool
	space  string // namespace of names without prefix, inside
}

// usual prefixes of namespaces. The formats' own have none.
//
//nolint:gochecknoglobals // a table
var namespaces = map[string]string{
	"http://purl.org/rss/1.0/":                       "",
	"http://my.netscape.com/rdf/simple/0.9/":         "",
	"http://channel.netscape.com/rdf/simple/0.9/":    "",
	"http://backend.userland.com/rss2":               "",
	"http://www.w3.org/1999/02/22-rdf-syntax-ns#":    "rdf",
	"http://www.w3.org/2005/atom":                    "atom",
	"http://purl.org/atom/ns#":                       "atom",
	"http://purl.org/rss/1.0/modules/content/":       "content",
	"http://purl.org/rss/1.0/modules/syndication/":   "sy",
	"http://purl.org/dc/elements/1.1/":               "dc",
	"http://purl.org/dc/elements/1.0/":               "dc",
	"http://purl.org/dc/terms/":                      "dcterms",
	"http://search.yahoo.com/mrss/":                  "media",
	"http://search.yahoo.com/mrss":                   "media",
	"http://rssnamespace.org/feedburner/ext/1.0":     "feedburner",
	"http://www.itunes.com/dtds/podcast-1.0.dtd":     "itunes",
	"http://www.sitemaps.org/schemas/sitemap/0.9":    "",
	"http://www.google.com/schemas/sitemap-news/0.9": "news",
}

// root reads the root element, whose namespace is the format's own.
func (x *scanner) root() element {
	x.spaces = map[string]string{}
	el, _ := x.next(element{}) // repair has found one
	x.own = el.prefix
	return el
}

// next goes to the next child of an element; false, past the end tag, when
// there is none.
func (x *scanner) next(parent element) (element, bool) {
	if parent.empty {
		return element{}, false
	}
	for {
		i := strings.IndexByte(x.text[x.at:], '<')
		if i < 0 {
			x.at = len(x.text)
			return element{}, false
		}
		x.at += i
		rest := x.text[x.at:]
		switch {
		case strings.HasPrefix(rest, "</"):
			x.at += strings.IndexByte(rest, '>') + 1
			return element{}, false
		case strings.HasPrefix(rest, cdataOpen):
			x.at += strings.Index(rest, cdataEnd) + len(cdataEnd)
		default:
			return x.start(rest, parent), true
		}
	}
}

// start reads the start tag at the beginning of rest.
func (x *scanner) start(rest string, parent element) element {
	end := strings.IndexByte(rest, '>') // values have no bare ">"
	tag := rest[1:end]
	x.at += end + 1
	el := element{space: parent.space}
	tag, el.empty = strings.CutSuffix(tag, "/")
	name := tag
	if i := strings.IndexByte(tag, ' '); i >= 0 {
		name, el.attrs = tag[:i], tag[i:]
	}
	if strings.Contains(el.attrs, " xmlns") {
		x.declare(&el)
	}
	prefix, local, found := strings.Cut(name, ":")
	if !found {
		prefix, local = el.space, name
		if usual, known := namespaces[strings.ToLower(el.space)]; known {
			prefix = usual
		}
	} else if usual, known := x.spaces[prefix]; known {
		prefix = usual
	}
	el.prefix, el.key = prefix, strings.ToLower(local)
	if prefix != "" && prefix != x.own {
		el.key = prefix + ":" + el.key
	}
	return el
}

// declare takes the namespaces that a tag declares. Prefixes hold to the end of
// the document: nobody gives one two meanings.
func (x *scanner) declare(el *element) {
	for part := range strings.SplitSeq(el.attrs, " xmlns") {
		name, value, ok := strings.Cut(part, `="`)
		value, _, closed := strings.Cut(value, `"`)
		if !ok || !closed {
			continue
		}
		switch {
		case name == "":
			el.space = strings.TrimSpace(value)
		case name[0] == ':':
			if usual, known := namespaces[strings.ToLower(strings.TrimSpace(value))]; known {
				x.spaces[name[1:]] = usual
			}
		}
	}
}

// attr is an attribute of the element, or "".
func (e element) attr(name string) string {
	_, rest, ok := strings.Cut(e.attrs, " "+name+`="`)
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return strings.Clone(unescape(value))
}

// base is the address that links inside the element are relative to.
func (e element) base(outer *url.URL) *url.URL {
	if !strings.Contains(e.attrs, " xml:base=") {
		return outer
	}
	u, err := url.Parse(strings.TrimSpace(e.attr("xml:base")))
	switch {
	case err != nil:
		return outer
	case outer != nil:
		return outer.ResolveReference(u)
	case u.IsAbs():
		return u
	}
	return outer
}

// skip passes over an element's content.
func (x *scanner) skip(e element) { _ = x.inner(e) }

// inner takes an element's content as it stands.
func (x *scanner) inner(e element) string {
	if e.empty {
		return ""
	}
	start := x.at
	for depth := 1; ; {
		i := strings.IndexByte(x.text[x.at:], '<')
		if i < 0 { // unreachable: tags match
			x.at = len(x.text)
			return x.text[start:]
		}
		x.at += i
		rest := x.text[x.at:]
		if strings.HasPrefix(rest, cdataOpen) {
			x.at += strings.Index(rest, cdataEnd) + len(cdataEnd)
			continue
		}
		end := strings.IndexByte(rest, '>')
		switch {
		case rest[1] == '/':
			depth--
		case rest[end-1] != '/':
			depth++
		}
		if depth == 0 {
			content := x.text[start:x.at]
			x.at += end + 1
			return content
		}
		x.at += end + 1
	}
}

// string is an element's text. Markup that nobody escaped stays markup.
func (x *scanner) string(e element) string {
	content := strings.TrimSpace(x.inner(e))
	if strings.IndexByte(content, '<') < 0 {
		return strings.Clone(strings.TrimSpace(unescape(content)))
	}
	var b strings.Builder
	b.Grow(len(content))
	markup := strings.IndexByte(withoutSections(content), '<') >= 0
	for content != "" {
		text, rest, found := strings.Cut(content, cdataOpen)
		if !markup {
			text = unescape(text)
		}
		b.WriteString(text)
		if !found {
			break
		}
		section, after, _ := strings.Cut(rest, cdataEnd)
		b.WriteString(section)
		content = after
	}
	return strings.TrimSpace(b.String())
}

// withoutSections is a text without its CDATA sections.
func withoutSections(s string) string {
	if strings.HasPrefix(s, cdataOpen) && strings.Index(s, cdataEnd) == len(s)-len(cdataEnd) {
		return ""
	}
	var b strings.Builder
	for {
		text, rest, found := strings.Cut(s, cdataOpen)
		b.WriteString(text)
		if !found {
			return b.String()
		}
		_, s, _ = strings.Cut(rest, cdataEnd)
	}
}

// unescape resolves the references of XML.
func unescape(s string) string {
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		b.WriteString(s[:i])
		s = s[i:]
		name, rest, _ := strings.Cut(s, ";")
		switch name {
		case "&amp":
			b.WriteByte('&')
		case "&lt":
			b.WriteByte('<')
		case "&gt":
			b.WriteByte('>')
		case "&quot":
			b.WriteByte('"')
		case "&apos":
			b.WriteByte('\'')
		}
		s = rest
		if i = strings.IndexByte(s, '&'); i < 0 {
			b.WriteString(s)
			return b.String()
		}
	}
}
