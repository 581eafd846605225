package fetcher

import (
	"bytes"
	"html"
	"strings"
	"unicode/utf8"
)

// text copies character data.
func (r *repairer) text(s []byte) {
	for len(s) > 0 && len(r.out)+r.passed <= r.limit {
		i := bytes.IndexByte(s, '&')
		plain := s
		if i >= 0 {
			plain = s[:i]
		}
		start := len(r.out)
		r.out = appendLegal(r.out, plain)
		r.replaceEnds(max(start-2, 0), "]]&gt;") // the brackets may stand before what was left out
		if i < 0 {
			return
		}
		n := r.reference(s[i:])
		s = s[i+n:]
	}
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

// reference copies what begins with "&", and returns how much it took.
func (r *repairer) reference(s []byte) int {
	end := bytes.IndexByte(s[:min(len(s), maxReference)], ';')
	if end < 0 || bytes.IndexByte(s[1:end], '&') >= 0 {
		r.out = append(r.out, "&amp;"...)
		return 1
	}
	ref := string(s[:end+1])
	switch ref {
	case "&lt;", "&gt;", "&amp;", "&quot;", "&apos;":
		r.out = append(r.out, ref...)
		return end + 1
	}
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

// appendLegal copies text without the characters that XML forbids: controls,
// U+FFFE and U+FFFF.
func appendLegal(out, text []byte) []byte {
	start := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		n := 0
		switch {
		case c < 0x20 && c != '\t' && c != '\n' && c != '\r':
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
