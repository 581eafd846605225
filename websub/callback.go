package websub

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vedetta/news"
)

// Limits of what a hub, or who found out a callback, may have us do.
const (
	maxBody      = 8 << 20
	maxChallenge = 1 << 10
	maxReason    = 200
	perMinute    = 30 // deliveries to one callback that are read
	remembered   = 32 // deliveries of which a second copy is known
)

// meter bounds what comes to one callback.
type meter struct {
	minute time.Time
	n      int
	seen   [][sha256.Size]byte
}

// ServeHTTP answers hubs: GET is the verification or denial of a request, POST
// a delivery. What is not expected changes nothing and costs nothing.
func (s *Subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	switch r.Method {
	case http.MethodGet:
		s.confirm(w, id, r.URL.Query())
	case http.MethodPost:
		s.receive(w, r, id)
	default:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "a hub's callback: GET or POST", http.StatusMethodNotAllowed)
	}
}

// confirm answers whether we asked for what a hub is about to do (WebSub §5.3).
func (s *Subscriber) confirm(w http.ResponseWriter, id string, q url.Values) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub, now := s.subs[id], time.Now()
	if sub == nil || q.Get("hub.topic") != sub.Topic {
		http.Error(w, "no such subscription", http.StatusNotFound)
		return
	}
	asked := mode(q.Get("hub.mode"))
	if asked == "denied" {
		s.deny(sub, q.Get("hub.reason"), now)
		s.keep()
		return
	}
	challenge := q.Get("hub.challenge")
	if asked == "" || asked != sub.Pending || now.After(sub.PendingUntil) || challenge == "" || len(challenge) > maxChallenge {
		http.Error(w, "not asked for", http.StatusNotFound)
		return
	}
	before := *sub
	if asked == unsubscribe {
		s.forget(sub)
	} else {
		lease, ok := leaseOf(q["hub.lease_seconds"])
		if !ok {
			s.giveUp(sub, "offers a lease of "+strconv.Quote(cut(q.Get("hub.lease_seconds")))+" seconds")
			s.keep()
			http.Error(w, "the lease is too short", http.StatusNotFound)
			return
		}
		sub.verified(now, lease)
	}
	if err := s.save(); err != nil {
		*sub = before
		s.subs[id] = sub
		s.log.Error("cannot store the subscriptions", "err", err)
		http.Error(w, "cannot store it", http.StatusInternalServerError)
		return
	}
	s.log.Info("hub verified", "source", sub.Source, "hub", sub.Hub, "mode", string(asked), "until", sub.Until.Format(time.RFC3339))
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, challenge)
}

// deny takes a hub's refusal, of a request or of what it had granted.
func (s *Subscriber) deny(sub *Subscription, reason string, now time.Time) {
	if sub.Leaving {
		s.forget(sub)
		return
	}
	sub.denied(now, "denied: "+cut(reason))
	s.log.Info("hub denied", "source", sub.Source, "hub", sub.Hub, "err", sub.Err)
}

// cut is a hub's text, of bounded length.
func cut(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxReason)], "")
}

// leaseOf reads hub.lease_seconds. A hub that does not say grants what was
// asked for.
func leaseOf(values []string) (time.Duration, bool) {
	if len(values) == 0 {
		return askedLease, true
	}
	n, err := strconv.ParseInt(values[0], 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) && n > 0, err == nil && n > int64(mostLease/time.Second):
		return mostLease, true
	case err != nil || n < int64(leastLease/time.Second):
		return 0, false
	}
	return time.Duration(n) * time.Second, true
}

