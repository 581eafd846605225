package fetcher

import (
	"errors"

	"vedetta/news"
)

// Passes reports whether a failure is of the kind that passes by itself, so
// that the same request is worth another try later: no connection, no answer
// in time, the server's own trouble, or a request to wait. What a site says on
// purpose (not there, forbidden, robots.txt, a bot wall) does not pass; a
// robots.txt that the server failed to give does.
func (f *Fetcher) Passes(err error) bool {
	if errors.Is(err, ErrHostDown) || errors.Is(err, errNoRobots) {
		return true
	}
	if status, ok := errors.AsType[*StatusError](err); ok && status.unasked {
		return true
	}
	switch faultOf(err) {
	case news.FaultDNS, news.FaultConnect, news.FaultTimeout, news.FaultServer, news.FaultLimited, news.FaultOffline:
		return true
	default:
		return false
	}
}
