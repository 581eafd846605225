package extractor

import (
	"bytes"
	"net/url"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// direct reads the plain markup that nearly all feeds carry, paragraphs,
// lists, links and emphasis, well nested, in one pass and without a tree. It
// follows what the parser, the layout and the writer of HTML do with such
// markup step by step, and gives up at the first thing of which it is not
// sure. Where it does not give up its result is that of the long way, byte for
// byte.
//
// What it writes has to be settled, as the sanitiser would leave it.
type direct struct {
	from string   // the address that links are relative to
	base *url.URL // the same, read when it is asked for
	in   string
	at   int  // what comes next of in
	odd  bool // something came up that the long way has to read

	open  []frame
	html  []byte
	attrs []html.Attribute

	text    []byte // blocks so far, the open one last
	started bool   // something but blanks and comments was seen
	block   int    // length of the text before the open block, -1 for none
	content int    // and where its words begin
	blank   bool   // the open block has no word yet, or ends in a blank
	uneven  bool   // it has marks that count as letters and are not written
	item    int    // list item in which it stands, 0 for none
	items   int    // list items so far
	last    int    // list item of the block before; -1 where there is none
}

// frame is an open element.
type frame struct {
	tag     *directTag
	out     string // what it becomes, "" for nothing
	before  int    // length of the HTML before its tag
	content int    // and after
	item    int    // list item in which its blocks stand
	run     int    // length of the HTML before the open run of loose text, -1 for none
	afterBr bool   // nothing but blanks stands after a br
	kept    bool   // it holds a block that is kept
	dropped bool   // one that is not
	own     bool   // that one is in no element within
}

// What is larger, in bytes, or deeper takes the long way.
const (
	maxDirect = 1 << 20
	maxOpen   = 40
	maxRoom   = 256 << 10 // larger buffers are not used again
)

var directs = sync.Pool{New: func() any { return new(direct) }}

// feedDirect is Feed for plain markup; ok is false where there is other.
func feedDirect(fragment, base string) (text, sanitised string, ok bool) {
	if len(fragment) > maxDirect || strings.IndexByte(fragment, '\r') >= 0 || strings.IndexByte(fragment, 0) >= 0 || !utf8.ValidString(fragment) {
		return "", "", false
	}
	d := directs.Get().(*direct)
	defer d.release()
	*d = direct{
		from: base, in: fragment, block: -1, last: -1,
		open: append(d.open[:0], frame{tag: fragmentTag, run: -1}), html: d.html[:0], text: d.text[:0], attrs: d.attrs[:0],
	}
	if d.read(); d.odd {
		return "", "", false
	}
	sanitised = string(bytes.TrimSpace(d.html))
	if !settled(sanitised) {
		return "", "", false
	}
	return string(d.text), sanitised, true
}

// release leaves its room to the next fragment.
func (d *direct) release() {
	d.in, d.base = "", nil
	clear(d.attrs)
	if cap(d.html) <= maxRoom {
		directs.Put(d)
	}
}

// read reads all of the fragment, as far as nothing is odd.
func (d *direct) read() {
	for d.at < len(d.in) && !d.odd {
		end := strings.IndexByte(d.in[d.at:], '<')
		if end < 0 {
			end = len(d.in) - d.at
		}
		if end == 0 {
			d.markup()
			continue
		}
		d.node(d.in[d.at : d.at+end])
		d.at += end
	}
	for len(d.open) > 1 && !d.odd {
		d.close()
	}
	d.closeBlock()
	d.closeRun()
	d.odd = d.odd || d.top().own
}

func (d *direct) top() *frame { return &d.open[len(d.open)-1] }

// node reads the text up to the next tag.
func (d *direct) node(s string) {
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	if !d.started {
		if s = strings.TrimLeft(s, " \t\r\n\f"); s == "" {
			return
		}
		d.started = true
	}
	f := d.top()
	trimmed := strings.TrimSpace(s)
	f.afterBr = f.afterBr && trimmed == ""
	if d.block < 0 {
		if silent(s) {
			return
		}
		d.openBlock(f.item)
	}
	d.openRun()
	if trimmed == "" {
		d.space()
		d.html = appendEscaped(d.html, s)
		return
	}
	left := len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
	if left > 0 {
		d.space()
	}
	from := len(d.text)
	even := d.words(trimmed)
	if even {
		d.html = appendEscaped(d.html, s)
	} else {
		d.html = appendBetween(d.html, s, bytes.TrimSpace(d.text[from:]))
	}
	if left+len(trimmed) < len(s) {
		d.space()
	}
}

// appendBetween appends a cleaned text with a blank at either end where s, of
// which it was made, has one.
func appendBetween(dst []byte, s string, cleaned []byte) []byte {
	if len(cleaned) == 0 {
		return append(dst, ' ')
	}
	if s[0] == ' ' || s[0] == '\n' || s[0] == '\t' {
		dst = append(dst, ' ')
	}
	dst = appendEscaped(dst, cleaned)
	if e := s[len(s)-1]; e == ' ' || e == '\n' || e == '\t' {
		dst = append(dst, ' ')
	}
	return dst
}

// silent reports whether a text has nothing that counts as a letter or mark.
func silent(s string) bool {
	if c := s[0]; c > ' ' && c < 0x7f {
		return false
	}
	chars, _ := measure(s)
	return chars == 0
}

// space ends a word of the open block.
func (d *direct) space() {
	if !d.blank {
		d.text = append(d.text, ' ')
		d.blank = true
	}
}

// words appends a text to the open block as clean has it, and reports whether
// it is plain.
func (d *direct) words(s string) (even bool) {
	even = true
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && (visible[s[j]] || s[j] == ' ' && j > i && j+1 < len(s) && visible[s[j+1]]) {
			j++
		}
		if j > i {
			d.text = append(d.text, s[i:j]...)
			d.blank = false
			if i = j; i == len(s) {
				break
			}
		}
		switch c := s[i]; {
		case c < utf8.RuneSelf:
			i++
			switch c {
			case ' ':
				// Plain texts have one blank at a time.
				even = even && (i == len(s) || s[i] != ' ')
				d.space()
			case '\t', '\n', '\v', '\f', '\r':
				even = false
				d.space()
			default:
				even, d.uneven = false, true
			}
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			even = even && c != 0xC2 && c != 0xE2 && c != 0xE3 && c != 0xEF
			switch {
			case c == 0xC3, '‐' <= r && r <= '…':
				d.text = append(d.text, s[i:i+n]...)
				d.blank = false
			default:
				d.rune(r)
			}
			i += n
		}
	}
	return even
}

