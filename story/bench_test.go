package story_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"vedetta/news"
	"vedetta/story"
)

var million = flag.Bool("million", false, "also measure an index of a million articles (minutes, gigabytes)")

// wire makes up a stream of articles as agencies and papers publish them: a
// fifth are copies, a fifth tell of an event that others told of already.
type wire struct {
	r      *rand.Rand
	words  []string
	names  []string
	recent []news.Article
	now    time.Time
	step   time.Duration // between two articles
	n      int
}

func newWire(seed uint64, step time.Duration) *wire {
	w := &wire{r: rand.New(rand.NewPCG(seed, 1)), now: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), step: step}
	syllables := strings.Fields("ba be bi bo ca ce co da de di do fa fe fi ga go la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to va ve vi vo")
	word := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(syllables[w.r.IntN(len(syllables))])
		}
		return b.String()
	}
	for range 30000 {
		w.words = append(w.words, word(2+w.r.IntN(3)))
	}
	for range 60000 {
		s := word(3 + w.r.IntN(2))
		w.names = append(w.names, strings.ToUpper(s[:1])+s[1:])
	}
	return w
}

// rank draws one of n things, the first ones more often: the most frequent
// stands in about one article of fifty, as words do that are no everyday ones.
func (w *wire) rank(n int) int {
	return int(float64(n) * math.Pow(w.r.Float64(), 1.3))
}

// everyday are words that no list of rare ones holds.
var everyday = strings.Fields("governo ministro presidente difesa sicurezza incontro accordo paese anni parte nuovo prima sistema progetto lavoro forze missione attacco europea ieri settimana situazione decisione programma")

func (w *wire) sentence(names []string) string {
	var b strings.Builder
	b.WriteString("Il ")
	for i := range 12 + w.r.IntN(14) {
		switch {
		case i%7 == 3:
			b.WriteString(names[w.r.IntN(len(names))])
		case i == 5 && w.r.IntN(3) == 0:
			fmt.Fprint(&b, w.r.IntN(900))
		case i%2 == 1:
			b.WriteString("della")
		case i%4 == 0:
			b.WriteString(everyday[w.r.IntN(len(everyday))])
		default:
			b.WriteString(w.words[w.rank(len(w.words))])
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String()) + "."
}

func (w *wire) next() news.Article {
	w.n++
	w.now = w.now.Add(w.step)
	a := news.Article{
		ID: fmt.Sprintf("a%d", w.n), Source: fmt.Sprintf("s%d", w.r.IntN(300)), URL: fmt.Sprintf("https://s.example/%d", w.n),
		Published: w.now, Seen: w.now,
	}
	k := w.r.IntN(10)
	switch {
	case k < 2 && len(w.recent) > 0: // a copy, framed otherwise
		o := w.recent[w.r.IntN(len(w.recent))]
		a.Title, a.Text = "Copia di "+o.Title, "ROMA (ITALPRESS) – "+o.Text+"\nRiproduzione riservata"
	case k < 4 && len(w.recent) > 0: // another text on the event
		o := w.recent[w.r.IntN(len(w.recent))]
		lead, _, _ := strings.Cut(o.Text, "\n")
		a.Title = o.Title
		a.Text = w.body() + "\n" + lead
	default:
		a.Title, a.Text = w.sentence([]string{w.names[w.r.IntN(len(w.names))]}), w.body()
		w.recent = append(w.recent, a)
		if len(w.recent) > 400 {
			w.recent = w.recent[1:]
		}
	}
	return a
}

func (w *wire) body() string {
	daily := strings.Fields("Italia Roma Nato Meloni Trump Ucraina Russia Cina Europa Milano")
	names := []string{daily[w.r.IntN(len(daily))], daily[w.r.IntN(len(daily))]}
	if w.r.IntN(5) == 0 { // a matter that is in the news for weeks
		names = append(names, w.names[w.r.IntN(80)], w.names[w.r.IntN(80)])
	}
	for range 4 {
		u := w.r.Float64()
		names = append(names, w.names[int(u*math.Sqrt(u)*float64(len(w.names)))])
	}
	var lines []string
	for range 6 + w.r.IntN(6) {
		lines = append(lines, w.sentence(names))
	}
	return strings.Join(lines, "\n")
}

// BenchmarkPlace measures what it costs to place an article in an index of a
// given size that spans sixty days: place, apply and nothing else.
func BenchmarkPlace(b *testing.B) {
	sizes := []int{1000, 10_000, 100_000}
	if *million {
		sizes = append(sizes, 1_000_000)
	}
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			if testing.Short() && size > 1000 {
				b.Skip("long")
			}
			w := newWire(1, 60*24*time.Hour/time.Duration(size))
			x := story.NewIndex(story.Options{})
			batch := make([]news.Article, 0, 20)
			for range size / cap(batch) {
				batch = batch[:0]
				for range cap(batch) {
					batch = append(batch, w.next())
				}
				x.Apply(x.Place(batch))
			}
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			arts := make([]news.Article, 4000)
			for i := range arts {
				arts[i] = w.next()
			}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				if i == len(arts) {
					b.StopTimer()
					for i = range arts {
						arts[i] = w.next()
					}
					i = 0
					b.StartTimer()
				}
				x.Apply(x.Place(arts[i : i+1]))
				i++
			}
			b.ReportMetric(float64(m.HeapAlloc)/float64(size), "B/article")
		})
	}
}

