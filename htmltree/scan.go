package htmltree

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// build reads the page from its start to its end.
func (b *builder) build() error {
	if strings.IndexByte(b.s, 0) >= 0 {
		return oddNUL
	}
	for b.odd == "" && b.at < len(b.s) {
		start := b.at
		b.at = b.nextMarkup(start)
		if b.at > start {
			b.text(unescape(b.s[start:b.at], false))
		}
		if b.odd == "" && b.at < len(b.s) {
			b.markup()
		}
	}
	if b.odd != "" {
		return b.odd
	}
	if b.finish(); b.odd != "" {
		return b.odd
	}
	return nil
}

// nextMarkup returns where the next tag, comment or declaration begins.
func (b *builder) nextMarkup(at int) int {
	for {
		i := strings.IndexByte(b.s[at:], '<')
		if i < 0 {
			return len(b.s)
		}
		at += i
		if at+1 == len(b.s) {
			return len(b.s)
		}
		if c := b.s[at+1]; asciiLetter(c) || c == '/' || c == '!' || c == '?' {
			return at
		}
		at++
	}
}

// markup reads what begins at a '<'.
func (b *builder) markup() {
	rest := b.s[b.at:]
	switch c := rest[1]; {
	case asciiLetter(c):
		b.at++
		b.startTag()
	case c == '/':
		if len(rest) == 2 || rest[2] == '>' {
			b.odd = oddMarkup
			return
		}
		b.at += 2
		if asciiLetter(rest[2]) {
			b.endTag()
			return
		}
		b.comment(b.through(">"))
	case strings.HasPrefix(rest, "<!--"):
		b.at += len("<!--")
		if rest = rest[len("<!--"):]; strings.HasPrefix(rest, ">") || strings.HasPrefix(rest, "->") {
			b.odd = oddMarkup
			return
		}
		data := b.through("-->")
		if strings.Contains(data, "--!") {
			b.odd = oddMarkup
			return
		}
		b.comment(data)
	case c == '?':
		b.at++
		b.comment(b.through(">"))
	default:
		b.at += 2
		data := b.through(">")
		switch {
		case len(data) >= len("doctype") && strings.EqualFold(data[:len("doctype")], "doctype"):
			b.doctype(strings.TrimLeft(data[len("doctype"):], blanks))
		case strings.HasPrefix(data, "[CDATA["):
			b.odd = oddMarkup
		default:
			b.comment(data)
		}
	}
}

// through returns what comes before the next end, and goes past it.
func (b *builder) through(end string) string {
	i := strings.Index(b.s[b.at:], end)
	if i < 0 {
		b.odd = oddEnd
		return ""
	}
	data := b.s[b.at : b.at+i]
	b.at += i + len(end)
	return data
}

// tagName reads the name of a tag. low is the name in lower case.
func (b *builder) tagName() (e *element, low string) {
	i, upper := b.at, false
	for ; i < len(b.s) && !endsName[b.s[i]]; i++ {
		upper = upper || b.s[i]-'A' < 26
	}
	low = b.s[b.at:i]
	b.at = i
	if upper {
		low = asciiLower(low)
	}
	return elementOf(low), low
}

// startTag reads a start tag, of which the name comes next, and acts on it.
func (b *builder) startTag() {
	e, name := b.tagName()
	b.tag = tag{e: e, name: name}
	b.attributes(true)
	if b.odd != "" {
		return
	}
	if e == elemUnknown {
		b.tag.atom = atom.Lookup([]byte(name))
		if b.tag.atom != 0 {
			b.tag.name = b.tag.atom.String()
		}
	} else {
		b.tag.atom, b.tag.name = e.atom, e.name
	}
	b.start()
}

// endTag reads an end tag, of which the name comes next, and acts on it.
func (b *builder) endTag() {
	e, name := b.tagName()
	b.tag = tag{e: e, name: name}
	b.attributes(false)
	if b.odd == "" {
		b.end()
	}
}

// maxAttributes bounds the attributes of a tag; each is compared with those
// before.
const maxAttributes = 64

// attributes reads a tag from the end of its name to its own, and keeps the
// attributes if that is asked for.
func (b *builder) attributes(keep bool) {
	s, i := b.s, b.at
	var attrs []html.Attribute
	last := -1 // where the value of the last attribute ends
	for {
		for i < len(s) && isBlank(s[i]) {
			i++
		}
		if i == len(s) {
			b.odd = oddEnd
			return
		}
		if s[i] == '>' {
			break
		}
		from, upper := i, false
		if s[i] == '=' {
			i++
		}
		for ; i < len(s) && !endsKey[s[i]]; i++ {
			upper = upper || s[i]-'A' < 26
		}
		key := s[from:i]
		var val string
		if val, i = b.value(i); i < 0 {
			b.odd = oddEnd
			return
		}
		if key == "" || !keep {
			continue
		}
		if upper {
			key = asciiLower(key)
		}
		if hasKey(attrs, key) {
			continue
		}
		switch len(attrs) {
		case 0:
			attrs = b.t.attrs.some(maxAttributes)[:0]
		case maxAttributes:
			b.odd = oddAttributes
			return
		}
		attrs = append(attrs, html.Attribute{Key: key, Val: unescape(val, true)})
		last = b.valueEnd
	}
	b.at = i + 1
	if keep {
		b.t.attrs.take(len(attrs))
		b.tag.attrs, b.tag.selfClosing = slices.Clip(attrs), s[i-1] == '/' && last != i
	}
}