// rune appends a character to the open block as clean has it.
func (d *direct) rune(r rune) {
	switch {
	case r == 0xAD, r == 0xFEFF, r == 0x200B:
	case r == 0x1680:
		d.odd = true // a blank in all texts but the plain
	case r == 0xA0:
		d.space()
	case unicode.IsSpace(r), r == 0x2028, r == 0x2029:
		d.uneven = true
		d.space()
	case r == 0x2060, r == utf8.RuneError, unicode.IsControl(r):
		d.uneven = true
	default:
		d.text = utf8.AppendRune(d.text, r)
		d.blank = false
	}
}

// visible are the characters of ASCII that are seen.
var visible = func() (v [256]bool) {
	for c := '!'; c <= '~'; c++ {
		v[c] = true
	}
	return v
}()

// closeBlock ends the open block: it is written, or dropped.
func (d *direct) closeBlock() {
	if d.block < 0 {
		return
	}
	before := d.block
	d.block = -1
	if n := len(d.text); n > d.content && d.text[n-1] == ' ' {
		d.text = d.text[:n-1]
	}
	f := d.top()
	if d.isTail(d.text[d.content:]) {
		d.text = d.text[:before]
		f.dropped, f.own = true, true
		d.odd = d.odd || f.tag.inline
		return
	}
	f.kept = true
	if d.content == len(d.text) {
		d.text = d.text[:before]
		return
	}
	d.last = d.item
}

// openBlock begins a block in a list item.
func (d *direct) openBlock(item int) {
	d.block, d.item, d.blank, d.uneven = len(d.text), item, true, false
	switch {
	case d.last < 0:
	case item != 0 && d.last != 0 && item != d.last:
		d.text = append(d.text, '\n')
	default:
		d.text = append(d.text, "\n\n"...)
	}
	if item != 0 && item != d.last {
		d.text = append(d.text, "- "...)
	}
	d.content = len(d.text)
}

// isTail reports whether the open block is one that publishing systems append.
func (d *direct) isTail(cleaned []byte) bool {
	if len(cleaned) > 5*maxTail {
		return false
	}
	var head [4]byte // the first letters
	n := 0
	for i := 0; i < len(cleaned) && n < len(head); i++ {
		if c := cleaned[i] | 0x20; 'a' <= c && c <= 'z' {
			head[n] = c
			n++
		}
	}
	switch string(head[:]) {
	case "lart", "thep", "read", "legg", "cont": // those of isFeedTail
	default:
		return false
	}
	text := string(cleaned)
	chars, _ := measure(text)
	if !isFeedTail(text, &block{chars: chars}) {
		return false
	}
	d.odd = d.odd || d.uneven
	return true
}

// openRun begins a paragraph for loose text, where an element makes one.
func (d *direct) openRun() {
	if f := d.top(); f.tag.paras && f.run < 0 {
		f.run = len(d.html)
		d.html = append(d.html, "<p>"...)
	}
}

func (d *direct) closeRun() {
	if f := d.top(); f.run >= 0 {
		d.wrap(f.run, f.run+len("<p>"), "p")
		f.run = -1
	}
}

// wrap ends an element whose tag and content begin at these bytes of the HTML,
// unless nothing came to be inside.
func (d *direct) wrap(before, content int, out string) {
	inner := bytes.TrimSuffix(d.html[content:], []byte("<br>"))
	if len(bytes.TrimSpace(inner)) == 0 {
		d.html = d.html[:before]
		return
	}
	d.html = append(append(append(d.html[:content+len(inner)], "</"...), out...), '>')
}

// close ends the innermost element.
func (d *direct) close() {
	if !d.top().tag.inline {
		d.closeBlock()
	}
	d.closeRun()
	f := d.top()
	switch {
	case f.dropped && !f.kept:
		d.html = d.html[:f.before]
	case f.own:
		d.odd = true // of what it holds some is kept
	case f.out != "":
		d.wrap(f.before, f.content, f.out)
	}
	kept, dropped := f.kept, f.dropped
	d.open = d.open[:len(d.open)-1]
	up := d.top()
	up.kept, up.dropped, up.afterBr = up.kept || kept, up.dropped || dropped, false
}
