package fetcher

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vedetta/news"
)

const (
	robotsFor     = 24 * time.Hour // kept (RFC 9309 §2.4)
	robotsRetry   = time.Hour      // after a failure
	maxCrawlDelay = time.Minute
	ruleSize      = 32 // of a rule in memory, its pattern aside
)

// robots is what a host's robots.txt says to us.
type robots struct {
	rules []robotsRule // none: all is allowed
	none  bool         // nothing is allowed: the file cannot be had for now
	until time.Time
}

// size is about how many bytes the rules take.
func (r *robots) size() int {
	n := 0
	for _, rule := range r.rules {
		n += ruleSize + len(rule.pattern)
	}
	return n
}

// allowed asks the robots.txt of an address, kept for a day. A file that is
// not there allows all, one that cannot be had nothing (RFC 9309 §2.3.1).
func (f *Fetcher) allowed(ctx context.Context, src news.Source, u *url.URL) error {
	rules, err := f.robotsOf(ctx, src, u)
	if err != nil {
		return err
	}
	if rules.none {
		return errNoRobots
	}
	if !permits(rules.rules, u.RequestURI()) {
		return ErrRobots
	}
	return nil
}

func (f *Fetcher) robotsOf(ctx context.Context, src news.Source, u *url.URL) (*robots, error) {
	key := u.Scheme + "://" + strings.ToLower(u.Host)
	if known, fresh := f.polite.rules(key); fresh {
		return known, nil
	}
	leave, err := f.polite.read(ctx, hostKey(u))
	if err != nil {
		return nil, err
	}
	defer leave()
	known, fresh := f.polite.rules(key)
	if fresh { // asked while we waited
		return known, nil
	}
	file := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	a, err := f.get(ctx, question{src: src, address: file.String(), accept: "text/plain, */*;q=0.5", limit: maxRobots, prefix: true})
	rules, delay, err := robotsFrom(a, err, time.Now(), known)
	if err != nil {
		return nil, err
	}
	f.polite.learn(key, hostKey(u), rules, delay)
	return rules, nil
}

// robotsFrom makes rules of an answer. Failures below HTTP stay errors: the
// page would fail in the same way.
func robotsFrom(a answer, err error, now time.Time, known *robots) (*robots, time.Duration, error) {
	if status, ok := errors.AsType[*StatusError](err); ok && !status.unasked {
		switch {
		case status.Code >= 400 && status.Code < 500 && status.Code != http.StatusTooManyRequests:
			return &robots{until: now.Add(robotsFor)}, 0, nil
		case known != nil && !known.none:
			return &robots{rules: known.rules, until: now.Add(robotsRetry)}, 0, nil
		}
		return &robots{none: true, until: now.Add(robotsRetry)}, 0, nil
	}
	if errors.Is(err, ErrRedirects) {
		return &robots{until: now.Add(robotsFor)}, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	rules, delay := parseRobots(a.body)
	return &robots{rules: rules, until: now.Add(robotsFor)}, min(delay, maxCrawlDelay), nil
}
