package websub

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/news"
)

func TestSubscribe(t *testing.T) {
	h, form := subscribed(t)
	callback, secret := form.Get("hub.callback"), form.Get("hub.secret")
	id, ok := strings.CutPrefix(callback, base+Path)
	if !ok || len(id) < 26 || len(secret) < 32 || len(secret) >= 200 || strings.Contains(secret, id) {
		t.Errorf("callback %q, secret %q", callback, secret)
	}
	if form.Get("hub.mode") != "subscribe" || form.Get("hub.topic") != theTopic || form.Get("hub.lease_seconds") != "864000" {
		t.Errorf("asked %v", form)
	}
	h.sub.Polled("beta", news.Poll{}, polled(time.Now()), 0)
	h.sub.step(t.Context())
	if second, _ := h.last(); second.Get("hub.callback") == callback || second.Get("hub.secret") == secret {
		t.Error("two subscriptions share a callback or a secret")
	}
}

func TestWhoIsNotSubscribed(t *testing.T) {
	for name, c := range map[string]struct {
		base string
		poll func(*news.Poll)
	}{
		"we cannot be reached":          {"", func(*news.Poll) {}},
		"no hub":                        {base, func(p *news.Poll) { p.Hub = "" }},
		"hub on http for https":         {base, func(p *news.Poll) { p.Hub = "http://hub.example/" }},
		"address without end":           {base, func(p *news.Poll) { p.Self += strings.Repeat("x", maxAddress) }},
		"no topic that it could go by":  {base, func(p *news.Poll) { p.Self, p.Address = "", "" }},
		"a source that is not to be":    {base, func(p *news.Poll) { p.Configured = "gamma" }},
		"the hub's address has no end ": {base, func(p *news.Poll) { p.Hub += strings.Repeat("x", maxAddress) }},
	} {
		h := newHub(t)
		h.start(c.base)
		p := polled(time.Now())
		c.poll(&p)
		source := "alfa"
		if p.Configured != "" {
			source = p.Configured
		}
		h.sub.Polled(source, news.Poll{}, p, 0)
		h.sub.step(t.Context())
		if _, n := h.last(); n != 0 || len(h.kept()) != 0 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
}

// weeks runs the subscriber for some simulated time.
func weeks(t *testing.T, f func(t *testing.T, h *hub)) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		go h.sub.Run(ctx)
		f(t, h)
	})
}

func TestLeasesAreRenewed(t *testing.T) {
	weeks(t, func(t *testing.T, h *hub) {
		start := time.Now()
		time.Sleep(time.Second)
		last := polled(time.Now())
		h.sub.Polled("alfa", news.Poll{}, last, 0)
		synctest.Wait()
		if h.sub.Pushes("alfa", last) {
			t.Error("trusted before a poll has looked for what came before")
		}
		time.Sleep(time.Hour)
		last = polled(time.Now())
		for time.Since(start) < 60*24*time.Hour {
			if !h.sub.Pushes("alfa", last) {
				t.Fatalf("not pushed after %v", time.Since(start))
			}
			time.Sleep(5 * time.Hour)
		}
		_, n := h.last()
		if n < 7 || n > 9 { // every eight days
			t.Errorf("%d requests in sixty days", n)
		}
		callback := h.requests()[0].Get("hub.callback")
		for _, form := range h.requests() {
			if form.Get("hub.callback") != callback || form.Get("hub.mode") != "subscribe" {
				t.Errorf("a renewal is another subscription: %v", form)
			}
		}
	})
}

func TestLeases(t *testing.T) {
	for lease, c := range map[string]struct {
		alive time.Duration // 0: the subscription is refused
		asked int           // in a week, at most
	}{
		"":                    {askedLease, 1},
		"0":                   {0, 9},
		"-1":                  {0, 9},
		"59":                  {0, 9},
		"abc":                 {0, 9},
		"1e9":                 {0, 9},
		"3600":                {time.Hour, 220},
		"99999999999":         {mostLease, 1},
		"9999999999999999999": {mostLease, 1}, // more than 64 bits hold
	} {
		weeks(t, func(t *testing.T, h *hub) {
			h.does(h.verifies(lease))
			h.sub.Polled("alfa", news.Poll{}, polled(time.Now()), 0)
			synctest.Wait()
			alive := time.Duration(0)
			for _, sub := range h.kept() {
				if sub.alive(time.Now()) {
					alive = time.Until(sub.Until)
				}
			}
			if alive != c.alive {
				t.Errorf("lease %q: alive for %v, want %v", lease, alive, c.alive)
			}
			time.Sleep(7 * 24 * time.Hour)
			if _, n := h.last(); n > c.asked {
				t.Errorf("lease %q: %d requests in a week", lease, n)
			}
		})
	}
}

