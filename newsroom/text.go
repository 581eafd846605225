package newsroom

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// kind is what a block of a body is.
type kind int

const (
	paragraph kind = iota
	heading
	quotation
	list
	table
	signature
	picture
	related
)

// isText reports whether blocks of the kind belong to the text that a perfect
// extractor returns.
func (k kind) isText() bool { return k < signature }

// block is a part of a body. lines are its paragraphs, items or rows; a
// picture's are name, caption and credit, a related link's is the slug.
type block struct {
	kind  kind
	lines []string
}

// parseBlock reads a block as a data file has it.
func parseBlock(raw string) (block, error) {
	lines := strings.Split(raw, "\n")
	strip := func(prefix string) []string {
		var out []string
		for _, l := range lines {
			out = append(out, strings.TrimSpace(strings.TrimPrefix(l, prefix)))
		}
		return out
	}
	switch {
	case strings.HasPrefix(raw, "## "):
		return block{heading, strip("##")}, nil
	case strings.HasPrefix(raw, "> "):
		return block{quotation, []string{strings.Join(strip(">"), " ")}}, nil
	case strings.HasPrefix(raw, "- "):
		return block{list, strip("-")}, nil
	case strings.HasPrefix(raw, "| "):
		return block{table, lines}, nil
	case strings.HasPrefix(raw, "@related "):
		return block{related, strip("@related")}, nil
	case strings.HasPrefix(raw, "@"):
		return block{}, fmt.Errorf("unknown directive %q", raw)
	case signed.MatchString(raw):
		return block{signature, lines}, nil
	case strings.HasPrefix(raw, "!"):
		return block{picture, bars(raw[1:])}, nil
	}
	return block{paragraph, []string{strings.Join(strip(""), " ")}}, nil
}

// bars splits "a | b | c", also with bars at both ends.
func bars(s string) []string {
	var out []string
	for part := range strings.SplitSeq(strings.Trim(strings.TrimSpace(s), "|"), "|") {
		out = append(out, strings.TrimSpace(part))
	}
	return out
}

// text is what a reader sees of the block: list items begin with "- ", cells
// of a table are separated by " | ".
func (b block) text() string {
	var out []string
	for _, l := range b.lines {
		switch b.kind {
		case signature, picture, related:
			continue
		case list:
			l = "- " + l
		case table:
			l = strings.Join(bars(l), " | ")
		}
		out = append(out, plain(l))
	}
	return strings.Join(out, "\n")
}

// replaced returns the block with the replacements made; used tells which were.
func (b block) replaced(pairs [][2]string, used []bool) block {
	out := block{b.kind, make([]string, len(b.lines))}
	for i, l := range b.lines {
		for j, p := range pairs {
			if strings.Contains(l, p[0]) {
				used[j] = true
				l = strings.ReplaceAll(l, p[0], p[1])
			}
		}
		out.lines[i] = strings.TrimSpace(strings.Join(strings.Fields(l), " "))
	}
	return out
}

// textOf is the text of a body, paragraphs separated by an empty line.
func textOf(blocks []block) string {
	var out []string
	for _, b := range blocks {
		if b.kind.isText() {
			out = append(out, b.text())
		}
	}
	return strings.Join(out, "\n\n")
}

var (
	signed     = regexp.MustCompile(`^\(\p{Lu}+\)\.$`)
	linkMark   = regexp.MustCompile(`\[([^\]]+)\]\(([^)\s]+)\)`)
	boldMark   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	italicMark = regexp.MustCompile(`\*([^*]+)\*`)
	dateMark   = regexp.MustCompile(`\{(giorno|Giorno|data|ildata|mese|anno)(?::([+-]?\d+))?(?: ([a-z0-9/-]+))?\}`)
)

// plain drops the marks inside a line.
func plain(s string) string {
	s = linkMark.ReplaceAllString(s, "$1")
	s = boldMark.ReplaceAllString(s, "$1")
	return italicMark.ReplaceAllString(s, "$1")
}

// withoutLinks drops links with their words, as careless copying does.
func withoutLinks(b block) block {
	out := block{b.kind, make([]string, len(b.lines))}
	for i, l := range b.lines {
		l = linkMark.ReplaceAllString(l, "")
		out.lines[i] = strings.Join(strings.Fields(l), " ")
	}
	return out
}

// inline renders the marks inside a line as HTML.
func inline(s string) string {
	s = html.EscapeString(s)
	s = linkMark.ReplaceAllString(s, `<a href="$2" target="_blank" rel="noopener">$1</a>`)
	s = boldMark.ReplaceAllString(s, "<strong>$1</strong>")
	return italicMark.ReplaceAllString(s, "<em>$1</em>")
}

// shorten cuts s at a word so that it has at most n characters.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	s = string([]rune(s)[:n])
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return strings.TrimRight(s, " ,;:–(")
}

var (
	months   = strings.Fields("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre")
	weekdays = strings.Fields("domenica lunedì martedì mercoledì giovedì venerdì sabato")
)

// fillDates replaces the marks for days, counted from the day in Rome on which
// the article that a mark names was published; published("") is that of the
// article itself.
func fillDates(s string, published func(ref string) time.Time) string {
	return dateMark.ReplaceAllStringFunc(s, func(mark string) string {
		m := dateMark.FindStringSubmatch(mark)
		offset, _ := strconv.Atoi(m[2]) // the pattern admits numbers only; none is 0
		t := published(m[3])
		if t.IsZero() {
			return mark
		}
		d := t.In(rome()).AddDate(0, 0, offset)
		day := fmt.Sprintf("%d %s", d.Day(), months[d.Month()-1])
		switch m[1] {
		case "giorno":
			return weekdays[d.Weekday()]
		case "Giorno":
			day := weekdays[d.Weekday()]
			return strings.ToUpper(day[:1]) + day[1:]
		case "data":
			return day
		case "ildata":
			if d.Day() == 8 || d.Day() == 11 {
				return "l'" + day
			}
			return "il " + day
		case "mese":
			return months[d.Month()-1]
		default:
			return strconv.Itoa(d.Year())
		}
	})
}

// longDate is a date as Italian pages write it.
func longDate(t time.Time) string {
	t = t.In(rome())
	return fmt.Sprintf("%d %s %d", t.Day(), months[t.Month()-1], t.Year())
}

// rome is the outlets' time zone; without a time zone database, winter time.
func rome() *time.Location {
	if l, err := time.LoadLocation("Europe/Rome"); err == nil {
		return l
	}
	return time.FixedZone("CET", 3600)
}
