package fetcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"text/tabwriter"
	"time"

	"vedetta/news"
)

// TestPolitenessReport runs 200 sources for a simulated month, with restarts,
// a night asleep, an outage of our own and an edited configuration, against
// sites that note all that a site owner could complain of. With -v it prints
// the report. Without -full it is a week.
func TestPolitenessReport(t *testing.T) {
	days, sources := 7, 200
	switch {
	case *full:
		days = 30
	case raceEnabled:
		sources = 50
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWeb(sources)
		client := &client{web: w, polls: map[string][]byte{}, seen: map[string]bool{}}
		start := time.Now()
		day := func(d float64) time.Time { return start.Add(time.Duration(d * 24 * float64(time.Hour))) }
		client.run(t, day(2))
		client.run(t, day(3)) // a restart
		client.run(t, day(3.2))
		time.Sleep(9 * time.Hour) // a night asleep
		client.run(t, day(4))
		w.offline(true)
		client.run(t, day(4.15))
		w.offline(false)
		client.run(t, day(5))
		w.edit()
		client.run(t, day(float64(days)))
		report := w.report(client)
		t.Logf("%d sources, %d days\n%s", len(w.sources), days, report.text)
		for _, fault := range report.faults {
			t.Errorf("%s", fault)
		}
	})
}

// client is the least engine: each source sleeps until it is due, asks, takes
// the pages of new items, and keeps what it must in a store that survives.
type client struct {
	web   *web
	mu    sync.Mutex // guards the rest
	polls map[string][]byte
	seen  map[string]bool
	items int
	pages int
}

// run runs all sources until a time, as one life of the process.
func (c *client) run(t *testing.T, until time.Time) {
	f, err := New(Options{Version: "1.0", Contact: "https://vedetta.example/", PerHost: 5 * time.Second, Transport: c.web})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	slots := make(chan struct{}, 8)
	var wg sync.WaitGroup
	for _, s := range c.web.sources {
		wg.Go(func() {
			for c.turn(ctx, f, s, slots) {
			}
		})
	}
	wg.Wait()
	time.Sleep(time.Until(until))
}

// turn is one visit to a source; false when time is up.
func (c *client) turn(ctx context.Context, f *Fetcher, s *simSource, slots chan struct{}) bool {
	last := c.poll(s.src.ID)
	var sched Schedule
	if s.own > 0 {
		sched = every(s.own)
	}
	timer := time.NewTimer(time.Until(f.Due(sched, s.src, last, time.Now())))
	select {
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-slots }()
	visit := context.Background() // one that is under way when time is up is finished
	items, next, err := f.Feed(visit, s.src, last)
	if err == nil {
		for _, it := range items {
			c.mu.Lock()
			known := c.seen[it.Key()]
			c.mu.Unlock()
			if known {
				continue
			}
			_, err := f.Page(visit, s.src, it.URL)
			c.mu.Lock()
			c.seen[it.Key()] = true
			c.items++
			if err == nil {
				c.pages++
			}
			c.mu.Unlock()
		}
	}
	text, err := json.Marshal(next)
	if err != nil {
		panic(err)
	}
	c.mu.Lock()
	c.polls[s.src.ID] = text
	c.mu.Unlock()
	return true
}

func (c *client) poll(id string) news.Poll {
	c.mu.Lock()
	defer c.mu.Unlock()
	var p news.Poll
	if text := c.polls[id]; text != nil {
		if err := json.Unmarshal(text, &p); err != nil {
			panic(err)
		}
	}
	return p
}

// simSource is a source and how its site behaves.
type simSource struct {
	src  news.Source
	kind string
	gap  time.Duration // between its items
	own  time.Duration // schedule in the configuration
}

// web is all sites, and the meter.
type web struct {
	sources []*simSource
	start   time.Time

	mu    sync.Mutex // guards the rest
	down  bool       // the client's own connection
	feeds map[string]*simFeed
	hosts map[string]*simHost
	count map[string]int
	bad   map[string]int
	first map[string]string // fault → an example
	most  int               // requests in one minute
	inMin int
	min   time.Time
}

