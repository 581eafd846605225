package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vedetta/config"
	"vedetta/news"
	"vedetta/store"
)

const feedPath = "/feeds/patto.atom"

// libraryArticles is how large the archive of a benchmark of pages is.
var libraryArticles = flag.Int("articles", 3000, "articles in the archive of BenchmarkPages and BenchmarkSearchPage (100000: minutes)")

// librarySize is what -articles says, and little with -short.
func librarySize() int {
	if testing.Short() {
		return min(*libraryArticles, 300)
	}
	return *libraryArticles
}

// library is a daemon whose store holds n articles on the topic, each with a
// text of its own: two an hour, five of a thread, every third with a copy.
func library(b *testing.B, n int, text func() string) *service {
	b.Helper()
	cfg, err := config.Parse("feeds.yaml", []byte(minimal))
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(filepath.Join(b.TempDir(), "vedetta.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	now := time.Now().Add(-time.Hour)
	for i := 0; i < n; i += 500 {
		if err := s.Commit(shelf(now, i, min(n, i+500), text)); err != nil {
			b.Fatal(err)
		}
	}
	d := newService(nil, "127.0.0.1:0", s, newMeasures(), slog.New(slog.DiscardHandler))
	setup, err := d.prepare(cfg, nil)
	if err != nil {
		b.Fatal(err)
	}
	d.serving.Store(setup)
	return d
}

// shelf is a visit that brings the articles from one number to another.
func shelf(now time.Time, from, to int, text func() string) news.Visit {
	v := news.Visit{Source: "alfa", Poll: news.Poll{Last: now, Success: now}}
	sentence := "La Nato e il Giappone hanno parlato di rotte e di mari."
	for i := from; i < to; i++ {
		at := now.Add(-time.Duration(i) * 30 * time.Minute)
		id, story := fmt.Sprintf("a%07d", i), fmt.Sprintf("s%07d", i)
		a := news.Article{
			ID: id, Source: "alfa", URL: "https://alfa.example/" + id, Title: "Nato e Giappone, capitolo " + strconv.Itoa(i), Text: sentence + " " + text(),
			Lang: "it", Published: at, Seen: at, Story: story,
			Verdicts: []news.Verdict{{
				Topic: "patto", On: true, Score: 0.9, Facets: []string{"nato-giappone"},
				Evidence: []news.Evidence{{Relation: "nato-giappone", Actor: "nato", Term: "Nato", Sentence: sentence, Where: news.InText}},
			}},
		}
		st := news.Story{ID: story, Shown: id, First: at, Updated: at, Thread: fmt.Sprintf("s%07d", i/5*5), Members: []news.Member{{Article: id, Source: "alfa", Published: at}}}
		v.Articles = append(v.Articles, a)
		if i%3 == 0 {
			a.ID, a.URL, a.Source = id+"c", "https://beta.example/"+id, "beta"
			v.Articles = append(v.Articles, a)
			st.Members = append(st.Members, news.Member{Article: a.ID, Source: "beta", Published: at, Of: id, Containment: 1, Why: "same text"})
		}
		v.Stories = append(v.Stories, st)
		if i%5 == 0 {
			v.Threads = append(v.Threads, news.Thread{ID: story, First: at, Last: at})
		}
		th := &v.Threads[len(v.Threads)-1]
		th.Stories = append(th.Stories, story)
	}
	return v
}

// always is the same text for every article.
func always(text string) func() string { return func() string { return text } }

// BenchmarkPages measures each kind of page, asked for after a commit, so that
// none is in the cache. -articles 100000 is the archive of years.
func BenchmarkPages(b *testing.B) {
	n := librarySize()
	d := library(b, n, always(strings.Repeat("Poi altre righe, che dicono come e quando e perché, senza fretta e senza un nome. ", 40)))
	now := time.Now()
	middle := fmt.Sprintf("%07d", n/2/15*15) // founds a thread and has a copy
	month := now.Add(-time.Duration(n) / 10 * 30 * time.Minute).Format("2006-01")
	if err := d.serving.Load().site.Warm(); err != nil {
		b.Fatal(err)
	}
	for _, path := range []string{
		"/", "/?facet=nato-giappone", "/?facet=near-misses", "/?month=" + month,
		"/?before=" + now.Add(-time.Duration(n)/5*30*time.Minute).Format("2006-01-02"), "/stories/s" + middle, "/stories/s" + middle + "/a" + middle + "c", "/threads/s" + middle,
		"/sources", "/subscribe", feedPath, "/feeds/patto.json", "/feeds/patto/archive/" + month + ".atom",
	} {
		b.Run(strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "_"), func(b *testing.B) {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
			for b.Loop() {
				b.StopTimer()
				if err := d.store.Commit(shelf(now, n+15, n+16, always(""))); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				w := httptest.NewRecorder()
				d.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(path, w.Code)
				}
			}
		})
	}
}

// vocabulary makes texts of 250 to 750 words, as frequent as in real ones:
// few are everywhere, most are rare (Zipf), and a third say nothing.
type vocabulary struct {
	rand  *rand.Rand
	zipf  *rand.Zipf
	words []string
}

func newVocabulary() *vocabulary {
	v := &vocabulary{rand: rand.New(rand.NewPCG(1, 2))}
	seen := map[string]bool{}
	for len(v.words) < 100_000 {
		var w string
		for range 2 + v.rand.IntN(3) {
			w += string("bcdfglmnprstvz"[v.rand.IntN(14)]) + string("aeiou"[v.rand.IntN(5)])
		}
		if !seen[w] {
			seen[w] = true
			v.words = append(v.words, w)
		}
	}
	v.zipf = rand.NewZipf(v.rand, 1.1, 8, uint64(len(v.words)-1))
	return v
}

