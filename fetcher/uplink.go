package fetcher

import (
	"errors"
	"net"
	"sync"
	"time"
)

const (
	outageHosts = 3               // hosts that must fail before our own connection is suspected
	outageAfter = 2 * time.Minute // no host answered for so long
)

// uplink tells the outage of our own connection from those of sites: several
// different hosts out of reach, and none that answered.
type uplink struct {
	mu     sync.Mutex // guards the rest
	last   time.Time  // a host answered
	failed map[string]bool
}

func newUplink() *uplink { return &uplink{failed: map[string]bool{}} }

// up notes that a host answered.
func (u *uplink) up() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.last = time.Now()
	clear(u.failed)
}

// down notes that a host was out of reach. It reports whether it looks as if
// all were, or else whether it cannot be told, because none answered lately.
func (u *uplink) down(host string) (outage, unsure bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.failed) < 10*outageHosts {
		u.failed[host] = true
	}
	quiet := time.Since(u.last) > outageAfter
	return quiet && len(u.failed) >= outageHosts, quiet
}

// unsureError is a failure that may be of our own connection. Once, a source
// is asked again soon before it is blamed.
type unsureError struct{ error }

func (e unsureError) Unwrap() error { return e.error }

// undialled reports whether an error says that nothing was sent.
func undialled(err error) bool {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}
