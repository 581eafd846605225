package fetcher

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"vedetta/news"
)

// Errors that a caller may want to tell apart.
var (
	ErrTooLarge  = errors.New("body is too large")
	ErrPrivate   = errors.New("address is not allowed")
	ErrRobots    = errors.New("robots.txt forbids it")
	ErrNotFeed   = errors.New("answer is not a feed")
	ErrNotPage   = errors.New("answer is not a page")
	ErrRedirects = errors.New("too many redirects")
	ErrHostDown  = errors.New("host did not answer a moment ago")
	ErrOffline   = errors.New("own connection is down")
)

// errNotPublic is an address that the configuration could open.
var errNotPublic = fmt.Errorf("%w: it is not public; poll.allow in feeds.yaml can open it", ErrPrivate)

// errNoRobots is a robots.txt that cannot be had for now, and so forbids all.
var errNoRobots = fmt.Errorf("%w: the file itself cannot be had for now", ErrRobots)

// errBroken is a body that cannot be decompressed.
var errBroken = errors.New("body is broken")

// StatusError is an answer that brings nothing.
type StatusError struct {
	Code       int
	RetryAfter time.Time // zero when the site does not say
	Blocked    string    // the bot wall that answered instead of the site: "Cloudflare", "DataDome", …
	unasked    bool      // the host asked through other addresses to wait
}

func (e *StatusError) Error() string {
	if e.unasked {
		return "not asked: the site said to wait until " + e.RetryAfter.UTC().Format(time.RFC3339)
	}
	text := strings.TrimSpace(fmt.Sprintf("HTTP %d %s", e.Code, http.StatusText(e.Code)))
	if e.Blocked != "" {
		text += ", blocked by " + e.Blocked
	}
	if !e.RetryAfter.IsZero() {
		text += ", retry after " + e.RetryAfter.UTC().Format(time.RFC3339)
	}
	return text
}

// faultOf names the kind of a failure.
func faultOf(err error) news.Fault {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return faultOfStatus(status)
	}
	switch {
	case errors.Is(err, ErrOffline):
		return news.FaultOffline
	case errors.Is(err, ErrPrivate):
		return news.FaultAddress
	case errors.Is(err, ErrRobots):
		return news.FaultRobots
	case errors.Is(err, ErrNotFeed), errors.Is(err, ErrNotPage), errors.Is(err, ErrTooLarge), errors.Is(err, ErrRedirects), errors.Is(err, errBroken):
		return news.FaultFormat
	case errors.Is(err, context.DeadlineExceeded):
		return news.FaultTimeout
	}
	if isTLS(err) {
		return news.FaultTLS
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return news.FaultDNS
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return news.FaultTimeout
	}
	return news.FaultConnect
}

func faultOfStatus(e *StatusError) news.Fault {
	switch {
	case e.Blocked != "":
		return news.FaultBlocked
	case e.Code == http.StatusGone:
		return news.FaultGone
	case e.limited():
		return news.FaultLimited
	case e.Code >= 500:
		return news.FaultServer
	case e.Code >= 400:
		return news.FaultClient
	}
	return news.FaultFormat
}

// limited reports whether the site asks to come less often.
func (e *StatusError) limited() bool {
	return e.Code == http.StatusTooManyRequests ||
		e.Code == http.StatusServiceUnavailable && !e.RetryAfter.IsZero()
}

func isTLS(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	return err != nil && strings.Contains(err.Error(), "tls: ")
}

// atNetwork reports whether a failure says that no server was reached, as
// against a server that answered badly.
func atNetwork(f news.Fault) bool {
	return f == news.FaultDNS || f == news.FaultConnect || f == news.FaultTimeout
}
