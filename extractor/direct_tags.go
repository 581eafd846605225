package extractor

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// directTag is what direct knows of an element.
type directTag struct {
	name   string
	out    string // "" for none
	inline bool
	paras  bool // loose text in it is made a paragraph
}

var directTags = func() map[string]*directTag {
	m := map[string]*directTag{}
	for _, t := range []directTag{
		{name: "p", out: "p"},
		{name: "ul", out: "ul"},
		{name: "ol", out: "ol"},
		{name: "li", out: "li"},
		{name: "hr"},
		{name: "h1", out: "h2"},
		{name: "h2", out: "h2"},
		{name: "h3", out: "h3"},
		{name: "h4", out: "h4"},
		{name: "h5", out: "h5"},
		{name: "h6", out: "h6"},
		{name: "blockquote", out: "blockquote", paras: true},
		{name: "div", paras: true},
		{name: "section", paras: true},
		{name: "center", paras: true},
		{name: "br", inline: true},
		{name: "img", inline: true},
		{name: "a", out: "a", inline: true},
		{name: "strong", out: "strong", inline: true},
		{name: "b", out: "strong", inline: true},
		{name: "em", out: "em", inline: true},
		{name: "i", out: "em", inline: true},
		{name: "sub", out: "sub", inline: true},
		{name: "sup", out: "sup", inline: true},
		{name: "q", out: "q", inline: true},
		{name: "cite", out: "cite", inline: true},
		{name: "abbr", out: "abbr", inline: true},
		{name: "mark", out: "mark", inline: true},
		{name: "s", out: "s", inline: true},
		{name: "code", out: "code", inline: true},
		{name: "span", inline: true},
		{name: "u", inline: true},
		{name: "small", inline: true},
		{name: "font", inline: true},
	} {
		m[t.name] = &t
	}
	return m
}()

// fragmentTag stands for what is around a fragment.
var fragmentTag = &directTag{paras: true}

// markup reads the tag or comment that comes next.
func (d *direct) markup() {
	rest := d.in[d.at+1:]
	switch {
	case strings.HasPrefix(rest, "!--"):
		d.comment(rest[len("!--"):])
	case strings.HasPrefix(rest, "/"):
		d.endTag(rest[1:])
	default:
		d.startTag(rest)
	}
}

// comment skips a comment, of which s is all after its opening.
func (d *direct) comment(s string) {
	end := strings.Index(s, "-->")
	if end < 0 || strings.HasPrefix(s, ">") || strings.HasPrefix(s, "->") || strings.Contains(s[:end], "--!") {
		d.odd = true
		return
	}
	d.at = len(d.in) - len(s) + end + len("-->")
}

// name reads the name of a tag, in lower case; "" for one that is not known.
func name(s string) (t *directTag, n int) {
	var low [12]byte
	for n < len(s) && n < len(low) {
		c := s[n]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if letter := 'a' <= c && c <= 'z'; !letter && (c < '1' || c > '6' || n == 0) {
			break
		}
		low[n] = c
		n++
	}
	return directTags[string(low[:n])], n
}

func (d *direct) endTag(s string) {
	t, n := name(s)
	if t == nil || n == len(s) || s[n] != '>' || !d.started {
		d.odd = true
		return
	}
	d.at = len(d.in) - len(s) + n + 1
	top := d.top()
	switch {
	case top.tag.name == t.name:
		d.close()
	case t.inline || top.tag.inline:
		d.odd = true
	case t.name == "p":
		d.stray()
	default:
		for d.top().tag.name == "p" || d.top().tag.name == "li" && t.name != "li" {
			d.close()
		}
		if d.odd = d.odd || d.top().tag.name != t.name; !d.odd {
			d.close()
		}
	}
}

// stray reads the end tag of a paragraph where none is open: an empty one.
func (d *direct) stray() {
	d.closeBlock()
	d.closeRun()
	d.top().afterBr = false
}

func (d *direct) startTag(s string) {
	t, n := name(s)
	if t == nil || len(d.open) == maxOpen {
		d.odd = true
		return
	}
	end, closed := d.attributes(s[n:])
	if d.odd {
		return
	}
	d.at = len(d.in) - len(s) + n + end
	d.started = true
	switch t.name {
	case "br":
		d.br()
		return
	case "img":
		d.image()
		return
	}
	if closed && t.name != "hr" {
		d.odd = true // means nothing, and is not meant so
		return
	}
	if t.inline {
		d.inline(t)
		return
	}
	if d.top().tag.inline {
		d.odd = true
		return
	}
	d.before(t)
	if d.odd {
		return
	}
	d.closeBlock()
	d.closeRun()
	f := d.top()
	if t.name == "hr" {
		d.html = append(d.html, "<hr>"...)
		f.afterBr = false
		return
	}
	item := f.item
	if t.name == "li" {
		d.items++
		item = d.items
	}
	d.push(frame{tag: t, out: t.out, item: item})
}

// push opens an element.
func (d *direct) push(f frame) {
	f.before, f.run = len(d.html), -1
	if f.out != "" && f.content == 0 {
		d.html = append(append(append(d.html, '<'), f.out...), '>')
	}
	f.content = len(d.html)
	d.open = append(d.open, f)
}