// BenchmarkPlaceOneVocabulary places articles made of a hundred words and of
// paragraphs that others have too, all within a day: everything is like
// everything, and nothing of it is an event.
func BenchmarkPlaceOneVocabulary(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 9))
	w := newWire(9, time.Second)
	paragraphs := make([]string, 1000)
	for i := range paragraphs {
		var text strings.Builder
		for k := range 60 {
			text.WriteString(w.words[r.IntN(100)])
			if k%12 == 11 {
				text.WriteByte('.')
			}
			text.WriteByte(' ')
		}
		paragraphs[i] = text.String()
	}
	x := story.NewIndex(story.Options{})
	n := 0
	next := func() news.Article {
		n++
		a := news.Article{ID: fmt.Sprint(n), Source: fmt.Sprint(n % 50), Title: "Notizia", Published: w.now.Add(time.Duration(n%80_000) * time.Second)}
		for range 5 {
			a.Text += paragraphs[r.IntN(len(paragraphs))] + "\n"
		}
		return a
	}
	for range 50 {
		batch := make([]news.Article, 20)
		for i := range batch {
			batch[i] = next()
		}
		x.Apply(x.Place(batch))
	}
	b.ReportAllocs()
	for b.Loop() {
		x.Apply(x.Place([]news.Article{next()}))
	}
}

// BenchmarkPlaceIntoLargeStory places one more copy where thousands of outlets
// have a text already.
func BenchmarkPlaceIntoLargeStory(b *testing.B) {
	placeInto(b, []int{100, 1000, 5000}, func(w *wire) func() string {
		text := w.body()
		return func() string { return text }
	})
}

// BenchmarkPlaceIntoStoryOfHalves places one more article where hundreds of outlets
// have half of a text already, each with a half of its own.
func BenchmarkPlaceIntoStoryOfHalves(b *testing.B) {
	placeInto(b, []int{100, 400}, func(w *wire) func() string {
		common := w.body()
		return func() string { return common + "\n" + w.body() }
	})
}

// placeInto places one more article into a story of so many, all with texts of one
// kind.
func placeInto(b *testing.B, sizes []int, texts func(w *wire) (next func() string)) {
	for _, size := range sizes {
		if testing.Short() && size > 1000 {
			continue
		}
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			w := newWire(5, time.Second)
			text := texts(w)
			x := story.NewIndex(story.Options{})
			n := 0
			next := func() news.Article {
				n++
				at := w.now.Add(time.Duration(n) * time.Second)
				return news.Article{ID: fmt.Sprint(n), Source: fmt.Sprint("s", n), Title: "Comunicato", Text: text(), Published: at, Seen: at}
			}
			arts := make([]news.Article, size)
			for i := range arts {
				arts[i] = next()
			}
			x.Apply(x.Place(arts))
			b.ReportAllocs()
			for b.Loop() {
				x.Place([]news.Article{next()}) // not applied: the size stays
			}
		})
	}
}
