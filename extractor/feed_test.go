package extractor

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

func TestFeed(t *testing.T) {
	for _, c := range []struct{ name, in, text, html string }{
		{"empty", " \n ", "", ""},
		{"plain", "Una riga & basta", "Una riga & basta", "<p>Una riga &amp; basta</p>"},
		{
			"paragraphs", `<p>Primo <b>forte</b>.</p><p>Secondo.</p>`, "Primo forte.\n\nSecondo.",
			"<p>Primo <strong>forte</strong>.</p><p>Secondo.</p>",
		},
		{"breaks", "Uno.<br><br>Due.", "Uno.\n\nDue.", "<p>Uno.</p><p>Due.</p>"},
		{
			"list", "<p>Elenco:</p><ul><li>uno</li><li>due</li></ul>", "Elenco:\n\n- uno\n- due",
			"<p>Elenco:</p><ul><li>uno</li><li>due</li></ul>",
		},
		{
			"links", `<p>Vedi <a href="/a?id=1&utm_source=rss" onclick="x()">qui</a> e <a href="javascript:alert(1)">là</a>.</p>`, "Vedi qui e là.",
			`<p>Vedi <a href="https://esempio.example/a?id=1">qui</a> e là.</p>`,
		},
		{
			"images", `<p><img src="/placeholder.png" data-lazy-src="/vera.jpg" alt="Nave"></p><img src="https://x.example/p.gif" width="1" height="1">`, "",
			`<p><img src="https://esempio.example/vera.jpg" alt="Nave"></p>`,
		},
		{
			"hostile", `<p onmouseover="x">Testo<script>alert(1)</script><style>p{}</style><svg onload="x"><script>1</script></svg></p><form><input name=a></form><iframe src="https://male.example"></iframe>`,
			"Testo", "<p>Testo</p>",
		},
		{"video", `<iframe src="https://www.youtube.com/embed/abc123?x=1"></iframe>`, "", `<p><a href="https://www.youtube.com/watch?v=abc123">https://www.youtube.com/watch?v=abc123</a></p>`},
		{
			"wordpress tail", `<p>Notizia.</p><p>L'articolo <a href="https://esempio.example/n">Notizia</a> proviene da <a href="https://esempio.example">Rotta</a>.</p>`,
			"Notizia.", "<p>Notizia.</p>",
		},
		{"headings", "<h1>Uno</h1><h3>Tre</h3>", "Uno\n\nTre", "<h2>Uno</h2><h3>Tre</h3>"},
		{"entities", "<p>pi&ugrave; &#8217; &lt;b&gt;</p>", "più ’ <b>", "<p>più ’ &lt;b&gt;</p>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, html := Feed(c.in, "https://esempio.example/feed/")
			if d := cmp.Diff(c.text, text); d != "" {
				t.Errorf("text (-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.html, html); d != "" {
				t.Errorf("html (-want +got):\n%s", d)
			}
		})
	}
}

func TestSanitizeIsStable(t *testing.T) {
	in := `<div><h1>Titolo</h1>testo <i>corsivo</i><table><tr><td colspan="2">a</td></tr></table><figure><img src="a.jpg"><figcaption>Didascalia</figcaption></figure></div>`
	_, once := Feed(in, "https://esempio.example/")
	if _, twice := Feed(once, "https://esempio.example/"); twice != once {
		t.Errorf("sanitising again changed\n%s\nto\n%s", once, twice)
	}
	want := `<h2>Titolo</h2><p>testo <em>corsivo</em></p><table><tbody><tr><td colspan="2">a</td></tr></tbody></table><figure><img src="https://esempio.example/a.jpg"><figcaption>Didascalia</figcaption></figure>`
	if once != want {
		t.Errorf("got\n%s\nwant\n%s", once, want)
	}
}

func TestBuiltinRules(t *testing.T) {
	for host, rule := range builtin {
		given := slices.Concat([]string{rule.Body, rule.Title, rule.Author, rule.Date}, rule.Remove)
		for _, sel := range given {
			if sel != "" && matcher(sel) == nil {
				t.Errorf("%s: %q is no selector", host, sel)
			}
		}
	}
}

const rulePage = `<html lang="it"><head><title>Pagina</title></head><body><h1>Titolo della pagina di prova</h1>
<div class="a"><p>Questo paragrafo sta nel contenitore che la regola sceglie, ed è abbastanza lungo da essere un testo vero.</p><p class="x">Via questo paragrafo, che la regola toglie dal testo perché non ne fa parte.</p></div>
<div class="article-body"><p>Questo è il corpo che il metodo generale sceglierebbe, lungo e con tutte le virgole, i punti e le parole che occorrono.</p><p>E ancora un altro paragrafo, perché sia più lungo dell'altro contenitore della pagina.</p></div>
<span class="firma">Anna Neri</span><span class="quando">3 marzo 2025, ore 9.15</span></body></html>`

