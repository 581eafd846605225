package extractor

import (
	"bytes"
	"io"
)

// withoutCode returns a page for its parser without what stands in its styles
// and in those scripts that hold no data: half of most pages, of which the
// layout reads nothing. The elements stay. Tags are told as the tokenizer of
// x/net/html tells them; from the first thing on that could be read otherwise,
// the page is left as it is.
func withoutCode(page []byte) io.Reader {
	c := coder{page: page}
	for c.next() {
	}
	c.keep = append(c.keep, page[c.from:])
	return &c.keep
}

// coder looks for code in a page.
type coder struct {
	page    []byte
	at      int    // what is looked at next
	from    int    // what is kept next
	keep    pieces // so far
	foreign int    // open elements of svg and math
}

// pieces are read one after the other.
type pieces [][]byte

// Read implements io.Reader.
func (p *pieces) Read(b []byte) (n int, err error) {
	for len(*p) > 0 && len((*p)[0]) == 0 {
		*p = (*p)[1:]
	}
	if len(*p) == 0 {
		return 0, io.EOF
	}
	n = copy(b, (*p)[0])
	(*p)[0] = (*p)[0][n:]
	return n, nil
}

// next goes past the next tag and, if it opens an element of raw text, past
// that. It reports whether to go on.
func (c *coder) next() bool {
	i := bytes.IndexByte(c.page[c.at:], '<')
	if i < 0 || c.at+i+1 >= len(c.page) {
		return false
	}
	c.at += i + 1
	switch b := c.page[c.at]; {
	case asciiLetter(b):
		return c.open()
	case b == '/' && c.at+1 < len(c.page) && asciiLetter(c.page[c.at+1]):
		c.at++
		t, ok := c.tag()
		if t.kind == foreignRoot {
			c.foreign = max(0, c.foreign-1)
		}
		return ok && (c.foreign == 0 || t.foreign)
	case b == '!' && bytes.HasPrefix(c.page[c.at:], []byte("!--")):
		return c.comment()
	case b == '/', b == '!' && !bytes.HasPrefix(c.page[c.at:], []byte("![")), b == '?':
		return c.past('>')
	case b == '!':
		return false
	}
	return true
}

// past goes past the next such byte.
func (c *coder) past(b byte) bool {
	i := bytes.IndexByte(c.page[c.at:], b)
	c.at += i + 1
	return i >= 0
}

func (c *coder) comment() bool {
	rest := c.page[c.at+len("!--"):]
	end := bytes.Index(rest, []byte("-->"))
	if end < 0 || bytes.HasPrefix(rest, []byte(">")) || bytes.HasPrefix(rest, []byte("->")) || bytes.Contains(rest[:end], []byte("--!")) {
		return false
	}
	c.at += len("!--") + end + len("-->")
	return true
}

// open goes past a start tag, of which the name comes next, and the raw text
// after it.
func (c *coder) open() bool {
	from := c.at
	t, ok := c.tag()
	if !ok || c.foreign > 0 && !t.foreign {
		return false
	}
	switch t.kind {
	case ordinaryTag:
		return true
	case foreignRoot:
		c.foreign++
		return true
	case lastTag:
		return false
	}
	end := c.rawEnd(t.name)
	if end < 0 {
		return false
	}
	raw := c.page[c.at:end]
	switch {
	case c.foreign > 0:
		if bytes.IndexByte(raw, '<') >= 0 {
			return false // it is not raw there
		}
	case t.kind == script && bytes.Contains(raw, []byte("<!--")) && bytes.Contains(bytes.ToLower(raw), []byte("<script")):
		return false // its end is further down
	case t.kind == style, t.kind == script && !mayBeData(c.page[from:c.at], raw):
		c.keep = append(c.keep, c.page[c.from:c.at])
		c.from = end
	}
	c.at = end
	return true
}