// simFeed is what a site remembers of its dealings about one address.
type simFeed struct {
	source        *simSource
	tag, modified string // given last
	given         map[string]bool
	opens         time.Time // asked not to come before
	why           string
	last          time.Time // request
	whole         time.Time // last unconditional request
	answers       int
}

type simHost struct {
	busy bool
	last time.Time // end of the last request
}

// kinds of site, given to the sources in turn.
var kinds = []string{
	"etag and date", "etag", "weak etag", "odd date", "no validators", "max-age", "expires", "ttl", "skip hours", "sy",
	"429", "503", "moved", "gone", "dead", "errors", "own schedule", "shared", "shared", "list", "sitemap", "etag moves", "validators come and go", "etag and date", "html first",
}

func newWeb(n int) *web {
	w := &web{
		start: time.Now(), feeds: map[string]*simFeed{}, hosts: map[string]*simHost{},
		count: map[string]int{}, bad: map[string]int{}, first: map[string]string{},
	}
	for i := range n {
		kind := kinds[i%len(kinds)]
		host := fmt.Sprintf("sito-%d.example", i)
		if kind == "shared" {
			host = "condiviso.example"
		}
		s := &simSource{kind: kind, gap: []time.Duration{80 * time.Minute, 5 * time.Hour, 11 * time.Hour, 30 * time.Hour, 100 * time.Hour}[i%5]}
		s.src = news.Source{ID: fmt.Sprintf("fonte-%d", i), Lang: "it"}
		address := fmt.Sprintf("https://%s/f%d/feed.xml?cat=%d", host, i, i)
		switch kind {
		case "list":
			s.src.Page, s.src.List = address, news.ListRule{Item: "li"}
		case "sitemap":
			s.src.Sitemap = address
		default:
			s.src.URL = address
		}
		if kind == "own schedule" {
			s.own = 20 * time.Minute
		}
		w.sources = append(w.sources, s)
		w.feeds[address] = &simFeed{source: s, given: map[string]bool{}}
	}
	return w
}

func (w *web) offline(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
}

// edit gives one source another address, as a user does.
func (w *web) edit() {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.sources[0]
	s.src.URL = strings.Replace(s.src.URL, "feed.xml", "nuovo.xml", 1)
	w.feeds[s.src.URL] = &simFeed{source: s, given: map[string]bool{}}
}

func (w *web) fault(name, example string) {
	w.bad[name]++
	if w.first[name] == "" {
		w.first[name] = example
	}
}

// RoundTrip is the meter before the sites.
func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	h, feed, err := w.arrive(r)
	if err != nil {
		return nil, err
	}
	time.Sleep(time.Duration(100+len(r.URL.Path)*37%900) * time.Millisecond)
	if err := r.Context().Err(); err != nil {
		w.leave(h)
		return nil, err
	}
	resp, err := w.answer(r, feed)
	if err != nil {
		w.leave(h)
		return nil, err
	}
	resp.Body = &leaving{ReadCloser: resp.Body, leave: func() { w.leave(h) }}
	return resp, nil
}

// leaving notes that an answer has been read.
type leaving struct {
	io.ReadCloser
	once  sync.Once
	leave func()
}

func (l *leaving) Close() error { l.once.Do(l.leave); return l.ReadCloser.Close() }

func (w *web) leave(h *simHost) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h.busy, h.last = false, time.Now()
}

func (w *web) arrive(r *http.Request) (*simHost, *simFeed, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return nil, nil, &net.DNSError{Err: "server misbehaving", Name: r.URL.Host, IsTemporary: true}
	}
	now := time.Now()
	if now.Truncate(time.Minute) != w.min {
		w.min, w.inMin = now.Truncate(time.Minute), 0
	}
	w.inMin++
	w.most = max(w.most, w.inMin)
	address := r.URL.String()
	h := w.hosts[r.URL.Host]
	if h == nil {
		h = &simHost{}
		w.hosts[r.URL.Host] = h
	}
	if h.busy {
		w.fault("two requests at a time to a host", address)
	}
	if !h.last.IsZero() && now.Sub(h.last) < 5*time.Second {
		w.fault("requests to a host under 5 s apart", fmt.Sprint(address, " after ", now.Sub(h.last)))
	}
	h.busy = true
	w.headers(r)
	feed := w.feeds[address]
	switch {
	case feed != nil:
		w.meter(r, feed, now)
	case r.URL.Path == "/robots.txt":
		w.count["robots.txt"]++
	case strings.Contains(r.URL.Path, "/articolo/"):
		w.count["pages"]++
		if strings.Contains(r.URL.Path, "/riservato/") {
			w.fault("pages that robots.txt forbids", address)
		}
	default:
		w.fault("invented addresses", address)
	}
	return h, feed, nil
}

