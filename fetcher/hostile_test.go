package fetcher

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"vedetta/internal/cputime"
	"vedetta/news"
)

var full = flag.Bool("full", false, "try hostile bodies in full size, and simulate a whole month")

// hostileSize is a part of the size that a body may have, or all of it.
func hostileSize(most int) int {
	switch {
	case *full:
		return most
	case raceEnabled:
		return most / 32
	}
	return most / 8
}

// fill repeats a pattern up to a size, between a head and a tail.
func fill(head, pattern, tail string, size int) string {
	n := max(0, (size-len(head)-len(tail))/len(pattern))
	return head + strings.Repeat(pattern, n) + tail
}

// hostileMost is how many times as much as a byte of an ordinary feed one of a
// hostile body may take. A parser that reads a part of it again and again for
// each byte takes thousands.
const hostileMost = 400

// allowance is the processor time that some bytes may take on this machine, if
// one takes so many times as much as of an ordinary feed.
func allowance(t *testing.T, times float64, size int) time.Duration {
	t.Helper()
	feed := []byte(longRSS())
	best := time.Duration(math.MaxInt64)
	for range 3 {
		const n = 10
		start := cputime.Used(t)
		for range n {
			if items, _, err := ParseFeed(news.Source{ID: "a"}, feed, "", "https://a.example/", time.Now()); err != nil || len(items) != 20 {
				t.Fatal(len(items), err)
			}
		}
		best = min(best, (cputime.Used(t)-start)/n)
	}
	return time.Duration(times * float64(best) * float64(max(size, len(feed))) / float64(len(feed)))
}

// cost runs f and returns the processor time and the most heap that it took. The
// heap is collected often, so that it is little more than what is in use.
func cost(t *testing.T, f func()) (time.Duration, uint64) {
	t.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	var before, m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapInuse))
			}
		}
	}()
	start := cputime.Used(t)
	f()
	took := cputime.Used(t) - start
	close(stop)
	<-done
	if p := peak.Load(); p > before.HeapInuse {
		return took, p - before.HeapInuse
	}
	return took, 0
}

