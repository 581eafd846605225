package fetcher

import (
	"context"
	"fmt"
	"net"
	"testing"
)

func TestPasses(t *testing.T) {
	f := &Fetcher{}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&StatusError{Code: 404}, false},
		{&StatusError{Code: 403}, false},
		{&StatusError{Code: 503, Blocked: "Cloudflare"}, false},
		{&StatusError{Code: 410}, false},
		{&StatusError{Code: 500}, true},
		{&StatusError{Code: 429}, true},
		{&StatusError{Code: 403, unasked: true}, true},
		{ErrRobots, false},
		{errNoRobots, true},
		{ErrNotPage, false},
		{ErrTooLarge, false},
		{ErrPrivate, false},
		{ErrHostDown, true},
		{ErrOffline, true},
		{context.DeadlineExceeded, true},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, true},
	} {
		if got := f.Passes(fmt.Errorf("get page: %w", c.err)); got != c.want {
			t.Errorf("Passes(%v) = %v; want %v", c.err, got, c.want)
		}
	}
}
