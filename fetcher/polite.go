package fetcher

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	afterLimit  = 30 * time.Second // pause of a host after a 429
	deadFor     = 10 * time.Minute // a host that did not answer is left alone
	silentTimes = 2                // requests without an answer after which a host counts as dead
	hostWide    = 3                // limited addresses after which the whole host waits
	maxHosts    = 4096             // remembered; idle ones are forgotten above it
	maxRules    = 32 << 20         // bytes of robots.txt rules that are remembered
)

// polite lets one request at a time to each host, spaced, for all kinds of
// request alike. It lives as long as the process.
type polite struct {
	mu     sync.Mutex    // guards the rest, and the fields of each host
	gap    time.Duration // least time between two requests to one host
	onWait func(Waits)
	hosts  map[string]*host
	full   int // so many hosts are looked through for idle ones
	// robots.txt by scheme and authority (RFC 9309 §2.3).
	robots    map[string]*robots
	rulesSize int // bytes that their rules take
}

// host is what is known of a host while the process lives.
type host struct {
	turn    chan struct{}        // holds the one who may ask
	reading chan struct{}        // holds the one who asks for robots.txt
	users   int                  // waiting or asking
	next    time.Time            // not before
	slow    time.Duration        // Crawl-delay
	limited map[string]time.Time // address → until when it asked to wait
	closed  time.Time            // the whole host asked to wait until then
	silent  int                  // addresses in a row that brought no answer
	dead    time.Time            // did not answer: left alone until then
	deadErr error
}

func newPolite() *polite {
	return &polite{hosts: map[string]*host{}, full: maxHosts, robots: map[string]*robots{}}
}

// set takes over what the configuration says.
func (p *polite) set(gap time.Duration, onWait func(Waits)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gap, p.onWait = gap, onWait
}

// hostKey names the party that is asked: a host name, with its port where that
// is not the usual one, since that is another server.
func hostKey(u *url.URL) string {
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if p := u.Port(); p != "" && p != "80" && p != "443" {
		return name + ":" + p
	}
	return name
}

// at returns what is known of a host.
func (p *polite) at(key string) *host {
	h, ok := p.hosts[key]
	if !ok {
		p.prune()
		h = &host{turn: make(chan struct{}, 1), reading: make(chan struct{}, 1)}
		p.hosts[key] = h
	}
	return h
}

// prune forgets hosts that nobody uses or waits for, when they have become twice
// as many as were left the last time: many may be in use.
func (p *polite) prune() {
	if len(p.hosts) < p.full {
		return
	}
	now := time.Now()
	for key, h := range p.hosts {
		if h.users == 0 && h.next.Before(now) && h.closed.Before(now) && h.dead.Before(now) && !h.asksToWait(now) {
			delete(p.hosts, key)
		}
	}
	p.full = max(maxHosts, 2*len(p.hosts))
}

// asksToWait reports whether an address of the host asked to wait.
func (h *host) asksToWait(now time.Time) bool {
	for _, until := range h.limited {
		if until.After(now) {
			return true
		}
	}
	return false
}

// hold waits for one of a host's lanes, which admit one at a time. The
// returned function gives it back and must be called; a host is not forgotten
// while somebody waits for it or holds a lane.
func (p *polite) hold(ctx context.Context, key string, lane func(*host) chan struct{}) (h *host, release func(), err error) {
	p.mu.Lock()
	h = p.at(key)
	h.users++
	p.mu.Unlock()
	done := func() {
		p.mu.Lock()
		h.users--
		p.mu.Unlock()
	}
	c := lane(h)
	select {
	case c <- struct{}{}:
		return h, func() { <-c; done() }, nil
	case <-ctx.Done():
		done()
		return nil, nil, ctx.Err()
	}
}

// enter waits for the turn to ask a host for an address. The returned function
// ends the turn and must be called when the answer has been read.
func (p *polite) enter(ctx context.Context, key, address string) (leave func(), err error) {
	h, release, err := p.hold(ctx, key, func(h *host) chan struct{} { return h.turn })
	if err != nil {
		return nil, err
	}
	if err := p.wait(ctx, h, address); err != nil {
		release()
		return nil, err
	}
	return func() {
		p.mu.Lock()
		if next := time.Now().Add(max(p.gap, h.slow)); next.After(h.next) {
			h.next = next
		}
		p.mu.Unlock()
		release()
	}, nil
}

