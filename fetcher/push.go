package fetcher

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"vedetta/news"
)

const (
	maxHubRedirects = 3
	maxHubReason    = 200 // characters of what a hub says to a refusal
)

// Post sends a form to an address, such as that of a hub, under the same rules
// as any other request: it waits its turn, private addresses are refused, and
// the whole of it is bounded. 307 and 308 are followed, though never from
// https to http, since forms hold secrets. An answer other than 2xx is a
// StatusError.
func (f *Fetcher) Post(ctx context.Context, address string, form url.Values) error {
	u, err := parseAddress(address)
	if err != nil {
		return err
	}
	transport, err := f.transport(news.RequestRule{})
	if err != nil {
		return err
	}
	left := f.timeout
	for range maxHubRedirects + 1 {
		leave, err := f.polite.enter(ctx, hostKey(u), u.Redacted())
		if err != nil {
			return err
		}
		start := time.Now()
		to, err := f.post(ctx, transport, u, form, left)
		leave()
		left -= time.Since(start)
		switch {
		case err != nil:
			return err
		case to == nil:
			return nil
		case u.Scheme == "https" && to.Scheme != "https":
			return fmt.Errorf("redirect from https to http: %w", ErrPrivate)
		}
		u = to
	}
	return ErrRedirects
}

// post is one request of Post: nil, or the address that it sends to.
func (f *Fetcher) post(ctx context.Context, transport http.RoundTripper, u *url.URL, form url.Values, left time.Duration) (*url.URL, error) {
	inner, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	req, err := http.NewRequestWithContext(inner, http.MethodPost, u.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("User-Agent", f.agent)
	req.Header.Set("Accept-Encoding", acceptEncoding)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	key := hostKey(u)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, f.unreached(ctx, inner, key, err)
	}
	defer resp.Body.Close()
	f.polite.answered(key)
	f.uplink.up()
	switch {
	case resp.StatusCode/100 == 2:
		_, _ = io.CopyN(io.Discard, resp.Body, headSize) // so that the connection can be used again
		return nil, nil
	case resp.StatusCode == http.StatusTemporaryRedirect || resp.StatusCode == http.StatusPermanentRedirect:
		to, _, err := redirect(resp, u)
		return to, err
	}
	head := headOf(resp)
	e := &StatusError{Code: resp.StatusCode, RetryAfter: retryAfter(resp.Header, time.Now()), Blocked: blockedBy(resp.StatusCode, resp.Header, head)}
	if e.limited() {
		f.polite.limit(key, u.Redacted(), e.RetryAfter)
	}
	if reason := oneLine(string(toUTF8(head, ""))); reason != "" && !looksHTML(head, resp.Header.Get("Content-Type")) {
		return nil, fmt.Errorf("%w: %s", e, cutText(reason, maxHubReason))
	}
	return nil, e
}

// cutText is a text of at most n bytes, whole characters only.
func cutText(s string, n int) string {
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// Delivery reads what a source's hub sent of its feed. Since this was no
// visit, next is last but for what the items tell of the source: when it is
// asked next, and with which validators, stays as it was. A delivery is
// refused until the feed at the configured address has been asked: the hub was
// named by another.
func (f *Fetcher) Delivery(src news.Source, last news.Poll, d news.Delivery) (items []news.Item, next news.Poll, err error) {
	if src.URL == "" || last.Configured != configured(src) || int64(len(d.Body)) > maxFeed {
		return nil, last, fmt.Errorf("read delivery: %w", ErrNotFeed)
	}
	now := time.Now()
	items, _, err = ParseFeed(src, d.Body, d.ContentType, or(last.Address, src.URL), now)
	if err != nil {
		return nil, last, fmt.Errorf("read delivery: %w", err)
	}
	f.memory.remember(src.ID, "", "", nil) // what was read last is no longer the last answer
	if last.BadGUIDs {
		dropGUIDs(items)
	}
	next = last
	next.Pushed = now
	if newest, _ := rhythmOf(items); newest.After(next.Newest) {
		next.Newest = newest
	}
	return items, next, nil
}

// Reachable reports whether others can reach a server of ours at an address:
// it is public by what can be told from its text, or opened by Options.Allow.
func (f *Fetcher) Reachable(address string) bool {
	u, err := parseAddress(address)
	if err != nil {
		return false
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Zone() == "" && f.guard.permit(netip.AddrPortFrom(a, portOf(u)))
	}
	// Names of special use (RFC 6761, 6762, 8375, 9476) and of local networks.
	for _, local := range [...]string{"localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "test", "invalid", "alt", "onion"} {
		if host == local || strings.HasSuffix(host, "."+local) {
			return false
		}
	}
	return strings.Contains(host, ".")
}
