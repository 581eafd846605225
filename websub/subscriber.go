package websub

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"vedetta/news"
)

// Path is the beginning of the callbacks' paths, below the site's base address.
const Path = "/websub/"

// setting is the name under which the subscriptions are stored.
const setting = "websub"

// Store is where the subscriptions survive a restart.
type Store interface {
	Setting(name string) (string, error)
	SetSetting(name, value string) error
}

// Settings are what the configuration says. The zero value wants no
// subscription.
type Settings struct {
	Base    string          // the site's address without a slash at its end; empty when nobody outside can reach it
	Sources map[string]bool // those that may be pushed
	// Post asks a hub, within the limits of any other request.
	Post func(ctx context.Context, address string, form url.Values) error
}

// Subscriber holds the subscriptions. It lives as long as the process and is
// safe for concurrent use.
type Subscriber struct {
	store   Store
	log     *slog.Logger
	started time.Time
	news    chan news.Delivery
	bodies  chan struct{} // one token a body being read
	wake    chan struct{} // something is due earlier than it was

	mu       sync.Mutex // guards the rest, and the order of what is stored
	settings Settings
	subs     map[string]*Subscription // by ID
	meters   map[string]*meter        // by ID
}

// Limits of what waits to be read by the engine, and of what is received at
// the same time: a body has at most maxBody bytes.
const (
	maxWaiting = 8
	maxBodies  = 4
)

// New takes over the subscriptions that the store holds. Configure has to
// follow.
func New(s Store, log *slog.Logger) *Subscriber {
	list, err := Load(s)
	if err != nil { // polls find the hubs again
		log.Error("cannot read the subscriptions: beginning without any", "err", err)
	}
	r := &Subscriber{
		store: s, log: log, started: time.Now(),
		news:   make(chan news.Delivery, maxWaiting),
		bodies: make(chan struct{}, maxBodies),
		wake:   make(chan struct{}, 1),
		subs:   make(map[string]*Subscription, len(list)),
		meters: map[string]*meter{},
	}
	for _, sub := range list {
		r.subs[sub.ID] = &sub
	}
	return r
}

// Load reads the subscriptions that a store holds.
func Load(s Store) ([]Subscription, error) {
	text, err := s.Setting(setting)
	if err != nil {
		return nil, fmt.Errorf("load subscriptions: %w", err)
	}
	if text == "" {
		return nil, nil
	}
	var list []Subscription
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("load subscriptions: %w", err)
	}
	return list, nil
}

// Pushing returns the hubs, by the source whose news they are bound to push
// at a time.
func Pushing(list []Subscription, now time.Time) map[string]string {
	hubs := map[string]string{}
	for _, sub := range list {
		if u, err := url.Parse(sub.Hub); err == nil && sub.alive(now) {
			hubs[sub.Source] = u.Host
		}
	}
	return hubs
}

// Pushing returns the hubs that are bound to push now, by source.
func (s *Subscriber) Pushing() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Pushing(s.list(), time.Now())
}

// list returns all subscriptions in a stable order. The caller holds mu.
func (s *Subscriber) list() []Subscription {
	list := make([]Subscription, 0, len(s.subs))
	for _, sub := range s.subs {
		list = append(list, *sub)
	}
	slices.SortFunc(list, func(a, b Subscription) int { return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID)) })
	return list
}

// save stores all subscriptions. The caller holds mu.
func (s *Subscriber) save() error {
	text, err := json.Marshal(s.list())
	if err != nil {
		return fmt.Errorf("encode subscriptions: %w", err) // unreachable: plain data
	}
	return s.store.SetSetting(setting, string(text))
}

// keep is save where a failure can only be reported. What was decided holds
// while the process lives.
func (s *Subscriber) keep() {
	if err := s.save(); err != nil {
		s.log.Error("cannot store the subscriptions", "err", err)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Configure takes over a configuration. Subscriptions that it does not want,
// or whose callback is no longer ours, are ended.
func (s *Subscriber) Configure(c Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = c
	changed := false
	for _, sub := range s.subs {
		if !sub.Leaving && !s.wanted(sub) {
			s.leave(sub)
			changed = true
		}
	}
	if changed {
		s.keep()
	}
}

// wanted reports whether the configuration allows a subscription.
func (s *Subscriber) wanted(sub *Subscription) bool {
	return s.settings.Base != "" && s.settings.Sources[sub.Source] && strings.HasPrefix(sub.Callback, s.settings.Base+Path)
}

// leave ends a subscription, or forgets one that no hub ever heard of.
func (s *Subscriber) leave(sub *Subscription) {
	if !sub.leave(time.Now()) {
		s.forget(sub)
	}
}

func (s *Subscriber) forget(sub *Subscription) {
	delete(s.subs, sub.ID)
	delete(s.meters, sub.ID)
}

// of returns the source's subscription, nil if there is none.
func (s *Subscriber) of(source string) *Subscription {
	for _, sub := range s.subs {
		if sub.Source == source && !sub.Leaving {
			return sub
		}
	}
	return nil
}

// Pushes reports whether a source of which last is known need be asked no
// more than once a day: its hub is bound to push, and a poll has found what
// was published before that, or while we were down. A backlog is read in the
// source's own rhythm.
func (s *Subscriber) Pushes(source string, last news.Poll) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.of(source)
	return sub != nil && s.pushes(sub, last)
}

func (s *Subscriber) pushes(sub *Subscription, last news.Poll) bool {
	return sub.alive(time.Now()) && !last.Failed() && last.Left == 0 && last.Success.After(sub.Since) && last.Success.After(s.started)
}

// Polled tells what a poll that brought an answer says of the hub. last is
// what was known before the poll, next what is known now; missed is the number
// of items that had been there for a while and that nobody had brought.
func (s *Subscriber) Polled(source string, last, next news.Poll, missed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	hub, topic := next.Hub, cmp.Or(next.Self, next.Address)
	want := s.settings.Base != "" && s.settings.Sources[source] && usable(hub, topic)
	sub := s.of(source)
	switch {
	case sub == nil && !want:
		return
	case sub == nil:
		s.add(source, hub, topic, now)
	case !want:
		s.leave(sub)
	case sub.Hub != hub || sub.Topic != topic:
		at := sub.Asked.Add(changeEvery)
		if sub.Asked.IsZero() {
			at = sub.Next
		}
		s.leave(sub)
		s.add(source, hub, topic, at)
	case missed > 0 && s.pushes(sub, last):
		s.log.Info("hub is silent: polling as before", "source", source, "hub", sub.Hub, "n", missed)
		sub.silent(now)
	case missed == 0 && sub.Silences > 0 && s.pushes(sub, last) && now.Sub(sub.Since) > distrust:
		sub.Silences = 0
	default:
		return
	}
	s.keep()
}

func (s *Subscriber) add(source, hub, topic string, at time.Time) {
	sub := newSubscription(source, hub, topic, s.settings.Base, at)
	s.subs[sub.ID] = sub
}

// usable reports whether a hub can be asked for a topic. One that is reached
// over http could be spoken for by anybody on the way, which must not weaken a
// feed that is fetched over https.
func usable(hub, topic string) bool {
	if hub == "" || topic == "" || len(hub) > maxAddress || len(topic) > maxAddress {
		return false
	}
	return strings.HasPrefix(hub, "https://") || !strings.HasPrefix(topic, "https://")
}

const maxAddress = 2048
