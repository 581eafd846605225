package config

import (
	"strings"
	"time"
	_ "time/tzdata" // CRON_TZ works also on machines without a time zone database

	"github.com/robfig/cron/v3"
)

// Schedule says when a source is polled: five cron fields, a name such as
// @hourly, or "@every 90m"; "CRON_TZ=Europe/Rome " before them sets the zone.
// The zero value is no schedule.
type Schedule struct {
	Spec          string
	cron.Schedule // nil when Spec is empty
}

const scheduleHint = `write five fields (minute hour day month weekday) such as "*/30 6-22 * * *", or "@every 1h"`

// UnmarshalText reads a schedule.
func (s *Schedule) UnmarshalText(text []byte) error {
	spec := strings.TrimSpace(string(text))
	if spec == "" || len(spec) > 200 {
		return hinted{"not a schedule: " + quote(spec), scheduleHint}
	}
	sched, err := parseSchedule(spec)
	if err != nil {
		return err
	}
	*s = Schedule{spec, sched}
	return nil
}

// MarshalText writes the schedule as it was read.
func (s Schedule) MarshalText() ([]byte, error) { return []byte(s.Spec), nil }

// String is the schedule as it was read.
func (s Schedule) String() string { return s.Spec }

func parseSchedule(spec string) (cron.Schedule, error) {
	zone, rest := "", spec
	if strings.HasPrefix(spec, "CRON_TZ=") || strings.HasPrefix(spec, "TZ=") {
		// The parser panics when nothing follows the zone.
		var ok bool
		zone, rest, ok = strings.Cut(spec, " ")
		rest = strings.TrimSpace(rest)
		if !ok || rest == "" {
			return nil, hinted{"schedule ends after its time zone: " + quote(spec), `write "` + zone + ` 0 7 * * *"`}
		}
		name := zone[strings.Index(zone, "=")+1:]
		if _, err := time.LoadLocation(name); err != nil || name == "" {
			return nil, hinted{"unknown time zone " + quote(name), "write a name such as Europe/Rome"}
		}
	}
	if every, ok := strings.CutPrefix(rest, "@every"); ok {
		var d Duration
		if err := d.UnmarshalText([]byte(every)); err != nil {
			return nil, err
		}
		if time.Duration(d) < time.Second {
			return nil, hinted{"schedule with less than a second: " + quote(spec), `write "@every 15m"`}
		}
		return cron.Every(time.Duration(d)), nil
	}
	sched, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, scheduleFault(rest, err)
	}
	if sched.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, hinted{"schedule that never comes: " + quote(spec), "no month has such a day"}
	}
	return sched, nil
}

// scheduleFault says what the parser found, and what to write instead.
func scheduleFault(spec string, err error) error {
	switch n := len(strings.Fields(spec)); {
	case strings.HasPrefix(spec, "@"):
		return hinted{"unknown schedule " + quote(spec), "known are @hourly, @daily, @weekly, @monthly, @yearly and @every 1h"}
	case looksLikeDuration(spec):
		return hinted{"not a schedule: " + quote(spec), `write "@every ` + spec + `"`}
	case n == 6:
		return hinted{"schedule with 6 fields: " + quote(spec), "leave out the seconds: " + scheduleHint}
	case n != 5:
		return hinted{"not a schedule: " + quote(spec), scheduleHint}
	}
	return hinted{"bad schedule " + quote(spec) + ": " + err.Error(), scheduleHint}
}

func looksLikeDuration(s string) bool {
	var d Duration
	return d.UnmarshalText([]byte(s)) == nil
}

func everyHour() Schedule {
	return Schedule{"@every 1h", cron.Every(time.Hour)}
}
