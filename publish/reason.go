package publish

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vedetta/news"
)

// reason is a sentence that speaks for or against a topic, cut into pieces so
// that what counted can be marked.
type reason struct {
	Relations []string // labels, in the topic's order
	Actors    []string // labels of actors and themes, in order of appearance; people by name
	ID        string   // of what speaks against: a theme, or a property of the article
	Detail    string   // what a property of the article is, where no message names it
	Pieces    []piece
	Title     bool // it is the title
}

// piece is a run of text that is marked or not.
type piece struct {
	Text string
	Mark bool
}

// span is a byte range.
type span struct{ start, end int }

// maxReasons is how many sentences are shown for a verdict.
const maxReasons = 12

// place is where a sentence stands: reasons are grouped by it.
type place struct {
	where    news.Place
	sentence string
}

// gathering is reasons being grouped by sentence, in order of appearance.
type gathering struct {
	at    map[place]int
	list  []reason
	terms [][]string
}

// reason finds the reason of a sentence, or begins one; there is none left
// when there are enough.
func (g *gathering) reason(p place, term string) (*reason, bool) {
	i, ok := g.at[p]
	if !ok {
		if len(g.list) == maxReasons {
			return nil, false
		}
		i = len(g.list)
		if g.at == nil {
			g.at = map[place]int{}
		}
		g.at[p] = i
		g.list = append(g.list, reason{Title: p.where == news.InTitle})
		g.terms = append(g.terms, nil)
	}
	g.terms[i] = append(g.terms[i], term)
	return &g.list[i], true
}

// reasons are what was gathered, with the terms marked.
func (g *gathering) reasons() []reason {
	for p, i := range g.at {
		g.list[i].Pieces = pieces(p.sentence, g.terms[i])
	}
	return g.list
}

// reasons groups a verdict's evidence by sentence, strongest first.
func reasons(v news.Verdict, t news.Topic) []reason {
	var g gathering
	for _, ev := range v.Evidence {
		r, ok := g.reason(place{ev.Where, ev.Sentence}, ev.Term)
		if !ok {
			continue
		}
		if label, ok := relation(t, ev.Relation); ok && !slices.Contains(r.Relations, label) {
			r.Relations = append(r.Relations, label)
		}
		label := actor(t, ev.Actor)
		if ev.Person != "" {
			label += " (" + title(ev.Person, maxName) + ")"
		}
		if !slices.Contains(r.Actors, label) {
			r.Actors = append(r.Actors, label)
		}
	}
	return g.reasons()
}

// against does the same for what speaks against. What is a property of the
// whole article has no sentence, and stands for itself.
func against(v news.Verdict, t news.Topic) []reason {
	var g gathering
	for _, ag := range v.Against {
		p := place{ag.Where, ag.Sentence}
		if ag.Sentence == "" {
			p.where = news.Place(ag.Theme)
		}
		r, ok := g.reason(p, ag.Term)
		if !ok {
			continue
		}
		if label := actor(t, ag.Theme); !slices.Contains(r.Actors, label) {
			r.Actors = append(r.Actors, label)
		}
		if r.ID == "" {
			r.ID, r.Detail = ag.Theme, plain(ag.Detail, maxSentence)
		}
	}
	return g.reasons()
}

// actor is the label of an actor or a theme.
func actor(t news.Topic, id string) string {
	if a, ok := t.Actors[id]; ok {
		return cmp.Or(a.Label, id)
	}
	if th, ok := t.Themes[id]; ok {
		return cmp.Or(th.Label, id)
	}
	if th, ok := t.Against[id]; ok {
		return cmp.Or(th.Label, id)
	}
	return plain(id, maxName)
}

// pieces cuts a sentence around the places where its terms stand. Terms that
// are part of a longer marked one are marked with it.
func pieces(sentence string, terms []string) []piece {
	sentence = plain(sentence, maxSentence)
	var marks []span
	for _, term := range terms {
		term = plain(term, maxSentence)
		if term == "" {
			continue
		}
		for from := 0; ; {
			i := strings.Index(sentence[from:], term)
			if i < 0 {
				break
			}
			s := span{from + i, from + i + len(term)}
			if wordEdge(sentence, s) {
				marks = append(marks, s)
			}
			from = s.end
		}
	}
	return slice(sentence, merge(marks))
}

