package websub

import (
	"crypto/rand"
	"time"
)

const (
	askedLease = 10 * 24 * time.Hour
	leastLease = time.Hour           // a shorter one is not worth its renewals
	mostLease  = 30 * 24 * time.Hour // whatever a hub promises, it is asked again
	askBack    = time.Hour           // a hub has so long to verify a request

	firstRetry  = time.Hour // doubling
	mostRetry   = 7 * 24 * time.Hour
	deniedRetry = 7 * 24 * time.Hour
	distrust    = 7 * 24 * time.Hour // doubling, of a hub that was silent
	mostTrials  = 3                  // distrust doubles no further
	changeEvery = 24 * time.Hour     // a feed that names another hub each time is followed so often
	leaveTries  = 3                  // requests to end a subscription, after which it is left to run out
)

// mode is what is asked of a hub.
type mode string

const (
	subscribe   mode = "subscribe"
	unsubscribe mode = "unsubscribe"
)

// Subscription is what is kept of a subscription.
type Subscription struct {
	ID       string `json:"id"` // the end of the callback's path: who knows it may speak for the hub
	Source   string `json:"source"`
	Hub      string `json:"hub"`
	Topic    string `json:"topic"`
	Callback string `json:"callback"`
	Secret   string `json:"secret"` // signs what the hub sends

	Pending      mode      `json:"pending,omitempty"` // asked for, to be verified
	PendingUntil time.Time `json:"pending_until,omitzero"`

	Since time.Time `json:"since,omitzero"` // alive without a gap since then; zero when it is not
	Until time.Time `json:"until,omitzero"` // end of the lease; the hub may push until then also when it is not trusted

	Next     time.Time `json:"next"`               // when the hub is to be asked again
	Asked    time.Time `json:"asked,omitzero"`     // when it was asked last
	Failures int       `json:"failures,omitempty"` // requests in a row that came to nothing
	Err      string    `json:"err,omitempty"`      // of the latest of them
	Silences int       `json:"silences,omitempty"` // times that it did not bring what a poll then found
	Leaving  bool      `json:"leaving,omitempty"`  // to be ended
}

// newSubscription returns one that is to be asked for at a time. The id and
// the secret hold 130 bits of chance each (crypto/rand).
func newSubscription(source, hub, topic, base string, next time.Time) *Subscription {
	id := rand.Text()
	return &Subscription{
		ID: id, Source: source, Hub: hub, Topic: topic, Callback: base + Path + id, Secret: rand.Text() + rand.Text(), Next: next,
	}
}

// alive reports whether the hub is bound to push.
func (s *Subscription) alive(now time.Time) bool {
	return !s.Leaving && !s.Since.IsZero() && now.Before(s.Until)
}

// verified begins or prolongs the lease.
func (s *Subscription) verified(now time.Time, lease time.Duration) {
	if !s.alive(now) {
		s.Since = now
	}
	s.Until = now.Add(lease)
	s.Next = now.Add(lease * 4 / 5)
	s.Pending, s.Failures, s.Err = "", 0, ""
}

// failed notes that a request came to nothing, and when to try again.
func (s *Subscription) failed(now time.Time, why string) {
	wait := firstRetry
	for range min(s.Failures, 10) {
		wait *= 2
	}
	s.Pending, s.Err = "", why
	s.Failures++
	s.Next = now.Add(min(wait, mostRetry))
}

// denied ends it, until the hub is asked once more.
func (s *Subscription) denied(now time.Time, why string) {
	s.failed(now, why)
	s.Since, s.Until = time.Time{}, time.Time{}
	s.Next = now.Add(deniedRetry)
}

// silent ends the trust in a hub that did not bring what a poll found.
func (s *Subscription) silent(now time.Time) {
	s.Since, s.Pending = time.Time{}, ""
	s.Next = now.Add(distrust << min(s.Silences, mostTrials-1))
	s.Silences++
	s.Err = "brought nothing of what a poll found"
}

// leave marks it to be ended; false when the hub knows nothing of it.
func (s *Subscription) leave(now time.Time) bool {
	if s.Pending == "" && now.After(s.Until) {
		return false
	}
	if !s.Leaving {
		s.Leaving, s.Pending, s.Failures, s.Next = true, "", 0, now
	}
	return true
}
