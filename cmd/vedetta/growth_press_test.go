package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"vedetta/news"
)

// dispatches makes up a stream of articles as agencies and papers publish
// them: of words that are as frequent as in real texts and of names that are
// rare, a fifth copies, and a fifth on an event that others told of already.
type dispatches struct {
	*vocabulary
	recent []news.Article
}

// sentence is one of some fifteen words, with names in it.
func (d *dispatches) sentence(names []string) string {
	var b strings.Builder
	b.WriteString("Il")
	for i := range 11 + d.rand.IntN(10) {
		b.WriteByte(' ')
		switch {
		case i%6 == 3:
			b.WriteString(names[d.rand.IntN(len(names))])
		case i == 5 && d.rand.IntN(3) == 0:
			b.WriteString(strconv.Itoa(2 + d.rand.IntN(900)))
		case d.rand.IntN(3) == 0:
			b.WriteString(littleWords[d.rand.IntN(len(littleWords))])
		default:
			b.WriteString(d.words[d.zipf.Uint64()])
		}
	}
	return b.String() + "."
}

var (
	littleWords = strings.Fields("il la di che e un in del per con non si dei alla della sono anche come")
	dailyNames  = strings.Fields("Italia Roma Nato Europa Milano Tokyo Bruxelles Torino")
)

// names are those of one article: one of every day, and some that are rarer.
func (d *dispatches) names() []string {
	names := []string{dailyNames[d.rand.IntN(len(dailyNames))]}
	for range 4 {
		w := d.words[int(float64(len(d.words))*math.Pow(d.rand.Float64(), 1.5))]
		names = append(names, strings.ToUpper(w[:1])+w[1:])
	}
	return names
}

// next is the next article, of some 3 KB. It has no id, address or time.
func (d *dispatches) next() (a news.Article) {
	kind := d.rand.IntN(10)
	names := d.names()
	var body []string
	for range 10 + d.rand.IntN(10) {
		body = append(body, d.sentence(names)+" "+d.sentence(names))
	}
	a.Lang, a.Title, a.Text = "it", d.sentence(names), strings.Join(body, "\n")
	if len(d.recent) == 0 || kind >= 4 {
		if d.recent = append(d.recent, a); len(d.recent) > 400 {
			d.recent = d.recent[1:]
		}
		return a
	}
	switch o := d.recent[d.rand.IntN(len(d.recent))]; {
	case kind < 2: // a copy in another frame
		a.Title, a.Text = o.Title, "ROMA (VESPERA) – "+o.Text+"\nRiproduzione riservata"
	default: // another text on the event
		lead, _, _ := strings.Cut(o.Text, "\n")
		a.Title, a.Text = o.Title, a.Text+"\n"+lead
	}
	return a
}

// articles returns n articles that came a step apart, the last one now.
func (d *dispatches) articles(n int, step time.Duration, number *int) []news.Article {
	as := make([]news.Article, n)
	for i := range as {
		*number++
		a := d.next()
		a.URL = fmt.Sprintf("https://testata%d.example/articolo/%d", *number%300, *number)
		a.ID, a.Source = news.ArticleID(a.URL), fmt.Sprintf("testata%d", *number%300)
		a.Published = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(*number) * step)
		a.Seen = a.Published
		as[i] = a
	}
	return as
}

// growthPress answers for any number of feeds. What it answers was made
// before, so that it costs next to nothing itself.
type growthPress struct {
	items   int
	version atomic.Int64 // a feed has one item more with each

	mu    sync.Mutex // guards texts
	words *dispatches
	texts map[string]string // items by feed and number
}

// RoundTrip implements http.RoundTripper.
func (p *growthPress) RoundTrip(req *http.Request) (*http.Response, error) {
	version := int(p.version.Load())
	tag := fmt.Sprintf(`"%d"`, version)
	if req.Header.Get("If-None-Match") == tag {
		return soakAnswer(req, http.StatusNotModified, "", ""), nil
	}
	host, _, _ := strings.Cut(req.URL.Host, ".")
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>%s</title>`, host)
	for n := version + p.items; n > version; n-- {
		b.WriteString(p.item(host, n))
	}
	b.WriteString("</channel></rss>")
	resp := soakAnswer(req, http.StatusOK, "application/rss+xml", b.String())
	resp.Header.Set("Etag", tag)
	return resp, nil
}

// item is a feed's n-th item with its whole text.
func (p *growthPress) item(host string, n int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := host + " " + strconv.Itoa(n)
	text, ok := p.texts[key]
	if !ok {
		a := p.words.next()
		text = fmt.Sprintf("<item><guid>%s</guid><link>https://%s.example/articolo/%d</link><title>%s</title><pubDate>%s</pubDate><content:encoded><![CDATA[<p>%s</p>]]></content:encoded></item>\n",
			key, host, n, a.Title, time.Date(2000, 1, 1, 0, n, 0, 0, time.UTC).Format(time.RFC1123Z), strings.ReplaceAll(a.Text, "\n", "</p>\n<p>"))
		p.texts[key] = text
	}
	return text
}

// prepare makes the items of feeds, up to some more than are shown now.
func (p *growthPress) prepare(feeds, more int) {
	for i := range feeds {
		for n := 1; n <= p.items+more; n++ {
			p.item("testata"+strconv.Itoa(i), n)
		}
	}
}

func newGrowthPress(items int) *growthPress {
	return &growthPress{items: items, words: &dispatches{vocabulary: newVocabulary()}, texts: map[string]string{}}
}

// growthPage makes up a page of so many bytes as sites make them: half of it
// scripts and styles, most of the rest markup.
func growthPage(size int) []byte {
	var b strings.Builder
	r := rand.New(rand.NewPCG(7, 7))
	b.WriteString(`<!DOCTYPE html><html lang="it"><head><title>La nave è rientrata in porto</title><meta property="og:type" content="article"><meta charset="utf-8"></head><body><header><nav>`)
	for i := range 20 {
		fmt.Fprintf(&b, `<a class="menu-item menu-item-%d" href="/sezione/%d">Sezione %d</a>`, i, i, i)
	}
	for i := 0; b.Len() < size/2; i++ {
		fmt.Fprintf(&b, "<script>window.dataLayer=window.dataLayer||[];dataLayer.push({slot:%d,size:[[300,250],[728,90]],async:true,target:\"#ad-%d\"});</script><style>.block-%d{margin:0 auto;display:flex}</style>\n", i, i, i)
	}
	b.WriteString(`</nav></header><main><article class="post"><h1>La nave è rientrata in porto</h1><div class="post-content">`)
	for i := 0; b.Len() < size*9/10; i++ {
		fmt.Fprintf(&b, "<p>Capoverso %d: la nave ha lasciato il porto, ha detto il comandante, e non tornerà prima di %d giorni; l’equipaggio saluta.</p>\n", i, 2+r.IntN(90))
		fmt.Fprintf(&b, `<div class="block block-%d" data-uid="b%d" style="margin:0"><span class="thumb"><a href="/n%d/" title="Leggi anche"><img class="lazy" src="/i%d-300x200.jpg" srcset="/i%d-600x400.jpg 2x" width="300" height="200" alt=""></a></span><ul class="meta"><li class="date"></li><li class="share"><button type="button" aria-label="Condividi"></button></li></ul></div>`+"\n", i, i, i, i, i)
	}
	b.WriteString(`</div></article></main><aside><ul>`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `<li><a href="/altra/%d">Altra notizia %d</a></li>`, i, i)
	}
	b.WriteString(`</ul></aside><footer>Testata</footer></body></html>`)
	return []byte(b.String())
}
