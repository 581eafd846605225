package topic

import (
	"encoding/json"
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
		if !strings.Contains(part, sentence) || !strings.Contains(sentence, term) {
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

func FuzzMatch(f *testing.F) {
	f.Add("Nato, Rutte a Tokyo", "TOKYO (AGS) – Il segretario generale dell'Alleanza ha visto il premier giapponese.\n\nLeggi anche: altro")
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
