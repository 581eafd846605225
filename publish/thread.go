package publish

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vedetta/news"
)

// threadPage is the stories on one event, oldest first.
type threadPage struct {
	*frame
	Thread  news.Thread
	Days    []threadDay
	Count   int
	Shared  []string
	Heat    bars
	Between string
}

type threadDay struct {
	Heading string
	Date    string
	Stories []sibling
}

// Bounds of what a thread's page shows.
const (
	maxShared     = 10
	fewNames      = 4 // fewer are filled up with other words
	leastHeatDays = 4
	maxHeatDays   = 90

	leastWord           = 5 // letters of a word that is no name
	longestAbbreviation = 5 // letters
)

// threadOf reads a thread; one that is not there is empty.
func (h *Handler) threadOf(id string) (news.Thread, error) {
	if id == "" {
		return news.Thread{}, nil
	}
	t, err := h.reader.Thread(id)
	if isNotExist(err) {
		return news.Thread{}, nil
	}
	return t, err
}

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func (h *Handler) threadPage(fr *frame, id string) (document, error) {
	t, err := h.reader.Thread(id)
	if isNotExist(err) {
		// A story without company is a thread that is not stored, and so is a
		// thread that dissolved: the story is what there is.
		st, err := h.reader.Story(id)
		if err != nil {
			return document{}, err
		}
		return document{}, &movedError{to: "/stories/" + st.ID}
	}
	if err != nil {
		return document{}, err
	}
	if t.ID != id {
		return document{}, &movedError{to: "/threads/" + t.ID}
	}
	list, err := h.tellAll(t.Stories[max(0, len(t.Stories)-maxThread):])
	if err != nil {
		return document{}, err
	}
	if len(list) == 0 {
		return document{}, fs.ErrNotExist
	}
	slices.SortStableFunc(list, func(a, b sibling) int { return a.Published.Compare(b.Published) })
	p := threadPage{frame: fr, Thread: t, Count: len(list)}
	fr.Section = "stories"
	fr.PageTitle = slices.MaxFunc(list, func(a, b sibling) int { return cmp.Compare(a.Others, b.Others) }).Title
	first, last := list[0].Published, list[len(list)-1].Published
	p.Between = fr.T("thread.between", fr.N("stories.count", p.Count), fr.cal.between(first, last))
	if len(h.site.Topics) > 0 {
		fr.discover(h.site.Topics[0], "")
	}
	p.Shared = shared(t.Links)
	fr.Description = p.Between + ". " + fr.T("thread.shared") + ": " + strings.Join(p.Shared, ", ")
	for _, s := range list {
		date := s.Published.In(fr.cal.zone).Format("2006-01-02")
		if n := len(p.Days); n == 0 || p.Days[n-1].Date != date {
			p.Days = append(p.Days, threadDay{Heading: fr.cal.day(s.Published), Date: date})
		}
		d := &p.Days[len(p.Days)-1]
		d.Stories = append(d.Stories, s)
	}
	p.heat(list)
	return h.render("thread", p)
}

// shared are the terms that tie a thread's stories, those of most links first:
// the names among them, and the other words only where names are few.
func shared(links []news.Link) []string {
	counts := map[string]int{}
	var keys []string
	terms := map[string]string{}
	for _, l := range links {
		for _, term := range l.Shared {
			term = plain(term, maxName)
			if key := nameKey(term); !datelike(key) {
				if counts[key]++; counts[key] == 1 {
					keys = append(keys, key)
					terms[key] = term
				} else if loud(terms[key]) {
					terms[key] = term // it may be written quietly here
				}
			}
		}
	}
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	var names, rest []string
	for _, key := range keys {
		if term := quiet(terms[key]); strings.IndexFunc(term, unicode.IsUpper) >= 0 {
			names = append(names, term)
		} else if utf8.RuneCountInString(term) >= leastWord {
			rest = append(rest, term)
		}
	}
	if few := fewNames - len(names); few > 0 {
		names = append(names, rest[:min(few, len(rest))]...)
	}
	return names[:min(len(names), maxShared)]
}

// datelike reports whether a term is made of numbers and names of days and
// months, which tell nothing alone.
func datelike(key string) bool {
	for word := range strings.FieldsSeq(key) {
		if strings.IndexFunc(word, unicode.IsLetter) >= 0 && !dateWords[word] {
			return false
		}
	}
	return true
}

// loud reports whether a term is written in capitals and is no abbreviation.
func loud(term string) bool {
	return utf8.RuneCountInString(term) > longestAbbreviation && term == strings.ToUpper(term)
}

// quiet writes a loud term as names are written.
func quiet(term string) string {
	if !loud(term) {
		return term
	}
	words := strings.Fields(strings.ToLower(term))
	for i, w := range words {
		r, n := utf8.DecodeRuneInString(w)
		words[i] = string(unicode.ToUpper(r)) + w[n:]
	}
	return strings.Join(words, " ")
}

// heat counts the stories by day.
func (p *threadPage) heat(list []sibling) {
	from := midnightUTC(list[0].Published.In(p.cal.zone))
	days := int(midnightUTC(list[len(list)-1].Published.In(p.cal.zone)).Sub(from)/(24*time.Hour)) + 1
	if days < leastHeatDays || days > maxHeatDays {
		return
	}
	counts := make([]int, days)
	most := 0
	for _, s := range list {
		i := int(midnightUTC(s.Published.In(p.cal.zone)).Sub(from) / (24 * time.Hour))
		counts[i]++
		most = max(most, counts[i])
	}
	p.Heat = newBars(counts, days*min(24, max(6, 600/days)), 40, func(i, n int) string {
		return p.cal.date(list[0].Published.AddDate(0, 0, i)) + ": " + p.N("stories.count", n)
	})
	p.Heat.Alt = p.T("thread.heat.alt", len(list), days, most)
	p.Heat.Left, p.Heat.Right = p.cal.date(list[0].Published), p.cal.date(list[len(list)-1].Published)
}
