package extractor

import (
	"strings"
	"time"
	"unicode"
)

// isoLayouts are the machine-readable forms met in pages, besides RFC 3339.
var isoLayouts = []string{
	time.RFC3339, "2006-01-02T15:04:05.999999999-0700", "2006-01-02T15:04:05-0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04-0700",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05-0700",
	"2006-01-02 15:04:05 -0700 MST", "Mon, 02 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 02 Jan 2006 15:04:05 MST",
	"2006-01-02 15:04:05 MST", "20060102T150405Z0700", "20060102T150405Z", "Mon Jan 2 15:04:05 MST 2006", "Mon Jan 2 15:04:05 -0700 2006",
}

// localLayouts do not say the zone.
var localLayouts = []string{
	"2006-01-02T15:04:05", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04",
	"2006-01-02 15:04", "2006-01-02", "2006/01/02", "2006/01/02 15:04:05", "2006/01/02 15:04", "20060102", "2006-1-2",
	"20060102150405", "2006.01.02",
}

// unzoned marks times whose zone the page does not say; localise replaces it.
var unzoned = time.FixedZone("local", 0)

// parseDate reads a date in a form for machines, else one for people. The zero
// time means that it found none.
func parseDate(s string) time.Time {
	s = strings.TrimSpace(s)
	if len(s) < 6 || len(s) > 100 {
		return time.Time{}
	}
	if s[0] >= '0' && s[0] <= '9' || unicode.IsUpper(rune(s[0])) {
		if strings.HasSuffix(s, "]") { // 2025-02-03T14:05+01:00[Europe/Rome]
			s, _, _ = strings.Cut(s, "[")
		}
		for _, f := range isoLayouts {
			if t, err := time.Parse(f, s); err == nil {
				return plausible(t)
			}
		}
		for _, f := range localLayouts {
			if t, err := time.ParseInLocation(f, s, unzoned); err == nil {
				return plausible(t)
			}
		}
	}
	if t := unix(s); !t.IsZero() {
		return t
	}
	return findDate(s)
}

func unix(s string) time.Time {
	if len(s) != 10 && len(s) != 13 {
		return time.Time{}
	}
	var n int64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return time.Time{}
		}
		n = n*10 + int64(s[i]-'0')
	}
	if len(s) == 13 {
		return plausible(time.UnixMilli(n).UTC())
	}
	return plausible(time.Unix(n, 0).UTC())
}

// plausible rejects years in which the web was not.
func plausible(t time.Time) time.Time {
	if t.Year() < 1992 || t.Year() > 2100 {
		return time.Time{}
	}
	return t
}

// months by the first letters of their names in Italian, English, German,
// French, Spanish, Portuguese; longer names are cut to these.
var months = map[string]time.Month{
	"gen": 1, "gennaio": 1, "jan": 1, "january": 1, "januar": 1, "janvier": 1, "janv": 1, "ene": 1, "enero": 1, "janeiro": 1, "jänner": 1, "jän": 1,
	"feb": 2, "febbraio": 2, "february": 2, "februar": 2, "février": 2, "févr": 2, "febrero": 2, "fevereiro": 2, "fev": 2, "febr": 2, "feber": 2,
	"mar": 3, "marzo": 3, "march": 3, "märz": 3, "mär": 3, "mars": 3, "março": 3, "mrz": 3,
	"apr": 4, "aprile": 4, "april": 4, "avril": 4, "avr": 4, "abr": 4, "abril": 4,
	"mag": 5, "maggio": 5, "may": 5, "mai": 5, "mayo": 5, "maio": 5,
	"giu": 6, "giugno": 6, "jun": 6, "june": 6, "juni": 6, "juin": 6, "junio": 6, "junho": 6,
	"lug": 7, "luglio": 7, "jul": 7, "july": 7, "juli": 7, "juillet": 7, "juil": 7, "julio": 7, "julho": 7,
	"ago": 8, "agosto": 8, "aug": 8, "august": 8, "août": 8,
	"set": 9, "sett": 9, "settembre": 9, "sep": 9, "sept": 9, "september": 9, "septembre": 9, "septiembre": 9, "setembro": 9,
	"ott": 10, "ottobre": 10, "oct": 10, "october": 10, "okt": 10, "oktober": 10, "octobre": 10, "octubre": 10, "outubro": 10, "out": 10,
	"nov": 11, "novembre": 11, "november": 11, "noviembre": 11, "novembro": 11,
	"dic": 12, "dicembre": 12, "dec": 12, "december": 12, "dez": 12, "dezember": 12, "décembre": 12, "déc": 12, "diciembre": 12, "dezembro": 12,
}