func TestRules(t *testing.T) {
	page := news.Page{URL: "https://www.sito.example/a", Body: []byte(rulePage)}
	rule := news.ExtractRule{Body: ".a", Remove: []string{".x", "p["}, Author: ".firma", Date: ".quando", Title: "h1"}
	want := "Questo paragrafo sta nel contenitore che la regola sceglie, ed è abbastanza lungo da essere un testo vero."
	for _, c := range []struct {
		name   string
		x      *Extractor
		rule   news.ExtractRule
		method string
	}{
		{"source", New(nil), rule, byRule},
		{"site", New(map[string]news.ExtractRule{"sito.example": rule}), news.ExtractRule{}, bySite},
		{"source before site", New(map[string]news.ExtractRule{"sito.example": {Body: "h1"}}), rule, byRule},
	} {
		e := c.x.Extract(page, c.rule, "")
		if e.Text != want || e.Method != c.method || strings.Join(e.Authors, ";") != "Anna Neri" || stamp(e.Published) != "2025-03-03T09:15:00+01:00" {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
	if e := New(nil).Extract(page, news.ExtractRule{Body: "p["}, ""); e.Method != byDOM || e.Text == "" {
		t.Errorf("an invalid selector is not ignored: %+v", e)
	}
	if e := New(nil).Extract(page, news.ExtractRule{Body: ".manca"}, ""); e.Method != byDOM || e.Text == "" {
		t.Errorf("a selector that finds nothing is not passed over: %+v", e)
	}
}

func TestDecode(t *testing.T) {
	const want = "<p>Perché è così</p>"
	latin := "<p>Perch\xe9 \xe8 cos\xec</p>"
	for _, c := range []struct{ name, body, header string }{
		{"utf-8", want, ""},
		{"byte-order mark", "\xef\xbb\xbf" + want, "text/html; charset=iso-8859-1"},
		{"header lies", want, "text/html; charset=iso-8859-1"},
		{"header", latin, "text/html; charset=iso-8859-15"},
		{"guess", latin, "text/html"},
		{"header says utf-8", latin, "text/html; charset=utf-8"},
		{"utf-16", "\xff\xfe<\x00p\x00>\x00P\x00e\x00r\x00c\x00h\x00\xe9\x00 \x00\xe8\x00 \x00c\x00o\x00s\x00\xec\x00<\x00/\x00p\x00>\x00", ""},
	} {
		if got := string(decode([]byte(c.body), c.header)); got != want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if got := string(decode([]byte("<meta charset=\"shift_jis\"><p>\x93\xfa\x96{</p>"), "")); !strings.Contains(got, "日本") {
		t.Errorf("declared in the page: %q", got)
	}
	long := strings.Repeat("è ", 500)
	if got := string(decode([]byte(long+"\xff"), "")); got != long+"\uFFFD" {
		t.Errorf("one broken byte: …%q", got[len(got)-10:])
	}
}

func TestHTML(t *testing.T) {
	want := readExpected(t, "testdata/pages/immagini-pigre.txt")
	e := New(nil).Extract(news.Page{URL: want.headers["address"], Body: readFile(t, "testdata/pages/immagini-pigre.html")}, news.ExtractRule{}, "")
	for _, s := range []string{
		`<figure><img src="https://www.cieloemare.example/img/rampa.jpg" alt="La rampa"><figcaption>La rampa di lancio poco prima del via. Foto: Agenzia Esempio</figcaption></figure>`,
		`<img src="https://www.cieloemare.example/img/sala-1200.jpg">`,
		`<a href="https://it.esempio.example/scheda?id=4">La scheda tecnica</a>`,
		`<a href="https://www.youtube.com/watch?v=abc123">`,
	} {
		if !strings.Contains(e.HTML, s) {
			t.Errorf("no %s in\n%s", s, e.HTML)
		}
	}
	for _, s := range []string{"pixel.gif", "traccia.example", "placeholder", "utm_", "iframe", "noscript"} {
		if strings.Contains(e.HTML, s) {
			t.Errorf("%s in\n%s", s, e.HTML)
		}
	}
	if n := strings.Count(e.HTML, "rampa.jpg"); n != 1 {
		t.Errorf("the lazy image stands there %d times", n)
	}
}
