package websub

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"vedetta/news"
)

// Deliveries are what hubs sent, signed by them, to be read once each.
func (s *Subscriber) Deliveries() <-chan news.Delivery { return s.news }

// Run asks hubs when it is time to, one request after the other, until ctx
// ends.
func (s *Subscriber) Run(ctx context.Context) {
	for {
		at, found := s.next()
		wait := time.Hour // looks again, in case the clock was set
		if found {
			wait = min(wait, time.Until(at.Round(0)))
		}
		if found && wait <= 0 {
			s.step(ctx)
			if ctx.Err() != nil {
				return
			}
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-s.wake:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// due is when something is to be done about a subscription.
func (s *Subscription) due() time.Time {
	if s.Pending != "" {
		return s.PendingUntil
	}
	return s.Next
}

// next is when something is to be done first.
func (s *Subscriber) next() (at time.Time, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subs {
		if due := sub.due(); !found || due.Before(at) {
			at, found = due, true
		}
	}
	return at, found
}

// step does what is due of one subscription.
func (s *Subscriber) step(ctx context.Context) {
	id, hub, form, post := s.prepare()
	if id == "" {
		return
	}
	err := post(ctx, hub, form)
	if ctx.Err() != nil {
		return // it stays pending: the hub may have heard it
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.subs[id]
	if err == nil || sub == nil || sub.Pending == "" {
		return // a hub that has verified was asked, whatever came back
	}
	s.giveUp(sub, err.Error())
	s.keep()
}

// prepare marks the first subscription that is due as asked for, before it is:
// the hub may verify before it answers. It returns no id when all that had to
// be done is done.
func (s *Subscriber) prepare() (id, hub string, form url.Values, post func(context.Context, string, url.Values) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	var sub *Subscription
	for _, it := range s.subs {
		if !it.due().After(now) && (sub == nil || it.due().Before(sub.due())) {
			sub = it
		}
	}
	if sub == nil {
		return "", "", nil, nil
	}
	defer s.keep()
	if sub.Pending != "" {
		s.giveUp(sub, "did not verify the request")
		return "", "", nil, nil
	}
	sub.Pending, sub.PendingUntil, sub.Asked = subscribe, now.Add(askBack), now
	form = url.Values{"hub.callback": {sub.Callback}, "hub.topic": {sub.Topic}}
	if sub.Leaving {
		sub.Pending = unsubscribe
	} else {
		form.Set("hub.lease_seconds", strconv.Itoa(int(askedLease/time.Second)))
		form.Set("hub.secret", sub.Secret)
	}
	form.Set("hub.mode", string(sub.Pending))
	return sub.ID, sub.Hub, form, s.settings.Post
}

// giveUp notes that a request came to nothing.
func (s *Subscriber) giveUp(sub *Subscription, why string) {
	sub.failed(time.Now(), why)
	if sub.Leaving && sub.Failures >= leaveTries {
		s.forget(sub)
		return
	}
	s.log.Info("hub does not take a subscription", "source", sub.Source, "hub", sub.Hub, "err", why, "not_before", sub.Next.Format(time.RFC3339))
}