// zones by the names that follow a time of day, in seconds east of UTC.
var zones = map[string]int{"utc": 0, "gmt": 0, "z": 0, "cet": 3600, "cest": 7200, "mez": 3600, "mesz": 7200, "jst": 9 * 3600}

// field is a number, a word or a mark of a date.
type field struct {
	word string // lower case, "" for numbers
	num  int
	len  int  // digits
	sep  byte // mark before it: / . - : or blank
}

// findDate reads the first date in a text for people: "lun 3 febbraio 2025,
// ore 14.05", "03/02/2025", "February 3rd, 2025 2:05 pm". Days come before
// months unless the month is over 12.
func findDate(s string) time.Time {
	if len(s) > 400 {
		s = s[:400]
	}
	f := fields(s)
	for i := range f {
		y, m, d, next := dateAt(f, i)
		if d == 0 {
			continue
		}
		h, mi, sec, loc := timeAfter(f, next)
		t := time.Date(y, m, d, h, mi, sec, 0, loc)
		if t.Day() != d {
			continue
		}
		if t = plausible(t); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// fields splits a text into words and numbers.
func fields(s string) []field {
	var out []field
	sep := byte(' ')
	rs := []rune(strings.ToLower(s))
	for i := 0; i < len(rs) && len(out) < 60; {
		switch r := rs[i]; {
		case r >= '0' && r <= '9':
			f := field{sep: sep}
			for i < len(rs) && rs[i] >= '0' && rs[i] <= '9' {
				if f.len < 9 {
					f.num = f.num*10 + int(rs[i]-'0')
				}
				f.len++
				i++
				if f.len == 4 && f.num >= 1990 && f.num < 2100 && i+2 < len(rs) && (rs[i+1] == ':' || rs[i+2] == ':') {
					break // a year and a time of day without a blank
				}
			}
			out = append(out, f)
			sep = 0
		case unicode.IsLetter(r):
			j := i
			for i < len(rs) && unicode.IsLetter(rs[i]) {
				i++
			}
			out = append(out, field{word: string(rs[j:i]), sep: sep})
			sep = 0
		default:
			if r < 128 && (sep == 0 || sep == ' ') {
				sep = byte(r)
			} else if sep == 0 {
				sep = ' '
			}
			i++
		}
	}
	return out
}

// dateAt reads a date that begins at field i; d is 0 when there is none.
func dateAt(f []field, i int) (y int, m time.Month, d, next int) {
	at := func(k int) field {
		if k < len(f) {
			return f[k]
		}
		return field{}
	}
	a := f[i]
	switch {
	case a.word == "" && a.len == 4 && at(i+1).len <= 2 && at(i+1).len > 0 && at(i+2).len > 0 && at(i+2).len <= 2 &&
		at(i+1).sep == at(i+2).sep && at(i+1).num <= 12:
		return a.num, time.Month(at(i + 1).num), at(i + 2).num, i + 3
	case a.word == "" && a.len <= 2 && at(i+1).word != "":
		k := i + 1
		if w := at(k).word; w == "st" || w == "nd" || w == "rd" || w == "th" || w == "de" || w == "di" || w == "of" || w == "er" {
			k++
		}
		mo := months[at(k).word]
		if at(k+1).word == "de" || at(k+1).word == "del" {
			k++
		}
		if mo != 0 && at(k+1).len == 4 {
			return at(k + 1).num, mo, a.num, k + 2
		}
	case a.word == "" && a.len <= 2 && at(i+1).len > 0 && at(i+1).len <= 2 && at(i+2).len == 4 &&
		at(i+1).sep == at(i+2).sep && strings.IndexByte("/.-", at(i+1).sep) >= 0:
		d, mo := a.num, at(i+1).num
		if mo > 12 {
			d, mo = mo, d
		}
		if mo >= 1 && mo <= 12 {
			return at(i + 2).num, time.Month(mo), d, i + 3
		}
	case a.word == "" && a.len == 2 && at(i+1).len == 2 && at(i+2).len == 2 && at(i+3).len == 0 &&
		at(i+1).sep == at(i+2).sep && strings.IndexByte("/.", at(i+1).sep) >= 0:
		if y := at(i + 2).num; at(i+1).num >= 1 && at(i+1).num <= 12 && y >= 5 && y <= 60 {
			return 2000 + y, time.Month(at(i + 1).num), a.num, i + 3
		}
	case a.word != "" && months[a.word] != 0 && at(i+1).len > 0 && at(i+1).len <= 2:
		k := i + 2
		if w := at(k).word; w == "st" || w == "nd" || w == "rd" || w == "th" {
			k++
		}
		if at(k).len == 4 {
			return at(k).num, months[a.word], at(i + 1).num, k + 1
		}
	}
	return 0, 0, 0, 0
}

// timeAfter reads the time of day that follows a date, and its zone.
func timeAfter(f []field, i int) (h, m, s int, loc *time.Location) {
	for k := i; k < len(f) && k < i+5; k++ {
		if f[k].word != "" || f[k].len > 2 || f[k].len == 0 || k+1 >= len(f) {
			continue
		}
		n := f[k+1]
		if n.word != "" || n.len != 2 || n.sep != ':' && n.sep != '.' && n.sep != 'h' || f[k].num > 23 || n.num > 59 {
			if n.word == "h" && k+2 < len(f) && f[k+2].len == 2 && f[k].num < 24 && f[k+2].num < 60 {
				return f[k].num, f[k+2].num, 0, unzoned
			}
			return 0, 0, 0, unzoned
		}
		h, m = f[k].num, n.num
		k += 2
		if k < len(f) && f[k].len == 2 && f[k].sep == ':' && f[k].num < 60 {
			s = f[k].num
			k++
		}
		if k < len(f) {
			switch w := f[k].word; {
			case (w == "pm" || w == "p") && h < 12:
				h += 12
			case (w == "am" || w == "a") && h == 12:
				h = 0
			default:
				if off, ok := zones[w]; ok {
					return h, m, s, time.FixedZone(strings.ToUpper(w), off)
				}
			}
		}
		return h, m, s, unzoned
	}
	return 0, 0, 0, unzoned
}

// localise gives a time without a zone that of the place: Rome's for Italian
// pages, else UTC.
func localise(t time.Time, italian bool) time.Time {
	if t.IsZero() || t.Location() != unzoned {
		return t
	}
	loc := time.UTC
	if italian {
		loc = romeZone(t)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc)
}

// romeZone is the zone of Rome at a local time, by the European Union's rule
// (directive 2000/84/EC): summer time from the last Sunday of March to the
// last Sunday of October. The hour that comes twice is taken as summer time.
func romeZone(t time.Time) *time.Location {
	from := lastSunday(t.Year(), time.March).Add(2 * time.Hour)
	to := lastSunday(t.Year(), time.October).Add(3 * time.Hour)
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
	if !wall.Before(from) && wall.Before(to) {
		return time.FixedZone("CEST", 2*3600)
	}
	return time.FixedZone("CET", 3600)
}

func lastSunday(year int, m time.Month) time.Time {
	t := time.Date(year, m+1, 0, 0, 0, 0, 0, time.UTC)
	return t.AddDate(0, 0, -int(t.Weekday()))
}
