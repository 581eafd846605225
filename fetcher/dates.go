package fetcher

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	_ "time/tzdata" // dates without a zone are Italian also on systems that have no zone files
)

const (
	maxDateText = 200 // bytes of a text in which a date is looked for
	firstYear   = 1990
	lastYear    = 2100
)

//nolint:gochecknoglobals // tables
var (
	months = map[string]time.Month{
		"gennaio": 1, "genn": 1, "gen": 1, "january": 1, "jan": 1,
		"febbraio": 2, "febb": 2, "feb": 2, "february": 2,
		"marzo": 3, "mar": 3, "march": 3,
		"aprile": 4, "apr": 4, "april": 4,
		"maggio": 5, "magg": 5, "mag": 5, "may": 5,
		"giugno": 6, "giu": 6, "june": 6, "jun": 6,
		"luglio": 7, "lug": 7, "july": 7, "jul": 7,
		"agosto": 8, "ago": 8, "august": 8, "aug": 8,
		"settembre": 9, "sett": 9, "set": 9, "september": 9, "sept": 9, "sep": 9,
		"ottobre": 10, "ott": 10, "october": 10, "oct": 10,
		"novembre": 11, "nov": 11, "november": 11,
		"dicembre": 12, "dic": 12, "december": 12, "dec": 12,
	}
	zones = map[string]int{ // minutes east of UTC
		"z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0,
		"bst": 60, "west": 60, "cet": 60, "met": 60, "mez": 60,
		"cest": 120, "mest": 120, "mesz": 120, "eet": 120, "eest": 180, "msk": 180,
		"hkt": 480, "sgt": 480, "jst": 540, "kst": 540, "aest": 600, "aedt": 660,
		"est": -300, "edt": -240, "cst": -360, "cdt": -300,
		"mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
	}
	units = map[string]time.Duration{
		"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
	}

	rome, tokyo = zoneFile("Europe/Rome"), zoneFile("Asia/Tokyo")

	yearFirst = regexp.MustCompile(`(?:^|\D)((?:19|20)\d\d)(?:[-/.](\d{1,2})[-/.](\d{1,2})|(\d\d)(\d\d)|年(\d{1,2})月(\d{1,2})日)(?:\D|$)`)
	dayFirst  = regexp.MustCompile(`(?:^|\D)(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{4}|\d\d)(?:\D|$)`)
	word      = regexp.MustCompile(`[a-z]{3,9}`)
	dayBefore = regexp.MustCompile(`(?:^|\D)(\d{1,2})(?:st|nd|rd|th|º|°)?[\s,./-]{0,3}(?:de |di |of )?$`)
	yearAfter = regexp.MustCompile(`^\.?[\s,./'-]{0,3}(?:de |di |del )?((?:19|20)\d\d|\d\d)(?:[^\d:]|$)`)
	dayAfter  = regexp.MustCompile(`^\.?[\s,./-]{0,3}(\d{1,2})(?:st|nd|rd|th)?(?:[^\d:]|$)`)
	anyYear   = regexp.MustCompile(`(?:^|\D)((?:19|20)\d\d)(?:\D|$)`)
	clock     = regexp.MustCompile(`(?:^|[^\d:.,+-])(\d{1,2})[:.h](\d{2})(?:[:.](\d{1,2}))?(?:[.,]\d{1,9})?\s*([ap]\.?m\b\.?)?`)
	compact   = regexp.MustCompile(`t(\d\d)(\d\d)(\d\d)?(?:[.,]\d{1,9})?`)
	zone      = regexp.MustCompile(`^\s*\(?(z|[a-z]{2,4})?\s*(?:([+-−])\s?(\d{1,2}):?(\d\d)?)?(?:[^\d]|$)`)
	relative  = regexp.MustCompile(`\b(un|un'|una|an?|\d{1,3})\s*(sec|min|or[ae]|hour|h|giorn|g|gg|day|d|settiman|week)[a-z]*\.?\s+(?:fa|ago)\b`)
	recent    = regexp.MustCompile(`\b(oggi|today|ieri|yesterday|adesso|ora|now)\b`)
)

