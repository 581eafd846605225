package dossier

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vedetta/news"
)

var update = flag.Bool("update", false, "write the golden files anew")

// months are enough of a calendar for tests.
func testCalendar() Calendar {
	return Calendar{
		Day:    func(t time.Time) string { return t.Format("2.1.2006") },
		Minute: func(t time.Time) string { return t.Format("2.1.2006, 15:04") },
		Month: func(t time.Time) string {
			return map[time.Month]string{2: "febbraio", 3: "marzo"}[t.Month()] + t.Format(" 2006")
		},
	}
}

func at(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour, 5, 0, 0, time.FixedZone("CET", 3600))
}

// testDossier has one story of each sort, and one that wants to break out of
// every format.
func testDossier() Dossier {
	entry := func(id, source string, t time.Time, e Entry) Entry {
		e.Published = t
		e.Story = news.Story{ID: id, First: t, Members: append([]news.Member{{Article: id, Source: source, Published: t}}, e.Story.Members...)}
		return e
	}
	return Dossier{
		Title: "NATO – Giappone – Italia: GCAP", Period: "dal 1º febbraio al 31 marzo 2026", Site: "Vedetta", Lang: "it",
		Accessed: at(4, 2, 9), Calendar: testCalendar(),
		Entries: []Entry{
			entry("3f9c2ab4d1e07788aa55bb66", "orizzonte", at(2, 27, 8), Entry{
				Title: "Il nuovo caccia vola a Cameri: «È l’ora del Giappone»", Outlet: "Orizzonte Difesa", Authors: []string{"Lucia De Marchis", "Redazione esteri"},
				Link: "https://orizzonte.example/caccia-cameri", Lang: "it", Summary: "Il prototipo ha lasciato l’hangar poco dopo l’alba.", Facets: []string{"GCAP", "Italia – Giappone"},
				Reasons: [][]Piece{{{Text: "Il ministro "}, {Text: "giapponese", Mark: true}, {Text: " ha assistito al volo."}}},
				Copies: []Copy{
					{Outlet: "Il Faro", Link: "https://faro.example/1", Published: at(2, 27, 9)},
					{Outlet: "Il Faro", Link: "https://faro.example/2", Published: at(2, 27, 10)},
					{Outlet: "Rotte & Alleanze", Published: at(2, 28, 9)},
				},
			}),
			entry("a0e4e9db11223344556677aa", "ministero", at(3, 1, 10), Entry{
				Kind: news.Institution, Title: "Incontro bilaterale a Tokyo", Outlet: "Ministero dei Fari", Link: "https://ministero.example/notizie/12", Lang: "it", Origin: "Agenzia Molo",
				Summary: "1. Il colloquio, durato un’ora, ha toccato la manutenzione delle navi.",
			}),
			entry("bad0bad0bad0bad0bad0bad0", "mal_evolo", at(3, 2, 10), Entry{
				Title:  "\\input{/etc/passwd} }} @article{x, title={$100% & _#~^\"}} <script>alert(1)</script> *b* [l](javascript:a) `c` |",
				Outlet: "Mal & Evolo_{}", Authors: []string{"Mario Rossi and Luigi Verdi", "van der Berg", "D’Annunzio, Gabriele", "{Braces} Name"},
				Link: "https://malevolo.example/%7Ba%7D?q=1&r=_2#f", Lang: "en",
				Summary: "# Titolo\n- non una lista\n\n<img src=x onerror=alert(1)>",
				Reasons: [][]Piece{{{Text: " * ", Mark: true}, {Text: "\n## Titolo"}}},
				Facets:  []string{"a, b", "c}"},
			}),
		},
	}
}

func TestGolden(t *testing.T) {
	for name, write := range map[string]func(io.Writer, Dossier) error{"dossier.md": WriteMarkdown, "dossier.json": WriteCSL, "dossier.bib": WriteBibTeX} {
		var b bytes.Buffer
		if err := write(&b, testDossier()); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s is\n%s\nwant\n%s", name, b.Bytes(), want)
		}
	}
}

