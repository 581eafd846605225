package topic

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

// checkSpans fails when a span of a verdict does not stand where it says.
func checkSpans(t *testing.T, a news.Article, v news.Verdict) {
	t.Helper()
	parts := map[news.Place]string{news.InTitle: a.Title, news.InSummary: a.Summary, news.InText: a.Text}
	check := func(where news.Place, term, sentence string, start, end int) {
		t.Helper()
		part := parts[where]
		if start < 0 || end > len(part) || start >= end || part[start:end] != term {
			t.Fatalf("%s[%d:%d] is not %q", where, start, end, term)
		}
		if len(sentence) > maxSentence+len(term) || !strings.Contains(part, sentence) || !strings.Contains(sentence, term) {
			t.Fatalf("%q in %q is not in the %s", term, sentence, where)
		}
	}
	for _, e := range v.Evidence {
		check(e.Where, e.Term, e.Sentence, e.Start, e.End)
	}
	for _, e := range v.Against {
		if e.Term != "" {
			check(e.Where, e.Term, e.Sentence, e.Start, e.End)
		}
	}
	if v.Score < 0 || v.Score > 1 || v.On != (len(v.Facets) > 0) || v.On && v.Near {
		t.Fatalf("verdict does not hold together: %+v", v)
	}
}

func TestConcurrentMatchesAgree(t *testing.T) {
	m := shipped(t)
	a := news.Article{
		Title: "Crosetto a Tokyo", Text: "Il ministro della Difesa ha incontrato il collega giapponese Koizumi. Italia e Giappone hanno firmato un accordo militare.",
		Published: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
	}
	want := m.Match(a)
	if !want[0].On {
		t.Fatalf("verdict %+v", want[0])
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if d := cmp.Diff(want, m.Match(a)); d != "" {
				t.Errorf("(-first +later)\n%s", d)
			}
		})
	}
	wg.Wait()
}

func TestLanguages(t *testing.T) {
	english := news.Article{
		Title: "Italy and Japan sign defence agreement",
		Text:  "The Italian defence minister met his Japanese counterpart in Tokyo on Monday. Italy and Japan signed an agreement on naval cooperation, and the two ministers said that the exercise with the Italian frigate will be held in June.",
	}
	topics := readTopics(t, "../feeds.yaml")
	m, err := Compile(topics)
	if err != nil {
		t.Fatal(err)
	}
	v := m.Match(english)[0]
	if v.On || v.Reason != `language "en" is not among those of the topic (it)` {
		t.Errorf("English as shipped: on %v, reason %q", v.On, v.Reason)
	}
	topics[0].Languages = append(topics[0].Languages, "en")
	if m, err = Compile(topics); err != nil {
		t.Fatal(err)
	}
	if v := m.Match(english)[0]; !v.On {
		t.Errorf("English with en added: %+v", v)
	}
	// What an outlet declares does not count against what is written.
	italian := news.Article{Lang: "en", Title: "Italia e Giappone", Text: "Il ministro della Difesa ha incontrato a Roma il collega giapponese: i due Paesi hanno firmato un accordo sulle esercitazioni delle due marine militari."}
	if v := m.Match(italian)[0]; !v.On {
		t.Errorf("Italian text declared English: %+v", v)
	}
}

