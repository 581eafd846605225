package story

import (
	"math"
	"time"
)

// instant is a time in nanoseconds since 1970, UTC. What lies further back or
// ahead than fits counts as the first or last that does, and a zero time as
// the first.
type instant int64

const (
	firstInstant = instant(math.MinInt64)
	lastInstant  = instant(math.MaxInt64)
)

func instantOf(t time.Time) instant {
	switch year := t.Year(); {
	case year < 1679:
		return firstInstant
	case year > 2261:
		return lastInstant
	}
	return instant(t.UnixNano())
}

// time is the instant as others know it: a zero time for the first.
func (i instant) time() time.Time {
	if i == firstInstant {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}

// between is how far apart two instants are; the longest duration where that
// is more.
func between(i, j instant) time.Duration {
	if i > j {
		i, j = j, i
	}
	if d := j - i; d >= 0 {
		return time.Duration(d)
	}
	return math.MaxInt64
}
