package publish

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vedetta/news"
	"vedetta/prose"
)

// Bounds of a question.
const (
	maxQuestion = 300 // bytes
	maxAsked    = 16  // clauses
	leastOpen   = 3   // letters before a *
)

// asked is a question as it was understood.
type asked struct {
	text    string // as typed, on one line
	search  news.Search
	taken   []string // the parts of it that count, as typed
	clauses []int    // of them, those that are clauses of the search, in their order
	remarks []string // what was not taken as it was typed, in words
}

// clause is a clause of the search as it was typed.
func (a asked) clause(i int) string { return a.taken[a.clauses[i]] }

// without is the question without some clauses.
func (a asked) without(clauses ...int) string {
	var rest []string
	for i, typed := range a.taken {
		if c := slices.Index(a.clauses, i); c < 0 || !slices.Contains(clauses, c) {
			rest = append(rest, typed)
		}
	}
	return strings.Join(rest, " ")
}

// askedFields are the fields by all their names.
var askedFields = map[string]string{
	"fonte": "source", "source": "source", "testata": "source",
	"relazione": "relation", "relation": "relation",
	"tema": "topic", "topic": "topic",
	"dopo": "after", "dal": "after", "after": "after", "since": "after",
	"prima": "before", "before": "before", "until": "before",
	"data": "date", "date": "date",
}

// ask reads a question. It never fails: what cannot be understood is left out
// with a remark.
//
// A question is words, all of which have to be there; "words between quotation
// marks" stand side by side; a word that ends in * may go on; what begins with
// - must not be there. A field is its name, a colon and a value, which stands
// between quotation marks where it is several words.
func (h *Handler) ask(w words, text string) asked {
	a := asked{}
	if len(text) > maxQuestion {
		text = cut(text, maxQuestion)
		a.remarks = append(a.remarks, w.t("search.long"))
	}
	a.text = plain(text, maxQuestion)
	for _, t := range askedTokens(a.text) {
		if len(a.search.Clauses) == maxAsked {
			a.remarks = append(a.remarks, w.t("search.many"))
			break
		}
		before := a.search
		if field, ok := askedFields[strings.ToLower(t.field)]; ok {
			h.askField(&a, w, field, t)
		} else {
			a.askWords(w, t)
		}
		if len(a.search.Clauses) > len(before.Clauses) {
			a.clauses = append(a.clauses, len(a.taken))
			a.taken = append(a.taken, t.typed)
		} else if a.search.After != before.After || a.search.Before != before.Before {
			a.taken = append(a.taken, t.typed)
		}
	}
	return a
}

// askedToken is a part of a question as it is typed.
type askedToken struct {
	typed string
	not   bool
	field string // before the colon; empty for words
	value string // without quotation marks
	quote bool   // it had some
}

// quotes are the marks that open a phrase, and those that may close it.
var quotes = map[rune]string{'"': `"“”`, '“': `”“"`, '”': `”"`, '„': `“”"`, '«': `»`}

// askedTokens cuts a question at its spaces, but for those between quotation marks.
// A mark that is never closed goes to the end.
func askedTokens(s string) (out []askedToken) {
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		rest := s
		var t askedToken
		if r, ok := strings.CutPrefix(rest, "-"); ok && r != "" && r[0] != ' ' {
			t.not, rest = true, r
		}
		if name, r, ok := strings.Cut(rest, ":"); ok && r != "" && r[0] != ' ' && fieldName(name) {
			t.field, rest = name, r
		}
		first, n := utf8.DecodeRuneInString(rest)
		if closing, ok := quotes[first]; ok {
			t.quote = true
			rest = rest[n:]
			end := strings.IndexAny(rest, closing)
			if end < 0 {
				t.value, rest = rest, ""
			} else {
				_, n := utf8.DecodeRuneInString(rest[end:])
				t.value, rest = rest[:end], rest[end+n:]
				if r, ok := strings.CutPrefix(rest, "*"); ok {
					t.value, rest = t.value+"*", r
				}
			}
		} else {
			end := strings.IndexFunc(rest, unicode.IsSpace)
			if end < 0 {
				end = len(rest)
			}
			t.value, rest = rest[:end], rest[end:]
		}
		t.typed = strings.TrimSpace(s[:len(s)-len(rest)])
		out = append(out, t)
		s = rest
	}
	return out
}

func fieldName(s string) bool {
	return s != "" && len(s) < 20 && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// askWords takes a token as words.
func (a *asked) askWords(w words, t askedToken) {
	if t.field != "" {
		// Not a field that we know: a time, an address, "Roma:".
		a.remarks = append(a.remarks, w.t("search.field", t.field))
		t.value = t.field + " " + t.value
	}
	switch t.value {
	case "AND", "E", "&", "+", "|":
		return
	case "OR", "NOT":
		a.remarks = append(a.remarks, w.t("search.operator", t.value))
		return
	}
	text, open := strings.CutSuffix(t.value, "*")
	ws := prose.Words(text)
	if len(ws) == 0 {
		if strings.ContainsFunc(t.value, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || r == '*' }) {
			a.remarks = append(a.remarks, w.t("search.nothing", t.value))
		}
		return
	}
	if open && utf8.RuneCountInString(ws[len(ws)-1].Fold) < leastOpen {
		a.remarks = append(a.remarks, w.t("search.short", t.value))
		open = false
	}
	if !open && !slices.ContainsFunc(ws, func(w prose.Word) bool { return len(prose.Keys(w.Fold)) > 0 }) {
		a.remarks = append(a.remarks, w.t("search.common", t.value))
		return
	}
	a.search.Clauses = append(a.search.Clauses, news.Clause{Text: text, Prefix: open, Not: t.not})
}

