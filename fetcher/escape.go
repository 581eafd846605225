package fetcher

import (
	"bytes"
	"encoding/binary"
	"html"
	"slices"
	"strings"
	"unicode/utf8"
)

// text copies character data.
func (r *repairer) text(s []byte) {
	for i, done := 0, 0; len(r.out)+r.passed <= r.limit; {
		j := bytes.IndexByte(s[i:], '&')
		if j < 0 {
			r.plain(s[done:])
			return
		}
		i += j
		if n, _ := ownReference(s[i:]); n > 0 {
			i += n
			continue
		}
		r.plain(s[done:i])
		i += r.reference(s[i:])
		done = i
	}
}

// plain copies character data in which all references are XML's own.
func (r *repairer) plain(s []byte) {
	start := len(r.out)
	if r.clean {
		r.out = append(r.out, s...)
	} else {
		r.out = appendLegal(r.out, s)
	}
	r.replaceEnds(max(start-2, 0), "]]&gt;") // the brackets may stand before what was left out
}

// ownReference returns the length of the reference that s begins with, if it is
// one that XML itself knows, and what it stands for.
func ownReference(s []byte) (n int, char byte) {
	switch {
	case bytes.HasPrefix(s, []byte("&lt;")):
		return len("&lt;"), '<'
	case bytes.HasPrefix(s, []byte("&gt;")):
		return len("&gt;"), '>'
	case bytes.HasPrefix(s, []byte("&amp;")):
		return len("&amp;"), '&'
	case bytes.HasPrefix(s, []byte("&quot;")):
		return len("&quot;"), '"'
	case bytes.HasPrefix(s, []byte("&apos;")):
		return len("&apos;"), '\''
	}
	return 0, 0
}

// replaceEnds puts what means the same in place of "]]>", which must end
// nothing, in r.out from start on.
func (r *repairer) replaceEnds(start int, by string) {
	if tail := r.out[start:]; bytes.Contains(tail, []byte(cdataEnd)) {
		r.out = append(r.out[:start], bytes.ReplaceAll(tail, []byte(cdataEnd), []byte(by))...)
	}
}

// shortened cuts what stands in for a date but is none: the parser behind
// tries a hundred layouts on it.
func (r *repairer) shortened(s []byte) []byte {
	if len(s) <= maxDateText || len(r.open) == 0 {
		return s
	}
	switch strings.ToLower(local(r.open[len(r.open)-1])) {
	case "pubdate", "date", "lastbuilddate", "published", "updated", "issued", "modified", "created":
		return bytes.ToValidUTF8(s[:maxDateText], nil)
	}
	return s
}

// reference copies what begins with "&" and is no reference of XML's own, and
// returns how much it took.
func (r *repairer) reference(s []byte) int {
	end := bytes.IndexByte(s[:min(len(s), maxReference)], ';')
	if end < 0 || bytes.IndexByte(s[1:end], '&') >= 0 {
		r.out = append(r.out, "&amp;"...)
		return 1
	}
	ref := string(s[:end+1])
	text := html.UnescapeString(ref)
	// "&copy=1;" and "&notanentity;" are not references as a whole.
	if strings.HasSuffix(text, ";") {
		r.out = append(r.out, "&amp;"...)
		return 1
	}
	for _, c := range text {
		switch {
		case c == '<':
			r.out = append(r.out, "&lt;"...)
		case c == '&':
			r.out = append(r.out, "&amp;"...)
		case c == '>':
			r.out = append(r.out, "&gt;"...)
		case legal(c) && (c != utf8.RuneError):
			r.forged = r.forged || r.marks && c == markRune
			r.out = utf8.AppendRune(r.out, c)
		}
	}
	return end + 1
}

// legal reports whether XML 1.0 has the character.
func legal(c rune) bool {
	return c >= 0x20 && c < 0xfffe || c == '\t' || c == '\n' || c == '\r' || c > 0xffff
}

// isLegal reports whether XML 1.0 has all characters of a text in UTF-8. It
// looks at eight bytes at a time.
func isLegal(text []byte) bool {
	const ones = 0x0101010101010101
	i := 0
	for ; i+8 <= len(text); i += 8 {
		x := binary.LittleEndian.Uint64(text[i:])
		if (x-0x20*ones)&^x&(0x80*ones) != 0 && slices.ContainsFunc(text[i:i+8], isControl) { // some byte is less than 0x20
			return false
		}
	}
	return !slices.ContainsFunc(text[i:], isControl) && (bytes.IndexByte(text, "\uFFFE"[0]) < 0 ||
		!bytes.Contains(text, []byte("\uFFFE")) && !bytes.Contains(text, []byte("\uFFFF")))
}

// isControl reports whether a byte is a control that XML forbids.
func isControl(c byte) bool { return c < 0x20 && c != '\t' && c != '\n' && c != '\r' }

// appendLegal copies text without the characters that XML forbids: controls,
// U+FFFE and U+FFFF.
func appendLegal(out, text []byte) []byte {
	start := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		n := 0
		switch {
		case isControl(c):
			n = 1
		case c == 0xef && i+2 < len(text) && text[i+1] == 0xbf && (text[i+2] == 0xbe || text[i+2] == 0xbf):
			n = 3
		default:
			continue
		}
		out = append(out, text[start:i]...)
		start = i + n
		i += n - 1
	}
	return append(out, text[start:]...)
}
