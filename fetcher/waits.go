package fetcher

import (
	"net/url"
	"time"
)

// Waits are what sites asked to be left alone until, for the next process: a
// restart must not come back to a host that has just said to wait. A host that
// did not answer is not among them, as one attempt finds that out again, and
// neither is the pause between two requests.
type Waits struct {
	Hosts     map[string]time.Time `json:"hosts,omitempty"`
	Addresses map[string]time.Time `json:"addresses,omitempty"`
}

const (
	maxWaits  = 1000             // kept, of each
	leastWait = 10 * time.Minute // a shorter one is over before it matters
)

// waits returns those that are worth keeping. The caller holds mu.
func (p *polite) waits() Waits {
	w := Waits{Hosts: map[string]time.Time{}, Addresses: map[string]time.Time{}}
	soon := time.Now().Add(leastWait)
	for key, h := range p.hosts {
		if h.closed.After(soon) && len(w.Hosts) < maxWaits {
			w.Hosts[key] = h.closed
		}
		for address, until := range h.limited {
			if until.After(soon) && len(w.Addresses) < maxWaits {
				w.Addresses[address] = until
			}
		}
	}
	return w
}

// restore takes over the waits of an earlier process, none of them for longer
// than a site is obeyed: the clock may have been set since.
func (p *polite) restore(w Waits) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	most := now.Add(maxRetryAfter)
	for key, until := range w.Hosts {
		if until.After(now) && until.Before(most) {
			p.at(key).closed = until
		}
	}
	for address, until := range w.Addresses {
		u, err := url.Parse(address)
		if err != nil || !until.After(now) || !until.Before(most) {
			continue
		}
		h := p.at(hostKey(u))
		if h.limited == nil {
			h.limited = map[string]time.Time{}
		}
		h.limited[address] = until
	}
}
