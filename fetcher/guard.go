package fetcher

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// reserved are the networks that no public site lives in (the IANA registries
// of special-purpose addresses), and those that wrap an IPv4 address, which is
// judged by itself in permit.
//
//nolint:gochecknoglobals // a table
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // carrier-grade NAT
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), // link-local, cloud metadata
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("224.0.0.0/4"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), // unspecified, loopback, IPv4-compatible
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), // Teredo and other protocol assignments
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("5f00::/16"),
	netip.MustParsePrefix("fc00::/7"),
	netip.MustParsePrefix("fe80::/10"),
	netip.MustParsePrefix("fec0::/10"),
	netip.MustParsePrefix("ff00::/8"),
}

//nolint:gochecknoglobals // constants that Go cannot write as such
var (
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
	sixTo = netip.MustParsePrefix("2002::/16")
)

// opening is an exception to the guard: a network, and a port or 0 for any.
type opening struct {
	net  netip.Prefix
	port uint16
}

// parseAllow reads entries such as "127.0.0.1:8181", "10.1.0.0/16", "::1".
func parseAllow(entries []string) ([]opening, error) {
	var open []opening
	for _, entry := range entries {
		o, err := parseOpening(strings.TrimSpace(entry))
		if err != nil {
			return nil, fmt.Errorf("parse allowed address %q: want an address, address:port or network", entry)
		}
		open = append(open, o)
	}
	return open, nil
}

func parseOpening(entry string) (opening, error) {
	if p, err := netip.ParsePrefix(entry); err == nil {
		return opening{net: p.Masked()}, nil
	}
	if a, err := netip.ParseAddr(entry); err == nil {
		a = a.Unmap()
		return opening{net: netip.PrefixFrom(a, a.BitLen())}, nil
	}
	ap, err := netip.ParseAddrPort(entry)
	if err != nil {
		return opening{}, err
	}
	a := ap.Addr().Unmap()
	return opening{net: netip.PrefixFrom(a, a.BitLen()), port: ap.Port()}, nil
}

// guard decides which addresses may be dialled. It is asked after the name
// was resolved, for each connection, so that neither a redirect nor a name
// that changes its address gets past it.
type guard struct{ open []opening }

// control is net.Dialer.Control.
func (g guard) control(network, address string, _ syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return fmt.Errorf("dial %s %s: %w", network, address, ErrPrivate)
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("dial %s: %w", address, ErrPrivate)
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil || strings.Contains(host, "%") {
		return fmt.Errorf("dial %s: %w", address, ErrPrivate)
	}
	if !g.permit(ap) {
		return fmt.Errorf("dial %s: %w", address, errNotPublic)
	}
	return nil
}

// permit reports whether an address is public or opened by the configuration.
func (g guard) permit(ap netip.AddrPort) bool {
	a := ap.Addr().Unmap()
	for _, o := range g.open {
		if o.net.Contains(a) && (o.port == 0 || o.port == ap.Port()) {
			return true
		}
	}
	if inner, ok := embedded(a); ok {
		a = inner
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsGlobalUnicast()
}

// permitLiteral judges an address that a proxy will dial for us: only one that
// is written as a number can be judged here.
func (g guard) permitLiteral(u *url.URL) bool {
	a, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return !strings.EqualFold(u.Hostname(), "localhost")
	}
	return a.Zone() == "" && g.permit(netip.AddrPortFrom(a, portOf(u)))
}

// portOf is the port of an address.
func portOf(u *url.URL) uint16 {
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	switch {
	case err == nil:
		return uint16(port)
	case u.Scheme == "https":
		return 443
	}
	return 80
}

// embedded returns the IPv4 address inside a NAT64 (RFC 6052) or 6to4
// (RFC 3056) address.
func embedded(a netip.Addr) (netip.Addr, bool) {
	b := a.As16()
	switch {
	case nat64.Contains(a):
		return netip.AddrFrom4([4]byte(b[12:])), true
	case sixTo.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}