func (w *web) headers(r *http.Request) {
	if r.Header.Get("Cookie") != "" {
		w.fault("cookies", r.URL.String())
	}
	if r.Header.Get("Referer") != "" {
		w.fault("Referers", r.URL.String())
	}
	if r.Header.Get("User-Agent") != "Vedetta/1.0 (+https://vedetta.example/)" {
		w.fault("other User-Agents", r.Header.Get("User-Agent"))
	}
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.fault("requests without compression", r.URL.String())
	}
	if r.Method != http.MethodGet {
		w.fault("methods other than GET", r.Method)
	}
}

// meter holds a request for a feed against what was said before.
func (w *web) meter(r *http.Request, f *simFeed, now time.Time) {
	tag, modified := r.Header.Get("If-None-Match"), r.Header.Get("If-Modified-Since")
	example := fmt.Sprintf("%s (%s)", r.URL, f.source.kind)
	w.count["feed requests"]++
	for _, v := range []string{tag, modified} {
		if v != "" && !f.given[v] {
			w.fault("made-up validators", example+" "+v)
		}
	}
	if tag != "" && tag != f.tag || modified != "" && modified != f.modified {
		w.fault("validators that are not the latest", example)
	}
	conditional := tag != "" || modified != ""
	if conditional {
		w.count["conditional"]++
	} else {
		w.count["unconditional"]++
		if f.tag != "" || f.modified != "" {
			w.fault("unconditional although validators were given", example)
		}
		if !f.whole.IsZero() && now.Sub(f.whole) < 24*time.Hour {
			w.count["unconditional within a day, none given to send"]++
		}
		f.whole = now
	}
	if f.tag != "" && tag == "" || f.modified != "" && modified == "" {
		w.fault("one of two validators left out", example)
	}
	if f.source.own == 0 && !f.last.IsZero() && now.Sub(f.last) < time.Hour {
		w.fault("twice in an hour", example+" "+now.Sub(f.last).String())
	}
	if now.Before(f.opens) {
		w.fault("too early: "+f.why, example+" "+f.opens.Sub(now).String())
	}
	if f.source.kind == "skip hours" && f.answers > 0 && now.UTC().Hour() < 5 {
		w.fault("in hours to skip", example)
	}
	f.last = now
}

// ask notes that a site wants not to be asked for a while.
func (f *simFeed) ask(wait time.Duration, why string) {
	if until := time.Now().Add(wait); until.After(f.opens) {
		f.opens, f.why = until, why
	}
}

func (w *web) answer(r *http.Request, f *simFeed) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case f != nil:
		return w.feed(r, f)
	case r.URL.Path == "/robots.txt":
		return respond(r, 200, "User-agent: *\nDisallow: /riservato/\nCrawl-delay: 7\n"), nil
	}
	return respond(r, 200, "<html><p>Testo.</p></html>", "Content-Type", "text/html"), nil
}

