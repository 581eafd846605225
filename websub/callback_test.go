package websub

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/news"
)

// asked is a hub that has a request but has done nothing with it.
func asked(t *testing.T) (*hub, url.Values) {
	t.Helper()
	h := newHub(t)
	h.does(func(url.Values) error { return nil })
	h.sub.Polled("alfa", news.Poll{}, polled(time.Now()), 0)
	h.sub.step(t.Context())
	form, n := h.last()
	if n != 1 {
		t.Fatalf("%d requests", n)
	}
	return h, form
}

func TestVerification(t *testing.T) {
	good := func() url.Values {
		return url.Values{"hub.mode": {"subscribe"}, "hub.topic": {theTopic}, "hub.challenge": {"<b>sfida&#1;"}, "hub.lease_seconds": {"86400"}}
	}
	for name, spoil := range map[string]func(q url.Values, callback *string){
		"another topic":        func(q url.Values, _ *string) { q.Set("hub.topic", theTopic+"/") },
		"no topic":             func(q url.Values, _ *string) { q.Del("hub.topic") },
		"another mode":         func(q url.Values, _ *string) { q.Set("hub.mode", "unsubscribe") },
		"no mode":              func(q url.Values, _ *string) { q.Del("hub.mode") },
		"no challenge":         func(q url.Values, _ *string) { q.Del("hub.challenge") },
		"endless challenge":    func(q url.Values, _ *string) { q.Set("hub.challenge", strings.Repeat("x", maxChallenge+1)) },
		"another subscription": func(_ url.Values, c *string) { *c = base + Path + "AAAAAAAAAAAAAAAAAAAAAAAAAA" },
		"no subscription":      func(_ url.Values, c *string) { *c = base + Path },
	} {
		h, form := asked(t)
		q, callback := good(), form.Get("hub.callback")
		spoil(q, &callback)
		if code, body := h.get(callback, q); code != http.StatusNotFound || strings.Contains(body, "sfida") {
			t.Errorf("%s: %d %q", name, code, body)
		}
		if len(h.sub.Pushing()) != 0 {
			t.Errorf("%s: taken for a verification", name)
		}
	}
	h, form := asked(t)
	w := httptest.NewRecorder()
	h.sub.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, form.Get("hub.callback")+"?"+good().Encode(), nil))
	if w.Code != 200 || w.Body.String() != "<b>sfida&#1;" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
	if len(h.sub.Pushing()) != 1 {
		t.Error("not verified")
	}
	if code, _ := h.get(form.Get("hub.callback"), good()); code != http.StatusNotFound {
		t.Errorf("a replayed verification is answered %d", code)
	}
}

func TestVerificationAfterItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, form := asked(t)
		time.Sleep(askBack + time.Second)
		if code, _ := h.verify(form, "86400"); code != http.StatusNotFound || len(h.sub.Pushing()) != 0 {
			t.Errorf("answered %d", code)
		}
	})
}

func TestVerificationThatCannotBeStored(t *testing.T) {
	h, form := asked(t)
	h.drawer.broken = true
	if code, _ := h.verify(form, "86400"); code != http.StatusInternalServerError || len(h.sub.Pushing()) != 0 {
		t.Errorf("answered %d", code)
	}
	h.drawer.broken = false
	if code, _ := h.verify(form, "86400"); code != http.StatusOK || len(h.sub.Pushing()) != 1 {
		t.Errorf("then %d", code)
	}
}

func TestDenied(t *testing.T) {
	weeks(t, func(t *testing.T, h *hub) {
		h.sub.Polled("alfa", news.Poll{}, polled(time.Now()), 0)
		synctest.Wait()
		form, _ := h.last()
		denial := url.Values{"hub.mode": {"denied"}, "hub.topic": {"https://altro.example/"}, "hub.reason": {"<script>" + strings.Repeat("no ", 5000)}}
		if code, _ := h.get(form.Get("hub.callback"), denial); code != http.StatusNotFound || len(h.sub.Pushing()) != 1 {
			t.Errorf("a denial of another topic counts: %d", code)
		}
		denial.Set("hub.topic", theTopic)
		code, body := h.get(form.Get("hub.callback"), denial)
		if code != http.StatusOK || body != "" || len(h.sub.Pushing()) != 0 {
			t.Errorf("%d %q, pushing %v", code, body, h.sub.Pushing())
		}
		for _, sub := range h.kept() {
			if len(sub.Err) > maxReason+20 {
				t.Errorf("keeps a reason of %d bytes", len(sub.Err))
			}
		}
		time.Sleep(deniedRetry - time.Minute)
		if _, n := h.last(); n != 1 {
			t.Error("asked again at once")
		}
		time.Sleep(2 * time.Minute)
		if _, n := h.last(); n != 2 || len(h.sub.Pushing()) != 1 {
			t.Error("not asked again after a week")
		}
	})
}

// A hub that denies while its answer is still under way.
func TestDeniedAtOnce(t *testing.T) {
	h := newHub(t)
	h.answer = func(form url.Values) error {
		h.get(form.Get("hub.callback"), url.Values{"hub.mode": {"denied"}, "hub.topic": {theTopic}})
		return errors.New("HTTP 403")
	}
	h.sub.Polled("alfa", news.Poll{}, polled(time.Now()), 0)
	h.sub.step(t.Context())
	for _, sub := range h.kept() {
		if sub.Failures != 1 || time.Until(sub.Next) < deniedRetry-time.Minute || !strings.HasPrefix(sub.Err, "denied") {
			t.Errorf("%+v", sub)
		}
	}
}

