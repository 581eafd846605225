package publish

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

func TestAsk(t *testing.T) {
	h := handler(t, fixture(t))
	at := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, h.site.Zone) }
	word := func(text string) news.Clause { return news.Clause{Text: text} }
	topic := "nato-giappone-italia"
	cases := []struct {
		typed   string
		want    news.Search
		remarks []string // what each says, in part
	}{
		{"", news.Search{}, nil},
		{"  missili   Tokyo ", news.Search{Clauses: []news.Clause{word("missili"), word("Tokyo")}}, nil},
		{`"ministro della Difesa" «due più due»`, news.Search{Clauses: []news.Clause{word("ministro della Difesa"), word("due più due")}}, nil},
		{`“lato giapponese`, news.Search{Clauses: []news.Clause{word("lato giapponese")}}, nil},
		{"nato-giappone l’accordo", news.Search{Clauses: []news.Clause{word("nato-giappone"), word("l’accordo")}}, nil},
		{`gcap -calcio -"pallone d'oro"`, news.Search{Clauses: []news.Clause{word("gcap"), {Text: "calcio", Not: true}, {Text: "pallone d'oro", Not: true}}}, nil},
		{"F-35 - 2+2", news.Search{Clauses: []news.Clause{word("F-35"), word("2+2")}}, nil},
		{`cyber* "programma gc"*`, news.Search{Clauses: []news.Clause{{Text: "cyber", Prefix: true}, {Text: "programma gc", Prefix: false}}}, []string{"almeno tre lettere"}},
		{"ab* *", news.Search{Clauses: []news.Clause{word("ab")}}, []string{"almeno tre lettere", "non è una parola"}},
		{"la della perché", news.Search{}, []string{"«la»", "«della»", "«perché»"}},
		{"Tokyo AND Roma OR Londra", news.Search{Clauses: []news.Clause{word("Tokyo"), word("Roma"), word("Londra")}}, []string{"«OR» non serve"}},
		{"relazione:gcap", news.Search{Clauses: []news.Clause{{Field: news.SearchRelation, Values: []string{topic + "/gcap"}}}}, nil},
		{"relation:GCAP", news.Search{Clauses: []news.Clause{{Field: news.SearchRelation, Values: []string{topic + "/gcap"}}}}, nil},
		{`relazione:"NATO Giappone"`, news.Search{Clauses: []news.Clause{{Field: news.SearchRelation, Values: []string{topic + "/nato-giappone"}}}}, nil},
		{"tema:" + topic, news.Search{Clauses: []news.Clause{{Field: news.SearchTopic, Values: []string{topic}}}}, nil},
		{`fonte:rotte -fonte:"Cieli & Motori"`, news.Search{Clauses: []news.Clause{
			{Field: news.SearchSource, Values: []string{"rotte"}}, {Field: news.SearchSource, Values: []string{"cieli"}, Not: true},
		}}, nil},
		{"FONTE:agenzia-molo", news.Search{Clauses: []news.Clause{{Field: news.SearchSource, Values: []string{"agenzia-molo"}}}}, nil},
		{"fonte:far", news.Search{Clauses: []news.Clause{{Field: news.SearchSource, Values: []string{"il-faro", "ministero"}}}}, nil},
		{"fonte:nessuna relazione:boh tema:x", news.Search{}, []string{"Nessuna fonte", "Nessuna relazione", "Nessun tema"}},
		{"dopo:2026", news.Search{After: at(2026, 1, 1)}, nil},
		{"dopo:2026-03 prima:2026-04", news.Search{After: at(2026, 3, 1), Before: at(2026, 4, 1)}, nil},
		{"after:2026-03-15 before:15/4/2026", news.Search{After: at(2026, 3, 15), Before: at(2026, 4, 15)}, nil},
		{"dal:15.3.2026 prima:3/2027", news.Search{After: at(2026, 3, 15), Before: at(2027, 3, 1)}, nil},
		{`data:"15 marzo 2026"`, news.Search{After: at(2026, 3, 15), Before: at(2026, 3, 16)}, nil},
		{`data:"1º marzo 2026"`, news.Search{After: at(2026, 3, 1), Before: at(2026, 3, 2)}, nil},
		{`data:"marzo 2026"`, news.Search{After: at(2026, 3, 1), Before: at(2026, 4, 1)}, nil},
		{"date:2025", news.Search{After: at(2025, 1, 1), Before: at(2026, 1, 1)}, nil},
		{"data:31/2/2026 dopo:ieri prima:13/13/2026 dopo:99 -dopo:2026 data:1/2/3/2026", news.Search{}, []string{"31/2/2026", "ieri", "13/13/2026", "99", "2026", "1/2/3/2026"}},
		{"Roma: vertice", news.Search{Clauses: []news.Clause{word("Roma:"), word("vertice")}}, nil},
		{"ore:15", news.Search{Clauses: []news.Clause{word("ore 15")}}, []string{"«ore:» non è un campo"}},
		{"fonte:", news.Search{Clauses: []news.Clause{word("fonte:")}}, nil},
		{"\x00 \u202e ¿? …", news.Search{}, nil},
		{strings.Repeat("parola ", 30), news.Search{Clauses: slicesRepeat(word("parola"), maxAsked)}, []string{"al massimo sedici"}},
	}
	for _, c := range cases {
		a := h.ask(h.words(), c.typed)
		if diff := cmp.Diff(c.want, a.search); diff != "" {
			t.Errorf("%q: -want +got\n%s", c.typed, diff)
		}
		if len(a.remarks) != len(c.remarks) {
			t.Errorf("%q: remarks %q, want %q", c.typed, a.remarks, c.remarks)
			continue
		}
		for i, r := range c.remarks {
			if !strings.Contains(a.remarks[i], r) || strings.Contains(a.remarks[i], "%!") {
				t.Errorf("%q: remark %q, want %q", c.typed, a.remarks[i], r)
			}
		}
	}
	if a := h.ask(h.words(), strings.Repeat("x", 10_000)); len(a.text) > maxQuestion || len(a.remarks) != 1 {
		t.Errorf("a long question becomes %d bytes with remarks %q", len(a.text), a.remarks)
	}
}