// TestHostileBodies feeds the parsers texts made to make them work hard. With
// -v it prints what each costs, with -full at the size of the limits.
func TestHostileBodies(t *testing.T) {
	size := hostileSize(maxFeed)
	const open, end = `<rss version="2.0"><channel>`, `</channel></rss>`
	bodies := map[string]string{
		"one huge title":             fill(open+"<item><title>", "parola ", "</title></item>"+end, size),
		"a million items":            fill(open, "<item/>", end, size),
		"many small items":           fill(open, "<item><title>a</title></item>", end, size),
		"deep nesting":               fill(open, "<a>", "", size),
		"deep nesting in an item":    fill(open+"<item>", "<a>", "", size),
		"less-than signs":            fill(open, "<", end, size),
		"ampersands":                 fill(open+"<item><title>", "&", "</title></item>"+end, size),
		"references":                 fill(open+"<item><title>", "&egrave;", "</title></item>"+end, size),
		"references without end":     fill(open+"<item><title>", "&CounterClockwiseContourIntegral", "</title></item>"+end, size),
		"section ends":               fill(open+"<item><title>", "]]>", "</title></item>"+end, size),
		"sections":                   fill(open+"<item><title>", "<![CDATA[a]]>", "</title></item>"+end, size),
		"sections within sections":   fill(open+"<item><title>", "<![CDATA[<![CDATA[]]>", "</title></item>"+end, size),
		"sections without end":       fill(open+"<item><title>", "<![CDATA[", "", size),
		"comments":                   fill(open, "<!---->", end, size),
		"comments without end":       fill(open, "<!--", end, size),
		"declarations":               fill(open, "<!x", end, size),
		"quotes in declarations":     fill("<!DOCTYPE rss [", `<!ENTITY a "`, open+end, maxProlog),
		"attributes":                 fill("<rss ", `a="b" `, "><channel>"+end, size),
		"different attributes":       "<rss " + numbered(size/16, func(i int) string { return fmt.Sprintf(`a%d="" `, i) }) + "><channel>" + end,
		"attribute without end":      fill(`<rss a="`, "b ", "", size),
		"quotes":                     fill(`<rss a='`, `"<&`, `'><channel>`+end, size),
		"namespaces":                 "<rss>" + numbered(size/40, func(i int) string { return fmt.Sprintf(`<a xmlns:p%d="u%d"/>`, i, i) }) + end,
		"namespaces within another":  fill(open+"<item>", `<a xmlns:b="c">`, "", size),
		"end tags":                   fill(open+"<item><title>a", "</b>", "</title></item>"+end, size),
		"unclosed paragraphs":        fill(open+"<item><description>", "<p>a", "</description></item>"+end, size),
		"text in an extension":       fill(`<rss xmlns:m="m"><channel><item><m:a>`, "t<b/>", "</m:a></item>"+end, size),
		"small extensions":           fill(`<rss xmlns:m="m"><channel><item>`, "<m:a/>", "</item>"+end, size),
		"extensions of the channel":  fill(`<rss xmlns:m="m"><channel>`, "<m:a/>", end, size),
		"extensions over many items": fill(`<rss xmlns:m="m"><channel>`, "<item>"+strings.Repeat("<m:a>t</m:a>", 500)+"</item>", end, size),
		"a huge date":                fill(open+"<item><title>a</title><pubDate>", "15 gen ", "</pubDate></item>"+end, size),
		"odd dates":                  fill(open, "<item><title>a</title><pubDate>mar 15 mar mar mar 14:31 2026 a b c d e f</pubDate></item>", end, size),
		"long addresses":             fill(open, "<item><link>https://a.example/"+strings.Repeat("%41", 1000)+"</link></item>", end, size),
		"Atom of HTML":               fill(`<feed><entry><content type="html">`, "&lt;p&gt;", "</content></entry></feed>", size),
		"Atom of HTML with a base":   fill(`<feed xml:base="https://a.example/"><entry><content type="html">`, "&lt;table&gt;&lt;b&gt;", "</content></entry></feed>", size),
		"Atom of markup with a base": fill(`<feed xml:base="https://a.example/"><entry><content type="xhtml"><div>`, "<b>a</b>", "</div></content></entry></feed>", size),
		"Atom bases":                 fill(`<feed>`, `<entry xml:base="a/"><id>1</id></entry>`, "</feed>", size),
		"deep JSON":                  fill(`{"version":"https://jsonfeed.org/version/1","items":`, "[", "", size),
		"JSON of nothing":            fill(`{"version":"https://jsonfeed.org/version/1","items":[`, "null,", "null]}", size),
		"JSON of empty items":        fill(`{"version":"https://jsonfeed.org/version/1","items":[`, "{},", "{}]}", size),
		"JSON of tags":               fill(`{"version":"https://jsonfeed.org/version/1","items":[{"id":"1","tags":[`, `"a",`, `"a"]}]}`, size),
		"JSON of tags, all different": `{"version":"https://jsonfeed.org/version/1","items":[{"id":"1","tags":[` +
			numbered(size/12, func(i int) string { return fmt.Sprintf(`"t%d",`, i) }) + `"a"]}]}`,
		"categories":   open + "<item><title>a</title>" + numbered(size/40, func(i int) string { return fmt.Sprintf("<category>c%d</category>", i) }) + "</item>" + end,
		"a page":       fill("<!doctype html><html>", `<link rel=alternate type=application/rss+xml href="/comments/a">`, "", size),
		"tags of page": fill("<html>", `<link a="`, "", size),
		"UTF-16":       fill("\xff\xfe", "<\x00r\x00", "", size),
		"bad UTF-8":    fill(open, "\xc3\x28", end, size),
		"blanks":       fill("", " ", open+end, size),
	}
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	most := allowance(t, hostileMost, size)
	for name, body := range bodies {
		var items []news.Item
		var err error
		took, heap := cost(t, func() {
			items, _, err = ParseFeed(news.Source{ID: "a"}, []byte(body), "", "https://a.example/feed", now)
		})
		t.Logf("%-28s %8s %6d MiB  %4d items  %.60v", name, took.Round(time.Millisecond), heap>>20, len(items), err)
		if err != nil && !errors.Is(err, ErrNotFeed) {
			t.Errorf("%s: %v", name, err)
		}
		if took > most {
			t.Errorf("%s took %v; want at most %v", name, took, most)
		}
		if heap > 200<<20 {
			t.Errorf("%s took %d MiB", name, heap>>20)
		}
	}
}