// ParseDate reads a date as feeds and pages write it: RFC 822, 1123 and 3339
// and what comes near them, ISO 8601, English and Italian month names, numbers
// in the Italian order, "2 ore fa". Where no zone is given, that of now holds.
// It is false for what is no date, or none that news can have.
func ParseDate(s string, now time.Time) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 3 {
		return time.Time{}, false
	}
	if t, ok := regular(s); ok {
		return sane(t)
	}
	s = plainDate(s)
	if t, ok := epoch(s); ok {
		return sane(t)
	}
	if y, m, d, rest, ok := calendarDay(s); ok {
		t, ok := atClock(y, m, d, rest, now.Location())
		if !ok {
			return time.Time{}, false
		}
		return sane(t)
	}
	return fromNow(s, now)
}

// regular reads the forms that nearly all feeds use, fast.
func regular(s string) (t time.Time, ok bool) {
	var err error
	switch {
	case strings.HasSuffix(s, "GMT"):
		t, err = time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", s)
	case s[0] >= '0' && s[0] <= '9':
		t, err = time.Parse(time.RFC3339, s)
	default:
		t, err = time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", s)
	}
	return t, err == nil
}

// plainDate brings a date to lower case, single blanks and a bounded length.
func plainDate(s string) string {
	if len(s) > maxDateText {
		cut := maxDateText
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut]
	}
	s = strings.ToLower(strings.ToValidUTF8(s, " "))
	s = strings.ReplaceAll(strings.ReplaceAll(s, "’", "'"), "&nbsp;", " ")
	return strings.Join(strings.Fields(s), " ")
}

func sane(t time.Time) (time.Time, bool) {
	if y := t.Year(); y < firstYear || y > lastYear {
		return time.Time{}, false
	}
	return t, true
}

// epoch reads seconds or milliseconds since 1970.
func epoch(s string) (time.Time, bool) {
	if len(s) != 10 && len(s) != 13 {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}, false
	}
	if len(s) == 13 {
		return time.UnixMilli(n).UTC(), true
	}
	return time.Unix(n, 0).UTC(), true
}

// calendarDay finds year, month and day, and returns the text without them.
func calendarDay(s string) (y, m, d int, rest string, ok bool) {
	if g := yearFirst.FindStringSubmatchIndex(s); g != nil {
		for _, i := range [...]int{2, 4, 6} {
			if g[2*i] >= 0 {
				y, m, d = number(s, g, 1), number(s, g, i), number(s, g, i+1)
				return y, m, d, s[:g[2]] + " " + s[g[2*(i+1)+1]:], validDay(y, m, d)
			}
		}
	}
	if y, m, d, rest, ok = namedDay(s); ok {
		return y, m, d, rest, true
	}
	if g := dayFirst.FindStringSubmatchIndex(s); g != nil {
		d, m, y = number(s, g, 1), number(s, g, 2), fullYear(number(s, g, 3))
		if m > 12 && d <= 12 {
			d, m = m, d
		}
		return y, m, d, s[:g[2]] + " " + s[g[7]:], validDay(y, m, d)
	}
	return 0, 0, 0, "", false
}

// namedDay finds a day by the name of its month. The last name that fits wins,
// since "mar" is also a Tuesday.
func namedDay(s string) (y, m, d int, rest string, ok bool) {
	for _, w := range word.FindAllStringIndex(s, -1) {
		month, isMonth := months[s[w[0]:w[1]]]
		if !isMonth {
			continue
		}
		before, after := s[:w[0]], s[w[1]:]
		day, year := 0, 0
		if g := dayBefore.FindStringSubmatchIndex(before); g != nil { // 15 gennaio 2026
			day, before = number(before, g, 1), before[:g[2]]
			if g := yearAfter.FindStringSubmatchIndex(after); g != nil {
				year, after = number(after, g, 1), after[g[3]:]
			}
		} else if g := dayAfter.FindStringSubmatchIndex(after); g != nil { // January 15, 2026
			day, after = number(after, g, 1), after[g[3]:]
		}
		if year == 0 { // after the time of day
			if g := anyYear.FindStringSubmatchIndex(after); g != nil {
				year, after = number(after, g, 1), after[:g[2]]+" "+after[g[3]:]
			}
		}
		if year == 0 {
			continue
		}
		if year = fullYear(year); validDay(year, int(month), day) {
			y, m, d, rest, ok = year, int(month), day, before+" "+after, true
		}
	}
	return y, m, d, rest, ok
}

