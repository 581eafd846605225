package main

import (
	"fmt"
	"time"

	"vedetta/config"
	"vedetta/news"
)

// period reads a day, a month or a year in a zone, an instant, or a length of
// time before now. It returns the first instant of what is named and the first
// one past it, which are the same but for days and longer; zero times for "".
// flag is what messages name.
func period(flag, s string, now time.Time, zone *time.Location) (from, until time.Time, err error) {
	if s == "" {
		return from, until, nil
	}
	var d news.Date
	if err := d.UnmarshalText([]byte(s)); err == nil {
		in := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone) }
		return in(d.First), in(d.After), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, t, nil
	}
	var ago config.Duration
	if err := ago.UnmarshalText([]byte(s)); err != nil {
		return from, until, fmt.Errorf("%s %q: a date such as 2026-01-31 or 2026-01, or a time such as 30d is wanted", flag, s)
	}
	at := now.Add(-time.Duration(ago))
	return at, at, nil
}