func TestAHubThatFailsIsAskedEverLess(t *testing.T) {
	for name, answer := range map[string]func(url.Values) error{
		"answers badly":  func(url.Values) error { return errors.New("HTTP 500") },
		"never verifies": func(url.Values) error { return nil },
	} {
		weeks(t, func(t *testing.T, h *hub) {
			h.does(answer)
			start := time.Now()
			h.sub.Polled("alfa", news.Poll{}, polled(start), 0)
			time.Sleep(8 * 7 * 24 * time.Hour)
			if _, n := h.last(); n < 10 || n > 18 {
				t.Errorf("%s: asked %d times in eight weeks", name, n)
			}
			if len(h.sub.Pushing()) != 0 {
				t.Errorf("%s: is trusted", name)
			}
			h.does(h.verifies("864000"))
			time.Sleep(mostRetry)
			if len(h.sub.Pushing()) != 1 {
				t.Errorf("%s: is not asked again", name)
			}
		})
	}
}

func TestARenewalThatFailsLetsTheLeaseRunOut(t *testing.T) {
	weeks(t, func(t *testing.T, h *hub) {
		time.Sleep(time.Second)
		h.sub.Polled("alfa", news.Poll{}, polled(time.Now()), 0)
		time.Sleep(time.Hour)
		last := polled(time.Now())
		h.does(func(url.Values) error { return errors.New("no connection") })
		time.Sleep(askedLease - 2*time.Hour)
		if !h.sub.Pushes("alfa", last) {
			t.Error("a failed renewal ended the lease before its time")
		}
		time.Sleep(2 * time.Hour)
		if h.sub.Pushes("alfa", last) || len(h.sub.Pushing()) != 0 {
			t.Error("trusted beyond the lease")
		}
	})
}

func TestASilentHubIsNotTrustedForAWhile(t *testing.T) {
	weeks(t, func(t *testing.T, h *hub) {
		time.Sleep(time.Second)
		last := polled(time.Now())
		h.sub.Polled("alfa", news.Poll{}, last, 0)
		time.Sleep(time.Hour)
		// What a poll finds that was there before the subscription is no fault.
		next := polled(time.Now())
		h.sub.Polled("alfa", last, next, 3)
		if !h.sub.Pushes("alfa", next) {
			t.Fatal("blamed for what came before")
		}
		for i, wait := range []time.Duration{7, 14, 28, 28} {
			time.Sleep(24 * time.Hour)
			last, next = next, polled(time.Now())
			h.sub.Polled("alfa", last, next, 1)
			if h.sub.Pushes("alfa", next) {
				t.Fatal("trusted though it was silent")
			}
			_, before := h.last()
			time.Sleep(wait*24*time.Hour - time.Minute)
			if _, n := h.last(); n != before {
				t.Errorf("silence %d: asked before %d days were over", i+1, wait)
			}
			time.Sleep(2 * time.Minute)
			next = polled(time.Now())
			if _, n := h.last(); n != before+1 || !h.sub.Pushes("alfa", next) {
				t.Errorf("silence %d: not tried again", i+1)
			}
		}
	})
}

func TestASilentHubMayStillPush(t *testing.T) {
	h, form := subscribed(t)
	last := polled(time.Now().Add(time.Hour))
	h.sub.Polled("alfa", last, last, 2)
	if h.sub.Pushes("alfa", last) {
		t.Fatal("trusted though it was silent")
	}
	if code := h.push(form, "<feed/>"); code != 202 || len(h.taken()) != 1 {
		t.Errorf("its delivery is not taken: %d", code)
	}
}

