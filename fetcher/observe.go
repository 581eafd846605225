package fetcher

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"vedetta/news"
)

// Exchange is one request and what came of it, for those who count. A
// redirect is an exchange of its own.
type Exchange struct {
	Source string     // Source.ID; empty where none is being read
	Kind   string     // what was asked for: "feed", "page" or "robots"
	Status int        // of the answer; 0 when none came
	Fault  news.Fault // why it failed; empty when it did not
	Wire   int64      // bytes of the body as they came
	Body   int64      // bytes of the body after decompression, where it was taken
	Took   time.Duration
}

// report tells of an exchange.
func (f *Fetcher) report(q question, m *meter, body int, took time.Duration, err error) {
	if errors.Is(err, context.Canceled) {
		return // our own end, not the site's answer
	}
	x := Exchange{Source: q.src.ID, Kind: q.kind(), Status: m.status, Wire: m.wire, Body: int64(body), Took: took}
	if err != nil {
		x.Fault = faultOf(err)
	}
	f.observe(x)
}

// kind is what is asked for, in a word.
func (q question) kind() string {
	switch {
	case q.page:
		return "page"
	case q.limit == maxRobots:
		return "robots"
	}
	return "feed"
}

// meter passes one request on and measures its answer.
type meter struct {
	next   http.RoundTripper
	status int
	wire   int64
}

// RoundTrip implements http.RoundTripper.
func (m *meter) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := m.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	m.status = resp.StatusCode
	resp.Body = &metered{ReadCloser: resp.Body, n: &m.wire}
	return resp, nil
}

// metered counts what is read.
type metered struct {
	io.ReadCloser
	n *int64
}

func (b *metered) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	*b.n += int64(n)
	return n, err
}