// A topic may name its actors and nothing else.
func TestBareTopic(t *testing.T) {
	m, err := Compile([]news.Topic{{
		ID:        "spare",
		Actors:    map[string]news.Actor{"a": {Terms: []string{"Ruritania"}}, "b": {Terms: []string{"Graustark"}}},
		Relations: []news.Relation{{ID: "a-b", Between: []string{"a", "b"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	on := news.Article{
		Title: "Ruritania e Graustark più vicine",
		Text:  "Il governo della Ruritania e quello di Graustark hanno deciso ieri di lavorare insieme. La Ruritania manderà i suoi tecnici. A Graustark sono contenti della scelta.",
	}
	if v := m.Match(on)[0]; !v.On {
		t.Errorf("two parties throughout: %+v", v)
	}
	off := news.Article{
		Title: "La Ruritania vota domenica",
		Text:  "Si aprono i seggi della Ruritania per il rinnovo della camera. I candidati sono undici. Il favorito è il sindaco della capitale. Un seggio è stato aperto anche a Graustark per i residenti. Gli scrutini cominceranno alle undici di sera. I risultati sono attesi per lunedì.",
	}
	if v := m.Match(off)[0]; v.On {
		t.Errorf("one party in passing: %+v", v)
	}
}

// An admiral who has gone to the alliance no longer stands for his country.
func TestPersonOfTwoActors(t *testing.T) {
	m := shipped(t)
	a := news.Article{
		Title: "Cavo Dragone a Tokyo",
		Text:  "Il presidente del Comitato militare della Nato, ammiraglio Giuseppe Cavo Dragone, ha incontrato il capo di stato maggiore giapponese. L'Alleanza e il Giappone hanno concordato scambi di ufficiali.",
	}
	for _, tt := range []struct{ published, want string }{{"2025-05-14", "nato"}, {"2023-05-14", "italia"}} {
		a.Published, _ = time.Parse(time.DateOnly, tt.published)
		for _, e := range m.Match(a)[0].Evidence {
			if strings.HasPrefix(e.Person, "Giuseppe") && e.Actor != tt.want && e.Actor != "difesa" {
				t.Errorf("%s: %s stands for %s, want %s", tt.published, e.Person, e.Actor, tt.want)
			}
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("Nato, Rutte a Tokyo", "TOKYO (AGS) – Il segretario generale dell'Alleanza ha visto il premier giapponese.\n\nLeggi anche: altro")
	f.Add("Italia e Giappone", strings.Repeat("è l'Italia, è il Giappone, ", 60))
	f.Add("ROMA", "l’Ita\u00adlia e\u0300 \xff N.A.T.O. #a #b #c")
	m := shipped(f)
	f.Fuzz(func(t *testing.T, title, text string) {
		a := news.Article{Title: title, Text: text, Summary: title + text, Published: time.Unix(1.7e9, 0)}
		for _, v := range m.Match(a) {
			checkSpans(t, a, v)
			if _, err := json.Marshal(v); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The second topic of feeds.yaml ships switched off, and works when on.
func TestExampleTopic(t *testing.T) {
	topics := readTopics(t, "../feeds.yaml")
	if len(topics) != 2 || !topics[1].Disabled {
		t.Fatalf("feeds.yaml has %d topics, the second of which should be disabled", len(topics))
	}
	topics[1].Disabled = false
	m, err := Compile(topics)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		on          bool
		title, text string
	}{
		{true, "Tajani a Nuova Delhi: piano d'azione con l'India", "Il ministro degli Esteri ha incontrato il collega Jaishankar. Italia e India hanno firmato un memorandum sulla cooperazione nella difesa e un accordo sulla mobilità. Il partenariato strategico, ha detto, entra nel vivo."},
		{true, "Cacciatorpediniere indiano alla Spezia, esercitazione con il Bergamini", "L'unità della marina di Nuova Delhi è arrivata ieri per una sosta di tre giorni. Con la fregata italiana si è addestrata alla difesa aerea. L'ammiraglio indiano ha visitato l'arsenale: le due marine preparano un'intesa sul supporto logistico."},
		{false, "Cricket, l'Italia sfida l'India a Mumbai", "Nel torneo mondiale la nazionale italiana incontra i campioni. Partita senza storia secondo i bookmaker. Il capitano: daremo battaglia."},
		{false, "Modi vede Putin a Nuova Delhi", "India e Russia hanno firmato un accordo sulla fornitura di missili. Il premier indiano ha ricevuto il capo del Cremlino con gli onori militari. Washington protesta. L'Italia, come gli altri europei, segue con attenzione."},
		{false, "Il ristorante indiano che ha conquistato Milano", "Lo chef, nato a Delhi, propone curry con ingredienti italiani. Il locale è stato premiato dalla guida. Nel menu anche il tiramisù al cardamomo."},
	}
	for _, tt := range tests {
		a := news.Article{Title: tt.title, Text: tt.text, Published: time.Date(2025, 12, 11, 9, 0, 0, 0, time.UTC)}
		vs := m.Match(a)
		checkSpans(t, a, vs[1])
		if vs[1].On != tt.on || vs[0].On {
			t.Errorf("%s: Italy–India on %v, score %.2f (%s); Japan on %v", tt.title, vs[1].On, vs[1].Score, vs[1].Reason, vs[0].On)
		}
	}
}

// Complete examples in docs/topics.md are rules that compile.
func TestDocumentedTopics(t *testing.T) {
	raw, err := os.ReadFile("../docs/topics.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, block := range strings.Split(string(raw), "```yaml\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		if !strings.HasPrefix(block, "topics:") {
			continue
		}
		found++
		file := filepath.Join(t.TempDir(), "topics.yaml")
		if err := os.WriteFile(file, []byte(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Compile(readTopics(t, file)); err != nil {
			t.Errorf("%v in\n%s", err, block)
		}
	}
	if found == 0 {
		t.Error("no complete example in docs/topics.md")
	}
}

// Surnames belong to whoever holds the office at the time.
func TestPeopleInOffice(t *testing.T) {
	m := shipped(t)
	text := "Koizumi ha incontrato a Roma il ministro della Difesa italiano. Al centro del colloquio un accordo fra le due marine e le esercitazioni comuni. La delegazione ha visitato la fregata italiana alla Spezia."
	for _, tt := range []struct {
		published string
		want      string // in the evidence
	}{
		{"2003-08-26", "Junichiro Koizumi, primo ministro del Giappone"},
		{"2025-12-01", "Shinjiro Koizumi, ministro della Difesa del Giappone"},
		{"2015-06-01", ""},
	} {
		day, err := time.Parse(time.DateOnly, tt.published)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, e := range m.Match(news.Article{Title: "Koizumi in visita", Text: text, Published: day})[0].Evidence {
			if e.Term == "Koizumi" && e.Person != "" {
				got = e.Person
			}
		}
		if got != tt.want {
			t.Errorf("Koizumi on %s is %q, want %q", tt.published, got, tt.want)
		}
	}
}
