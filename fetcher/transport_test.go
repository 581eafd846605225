package fetcher

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"vedetta/news"
)

func TestCodings(t *testing.T) {
	text := []byte(rssFeed(2, time.Now()))
	pack := func(open func(io.Writer) io.WriteCloser) []byte {
		var b bytes.Buffer
		w := open(&b)
		_, _ = w.Write(text)
		_ = w.Close()
		return b.Bytes()
	}
	gz := pack(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	tests := map[string]struct {
		coding string
		body   []byte
	}{
		"gzip":                  {"gzip", gz},
		"gzip, old name":        {"x-gzip", gz},
		"gzip in capitals":      {"GZIP", gz},
		"gzip twice":            {"gzip, gzip", pack(func(w io.Writer) io.WriteCloser { return nested{gzip.NewWriter(w)} })},
		"gzip unannounced":      {"", gz},
		"gzip announced only":   {"gzip", text},
		"identity":              {"identity", text},
		"brotli":                {"br", pack(func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })},
		"zstd":                  {"zstd", pack(func(w io.Writer) io.WriteCloser { return must(zstd.NewWriter(w)) })},
		"zstd announced only":   {"zstd", text},
		"deflate":               {"deflate", pack(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })},
		"deflate without frame": {"deflate", pack(func(w io.Writer) io.WriteCloser { return must(flate.NewWriter(w, 9)) })},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, base := origin(t, func(w http.ResponseWriter, _ *http.Request) {
				if tt.coding != "" {
					w.Header().Set("Content-Encoding", tt.coding)
				}
				_, _ = w.Write(tt.body)
			})
			items, _, err := f.Feed(t.Context(), news.Source{ID: "a", URL: base}, news.Poll{})
			if err != nil || len(items) != 2 {
				t.Errorf("%d items, %v", len(items), err)
			}
		})
	}
}

// nested writes gzip within gzip.
type nested struct{ outer *gzip.Writer }

func (n nested) Write(p []byte) (int, error) {
	inner := gzip.NewWriter(n.outer)
	defer inner.Close()
	return inner.Write(p)
}

func (n nested) Close() error { return n.outer.Close() }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// secure is a TLS server and the file with its certificate.
func secure(t *testing.T, h http.HandlerFunc) (*httptest.Server, string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = true
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(s.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return s, file
}

func TestRequestRules(t *testing.T) {
	var proto string
	var key []string
	s, ca := secure(t, func(w http.ResponseWriter, r *http.Request) {
		proto, key = r.Proto, append(key, r.Host+" "+r.Header.Get("X-Chiave"))
		if r.URL.Path == "/via" {
			http.Redirect(w, r, "https://localhost:"+r.URL.Port()+"/feed", http.StatusFound)
			return
		}
		fmt.Fprint(w, rssFeed(1, time.Now()))
	})
	f, err := New(Options{Allow: []string{s.Listener.Addr().String()}, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.CloseIdleConnections)
	feed := func(rule news.RequestRule) news.Poll {
		_, next, _ := f.Feed(t.Context(), news.Source{ID: "a", URL: s.URL, Request: rule}, news.Poll{})
		return next
	}
	if next := feed(news.RequestRule{}); next.Fault != news.FaultTLS {
		t.Errorf("unknown authority: %q, %s", next.Fault, next.Err)
	}
	if next := feed(news.RequestRule{CA: ca}); next.Failed() || proto != "HTTP/2.0" {
		t.Errorf("%s over %s", next.Err, proto)
	}
	if next := feed(news.RequestRule{CA: ca, HTTP1: true}); next.Failed() || proto != "HTTP/1.1" {
		t.Errorf("%s over %s", next.Err, proto)
	}
	if next := feed(news.RequestRule{CA: ca, Headers: map[string]string{"X-Chiave": "42"}}); next.Failed() || !strings.HasSuffix(key[len(key)-1], " 42") {
		t.Errorf("%s with %q", next.Err, key)
	}
	secret := filepath.Join(t.TempDir(), "chiave")
	if err := os.WriteFile(secret, []byte("43\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if next := feed(news.RequestRule{CA: ca, HeaderFiles: map[string]string{"X-Chiave": secret}}); next.Failed() || !strings.HasSuffix(key[len(key)-1], " 43") {
		t.Errorf("%s with %q", next.Err, key)
	}
	if next := feed(news.RequestRule{CA: ca, HeaderFiles: map[string]string{"X-Chiave": secret + "x"}}); !strings.Contains(next.Err, "read the value of header X-Chiave") {
		t.Errorf("a missing secret: %q", next.Err)
	}
	if next := feed(news.RequestRule{CA: "/nowhere.pem"}); !next.Failed() {
		t.Error("a missing file of certificates went unnoticed")
	}
	if next := feed(news.RequestRule{Proxy: "::"}); !next.Failed() {
		t.Error("a bad proxy went unnoticed")
	}
}

// A key given for one host is not shown to another that the host sends to.
func TestHeadersStayWithTheirHost(t *testing.T) {
	var got []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("X-Chiave")+r.Header.Get("Authorization"))
		fmt.Fprint(w, rssFeed(1, time.Now()))
	}))
	t.Cleanup(other.Close)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("X-Chiave")+" "+r.Header.Get("Authorization"))
		http.Redirect(w, r, other.URL, http.StatusMovedPermanently)
	}))
	t.Cleanup(s.Close)
	f, err := New(Options{Allow: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.CloseIdleConnections)
	src := news.Source{ID: "a", URL: strings.Replace(s.URL, "http://", "http://io:segreto@", 1), Request: news.RequestRule{Headers: map[string]string{"X-Chiave": "42"}}}
	_, next, err := f.Feed(t.Context(), src, news.Poll{})
	if err != nil || len(got) != 2 || got[0] != "42 Basic aW86c2VncmV0bw==" || got[1] != "" {
		t.Errorf("sent %q, %v", got, err)
	}
	if next.Moved != other.URL {
		t.Errorf("moved to %q", next.Moved)
	}
}

