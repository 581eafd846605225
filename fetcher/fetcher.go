package fetcher

import (
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"vedetta/news"
)

// Options are what a Fetcher needs to know. The zero value works.
type Options struct {
	Version string        // in the User-Agent
	Contact string        // address in the User-Agent where a site owner finds who asks
	Timeout time.Duration // of one exchange, from connection to the last byte; 30 s when 0
	PerHost time.Duration // least time between two requests to one host; none when 0 or negative
	Floor   time.Duration // shortest adaptive rhythm; 15 min when 0
	Ceiling time.Duration // longest adaptive rhythm; 24 h when 0
	Allow   []string      // addresses, address:port pairs or networks that are not public and may be asked all the same

	// Transport replaces the guarded one, whose limits and address checks it
	// then has to bring itself; for tests.
	Transport http.RoundTripper
	Log       *slog.Logger   // nil: silent
	Observe   func(Exchange) // told of each request that was not cut off by its caller; nil: nobody

	// Before is a Fetcher that this one takes the place of: what it knows of
	// hosts goes on.
	Before *Fetcher
	// Waits are those of an earlier process. OnWait is told of all that are to
	// be kept for the next one, whenever a site asks to wait.
	Waits  Waits
	OnWait func(Waits)
}

// Fetcher asks sites. It is safe for concurrent use; it outlives
// configurations, because what it knows of hosts must.
type Fetcher struct {
	agent   string
	timeout time.Duration
	rhythm  Rhythm
	guard   guard
	fixed   http.RoundTripper // Options.Transport
	polite  *polite
	uplink  *uplink
	log     *slog.Logger
	observe func(Exchange)
	memory  *memory
	rooms   sync.Pool // of *bytes.Buffer, for bodies

	mu         sync.Mutex // guards transports
	transports map[transportKey]*http.Transport
}

// transportKey is the part of a source's rule that needs a transport of its own.
type transportKey struct {
	proxy, ca string
	http1     bool
}

// New returns a Fetcher. It fails on an entry of Allow that cannot be read.
func New(o Options) (*Fetcher, error) {
	open, err := parseAllow(o.Allow)
	if err != nil {
		return nil, err
	}
	f := &Fetcher{
		agent:      userAgent(o.Version, o.Contact),
		timeout:    o.Timeout,
		rhythm:     Rhythm{Floor: o.Floor, Ceiling: o.Ceiling},
		guard:      guard{open: open},
		fixed:      o.Transport,
		log:        o.Log,
		observe:    o.Observe,
		transports: map[transportKey]*http.Transport{},
	}
	if o.Before != nil {
		f.polite, f.uplink, f.memory = o.Before.polite, o.Before.uplink, o.Before.memory
	} else {
		f.polite, f.uplink, f.memory = newPolite(), newUplink(), newMemory()
	}
	f.polite.set(max(o.PerHost, 0), o.OnWait)
	f.polite.restore(o.Waits)
	if f.timeout <= 0 {
		f.timeout = 30 * time.Second
	}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	if f.observe == nil {
		f.observe = func(Exchange) {}
	}
	return f, nil
}

// CloseIdleConnections closes connections that nobody uses.
func (f *Fetcher) CloseIdleConnections() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.transports {
		t.CloseIdleConnections()
	}
}

func userAgent(version, contact string) string {
	if version == "" {
		version = "dev"
	}
	agent := "Vedetta/" + headerText(version)
	if contact = headerText(contact); contact != "" {
		agent += " (+" + contact + ")"
	}
	return agent
}

// headerText drops what may not stand in a header.
func headerText(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		if c := s[i]; c > 0x20 && c < 0x7f {
			b = append(b, c)
		}
	}
	return string(b)
}

// transport returns the way to a source's site.
func (f *Fetcher) transport(rule news.RequestRule) (http.RoundTripper, error) {
	if f.fixed != nil {
		return f.fixed, nil
	}
	key := transportKey{rule.Proxy, rule.CA, rule.HTTP1}
	f.mu.Lock()
	defer f.mu.Unlock()
	if t, ok := f.transports[key]; ok {
		return t, nil
	}
	if len(f.transports) > 1000 {
		return nil, errors.New("too many different proxies and certificates")
	}
	t, err := newTransport(f.guard, rule)
	if err != nil {
		return nil, err
	}
	f.transports[key] = t
	return t, nil
}