// within marks in a text the terms of those reasons whose sentences stand in
// it, and reports whether there were any.
func within(text string, rs []reason) ([]piece, bool) {
	var marks []span
	for _, r := range rs {
		var sentence strings.Builder
		for _, p := range r.Pieces {
			sentence.WriteString(p.Text)
		}
		at := strings.Index(text, sentence.String())
		if at < 0 || sentence.Len() == 0 {
			continue
		}
		for _, p := range r.Pieces {
			if p.Mark {
				marks = append(marks, span{at, at + len(p.Text)})
			}
			at += len(p.Text)
		}
	}
	return slice(text, merge(marks)), len(marks) > 0
}

// merge sorts spans and joins those that overlap or touch.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(a.start-b.start, a.end-b.end) })
	var out []span
	for _, s := range spans {
		if s.start >= s.end {
			continue
		}
		if n := len(out); n > 0 && s.start <= out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
			continue
		}
		out = append(out, s)
	}
	return out
}

// slice cuts a text at merged spans.
func slice(text string, spans []span) []piece {
	var out []piece
	at := 0
	for _, s := range spans {
		if s.start > at {
			out = append(out, piece{Text: text[at:s.start]})
		}
		out = append(out, piece{Text: text[s.start:s.end], Mark: true})
		at = s.end
	}
	if at < len(text) {
		out = append(out, piece{Text: text[at:]})
	}
	return out
}

// wordEdge reports whether the span begins and ends at the edge of a word, so
// that a short term is not marked inside a longer word.
func wordEdge(text string, s span) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:s.start])
	first, _ := utf8.DecodeRuneInString(text[s.start:])
	last, _ := utf8.DecodeLastRuneInString(text[:s.end])
	after, _ := utf8.DecodeRuneInString(text[s.end:])
	return (!wordly(before) || !wordly(first)) && (!wordly(last) || !wordly(after))
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// speaks names what a reason against is: a property of the article in our
// words, or else the theme.
func (w words) speaks(r reason) string {
	if _, ok := messages["against."+r.ID]; ok {
		return w.t("against." + r.ID)
	}
	switch {
	case r.Detail == "":
		return strings.Join(r.Actors, ", ")
	case w.lang == english: // as the stages speak
		return r.Detail
	}
	return w.t("against.other")
}

// because says in one line why an article stayed off the topic.
func (w words) because(e entry) string {
	reason := plain(e.Verdict.Reason, maxSentence)
	if !e.Verdict.Near || reason == "" {
		return ""
	}
	if len(e.Against) > 0 {
		switch top := e.Against[0]; {
		case top.Detail != "" && top.Detail == reason:
			return w.speaks(top)
		case top.ID != "" && strings.HasSuffix(reason, " "+top.ID):
			return w.t("because.theme", w.speaks(top))
		}
	}
	return w.t("because.loose")
}

// httpStatus finds the status in an error of ours.
var httpStatus = regexp.MustCompile(`\bHTTP ([1-5]\d\d)\b`)

// refusal says why a page gave no article.
func (w words) refusal(reason string) string {
	kind, detail, found := strings.Cut(reason, ":")
	if _, ok := messages["refused."+kind]; !ok {
		return plain(reason, maxSummary)
	}
	switch kind { // of some, what follows is an error, for the log
	case "page not fetched":
		if m := httpStatus.FindStringSubmatch(detail); m != nil {
			return w.t("refused.status", m[1])
		}
		return w.t("refused." + kind)
	case "extractor failed":
		return w.t("refused." + kind)
	}
	if found && plain(detail, maxName) != "" {
		return w.t("refused."+kind) + " (" + plain(detail, maxName) + ")"
	}
	return w.t("refused." + kind)
}
