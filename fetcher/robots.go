package fetcher

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/temoto/robotstxt"

	"vedetta/news"
)

const (
	robotsFor     = 24 * time.Hour // kept (RFC 9309 §2.4)
	robotsRetry   = time.Hour      // after a failure
	maxCrawlDelay = time.Minute
	maxRobotLines = 2000
	maxRobotLine  = 2048
)

// robots is what a host's robots.txt says to us.
type robots struct {
	group *robotstxt.Group // nil: all is allowed
	none  bool             // nothing is allowed: the file cannot be had for now
	until time.Time
}

// allowed asks the robots.txt of an address, kept for a day. A file that is
// not there allows all, one that cannot be had nothing (RFC 9309 §2.3.1).
func (f *Fetcher) allowed(ctx context.Context, src news.Source, u *url.URL) error {
	rules, err := f.robotsOf(ctx, src, u)
	if err != nil {
		return err
	}
	if rules.none || rules.group != nil && !rules.group.Test(u.RequestURI()) {
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
	a, err := f.get(ctx, question{src: src, address: file.String(), accept: "text/plain, */*;q=0.5", limit: maxRobots})
	rules, delay, err := robotsFrom(a, err, time.Now(), known)
	if err != nil {
		return nil, err
	}
	f.polite.learn(key, hostKey(u), rules, delay)
	return rules, nil
}

// robotsFrom makes rules of an answer. Failures below HTTP stay errors: the
// page would fail in the same way.
func robotsFrom(a answer, err error, now time.Time, known *robots) (rules *robots, delay time.Duration, failed error) {
	defer func() {
		if p := recover(); p != nil { // the parser is others' code on a hostile text
			rules, delay, failed = &robots{until: now.Add(robotsFor)}, 0, nil
		}
	}()
	if status, ok := errors.AsType[*StatusError](err); ok && !status.unasked {
		switch {
		case status.Code >= 400 && status.Code < 500 && status.Code != http.StatusTooManyRequests:
			return &robots{until: now.Add(robotsFor)}, 0, nil
		case known != nil && !known.none:
			return &robots{group: known.group, until: now.Add(robotsRetry)}, 0, nil
		}
		return &robots{none: true, until: now.Add(robotsRetry)}, 0, nil
	}
	if errors.Is(err, ErrTooLarge) || errors.Is(err, ErrRedirects) {
		return &robots{until: now.Add(robotsFor)}, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	data, err := robotstxt.FromBytes(cleanRobots(a.body))
	if err != nil {
		return &robots{until: now.Add(robotsFor)}, 0, nil // not a file of rules
	}
	group := data.FindGroup("vedetta")
	return &robots{group: group, until: now.Add(robotsFor)}, min(group.CrawlDelay, maxCrawlDelay), nil
}

// cleanRobots keeps the lines that are rules. The parser refuses a whole file
// for one line that it cannot read, which would let us in everywhere.
func cleanRobots(body []byte) []byte {
	var out bytes.Buffer
	agent, n := false, 0
	for line := range bytes.Lines(bytes.ReplaceAll(toUTF8(body, ""), []byte{'\r'}, []byte{'\n'})) {
		text, _, _ := strings.Cut(string(line), "#")
		name, value, found := strings.Cut(text, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !found || len(value) > maxRobotLine {
			continue
		}
		switch name {
		case "user-agent", "useragent":
			agent = true
			// Only the product's name counts ("Vedetta/1.0").
			value, _, _ = strings.Cut(value, "/")
		case "allow", "disallow":
			if !agent || strings.ContainsAny(value, " \t") {
				continue
			}
		case "crawl-delay":
			if d, err := time.ParseDuration(value + "s"); !agent || err != nil || d < 0 {
				continue
			}
		default:
			continue
		}
		if n++; n > maxRobotLines {
			break
		}
		out.WriteString(name + ": " + value + "\n")
	}
	return out.Bytes()
}