func slicesRepeat(c news.Clause, n int) []news.Clause {
	out := make([]news.Clause, n)
	for i := range out {
		out[i] = c
	}
	return out
}

func TestAskParts(t *testing.T) {
	h := handler(t, fixture(t))
	a := h.ask(h.words(), `sommergibile fonte:nessuna dopo:2025 "due più due" -calcio`)
	for i, want := range []struct{ clause, without string }{
		{"sommergibile", `dopo:2025 "due più due" -calcio`},
		{`"due più due"`, "sommergibile dopo:2025 -calcio"},
		{"-calcio", `sommergibile dopo:2025 "due più due"`},
	} {
		if clause, without := a.clause(i), a.without(i); clause != want.clause || without != want.without {
			t.Errorf("clause %d is %q, and without it the question is %q; want %+v", i, clause, without, want)
		}
	}
	if got := a.without(0, 2); got != `dopo:2025 "due più due"` {
		t.Errorf("without two clauses the question is %q", got)
	}
}

// FuzzAsk holds the parser to its bounds: it never fails, and what it asks for
// can be asked again.
func FuzzAsk(f *testing.F) {
	for _, s := range []string{`a "b c" -d* fonte:"x`, "dopo:2026-03-15 prima:1/1/2026", "-:\"«»*", "relazione:gcap data:\"marzo 2026\"", "\xff\xfe:\x00*"} {
		f.Add(s)
	}
	h := handler(f, fixture(f))
	f.Fuzz(func(t *testing.T, s string) {
		a := h.ask(h.words(), s)
		if len(a.search.Clauses) > maxAsked || len(a.text) > maxQuestion+3 || !utf8.ValidString(a.text) {
			t.Fatalf("%q: out of bounds: %+v", s, a)
		}
		if len(a.clauses) != len(a.search.Clauses) {
			t.Fatalf("%q: %d clauses as typed for %d", s, len(a.clauses), len(a.search.Clauses))
		}
		if a.search.After.IsZero() != (a.search.After.Year() < 1900) {
			t.Fatalf("%q: after %v", s, a.search.After)
		}
		again := h.ask(h.words(), a.text)
		if diff := cmp.Diff(a.search, again.search); diff != "" {
			t.Fatalf("%q is not read as %q is: %s", a.text, s, diff)
		}
		sought := newSought(a.search)
		text := "Il ministro della Difesa. " + s + " È già così, perché no?"
		pieces, _ := sought.snippet(text, "it")
		for _, p := range pieces {
			if !utf8.ValidString(p.Text) {
				t.Fatalf("%q: broken piece %q", s, p.Text)
			}
		}
	})
}
