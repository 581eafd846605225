package fetcher

import (
	"errors"
	"net/http"
	"time"

	"vedetta/news"
)

const (
	backOffFirst  = time.Hour
	backOffMost   = 24 * time.Hour
	backOffAfter  = 30 * 24 * time.Hour // failing so long, a source is asked weekly
	backOffWeekly = 7 * 24 * time.Hour
	backOffLocal  = 10 * time.Minute // our own connection is or may be down

	goneLook  = 30 * 24 * time.Hour // a source that is gone
	goneTimes = 2

	largeBody = 1 << 20 // without validators, once a day
)

// succeeded is what to remember of a visit that brought an answer.
func succeeded(last news.Poll, r reading, start, now time.Time) news.Poll {
	next := last
	next.Last, next.Success = start, now
	next.Polls++
	if last.Failures > 0 && !last.FailingSince.IsZero() {
		next.Recovered, next.Outage = now, now.Sub(last.FailingSince)
	}
	next.Failures, next.FailingSince, next.Err, next.Fault, next.GoneCount = 0, time.Time{}, "", "", 0
	next.Status = r.answer.status
	next.Found = r.found
	if r.same {
		next.Unchanged++
	}
	next = moved(next, r, now)
	if r.answer.status == http.StatusNotModified {
		// What a 304 does not repeat still holds.
		next.ETag = or(validator(r.answer.header, "Etag"), next.ETag)
		next.LastModified = or(validator(r.answer.header, "Last-Modified"), next.LastModified)
	} else if next.Cut = ""; r.meta.Cut && r.body != last.Cut {
		next.Cut = r.body // once more, and it is how the feed ends
	} else {
		next.ETag = validator(r.answer.header, "Etag")
		next.LastModified = validator(r.answer.header, "Last-Modified")
		next.Address = r.answer.url.Redacted()
		next.Body, next.Bytes = r.body, r.size
	}
	if !r.same {
		next = learned(next, r)
	}
	next.NotBefore = notBefore(next, freshUntil(r.answer.header, now), now)
	return next
}

// learned takes what the feed says of itself.
func learned(next news.Poll, r reading) news.Poll {
	next.Rhythm, next.SkipHours, next.SkipDays = r.meta.Rhythm, r.meta.SkipHours, r.meta.SkipDays
	next.Hub, next.Self = r.meta.Hub, r.meta.Self
	next.BadGUIDs = next.BadGUIDs || r.meta.BadGUIDs
	newest, gap := rhythmOf(r.items)
	if newest.After(next.Newest) {
		next.Newest = newest
	}
	if gap > 0 {
		next.Gap = gap
	}
	return next
}

// notBefore is the earliest time that the site would like to see us again.
func notBefore(p news.Poll, fresh, now time.Time) time.Time {
	at := fresh
	if p.Rhythm > 0 {
		at = later(at, now.Add(min(p.Rhythm, freshCeiling)))
	}
	if p.ETag == "" && p.LastModified == "" && p.Bytes > largeBody {
		at = later(at, now.Add(24*time.Hour))
	}
	return at
}

// moved counts permanent redirects that led to the feed.
func moved(next news.Poll, r reading, now time.Time) news.Poll {
	to := r.answer.url.String()
	switch {
	case next.HasMoved() && to == next.Moved && !r.answer.moved:
		// asked at its new address
	case !r.answer.moved || r.found != "" || r.answer.url.User != nil: // an address is kept without its password
		next.Moved, next.MovedSince, next.MovedCount = "", time.Time{}, 0
	case next.Moved == to:
		next.MovedCount++
	default:
		next.Moved, next.MovedSince, next.MovedCount = to, now, 1
	}
	return next
}

// failed is what to remember of a visit that brought nothing.
func failed(src news.Source, last news.Poll, err error, start, now time.Time) news.Poll {
	next := last
	next.Last = start
	next.Err, next.Fault, next.Status = err.Error(), faultOf(err), 0
	_, unsure := errors.AsType[unsureError](err)
	if next.Fault == news.FaultOffline || unsure && !last.Failed() && !errors.Is(err, ErrHostDown) {
		next.NotBefore = now.Add(backOffLocal)
		return next
	}
	if status, ok := errors.AsType[*StatusError](err); ok && status.unasked {
		next.NotBefore = status.RetryAfter.Add(share(src.ID, catchUp))
		return next
	}
	next.Polls++
	next.Failures++
	if next.FailingSince.IsZero() {
		next.FailingSince = now
	}
	wait := backOff(next, now)
	if status, ok := errors.AsType[*StatusError](err); ok {
		next.Status = status.Code
		if !status.RetryAfter.IsZero() {
			wait = max(status.RetryAfter.Sub(now), backOffFirst)
		}
	}
	if next.Fault == news.FaultGone {
		next.GoneCount++
		wait = backOffMost
		if next.GoneCount >= goneTimes {
			wait = goneLook
		}
	} else {
		next.GoneCount = 0
	}
	if errors.Is(err, ErrNotFeed) || next.Status == http.StatusNotFound {
		// Neither a confirmed move nor a found feed outlives its own failure.
		next.Found = ""
		if last.Found == "" && target(src, last) == last.Moved {
			next.Moved, next.MovedSince, next.MovedCount = "", time.Time{}, 0
		}
	}
	next.NotBefore = now.Add(wait)
	return next
}

// backOff doubles from one hour to a day, and is a week for a source that has
// failed for a month. It never gives a source up.
func backOff(p news.Poll, now time.Time) time.Duration {
	if now.Sub(p.FailingSince) >= backOffAfter {
		return backOffWeekly
	}
	wait := backOffFirst
	for n := 1; n < p.Failures && wait < backOffMost; n++ {
		wait *= 2
	}
	return min(wait, backOffMost)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