// value reads what comes at i, after the name of an attribute: its value or
// nothing. It returns where to go on, -1 at the end of the page.
func (b *builder) value(i int) (val string, next int) {
	s := b.s
	b.valueEnd = i
	for i < len(s) && isBlank(s[i]) {
		i++
	}
	switch {
	case i == len(s):
		return "", -1
	case s[i] == '/':
		return "", i + 1
	case s[i] != '=':
		return "", i
	}
	for i++; i < len(s) && isBlank(s[i]); i++ {
	}
	if i == len(s) {
		return "", -1
	}
	switch quote := s[i]; quote {
	case '>':
		return "", i
	case '"', '\'':
		i++
		n := strings.IndexByte(s[i:], quote)
		if n < 0 {
			return "", -1
		}
		b.valueEnd = i + n
		return s[i : i+n], i + n + 1
	}
	from := i
	for i < len(s) && s[i] != '>' && !isBlank(s[i]) {
		i++
	}
	b.valueEnd = i
	return s[from:i], i
}

func hasKey(attrs []html.Attribute, key string) bool {
	for i := range attrs {
		if attrs[i].Key == key {
			return true
		}
	}
	return false
}

// doctype reads a declaration of the page's type. All but the usual one is for
// html.Parse to understand.
func (b *builder) doctype(data string) {
	if b.odd != "" || b.mode != initial {
		if b.mode == afterBody && !b.inForeign() {
			b.mode = inBody
		}
		return
	}
	b.mode = beforeHTML
	n := b.t.nodes.one()
	n.Type, n.Data = html.DoctypeNode, "html"
	if data != "html" {
		other, err := html.Parse(strings.NewReader("<!doctype " + data + "><p><table>"))
		if err != nil || other.FirstChild == nil || other.FirstChild.Type != html.DoctypeNode {
			b.odd = oddMarkup
			return
		}
		n.Data, n.Attr = other.FirstChild.Data, other.FirstChild.Attr
		p := other.LastChild.LastChild.FirstChild
		b.quirks = p.FirstChild != nil // the table is in the paragraph
	}
	b.doc.AppendChild(n)
}

// rawText adds an element of raw text, which goes to the end tag of its name,
// to parent.
func (b *builder) rawText(parent *html.Node) {
	e, n := b.tag.e, b.insert(parent)
	if b.odd != "" {
		return
	}
	end := b.rawEnd(e.name)
	if e == elemScript && end >= 0 && strings.Contains(b.s[b.at:end], "<!--") {
		end = b.scriptEnd()
	}
	if end < 0 {
		b.odd = oddEnd
		return
	}
	text := b.s[b.at:end]
	b.at = end + len("</") + len(e.name)
	b.attributes(false)
	switch e {
	case elemScript, elemStyle:
		if b.keep != nil && !b.keep(n, text) {
			return
		}
	case elemTitle, elemTextarea:
		text = unescape(text, false)
	}
	if e == elemTextarea {
		text = withoutFirstLine(text)
	}
	if text != "" {
		c := b.t.nodes.one()
		c.Type, c.Data = html.TextNode, text
		n.AppendChild(c)
	}
}

// scriptEnd returns where the end tag of a script begins that holds the start
// of a comment, in which a script that begins has to end first; -1 when there is
// none.
func (b *builder) scriptEnd() int {
	const begin, end = "<script", "</script"
	comment, inner := false, false
	for i := b.at; ; {
		j := strings.IndexAny(b.s[i:], "<-")
		if j < 0 {
			return -1
		}
		i += j
		switch rest := b.s[i:]; {
		case comment && strings.HasPrefix(rest, "-->"):
			comment, inner = false, false
			i += len("-->")
		case !comment && strings.HasPrefix(rest, "<!--"):
			comment = true
			i += len("<!") // what begins the comment may end it
		case opens(rest, end):
			if !inner {
				return i
			}
			inner = false
			i += len(end) + 1
		case comment && !inner && opens(rest, begin):
			inner = true
			i += len(begin) + 1
		case comment && !inner && len(rest) > 1 && rest[0] == '<' && rest[1] != '/' && !asciiLetter(rest[1]):
			comment = false // as in html.Parse only
			i++
		default:
			i++
		}
	}
}

// rawEnd returns where the end tag of raw text begins, -1 when there is none.
func (b *builder) rawEnd(name string) int {
	for i := b.at; ; i++ {
		j := strings.Index(b.s[i:], "</")
		if j < 0 {
			return -1
		}
		i += j
		if opens(b.s[i+len("</"):], name) {
			return i
		}
	}
}

// opens reports whether a text begins with a name, in either case, and the name
// ends there.
func opens(s, name string) bool {
	return len(s) > len(name) && endsName[s[len(name)]] && asciiLower(s[:len(name)]) == name
}

// withoutFirstLine is a text without the line end that it begins with.
func withoutFirstLine(s string) string {
	return strings.TrimPrefix(strings.TrimPrefix(s, "\r"), "\n")
}

const blanks = " \t\r\n\f"

// isBlank knows of no carriage return: there are none left between tokens.
func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\f' }

func asciiLetter(c byte) bool { return (c|0x20)-'a' < 26 }

// asciiLower writes the letters of ASCII in lower case.
func asciiLower(s string) string {
	for i := range len(s) {
		if s[i]-'A' < 26 {
			low := []byte(s)
			for ; i < len(low); i++ {
				if low[i]-'A' < 26 {
					low[i] += 'a' - 'A'
				}
			}
			return string(low)
		}
	}
	return s
}

// endsName and endsKey tell the bytes that the name of a tag and that of an
// attribute end before.
var (
	endsName = bytesOf(" \n\t\f/>")
	endsKey  = bytesOf(" \n\t\f/>=")
)

func bytesOf(s string) (set [256]bool) {
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}
