package htmltree

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// unescape replaces the character references of a text, or of an attribute's
// value, in which fewer things are references.
func unescape(s string, attribute bool) string {
	amp := strings.IndexByte(s, '&')
	if amp < 0 {
		return s
	}
	var sb strings.Builder
	for sb.Grow(len(s)); amp >= 0; amp = strings.IndexByte(s, '&') {
		sb.WriteString(s[:amp])
		s = s[amp:]
		n := referenceLen(s)
		sb.WriteString(reference(s[:n], attribute && n < len(s) && s[n] == '=', attribute))
		s = s[n:]
	}
	sb.WriteString(s)
	return sb.String()
}

// referenceLen is how long what looks like a reference at the start of s is,
// with the semicolon.
func referenceLen(s string) int {
	i := 1
	if i < len(s) && s[i] == '#' {
		i++
		if i < len(s) && s[i]|0x20 == 'x' {
			i++
		}
	}
	for i < len(s) && (asciiLetter(s[i]) || s[i]-'0' < 10) {
		i++
	}
	if i < len(s) && s[i] == ';' {
		i++
	}
	return i
}

// reference returns what a reference stands for, by html.UnescapeString but for
// the most usual ones. In an attribute only a whole name is one, and one that
// ends in a semicolon if an equals sign follows.
func reference(s string, equals, attribute bool) string {
	switch s {
	case "&", "&#":
		return s
	case "&amp;":
		return "&"
	case "&quot;":
		return `"`
	case "&nbsp;":
		return "\u00a0"
	case "&#39;", "&#039;", "&apos;":
		return "'"
	case "&rsquo;", "&#8217;":
		return "’"
	}
	if !attribute || s[1] == '#' {
		return html.UnescapeString(s)
	}
	whole := s[len(s)-1] == ';'
	if equals && !whole {
		return s
	}
	switch r := html.UnescapeString(s); {
	case whole && r[len(r)-1] == ';' && s != "&semi;", !whole && utf8.RuneCountInString(r) > 1:
		return s // a part of the name is a reference
	default:
		return r
	}
}
