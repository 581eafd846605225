package fetcher

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	freshFloor    = 15 * time.Minute // least and most that a site's Cache-Control is taken for
	freshCeiling  = 24 * time.Hour
	maxRetryAfter = 7 * 24 * time.Hour
	maxValidator  = 4 << 10
)

// freshUntil returns how long an answer says that it is good (RFC 9111 §4.2),
// clamped; zero when it does not say. Times are taken against the server's own
// clock, so that ours may be wrong.
func freshUntil(h http.Header, now time.Time) time.Time {
	age, ok := maxAge(h)
	if !ok {
		expires, err := http.ParseTime(h.Get("Expires"))
		if err != nil {
			return time.Time{}
		}
		age = expires.Sub(serverTime(h, now))
	}
	if aged, err := strconv.Atoi(strings.TrimSpace(h.Get("Age"))); err == nil && aged > 0 && aged < 1<<30 {
		age -= time.Duration(aged) * time.Second
	}
	if age <= 0 {
		return time.Time{}
	}
	return now.Add(min(max(age, freshFloor), freshCeiling))
}

// maxAge reads Cache-Control. An answer that must not be kept, or must be
// revalidated each time, promises nothing: its age is 0.
func maxAge(h http.Header) (time.Duration, bool) {
	age, found := time.Duration(0), false
	for _, line := range h.Values("Cache-Control") {
		for directive := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "no-cache", "no-store":
				return 0, true
			case "max-age":
				if d, ok := seconds(strings.Trim(strings.TrimSpace(value), `"`)); ok && !found {
					age, found = d, true
				}
			}
		}
	}
	return age, found
}

// seconds reads a whole number of seconds; a huge one is a year.
func seconds(s string) (time.Duration, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	const year = 365 * 24 * 60 * 60
	if err != nil || n > year {
		n = year
	}
	return time.Duration(n) * time.Second, true
}

// retryAfter reads Retry-After (RFC 9110 §10.2.3), seconds or a date, obeyed
// up to seven days; zero when there is none.
func retryAfter(h http.Header, now time.Time) time.Time {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return time.Time{}
	}
	wait, ok := seconds(value)
	if whole, _, found := strings.Cut(value, "."); !ok && found {
		if d, isNumber := seconds(whole); isNumber {
			wait, ok = d+time.Second, true // "1.5"
		}
	}
	if !ok {
		at, parsed := ParseDate(value, now)
		if !parsed {
			return time.Time{}
		}
		wait = at.Sub(serverTime(h, now))
	}
	if wait <= 0 {
		return time.Time{}
	}
	return now.Add(min(wait, maxRetryAfter))
}

// serverTime is the Date of an answer, or now.
func serverTime(h http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	return now
}

// notUTF8 begins a validator that is kept as Latin-1: what is stored is JSON,
// which holds text only. No header's value has this byte.
const notUTF8 = "\x00"

// validator returns a header's value as it is kept, byte for byte, if it can be
// sent back; onWire undoes it.
func validator(h http.Header, name string) string {
	value := h.Get(name)
	if len(value) > maxValidator {
		return ""
	}
	for i := range len(value) {
		if c := value[i]; c < 0x20 && c != '\t' || c == 0x7f {
			return ""
		}
	}
	if utf8.ValidString(value) {
		return value
	}
	kept := []rune(notUTF8)
	for i := range len(value) {
		kept = append(kept, rune(value[i]))
	}
	return string(kept)
}

// onWire is the header's value of which kept was made.
func onWire(kept string) string {
	latin, ok := strings.CutPrefix(kept, notUTF8)
	if !ok {
		return kept
	}
	var value []byte
	for _, r := range latin {
		value = append(value, byte(r))
	}
	return string(value)
}