func TestProxy(t *testing.T) {
	var asked string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		fmt.Fprint(w, rssFeed(1, time.Now()))
	}))
	t.Cleanup(proxy.Close)
	f, err := New(Options{Allow: []string{proxy.Listener.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.CloseIdleConnections)
	src := news.Source{ID: "a", URL: "http://gazzetta.example/feed", Request: news.RequestRule{Proxy: proxy.URL}}
	if _, _, err := f.Feed(t.Context(), src, news.Poll{}); err != nil || asked != src.URL {
		t.Errorf("asked %q, %v", asked, err)
	}
}

func TestGuard(t *testing.T) {
	open, err := parseAllow([]string{"127.0.0.1:8181", "10.1.0.0/16", "::1", "[fd00::1]:80", " 192.168.1.5 "})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{
		"93.184.216.34:443": true, "[2606:2800:220:1:248:1893:25c8:1946]:443": true,
		"[64:ff9b::5db8:d822]:443": true, // a public address behind NAT64
		"127.0.0.1:8181":           true, "127.0.0.1:8182": false, "127.0.0.2:8181": false,
		"[::ffff:127.0.0.1]:8181": true, "[::ffff:127.0.0.1]:80": false,
		"10.1.2.3:1": true, "10.2.0.1:1": false, "[::1]:5": true, "[fd00::1]:80": true, "[fd00::1]:81": false,
		"192.168.1.5:9": true, "192.168.1.6:9": false,
		"0.0.0.0:80": false, "100.64.0.1:80": false, "169.254.169.254:80": false, "172.16.0.1:80": false,
		"192.0.0.8:80": false, "198.18.0.1:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false,
		"[::]:80": false, "[::7f00:1]:80": false, "[64:ff9b::a00:1]:80": false, "[64:ff9b::7f00:1]:80": false,
		"[2002:a00:1::]:80": false, "[2002:5db8:d822::]:80": true, "[2001::1]:80": false, "[fe80::1]:80": false,
		"[fc00::1]:80": false, "[ff02::1]:80": false, "[100::1]:80": false, "[64:ff9b:1::a00:1]:80": false,
	}
	for address, want := range tests {
		if got := (guard{open}).permit(netip.MustParseAddrPort(address)); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
	for _, address := range []string{"[fe80::1%lo]:80", "nonsense", "host:80"} {
		if err := (guard{open}).control("tcp4", address, nil); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := (guard{open}).control("udp4", "93.184.216.34:443", nil); !errors.Is(err, ErrPrivate) {
		t.Errorf("udp: %v", err)
	}
	for _, bad := range []string{"", "localhost", "10.0.0.0/33", "1.2.3.4:x", "300.1.1.1"} {
		if _, err := New(Options{Allow: []string{bad}}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// A name that resolves to a public address first and to a private one later is
// judged by the address that is dialled.
func TestRebindingIsRefused(t *testing.T) {
	f, err := New(Options{Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTransport(f.guard, news.RequestRule{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = tr.DialContext(t.Context(), "tcp", "localhost:"+fmt.Sprint(l.Addr().(*net.TCPAddr).Port))
	if !errors.Is(err, ErrPrivate) {
		t.Errorf("dialled: %v", err)
	}
}

// Streams that are reset and connections that are told to go leave an error of
// their own visit, and the next one a connection.
func TestHTTP2Trouble(t *testing.T) {
	n := 0
	s, ca := secure(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		switch r.URL.Path {
		case "/reset":
			panic(http.ErrAbortHandler)
		case "/half":
			fmt.Fprint(w, rssFeed(1, time.Now())[:100])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		case "/go": // GOAWAY after this answer
			w.Header().Set("Connection", "close")
		}
		fmt.Fprint(w, rssFeed(1, time.Now()))
	})
	f, err := New(Options{Allow: []string{s.Listener.Addr().String()}, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.CloseIdleConnections)
	for _, step := range []struct {
		path string
		ok   bool
	}{{"/reset", false}, {"/", true}, {"/half", false}, {"/", true}, {"/go", true}, {"/", true}, {"/go", true}, {"/reset", false}, {"/", true}} {
		before := n
		_, next, err := f.Feed(t.Context(), news.Source{ID: "a", URL: s.URL + step.path, Request: news.RequestRule{CA: ca}}, news.Poll{})
		if next.Failed() == step.ok || n != before+1 {
			t.Errorf("%s: %d requests, %v", step.path, n-before, err)
		}
		if !step.ok && next.ETag+next.Body != "" {
			t.Errorf("%s: remembered %+v", step.path, next)
		}
	}
}

func TestTLSFailuresAreNamed(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	old, _ := secure(t, func(http.ResponseWriter, *http.Request) {})
	for name, address := range map[string]string{
		"no TLS at all": "https://" + plain.Listener.Addr().String(),
		"not trusted":   old.URL,
	} {
		f, err := New(Options{Allow: []string{"127.0.0.1"}, Timeout: patience})
		if err != nil {
			t.Fatal(err)
		}
		if _, next, _ := f.Feed(t.Context(), news.Source{ID: "a", URL: address}, news.Poll{}); next.Fault != news.FaultTLS {
			t.Errorf("%s: %q, %s", name, next.Fault, next.Err)
		}
		f.CloseIdleConnections()
	}
}
