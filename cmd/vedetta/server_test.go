package main

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/config"
	"vedetta/store"
)

// patience is how long a test waits for what has to come: longer than a busy
// machine takes, so that only what never comes exceeds it.
const patience = 5 * time.Minute

// patientLimits are the daemon's own but for times that no test reaches.
func patientLimits() serverLimits {
	l := defaultLimits()
	l.request, l.answer, l.idle = time.Hour, time.Hour, time.Hour
	return l
}

// serveEmpty serves an empty daemon within limits on a real socket.
func serveEmpty(t *testing.T, l serverLimits) (*service, string) {
	t.Helper()
	in, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveEmptyOn(t, in, l), in.Addr().String()
}

func serveEmptyOn(t *testing.T, in net.Listener, l serverLimits) *service {
	t.Helper()
	cfg, err := config.Parse("feeds.yaml", []byte(minimal))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.TempDir()+"/"+databaseName, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	d := newService(nil, in.Addr().String(), s, newMeasures(), slog.New(slog.DiscardHandler))
	now, err := d.prepare(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.serving.Store(now)
	serve(t, d, in, l)
	return d
}

// pipes is a listener without a network, for simulated time. What is not yet
// accepted waits, as in the kernel's queue.
type pipes struct {
	waiting chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newPipes() *pipes { return &pipes{waiting: make(chan net.Conn, 100), closed: make(chan struct{})} }

// connect opens a connection.
func (p *pipes) connect(t *testing.T) net.Conn {
	t.Helper()
	client, server := net.Pipe()
	t.Cleanup(func() { _ = client.Close() })
	p.waiting <- server
	return client
}

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.waiting:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr implements net.Listener.
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8417} }

// serve answers on a listener until the test ends.
func serve(t *testing.T, d *service, in net.Listener, l serverLimits) {
	t.Helper()
	srv := d.server(l)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l.gate(in)) }()
	t.Cleanup(func() {
		_ = srv.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve = %v", err)
		}
	})
}

// connect opens a connection that gives up after a while rather than hang.
func connect(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn)
}

// send writes to a connection that the other side may have closed.
func send(c net.Conn, text string) { _, _ = io.WriteString(c, text) }

// status is that of the answer that a raw request gets; 0 when the connection
// is closed without one.
func status(t *testing.T, address, raw string) (code int, h http.Header, body string) {
	t.Helper()
	return replied(t, connect(t, address), raw)
}

// replied is what comes over a connection to a raw request.
func replied(t *testing.T, c net.Conn, raw string) (code int, h http.Header, body string) {
	t.Helper()
	send(c, raw)
	req := &http.Request{Method: http.MethodGet}
	if strings.HasPrefix(raw, "HEAD") {
		req.Method = http.MethodHead
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), req)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, nil, ""
	}
	if err != nil {
		t.Fatalf("%.60q: %v", raw, err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%.60q: %v", raw, err)
	}
	return resp.StatusCode, resp.Header, string(data)
}

const healthy = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