func (w *web) feed(r *http.Request, f *simFeed) (*http.Response, error) {
	now, s := time.Now(), f.source
	age := now.Sub(w.start)
	f.answers++
	turn := f.answers
	version := int(age/s.gap) + 20
	var header []string
	tag, modified := fmt.Sprintf(`"v%d"`, version), w.start.Add(time.Duration(version-20)*s.gap).UTC().Format(http.TimeFormat)
	ttl := ""
	switch s.kind {
	case "etag", "max-age":
		modified = ""
	case "weak etag":
		tag, modified = "W/"+tag, ""
	case "odd date":
		tag, modified = "", w.start.Add(time.Duration(version-20)*s.gap).Format("2006-01-02 15:04:05")
	case "no validators":
		tag, modified = "", ""
	case "etag moves":
		tag = fmt.Sprintf(`"v%d-%d"`, version, turn/3)
	case "validators come and go":
		if turn%4 == 0 {
			tag, modified = "", ""
		}
	}
	switch s.kind {
	case "max-age":
		header = append(header, "Cache-Control", "public, max-age=10800")
		f.ask(3*time.Hour, "max-age")
	case "expires":
		header = append(header, "Expires", now.Add(4*time.Hour).UTC().Format(http.TimeFormat), "Date", now.UTC().Format(http.TimeFormat))
		f.ask(4*time.Hour-time.Second, "Expires")
	case "ttl":
		ttl = "<ttl>300</ttl>"
		f.ask(5*time.Hour, "ttl")
	case "skip hours":
		ttl = "<skipHours><hour>0</hour><hour>1</hour><hour>2</hour><hour>3</hour><hour>4</hour></skipHours>"
	case "sy":
		ttl = "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
		f.ask(12*time.Hour, "sy:updatePeriod")
	case "429":
		if turn%5 == 0 {
			f.ask(26*time.Hour, "Retry-After of a 429")
			w.count["429 and 503"]++
			return respond(r, 429, "", "Retry-After", "93600"), nil
		}
	case "503":
		if turn%7 == 0 {
			f.ask(3*24*time.Hour-time.Second, "Retry-After of a 503")
			w.count["429 and 503"]++
			return respond(r, 503, "", "Retry-After", now.Add(3*24*time.Hour).UTC().Format(http.TimeFormat)), nil
		}
	case "moved":
		return w.movedFeed(r, f)
	case "gone":
		if age > 24*time.Hour {
			w.count["410"]++
			return respond(r, 410, ""), nil
		}
	case "dead":
		if age > 24*time.Hour && age < 6*24*time.Hour {
			w.count["connections refused"]++
			return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		}
	case "errors":
		if turn%3 == 0 {
			w.count["500"]++
			return respond(r, 500, "errore"), nil
		}
	case "html first":
		if !strings.Contains(r.URL.Path, "/vero/") {
			return w.page(r, f)
		}
	}
	f.tag, f.modified = tag, modified
	for _, v := range []string{tag, modified} {
		if v != "" {
			f.given[v] = true
		}
	}
	if tag != "" {
		header = append(header, "Etag", tag)
	}
	if modified != "" {
		header = append(header, "Last-Modified", modified)
	}
	if tag != "" && r.Header.Get("If-None-Match") == tag || tag == "" && modified != "" && r.Header.Get("If-Modified-Since") == modified {
		w.count["304"]++
		return respond(r, 304, "", header...), nil
	}
	w.count["200"]++
	return respond(r, 200, w.body(r, s, version, ttl), header...), nil
}

// movedFeed redirects for good to an address of its own.
func (w *web) movedFeed(r *http.Request, f *simFeed) (*http.Response, error) {
	f.tag, f.modified = "", ""
	return respond(r, 301, "", "Location", w.other(f, "spostato")), nil
}

// page advertises the feed.
func (w *web) page(r *http.Request, f *simFeed) (*http.Response, error) {
	f.tag, f.modified = "", ""
	w.count["pages instead of feeds"]++
	return respond(r, 200, fmt.Sprintf(`<!doctype html><html><link rel="alternate" type="application/rss+xml" href="%s">`, strings.ReplaceAll(w.other(f, "vero"), "&", "&amp;")), "Content-Type", "text/html"), nil
}

// other is a second address of a feed, with dealings of its own.
func (w *web) other(f *simFeed, name string) string {
	address := strings.Replace(f.source.src.URL, "/feed.xml", "/"+name+"/feed.xml", 1)
	if w.feeds[address] == nil {
		s := *f.source
		if s.kind == "moved" {
			s.kind = "etag and date"
		}
		w.feeds[address] = &simFeed{source: &s, given: map[string]bool{}}
	}
	return address
}

