package fetcher

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode"

	"vedetta/news"
)

const (
	maxRedirects = 10
	maxAddress   = 4096
	headSize     = 64 << 10 // of the body of a bad answer, to name a bot wall

	acceptFeed = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
	acceptPage = "text/html, application/xhtml+xml, */*;q=0.5"
)

// question is what is asked of a site.
type question struct {
	src     news.Source
	address string
	accept  string
	limit   int64
	page    bool          // what is no text is not read
	robots  bool          // hold each address against its site's robots.txt
	prefix  bool          // of a body that is too large the beginning will do
	room    *bytes.Buffer // to read the body into; nil for room of its own
	// Validators, sent only to the address that gave them.
	etag, modified, of string
}

// answer is what a site said in the end, after redirects.
type answer struct {
	url    *url.URL // that answered
	status int      // 200 or 304
	header http.Header
	body   []byte
	moved  bool // there were redirects, all of them permanent
	sent   time.Time
}

// get asks, following redirects. Each hop is checked and waits its turn like
// any other request; the time on the wire, waiting aside, is bounded in all.
func (f *Fetcher) get(ctx context.Context, q question) (answer, error) {
	u, err := parseAddress(q.address)
	if err != nil {
		return answer{}, err
	}
	transport, err := f.transport(q.src.Request)
	if err != nil {
		return answer{}, err
	}
	left, moved := f.timeout, true
	var sent time.Time
	seen := map[string]bool{}
	for hop := range maxRedirects + 1 {
		if seen[u.String()] {
			return answer{sent: sent}, fmt.Errorf("%w: they lead back to %s", ErrRedirects, u.Redacted())
		}
		seen[u.String()] = true
		if q.robots {
			if err := f.allowed(ctx, q.src, u); err != nil {
				return answer{sent: sent}, err
			}
		}
		var a answer
		var to *url.URL
		var permanent bool
		leave, err := f.polite.enter(ctx, hostKey(u), u.Redacted())
		if err != nil {
			return answer{}, err
		}
		start := time.Now()
		if sent.IsZero() {
			sent = start
		}
		meter := &meter{next: transport}
		a, to, permanent, err = f.exchange(ctx, meter, q, u, left)
		leave()
		took := time.Since(start)
		left -= took
		f.report(q, meter, len(a.body), took, err)
		f.log.DebugContext(ctx, "asked", "url", u.Redacted(), "status", a.status, "dur", took, "err", err)
		if err != nil {
			return answer{sent: sent}, err
		}
		if to == nil {
			a.sent = sent
			a.moved = moved && hop > 0
			return a, nil
		}
		moved = moved && permanent
		u = to
	}
	return answer{sent: sent}, ErrRedirects
}

// parseAddress reads an address that may be asked at all.
func parseAddress(s string) (*url.URL, error) {
	if len(s) > maxAddress {
		return nil, fmt.Errorf("address of %d bytes: %w", len(s), ErrPrivate)
	}
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPrivate, err)
	}
	if scheme := strings.ToLower(u.Scheme); scheme != "http" && scheme != "https" {
		return nil, fmt.Errorf("scheme %q: %w", u.Scheme, ErrPrivate)
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("no host: %w", ErrPrivate)
	}
	if isNumeric(u.Hostname()) {
		return nil, fmt.Errorf("address in numbers %q: %w", u.Hostname(), ErrPrivate)
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// isNumeric reports whether a host would be read as an IPv4 address by some
// resolvers, though it is not written as one: "2130706433", "0x7f.1", "0177.0.0.1".
func isNumeric(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	host = strings.TrimSuffix(host, ".")
	last := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	return last != "" && (strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") && strings.Trim(last[2:], "0123456789abcdef") == "")
}

// exchange is one request with its answer: an answer, or the address that it
// sends to and whether for good.
func (f *Fetcher) exchange(ctx context.Context, transport http.RoundTripper, q question, u *url.URL, left time.Duration) (answer, *url.URL, bool, error) {
	inner, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	req, err := f.request(inner, q, u)
	if err != nil {
		return answer{}, nil, false, err
	}
	if q.src.Request.Proxy != "" && !f.guard.permitLiteral(u) {
		return answer{}, nil, false, errNotPublic
	}
	key := hostKey(u)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		err = f.unreached(ctx, inner, key, err)
		return answer{}, nil, false, err
	}
	defer resp.Body.Close()
	f.polite.answered(key)
	f.uplink.up()
	if to, permanent, err := redirect(resp, u); to != nil || err != nil {
		return answer{}, to, permanent, err
	}
	a := answer{url: u, status: resp.StatusCode, header: resp.Header}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusNonAuthoritativeInfo: // the latter through a proxy that changed it
		a.status = http.StatusOK
		if kind := resp.Header.Get("Content-Type"); q.page && !isText(kind) {
			return answer{}, nil, false, fmt.Errorf("%w but %.80q", ErrNotPage, kind)
		}
		if resp.ContentLength > q.limit && !q.prefix {
			return answer{}, nil, false, tooLarge(q.limit)
		}
		a.body, err = readBody(resp, q.limit, q.room)
		if q.prefix && errors.Is(err, ErrTooLarge) {
			a.body, err = a.body[:bytes.LastIndexByte(a.body, '\n')+1], nil // whole lines
		}
		return a, nil, false, interrupted(ctx, inner, err)
	case http.StatusNotModified:
		if req.Header.Get("If-None-Match") != "" || req.Header.Get("If-Modified-Since") != "" {
			return a, nil, false, nil
		}
	}
	return answer{}, nil, false, f.refused(resp, key, u)
}