// However an article is worded, braces in the BibTeX balance and its fields end
// where ours do.
func TestBibTeXCannotBeLeft(t *testing.T) {
	var b bytes.Buffer
	if err := WriteBibTeX(&b, testDossier()); err != nil {
		t.Fatal(err)
	}
	depth, entries := 0, 0
	for line := range strings.Lines(b.String()) {
		if depth == 0 && strings.HasPrefix(line, "@") {
			entries++
		}
		if depth == 0 && strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "@") {
			t.Errorf("outside of all entries: %q", line)
		}
		depth += strings.Count(line, "{") - strings.Count(line, "}")
		if depth > 1 || depth < 0 {
			t.Errorf("depth %d after %q", depth, line)
		}
	}
	if entries != 3 || depth != 0 {
		t.Errorf("%d entries, depth %d at the end", entries, depth)
	}
	for _, command := range []string{`\input`, `\write`, `\immediate`} {
		if strings.Contains(b.String(), command) {
			t.Errorf("%s is live", command)
		}
	}
}

func TestKeys(t *testing.T) {
	d := testDossier()
	before := d.keys()
	// Another copy shown, another title, an earlier copy found: the same key.
	d.Entries[0].Title, d.Entries[0].Published = "Altro titolo", at(3, 5, 1)
	d.Entries[0].Story.Members = append([]news.Member{{Article: "00", Source: "altra", Published: at(2, 20, 1)}}, d.Entries[0].Story.Members...)
	if got := d.keys(); got[0] != before[0] || got[0] != "orizzonte-20260227-3f9c2ab4" {
		t.Errorf("key %s, was %s", got[0], before[0])
	}
	// Two that would be the same are told apart.
	twin := d.Entries[0]
	twin.Story.ID = "3f9c2ab4ffffffffffffffff"
	twin.Story.Members = []news.Member{{Article: twin.Story.ID, Source: "orizzonte", Published: at(2, 27, 8)}}
	d.Entries = append(d.Entries, twin)
	seen := map[string]bool{}
	for _, k := range d.keys() {
		if seen[k] || strings.Trim(k, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("key %q is taken or not plain", k)
		}
		seen[k] = true
	}
}

func TestParseName(t *testing.T) {
	for in, want := range map[string]name{
		"Mario Rossi":             {Family: "Rossi", Given: "Mario"},
		"Lucia De Marchis":        {Family: "De Marchis", Given: "Lucia"},
		"Anna Maria della Valle":  {Family: "della Valle", Given: "Anna Maria"},
		"Gabriele D’Annunzio":     {Family: "D’Annunzio", Given: "Gabriele"},
		"De Luca":                 {Family: "Luca", Given: "De"},
		"Redazione":               {Literal: "Redazione"},
		"Redazione Esteri":        {Literal: "Redazione Esteri"},
		"Agenzia Nova":            {Literal: "Agenzia Nova"},
		"Rossi, Mario":            {Literal: "Rossi, Mario"},
		"a cura della redazione":  {Literal: "a cura della redazione"},
		"Mario Rossi @mrossi":     {Literal: "Mario Rossi @mrossi"},
		"  Shigeru \t Ishiba ":    {Family: "Ishiba", Given: "Shigeru"},
		"Ursula von der Leyen":    {Family: "von der Leyen", Given: "Ursula"},
		"Comando Squadra Navale":  {Literal: "Comando Squadra Navale"},
		"Stato Maggiore Difesa":   {Literal: "Stato Maggiore Difesa"},
		"Mario Rossi e Anna Neri": {Literal: "Mario Rossi e Anna Neri"},
	} {
		if got := parseName(in); got != want {
			t.Errorf("%q: %+v; want %+v", in, got, want)
		}
	}
}

func TestEmptyDossier(t *testing.T) {
	d := testDossier()
	d.Entries = nil
	var b bytes.Buffer
	if err := WriteMarkdown(&b, d); err != nil || !strings.Contains(b.String(), "Nessuna notizia in questo periodo.") {
		t.Errorf("%v, %s", err, b.String())
	}
	b.Reset()
	var items []any
	if err := WriteCSL(&b, d); err != nil || json.Unmarshal(b.Bytes(), &items) != nil || items == nil {
		t.Errorf("%v, %s", err, b.String())
	}
	b.Reset()
	if err := WriteBibTeX(&b, d); err != nil || b.Len() > 0 {
		t.Errorf("%v, %s", err, b.String())
	}
}
