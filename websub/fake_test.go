package websub

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vedetta/news"
)

// drawer is a Store in memory.
type drawer struct {
	mu     sync.Mutex
	values map[string]string
	writes int
	broken bool
}

func (d *drawer) Setting(name string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.values[name], nil
}

func (d *drawer) SetSetting(name, value string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return errors.New("disk is full")
	}
	d.values[name] = value
	d.writes++
	return nil
}

const (
	theHub   = "https://hub.example/"
	theTopic = "https://alfa.example/feed"
	base     = "https://vedetta.example/rassegna"
)

// hub is a hub that a test has in its hand.
type hub struct {
	t       *testing.T
	sub     *Subscriber
	drawer  *drawer
	settled Settings

	mu    sync.Mutex
	asked []url.Values
	// answer is what the hub does with a request, before it answers.
	answer func(form url.Values) error
}

func newHub(t *testing.T) *hub {
	h := &hub{t: t, drawer: &drawer{values: map[string]string{}}}
	h.answer = h.verifies("864000")
	h.start(base)
	return h
}

// start makes a subscriber of what is stored, as a start of the daemon does.
func (h *hub) start(base string) {
	h.sub = New(h.drawer, slog.New(slog.DiscardHandler))
	h.settled = Settings{Base: base, Sources: map[string]bool{"alfa": true, "beta": true}, Post: h.post}
	h.sub.Configure(h.settled)
}

func (h *hub) post(_ context.Context, address string, form url.Values) error {
	if address != theHub {
		h.t.Errorf("asked %s", address)
	}
	h.mu.Lock()
	h.asked = append(h.asked, form)
	answer := h.answer
	h.mu.Unlock()
	return answer(form)
}

// last is the latest request, and the number of all.
func (h *hub) last() (url.Values, int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.asked) == 0 {
		return url.Values{}, 0
	}
	return h.asked[len(h.asked)-1], len(h.asked)
}

// requests are all that the hub was asked.
func (h *hub) requests() []url.Values {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.asked)
}

// does sets what the hub does with requests from now on.
func (h *hub) does(answer func(url.Values) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = answer
}

// kept are the subscriptions that are there.
func (h *hub) kept() []Subscription {
	h.sub.mu.Lock()
	defer h.sub.mu.Unlock()
	return h.sub.list()
}

// verifies is a hub that verifies at once, as synchronous ones do.
func (h *hub) verifies(lease string) func(url.Values) error {
	return func(form url.Values) error {
		if code, body := h.verify(form, lease); code != http.StatusOK || body != "prova-1" {
			return errors.New("verification failed: " + strconv.Itoa(code))
		}
		return nil
	}
}

// verify asks back whether a request was meant.
func (h *hub) verify(form url.Values, lease string) (int, string) {
	q := url.Values{"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": {"prova-1"}}
	if lease != "" {
		q.Set("hub.lease_seconds", lease)
	}
	return h.get(form.Get("hub.callback"), q)
}

func (h *hub) get(callback string, q url.Values) (int, string) {
	w := httptest.NewRecorder()
	h.sub.ServeHTTP(w, httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, callback+"?"+q.Encode(), nil))
	return w.Code, w.Body.String()
}

// push delivers a body with its signature.
func (h *hub) push(form url.Values, body string) int {
	return h.deliver(form, body, "sha256="+signed(sha256.New, form.Get("hub.secret"), body))
}

func (h *hub) deliver(form url.Values, body, signature string, header ...string) int {
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodPost, form.Get("hub.callback"), strings.NewReader(body))
	r.Header.Set("Content-Type", "application/atom+xml")
	if signature != "" {
		r.Header.Set("X-Hub-Signature", signature)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.sub.ServeHTTP(w, r)
	return w.Code
}

func signed(sign func() hash.Hash, secret, body string) string {
	m := hmac.New(sign, []byte(secret))
	m.Write([]byte(body))
	return hex.EncodeToString(m.Sum(nil))
}

func signatures(secret, body string) map[string]string {
	return map[string]string{
		"sha1":   signed(sha1.New, secret, body),
		"sha256": signed(sha256.New, secret, body),
		"sha384": signed(sha512.New384, secret, body),
		"sha512": signed(sha512.New, secret, body),
	}
}

// taken is what was handed on to be read.
func (h *hub) taken() []news.Delivery {
	var out []news.Delivery
	for {
		select {
		case d := <-h.sub.Deliveries():
			out = append(out, d)
		default:
			return out
		}
	}
}

// polled is a poll of alfa that found its hub.
func polled(at time.Time) news.Poll {
	return news.Poll{Last: at, Success: at, Hub: theHub, Self: theTopic}
}

// subscribed is a hub with a subscription that it has verified, and the request
// for it.
func subscribed(t *testing.T) (*hub, url.Values) {
	t.Helper()
	h := newHub(t)
	h.sub.Polled("alfa", news.Poll{}, polled(time.Now()), 0)
	h.sub.step(t.Context())
	form, n := h.last()
	if n != 1 || len(h.sub.Pushing()) != 1 {
		t.Fatalf("%d requests, pushing %v", n, h.sub.Pushing())
	}
	return h, form
}