func TestOddRequests(t *testing.T) {
	_, address := serveEmpty(t, patientLimits())
	get := func(target string, header ...string) string {
		return "GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + strings.Join(append(header, "\r\n"), "\r\n")
	}
	long := strings.Repeat("a", 64<<10)
	for name, c := range map[string]struct {
		raw  string
		want int // 0: closed without an answer
	}{
		"as it should be":             {get("/healthz"), 200},
		"HEAD":                        {"HEAD /feeds/patto.atom HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200},
		"HTTP/1.0":                    {"GET /healthz HTTP/1.0\r\n\r\n", 200},
		"long address":                {get("/" + long), 431},
		"long query":                  {get("/?month=" + long), 431},
		"address within bounds":       {get("/" + long[:8<<10]), 404},
		"huge header":                 {get("/healthz", "X-A: "+long), 431},
		"many headers":                {get("/healthz", strings.Repeat("X-A: b\r\n", 8<<10)+"X-B: c"), 431},
		"POST":                        {"POST /feeds/patto.atom HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", 405},
		"PUT":                         {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 405},
		"DELETE":                      {"DELETE /stories/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405},
		"OPTIONS":                     {"OPTIONS / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405},
		"TRACE":                       {"TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405},
		"CONNECT":                     {"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\nConnection: close\r\n\r\n", 405},
		"a method of no standard":     {"MARZAPANE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405},
		"POST where JSON is read":     {"POST /sources.json HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 405},
		"POST to the metrics":         {"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 405},
		"no host":                     {"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400},
		"two hosts":                   {"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", 400},
		"host with a path":            {"GET /healthz HTTP/1.1\r\nHost: a/../b\r\nConnection: close\r\n\r\n", 400},
		"another's host":              {"GET /healthz HTTP/1.1\r\nHost: banca.example:99999\r\nConnection: close\r\n\r\n", 200},
		"absolute address":            {get("http://banca.example/healthz"), 200},
		"absolute address, not ours":  {get("https://banca.example/conto"), 404},
		"path out of the tree":        {get("/../../../../etc/passwd"), 404},
		"path out of the tree, coded": {get("/feeds/%2e%2e/%2e%2e/etc/passwd"), 404},
		"path with a backslash":       {get(`/feeds/..\..\etc\passwd`), 404},
		"path with a zero":            {get("/stories/%00"), 404},
		"path that is not UTF-8":      {get("/stories/%ff%fe"), 404},
		"path that is not coded":      {get("/stories/%zz"), 400},
		"bytes of control":            {get("/heal\x01thz"), 400},
		"two slashes":                 {get("//etc/passwd"), 404},
		"a range":                     {get("/feeds/patto.atom", "Range: bytes=0-9"), 200},
		"many ranges":                 {get("/feeds/patto.atom", "Range: bytes="+strings.Repeat("0-,", 2000)+"0-"), 200},
		"both lengths":                {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", 405},
		"two lengths":                 {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello", 400},
		"negative length":             {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\nConnection: close\r\n\r\n", 400},
		"odd transfer coding":         {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\nConnection: close\r\n\r\n", 501},
		"space before the colon":      {"GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n", 400},
		"folded header":               {"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\nConnection: close\r\n\r\n", 200},
		"HTTP/2 in cleartext":         {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 405},
		"TLS":                         {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", 400},
		"nothing but noise":           {"\x00\x01\x02\r\n\r\n", 400},
		"a response":                  {"HTTP/1.1 200 OK\r\n\r\n", 400},
	} {
		t.Run(name, func(t *testing.T) {
			code, h, body := status(t, address, c.raw)
			if code != c.want {
				t.Errorf("status %d; want %d: %.200s", code, c.want, body)
			}
			if code == http.StatusMethodNotAllowed && h.Get("Allow") != "GET, HEAD" {
				t.Errorf("Allow: %q", h.Get("Allow"))
			}
			if strings.Contains(body, "root:") || strings.Contains(h.Get("Location"), "banca.example") {
				t.Errorf("%v\n%s", h, body)
			}
			if strings.Contains(name, "range") && !strings.HasSuffix(strings.TrimSpace(body), "</feed>") {
				t.Errorf("part of a feed: %.100s", body)
			}
		})
	}
}

// TestWhatDripsIsCutOff sends requests that never end, byte by byte, in simulated
// time.
func TestWhatDripsIsCutOff(t *testing.T) {
	l := defaultLimits()
	for name, tt := range map[string]struct {
		start string
		most  time.Duration
	}{
		"nothing":     {"", l.request},
		"header":      {"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ", l.request},
		"body of GET": {"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", l.request},
		"TLS":         {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", l.request},
		"chunks":      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", l.request},
		"idle":        {"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", l.idle},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := newPipes()
				serveEmptyOn(t, in, l)
				c := in.connect(t)
				begin := time.Now()
				var sending sync.WaitGroup
				over := make(chan struct{})
				defer sending.Wait()
				defer close(over)
				sending.Go(func() {
					send(c, tt.start)
					for name != "nothing" && name != "idle" {
						select {
						case <-over:
							return
						case <-time.After(time.Second):
							send(c, "a")
						}
					}
				})
				_, _ = io.Copy(io.Discard, c)
				if took := time.Since(begin); took > tt.most+time.Second {
					t.Errorf("the connection stays open for %v", took)
				}
			})
		})
	}
}

// TestAReaderWhoDoesNotReadIsCutOff asks and takes nothing of the answer, in
// simulated time.
func TestAReaderWhoDoesNotReadIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, l := newPipes(), defaultLimits()
		d := serveEmptyOn(t, in, l)
		go send(in.connect(t), strings.Repeat("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 500))
		synctest.Wait()
		expectConnections(t, d, 1, 1)
		time.Sleep(l.answer + time.Second)
		synctest.Wait()
		expectConnections(t, d, 0, 1)
	})
}

// expectConnections expects that so many connections are open, of so many that
// were ever accepted.
func expectConnections(t *testing.T, d *service, open, accepted float64) {
	t.Helper()
	if o, a := value(t, d, "vedetta_http_connections"), value(t, d, "vedetta_http_connections_accepted_total"); o != open || a != accepted {
		t.Errorf("%v connections are open of %v; want %v of %v", o, a, open, accepted)
	}
}

// awaitConnections returns when so many connections are open, of so many at
// least that were ever accepted.
func awaitConnections(t *testing.T, d *service, open, accepted float64) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	limit := time.After(patience)
	for {
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("%v connections are open; want %v", value(t, d, "vedetta_http_connections"), open)
		}
		if value(t, d, "vedetta_http_connections_accepted_total") >= accepted && value(t, d, "vedetta_http_connections") == open {
			return
		}
	}
}

// value is that of a metric without labels.
func value(t *testing.T, d *service, name string) float64 {
	t.Helper()
	all, err := d.measure.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue() + f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// TestConnectionsAboveTheLimitWait fills all places with clients that say
// nothing: whoever comes then is served when these are cut off. The time is
// simulated.
func TestConnectionsAboveTheLimitWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, l := newPipes(), defaultLimits()
		l.connections = 4
		d := serveEmptyOn(t, in, l)
		for range 2 * l.connections {
			in.connect(t)
		}
		good := in.connect(t)
		synctest.Wait()
		expectConnections(t, d, 4, 4)
		begin := time.Now()
		code, _, body := replied(t, good, healthy)
		if code != http.StatusOK || body != "ok\n" {
			t.Errorf("%d %q", code, body)
		}
		if took := time.Since(begin); took < 2*l.request || took > 2*l.request+time.Second {
			t.Errorf("served after %v; want it when two sets of clients have been cut off", took)
		}
		synctest.Wait()
		expectConnections(t, d, 0, 9)
	})
}

// connectFrom opens a connection from an address of this machine.
func connectFrom(t *testing.T, from, address string) net.Conn {
	t.Helper()
	local := &net.TCPAddr{IP: net.ParseIP(from)}
	c, err := (&net.Dialer{LocalAddr: local}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Skip("connections come from one address only on this machine: ", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestConnectionsFromOneAddress lets one address take some of the places, and
// tells it so; others find the rest free, and it finds its own again.
func TestConnectionsFromOneAddress(t *testing.T) {
	l := patientLimits()
	l.connections, l.perAddress = 40, 5
	d, address := serveEmpty(t, l)
	var own []net.Conn
	for range l.perAddress {
		own = append(own, connectFrom(t, "127.0.0.2", address))
	}
	awaitConnections(t, d, 5, 5)
	for range 100 {
		answer, _ := io.ReadAll(connectFrom(t, "127.0.0.2", address))
		if len(answer) > 0 && !strings.HasPrefix(string(answer), "HTTP/1.1 503 ") {
			t.Fatalf("one too many: %q", answer)
		}
	}
	for _, other := range []string{"127.0.0.3", "127.0.0.1"} {
		c := connectFrom(t, other, address)
		send(c, healthy)
		if answer, _ := io.ReadAll(c); !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") {
			t.Errorf("from %s: %q", other, answer)
		}
	}
	for range 2 * l.perAddress { // those of this machine are a proxy's
		connect(t, address)
	}
	awaitConnections(t, d, 15, 17)
	_ = own[0].Close()
	awaitConnections(t, d, 14, 17)
	c := connectFrom(t, "127.0.0.2", address)
	send(c, healthy)
	if answer, _ := io.ReadAll(c); !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") {
		t.Errorf("after one had ended: %q", answer)
	}
}

func TestAddressOf(t *testing.T) {
	for from, want := range map[string]string{
		"192.0.2.7:1": "192.0.2.7/32", "[::ffff:192.0.2.7]:1": "192.0.2.7/32", "127.0.0.1:1": "invalid Prefix", "127.0.0.2:1": "127.0.0.2/32",
		"[2001:db8:1:2:3:4:5:6]:1": "2001:db8:1:2::/64", "[fe80::1%eth0]:1": "fe80::/64", "[::1]:1": "invalid Prefix",
	} {
		addr, err := net.ResolveTCPAddr("tcp", from)
		if err != nil {
			t.Fatal(err)
		}
		if got := addressOf(fromConn{addr: addr}).String(); got != want {
			t.Errorf("%s counts for %s; want %s", from, got, want)
		}
	}
	if got := addressOf(fromConn{addr: &net.UnixAddr{Name: "@"}}); got.IsValid() {
		t.Errorf("a socket in the file system counts for %s", got)
	}
}

// fromConn is a connection from an address.
type fromConn struct {
	net.Conn
	addr net.Addr
}

func (c fromConn) RemoteAddr() net.Addr { return c.addr }

func TestConnectionsFor(t *testing.T) {
	for fds, want := range map[uint64]int{0: maxConnections, 20: 16, 256: 128, 1024: 512, 1 << 20: maxConnections} {
		if got := connectionsFor(fds); got != want {
			t.Errorf("connectionsFor(%d) = %d; want %d", fds, got, want)
		}
	}
}

// TestSlowReadersCostLittle lets thousands in who ask and do not read, and
// measures what each costs. Another reader is served meanwhile.
func TestSlowReadersCostLittle(t *testing.T) {
	readers := slowReaders
	if fds := descriptors(); fds > 0 && fds < uint64(2*readers+200) {
		readers = int(fds-200) / 2
	}
	l := patientLimits()
	l.connections = readers + 10
	d, address := serveEmpty(t, l)
	if code, _, _ := status(t, address, healthy); code != http.StatusOK {
		t.Fatal(code)
	}
	awaitConnections(t, d, 0, 1)
	before := memory()
	goroutines := runtime.NumGoroutine()
	for range readers {
		send(connect(t, address), "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHo")
	}
	awaitConnections(t, d, float64(readers), float64(readers+1))
	cost := int64(math.MaxInt64)
	for limit := time.After(patience); cost > 64<<10; time.Sleep(50 * time.Millisecond) {
		select { // what answered them is given back bit by bit
		case <-limit:
			t.Fatalf("each slow reader costs %d bytes; want at most 64 KiB", cost)
		default:
			cost = (memory() - before) / int64(readers)
		}
	}
	t.Logf("%d slow readers: %d bytes and %.1f goroutines each, both ends", readers, cost, float64(runtime.NumGoroutine()-goroutines)/float64(readers))
	if code, _, body := status(t, address, healthy); code != http.StatusOK || body != "ok\n" {
		t.Errorf("among slow readers: %d %q", code, body)
	}
}

// TestPollsAmongSlowReaders takes the whole newsroom in while readers dawdle:
// some take nothing of what they asked for, some never end asking.
func TestPollsAmongSlowReaders(t *testing.T) {
	w := newWorld(t)
	in, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, w.service, in, patientLimits())
	const readers = 200
	for i := range readers {
		c := connect(t, in.Addr().String())
		if err := c.SetReadBuffer(1024); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			send(c, strings.Repeat("GET /sources HTTP/1.1\r\nHost: a\r\n\r\n", 8))
		} else {
			send(c, "GET / HTTP/1.1\r\nHost: a\r\nX-")
		}
	}
	awaitConnections(t, w.service, readers, readers)
	start := time.Now()
	w.round(t)
	t.Logf("a round among %d slow readers took %v", readers, time.Since(start).Round(time.Millisecond))
	if got, want := len(w.archive(t)), len(w.room.Articles()); got != want {
		t.Errorf("%d articles; want %d", got, want)
	}
	if code, _, _ := status(t, in.Addr().String(), strings.Replace(healthy, "/healthz", "/feeds/"+topicID+".atom", 1)); code != http.StatusOK {
		t.Errorf("the feed among slow readers: %d", code)
	}
}

// memory is what heap and stacks hold.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// TestServesWhileOthersAttack mixes all kinds of bad clients with good ones.
func TestServesWhileOthersAttack(t *testing.T) {
	l := patientLimits()
	l.connections = 32
	_, address := serveEmpty(t, l)
	var bad sync.WaitGroup
	defer bad.Wait()
	stop := make(chan struct{})
	defer close(stop)
	for _, raw := range []string{"GET / HTTP/1.1\r\nX", "\x16\x03\x01", "GET /" + strings.Repeat("a", 1<<16), strings.Repeat("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 50)} {
		bad.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
				if err != nil {
					return
				}
				_ = c.SetDeadline(time.Now().Add(250 * time.Millisecond)) // then it tries again
				send(c, raw)
				_, _ = io.Copy(io.Discard, c)
				_ = c.Close()
			}
		})
	}
	for i := range 50 {
		if code, _, body := status(t, address, strings.Replace(healthy, "/healthz", "/feeds/patto.atom", 1)); code != http.StatusOK || !strings.Contains(body, "</feed>") {
			t.Fatalf("good request %d: %d", i, code)
		}
	}
}
