// Package weblink tells what two addresses of one article have in common.
//
// One article is linked to in many ways: with campaign parameters, over http
// or https, with or without www, as its AMP, mobile or print variant. Canonical
// folds these into one address that serves as the article's identity; Clean
// takes away only what tracks the reader, so that the address still opens.
//
// It is a leaf: it makes no request and knows nothing of articles. What a page
// says of itself (rel=canonical, og:url) and where redirects lead is for the
// caller to find out before.
package weblink

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// maxLength is the longest address that is looked into, in bytes. Longer ones
// are no addresses of articles and are returned as they are.
const maxLength = 8 << 10

// Canonical returns the address that identifies the article at raw. Addresses
// that differ only in scheme, default port, letter case of the host, www, AMP,
// mobile and print variants, tracking, the order of parameters, a trailing
// slash, a directory's index page or the fragment have the same canonical
// address. Parameters that are not known to be idle are kept, so different
// articles keep different addresses.
//
// The result is an identity: it need not open. It is a fixed point:
// Canonical(Canonical(x)) == Canonical(x). What is no http address of a host
// is returned with blanks trimmed.
func Canonical(raw string) string {
	s := strings.TrimSpace(raw)
	if len(s) > maxLength {
		return s
	}
	return settle(s, canonical)
}

func canonical(s string) string {
	u, ok := parse(Clean(s))
	if !ok {
		return s
	}
	if inner, ok := uncache(u); ok {
		u = inner
	}
	host, named := hostname(u)
	if host == "" {
		return s
	}
	scheme, port := u.Scheme, u.Port()
	if scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		port = ""
	}
	// An address with a port of its own, or without a name, is another
	// server for each scheme; the web at large answers on both alike.
	if named && port == "" {
		scheme = "https"
		host = withoutVariant(host)
	}
	if port != "" {
		host += ":" + port
	}
	out := scheme + "://" + host + canonicalPath(u.EscapedPath())
	if q := canonicalQuery(u.RawQuery); q != "" {
		out += "?" + q
	}
	if f := u.EscapedFragment(); route(f) {
		out += "#" + f
	}
	return out
}

// Clean returns raw without the parameters and fragments that only track the
// reader, and without the click counter of a search engine or social network
// around it. All else stays as it stands, so that the address opens.
func Clean(raw string) string {
	s := strings.TrimSpace(raw)
	if len(s) > maxLength {
		return s
	}
	return settle(s, clean)
}

func clean(s string) string {
	if inner, ok := unwrap(s); ok {
		return strings.TrimSpace(inner)
	}
	rest, fragment, hasFragment := strings.Cut(s, "#")
	path, query, hasQuery := strings.Cut(rest, "?")
	out := path
	if hasQuery {
		if q := filter(query, host(path), tracks); q != "" {
			out += "?" + q
		}
	}
	if hasFragment {
		fragment, _, _ = strings.Cut(fragment, ":~:") // text fragment: a reader's place, not the page's
		if fragment != "" && !tracksFragment(fragment) {
			out += "#" + fragment
		}
	}
	return strings.TrimSpace(out)
}

// settle applies fold until it changes nothing: taking one layer off can bring
// up another, as in a campaign link that wraps an AMP cache that holds an AMP
// page. The bound is for made-up addresses.
func settle(s string, fold func(string) string) string {
	for range 16 {
		next := fold(s)
		if next == s {
			break
		}
		s = next
	}
	return s
}

// Host returns the lower-case name of raw's host, in ASCII, without www and
// without port; empty when raw has none.
func Host(raw string) string {
	s := strings.TrimSpace(raw)
	if len(s) > maxLength {
		return ""
	}
	u, ok := parse(s)
	if !ok {
		return ""
	}
	h, named := hostname(u)
	if named {
		h = withoutPrefix(h, "www.")
	}
	return h
}

// parse reads an http address leniently: line breaks in it are dropped and
// percent signs that escape nothing are taken for themselves.
func parse(s string) (*url.URL, bool) {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	u, err := url.Parse(escapePercent(s))
	if err != nil || u.Host == "" {
		return nil, false
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, false
	}
	return u, true
}

// hostname returns u's host as it is looked up, and whether it is a name that
// the public DNS could know rather than an IP address or a local name.
func hostname(u *url.URL) (host string, named bool) {
	h := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if h == "" {
		return "", false
	}
	if a, err := netip.ParseAddr(h); err == nil {
		if a.Is6() {
			return "[" + a.String() + "]", false
		}
		return a.String(), false
	}
	if ascii, err := idna.Lookup.ToASCII(h); err == nil && ascii != "" {
		h = ascii
	}
	return h, strings.Contains(h, ".") && !strings.HasSuffix(h, ".localhost")
}

// host is the lower-case host of an address, found without parsing it whole.
func host(s string) string {
	_, s, ok := strings.Cut(s, "://")
	if !ok {
		return ""
	}
	s, _, _ = strings.Cut(s, "/")
	s = s[strings.LastIndexByte(s, '@')+1:]
	s, _, _ = strings.Cut(s, ":")
	return strings.TrimPrefix(strings.ToLower(s), "www.")
}

// withoutVariant takes the prefixes of mobile and AMP hosts from a host name.
func withoutVariant(host string) string {
	for {
		short := host
		for _, p := range variantHosts {
			short = withoutPrefix(short, p)
		}
		if short == host {
			return host
		}
		host = short
	}
}

// withoutPrefix takes a label from the front of a host name, as long as a
// registrable name remains: www.gov.uk and m.com are whole.
func withoutPrefix(host, label string) string {
	short, ok := strings.CutPrefix(host, label)
	if !ok {
		return host
	}
	if _, err := publicsuffix.EffectiveTLDPlusOne(short); err != nil {
		return host
	}
	return short
}

// uncache finds the article's own address in that of an AMP cache.
func uncache(u *url.URL) (*url.URL, bool) {
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	segments := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	switch {
	case strings.HasPrefix(host, "google.") && segments[0] == "amp":
		segments = segments[1:]
	case strings.HasSuffix(host, ".cdn.ampproject.org") && len(segments[0]) == 1: // c, v: content, viewer
		segments = segments[1:]
	default:
		return nil, false
	}
	scheme := "http"
	if len(segments) > 0 && segments[0] == "s" {
		scheme, segments = "https", segments[1:]
	}
	if len(segments) < 2 || !strings.Contains(segments[0], ".") {
		return nil, false
	}
	s := scheme + "://" + strings.Join(segments, "/")
	if u.RawQuery != "" {
		s += "?" + u.RawQuery
	}
	return parse(s)
}

// unwrap finds the address that a counting redirect carries as a parameter.
func unwrap(s string) (string, bool) {
	path, query, ok := strings.Cut(s, "?")
	if !ok {
		return "", false
	}
	names, ok := redirects[host(path)+urlPath(path)]
	if !ok {
		return "", false
	}
	query, _, _ = strings.Cut(query, "#")
	for p := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(strings.TrimPrefix(p, "amp;"), "=")
		if !slices.Contains(names, name) {
			continue
		}
		inner, err := url.QueryUnescape(value)
		if err != nil {
			continue
		}
		if _, ok := parse(inner); ok {
			return inner, true
		}
	}
	return "", false
}

// urlPath is the path of an address without query.
func urlPath(s string) string {
	_, s, _ = strings.Cut(s, "://")
	i := strings.IndexByte(s, '/')
	if i < 0 {
		return ""
	}
	return s[i:]
}
