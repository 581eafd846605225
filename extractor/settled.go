package extractor

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// settled reports whether the policy would change nothing of s. It follows the
// text byte by byte and knows only what htmlWriter writes in the form in which
// it writes it: tags that are allowed, addresses that mean to url.Parse what
// they say, and text with all marks escaped that could be read otherwise. Of
// anything else the policy decides.
func settled(s string) bool {
	for s != "" {
		n := escaped(s)
		if s = s[n:]; s == "" {
			return true
		}
		if n = settledTag(s); n == 0 {
			return false
		}
		s = s[n:]
	}
	return true
}

// escaped returns the length of the text at the front of s.
func escaped(s string) int {
	for i := 0; i < len(s); i++ {
		if !marked[s[i]] {
			continue
		}
		if s[i] != '&' {
			return i
		}
		switch rest := s[i:]; {
		case strings.HasPrefix(rest, "&amp;"), strings.HasPrefix(rest, "&lt;"), strings.HasPrefix(rest, "&gt;"),
			strings.HasPrefix(rest, "&#39;"), strings.HasPrefix(rest, "&#34;"), strings.HasPrefix(rest, "&#13;"):
		default:
			return i
		}
	}
	return len(s)
}

// marked are the bytes that text has escaped, or not at all.
var marked = func() (m [256]bool) {
	for c, esc := range escapes {
		m[c] = esc != ""
	}
	m[0] = true
	return m
}()

// settledTag returns the length of the tag at the front of s, 0 for one that
// has to be looked at.
func settledTag(s string) int {
	if rest, ok := strings.CutPrefix(s, `<a href="`); ok {
		if n := settledAddress(rest); n > 0 && strings.HasPrefix(rest[n:], `">`) {
			return len(`<a href="`) + n + len(`">`)
		}
		return 0
	}
	if rest, ok := strings.CutPrefix(s, `<img src="`); ok {
		n := settledAddress(rest)
		if n == 0 {
			return 0
		}
		tail := rest[n:]
		if alt, ok := strings.CutPrefix(tail, `" alt="`); ok {
			tail = alt[escaped(alt):]
		}
		if !strings.HasPrefix(tail, `">`) {
			return 0
		}
		return len(s) - len(tail) + len(`">`)
	}
	end := strings.IndexByte(s[:min(len(s), maxTagName)], '>')
	if end < 0 || s[0] != '<' {
		return 0
	}
	name := s[1:end]
	if settledTags[name] || strings.HasPrefix(name, "/") && settledTags[name[1:]] || name == "/a" {
		return end + 1
	}
	return 0
}

// maxTagName is the longest tag without attributes, in bytes.
const maxTagName = 16

// settledTags are the elements that the policy lets through as they are.
var settledTags = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range outTag {
		m[name] = policy.Sanitize("<"+name+">a</"+name+">") == "<"+name+">a</"+name+">"
	}
	m["br"], m["hr"] = true, true
	return m
}()

// settledAddress returns the length of the address at the front of s, up to
// the quotation mark that ends it; 0 for one that has to be looked at.
func settledAddress(s string) int {
	n := escaped(s)
	address := s[:n]
	if strings.IndexByte(address, '&') >= 0 {
		address = html.UnescapeString(address)
	}
	if !usual(address) {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto" || u.String() != address || strings.ContainsAny(address, " \t\n") {
			return 0
		}
	}
	return n
}

// usual reports whether an address has the form that nearly all have, which
// url.Parse and URL.String leave as it is.
func usual(address string) bool {
	rest, ok := strings.CutPrefix(address, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(address, "http://"); !ok {
			return false
		}
	}
	host := 0
	for host < len(rest) && ('a' <= rest[host] && rest[host] <= 'z' || '0' <= rest[host] && rest[host] <= '9' || rest[host] == '.' || rest[host] == '-') {
		host++
	}
	if host == 0 || host < len(rest) && rest[host] != '/' {
		return false
	}
	query := false
	for i := host; i < len(rest); i++ {
		switch c := rest[i]; {
		case asciiLetter(c), '0' <= c && c <= '9', c == '/', c == '-', c == '_', c == '.', c == '~':
		case c == '?' && i+1 < len(rest) && !query:
			query = true
		case query && (c == '=' || c == '&'):
		default:
			return false
		}
	}
	return true
}

func asciiLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
