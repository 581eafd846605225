package topic

import (
	"cmp"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"vedetta/news"
	"vedetta/prose"
)

// thorough is Match without a glance: every article is read in full.
func (m *Matcher) thorough(a news.Article) []news.Verdict {
	var g glance
	words := g.read(a)
	lang := cmp.Or(g.detectLanguage(a), base(a.Lang))
	verdicts := m.Match(a)
	for i := range m.topics {
		r := &m.topics[i]
		if judged, ok := r.judges(lang); ok && words {
			d := newDocument(a, judged)
			v := news.Verdict{Topic: r.id, Facets: []string{}, Evidence: []news.Evidence{}, Against: []news.Against{}}
			m.judge(r, d, a, m.byTopic(d)[i], &v)
			verdicts[i] = v
		}
	}
	return verdicts
}

// TestGlanceStopsNothing holds the verdicts on all labelled articles against
// those of reading each in full, also cut short and in capitals.
func TestGlanceStopsNothing(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	m := shipped(t)
	read, stopped := 0, 0
	for _, file := range files {
		for _, l := range readLabelled(t, file) {
			a := l.article()
			short, loud := a, a
			short.Text, short.Summary = "", cut(a.Text, 300)
			loud.Title, loud.Text = strings.ToUpper(a.Title), strings.ToUpper(a.Text)
			forms := []news.Article{a, short, loud}
			if raceEnabled {
				forms = forms[:1]
			}
			for _, a := range forms {
				sameInFull(t, m, a)
				read++
				var g glance
				if g.read(a); !m.gate.passes(a, &g, "it") {
					stopped++
				}
			}
		}
	}
	t.Logf("%d articles, %d stopped at a glance", read, stopped)
	if stopped*10 < read {
		t.Errorf("a glance stopped %d of %d articles", stopped, read)
	}
}

// sameInFull fails when the verdicts on an article are not those of reading it
// in full.
func sameInFull(t *testing.T, m *Matcher, a news.Article) {
	t.Helper()
	if full, glanced := m.thorough(a), m.Match(a); !reflect.DeepEqual(full, glanced) {
		t.Fatalf("%q (-in full +glanced)\n%s", a.Title, diff.Diff(full, glanced))
	}
}

func FuzzGlance(f *testing.F) {
	for _, s := range []string{
		"Nato e Giappone: l\u2019intesa", "LA N.A.T.O. A TOKYO", "il Giap\u00adpone, Ro\u0301ma", "caccia Gcap|tempest", "la nipponica e l'atlantica Alleanza Atlantica",
	} {
		f.Add(s, s)
	}
	topics := readTopics(f, "../feeds.yaml")
	topics[0].Languages = append(topics[0].Languages, "en")
	m, err := Compile(topics)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, title, text string) {
		sameInFull(t, m, news.Article{Title: title, Text: text, Published: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)})
	})
}

// TestGlanceTakesNoMemory holds that an article on nothing costs no more than
// its verdict.
func TestGlanceTakesNoMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	m := shipped(t)
	a := elsewhere()
	if v := m.Match(a)[0]; v.Reason != noRelation {
		t.Fatalf("verdict %+v", v)
	}
	if n := testing.AllocsPerRun(50, func() { m.Match(a) }); n > 2 {
		t.Errorf("%v allocations", n)
	}
}

// elsewhere is an article of 400 words on nothing that a topic asks for.
func elsewhere() news.Article {
	text := strings.Repeat("Il consiglio comunale di Bari ha approvato ieri sera il bilancio: la spesa per la scuola cresce del 4,5 per cento, quella per le strade cala. Secondo l\u2019opposizione mancano le risorse per gli anziani; il sindaco, invece, parla di scelte già condivise con i sindacati e con le imprese della città. ", 8)
	return news.Article{Title: "Bari approva il bilancio, più soldi alla scuola", Text: text}
}

func BenchmarkGlance(b *testing.B) {
	m, a := shipped(b), elsewhere()
	b.Logf("%d words", len(prose.Words(a.Text)))
	b.SetBytes(int64(len(a.Text)))
	b.ReportAllocs()
	for b.Loop() {
		m.Match(a)
	}
}