func (v *vocabulary) text() string {
	little := [...]string{"il", "la", "di", "che", "e", "un", "in", "del", "per", "con", "non", "si", "dei", "alla"}
	var b strings.Builder
	for i := range 250 + v.rand.IntN(500) {
		w := v.words[v.zipf.Uint64()]
		if v.rand.IntN(3) == 0 {
			w = little[v.rand.IntN(len(little))]
		}
		b.WriteString(w)
		if b.WriteByte(' '); i%20 == 19 {
			b.WriteString("Fine.\n")
		}
	}
	return b.String()
}

// questions are of the kinds that people ask.
func (v *vocabulary) questions() (qs []string) {
	frequent := func() string { return v.words[v.rand.IntN(200)] }
	rare := func() string { return v.words[200+v.rand.IntN(20_000)] }
	for range 25 {
		qs = append(qs, frequent(), rare(), frequent()+" "+frequent(), frequent()+" "+rare(), frequent()+" -"+frequent(), `"`+frequent()+" "+frequent()+`"`,
			frequent()[:3]+"*", frequent()+" fonte:alfa", frequent()+" relazione:nato-giappone", frequent()+" dopo:"+strconv.Itoa(time.Now().Year()))
	}
	return qs
}

// BenchmarkSearchPage measures whole pages of answers, none in the cache: the
// index, the stories and articles from the store, the snippets, the template.
// It tells the time under which 95 in 100 pages are: of all, and of the best of
// each question's, which leaves out what else the machine was doing.
func BenchmarkSearchPage(b *testing.B) {
	v := newVocabulary()
	d := library(b, librarySize(), v.text)
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.index.Follow(ctx, indexed{d.store}, indexInterval, slog.New(slog.DiscardHandler))
	}()
	b.Cleanup(func() { stop(); <-done; _ = d.index.Close() })
	for {
		found, err := d.index.Search(ctx, news.Search{Clauses: []news.Clause{{Text: "nato"}}, Limit: 1})
		if err == nil && found.Share == 1 && found.Total > 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	qs := v.questions()
	best := make([]time.Duration, len(qs))
	var all []time.Duration
	hits := 0
	for b.Loop() {
		if err := d.store.Commit(news.Visit{Source: "beta", Poll: news.Poll{Last: time.Now()}}); err != nil {
			b.Fatal(err)
		}
		for i, q := range qs {
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/search?q="+url.QueryEscape(q), nil)
			w := httptest.NewRecorder()
			start := time.Now()
			d.ServeHTTP(w, r)
			took := time.Since(start)
			if w.Code != http.StatusOK {
				b.Fatal(q, w.Code)
			}
			if strings.Contains(w.Body.String(), `<div class="hits">`) {
				hits++
			}
			all = append(all, took)
			if best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	for name, times := range map[string][]time.Duration{"-ms": all, "-best-ms": best} {
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50"+name)
		b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95"+name)
	}
	b.ReportMetric(float64(hits)/float64(len(all)), "with-hits")
}

// BenchmarkLoopback holds the daemon against the least that net/http can do,
// a handler that writes one body from memory: the same bytes, one connection
// after the other request.
func BenchmarkLoopback(b *testing.B) {
	d := library(b, 100, always(strings.Repeat("E poi altre righe. ", 6)))
	address := listenAndServe(b, d.server(defaultLimits()))
	body, etag := fetch(b, "http://"+address+feedPath)
	least := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["Etag"] = []string{etag}
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h["Content-Type"], h["Content-Length"] = []string{"application/atom+xml"}, []string{strconv.Itoa(len(body))}
		_, _ = w.Write(body)
	})}
	bare := listenAndServe(b, least)
	b.Logf("a feed of %d bytes", len(body))
	for _, tt := range []struct{ name, address, header string }{
		{"feed/vedetta", address, ""},
		{"feed/net-http", bare, ""},
		{"304/vedetta", address, "If-None-Match: " + etag + "\r\n"},
		{"304/net-http", bare, "If-None-Match: " + etag + "\r\n"},
	} {
		b.Run(tt.name, func(b *testing.B) { drive(b, tt.address, tt.header) })
	}
}

func listenAndServe(b *testing.B, srv *http.Server) string {
	b.Helper()
	l, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	b.Cleanup(func() { _ = srv.Close() })
	return l.Addr().String()
}

func fetch(b *testing.B, address string) (body []byte, etag string) {
	b.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatal(resp.Status, err)
	}
	return body, resp.Header.Get("ETag")
}

// drive sends one request after the other on one connection, with as little
// work of its own as can be.
func drive(b *testing.B, address, header string) {
	conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	request := []byte("GET " + feedPath + " HTTP/1.1\r\nHost: " + address + "\r\n" + header + "\r\n")
	in := bufio.NewReaderSize(conn, 256<<10)
	for b.Loop() {
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		length := 0
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				b.Fatal(err)
			}
			if len(line) <= 2 {
				break
			}
			if name, value, ok := bytes.Cut(line, []byte(":")); ok && textproto.CanonicalMIMEHeaderKey(string(name)) == "Content-Length" {
				length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
			}
		}
		if _, err := in.Discard(length); err != nil {
			b.Fatal(err)
		}
	}
}
