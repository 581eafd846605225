package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"vedetta/config"
	"vedetta/news"
	"vedetta/store"
)

const feedPath = "/feeds/patto.atom"

// library is a daemon whose store holds n articles on the topic, each with the
// text given: two an hour, five of a thread, every third with a copy.
func library(b *testing.B, n int, text string) *service {
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
func shelf(now time.Time, from, to int, text string) news.Visit {
	v := news.Visit{Source: "alfa", Poll: news.Poll{Last: now, Success: now}}
	sentence := "La Nato e il Giappone hanno parlato di rotte e di mari."
	for i := from; i < to; i++ {
		at := now.Add(-time.Duration(i) * 30 * time.Minute)
		id, story := fmt.Sprintf("a%07d", i), fmt.Sprintf("s%07d", i)
		a := news.Article{
			ID: id, Source: "alfa", URL: "https://alfa.example/" + id, Title: "Nato e Giappone, capitolo " + strconv.Itoa(i), Text: sentence + " " + text,
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

// BenchmarkPages measures each kind of page with 100,000 articles in the
// store, asked for after a commit, so that none is in the cache.
func BenchmarkPages(b *testing.B) {
	d := library(b, 100_000, strings.Repeat("Poi altre righe, che dicono come e quando e perché, senza fretta e senza un nome. ", 40))
	if err := d.serving.Load().site.Warm(); err != nil {
		b.Fatal(err)
	}
	for _, path := range []string{
		"/", "/?facet=nato-giappone", "/?facet=near-misses", "/?month=" + time.Now().AddDate(0, -8, 0).Format("2006-01"),
		"/?before=" + time.Now().AddDate(-1, 0, 0).Format("2006-01-02"), "/stories/s0050000", "/stories/s0050001/a0050001c", "/threads/s0050000",
		"/sources", "/subscribe", feedPath, "/feeds/patto.json", "/feeds/patto/archive/" + time.Now().AddDate(0, -8, 0).Format("2006-01") + ".atom",
	} {
		b.Run(strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "_"), func(b *testing.B) {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
			for b.Loop() {
				b.StopTimer()
				if err := d.store.Commit(news.Visit{Source: "beta", Poll: news.Poll{Last: time.Now()}}); err != nil {
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

// BenchmarkLoopback holds the daemon against the least that net/http can do,
// a handler that writes one body from memory: the same bytes, one connection
// after the other request.
func BenchmarkLoopback(b *testing.B) {
	d := library(b, 100, strings.Repeat("E poi altre righe. ", 6))
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
