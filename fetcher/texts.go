package fetcher

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// The parser behind walks a text byte by byte, several times, and takes
// microseconds for each element. What nobody reads is therefore left out of the
// document that it gets, and a long text passes it by: where an element of an
// item holds nothing but characters, a short mark stands for them, and is
// replaced in what the parser returns. A document in which the sign that begins
// a mark occurs keeps its texts.

const (
	markRune = '\uFDD0' // a noncharacter that XML allows and nobody writes
	markSign = string(markRune)
	minText  = 48 // bytes of an element's content that are worth a mark
)

// texts are those that passed the parser by, each in place of the number after
// the sign of its mark.
type texts []string

// of returns what a text of the parser stands for: itself, if it is no mark.
func (t texts) of(s string) string {
	number, isMark := strings.CutPrefix(s, markSign)
	if !isMark {
		return s
	}
	if i, err := strconv.Atoi(number); err == nil && i >= 0 && i < len(t) {
		return t[i]
	}
	return s
}

// ofExtension is of, for the text of an extension's element: there the parser
// makes one character of each end of a line (XML 1.0 §2.11).
func (t texts) ofExtension(s string) string {
	if !strings.HasPrefix(s, markSign) {
		return s
	}
	s = t.of(s)
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// role is what a child of an item, or of the feed, is to the parser behind.
type role int

const (
	noRole role = iota
	passes      // its text may pass by: it is read by name, whatever it says
	dated       // its text is a date, on which the parser tries a hundred layouts
	unread      // nobody reads it
)

// child is an element of which more is known than that it is open.
type child struct {
	role   role
	open   int // elements open before it
	tagAt  int // length of out before its tag
	textAt int // and after it
}

// roleOf returns the role of an element of this name whose tag has been read.
func (r *repairer) roleOf(name string) role {
	name = strings.ToLower(local(name))
	inItem := r.inItem && r.itemOpen > 0 && len(r.open) == r.itemOpen+1
	switch {
	case !inItem && !r.amongItems():
		return noRole
	case r.root == "feed":
		return r.atomRole(name, inItem)
	}
	return rssRole(name, inItem)
}

// atomRole is roleOf in Atom.
func (r *repairer) atomRole(name string, inItem bool) role {
	switch name {
	case "published", "updated", "issued", "modified":
		if inItem {
			return dated
		}
		return unread
	case "summary", "content":
		if inItem && r.plainTypes && r.textKind.asCharacters() {
			return passes
		}
	case "id", "subtitle", "tagline", "generator", "logo", "icon", "category":
		if !inItem {
			return unread
		}
	case "rights", "copyright", "contributor":
		return unread
	}
	return noRole
}

// rssRole is roleOf in RSS.
func rssRole(name string, inItem bool) role {
	switch name {
	case "pubdate":
		if inItem {
			return dated
		}
		return unread
	case "description":
		if inItem {
			return passes
		}
		return unread
	case "encoded":
		if inItem {
			return passes
		}
	case "category":
		if !inItem {
			return unread
		}
	case "lastbuilddate", "generator", "docs", "copyright", "managingeditor", "webmaster", "image", "cloud", "textinput",
		"comments", "commentrss", "post-id", "source", "summary", "subtitle", "keywords", "explicit", "duration":
		return unread
	}
	return noRole
}

// closeChild does what the role of a child asks for when it is about to be
// closed, and reports whether nothing is left to close.
func (r *repairer) closeChild() (gone bool) {
	before := len(r.out)
	switch r.child.role {
	case passes:
		r.pass()
	case dated:
		r.out = usualDate(r.out, r.child.textAt)
	case unread:
		r.out, gone = r.out[:r.child.tagAt], true
	}
	r.passed += before - len(r.out)
	r.child = child{}
	return gone
}

// usualDate writes a date at the end of out so that the parser behind takes it
// at once, where it is one that says the same then.
func usualDate(out []byte, from int) []byte {
	s := string(bytes.TrimSpace(out[from:]))
	if s == "" || len(s) == len(time.RFC1123Z) || s[0] >= '0' && s[0] <= '9' {
		return out // is such a date, or none that we know
	}
	if t, ok := regular(s); ok && t.Nanosecond() == 0 {
		return t.AppendFormat(out[:from], time.RFC1123Z)
	}
	return out
}

// blank reports whether a text is only white space between children of an item
// or of the feed.
func (r *repairer) blank(text []byte) bool {
	return (r.amongItems() || r.inItem && r.itemOpen > 0 && len(r.open) == r.itemOpen+1) && len(bytes.TrimLeft(text, " \t\r\n")) == 0
}

// textKind is what the attributes of an element of Atom say of its text.
type textKind struct {
	named int // attributes that say something
	kind  string
}

// read takes in an attribute.
func (k *textKind) read(name string, value []byte) {
	switch local(name) {
	case "type":
		k.named++
		k.kind = string(value)
	case "mode": // of Atom 0.3
		k.named += 2
	}
}

// asCharacters reports whether they leave the text as it is.
func (k textKind) asCharacters() bool {
	switch k.kind {
	case "", "text", "text/html", "text/plain":
		return k.named <= 1
	}
	return false
}

// pass puts a mark in place of the text that r.out ends with.
func (r *repairer) pass() {
	content := r.out[r.child.textAt:]
	if len(content) < minText {
		return
	}
	text, ok := characters(content)
	if !ok || text == "" {
		return
	}
	r.out = append(r.out[:r.child.textAt], markSign...)
	r.out = strconv.AppendInt(r.out, int64(len(r.texts)), 10)
	r.texts = append(r.texts, text)
}

// characters returns the text of repaired content without elements, as the
// parser behind reads it. It is not ok where that would not.
func characters(content []byte) (string, bool) {
	content = bytes.TrimSpace(content)
	if section, isSection := bytes.CutPrefix(content, []byte(cdataOpen)); isSection {
		if i := bytes.Index(section, []byte(cdataEnd)); i == len(section)-len(cdataEnd) {
			return string(section[:i]), true
		}
	}
	var b strings.Builder
	b.Grow(len(content))
	for {
		open := bytes.IndexByte(content, '<')
		if open < 0 {
			ok := unescape(&b, content)
			return b.String(), ok
		}
		section, isSection := bytes.CutPrefix(content[open:], []byte(cdataOpen))
		section, rest, ends := bytes.Cut(section, []byte(cdataEnd))
		if !isSection || !ends || !unescape(&b, content[:open]) {
			return "", false
		}
		b.Write(section)
		content = rest
	}
}

// unescape writes what repaired character data stands for. It is false for what
// is none.
func unescape(b *strings.Builder, s []byte) bool {
	if bytes.Contains(s, []byte(cdataEnd)) {
		return false
	}
	for {
		i := bytes.IndexByte(s, '&')
		if i < 0 {
			b.Write(s)
			return true
		}
		b.Write(s[:i])
		n, char := ownReference(s[i:])
		if n == 0 {
			return false
		}
		b.WriteByte(char)
		s = s[i+n:]
	}
}