func (w *web) body(r *http.Request, s *simSource, version int, ttl string) string {
	var b strings.Builder
	site := "https://" + r.URL.Host
	at := func(n int) time.Time { return w.start.Add(time.Duration(n-20) * s.gap) }
	path := func(n int) string {
		if n%10 == 0 {
			return fmt.Sprintf("%s/riservato/articolo/%s-%d", site, s.src.ID, n)
		}
		return fmt.Sprintf("%s/articolo/%s-%d", site, s.src.ID, n)
	}
	switch s.kind {
	case "list":
		b.WriteString(`<html lang="it"><ul>`)
		for n := version; n > version-10; n-- {
			fmt.Fprintf(&b, `<li><a href="%s">Notizia %d</a> <time>%s</time></li>`, path(n), n, at(n).Format("02/01/2006 15:04"))
		}
	case "sitemap":
		b.WriteString(`<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">`)
		for n := version; n > version-10; n-- {
			fmt.Fprintf(&b, `<url><loc>%s</loc><news:news><news:title>Notizia %d</news:title><news:publication_date>%s</news:publication_date></news:news></url>`, path(n), n, at(n).Format(time.RFC3339))
		}
		b.WriteString(`</urlset>`)
	default:
		b.WriteString(`<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>Prova</title>` + ttl)
		for n := version; n > version-10; n-- {
			fmt.Fprintf(&b, `<item><title>Notizia %d</title><link>%s</link><guid>%d</guid><pubDate>%s</pubDate></item>`, n, path(n), n, at(n).Format(time.RFC1123Z))
		}
		b.WriteString(`</channel></rss>`)
	}
	return b.String()
}

type politenessReport struct {
	text   string
	faults []string
}

func (w *web) report(c *client) politenessReport {
	w.mu.Lock()
	defer w.mu.Unlock()
	var r politenessReport
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	for _, name := range sortedKeys(w.count) {
		fmt.Fprintf(tw, "%s\t%d\n", name, w.count[name])
	}
	fmt.Fprintf(tw, "conditional share\t%.1f %%\n", 100*float64(w.count["conditional"])/float64(w.count["feed requests"]))
	fmt.Fprintf(tw, "most requests in a minute, all hosts\t%d\n", w.most)
	fmt.Fprintf(tw, "items, pages taken\t%d, %d\n", c.items, c.pages)
	failing := map[string]int{}
	for _, s := range w.sources {
		p := news.Poll{}
		_ = json.Unmarshal(c.polls[s.src.ID], &p)
		if s.kind != "gone" && p.Failed() {
			failing[s.kind+": "+p.Err]++
		}
	}
	for _, kind := range sortedKeys(failing) {
		fmt.Fprintf(tw, "failing at the end: %s\t%d\n", kind, failing[kind])
	}
	zero := []string{
		"made-up validators", "validators that are not the latest", "one of two validators left out",
		"unconditional although validators were given", "twice in an hour",
		"too early: max-age", "too early: Expires", "too early: ttl", "too early: sy:updatePeriod",
		"too early: Retry-After of a 429", "too early: Retry-After of a 503", "in hours to skip",
		"two requests at a time to a host", "requests to a host under 5 s apart",
		"pages that robots.txt forbids", "invented addresses", "cookies", "Referers",
		"other User-Agents", "requests without compression", "methods other than GET",
	}
	fmt.Fprintf(tw, "\t\nmust be zero:\t\n")
	for _, name := range zero {
		fmt.Fprintf(tw, "%s\t%d\n", name, w.bad[name])
	}
	for _, name := range sortedKeys(w.bad) {
		r.faults = append(r.faults, fmt.Sprintf("%s: %d, first %s", name, w.bad[name], w.first[name]))
		if !slices.Contains(zero, name) {
			fmt.Fprintf(tw, "%s\t%d\n", name, w.bad[name])
		}
	}
	_ = tw.Flush() // a strings.Builder takes all
	r.text = b.String()
	if file := os.Getenv("POLITENESS_REPORT"); file != "" {
		if err := os.WriteFile(file, []byte(r.text), 0o644); err != nil {
			r.faults = append(r.faults, err.Error())
		}
	}
	return r
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