// mayBeData reports whether a script may be one that walker.script keeps.
func mayBeData(tag, raw []byte) bool {
	tag = bytes.ToLower(tag)
	return bytes.Contains(tag, []byte("json")) || bytes.Contains(tag, []byte("component")) || bytes.IndexByte(tag, '&') >= 0 ||
		isPageData(bytes.TrimSpace(raw)) || bytes.Contains(raw, []byte("articleBody"))
}

// rawEnd returns where the end tag of a raw text begins, -1 when there is none.
func (c *coder) rawEnd(name string) int {
	for i := c.at; ; {
		j := bytes.Index(c.page[i:], []byte("</"))
		if j < 0 {
			return -1
		}
		i += j
		rest := c.page[i+len("</"):]
		if len(rest) > len(name) && (isSpace(rest[len(name)]) || rest[len(name)] == '/' || rest[len(name)] == '>') && sameLetters(rest, name) {
			return i
		}
		i += len("</")
	}
}

// sameLetters reports whether a text begins with a name in either case.
func sameLetters(text []byte, name string) bool {
	for i := range len(name) {
		if text[i]|0x20 != name[i] {
			return false
		}
	}
	return true
}

// tag goes past a tag, of which the name comes next. It reports whether the tag
// has an end.
func (c *coder) tag() (t codeTag, ok bool) {
	p, i := c.page, c.at
	var low [16]byte
	for ; i < len(p) && !isSpace(p[i]) && p[i] != '/' && p[i] != '>'; i++ {
		if n := i - c.at; n < len(low) {
			low[n] = p[i] | 0x20
		}
	}
	if n := i - c.at; n <= len(low) {
		t = codeTags[string(low[:n])]
	}
	for i = skipSpace(p, i); i < len(p); i = skipSpace(p, i) {
		if p[i] == '>' {
			c.at = i + 1
			return t, true
		}
		for start := i; i < len(p) && !isSpace(p[i]) && p[i] != '/' && p[i] != '>' && (p[i] != '=' || i == start); i++ {
		}
		i = skipValue(p, skipSpace(p, i))
	}
	return t, false
}

// skipValue returns where to go on after the name of an attribute that ended,
// with the blanks after it, at i.
func skipValue(p []byte, i int) int {
	switch {
	case i == len(p) || p[i] != '=' && p[i] != '/':
		return i
	case p[i] == '/':
		return i + 1
	}
	if i = skipSpace(p, i+1); i == len(p) {
		return i
	}
	if quote := p[i]; quote == '"' || quote == '\'' {
		end := bytes.IndexByte(p[i+1:], quote)
		if end < 0 {
			return len(p)
		}
		return i + 1 + end + 1
	}
	for i < len(p) && !isSpace(p[i]) && p[i] != '>' {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' }

func skipSpace(p []byte, i int) int {
	for i < len(p) && isSpace(p[i]) {
		i++
	}
	return i
}

// codeTag is what coder knows of an element.
type codeTag struct {
	name    string
	kind    codeKind
	foreign bool // it may stand in svg, and changes nothing there
}

type codeKind uint8

const (
	ordinaryTag codeKind = iota
	foreignRoot
	lastTag // after it other rules hold
	rawText
	style
	script
)

var codeTags = func() map[string]codeTag {
	m := map[string]codeTag{"plaintext": {kind: lastTag}, "frameset": {kind: lastTag}, "svg": {kind: foreignRoot, foreign: true}, "math": {kind: foreignRoot}}
	for _, name := range []string{"textarea", "iframe", "noembed", "noframes", "noscript", "xmp"} {
		m[name] = codeTag{name: name, kind: rawText}
	}
	m["title"] = codeTag{name: "title", kind: rawText, foreign: true}
	m["style"] = codeTag{name: "style", kind: style, foreign: true}
	m["script"] = codeTag{name: "script", kind: script}
	for _, name := range []string{
		"g", "path", "circle", "rect", "line", "polyline", "polygon", "ellipse", "use", "defs", "symbol", "stop",
		"lineargradient", "radialgradient", "clippath", "mask", "filter", "text", "tspan", "pattern",
	} {
		m[name] = codeTag{name: name, foreign: true}
	}
	return m
}()