// receive takes a delivery (WebSub §7). One whose signature is missing or
// wrong is acknowledged like a good one and thrown away.
func (s *Subscriber) receive(w http.ResponseWriter, r *http.Request, id string) {
	s.mu.Lock()
	sub, now := s.subs[id], time.Now()
	var secret, source string
	allowed := false
	if sub != nil {
		secret, source = sub.Secret, sub.Source
		allowed = s.meter(id).allow(now)
	}
	known := sub != nil && !sub.Leaving
	s.mu.Unlock()
	sign, mac, signed := signature(r.Header.Get("X-Hub-Signature"))
	switch {
	case !known:
		http.Error(w, "no such subscription", http.StatusGone) // a hub may forget it
		return
	case !allowed:
		again(w, "too many deliveries", http.StatusTooManyRequests)
		return
	case r.ContentLength > maxBody:
		http.Error(w, "the body is larger than 8 MB", http.StatusRequestEntityTooLarge)
		return
	case !plain(r.Header):
		http.Error(w, "no Content-Encoding, please", http.StatusUnsupportedMediaType)
		return
	case !signed:
		w.WriteHeader(http.StatusAccepted)
		return
	}
	select {
	case s.bodies <- struct{}{}:
		defer func() { <-s.bodies }()
	default:
		again(w, "busy", http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body breaks off or is larger than 8 MB", http.StatusRequestEntityTooLarge)
		return
	}
	h := hmac.New(sign, []byte(secret))
	h.Write(body) // never fails
	if !hmac.Equal(h.Sum(nil), mac) {
		s.log.Debug("delivery with a wrong signature", "source", source, "n", len(body))
		w.WriteHeader(http.StatusAccepted)
		return
	}
	s.accept(w, id, news.Delivery{Source: source, ContentType: kindOf(r.Header), Body: body})
}

// accept hands an authentic delivery on, unless it has been before.
func (s *Subscriber) accept(w http.ResponseWriter, id string, d news.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := sha256.Sum256(d.Body)
	m := s.meter(id)
	if !slices.Contains(m.seen, sum) {
		select {
		case s.news <- d:
		default:
			again(w, "busy", http.StatusServiceUnavailable)
			return
		}
		m.seen = append(m.seen, sum)
		m.seen = m.seen[max(0, len(m.seen)-remembered):]
	}
	w.WriteHeader(http.StatusAccepted)
}

// again asks a hub to come back.
func again(w http.ResponseWriter, text string, status int) {
	w.Header().Set("Retry-After", "60")
	http.Error(w, text, status)
}

// meter returns what bounds a callback. The caller holds mu.
func (s *Subscriber) meter(id string) *meter {
	m, ok := s.meters[id]
	if !ok {
		m = &meter{}
		s.meters[id] = m
	}
	return m
}

// allow counts a delivery.
func (m *meter) allow(now time.Time) bool {
	if now.Sub(m.minute) >= time.Minute || now.Before(m.minute) {
		m.minute, m.n = now, 0
	}
	m.n++
	return m.n <= perMinute
}

// signature reads "sha256=…"; ok is false for what is none.
func signature(header string) (sign func() hash.Hash, mac []byte, ok bool) {
	name, digits, _ := strings.Cut(header, "=")
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "sha1": // broken for collisions, not for this
		sign = sha1.New
	case "sha256":
		sign = sha256.New
	case "sha384":
		sign = sha512.New384
	case "sha512":
		sign = sha512.New
	default:
		return nil, nil, false
	}
	digits = strings.TrimSpace(digits)
	if len(digits) != 2*sign().Size() {
		return nil, nil, false
	}
	mac, err := hex.DecodeString(digits)
	return sign, mac, err == nil
}

// plain reports whether a body comes as it is.
func plain(h http.Header) bool {
	coding := h.Get("Content-Encoding")
	return coding == "" || strings.EqualFold(coding, "identity")
}

// kindOf is the Content-Type, unless it is the one that clients of forms make
// up for a body of any kind.
func kindOf(h http.Header) string {
	kind := h.Get("Content-Type")
	if base, _, err := mime.ParseMediaType(kind); err == nil && base == "application/x-www-form-urlencoded" {
		return ""
	}
	return kind
}