// numbered joins n texts.
func numbered(n int, f func(int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(f(i))
	}
	return b.String()
}

// TestHostileLists does the same with pages read by selectors and sitemaps.
func TestHostileLists(t *testing.T) {
	size := hostileSize(maxPage)
	bodies := map[string]string{
		"divs within divs":   fill("<html>", "<div>", "", size),
		"divs side by side":  fill("<html>", "<div><a href=x>y</a></div>", "", size),
		"tables":             fill("<html>", "<table><b>", "", size),
		"formatting":         fill("<html>", "<a href=x><b><i>", "", size),
		"select":             fill("<html>", "<select><option>", "", size),
		"formats that go on": fill("<p>"+manyFormats(), "<p>x", "", size/100),
	}
	src := news.Source{ID: "a", List: news.ListRule{Item: "div", Link: "h3 a", Title: "h3", Date: "span time"}}
	most := allowance(t, hostileMost, size)
	for name, body := range bodies {
		took, heap := cost(t, func() {
			_, _ = parseList(src, []byte(body), "text/html", "https://a.example/", time.Now())
		})
		t.Logf("%-28s %8s %6d MiB", name, took.Round(time.Millisecond), heap>>20)
		if took > most || heap > 300<<20 {
			t.Errorf("%s took %v, %d MiB; want at most %v", name, took, heap>>20, most)
		}
	}
	body := fill("<urlset>", "<url><loc>https://a.example/</loc><news:news><news:title>a</news:title></news:news></url>", "</urlset>", size)
	took, heap := cost(t, func() { _, _, _ = parseSitemap(src, []byte(body), "", "https://a.example/", time.Now()) })
	t.Logf("%-28s %8s %6d MiB", "sitemap", took.Round(time.Millisecond), heap>>20)
	if took > most || heap > 300<<20 {
		t.Errorf("a sitemap took %v, %d MiB; want at most %v", took, heap>>20, most)
	}
}

// manyFormats opens formatting that is never closed.
func manyFormats() string {
	var sb strings.Builder
	for i := range 400 {
		fmt.Fprintf(&sb, "<b id=%d>", i)
	}
	return sb.String()
}