func TestDeliveries(t *testing.T) {
	const body = `<feed xmlns="http://www.w3.org/2005/Atom"/>`
	for name := range signatures("", "") {
		h, form := subscribed(t)
		code := h.deliver(form, body, name+"="+signatures(form.Get("hub.secret"), body)[name])
		if got := h.taken(); code != http.StatusAccepted || len(got) != 1 || got[0].Source != "alfa" || string(got[0].Body) != body || got[0].ContentType != "application/atom+xml" {
			t.Errorf("%s: %d, %v", name, code, got)
		}
	}
	h, form := subscribed(t)
	secret := form.Get("hub.secret")
	for name, signature := range map[string]string{
		"none":           "",
		"wrong":          "sha256=" + strings.Repeat("0", 64),
		"short":          "sha256=" + signatures(secret, body)["sha256"][:62],
		"of another":     "sha256=" + signatures("altro", body)["sha256"],
		"of other bytes": "sha256=" + signatures(secret, body+" ")["sha256"],
		"unknown method": "md5=" + strings.Repeat("0", 32),
		"no digits":      "sha1=" + strings.Repeat("z", 40),
		"empty":          "sha256=",
		"no method":      signatures(secret, body)["sha256"],
		"two":            "sha1=,sha256=" + signatures(secret, body)["sha256"],
	} {
		if code := h.deliver(form, body, signature); code != http.StatusAccepted {
			t.Errorf("%s: answered %d; the hub must not learn of it", name, code)
		}
	}
	if got := h.taken(); len(got) != 0 {
		t.Errorf("taken without a good signature: %v", got)
	}
	if h.push(form, body); len(h.taken()) != 1 {
		t.Error("the good one after them is not taken")
	}
	if code := h.push(form, body); code != http.StatusAccepted || len(h.taken()) != 0 {
		t.Errorf("a replay is taken, or answered %d", code)
	}
}

func TestHostileDeliveries(t *testing.T) {
	h, form := subscribed(t)
	writes := h.drawer.writes
	huge := strings.Repeat("x", maxBody+1)
	stranger := url.Values{"hub.callback": {base + Path + "AAAAAAAAAAAAAAAAAAAAAAAAAA"}}
	for name, c := range map[string]struct {
		got, want int
	}{
		"unknown callback": {h.deliver(stranger, huge, "sha1="+strings.Repeat("0", 40)), http.StatusGone},
		"huge":             {h.push(form, huge), http.StatusRequestEntityTooLarge},
		"compressed":       {h.deliver(form, "x", "", "Content-Encoding", "gzip"), http.StatusUnsupportedMediaType},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", name, c.got, c.want)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, form.Get("hub.callback"), strings.NewReader(huge))
	r.ContentLength = -1 // as chunks, without saying how much
	r.Header.Set("X-Hub-Signature", "sha1="+strings.Repeat("0", 40))
	w := httptest.NewRecorder()
	if h.sub.ServeHTTP(w, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("endless: %d", w.Code)
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodHead, http.MethodOptions} {
		w := httptest.NewRecorder()
		h.sub.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, form.Get("hub.callback"), nil))
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
	if len(h.taken()) != 0 || h.drawer.writes != writes {
		t.Errorf("%d writes", h.drawer.writes-writes)
	}
}

func TestDeliveriesAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, form := subscribed(t)
		codes := map[int]int{}
		for range perMinute + 10 {
			codes[h.deliver(form, "x", "sha1="+strings.Repeat("0", 40))]++
		}
		if codes[http.StatusAccepted] != perMinute || codes[http.StatusTooManyRequests] != 10 {
			t.Errorf("in a minute: %v", codes)
		}
		time.Sleep(time.Minute)
		clear(codes)
		for i := range maxWaiting + 3 {
			codes[h.push(form, strings.Repeat("x", i+1))]++
		}
		if codes[http.StatusAccepted] != maxWaiting || codes[http.StatusServiceUnavailable] != 3 {
			t.Errorf("while nobody reads: %v", codes)
		}
		if len(h.taken()) != maxWaiting {
			t.Error("deliveries are lost")
		}
		if code := h.push(form, strings.Repeat("x", maxWaiting+3)); code != http.StatusAccepted || len(h.taken()) != 1 {
			t.Errorf("what was put off is not taken when it comes again: %d", code)
		}
	})
}

func TestBodiesAreReadFewAtATime(t *testing.T) {
	h, form := subscribed(t)
	for range maxBodies {
		h.sub.bodies <- struct{}{}
	}
	if code := h.push(form, "<feed/>"); code != http.StatusServiceUnavailable {
		t.Errorf("answered %d", code)
	}
	<-h.sub.bodies
	if code := h.push(form, "<feed/>"); code != http.StatusAccepted {
		t.Errorf("then %d", code)
	}
}

func FuzzCallback(f *testing.F) {
	f.Add("GET", "hub.mode=subscribe&hub.topic=x&hub.challenge=y&hub.lease_seconds=1", "", "")
	f.Add("POST", "", "sha256=00", "<feed/>")
	f.Add("GET", "hub.mode=denied&hub.reason=%00", "", "")
	f.Fuzz(func(t *testing.T, method, query, signature, body string) {
		if method != http.MethodGet {
			method = http.MethodPost
		}
		h, form := subscribed(t)
		r := httptest.NewRequestWithContext(t.Context(), method, form.Get("hub.callback"), strings.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("X-Hub-Signature", signature)
		w := httptest.NewRecorder()
		h.sub.ServeHTTP(w, r)
		if q := r.URL.Query(); w.Code == http.StatusOK && q.Get("hub.mode") != "denied" {
			t.Errorf("%s %q is answered %d", method, query, w.Code)
		}
		if len(h.taken()) != 0 {
			t.Errorf("taken with signature %q", signature)
		}
	})
}
