package fetcher

import (
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

func BenchmarkParseFeed(b *testing.B) {
	body := []byte(longRSS())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if items, _, err := ParseFeed(news.Source{ID: "a"}, body, "", "https://a.example/", time.Now()); err != nil || len(items) != 20 {
			b.Fatal(len(items), err)
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
