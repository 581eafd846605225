package fetcher

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"vedetta/news"
)

// longRSS is a feed of the usual size: 20 items, some 60 KB.
func longRSS() string {
	text := strings.Repeat("<p>La nave è rientrata in porto dopo tre mesi; l’equipaggio è stato accolto dalle famiglie.</p>", 28)
	return strings.ReplaceAll(rssFeed(20, time.Now()), "</item>", "<content:encoded><![CDATA["+text+"]]></content:encoded></item>")
}

// longAtom is the same as Atom, its texts escaped.
func longAtom() string {
	text := strings.Repeat("&lt;p&gt;La nave è &lt;em&gt;rientrata&lt;/em&gt; in porto dopo tre mesi; l’equipaggio è stato accolto dalle famiglie.&lt;/p&gt;\n", 24)
	var b strings.Builder
	b.WriteString(`<feed xmlns="http://www.w3.org/2005/Atom"><title>Prova</title><link href="https://a.example/"/>` + "\n")
	for n := range 20 {
		fmt.Fprintf(&b, `<entry><id>tag:a.example,2026:%d</id><title>Notizia %[1]d</title><link href="https://a.example/%[1]d"/><updated>2026-01-19T10:%02[1]d:00Z</updated><author><name>Redazione</name></author><category term="cronaca"/><content type="html">%s</content></entry>`+"\n", n, text)
	}
	return b.String() + "</feed>"
}

func BenchmarkParseFeed(b *testing.B) {
	for name, text := range map[string]string{"RSS": longRSS(), "Atom": longAtom(), "summaries": rssFeed(20, time.Now())} {
		b.Run(name, func(b *testing.B) {
			body := []byte(text)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if items, _, err := ParseFeed(news.Source{ID: "a"}, body, "", "https://a.example/", time.Now()); err != nil || len(items) != 20 {
					b.Fatal(len(items), err)
				}
			}
		})
	}
}

// BenchmarkChanged is a visit, without the network, to a feed of twenty items
// of which the first is new.
func BenchmarkChanged(b *testing.B) {
	var bodies [2]string
	for i := range bodies {
		bodies[i] = strings.Replace(longRSS(), "<item>", fmt.Sprintf("<item><guid>nuovo %d</guid></item><item>", i), 1)
	}
	n := 0
	f, err := New(Options{Transport: trip(func(r *http.Request) (*http.Response, error) {
		n++
		return respond(r, 200, bodies[n%2]), nil
	})})
	if err != nil {
		b.Fatal(err)
	}
	src, last := news.Source{ID: "a", URL: "https://a.example/feed"}, news.Poll{}
	b.ReportAllocs()
	for b.Loop() {
		if _, last, err = f.Feed(b.Context(), src, last); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRepair(b *testing.B) {
	body := []byte(longRSS())
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := repair(body, "rss"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUnchanged is the visit that most are, without the network.
func BenchmarkUnchanged(b *testing.B) {
	f, err := New(Options{Transport: trip(func(r *http.Request) (*http.Response, error) {
		return respond(r, 304, "", "Etag", `"a"`), nil
	})})
	if err != nil {
		b.Fatal(err)
	}
	src := news.Source{ID: "a", URL: "https://a.example/feed"}
	last := news.Poll{Configured: src.URL, ETag: `"a"`, Address: src.URL}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := f.Feed(b.Context(), src, last); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFeedFile reads a file named by VEDETTA_FEED, to look at a real one.
func BenchmarkFeedFile(b *testing.B) {
	file := os.Getenv("VEDETTA_FEED")
	if file == "" {
		b.Skip("VEDETTA_FEED names no file")
	}
	body, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ParseFeed(news.Source{ID: "a"}, body, "", "https://a.example/", time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
