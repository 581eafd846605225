package weblink

import (
	"slices"
	"strings"
)

// canonicalPath folds an escaped path: escapes as short as they can be, no
// empty or dot segments, no AMP or print variant, no index page, no trailing
// slash but the root's.
func canonicalPath(escaped string) string {
	var segments []string
	for s := range strings.SplitSeq(escaped, "/") {
		s = normalEscapes(s)
		if i := strings.Index(strings.ToLower(s), ";jsessionid="); i >= 0 {
			s = s[:i]
		}
		switch s {
		case "", ".":
		case "..":
			if len(segments) > 0 {
				segments = segments[:len(segments)-1]
			}
		default:
			segments = append(segments, s)
		}
	}
	if n := len(segments); n > 0 && indexPages[strings.ToLower(segments[n-1])] {
		segments = segments[:n-1]
	}
	segments = withoutVariantSegment(segments)
	if n := len(segments); n > 0 {
		segments[n-1] = withoutVariantSuffix(segments[n-1])
	}
	return "/" + strings.Join(segments, "/")
}

// withoutVariantSegment drops a leading /amp/ or a trailing /amp, /print or
// /stampa. Only an article has such variants: the segment before a trailing
// one must look like one's, which keeps /comunicati/stampa.
func withoutVariantSegment(segments []string) []string {
	if len(segments) > 1 && strings.EqualFold(segments[0], "amp") && articleLike(segments[len(segments)-1]) {
		segments = segments[1:]
	}
	for n := len(segments); n > 1; n = len(segments) {
		if !variantSegments[strings.ToLower(segments[n-1])] || !articleLike(segments[n-2]) {
			break
		}
		segments = segments[:n-1]
	}
	return segments
}

// articleLike reports whether a path segment could name an article: it has a
// number, several words or a page's extension.
func articleLike(s string) bool {
	return strings.Contains(s, "-") || strings.Contains(s, "_") || strings.ContainsAny(s, "0123456789") ||
		strings.HasSuffix(s, "html") || strings.HasSuffix(s, ".htm") || strings.HasSuffix(s, ".php")
}

// withoutVariantSuffix turns page.amp.html and page_print.html into page.html.
func withoutVariantSuffix(s string) string {
	base, ext := s, ""
	if i := strings.LastIndexByte(s, '.'); i > 0 && pageExtensions[strings.ToLower(s[i:])] {
		base, ext = s[:i], s[i:]
	}
	lower := strings.ToLower(base)
	for _, suffix := range variantSuffixes {
		if len(base) > len(suffix) && strings.HasSuffix(lower, suffix) {
			return base[:len(base)-len(suffix)] + ext
		}
	}
	return s
}

// canonicalQuery drops the parameters that choose a variant of the page and
// sorts the rest by name, keeping the order of equal ones.
func canonicalQuery(raw string) string {
	params := strings.FieldsFunc(filter(raw, "", selectsVariant), func(r rune) bool { return r == '&' })
	for i, p := range params {
		params[i] = strings.TrimSuffix(normalEscapes(strings.ReplaceAll(p, "+", "%20")), "=")
	}
	params = slices.DeleteFunc(params, func(p string) bool { return p == "" })
	slices.SortStableFunc(params, func(a, b string) int {
		na, _, _ := strings.Cut(a, "=")
		nb, _, _ := strings.Cut(b, "=")
		return strings.Compare(na, nb)
	})
	return strings.Join(params, "&")
}

// filter drops the parameters of a raw query for which drop says so, and
// leaves the others as they stand. An ampersand escaped for HTML separates too.
func filter(query, host string, drop func(host, name, value string) bool) string {
	var b strings.Builder
	for p := range strings.SplitSeq(query, "&") {
		if rest, ok := strings.CutPrefix(p, "amp;"); ok && b.Len()+len(rest) > 0 {
			p = rest
		}
		name, value, _ := strings.Cut(p, "=")
		if p == "" || drop(host, strings.ToLower(name), strings.ToLower(value)) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p)
	}
	return b.String()
}

// tracks reports whether a parameter only tells the site where its reader
// came from.
func tracks(host, name, value string) bool {
	if tracking[name] || trackingAt[host+" "+name] {
		return true
	}
	for _, p := range trackingPrefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	if origins[name] {
		return channels[value]
	}
	// A reference made of figures alone may be the article's number.
	return name == "ref" && strings.Trim(value, "0123456789") != ""
}

// tracksFragment reports whether a fragment is a campaign's: one or more
// tracking parameters, or the name of a channel.
func tracksFragment(f string) bool {
	if trackingFragments[strings.ToLower(f)] {
		return true
	}
	if !strings.Contains(f, "=") {
		return false
	}
	return filter(strings.TrimPrefix(f, "?"), "", func(host, name, value string) bool {
		return name == "echobox" || tracks(host, name, value)
	}) == ""
}

// selectsVariant reports whether a parameter chooses the AMP, mobile or print
// form of a page.
func selectsVariant(_, name, value string) bool {
	if variantParams[name] {
		// A longer number would be the article's: stampa=48213.
		return len(value) < 2 || strings.Trim(value, "0123456789") != ""
	}
	values, ok := variantValues[name]
	return ok && slices.Contains(values, value)
}

// route reports whether a fragment names the page itself, as on sites that
// load their articles by script.
func route(f string) bool {
	return len(f) > 2 && (f[0] == '!' || f[0] == '/')
}

// normalEscapes decodes the percent escapes of unreserved characters and
// writes the others in upper case (RFC 3986 §6.2.2), and escapes what is not
// ASCII.
func normalEscapes(s string) string {
	plain := true
	for i := range len(s) {
		if s[i] == '%' || s[i] >= 0x80 || s[i] == ' ' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		escaped := c >= 0x80 || c == ' '
		if c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			c = unhex(s[i+1])<<4 | unhex(s[i+2])
			i += 2
			escaped = !unreserved(c)
		} else if c == '%' {
			escaped = true
		}
		if !escaped {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// escapePercent escapes the percent signs that begin no escape, as in
// /sconti-del-50%-a-marzo.
func escapePercent(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		b.WriteByte(s[i])
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			b.WriteString("25")
		}
	}
	return b.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}
