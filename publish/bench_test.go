package publish

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vedetta/news"
)

// bigSite serves n full articles of about 6 KB each.
func bigSite(b *testing.B, n int) *Handler {
	m := newMemory()
	now := fixtureNow(b)
	body := strings.Repeat("L’*Italia* e il *Giappone* proseguono il lavoro comune. Poi altre righe che dicono come e quando, senza fretta. ", 50)
	for i := range n {
		m.add(told{
			id: fmt.Sprintf("n%06d", i), source: "orizzonte", hours: float64(i) / 4, score: 0.9, facets: []string{"italia-giappone"},
			title: fmt.Sprintf("*Italia* e *Giappone*, capitolo %d", i), paragraphs: []string{body[:len(body)/2], body[len(body)/2:]},
		}, now)
	}
	m.revision.Store(1)
	return handler(b, m)
}

// sink takes an answer and keeps nothing of it.
type sink struct {
	header http.Header
	n      int
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { s.n += len(p); return len(p), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

func request(path string, headers ...string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// BenchmarkServe measures the handler alone, without a network.
func BenchmarkServe(b *testing.B) {
	h := bigSite(b, 100)
	etag := get(h, topicFeed).Header().Get("ETag")
	for name, r := range map[string]*http.Request{
		"feed":       request(topicFeed),
		"feed-gzip":  request(topicFeed, "Accept-Encoding", "gzip, deflate, br"),
		"304":        request(topicFeed, "If-None-Match", etag),
		"page":       request("/", "Accept-Language", "it"),
		"story":      request("/stories/s-n000001"),
		"feed-limit": request(topicFeed + "?limit=20"),
	} {
		b.Run(name, func(b *testing.B) {
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				h.ServeHTTP(w, r)
			}
		})
	}
}

// BenchmarkBuild measures what a commit costs: the document is made anew and
// comes out as it was (memo), or is made for the first time (cold).
func BenchmarkBuild(b *testing.B) {
	h := bigSite(b, 100)
	m := h.reader.(*memory)
	for name, path := range map[string]string{
		"atom": topicFeed, "rss": "/feeds/nato-giappone-italia.rss", "json": "/feeds/nato-giappone-italia.json", "stories": "/", "story": "/stories/s-n000001",
	} {
		r := request(path)
		b.Run(name+"/memo", func(b *testing.B) {
			for b.Loop() {
				m.revision.Add(1)
				h.ServeHTTP(&sink{header: http.Header{}}, r)
			}
		})
		b.Run(name+"/cold", func(b *testing.B) {
			for b.Loop() {
				h.clean = newCleaner()
				h.cache = newCache(1<<20, 0)
				h.ServeHTTP(&sink{header: http.Header{}}, r)
			}
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	before := strings.Repeat("Una frase che resta, con qualche parola in più. ", 400)
	after := strings.ReplaceAll(before, "qualche parola", "molte parole")
	for b.Loop() {
		compare(before, after)
	}
}

// BenchmarkHealth judges a thousand sources.
func BenchmarkHealth(b *testing.B) {
	now := time.Now()
	w := words{lang: italian, cal: calendar{lang: italian, zone: time.UTC, now: now}}
	p := news.Poll{Last: now, Success: now, Newest: now, Gap: time.Hour, Lengths: make([]int, 20)}
	for b.Loop() {
		for range 1000 {
			health(SourceInfo{Source: news.Source{ID: "x", Name: "X"}, Enabled: true}, p, now, w)
		}
	}
}