// number is a group of digits, 0 when it did not match.
func number(s string, g []int, i int) int {
	if g[2*i] < 0 {
		return 0
	}
	n, err := strconv.Atoi(s[g[2*i]:g[2*i+1]])
	if err != nil {
		return 0 // unreachable: the group holds few digits
	}
	return n
}

func fullYear(y int) int {
	switch {
	case y < 70:
		return 2000 + y
	case y < 100:
		return 1900 + y
	}
	return y
}

func validDay(y, m, d int) bool {
	if m < 1 || m > 12 || d < 1 {
		return false
	}
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Day() == d
}

// atClock adds the time of day and the zone in rest to a day.
func atClock(y, m, d int, rest string, loc *time.Location) (time.Time, bool) {
	g := clock.FindStringSubmatchIndex(rest)
	if g == nil {
		if g = compact.FindStringSubmatchIndex(rest); g == nil {
			return time.Date(y, time.Month(m), d, 0, 0, 0, 0, loc), true
		}
		g = append(g, -1, -1)
	}
	hour, minute, second := number(rest, g, 1), number(rest, g, 2), number(rest, g, 3)
	if g[8] >= 0 {
		hour %= 12
		if rest[g[8]] == 'p' {
			hour += 12
		}
	}
	if hour > 24 || minute > 59 || second > 60 {
		return time.Time{}, false
	}
	if offset, ok := offsetOf(rest[g[1]:]); ok {
		loc = time.FixedZone("", offset*60)
		if offset == 0 {
			loc = time.UTC
		}
	}
	return time.Date(y, time.Month(m), d, hour, minute, min(second, 59), 0, loc), true
}

// offsetOf reads a zone at the start of a text, in minutes east of UTC. A
// number beats a name: in "GMT+0100" the name says nothing.
func offsetOf(s string) (int, bool) {
	g := zone.FindStringSubmatchIndex(s)
	if g == nil {
		return 0, false
	}
	if g[4] >= 0 {
		hours, minutes := number(s, g, 3), number(s, g, 4)
		if g[8] < 0 && g[7]-g[6] > 2 {
			return 0, false
		}
		offset := hours*60 + minutes
		if s[g[4]] != '+' {
			offset = -offset
		}
		return offset, hours <= 14 && minutes < 60
	}
	if g[2] < 0 {
		return 0, false
	}
	offset, ok := zones[s[g[2]:g[3]]]
	return offset, ok
}

// fromNow reads "2 ore fa", "ieri alle 14:30".
func fromNow(s string, now time.Time) (time.Time, bool) {
	if g := relative.FindStringSubmatch(s); g != nil {
		n, err := strconv.Atoi(g[1])
		if err != nil {
			n = 1
		}
		return now.Add(-time.Duration(n) * unitOf(g[2])), true
	}
	g := recent.FindStringSubmatchIndex(s)
	if g == nil {
		return time.Time{}, false
	}
	switch s[g[2]:g[3]] {
	case "adesso", "ora", "now":
		return now, len(s) <= g[3]-g[2]+2 // "ora" is also an ordinary word
	case "ieri", "yesterday":
		now = now.AddDate(0, 0, -1)
	}
	y, m, d := now.Date()
	return atClock(y, int(m), d, s[g[3]:], now.Location())
}

func unitOf(word string) time.Duration {
	switch {
	case strings.HasPrefix(word, "sec"):
		return units["s"]
	case strings.HasPrefix(word, "min"):
		return units["m"]
	case strings.HasPrefix(word, "or"), strings.HasPrefix(word, "h"):
		return units["h"]
	case strings.HasPrefix(word, "settiman"), strings.HasPrefix(word, "week"):
		return units["w"]
	}
	return units["d"]
}

// zoneOf returns the zone of dates that do not name theirs, by language.
func zoneOf(lang string) *time.Location {
	switch primary, _, _ := strings.Cut(strings.ToLower(lang), "-"); primary {
	case "ja":
		return tokyo()
	case "", "it":
		return rome()
	}
	return time.UTC
}

func zoneFile(name string) func() *time.Location {
	return sync.OnceValue(func() *time.Location {
		loc, err := time.LoadLocation(name)
		if err != nil {
			return time.UTC // unreachable: the zones are embedded
		}
		return loc
	})
}
