package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vedetta"
)

var (
	loadRate    = flag.Int("load", 0, "requests a second of TestLoad (5000); 0 leaves it out")
	loadFor     = flag.Duration("load.for", 20*time.Second, "how long TestLoad asks at least")
	loadMost    = flag.Duration("load.most", 2*time.Minute, "how long it waits for the polls at most")
	loadBin     = flag.String("load.bin", "", "program that TestLoad measures; built when not given")
	loadProfile = flag.String("load.pprof", "", "address on which the program serves its profiles")
	loadSlow    = flag.Int("load.slow", 0, "slow readers beside")
)

const (
	loadFeeds       = 1000
	loadSeeds       = 60 // feeds that are known before
	loadConnections = 64
)

// TestLoad asks a daemon for feeds and pages at a steady rate while it does
// nothing else, and then while it polls a thousand feeds for the first time.
// The rate does not wait for answers: how late each comes counts from when it
// was due to be asked, so an answer that holds up others counts as all of them.
func TestLoad(t *testing.T) {
	if *loadRate == 0 {
		t.Skip("`make load` runs this; it takes a machine to itself")
	}
	press := httptest.NewServer(http.HandlerFunc(newLoadPress().serve))
	defer press.Close()
	dir := t.TempDir()
	bin := *loadBin
	if bin == "" {
		bin = filepath.Join(dir, "vedetta")
		build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", bin, ".")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	file := filepath.Join(dir, "feeds.yaml")
	address := freeAddress(t)
	configure := func(feeds int) {
		t.Helper()
		if err := os.WriteFile(file, loadConfig(address, press.URL, feeds), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	configure(loadSeeds)
	if out, err := exec.CommandContext(t.Context(), bin, "poll", "--config", file, "--data", dir, "--log-level", "error").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	args := []string{"run", "--config", file, "--data", dir, "--log-level", "error"}
	if *loadProfile != "" {
		args = append(args, "--pprof", *loadProfile)
	}
	daemon := exec.CommandContext(t.Context(), bin, args...)
	daemon.Stderr = os.Stderr
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = daemon.Process.Signal(syscall.SIGTERM)
		_ = daemon.Wait()
		u := daemon.ProcessState
		t.Logf("daemon: %v user, %v system, %d MiB at most", u.UserTime(), u.SystemTime(), u.SysUsage().(*syscall.Rusage).Maxrss>>10)
	}()
	l := newLoader(t, address)
	defer l.close()
	l.settle()
	slow := newDrippers(t, address, *loadSlow)
	defer slow.close()
	l.run("quiet", *loadRate, *loadFor/4, nil)
	configure(loadFeeds)
	if err := daemon.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	var polled time.Duration
	l.run("cold poll", *loadRate, *loadFor, func() bool {
		if l.polled() >= loadFeeds {
			polled = time.Since(start)
		}
		return polled > 0
	})
	t.Logf("%d of %d feeds polled after %v", l.polled(), loadFeeds, polled.Round(time.Second))
	l.run("afterwards", *loadRate, *loadFor/4, nil)
}

// loadPress is a press of a thousand feeds of twenty items.
type loadPress struct{ paragraphs []string }

func newLoadPress() *loadPress {
	v := newVocabulary()
	p := &loadPress{}
	for range 4000 {
		var b strings.Builder
		b.WriteString("<p>")
		for i := range 60 {
			w := v.words[v.zipf.Uint64()]
			if i%15 == 0 {
				w = strings.ToUpper(w[:1]) + w[1:]
			}
			b.WriteString(w)
			if i%15 == 14 {
				b.WriteByte('.')
			}
			b.WriteByte(' ')
		}
		b.WriteString("</p>\n")
		p.paragraphs = append(p.paragraphs, b.String())
	}
	return p
}

// serve writes a feed. Its first two items are on the topic in every tenth feed,
// and of the seeds in each.
func (p *loadPress) serve(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/f/"), ".xml"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	pick := rand.New(rand.NewPCG(uint64(n), 1))
	var b bytes.Buffer
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Testata %d</title><link>http://%s/%d/</link><description>Notizie</description>`, n, r.Host, n)
	now := time.Now()
	for i := range 20 {
		title, lead := "Titolo "+p.paragraphs[pick.IntN(len(p.paragraphs))][3:60], ""
		if i < 2 && (n < loadSeeds || n%10 == 0) {
			title = fmt.Sprintf("La NATO e il Giappone firmano l’intesa numero %d-%d sulla difesa", n, i)
			lead = fmt.Sprintf("<p>La NATO e il Giappone hanno firmato a Bruxelles l’accordo numero %d-%d sulla cooperazione militare. Il ministro della Difesa giapponese ha incontrato il segretario generale dell’Alleanza.</p>", n, i)
		}
		fmt.Fprintf(&b, `<item><title>%s</title><link>http://%s/%d/articolo-%d</link><guid>http://%s/%d/articolo-%d</guid><pubDate>%s</pubDate><content:encoded><![CDATA[%s`,
			title, r.Host, n, i, r.Host, n, i, now.Add(-time.Duration(n%600+i*37)*time.Minute).Format(time.RFC1123Z), lead)
		for range 8 {
			b.WriteString(p.paragraphs[pick.IntN(len(p.paragraphs))])
		}
		b.WriteString("]]></content:encoded></item>")
	}
	b.WriteString("</channel></rss>")
	w.Header().Set("Content-Type", "application/rss+xml")
	_, _ = w.Write(b.Bytes())
}

func loadConfig(address, press string, feeds int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "server: {listen: %q}\npoll: {per_host: 0s, workers: 8, allow: [127.0.0.1]}\nextract: {full_text: never}\nsources:\n", address)
	for n := range feeds {
		fmt.Fprintf(&b, "  - {name: \"Testata %d\", url: \"%s/f/%d.xml\"}\n", n, press, n)
	}
	b.Write(vedetta.Feeds[bytes.Index(vedetta.Feeds, []byte("\ntopics:")):])
	return b.Bytes()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// loader asks at a steady rate.
type loader struct {
	t       *testing.T
	address string
	kinds   []kindOfLoad
	conns   []*loadConn
}

// kindOfLoad is a request, and how late its answers came.
type kindOfLoad struct {
	name, request string
}

type loadConn struct {
	net.Conn
	in *bufio.Reader
}

func newLoader(t *testing.T, address string) *loader {
	l := &loader{t: t, address: address}
	await := time.Now().Add(30 * time.Second)
	for {
		status, etag, _, err := l.fetch("/feeds/" + topicID + ".atom")
		if err == nil && status == http.StatusOK {
			l.kinds = l.requests(etag)
			break
		}
		if time.Now().After(await) {
			t.Fatal("the daemon does not answer: ", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	for range loadConnections {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		l.conns = append(l.conns, &loadConn{c, bufio.NewReaderSize(c, 64<<10)})
	}
	return l
}

func (l *loader) close() {
	for _, c := range l.conns {
		_ = c.Close()
	}
}

// fetch asks apart from the load.
func (l *loader) fetch(path string) (status int, etag string, body []byte, err error) {
	req, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, "http://"+l.address+path, nil)
	if err != nil {
		return 0, "", nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header.Get("Etag"), body, err
}

// requests are what readers and browsers ask for.
func (l *loader) requests(etag string) []kindOfLoad {
	get := func(name, path, headers string) kindOfLoad {
		return kindOfLoad{name, "GET " + path + " HTTP/1.1\r\nHost: " + l.address + "\r\n" + headers + "\r\n"}
	}
	feed := "/feeds/" + topicID
	return []kindOfLoad{
		get("feed", feed+".atom", "Accept-Encoding: gzip\r\n"),
		get("feed, plain", feed+".atom", ""),
		get("304", feed+".atom", "Accept-Encoding: gzip\r\nIf-None-Match: "+etag+"\r\n"),
		get("feed", feed+".json", "Accept-Encoding: gzip\r\n"),
		get("page", "/", "Accept-Encoding: gzip, br\r\n"),
		get("page", "/sources", "Accept-Encoding: gzip, br\r\n"),
		get("feed", feed+"/nato-giappone.atom", "Accept-Encoding: gzip\r\n"),
		get("feed", feed+".rss", "Accept-Encoding: gzip\r\n"),
	}
}

// polled is how many sources have been read.
func (l *loader) polled() int {
	_, _, body, err := l.fetch("/metrics")
	if err != nil {
		l.t.Error(err)
		return 0
	}
	n := 0
	in := bufio.NewScanner(bytes.NewReader(body))
	for in.Scan() {
		if strings.HasPrefix(in.Text(), "vedetta_source_last_success_timestamp_seconds{") && !strings.HasSuffix(in.Text(), " 0") {
			n++
		}
	}
	return n
}

// settle waits until the daemon has loaded what it knows.
func (l *loader) settle() {
	for range 120 {
		if status, _, _, err := l.fetch("/readyz"); err == nil && status == http.StatusOK {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	time.Sleep(2 * time.Second)
	for _, k := range l.kinds { // what is asked for first is built first
		if err := l.conns[0].ask(k.request); err != nil {
			l.t.Fatal(err)
		}
	}
}

// run asks for a time, and until done says so where it is given, and tells how
// late the answers came.
func (l *loader) run(phase string, rate int, long time.Duration, done func() bool) {
	l.t.Helper()
	var (
		asking sync.WaitGroup
		mu     sync.Mutex
		late   = map[string][]time.Duration{}
		failed int
		stop   = make(chan struct{})
	)
	begin := time.Now()
	every := time.Second * time.Duration(len(l.conns)) / time.Duration(rate)
	for i, c := range l.conns {
		asking.Go(func() {
			own, errs := map[string][]time.Duration{}, 0
			due := begin.Add(every * time.Duration(i) / time.Duration(len(l.conns)))
			for n := i; ; n++ {
				time.Sleep(time.Until(due))
				select {
				case <-stop:
					mu.Lock()
					defer mu.Unlock()
					failed += errs
					for k, v := range own {
						late[k] = append(late[k], v...)
					}
					return
				default:
				}
				k := l.kinds[n%len(l.kinds)]
				if err := c.ask(k.request); err != nil {
					errs++
					if c.Conn, err = (&net.Dialer{}).DialContext(l.t.Context(), "tcp", l.address); err != nil {
						time.Sleep(every)
						continue
					}
					c.in.Reset(c.Conn)
				}
				own[k.name] = append(own[k.name], time.Since(due))
				due = due.Add(every)
			}
		})
	}
	limit := time.Now().Add(*loadMost)
	for ended := done == nil; time.Since(begin) < long || !ended && time.Now().Before(limit); {
		time.Sleep(time.Second)
		ended = ended || done()
	}
	took := time.Since(begin)
	close(stop)
	asking.Wait()
	var all []time.Duration
	for _, v := range late {
		all = append(all, v...)
	}
	l.t.Logf("%-10s %6.0f/s  %s  %d failed", phase, float64(len(all))/took.Seconds(), quantiles(all), failed)
	for _, k := range []string{"feed", "feed, plain", "304", "page"} {
		l.t.Logf("  %-12s %s", k, quantiles(late[k]))
	}
}

func quantiles(d []time.Duration) string {
	if len(d) == 0 {
		return "none"
	}
	slices.Sort(d)
	at := func(q float64) float64 { return float64(d[int(q*float64(len(d)-1))].Microseconds()) / 1000 }
	return fmt.Sprintf("p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.2f ms", at(.5), at(.9), at(.99), at(.999), at(1))
}

var errAnswer = errors.New("not an answer")

// ask sends a request and takes its answer.
func (c *loadConn) ask(request string) error {
	if _, err := io.WriteString(c.Conn, request); err != nil {
		return err
	}
	length, status := 0, ""
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		switch {
		case len(line) <= 2 && status != "":
			if status == "304" {
				length = 0
			}
			_, err := c.in.Discard(length)
			return err
		case status == "":
			if len(line) < 12 || line[9] != '2' && line[9] != '3' {
				return errAnswer
			}
			status = string(line[9:12])
		case bytes.HasPrefix(line, []byte("Content-Length: ")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[16:]))); err != nil {
				return err
			}
		}
	}
}

// drippers are clients, two thousand from an address, that ask for much and take
// a byte every ten seconds, or that send a byte of a header as rarely.
type drippers struct {
	conns []net.Conn
	stop  chan struct{}
	wg    sync.WaitGroup
}

func newDrippers(t *testing.T, address string, n int) *drippers {
	s := &drippers{stop: make(chan struct{})}
	for i := range n {
		from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i/2000))}
		c, err := (&net.Dialer{Timeout: 5 * time.Second, LocalAddr: from}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Logf("slow reader %d: %v", i, err)
			break
		}
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(4096)
		}
		if i%2 == 0 {
			_, _ = io.WriteString(c, strings.Repeat("GET /feeds/"+topicID+".atom HTTP/1.1\r\nHost: a\r\n\r\n", 8))
		} else {
			_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: ")
		}
		s.conns = append(s.conns, c)
	}
	s.wg.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		one := make([]byte, 1)
		for turn := 0; ; turn++ {
			select {
			case <-s.stop:
				return
			case <-tick.C:
			}
			for i, c := range s.conns {
				if i/2%10 != turn%10 {
					continue
				}
				_ = c.SetDeadline(time.Now().Add(time.Millisecond))
				if i%2 == 0 {
					_, _ = c.Read(one)
				} else {
					_, _ = c.Write([]byte("a"))
				}
			}
		}
	})
	return s
}

func (s *drippers) close() {
	close(s.stop)
	s.wg.Wait()
	for _, c := range s.conns {
		_ = c.Close()
	}
}
