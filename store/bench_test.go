package store

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"vedetta/internal/cputime"
	"vedetta/news"
)

// syllables make words that no dictionary knows.
var syllables = strings.Fields(`ba be bi bo ca ce chi co cra cre da de di do fa fe fi fo fra ga ge gi go gra la le li lo
ma me mi mo na ne ni no pa pe pi po pra pre pro qua que ra re ri ro sa se si so sta ste sti sto ta te ti to tra tre tri va ve vi vo za zi zo`)

// prose makes up a text of about n bytes whose words are as frequent, and
// therefore as hard to compress, as those of a real one (Zipf's law, half of
// the words invented).
func prose(r *rand.Rand, vocabulary []string, n int) string {
	zipf := rand.NewZipf(r, 1.1, 3, uint64(len(vocabulary)-1))
	var b strings.Builder
	for sentence := 0; b.Len() < n; sentence++ {
		for i := range 8 + r.IntN(18) {
			w := vocabulary[zipf.Uint64()]
			if i == 0 {
				w = strings.ToUpper(w[:1]) + w[1:]
			} else {
				b.WriteByte(' ')
			}
			b.WriteString(w)
			if i > 3 && r.IntN(12) == 0 {
				b.WriteByte(',')
			}
		}
		if sentence%4 == 3 {
			b.WriteString(".\n\n")
		} else {
			b.WriteString(". ")
		}
	}
	return strings.TrimSpace(b.String())
}

func vocabulary(r *rand.Rand) []string {
	words := strings.Fields(`di e il la che in a per un del con una le si da i dei al non è della nel ha alla sono più
		ministro difesa governo presidente accordo Italia Giappone NATO programma sicurezza anni incontro`)
	for len(words) < 20_000 {
		var w strings.Builder
		for range 2 + r.IntN(3) {
			w.WriteString(syllables[r.IntN(len(syllables))])
		}
		words = append(words, w.String())
	}
	return words
}

// corpus returns n articles of about 3 KB of text: made up, or those of the
// file of JSON lines (title, text, html) that VEDETTA_CORPUS names, repeated.
func corpus(tb testing.TB, n int) []news.Article {
	tb.Helper()
	var given []news.Article
	if name := os.Getenv("VEDETTA_CORPUS"); name != "" {
		f, err := os.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		defer f.Close()
		for sc := bufio.NewReaderSize(f, 1<<20); ; {
			line, err := sc.ReadBytes('\n')
			if err != nil {
				break
			}
			var a news.Article
			if err := json.Unmarshal(line, &a); err != nil {
				tb.Fatal(err)
			}
			given = append(given, a)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	words := vocabulary(r)
	as := make([]news.Article, n)
	for i := range as {
		var a news.Article
		if len(given) > 0 {
			a = given[i%len(given)]
		} else {
			a.Text = prose(r, words, 2400+r.IntN(1200))
			a.Title = strings.TrimSuffix(prose(r, words, 60), ".")
			a.Summary = prose(r, words, 200)
			a.HTML = "<p>" + strings.ReplaceAll(a.Text, "\n\n", "</p>\n<p>") + "</p>"
		}
		slug := strings.Join(strings.Fields(strings.ToLower(a.Title)), "-")
		a.URL = fmt.Sprintf("https://testata-%d.example/2026/03/%s-%d/", i/20, slug, i)
		a.GUID = fmt.Sprintf("https://testata-%d.example/?p=%d", i/20, 10_000+i)
		a.ID, a.Source = news.ArticleID(a.URL), fmt.Sprintf("testata-%d", i/20)
		a.Seen = day.Add(time.Duration(i/20) * 1537 * time.Millisecond)
		a.Published = a.Seen.Add(-time.Duration(r.IntN(86400)) * time.Second).Truncate(time.Second)
		a.Lang, a.Site, a.Authors, a.Tags = "it", fmt.Sprintf("Testata %d", i/20), []string{"Redazione"}, []string{"cronaca"}
		a.Method, a.Confidence = "feed", 0.9
		a.Verdicts = []news.Verdict{{Topic: "nato-giappone-italia", Score: 0.02, Facets: []string{}, Evidence: []news.Evidence{}, Against: []news.Against{}}}
		if i%50 == 0 {
			a.Verdicts[0].On, a.Verdicts[0].Facets = true, []string{"italia-giappone"}
		}
		as[i] = a
	}
	return as
}

// BenchmarkCommit commits visits of 20 articles each to a growing store, with
// the disk's part in it.
func BenchmarkCommit(b *testing.B) {
	as := corpus(b, 2000)
	s := openSync(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		batch := make([]news.Article, 20)
		for j := range batch {
			n := i*20 + j
			a := as[n%len(as)]
			a.URL += fmt.Sprint(n)
			a.ID = news.ArticleID(a.URL)
			a.Seen = day.Add(time.Duration(n) * time.Second)
			batch[j] = a
		}
		mustCommit(b, s, visit(batch...))
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/20, "µs/article")
}

// BenchmarkUnchanged commits visits that found nothing new, one after the other
// and by eight workers.
func BenchmarkUnchanged(b *testing.B) {
	for _, workers := range []int{1, 8} {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			s := openSync(b)
			start := cputime.Used(b)
			var n atomic.Int64
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						if err := s.Commit(news.Visit{Source: fmt.Sprint("testata-", i%1000), Poll: news.Poll{Last: day, Polls: int(i)}}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64((cputime.Used(b)-start).Microseconds())/float64(b.N), "cpu-µs/visit")
		})
	}
}