// before closes what the start of an element that is not inline closes.
func (d *direct) before(t *directTag) {
	if d.top().tag.name == "p" {
		d.close()
	}
	switch top := d.top().tag.name; {
	case strings.HasPrefix(top, "h"):
		d.odd = true
	case t.name != "li":
	case top == "li":
		d.close()
	case top == "div":
		d.odd = true // an item further out may end here
	}
}

// inline opens an inline element.
func (d *direct) inline(t *directTag) {
	d.openRun()
	f := frame{tag: t, out: t.out, item: d.top().item}
	if t.name == "a" {
		for i := range d.open {
			if d.open[i].tag == t {
				d.odd = true
				return
			}
		}
		href := absolute(d.baseURL(), d.attr("href"))
		if href == "" {
			f.out = ""
		} else {
			before := len(d.html)
			d.html = append(appendEscaped(append(d.html, `<a href="`...), href), `">`...)
			d.open = append(d.open, frame{tag: t, out: t.out, item: f.item, before: before, content: len(d.html), run: -1})
			return
		}
	}
	d.push(f)
}

func (d *direct) baseURL() *url.URL {
	if d.from != "" {
		d.base, d.from = parseBase(d.from), ""
	}
	return d.base
}

func (d *direct) br() {
	f := d.top()
	if f.afterBr {
		d.closeBlock()
	}
	if f.tag.paras && f.afterBr {
		d.closeRun()
		return
	}
	d.openRun()
	d.html = append(d.html, "<br>"...)
	f.afterBr = true
	if d.block >= 0 {
		d.space()
	}
}

func (d *direct) image() {
	f := d.top()
	f.afterBr = false
	d.openRun()
	n := html.Node{Attr: d.attrs}
	d.html = append(d.html, imageTag(&n, d.baseURL())...)
}

// attr returns the value of an attribute of the tag just read.
func (d *direct) attr(key string) string {
	for i := range d.attrs {
		if d.attrs[i].Key == key {
			return d.attrs[i].Val
		}
	}
	return ""
}

// attributes reads the attributes of a tag, of which s is all after its name,
// up to its end, and reports whether it closes itself.
func (d *direct) attributes(s string) (end int, closed bool) {
	d.attrs = d.attrs[:0]
	for i := 0; ; {
		blanks := i
		for i < len(s) && isSpace(s[i]) {
			i++
		}
		switch {
		case i == len(s):
			d.odd = true
			return 0, false
		case s[i] == '>':
			return i + 1, false
		case s[i] == '/' && i+1 < len(s) && s[i+1] == '>':
			return i + 2, true
		case i == blanks:
			d.odd = true // nothing between the name, or a value, and this
			return 0, false
		}
		key := i
		for i < len(s) && ('a' <= s[i] && s[i] <= 'z' || '0' <= s[i] && s[i] <= '9' || s[i] == '-' || s[i] == '_' || s[i] == ':') {
			i++
		}
		a := html.Attribute{Key: s[key:i]}
		if i == key || i == len(s) {
			d.odd = true
			return 0, false
		}
		if s[i] == '=' {
			val, n := d.value(s[i+1:])
			if d.odd {
				return 0, false
			}
			a.Val = val
			i += 1 + n
		} else if j := i + len(s[i:]) - len(strings.TrimLeft(s[i:], " \t\n\f")); j == len(s) || s[j] == '=' {
			d.odd = true
			return 0, false
		}
		if a.Key == "class" && strings.Contains(a.Val, "wp-caption") {
			d.odd = true // a figure
			return 0, false
		}
		d.attrs = append(d.attrs, a)
	}
}

// value reads the value of an attribute and returns how long it is in the tag.
func (d *direct) value(s string) (val string, n int) {
	if s == "" {
		d.odd = true
		return "", 0
	}
	if q := s[0]; q == '"' || q == '\'' {
		end := strings.IndexByte(s[1:], q)
		if end < 0 {
			d.odd = true
			return "", 0
		}
		val, n = s[1:1+end], end+2
	} else {
		for n < len(s) && (visible[s[n]] && strings.IndexByte("\"'<>=`/&", s[n]) < 0) {
			n++
		}
		val = s[:n]
		d.odd = d.odd || n == 0 || n == len(s) || s[n] != '>' && !isSpace(s[n])
	}
	if strings.IndexByte(val, '&') >= 0 {
		val = d.unescape(val)
	}
	return val, n
}

// unescape reads the characters of a value that are escaped. Only the usual
// ones are: names without a semicolon mean one thing before a letter and
// another before the end.
func (d *direct) unescape(s string) string {
	for rest := s; ; {
		_, after, found := strings.Cut(rest, "&")
		if !found {
			return html.UnescapeString(s)
		}
		switch {
		case strings.HasPrefix(after, "amp;"), strings.HasPrefix(after, "quot;"), strings.HasPrefix(after, "#39;"),
			strings.HasPrefix(after, "#039;"), strings.HasPrefix(after, "#038;"), strings.HasPrefix(after, "#38;"):
		default:
			d.odd = true
			return ""
		}
		rest = after
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' }
