package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// soakPress is an invented press that goes on for ever: a RoundTripper that
// answers for the hosts of all outlets by what the clock says. Everything is
// a function of the time and the address, so that a run can be repeated.
type soakPress struct {
	start   time.Time
	outlets int

	mu       sync.Mutex
	requests int // guarded by mu, as pages
	pages    int
}

// The outlets' habits.
const (
	soakEvery   = 20 * time.Hour // an outlet publishes so often
	soakShown   = 20             // items in a feed
	soakCorrect = 24 * time.Hour // after which a seventh of the articles is changed
)

// RoundTrip implements http.RoundTripper.
func (p *soakPress) RoundTrip(req *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.requests++
	p.mu.Unlock()
	name, _, _ := strings.Cut(req.URL.Host, ".")
	outlet, err := strconv.Atoi(strings.TrimPrefix(name, "testata"))
	if err != nil {
		return soakAnswer(req, http.StatusNotFound, "", ""), nil
	}
	now := time.Now()
	day := int(now.Sub(p.start) / (24 * time.Hour))
	switch {
	case outlet == 1 && day%10 == 9:
		return soakAnswer(req, http.StatusServiceUnavailable, "text/plain", "torniamo subito"), nil
	case outlet == 2 && day%7 == 6: // answers nothing
		<-req.Context().Done()
		return nil, req.Context().Err()
	case req.URL.Path == "/feed":
		return p.feed(req, outlet, now), nil
	case strings.HasPrefix(req.URL.Path, "/articolo/"):
		n, err := strconv.Atoi(strings.TrimPrefix(req.URL.Path, "/articolo/"))
		if err == nil && n <= p.latest(outlet, now) {
			p.mu.Lock()
			p.pages++
			p.mu.Unlock()
			return p.page(req, outlet, n, now), nil
		}
	}
	return soakAnswer(req, http.StatusNotFound, "text/plain", "non c'è"), nil
}

func soakAnswer(req *http.Request, status int, kind, body string) *http.Response {
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}
}

// published is when an outlet publishes its n-th article.
func (p *soakPress) published(outlet, n int) time.Time {
	return p.start.Add(time.Duration(n-soakShown)*soakEvery + time.Duration(outlet)*37*time.Minute)
}

// latest is the number of an outlet's newest article.
func (p *soakPress) latest(outlet int, now time.Time) int {
	return int((now.Sub(p.start)-time.Duration(outlet)*37*time.Minute)/soakEvery) + soakShown
}

// origin tells whose text an article is: every fourth outlet repeats a fifth
// of the first one's.
func (p *soakPress) origin(outlet, n int) int {
	if outlet%4 == 3 && n%5 == 0 {
		return 0
	}
	return outlet
}

func (p *soakPress) feed(req *http.Request, outlet int, now time.Time) *http.Response {
	latest := p.latest(outlet, now)
	tag := fmt.Sprintf(`"%d-%d"`, latest, p.latest(outlet, now.Add(-soakCorrect)))
	if req.Header.Get("If-None-Match") == tag {
		return soakAnswer(req, http.StatusNotModified, "", "")
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Testata %d</title><link>https://testata%d.example/</link><description>prova</description>`, outlet, outlet)
	for n := latest; n > latest-soakShown; n-- {
		title, paragraphs := soakText(p.origin(outlet, n), n, p.corrected(outlet, n, now))
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%d-%d</guid><link>https://testata%d.example/articolo/%d</link><title>%s</title><pubDate>%s</pubDate><description>%s</description></item>`,
			outlet, n, outlet, n, title, p.published(outlet, n).UTC().Format(time.RFC1123Z), paragraphs[0])
	}
	b.WriteString(`</channel></rss>`)
	resp := soakAnswer(req, http.StatusOK, "application/rss+xml", b.String())
	resp.Header.Set("Etag", tag)
	return resp
}

func (p *soakPress) corrected(outlet, n int, now time.Time) bool {
	return n%7 == 0 && now.Sub(p.published(outlet, n)) > soakCorrect
}

func (p *soakPress) page(req *http.Request, outlet, n int, now time.Time) *http.Response {
	title, paragraphs := soakText(p.origin(outlet, n), n, p.corrected(outlet, n, now))
	var b strings.Builder
	fmt.Fprintf(&b, `<!DOCTYPE html><html lang="it"><head><title>%s | Testata %d</title><meta property="og:type" content="article"></head><body>
<nav><a href="/">Prima pagina</a> <a href="/esteri">Esteri</a> <a href="/difesa">Difesa</a></nav><article><h1>%s</h1>`, title, outlet, title)
	for _, text := range paragraphs {
		fmt.Fprintf(&b, "<p>%s</p>", text)
	}
	fmt.Fprintf(&b, `</article><aside><a href="/articolo/%d">Leggi anche</a></aside><footer>Testata %d</footer></body></html>`, n-1, outlet)
	return soakAnswer(req, http.StatusOK, "text/html; charset=utf-8", b.String())
}

// soakText is the n-th text of an outlet. A sixth are on the topic.
func soakText(outlet, n int, corrected bool) (title string, paragraphs []string) {
	r := rand.New(rand.NewPCG(uint64(outlet), uint64(n)))
	word := func(list []string) string { return strings.ReplaceAll(list[r.IntN(len(list))], "_", " ") }
	title = fmt.Sprintf("%s, %s e %s a %s", word(soakThings), word(soakThings), word(soakThings), word(soakPlaces))
	onTopic := n%6 == 0
	if onTopic {
		title = fmt.Sprintf("La Nato e il Giappone: %s e %s a %s", word(soakThings), word(soakThings), word(soakPlaces))
	}
	for i := range 7 {
		var b strings.Builder
		if onTopic && i%3 == 0 {
			fmt.Fprintf(&b, "La Nato e il Giappone hanno firmato a %s un accordo di cooperazione sulla difesa che riguarda %s e %s. ", word(soakPlaces), word(soakThings), word(soakThings))
		}
		for range 4 {
			fmt.Fprintf(&b, "%s %s %s presso %s, mentre %s %s %s in %d giorni. ",
				word(soakPeople), word(soakDoes), word(soakThings), word(soakPlaces), word(soakPeople), word(soakDoes), word(soakThings), 2+r.IntN(900))
		}
		paragraphs = append(paragraphs, b.String())
	}
	if corrected {
		paragraphs = append(paragraphs, "Correzione: la riunione si è tenuta a "+word(soakPlaces)+", non altrove.")
	}
	return title, paragraphs
}

// The words of the press.
var (
	soakPeople = strings.Fields("il_presidente la_giunta il_comitato l'assessora il_direttore la_commissione il_portavoce la_soprintendente il_capitano l'ingegnera il_consiglio la_rettrice il_sindaco la_cooperativa il_prefetto l'ambasciatrice")
	soakDoes   = strings.Fields("esamina respinge approva discute rinvia annuncia difende corregge sospende finanzia studia smentisce illustra contesta affida prepara")
	soakThings = strings.Fields("il_bilancio la_ferrovia il_porto l'acquedotto la_biblioteca il_ponte la_fregata l'ospedale il_mercato la_diga il_teatro la_centrale il_radar la_scuola l'archivio il_museo la_riserva il_cantiere la_flotta il_canale l'aeroporto la_seggiovia il_satellite la_torre il_vivaio la_cava il_faro l'osservatorio la_caserma il_deposito")
	soakPlaces = strings.Fields("Bruxelles Tokyo Roma Taranto Trieste Cagliari Vercelli Matera Ancona Sondrio Lecce Udine Pesaro Aosta Ragusa Savona Asti Nuoro Chieti Imperia")
)