// putSightings writes n sightings and returns their keys. They come in the order
// of their keys, as in any other every page would be written many times.
func putSightings(b *testing.B, s *Store, n int) []string {
	b.Helper()
	keys := make([]string, n)
	for i := range keys {
		keys[i] = news.Item{Source: "testata", GUID: strconv.Itoa(i)}.Key()
	}
	slices.Sort(keys)
	for part := range slices.Chunk(keys, 50_000) {
		var v news.Visit
		for _, k := range part {
			v.Sightings = append(v.Sightings, news.Sighting{Key: k, Digest: k, Article: k[:24], First: day})
		}
		mustCommit(b, s, v)
	}
	return keys
}

// BenchmarkKnown looks up the 20 items of a feed among many.
func BenchmarkKnown(b *testing.B) {
	n := *seenSize
	if testing.Short() {
		n = min(n, 50_000)
	}
	s := openTest(b)
	keys := putSightings(b, s, n)
	r := rand.New(rand.NewPCG(1, 1))
	feeds := make([][]string, max(1000, n/100))
	for i := range feeds {
		for range 20 {
			feeds[i] = append(feeds[i], keys[r.IntN(n)])
		}
	}
	start := cputime.Used(b)
	for i := 0; b.Loop(); i++ {
		known, err := s.Known(feeds[i%len(feeds)])
		if err != nil || len(known) < 15 { // some feeds hold an item twice
			b.Fatal(len(known), err)
		}
	}
	b.ReportMetric(float64((cputime.Used(b)-start).Nanoseconds())/float64(b.N)/20, "cpu-ns/key")
	if st, err := s.Stats(); err == nil {
		b.ReportMetric(float64(st.Size-st.Free)/float64(n), "bytes/sighting")
	}
}

// How large the stores are that are measured. The defaults are quick; what they
// say of larger ones, -articles 1000000 and -seen 10000000 say better.
var (
	archiveSize = flag.Int("articles", 10_000, "articles in the file that BenchmarkOpen opens, and ten times as many sightings")
	seenSize    = flag.Int("seen", 200_000, "sightings among which BenchmarkKnown looks")
)