func TestRestart(t *testing.T) {
	weeks(t, func(t *testing.T, h *hub) {
		time.Sleep(time.Second)
		h.sub.Polled("alfa", news.Poll{}, polled(time.Now()), 0)
		time.Sleep(time.Hour)
		last := polled(time.Now())
		_, asked := h.last()
		time.Sleep(time.Hour)
		h.start(base)
		form, n := h.last()
		if n != asked || len(h.sub.Pushing()) != 1 {
			t.Errorf("%d requests, pushing %v", n, h.sub.Pushing())
		}
		if h.sub.Pushes("alfa", last) {
			t.Error("trusted for what was pushed while nobody listened")
		}
		last = polled(time.Now().Add(time.Second))
		if !h.sub.Pushes("alfa", last) {
			t.Error("not trusted after a poll")
		}
		if code := h.push(form, "<feed/>"); code != 202 || len(h.taken()) != 1 {
			t.Errorf("a delivery after the restart: %d", code)
		}
	})
}

func TestUnreadableStoreBeginsAnew(t *testing.T) {
	h := newHub(t)
	h.drawer.values[setting] = "{"
	h.start(base)
	h.sub.Polled("alfa", news.Poll{}, polled(time.Now()), 0)
	h.sub.step(t.Context())
	if len(h.sub.Pushing()) != 1 {
		t.Error("no subscription")
	}
}

func TestWhatEndsASubscription(t *testing.T) {
	for name, end := range map[string]func(h *hub){
		"source is gone": func(h *hub) { h.settled.Sources = map[string]bool{"beta": true}; h.sub.Configure(h.settled) },
		"websub: false": func(h *hub) {
			h.settled.Sources = map[string]bool{"alfa": false, "beta": true}
			h.sub.Configure(h.settled)
		},
		"not reachable":   func(h *hub) { h.settled.Base = ""; h.sub.Configure(h.settled) },
		"another address": func(h *hub) { h.settled.Base = "https://altrove.example"; h.sub.Configure(h.settled) },
		"hub not named": func(h *hub) {
			p := polled(time.Now())
			p.Hub = ""
			h.sub.Polled("alfa", p, p, 0)
		},
	} {
		h, form := subscribed(t)
		end(h)
		if len(h.sub.Pushing()) != 0 || h.sub.Pushes("alfa", polled(time.Now().Add(time.Hour))) {
			t.Errorf("%s: still trusted", name)
		}
		if code := h.push(form, "<feed/>"); code != 410 {
			t.Errorf("%s: a delivery is answered %d", name, code)
		}
		h.sub.step(t.Context())
		asked, n := h.last()
		if n != 2 || asked.Get("hub.mode") != "unsubscribe" || asked.Get("hub.callback") != form.Get("hub.callback") || asked.Has("hub.secret") {
			t.Errorf("%s: asked %v", name, asked)
		}
		if len(h.kept()) != 0 {
			t.Errorf("%s: kept after the hub let go", name)
		}
	}
}

func TestAHubThatDoesNotLetGoIsLeft(t *testing.T) {
	weeks(t, func(t *testing.T, h *hub) {
		h.sub.Polled("alfa", news.Poll{}, polled(time.Now()), 0)
		synctest.Wait()
		h.does(func(url.Values) error { return errors.New("HTTP 500") })
		h.settled.Sources = nil
		h.sub.Configure(h.settled)
		time.Sleep(7 * 24 * time.Hour)
		if _, n := h.last(); n != 1+leaveTries || len(h.kept()) != 0 {
			t.Errorf("%d requests, %d kept", n, len(h.kept()))
		}
	})
}

// A feed under a stranger's hand could name another hub each time, to have us
// send forms about.
func TestAFeedThatNamesManyHubs(t *testing.T) {
	weeks(t, func(t *testing.T, h *hub) {
		topics := map[string]int{}
		for range 7 * 24 {
			p := polled(time.Now())
			p.Self = theTopic + "?" + time.Now().Format(time.RFC3339)
			h.sub.Polled("alfa", p, p, 0)
			time.Sleep(time.Hour)
			if len(h.kept()) > 4 {
				t.Fatalf("%d subscriptions of one source", len(h.kept()))
			}
		}
		for _, form := range h.requests() {
			topics[form.Get("hub.mode")]++
		}
		if topics["subscribe"] > 8 || topics["unsubscribe"] > 8 {
			t.Errorf("requests in a week: %v", topics)
		}
	})
}