// compressed returns a body of n zeros in a coding.
func compressed(t *testing.T, coding string, n int64) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriterLevel(&b, 1)
	case "zstd":
		zw, err := zstd.NewWriter(&b, zstd.WithWindowSize(8<<20))
		if err != nil {
			t.Fatal(err)
		}
		w = zw
	}
	if _, err := io.CopyN(w, zeros{}, n); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestBombs(t *testing.T) {
	n := int64(max(25*hostileSize(maxFeed), 2*maxFeed))
	var coding string
	var body []byte
	f, base := origin(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		switch coding {
		case "none":
			_, _ = io.CopyN(w, zeros{}, n)
		case "length":
			w.Header().Set("Content-Length", fmt.Sprint(n))
			_, _ = io.CopyN(w, zeros{}, n)
		case "file":
			_, _ = w.Write(body)
		default:
			w.Header().Set("Content-Encoding", coding)
			_, _ = w.Write(body)
		}
	})
	inner := compressed(t, "gzip", n)
	var twice bytes.Buffer
	zw := gzip.NewWriter(&twice)
	_, _ = zw.Write(inner)
	_ = zw.Close()
	tests := []struct {
		coding string
		body   []byte
	}{
		{"none", nil},
		{"length", nil},
		{"gzip", inner},
		{"file", inner},
		{"gzip, gzip", twice.Bytes()},
		{"br", compressed(t, "br", n)},
		{"zstd", compressed(t, "zstd", n)},
	}
	most := allowance(t, 10, maxFeed)
	for _, tt := range tests {
		coding, body = tt.coding, tt.body
		var err error
		took, heap := cost(t, func() {
			_, _, err = f.Feed(t.Context(), news.Source{ID: "a", URL: base}, news.Poll{})
		})
		t.Logf("%-12s %9d bytes %8s %4d MiB  %v", coding, len(body), took.Round(time.Millisecond), heap>>20, err)
		if !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", coding, err)
		}
		if heap > 64<<20 || took > most {
			t.Errorf("%s took %v and %d MiB; want at most %v", coding, took, heap>>20, most)
		}
	}
}

// TestBadWire is a server that breaks the protocol in each of the ways that
// hold or fool a client.
func TestBadWire(t *testing.T) {
	feed := rssFeed(1, time.Now())
	raw := map[string]func(net.Conn){
		"silence":        func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"closed at once": func(net.Conn) {},
		"garbage":        func(c net.Conn) { fmt.Fprint(c, "\x00\x01\x02 no HTTP\r\n\r\n") },
		"header drip": func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			drip(c, "X-A: b\r\n")
		},
		"header flood": func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			for range 1 << 16 {
				if _, err := fmt.Fprint(c, "X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"); err != nil {
					return
				}
			}
		},
		"body drip": func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n\r\n<rss>")
			drip(c, " ")
		},
		"cut by length": func(c net.Conn) { fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(feed)+9, feed) },
		"cut in chunk": func(c net.Conn) {
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n%s", feed)
		},
		"bad gzip": func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00xxxx")
		},
		"unknown coding":  func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Encoding: foo\r\n\r\nxxxx") },
		"continues":       func(c net.Conn) { drip(c, "HTTP/1.1 103 Early Hints\r\n\r\n") },
		"negative length": func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n") },
		"304 unasked":     func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 304 Not Modified\r\n\r\n") },
		"200 of nothing":  func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") },
		"204":             func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 204 No Content\r\n\r\n") },
		"206": func(c net.Conn) {
			fmt.Fprintf(c, "HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\n\r\n%s", len(feed), feed)
		},
		"no location":     func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n") },
		"to a file":       func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n") },
		"to a script":     func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)\r\n\r\n") },
		"to metadata":     func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n") },
		"to another port": func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n") },
		"to itself":       func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n") },
	}
	for name, serve := range raw {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer c.Close()
						r := bufio.NewReader(c)
						for {
							line, err := r.ReadString('\n')
							if err != nil || strings.TrimSpace(line) == "" {
								break
							}
						}
						serve(c)
					}()
				}
			}()
			f, err := New(Options{Allow: []string{l.Addr().String()}, Timeout: 500 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer f.CloseIdleConnections()
			last := news.Poll{Configured: "http://" + l.Addr().String() + "/"}
			items, next, err := f.Feed(context.Background(), news.Source{ID: "a", URL: last.Configured}, last)
			if err == nil || len(items) != 0 || next.Failures != 1 {
				t.Errorf("%d items, %v, %+v", len(items), err, next)
			}
			t.Logf("%-10s %.100v", next.Fault, err)
		})
	}
}

// drip writes a text again and again, slowly, until the other side is gone.
func drip(c net.Conn, text string) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if _, err := fmt.Fprint(c, text); err != nil {
			return
		}
	}
}
