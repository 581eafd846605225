package fetcher

import (
	"hash/fnv"
	"slices"
	"time"

	"vedetta/news"
)

const (
	defaultFloor   = 15 * time.Minute
	defaultCeiling = 24 * time.Hour

	hourly     = time.Hour        // most often, unless the source's own schedule says otherwise
	firstWait  = 20 * time.Second // a new source is asked within
	catchUp    = 10 * time.Minute // sources that are overdue are spread over
	catchGrace = 5 * time.Second
	unknownGap = 2 * time.Hour // mean gap of a source without dates
	jitter     = 0.1           // of the rhythm
)

// Schedule tells the time of the next visit, such as a cron specification.
type Schedule interface{ Next(time.Time) time.Time }

// Rhythm bounds how often a source without a schedule of its own is asked. The
// zero value is 15 minutes to 24 hours.
type Rhythm struct{ Floor, Ceiling time.Duration }

// Due returns when a source is to be asked next, with the Rhythm of Options.
func (f *Fetcher) Due(sched interface{ Next(time.Time) time.Time }, src news.Source, last news.Poll, now time.Time) time.Time {
	return f.rhythm.Due(sched, src, last, now)
}

// Due returns when a source is to be asked next: by its schedule, or at half
// the mean time between its items; never before the site, or its failures,
// allow it. It depends on what is stored and the source's name only, so that
// a restart or a reload changes nothing. What is long overdue, after a night
// of the machine's, is spread over ten minutes.
func (r Rhythm) Due(sched interface{ Next(time.Time) time.Time }, src news.Source, last news.Poll, now time.Time) time.Time {
	last = about(src, last)
	if last.Last.IsZero() {
		return now.Add(share(src.ID, firstWait))
	}
	last = rightClock(last, now)
	var at time.Time
	if sched == nil {
		wait := r.wait(last, now)
		at = last.Last.Add(wait + share(src.ID, time.Duration(float64(wait)*jitter)))
	} else {
		at = next(sched, src, last.Last)
	}
	at = later(at, last.NotBefore)
	at = awake(at, last)
	if at.Before(now.Add(-catchUp)) {
		return awake(slot(src, now), last)
	}
	return at
}

// wait is half the mean gap between items, within bounds; a source that has
// fallen silent is asked ever less.
func (r Rhythm) wait(p news.Poll, now time.Time) time.Duration {
	floor, ceiling := r.Floor, r.Ceiling
	if floor <= 0 {
		floor = defaultFloor
	}
	if ceiling <= 0 {
		ceiling = defaultCeiling
	}
	floor = max(floor, hourly)
	wait := p.Gap / 2
	if wait <= 0 {
		wait = unknownGap / 2
	}
	const day = 24 * time.Hour
	if !p.Newest.IsZero() {
		switch silent := now.Sub(p.Newest); {
		case silent > 30*day:
			wait = ceiling
		case silent > 14*day:
			wait = max(wait, ceiling/2)
		case silent > 7*day:
			wait = max(wait, ceiling/4)
		}
	}
	return max(min(wait, ceiling), floor)
}

// next is the schedule's next time. A fixed interval counts from the last
// visit and keeps the source's phase by itself; a time of day would bring all
// sources at once, so each has its own small delay.
func next(sched Schedule, src news.Source, last time.Time) time.Time {
	n1 := sched.Next(last)
	n2 := sched.Next(last.Add(time.Second))
	if n2.Sub(n1) == time.Second {
		interval := n1.Sub(last)
		if rest := interval % time.Second; rest != 0 {
			interval += time.Second - rest // never earlier than the interval
		}
		return last.Add(interval)
	}
	if n1.IsZero() {
		return last.Add(defaultCeiling) // a date that never comes
	}
	delay := min(sched.Next(n1).Sub(n1)/10, catchUp)
	// The delay of the last visit must not make its own time come again.
	if before := sched.Next(last.Add(-delay)); before.After(last) {
		n1 = before
	}
	return n1.Add(share(src.ID, max(delay, 0)))
}

// rightClock brings what was stored under a clock that ran ahead to now, so
// that setting it right does not stop the polling.
func rightClock(p news.Poll, now time.Time) news.Poll {
	if ahead := p.Last.Sub(now); ahead > 0 {
		p.Last = now
		if !p.NotBefore.IsZero() {
			p.NotBefore = p.NotBefore.Add(-ahead)
		}
	}
	if most := p.Last.Add(goneLook); p.NotBefore.After(most) {
		p.NotBefore = most
	}
	return p
}

// awake moves a time out of the hours and days that the feed wants left out.
func awake(at time.Time, p news.Poll) time.Time {
	wanted := at
	for range 24 * 8 {
		utc := at.UTC()
		switch {
		case slices.Contains(p.SkipDays, utc.Weekday()):
			at = time.Date(utc.Year(), utc.Month(), utc.Day()+1, 0, utc.Minute(), utc.Second(), 0, time.UTC)
		case slices.Contains(p.SkipHours, utc.Hour()):
			at = utc.Truncate(time.Hour).Add(time.Hour + time.Duration(utc.Minute())*time.Minute)
		default:
			return at
		}
	}
	return wanted // every hour is left out: none is
}

// slot is the source's own place in ten minutes, at or after now.
func slot(src news.Source, now time.Time) time.Time {
	at := now.Truncate(catchUp).Add(share(src.ID, catchUp))
	if at.Before(now.Add(-catchGrace)) {
		at = at.Add(catchUp)
	}
	return at
}

// share is a part of a span that is a source's own for ever.
func share(id string, span time.Duration) time.Duration {
	if span <= 0 {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(id)) // never fails
	x := h.Sum64()
	x ^= x >> 33 // FNV's high bits vary little over short names
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return time.Duration(x % uint64(span))
}