// wait sleeps until the host may be asked again for an address, or fails at
// once when it may not for long.
func (p *polite) wait(ctx context.Context, h *host, address string) error {
	for {
		p.mu.Lock()
		now := time.Now()
		next, closed, dead, deadErr := h.next, later(h.closed, h.limited[address]), h.dead, h.deadErr
		p.mu.Unlock()
		if closed.After(now) {
			return &StatusError{Code: http.StatusTooManyRequests, RetryAfter: closed, unasked: true}
		}
		if dead.After(now) {
			return &hostDownError{until: dead, cause: deadErr}
		}
		if !next.After(now) {
			return nil
		}
		timer := time.NewTimer(next.Sub(now))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// hostDownError stands in for a request to a host that failed a moment ago.
type hostDownError struct {
	until time.Time
	cause error
}

func (e *hostDownError) Error() string   { return ErrHostDown.Error() + ": " + e.cause.Error() }
func (e *hostDownError) Unwrap() []error { return []error{ErrHostDown, e.cause} }

// limit notes that an address asked to wait. The whole host waits 30 s; after
// three different addresses that asked, it waits as long as they do.
func (p *polite) limit(key, address string, until time.Time) {
	p.mu.Lock()
	p.limitHost(p.at(key), address, until)
	told, waits := p.onWait, p.waits()
	p.mu.Unlock()
	if told != nil {
		told(waits)
	}
}

func (p *polite) limitHost(h *host, address string, until time.Time) {
	now := time.Now()
	if next := now.Add(afterLimit); next.After(h.next) && p.gap > 0 {
		h.next = next
	}
	for a, t := range h.limited {
		if t.Before(now) {
			delete(h.limited, a)
		}
	}
	if h.limited == nil {
		h.limited = map[string]time.Time{}
	}
	if until.Before(now.Add(afterLimit)) {
		until = now.Add(afterLimit)
	}
	if len(h.limited) < 10*hostWide {
		h.limited[address] = until
	}
	if len(h.limited) < hostWide {
		return
	}
	// As long as the shortest asks: the others are held by their own not-before.
	for _, t := range h.limited {
		if h.closed.Before(now) || t.Before(h.closed) {
			h.closed = t
		}
	}
}

// answered notes that a host is alive.
func (p *polite) answered(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.at(key)
	h.silent, h.dead, h.deadErr = 0, time.Time{}, nil
}

// failed notes that a host could not be reached, or took a request and did not
// answer it: the first time that may be the one address, not the host.
func (p *polite) failed(key string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.at(key)
	h.silent++
	if h.silent >= silentTimes || undialled(err) {
		h.dead, h.deadErr = time.Now().Add(deadFor), err
	}
}

// rules returns a site's robots.txt, if it is known and not too old.
func (p *polite) rules(site string) (known *robots, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known = p.robots[site]
	return known, known != nil && known.until.After(time.Now())
}

// read waits for the turn to ask for a host's robots.txt, so that many pages
// at once ask for it but once.
func (p *polite) read(ctx context.Context, key string) (leave func(), err error) {
	_, leave, err = p.hold(ctx, key, func(h *host) chan struct{} { return h.reading })
	return leave, err
}

// learn takes a site's robots.txt and its Crawl-delay. A file that is
// forgotten before its time is asked for once more when a page is.
func (p *polite) learn(site, key string, rules *robots, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unlearn(site)
	p.rulesSize += rules.size()
	if len(p.robots) >= maxHosts || p.rulesSize > maxRules {
		now := time.Now()
		for s, r := range p.robots {
			if r.until.Before(now) {
				p.unlearn(s)
			}
		}
		for s := range p.robots {
			if p.rulesSize <= maxRules {
				break
			}
			p.unlearn(s)
		}
	}
	p.robots[site] = rules
	p.at(key).slow = delay
}

// unlearn forgets a site's robots.txt.
func (p *polite) unlearn(site string) {
	if known, ok := p.robots[site]; ok {
		p.rulesSize -= known.size()
		delete(p.robots, site)
	}
}
