package fetcher

import (
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

// down notes that a host was out of reach, and reports whether it looks as if
// all were.
func (u *uplink) down(host string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.failed) < 10*outageHosts {
		u.failed[host] = true
	}
	return len(u.failed) >= outageHosts && time.Since(u.last) > outageAfter
}
