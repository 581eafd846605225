package search

import (
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"vedetta/news"
)

// Syllables of which the benchmark makes a vocabulary that is spelt as Italian
// is.
var syllables = strings.Fields(`
	ba be bi bo ca che chi co cu da de di do fa fe fi fo ga ghe gi go gra la le li lo lu ma me mi mo mu na ne ni no
	pa pe pi po pra pre ra re ri ro ru sa se si so sta ste sti sto stra ta te ti to tra tre tro va ve vi vo za zio`)

var endings = strings.Fields("o a i e one oni ale ali zione zioni mento menti ità ere are ista isti")

// seeded writes articles whose words are as frequent as in real texts: few
// words are everywhere, most are rare (Zipf), and a third say nothing.
type seeded struct {
	rand       *rand.Rand
	zipf       *rand.Zipf
	vocabulary []string
}

func newSeeded() *seeded {
	r := rand.New(rand.NewPCG(1, 2))
	s := &seeded{rand: r}
	seen := map[string]bool{}
	for len(s.vocabulary) < 200_000 {
		var w string
		for range 1 + r.IntN(4) {
			w += syllables[r.IntN(len(syllables))]
		}
		if w += endings[r.IntN(len(endings))]; !seen[w] {
			seen[w] = true
			s.vocabulary = append(s.vocabulary, w)
		}
	}
	s.zipf = rand.NewZipf(r, 1.1, 8, uint64(len(s.vocabulary)-1))
	return s
}

var little = strings.Fields("il la di che e un in del della per con non si dei alla i le da ha sono come nel dal")

func (s *seeded) text(words int) string {
	var b strings.Builder
	for i := range words {
		switch {
		case s.rand.IntN(3) == 0:
			b.WriteString(little[s.rand.IntN(len(little))])
		default:
			b.WriteString(s.vocabulary[s.zipf.Uint64()])
		}
		if i%70 == 69 {
			b.WriteString(".\n")
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// seededArchive is an archive of n articles that are made when they are read.
type seededArchive struct {
	*archive
	n int
}

func (a *seededArchive) Size() (int, error) { return a.n, nil }

func (a *seededArchive) Since(_ time.Time, f func(news.Article) error) error {
	s := newSeeded()
	for i := range a.n {
		art := article(i, s.text(9), s.text(250+s.rand.IntN(500)))
		art.Source, art.Story = fmt.Sprintf("fonte-%d", s.rand.IntN(90)), art.ID
		if i%50 == 0 {
			art.Verdicts = []news.Verdict{{Topic: "tema", On: true, Facets: []string{"relazione"}}}
		}
		a.stories = map[string]news.Story{art.ID: {ID: art.ID, First: art.Published, Members: []news.Member{{Article: art.ID, Source: art.Source}}}}
		if err := f(art); err != nil {
			return err
		}
	}
	return nil
}

// filled is an index of n seeded articles.
func filled(b *testing.B, n int) *Index {
	b.Helper()
	x := New(b.TempDir())
	f := &follower{index: x, archive: &seededArchive{newArchive(), n}, log: slog.New(slog.DiscardHandler)}
	if err := f.step(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = x.Close() })
	return x
}

// questions are of the kinds that people ask, with frequent and with rare
// words.
func questions() []news.Search {
	s := newSeeded()
	frequent := func() string { return s.vocabulary[s.rand.IntN(200)] }
	rare := func() string { return s.vocabulary[200+s.rand.IntN(20_000)] }
	var qs []news.Search
	for range 40 {
		phrase := strings.Fields(s.text(12))[3:5]
		since := words(frequent(), rare())
		since.After = day.Add(1000 * time.Hour)
		byField := words(frequent())
		byField.Clauses = append(byField.Clauses, news.Clause{Field: news.SearchRelation, Values: []string{"tema/relazione"}})
		latest := words(frequent())
		latest.Newest = true
		qs = append(qs, words(frequent()), words(rare()), words(frequent(), frequent()), words(frequent(), rare(), rare()),
			words(frequent(), "-"+frequent()), words(strings.Join(phrase, " ")), words(frequent()+" "+frequent()),
			words(frequent()[:3]+"*"), since, byField, latest)
	}
	for i := range qs {
		qs[i].Limit = 20
	}
	return qs
}

// indexArticles is how large the index of BenchmarkSearch is.
var indexArticles = flag.Int("articles", 3000, "articles in the index of BenchmarkSearch (100000: minutes)")

// BenchmarkSearch asks an index (-articles 100000: of years), and tells the time under which 95 in 100 answers are: of all, and of the best answer to
// each question, which leaves out what else the machine was doing.
func BenchmarkSearch(b *testing.B) {
	size := *indexArticles
	if testing.Short() {
		size = min(size, 300)
	}
	x := filled(b, size)
	qs := questions()
	var all []time.Duration
	best := make([]time.Duration, len(qs))
	for b.Loop() {
		for i, q := range qs {
			start := time.Now()
			ask(b, x, q)
			took := time.Since(start)
			all = append(all, took)
			if best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	report := func(times []time.Duration, name string) {
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50"+name)
		b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95"+name)
	}
	report(all, "-ms")
	report(best, "-best-ms")
	b.ReportMetric(float64(best[len(best)-1].Microseconds())/1000, "max-best-ms")
	var bytes int64
	for _, s := range x.state.Segments {
		info, err := s.open.file.Stat()
		if err != nil {
			b.Fatal(err)
		}
		bytes += info.Size()
	}
	b.ReportMetric(float64(bytes)/float64(size), "disk-B/article")
	b.ReportMetric(float64(len(x.state.Segments)), "segments")
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "heap-MiB")
}

// BenchmarkFill fills an index with two thousand articles of five hundred
// words.
func BenchmarkFill(b *testing.B) {
	a := &seededArchive{newArchive(), 0}
	var as []news.Article
	a.n = 2_000
	_ = a.Since(time.Time{}, func(art news.Article) error { as = append(as, art); return nil })
	for b.Loop() {
		x := New(b.TempDir())
		if err := x.reset(); err != nil {
			b.Fatal(err)
		}
		f := &follower{index: x, archive: a, log: slog.New(slog.DiscardHandler), ready: true}
		bt := newBatch()
		for _, art := range as {
			st := news.Story{ID: art.ID, First: art.Published, Members: []news.Member{{Article: art.ID, Source: art.Source}}}
			if err := f.add(bt, st, []news.Article{art}); err != nil {
				b.Fatal(err)
			}
			if len(bt.docs) == batchStories {
				if err := x.commit(change{batch: bt, update: func(*manifest) {}}); err != nil {
					b.Fatal(err)
				}
				if err := x.merge(); err != nil {
					b.Fatal(err)
				}
				bt = newBatch()
			}
		}
		_ = x.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(as)), "µs/article")
}