// isText reports whether a media type may be a page's.
func isText(contentType string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), "/")
	switch strings.TrimSpace(kind) {
	case "image", "audio", "video", "font":
		return false
	case "application":
		return strings.Contains(contentType, "html") || strings.Contains(contentType, "xml")
	}
	return true
}

// maxSecret bounds the file of a header's value.
const maxSecret = 8 << 10

// secret is the line that a file holds.
func secret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", err
	}
	value := strings.TrimRight(string(data), "\r\n")
	switch {
	case len(data) > maxSecret:
		return "", fmt.Errorf("%s: %w", path, ErrTooLarge)
	case value == "":
		return "", fmt.Errorf("%s is empty", path)
	case strings.ContainsFunc(value, unicode.IsControl):
		return "", fmt.Errorf("%s holds more than a line of text", path)
	}
	return value, nil
}

func (f *Fetcher) request(ctx context.Context, q question, u *url.URL) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if u.User != nil {
		password, _ := u.User.Password()
		req.SetBasicAuth(u.User.Username(), password)
		req.URL.User = nil
	}
	if own, err := url.Parse(q.src.Address()); err == nil && confided(own, u) {
		for name, value := range q.src.Request.Headers {
			req.Header.Set(name, value)
		}
		for name, file := range q.src.Request.HeaderFiles {
			value, err := secret(file)
			if err != nil {
				return nil, fmt.Errorf("read the value of header %s: %w", name, err)
			}
			req.Header.Set(name, value)
		}
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", f.agent)
	}
	req.Header.Set("Accept", q.accept)
	req.Header.Set("Accept-Encoding", acceptEncoding)
	if q.of == u.Redacted() {
		if q.etag != "" {
			req.Header.Set("If-None-Match", onWire(q.etag))
		}
		if q.modified != "" {
			req.Header.Set("If-Modified-Since", onWire(q.modified))
		}
	}
	return req, nil
}

// confided reports whether what is meant for one address, such as a password,
// may be sent to another: it is the same host, and not by a less private way.
func confided(own, other *url.URL) bool {
	return strings.EqualFold(own.Host, other.Host) && (other.Scheme == "https" || !strings.EqualFold(own.Scheme, "https"))
}

// unreached judges the failure of a request that got no answer.
func (f *Fetcher) unreached(ctx, inner context.Context, key string, err error) error {
	err = interrupted(ctx, inner, err)
	if ctx.Err() != nil {
		return err
	}
	if !atNetwork(faultOf(err)) {
		return err
	}
	outage, unsure := f.uplink.down(key)
	if outage {
		return fmt.Errorf("%w: %w", ErrOffline, err)
	}
	f.polite.failed(key, err)
	if unsure && undialled(err) {
		return unsureError{err}
	}
	return err
}

// interrupted tells our own end from the site's slowness: the caller's
// cancellation stays context.Canceled, the deadline of the exchange is
// context.DeadlineExceeded, however the transport words it.
func interrupted(ctx, inner context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case inner.Err() != nil && !errors.Is(err, inner.Err()):
		return fmt.Errorf("%w: %w", inner.Err(), err)
	}
	return err
}

// redirect returns where an answer sends to, nil if nowhere.
func redirect(resp *http.Response, from *url.URL) (to *url.URL, permanent bool, err error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusPermanentRedirect:
		permanent = true
	case http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect:
	default:
		return nil, false, nil
	}
	location := resp.Header.Get("Location")
	if location == "" {
		return nil, false, &StatusError{Code: resp.StatusCode}
	}
	ref, err := url.Parse(location)
	if err != nil {
		return nil, false, fmt.Errorf("redirect: %w: %w", ErrPrivate, err)
	}
	to, err = parseAddress(from.ResolveReference(ref).String())
	if err != nil {
		return nil, false, fmt.Errorf("redirect: %w", err)
	}
	to.User = nil // nobody but the configuration gives credentials
	if confided(from, to) {
		to.User = from.User
	}
	return to, permanent, nil
}

// refused makes the error of a bad answer, and lets the host know that it has
// been heard where it asks to come less often.
func (f *Fetcher) refused(resp *http.Response, key string, u *url.URL) error {
	now := time.Now()
	head := headOf(resp)
	e := &StatusError{
		Code:       resp.StatusCode,
		RetryAfter: retryAfter(resp.Header, now),
		Blocked:    blockedBy(resp.StatusCode, resp.Header, head),
	}
	if e.limited() {
		f.polite.limit(key, u.Redacted(), e.RetryAfter)
	}
	return e
}

// headOf returns the start of a body, as far as it arrived: enough to name a
// wall, and never an error of its own.
func headOf(resp *http.Response) []byte {
	r, done, err := decoded(resp)
	if err != nil {
		return nil
	}
	defer done()
	head, _ := io.ReadAll(io.LimitReader(r, headSize))
	return head
}
