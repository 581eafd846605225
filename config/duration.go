package config

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Duration is a time.Duration that is written as Go writes it, with days:
// "30s", "1h30m", "400d", "1d12h". It is never negative.
type Duration time.Duration

// hinted is an error that knows what to write instead.
type hinted struct{ msg, hint string }

func (e hinted) Error() string { return e.msg }

// explain splits an error into message and hint.
func explain(err error) (msg, hint string) {
	if h, ok := errors.AsType[hinted](err); ok {
		return h.msg, h.hint
	}
	return err.Error(), ""
}

var days = regexp.MustCompile(`^([0-9]+)d`)

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	bad := hinted{"not a duration: " + quote(s), "write 30s, 15m, 1h30m or 7d"}
	if _, err := strconv.ParseFloat(s, 64); err == nil && s != "0" {
		if strings.HasPrefix(s, "-") {
			return hinted{"negative duration: " + quote(s), "write 30s, 15m, 1h30m or 7d"}
		}
		return hinted{"duration without a unit: " + quote(s), "write " + s + "s, " + s + "m, " + s + "h or " + s + "d"}
	}
	var total time.Duration
	rest := s
	if m := days.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil || n > math.MaxInt64/int(24*time.Hour) {
			return hinted{"too long a duration: " + quote(s), "the longest is 106751d"}
		}
		total, rest = time.Duration(n)*24*time.Hour, s[len(m[0]):]
	}
	if rest != "" || s == "" {
		more, err := time.ParseDuration(rest)
		if err != nil {
			return bad
		}
		if more < 0 {
			return hinted{"negative duration: " + quote(s), "write 30s, 15m, 1h30m or 7d"}
		}
		if total += more; total < 0 {
			return hinted{"too long a duration: " + quote(s), "the longest is 106751d"}
		}
	}
	*d = Duration(total)
	return nil
}

// String is the shortest way to write the duration in feeds.yaml.
func (d Duration) String() string {
	const day = 24 * time.Hour
	t := time.Duration(d)
	if t == 0 {
		return "0s"
	}
	var b strings.Builder
	if t >= day {
		b.WriteString(strconv.Itoa(int(t/day)) + "d")
		t %= day
	}
	if t > 0 {
		s := t.String()
		if strings.HasSuffix(s, "m0s") {
			s = strings.TrimSuffix(s, "0s")
		}
		if strings.HasSuffix(s, "h0m") {
			s = strings.TrimSuffix(s, "0m")
		}
		b.WriteString(s)
	}
	return b.String()
}

// MarshalText writes the duration as String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
