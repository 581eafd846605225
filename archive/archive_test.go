package archive

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"vedetta/news"
)

var update = flag.Bool("update", false, "write the golden file anew")

// shelf is a Source over values.
type shelf struct {
	articles []news.Article
	stories  map[string]news.Story
	threads  map[string]news.Thread
	merged   map[string]string
}

func (s shelf) Since(_ time.Time, f func(news.Article) error) error {
	for _, a := range s.articles {
		if err := f(a); err != nil {
			return err
		}
	}
	return nil
}

func (s shelf) Story(id string) (news.Story, error) {
	if st, ok := s.stories[id]; ok {
		return st, nil
	}
	return news.Story{}, fmt.Errorf("story %s: %w", id, fs.ErrNotExist)
}

func (s shelf) Thread(id string) (news.Thread, error) {
	if t, ok := s.threads[id]; ok {
		return t, nil
	}
	return news.Thread{}, fmt.Errorf("thread %s: %w", id, fs.ErrNotExist)
}

func (s shelf) Merged() (stories, threads map[string]string, err error) { return s.merged, nil, nil }

func at(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }

// testShelf has a story with a copy, one of the same event, and one that is
// off the topic and whose text is no longer kept.
func testShelf() shelf {
	s := shelf{stories: map[string]news.Story{}, threads: map[string]news.Thread{}, merged: map[string]string{}}
	add := func(source, path string, t time.Time, story string, a news.Article) string {
		a.URL = "https://" + source + ".example/" + path
		a.ID, a.Source, a.Published, a.Seen, a.Lang = news.ArticleID(a.URL), source, t, t.Add(9*time.Minute), "it"
		if a.Story = story; story == "" {
			a.Story = a.ID
		}
		s.articles = append(s.articles, a)
		return a.ID
	}
	text := "L’ammiraglio Serra ha ricevuto a Tokyo la delegazione della NATO.\n\nAl centro, le rotte <artiche> & il porto di Levante."
	first := add("molo", "ammiraglio-tokyo", at(9, 8), "", news.Article{
		Title: "L’ammiraglio Serra a Tokyo", Authors: []string{"Lucia De Marchis"}, Site: "Agenzia Molo", Text: text, HTML: "<p>L’ammiraglio Serra…</p>",
		GUID: "molo-1", Tags: []string{"esteri"}, Method: "dom", Confidence: 0.93,
		Verdicts: []news.Verdict{{
			Topic: "nato-giappone-italia", On: true, Score: 0.91, Facets: []string{"nato-giappone"}, Against: []news.Against{},
			Evidence: []news.Evidence{{Relation: "nato-giappone", Actor: "giappone", Term: "Tokyo", Sentence: "L’ammiraglio Serra ha ricevuto a Tokyo la delegazione della NATO.", Where: news.InText, Start: 33, End: 38, Weight: 1.5}},
		}},
		Versions: []news.Version{{Until: at(9, 11), Title: "Serra a Tokyo", Text: "Prima stesura."}},
	})
	second := add("faro", "serra", at(9, 10), first, news.Article{Title: "Serra riceve la NATO", Text: text})
	third := add("rotte", "dopo-tokyo", at(10, 7), "", news.Article{Title: "Dopo Tokyo, il porto", Text: "Il porto di Levante si prepara."})
	add("faro", "partita", at(2, 20), "", news.Article{Title: "La partita", Text: "", Pruned: true, Verdicts: []news.Verdict{{Topic: "nato-giappone-italia", Facets: nil, Evidence: nil, Reason: "troppo corto"}}})
	for _, a := range s.articles {
		if a.Story == a.ID {
			s.stories[a.ID] = news.Story{ID: a.ID, Shown: a.ID, Thread: a.ID, First: a.Published, Updated: a.Published, Members: []news.Member{{Article: a.ID, Source: a.Source, Published: a.Published}}}
		}
	}
	st := s.stories[first]
	st.Members = append(st.Members, news.Member{Article: second, Source: "faro", Published: at(9, 10), Of: first, Resemblance: 1, Containment: 1, Sentences: 2, Why: "same text"})
	s.stories[first] = st
	for _, id := range []string{first, third} {
		st := s.stories[id]
		st.Thread = first
		s.stories[id] = st
	}
	s.threads[first] = news.Thread{ID: first, Stories: []string{first, third}, First: at(9, 8), Last: at(10, 7), Links: []news.Link{{A: first, B: third, Score: 0.6, Shared: []string{"Levante", "Tokyo"}}}}
	s.merged["ffffffffffffffffffffffff"] = first
	return s
}

