package publish

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// lang is a language of pages and feeds.
type lang string

const (
	italian lang = "it"
	english lang = "en"
)

// names of days and months, Sunday and January first.
var (
	dayNames = map[lang][7]string{
		italian: {"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
		english: {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	}
	monthNames = map[lang][12]string{
		italian: {
			"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
			"luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
		},
		english: {
			"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December",
		},
	}
)

// dateWords are the names of days and months as keys of names (nameKey).
var dateWords = func() map[string]bool {
	words := map[string]bool{}
	for _, l := range []lang{italian, english} {
		for _, name := range dayNames[l] {
			words[nameKey(name)] = true
		}
		for _, name := range monthNames[l] {
			words[nameKey(name)] = true
		}
	}
	return words
}()

// calendar tells times to people, in a zone and seen from a moment. Its words
// change only at midnight, so that pages can be kept for a day.
type calendar struct {
	lang  lang
	zone  *time.Location
	now   time.Time
	still bool // for what is kept: no day is named by its distance from now
}

// date is "21 novembre 2026", with the first of the month as Italians say it.
func (c calendar) date(t time.Time) string {
	t = t.In(c.zone)
	return c.dayMonth(t) + " " + strconv.Itoa(t.Year())
}

// with puts a preposition before a date: "dal 3 marzo 2026", "dall’8 marzo
// 2026", "l’11 marzo 2026". In English the preposition stands as it is.
func (c calendar) with(preposition string, t time.Time) string {
	if d := t.In(c.zone).Day(); c.lang == italian && (d == 8 || d == 11) {
		if preposition == "il" {
			return "l’" + c.date(t)
		}
		return preposition + "l’" + c.date(t)
	}
	return preposition + " " + c.date(t)
}

// between is "dall’8 all’11 marzo 2026", with the month and the year said once
// where both days share them.
func (c calendar) between(a, b time.Time) string {
	a, b = a.In(c.zone), b.In(c.zone)
	from, to := c.pick("dal", "from"), c.pick("al", "to")
	if midnightUTC(a).Equal(midnightUTC(b)) {
		return c.date(a)
	}
	start := c.with(from, a)
	if a.Year() == b.Year() {
		start = strings.TrimSuffix(start, " "+strconv.Itoa(a.Year()))
		if a.Month() == b.Month() {
			start = strings.TrimSuffix(start, " "+monthNames[c.lang][a.Month()-1])
		}
	}
	return start + " " + c.with(to, b)
}

func (c calendar) dayMonth(t time.Time) string {
	d := strconv.Itoa(t.Day())
	if c.lang == italian && t.Day() == 1 {
		d = "1º"
	}
	return d + " " + monthNames[c.lang][t.Month()-1]
}

// month is "novembre 2026".
func (c calendar) month(t time.Time) string {
	t = t.In(c.zone)
	return monthNames[c.lang][t.Month()-1] + " " + strconv.Itoa(t.Year())
}

func clock(t time.Time) string { return t.Format("15:04") }

// full is "21 novembre 2026, 14:05": for what is kept.
func (c calendar) full(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return c.date(t) + c.hour(t)
}

// hour is ", 14:05" after a day. Midnight sharp is the time of a source that
// tells the day alone, and is not told.
func (c calendar) hour(t time.Time) string {
	if t = t.In(c.zone); midnight(t) {
		return ""
	}
	return ", " + clock(t)
}

func midnight(t time.Time) bool {
	h, m, s := t.Clock()
	return h == 0 && m == 0 && s == 0
}

// when is "ieri, 14:05", "lunedì, 14:05" within the week, "3 marzo, 14:05"
// within the year, and the full date else: for what is read now.
func (c calendar) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(c.zone)
	hour := c.hour(t)
	days := c.daysAgo(t)
	switch {
	case c.still:
		return c.full(t)
	case days == 0:
		return c.pick("oggi", "today") + hour
	case days == 1:
		return c.pick("ieri", "yesterday") + hour
	case days == -1:
		return c.pick("domani", "tomorrow") + hour
	case days > 1 && days < 7:
		return dayNames[c.lang][t.Weekday()] + hour
	case t.Year() == c.now.In(c.zone).Year():
		return c.dayMonth(t) + hour
	}
	return c.full(t)
}

// day is a heading: "Oggi, sabato 21 novembre", "Giovedì 19 novembre".
func (c calendar) day(t time.Time) string {
	t = t.In(c.zone)
	name := dayNames[c.lang][t.Weekday()] + " " + c.dayMonth(t)
	if c.still || t.Year() != c.now.In(c.zone).Year() {
		name += " " + strconv.Itoa(t.Year())
	}
	if c.still {
		return capital(name)
	}
	switch c.daysAgo(t) {
	case 0:
		return c.pick("Oggi, ", "Today, ") + name
	case 1:
		return c.pick("Ieri, ", "Yesterday, ") + name
	}
	return capital(name)
}

// daysAgo counts calendar days, not spans of 24 hours: the night that clocks
// change is a night like others.
func (c calendar) daysAgo(t time.Time) int {
	return int(midnightUTC(c.now.In(c.zone)).Sub(midnightUTC(t.In(c.zone))) / (24 * time.Hour))
}

// midnightUTC maps a day to the same day in UTC, where all days are alike.
func midnightUTC(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// span tells a duration in its largest unit: "3 giorni", "2 ore".
func (c calendar) span(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < 90*time.Minute:
		return c.count(int(d.Round(time.Minute)/time.Minute), "minuto", "minuti", "minute", "minutes")
	case d < 36*time.Hour:
		return c.count(int(d.Round(time.Hour)/time.Hour), "ora", "ore", "hour", "hours")
	case d < 60*24*time.Hour:
		return c.count(int(d.Round(24*time.Hour)/(24*time.Hour)), "giorno", "giorni", "day", "days")
	case d < 700*24*time.Hour:
		return c.count(int(d/(30*24*time.Hour)), "mese", "mesi", "month", "months")
	}
	return c.count(int(d/(365*24*time.Hour)), "anno", "anni", "year", "years")
}

func (c calendar) count(n int, one, many, enOne, enMany string) string {
	if n == 1 {
		return "1 " + c.pick(one, enOne)
	}
	return fmt.Sprintf("%d %s", n, c.pick(many, enMany))
}

func (c calendar) pick(it, en string) string {
	if c.lang == english {
		return en
	}
	return it
}

// dayStart is the first moment of a day in the calendar's zone.
func (c calendar) dayStart(t time.Time) time.Time {
	y, m, d := t.In(c.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, c.zone)
}

// monthStart is the first moment of a month in a zone.
func monthStart(t time.Time, zone *time.Location) time.Time {
	y, m, _ := t.In(zone).Date()
	return time.Date(y, m, 1, 0, 0, 0, 0, zone)
}

// capital writes the first letter large.
func capital(s string) string {
	for i, r := range s {
		if i > 0 {
			break
		}
		if r == 'è' {
			return "È" + s[len("è"):]
		}
		if r >= 'a' && r <= 'z' {
			return string(r-'a'+'A') + s[1:]
		}
	}
	return s
}
