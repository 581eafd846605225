package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// bareHost begins an address that lacks its scheme.
var bareHost = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/|$)`)

// webAddress checks an absolute http or https address.
func webAddress(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case strings.TrimSpace(s) != s || strings.ContainsAny(s, " \n"):
		return nil, hinted{"address with a blank in it: " + quote(s), "remove it, or write %20"}
	case err != nil || len(s) > 2000:
		return nil, hinted{"not an address: " + quote(s), "write https://…"}
	case u.Scheme == "" && bareHost.MatchString(s), strings.Contains(u.Scheme, "."):
		return nil, hinted{"address without its scheme: " + quote(s), "write https://" + s}
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, hinted{"not a web address: " + quote(s), "write http://… or https://…"}
	case u.Hostname() == "":
		return nil, hinted{"address without a host: " + quote(s), "write https://host/path"}
	case u.User != nil:
		return nil, hinted{"address with a user name in it", "remove what stands before the @"}
	}
	return u, nil
}

// sameAddress is equal for addresses that lead to the same document, as far as
// can be told without asking.
func sameAddress(u *url.URL) string {
	s := strings.ToLower(u.Host) + strings.TrimSuffix(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		s += "?" + u.RawQuery
	}
	return s
}

// baseURL is how a browser on this machine reaches a server that listens at
// an address.
func baseURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	if port == "80" || port == "http" {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return "http://" + host
	}
	return "http://" + net.JoinHostPort(host, port)
}

// slug is a name as an identifier: lower case letters and digits of ASCII,
// hyphens between them.
func slug(name string) string {
	var b strings.Builder
	hyphen := false
	for _, c := range norm.NFKD.String(name) {
		c = unicode.ToLower(c)
		switch {
		case unicode.Is(unicode.Mn, c):
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			if hyphen && b.Len() > 0 {
				b.WriteByte('-')
			}
			hyphen = false
			b.WriteRune(c)
		default:
			hyphen = true
		}
	}
	return b.String()
}

// allowed checks an entry of poll.allow.
func allowed(s string) error {
	if strings.Contains(s, "/") {
		if _, err := netip.ParsePrefix(s); err == nil {
			return nil
		}
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return nil
	}
	if _, err := netip.ParseAddrPort(s); err == nil {
		return nil
	}
	return hinted{"not an address of a network: " + quote(s), "write 127.0.0.1:8181, 10.1.2.3 or 10.1.0.0/16; names are not looked up"}
}