func TestGolden(t *testing.T) {
	var b bytes.Buffer
	if n, err := Write(&b, testShelf(), Selection{}); err != nil || n != 4 {
		t.Fatal(n, err)
	}
	if *update {
		if err := os.WriteFile("testdata/archive.jsonl", b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/archive.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("archive is\n%s\nwant\n%s", b.Bytes(), want)
	}
	// Every line of it is one that Read takes.
	n := 0
	if err := Read("golden", bytes.NewReader(want), func(Line) error { n++; return nil }); err != nil || n != 4 {
		t.Error(n, err)
	}
}

func TestSelection(t *testing.T) {
	for want, sel := range map[string]Selection{
		"L’ammiraglio Serra a Tokyo, Serra riceve la NATO, Dopo Tokyo, il porto, La partita": {},
		"L’ammiraglio Serra a Tokyo": {Topic: "nato-giappone-italia", Facet: "nato-giappone"},
		"":                           {Topic: "nato-giappone-italia", Facet: "gcap"},
		"Dopo Tokyo, il porto":       {After: at(10, 0)},
		"La partita":                 {Until: at(9, 8)},
	} {
		var b bytes.Buffer
		if _, err := Write(&b, testShelf(), sel); err != nil {
			t.Fatal(err)
		}
		var titles []string
		if err := Read("x", &b, func(l Line) error { titles = append(titles, l.Title); return nil }); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(titles, ", "); got != want {
			t.Errorf("%+v: %s; want %s", sel, got, want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	id := news.ArticleID("https://a.example/1")
	line := `{"id":"` + id + `","url":"https://a.example/1","source":"a","seen":"2026-03-01T08:00:00Z","published":"2026-03-01T07:00:00Z","story":"` + id + `"`
	for in, want := range map[string]string{
		line + `}` + "\n\n" + line + `} x`:       "f:3: something follows the object: one a line is wanted",
		line:                                     "f:1: not a JSON object: unexpected EOF",
		`[]`:                                     `f:1: field "": a JSON array does not fit there`,
		line + `,"nuovo":1}`:                     `f:1: field "nuovo" is not known: the file was written by a newer version, or is no archive of ` + "`vedetta export --format jsonl`",
		`{"url":"https://a.example/1"}`:          `f:1: id "" is not that of url "https://a.example/1": want "` + id + `"`,
		line + `,"founds":{"story":{"id":"x"}}}`: `f:1: founds story "x", but is in story "` + id + `"`,
		line + `,"verdicts":[{"topic":""}]}`:     "f:1: a verdict has no topic",
		line + `,"founds":{"former_stories":["../../etc"]}}`:        `f:1: former id "../../etc" is no id`,
		strings.Replace(line, `"story":"`, `"story":"../`, 1) + `}`: `f:1: story "../` + id + `" is no id`,
		"\x00\xff": "f:1: not a JSON object: invalid character '\\x00' looking for beginning of value",
	} {
		err := Read("f", strings.NewReader(in), func(Line) error { return nil })
		le, ok := errors.AsType[*LineError](err)
		if !ok || le.Error() != want {
			t.Errorf("%s:\n%v\nwant\n%s", in, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if _, err := Write(&b, testShelf(), Selection{}); err != nil {
		f.Fatal(err)
	}
	for line := range bytes.Lines(b.Bytes()) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = Read("f", bytes.NewReader(data), func(l Line) error {
			if l.ID != news.ArticleID(l.URL) || strings.ContainsAny(l.Story, "/\\.") {
				t.Errorf("%+v", l)
			}
			return nil
		})
	})
}