// BenchmarkOpen opens a big file, after a clean end and after a crash, when all
// of it is read, and compacts it.
func BenchmarkOpen(b *testing.B) {
	n, path := *archiveSize, filepath.Join(b.TempDir(), "vedetta.db")
	if testing.Short() {
		n = min(n, 1000)
	}
	s, err := Open(path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	s.db.NoSync = true
	putSightings(b, s, 10*n)
	as := corpus(b, 1000)
	for i := 0; i < n; i += len(as) {
		v := news.Visit{Source: "testata"}
		for j, a := range as {
			a.URL = fmt.Sprintf("https://testata.example/%d", i+j)
			a.ID, a.Seen = news.ArticleID(a.URL), day.Add(time.Duration(i+j)*time.Second)
			v.Articles = append(v.Articles, a)
		}
		mustCommit(b, s, v)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for _, crashed := range []bool{false, true} {
		b.Run(fmt.Sprintf("crashed=%v", crashed), func(b *testing.B) {
			var before, after runtime.MemStats
			for b.Loop() {
				if crashed {
					if err := os.WriteFile(notePath(path), nil, 0o600); err != nil {
						b.Fatal(err)
					}
				}
				runtime.ReadMemStats(&before)
				s, err := Open(path, Options{})
				if err != nil {
					b.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
		})
	}
	b.Run("compact", func(b *testing.B) {
		s, err := Open(path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		for b.Loop() {
			if _, _, err := s.Compact(b.Context(), func() {}); err != nil {
				b.Fatal(err)
			}
		}
		st, err := s.Stats()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(st.Size)/1e6, "MB/file")
	})
}

// BenchmarkTimeline reads the newest 50 of 100,000 stories, and 50 from the
// middle.
func BenchmarkTimeline(b *testing.B) {
	n := 100_000
	if testing.Short() {
		n = 5000
	}
	s := openTest(b)
	for i := 0; i < n; i += 5000 {
		var v news.Visit
		for j := range 5000 {
			a := article(i + j)
			a.Text, a.HTML, a.Versions = "", "", nil
			v.Articles = append(v.Articles, a)
			v.Stories = append(v.Stories, alone(a))
		}
		mustCommit(b, s, v)
	}
	for name, q := range map[string]news.Query{
		"newest": {Topic: "gcap", Limit: 50},
		"middle": {Topic: "gcap", Facet: "italia-giappone", Limit: 50, Before: day.Add(time.Duration(n/2) * time.Minute)},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if sts, err := s.Timeline(q); err != nil || len(sts) != 50 {
					b.Fatal(len(sts), err)
				}
			}
		})
	}
}

// BenchmarkDisk tells how large the file gets with 20,000 articles that came
// in 1,000 visits, and what takes the place.
func BenchmarkDisk(b *testing.B) {
	n := 20_000
	if testing.Short() {
		n = 1000
	}
	as := corpus(b, n)
	raw := 0
	for _, a := range as {
		raw += len(a.Text)
	}
	for b.Loop() {
		start := cputime.Used(b)
		path := filepath.Join(b.TempDir(), "vedetta.db")
		s, err := Open(path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		s.db.NoSync = true // the disk's speed is not the question
		for i := 0; i < n; i += 20 {
			v := visit(as[i : i+20]...)
			v.Source = as[i].Source
			mustCommit(b, s, v)
		}
		b.ReportMetric(float64((cputime.Used(b)-start).Microseconds())/float64(n), "cpu-µs/article")
		st, err := s.Stats()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(st.Size)/(1<<20), "MiB")
		b.ReportMetric(float64(st.Size-st.Free)/float64(n), "bytes/article")
		b.ReportMetric(float64(raw)/float64(n), "textbytes/article")
		if testing.Verbose() {
			logBuckets(b, s)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// logBuckets shows what each bucket takes of the file, and how full its pages
// are.
func logBuckets(b *testing.B, s *Store) {
	b.Helper()
	err := s.db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, bkt *bolt.Bucket) error {
			st := bkt.Stats()
			alloc := st.LeafAlloc + st.BranchAlloc
			used := st.LeafInuse + st.BranchInuse
			b.Logf("%-16s %8d keys %10d bytes, %3d %% used", name, st.KeyN, alloc, 100*used/max(1, alloc))
			return nil
		})
	})
	if err != nil {
		b.Fatal(err)
	}
}