// askField takes a token as what has to be known of a story.
func (h *Handler) askField(a *asked, w words, field string, t askedToken) {
	var values []string
	var none string
	switch field {
	case "source":
		values, none = h.names.sources.find(t.value), w.t("search.no.source", t.value)
	case "relation":
		values, none = h.names.relations.find(t.value), w.t("search.no.relation", t.value)
	case "topic":
		values, none = h.names.topics.find(t.value), w.t("search.no.topic", t.value)
	default:
		h.askDate(a, w, field, t)
		return
	}
	if len(values) == 0 {
		a.remarks = append(a.remarks, none)
		return
	}
	a.search.Clauses = append(a.search.Clauses, news.Clause{Field: news.SearchField(field), Values: values, Not: t.not})
}

// askDate takes a token as a bound in time. Of bounds of the same kind the
// last one counts.
func (h *Handler) askDate(a *asked, w words, field string, t askedToken) {
	from, to, ok := period(t.value, h.site.Zone)
	if !ok || t.not {
		a.remarks = append(a.remarks, w.t("search.date", t.value))
		return
	}
	if field == "after" || field == "date" {
		a.search.After = from
	}
	switch field {
	case "before":
		a.search.Before = from
	case "date":
		a.search.Before = to
	}
}

// period reads a year, a month or a day: 2026, 2026-03, 2026-03-15, 15/3/2026,
// 15.3.2026, 3/2026, "15 marzo 2026", "marzo 2026". It begins at from and ends
// before to.
func period(s string, zone *time.Location) (from, to time.Time, ok bool) {
	fields := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return r == '-' || r == '/' || r == '.' || r == 'º' || r == '°' || unicode.IsSpace(r)
	})
	if len(fields) == 0 || len(fields) > 3 {
		return from, to, false
	}
	if len(fields[0]) != 4 {
		slices.Reverse(fields) // the year comes first
	}
	numbers := []int{0, 1, 1}
	for i, f := range fields {
		n, err := strconv.Atoi(f)
		if i == 1 && err != nil {
			n, err = monthNumber(f), nil
		}
		if err != nil || n < 1 || i > 0 && len(f) > 2 && monthNumber(f) != n {
			return from, to, false
		}
		numbers[i] = n
	}
	if len(fields[0]) != 4 || numbers[0] < 1900 || numbers[1] > 12 {
		return from, to, false
	}
	from = time.Date(numbers[0], time.Month(numbers[1]), numbers[2], 0, 0, 0, 0, zone)
	if from.Day() != numbers[2] {
		return from, to, false // the 31st of a month that has 30 days
	}
	switch len(fields) {
	case 1:
		return from, from.AddDate(1, 0, 0), true
	case 2:
		return from, from.AddDate(0, 1, 0), true
	}
	return from, from.AddDate(0, 0, 1), true
}

// monthNumber is the number of a month that is named in either language, by
// three letters or more; 0 for none.
func monthNumber(name string) int {
	for _, l := range []lang{italian, english} {
		for i, m := range monthNames[l] {
			if len(name) >= 3 && strings.HasPrefix(strings.ToLower(m), name) {
				return i + 1
			}
		}
	}
	return 0
}

// names are what the fields of a question may be set to.
type names struct{ sources, relations, topics nameSet }

// nameSet maps names as people write them to values.
type nameSet map[string][]string

func newNames(site Site) names {
	n := names{nameSet{}, nameSet{}, nameSet{}}
	for _, s := range site.Sources {
		n.sources.add(s.ID, s.ID, s.Name)
	}
	for _, t := range site.Topics {
		n.topics.add(t.ID, t.ID, t.Title)
		for _, r := range t.Relations {
			n.relations.add(t.ID+"/"+r.ID, r.ID, r.Label, t.ID+"/"+r.ID)
		}
	}
	return n
}

func (s nameSet) add(value string, names ...string) {
	for _, name := range names {
		if key := nameKey(name); key != "" && !slices.Contains(s[key], value) {
			s[key] = append(s[key], value)
		}
	}
}

// find returns the values of a name, or of all names with words that begin so.
func (s nameSet) find(name string) (values []string) {
	key := nameKey(name)
	if key == "" {
		return nil
	}
	if vs, ok := s[key]; ok {
		return vs
	}
	for full, vs := range s {
		if strings.Contains(" "+full, " "+key) {
			values = append(values, vs...)
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// nameKey is a name without case, accents and punctuation.
func nameKey(name string) string {
	var folds []string
	for _, w := range prose.Words(name) {
		folds = append(folds, w.Fold)
	}
	return strings.Join(folds, " ")
}
