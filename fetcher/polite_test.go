package fetcher

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/news"
)

// trip is an origin without a network, for simulated time.
type trip func(*http.Request) (*http.Response, error)

func (t trip) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func respond(r *http.Request, status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{
		StatusCode: status, Header: h, Request: r, ContentLength: -1,
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

func simulated(t *testing.T, perHost time.Duration, rt trip) *Fetcher {
	t.Helper()
	f, err := New(Options{Version: "1", PerHost: perHost, Transport: rt})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestOneAtATimeAndSpaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		busy, seen := map[string]bool{}, map[string][]time.Time{}
		f := simulated(t, 5*time.Second, func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			if busy[r.URL.Host] {
				t.Errorf("two requests at a time to %s", r.URL.Host)
			}
			busy[r.URL.Host] = true
			seen[r.URL.Host] = append(seen[r.URL.Host], time.Now())
			mu.Unlock()
			time.Sleep(700 * time.Millisecond)
			mu.Lock()
			busy[r.URL.Host] = false
			mu.Unlock()
			return respond(r, 200, rssFeed(1, time.Now())), nil
		})
		var wg sync.WaitGroup
		for i := range 20 {
			address := fmt.Sprintf("https://%c.example/feed/%d", 'a'+i%2, i)
			wg.Go(func() { _, _, _ = f.Feed(t.Context(), news.Source{ID: address, URL: address}, news.Poll{}) })
			wg.Go(func() { _, _ = f.Page(t.Context(), news.Source{ID: address, URL: address}, address+"/page") })
		}
		wg.Wait()
		for host, times := range seen {
			if len(times) != 21 { // 10 feeds, 10 pages, one robots.txt
				t.Errorf("%s: %d requests", host, len(times))
			}
			for i := 1; i < len(times); i++ {
				if gap := times[i].Sub(times[i-1]); gap < 5*time.Second {
					t.Errorf("%s: %v between requests", host, gap)
				}
			}
		}
	})
}

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		header, status, requests := []string{"Retry-After", "7200"}, 429, 0
		f := simulated(t, 0, func(r *http.Request) (*http.Response, error) {
			requests++
			return respond(r, status, "", header...), nil
		})
		src := news.Source{ID: "a", URL: "https://a.example/feed"}
		check := func(name string, last news.Poll, want time.Duration) news.Poll {
			t.Helper()
			time.Sleep(14 * 24 * time.Hour)
			_, next, err := f.Feed(t.Context(), src, last)
			if e, ok := errors.AsType[*StatusError](err); !ok || e.Code != status {
				t.Errorf("%s: %v", name, err)
			}
			if got := time.Until(next.NotBefore); got.Round(time.Second) != want {
				t.Errorf("%s: not before %v, want %v", name, got, want)
			}
			return next
		}
		check("seconds", news.Poll{}, 2*time.Hour)
		header = []string{"Retry-After", "10000000"}
		check("too long", news.Poll{}, 7*24*time.Hour)
		status = 503
		date := time.Now().Add(14*24*time.Hour + 3*time.Hour).UTC().Format(http.TimeFormat)
		header = []string{"Retry-After", date}
		check("date", news.Poll{}, 3*time.Hour)
		header = []string{"Retry-After", "Thu, 01 Jan 2015 03:00:00 GMT", "Date", "Thu, 01 Jan 2015 00:00:00 GMT"}
		check("date by a wrong clock", news.Poll{}, 3*time.Hour)
		header, status = nil, 429
		last := check("none", news.Poll{}, time.Hour)
		last = check("none, again", last, 2*time.Hour)
		for range 5 {
			time.Sleep(time.Minute)
			_, last, _ = f.Feed(t.Context(), src, last)
		}
		check("none, often", last, 24*time.Hour)
		if last.Fault != news.FaultLimited {
			t.Errorf("fault %q", last.Fault)
		}
	})
}

func TestHostWaitsAfterThreeLimitedAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		f := simulated(t, 5*time.Second, func(r *http.Request) (*http.Response, error) {
			requests++
			return respond(r, 429, "", "Retry-After", "3600"), nil
		})
		for i := range 6 {
			address := fmt.Sprintf("https://a.example/%d", i)
			_, next, err := f.Feed(t.Context(), news.Source{ID: address, URL: address}, news.Poll{})
			if _, ok := errors.AsType[*StatusError](err); !ok || next.NotBefore.Before(time.Now().Add(50*time.Minute)) {
				t.Errorf("address %d: %v, not before %v", i, err, time.Until(next.NotBefore))
			}
		}
		if requests != 3 {
			t.Errorf("%d requests, want 3", requests)
		}
	})
}

func TestWaitsOutliveTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := map[string]int{}
		rt := trip(func(r *http.Request) (*http.Response, error) {
			requests[r.URL.Host]++
			if strings.HasPrefix(r.URL.Path, "/robots") {
				return respond(r, 404, ""), nil
			}
			return respond(r, 429, "", "Retry-After", "7200"), nil
		})
		var kept Waits
		start := func(before *Fetcher) *Fetcher {
			f, err := New(Options{Transport: rt, Waits: kept, OnWait: func(w Waits) { kept = w }, Before: before})
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		page := func(f *Fetcher, address string) error {
			_, err := f.Page(t.Context(), news.Source{ID: "a", URL: "https://a.example/feed"}, address)
			return err
		}
		f := start(nil)
		for i := range 3 {
			_ = page(f, fmt.Sprintf("https://a.example/%d", i))
		}
		_ = page(f, "https://b.example/uno")
		for name, f := range map[string]*Fetcher{"reload": start(f), "restart": start(nil)} {
			clear(requests)
			var wait *StatusError
			for _, address := range []string{"https://a.example/nuova", "https://a.example/0", "https://b.example/uno"} {
				if err := page(f, address); !errors.As(err, &wait) || !f.Passes(err) {
					t.Errorf("%s: %s: %v", name, address, err)
				}
			}
			_, next, _ := f.Feed(t.Context(), news.Source{ID: "a", URL: "https://a.example/feed"}, news.Poll{})
			if requests["a.example"] > 1 || requests["b.example"] > 1 { // robots.txt
				t.Errorf("%s: requests %v", name, requests)
			}
			if wait := time.Until(next.NotBefore); wait < 119*time.Minute || next.Failures != 0 {
				t.Errorf("%s: the feed waits %v, %d failures", name, wait, next.Failures)
			}
			// Another page of a host that asked for one only.
			if _ = page(f, "https://b.example/"+name); requests["b.example"] == 0 {
				t.Errorf("%s: one address closed its host", name)
			}
		}
		kept = Waits{Hosts: map[string]time.Time{"c.example": time.Now().Add(1000 * time.Hour)}, Addresses: map[string]time.Time{"%": time.Now().Add(time.Hour)}}
		f = start(nil)
		clear(requests)
		if _ = page(f, "https://c.example/"); requests["c.example"] == 0 {
			t.Error("a wait beyond what any site is granted is believed")
		}
		kept = Waits{}
		f = start(nil)
		_ = page(f, "https://d.example/")
		time.Sleep(121 * time.Minute)
		clear(requests)
		if _ = page(f, "https://d.example/"); requests["d.example"] == 0 {
			t.Error("waits for ever")
		}
	})
}

func TestDeadHostIsNotAskedByEachOfItsFeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		f := simulated(t, 5*time.Second, func(r *http.Request) (*http.Response, error) {
			if r.URL.Host != "a.example" {
				return respond(r, 200, rssFeed(1, time.Now())), nil
			}
			requests++
			return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		})
		for i := range 5 {
			address := fmt.Sprintf("https://a.example/%d", i)
			_, next, err := f.Feed(t.Context(), news.Source{ID: address, URL: address}, news.Poll{})
			if err == nil || next.Fault != news.FaultConnect {
				t.Errorf("address %d: %v (%s)", i, err, next.Fault)
			}
		}
		if requests != 1 {
			t.Errorf("%d requests, want 1", requests)
		}
		time.Sleep(deadFor)
		_, _, _ = f.Feed(t.Context(), news.Source{ID: "a", URL: "https://a.example/"}, news.Poll{})
		if requests != 2 {
			t.Errorf("%d requests after the pause, want 2", requests)
		}
	})
}

func TestOwnOutageBlamesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := true
		f := simulated(t, 0, func(r *http.Request) (*http.Response, error) {
			if up {
				return respond(r, 200, rssFeed(1, time.Now())), nil
			}
			return nil, &net.DNSError{Err: "no such host", Name: r.URL.Host, IsTemporary: true}
		})
		polls := map[string]news.Poll{}
		round := func() {
			for i := range 20 {
				address := fmt.Sprintf("https://%d.example/", i)
				_, polls[address], _ = f.Feed(t.Context(), news.Source{ID: address, URL: address}, polls[address])
			}
		}
		round()
		up = false
		time.Sleep(time.Hour)
		round()
		for range 5 {
			for address, p := range polls {
				if p.Failures > 0 || !p.FailingSince.IsZero() || p.Err == "" {
					t.Errorf("%s was blamed: %+v", address, p)
				}
			}
			time.Sleep(backOffLocal)
			round()
		}
		up = true
		time.Sleep(backOffLocal)
		round()
		for address, p := range polls {
			if p.Failed() {
				t.Errorf("%s did not recover: %s", address, p.Err)
			}
		}
	})
}

func TestMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []string
		f := simulated(t, 0, func(r *http.Request) (*http.Response, error) {
			asked = append(asked, r.URL.Path)
			if r.URL.Path == "/old" {
				return respond(r, 301, "", "Location", "/new"), nil
			}
			return respond(r, 200, rssFeed(1, time.Now())), nil
		})
		src, last := news.Source{ID: "a", URL: "https://a.example/old"}, news.Poll{}
		for i := range 5 {
			asked = nil
			_, last, _ = f.Feed(t.Context(), src, last)
			direct := len(asked) == 1 && asked[0] == "/new"
			if direct != (i >= 3) {
				t.Errorf("visit %d asked %v", i, asked)
			}
			if last.Moved != "https://a.example/new" {
				t.Errorf("visit %d: moved to %q", i, last.Moved)
			}
			time.Sleep(25 * time.Hour)
		}
	})
}

func TestGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := simulated(t, 0, func(r *http.Request) (*http.Response, error) { return respond(r, 410, ""), nil })
		src, last := news.Source{ID: "a", URL: "https://a.example/"}, news.Poll{}
		for _, want := range []time.Duration{24 * time.Hour, 30 * 24 * time.Hour, 30 * 24 * time.Hour} {
			_, last, _ = f.Feed(t.Context(), src, last)
			if got := time.Until(last.NotBefore); got != want {
				t.Errorf("not before %v, want %v", got, want)
			}
			time.Sleep(want)
		}
	})
}

func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := simulated(t, 0, func(r *http.Request) (*http.Response, error) { return respond(r, 500, ""), nil })
		src, last := news.Source{ID: "a", URL: "https://a.example/"}, news.Poll{}
		start := time.Now()
		var waits []time.Duration
		for time.Since(start) < 50*24*time.Hour {
			_, last, _ = f.Feed(t.Context(), src, last)
			waits = append(waits, time.Until(last.NotBefore))
			time.Sleep(time.Until(last.NotBefore))
		}
		for i, want := range []time.Duration{time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour} {
			if waits[i] != want {
				t.Errorf("wait %d is %v, want %v", i, waits[i], want)
			}
		}
		if got := waits[len(waits)-1]; got != 7*24*time.Hour {
			t.Errorf("after a month %v", got)
		}
	})
}
