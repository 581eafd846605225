package crash

import (
	"encoding/xml"
	"fmt"
	"html"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// press is a few invented outlets, whose feeds grow while they are asked. It
// remembers what it was asked, and when.
type press struct {
	*httptest.Server
	start time.Time
	open  atomic.Int64 // connections

	mu       sync.Mutex
	outlets  []*outlet
	frozen   bool
	requests int
	at       func(n int) // told of each request's number, before it is answered
	asked    map[string][]request
}

type outlet struct {
	id    string
	count int // items published so far
}

// request is one for a feed.
type request struct {
	at        time.Time
	validator string // If-None-Match
}

// A feed holds all of an outlet's items, so that those which are younger than a
// backup come back. At some length the news ends.
const mostItems = 240

// The outlets that behave as their names say, beside ordinary ones.
const (
	resting = "riposo"  // answers with 503 and Retry-After
	keeping = "settima" // its answers are good for an hour
)

func newPress(t *testing.T) *press {
	p := &press{start: time.Now().Add(-72 * time.Hour).Truncate(time.Second), asked: map[string][]request{}}
	for i, id := range []string{"alfa", "beta", "gamma", "delta", keeping, resting} {
		p.outlets = append(p.outlets, &outlet{id: id, count: 12 + 5*i})
	}
	p.Server = httptest.NewUnstartedServer(p)
	p.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			p.open.Add(1)
		case http.StateClosed, http.StateHijacked:
			p.open.Add(-1)
		}
	}
	p.Start()
	t.Cleanup(p.Close)
	return p
}

// quiet waits until all that a process which has ended sent before has been
// taken in: connections are accepted in the order in which they came, and each
// is closed once what it brought has been read.
func (p *press) quiet(t *testing.T) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	for until := time.Now().Add(patience); p.open.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%d connections are open though nobody runs", p.open.Load())
		}
	}
}

// follow has f told of each request from now on; their numbers start at 1.
func (p *press) follow(f func(n int)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests, p.at = 0, f
}

// takeRequests returns the requests for feeds since the last call.
func (p *press) takeRequests() map[string][]request {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.asked
	p.asked = map[string][]request{}
	return all
}

// freeze ends the news.
func (p *press) freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = true
}

// published returns the addresses of an outlet's items up to a number of them.
func (p *press) published(id string, count int) []string {
	urls := make([]string, count)
	for n := range urls {
		urls[n] = p.link(id, n)
	}
	return urls
}

// counts returns how many items each outlet has published.
func (p *press) counts() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := map[string]int{}
	for _, o := range p.outlets {
		counts[o.id] = o.count
	}
	return counts
}

func (p *press) link(id string, n int) string {
	return fmt.Sprintf("%s/%s/articolo-%d.html", p.URL, id, n)
}

func (p *press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.requests++
	n, at := p.requests, p.at
	p.mu.Unlock()
	if at != nil {
		at(n)
	}
	id, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	i := slices.IndexFunc(p.outlets, func(o *outlet) bool { return o.id == id })
	number, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(rest, "articolo-"), ".html"))
	switch {
	case i < 0:
		http.NotFound(w, r)
	case rest == "feed.xml":
		p.serveFeed(w, r, p.outlets[i])
	case err == nil:
		time.Sleep(3 * time.Millisecond) // so that a visit lasts
		serveArticle(w, newItem(i, number, p.start))
	default:
		http.NotFound(w, r)
	}
}

