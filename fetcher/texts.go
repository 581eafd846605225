package fetcher

import (
	"bytes"
	"strconv"
	"strings"
)

// The parser behind walks a text byte by byte, several times. A long one
// therefore passes it by: where an element of an item holds nothing but
// characters, a short mark stands for them in the repaired document, and is
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

// mayPass reports whether the text of the element of this name, which has just
// been opened, may pass the parser by: it is a child of an item, and is read by
// name and as characters, whatever it says.
func (r *repairer) mayPass(name string) bool {
	if r.itemOpen == 0 || len(r.open) != r.itemOpen+2 || !r.inItem {
		return false
	}
	switch strings.ToLower(local(name)) {
	case "description", "encoded":
		return r.root != "feed"
	case "summary", "content":
		return r.root == "feed" && r.plainTypes && r.textKind.asCharacters()
	}
	return false
}

// textKind is what the attributes of an element of Atom say of its text.
type textKind struct {
	named int // attributes that say something
	kind  string
}

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
	content := r.out[r.textAt:]
	if len(content) < minText {
		return
	}
	text, ok := characters(content)
	if !ok || text == "" {
		return
	}
	r.passed += len(r.out)
	r.out = append(r.out[:r.textAt], markSign...)
	r.out = strconv.AppendInt(r.out, int64(len(r.texts)), 10)
	r.passed -= len(r.out)
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
		end := bytes.Index(section, []byte(cdataEnd))
		if !isSection || end < 0 || !unescape(&b, content[:open]) {
			return "", false
		}
		b.Write(section[:end])
		content = section[end+len(cdataEnd):]
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