func (p *press) serveFeed(w http.ResponseWriter, r *http.Request, o *outlet) {
	p.mu.Lock()
	p.asked[o.id] = append(p.asked[o.id], request{time.Now(), r.Header.Get("If-None-Match")})
	if !p.frozen && o.count < mostItems {
		o.count++
	}
	count := o.count
	p.mu.Unlock()
	if o.id == resting {
		w.Header().Set("Retry-After", "60")
		http.Error(w, "troppe richieste", http.StatusServiceUnavailable)
		return
	}
	if o.id == keeping {
		w.Header().Set("Cache-Control", "max-age=3600")
	}
	etag := validator(o.id, count)
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>%s</title><link>%s/</link><description>x</description>`, o.id, p.URL)
	for n := count - 1; n >= 0; n-- {
		it := newItem(slices.Index(p.outlets, o), n, p.start)
		_, _ = fmt.Fprintf(w, "<item><guid isPermaLink=\"false\">%s-%d</guid><title>%s</title><link>%s</link><description>%s</description><pubDate>%s</pubDate></item>",
			o.id, n, escape(it.title), p.link(o.id, n), escape(it.text[0]), it.date.Format(time.RFC1123Z))
	}
	_, _ = fmt.Fprint(w, "</channel></rss>")
}

// validator is the entity tag of a feed with so many items.
func validator(id string, count int) string {
	return fmt.Sprintf("%q", fmt.Sprintf("%s-%d", id, count))
}

// validated is the number of items that a validator stands for.
func validated(id, tag string) (int, bool) {
	rest, ok := strings.CutPrefix(strings.Trim(tag, `"`), id+"-")
	n, err := strconv.Atoi(rest)
	return n, ok && err == nil
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// item is an invented article.
type item struct {
	title string
	text  []string
	date  time.Time
}

// reprint reports whether an item of the second outlet is the first's.
func reprint(n int) bool { return n%7 == 0 }

// newItem makes the nth item of an outlet, the same whenever it is asked. One
// in three is on topic; one in seven of the second outlet is a reprint of the
// first's.
func newItem(outlet, n int, start time.Time) item {
	if outlet == 1 && reprint(n) {
		return newItem(0, n, start)
	}
	date := start.Add(time.Duration(n)*10*time.Minute + time.Duration(outlet)*time.Minute)
	r := rand.New(rand.NewPCG(uint64(outlet), uint64(n)))
	pick := func(words []string) string { return words[r.IntN(len(words))] }
	sentence := func() string {
		return fmt.Sprintf("%s %s %s %s %s %s %d, mentre %s %s %s.", pick(who), pick(does), pick(what), pick(where), pick(when), pick(with), r.IntN(900)+100, pick(who), pick(does), pick(what))
	}
	it := item{date: date, title: fmt.Sprintf("%s %s %s: dossier %d", pick(who), pick(does), pick(what), 1000*outlet+n)}
	for range 6 {
		it.text = append(it.text, sentence()+" "+sentence()+" "+sentence())
	}
	if n%3 == 0 {
		it.title = fmt.Sprintf("La NATO e il Giappone firmano il protocollo %d su %s", 1000*outlet+n, pick(what))
		it.text[0] = fmt.Sprintf("La NATO e il Giappone hanno firmato %s il protocollo numero %d. La NATO e Tokyo lavoreranno con il Giappone su %s. %s", pick(when), 1000*outlet+n, pick(what), it.text[0])
	}
	return it
}

func serveArticle(w http.ResponseWriter, it item) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang="it"><head><title>%s</title><meta property="article:published_time" content="%s"></head><body><nav><a href="/">Home</a></nav><article><h1>%s</h1>`,
		html.EscapeString(it.title), it.date.Format(time.RFC3339), html.EscapeString(it.title))
	for _, text := range it.text {
		_, _ = fmt.Fprintf(w, "<p>%s</p>", html.EscapeString(text))
	}
	_, _ = fmt.Fprint(w, "</article></body></html>")
}

// The words that articles are made of.
var (
	who = []string{
		"Il sindaco di Vallombra", "La giunta regionale", "Un gruppo di geologi", "La cooperativa Le Ginestre", "Il museo della seta", "La squadra di canottaggio",
		"Il consorzio dei mulini", "Una classe di Ponterosso", "La guida alpina Sesti", "Il coro polifonico", "L'acquedotto di Fontelunga", "La biblioteca comunale",
	}
	does = []string{
		"ha presentato", "rinnova", "ha messo in vendita", "cataloga", "ha trasferito", "difende", "ha ridotto", "sta restaurando", "ha prenotato", "raccoglie", "ha perso", "inaugura",
	}
	what = []string{
		"i vecchi registri", "la funivia del passo", "una mostra di ceramiche", "il ponte sul torrente", "due carrozze d'epoca", "l'archivio fotografico", "la raccolta di minerali",
		"il tetto della pieve", "un vivaio di castagni", "le campane maggiori", "il sentiero delle cave", "la rete dei mercati",
	}
	where = []string{
		"a Castelbruno", "nella valle del Rio", "sulla riva orientale", "in piazza delle Erbe", "al villaggio minerario", "presso il lago", "sotto la rocca", "alla stazione vecchia",
	}
	when = []string{
		"all'alba di lunedì", "dopo la piena di marzo", "durante la fiera d'autunno", "prima della vendemmia", "nel primo pomeriggio", "a metà settimana", "alla vigilia del palio",
	}
	with = []string{
		"con un fondo di euro", "davanti a un pubblico di", "grazie a volontari pari a", "per una spesa di euro", "con un ritardo di minuti", "su una superficie di metri",
	}
)
