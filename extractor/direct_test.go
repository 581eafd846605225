package extractor

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"vedetta/news"
)

// directly are fragments of feeds that need no tree.
var directly = []string{
	"Una riga & basta",
	"  Un sommario di «due» righe,\n  senza markup: l’intesa è vicina.  ",
	"<p>Primo <b>forte</b>.</p>\n<p>Secondo.</p>",
	"Uno.<br><br>Due.<br />Tre<br/>",
	"<p>Elenco:</p><ul><li>uno</li><li>due <em>e mezzo</em></li>\n<li><p>tre</p></ul><ol><li>a<ul><li>b</ul></ol>fine",
	`<p>Vedi <a href="/a?id=1&amp;utm_source=rss" onclick="x()">qui</a> e <a href="javascript:alert(1)">là</a> o <a name=x>qua</a>.</p>`,
	`<p><img src="/placeholder.png" data-lazy-src="/vera.jpg" alt="Nave &amp; mare"></p><img src="https://x.example/p.gif" width="1" height="1">`,
	`<p>Notizia.</p><p>L'articolo <a href="https://esempio.example/n">Notizia</a> proviene da <a href="https://esempio.example">Rotta</a>.</p>`,
	"<h1>Uno</h1><h3>Tre</h3><hr><blockquote>Citata<p>e ancora</p>poi</blockquote>",
	"<p>pi&ugrave; &#8217; &lt;b&gt; &nbsp;&nbsp; x\u00adx\u200b</p>&#160;<p>&nbsp;</p>",
	"<div class='a'>sciolto <span style=\"color:red\">rosso</span><p>dentro</p> coda</div><!-- wp:paragraph --><p>dopo</p>",
	"<p>a<p>b</p></p>c", "<ul><li>a</ul></p>b", "<p>aperto <i>corsivo", "<p>x<br><br>y</p><br><br>z", "<b></b><p> <br> </p><p></p>Fine <u>sola</u>",
	"<p>L'articolo A proviene da B</p>", "<div><p>Leggi tutto</p></div><p>Testo</p>", "<li>sciolta</li><li>due",
	"<p>x <sub>1</sub><sup>2</sup><q>c</q><cite>d</cite><abbr>e</abbr><mark>f</mark><s>g</s><code>h</code><small>i</small><font>j</font></p>",
}

// byTree are such as do, or are too odd to tell.
var byTree = []string{
	"<table><tr><td>a</table>", "<b><p>x</b>y</p>", "a < b", "<p>L'articolo A proviene da B<p>x", "<div>Leggi tutto<p>x</p></div>", "<figure><img src=a.jpg><figcaption>b</figcaption></figure>",
	"<a href=x>a<a href=y>b</a>", "<p class=wp-caption>a</p>", "x\ry", "<img src=x/>", "<a href='&copy'>a</a>", "<p/>x", "<div><li>a<div><li>b", "<p =x>a</p>", "<a href=\"a\"b>c</a>", "a\u1680b", "a\xffb", "<p>a</b></p>",
	"<script>x</script>y", "<pre>\na</pre>", "<!-->x-->y", "<h2><p>a</h2>", "</p>a", "<iframe src='https://www.youtube.com/embed/a'></iframe>",
}

func TestFeedDirect(t *testing.T) {
	const base = "https://esempio.example/feed/"
	for _, in := range directly {
		if _, _, ok := feedDirect(in, base); !ok {
			t.Errorf("%q takes the long way", in)
		}
		sameEitherWay(t, in)
	}
	for _, in := range byTree {
		sameEitherWay(t, in)
	}
	// Every pair of fragments.
	for _, a := range append(directly, byTree...) {
		for _, b := range append(directly, byTree...) {
			sameEitherWay(t, a+b)
		}
	}
}

// sameEitherWay fails when the short way gives another result than the long.
func sameEitherWay(t *testing.T, in string) {
	t.Helper()
	const base = "https://esempio.example/feed/"
	text, html, ok := feedDirect(in, base)
	if !ok || strings.TrimSpace(in) == "" {
		return
	}
	wantText, wantHTML := feedTree(in, parseBase(base))
	if text != wantText {
		t.Fatalf("text of %q\nis %q\nnot %q", in, text, wantText)
	}
	if html != wantHTML {
		t.Fatalf("HTML of %q\nis %q\nnot %q", in, html, wantHTML)
	}
}

// TestFeedDirectOnPages holds the two ways against each other on what is
// extracted of the test pages, as feeds would carry it.
func TestFeedDirectOnPages(t *testing.T) {
	files, err := filepath.Glob("testdata/pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	direct := 0
	for _, file := range files {
		page := readFile(t, file)
		sameEitherWay(t, string(page))
		e := New(nil).Extract(news.Page{URL: "https://esempio.example/a", Body: page}, news.ExtractRule{}, "")
		for _, in := range []string{e.HTML, e.Text, e.Summary} {
			sameEitherWay(t, in)
			if _, _, ok := feedDirect(in, ""); ok {
				direct++
			}
		}
	}
	if direct < 2*len(files) {
		t.Errorf("%d of %d texts need no tree", direct, 3*len(files))
	}
}

// TestFeedDirectOnMadeUpMarkup strings tags and texts together at random, mostly
// well nested.
func TestFeedDirectOnMadeUpMarkup(t *testing.T) {
	texts := []string{"Testo", " e poi ", "\n", "\u00a0", "l’intesa: «sì»", "&amp; &egrave; &nbsp;", "Leggi tutto", " Read more ", "«Continua a leggere»", "The post A appeared first on B", "L'articolo A proviene da B", "x\u00ad", "\u200b", "a  b", "<!-- c -->", "<br>", "<br/>\n", "<hr>", `<img src="/a.jpg" alt="A">`, "\t\tx\u2028y", "(a)\u3000"}
	tags := []string{"p", "p", "p", "b", "em", "span", "a href='/x'", "a", "ul", "li", "li", "ol", "div", "blockquote", "h2", "h3", "section", "q", "code", "u"}
	r := rand.New(rand.NewPCG(1, 2))
	direct := 0
	const rounds = 4000
	for range rounds {
		var in strings.Builder
		var open []string
		for range 3 + r.IntN(20) {
			switch n := r.IntN(20); {
			case n < 8:
				in.WriteString(texts[r.IntN(len(texts))])
			case n < 13:
				tag := tags[r.IntN(len(tags))]
				in.WriteString("<" + tag + ">")
				name, _, _ := strings.Cut(tag, " ")
				open = append(open, name)
			case n < 19 && len(open) > 0:
				in.WriteString("</" + open[len(open)-1] + ">")
				open = open[:len(open)-1]
			case n == 19:
				in.WriteString("</" + tags[r.IntN(6)] + ">")
			}
		}
		if _, _, ok := feedDirect(in.String(), ""); ok {
			direct++
		}
		sameEitherWay(t, in.String())
	}
	if direct < rounds/4 {
		t.Errorf("%d of %d need no tree", direct, rounds)
	}
}

func FuzzFeedDirect(f *testing.F) {
	for _, s := range append(directly, byTree...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) { sameEitherWay(t, in) })
}

// TestFeedTakesNoMemory holds that plain markup costs the two texts alone.
func TestFeedTakesNoMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	in := strings.Repeat("<p>Il ministro è a <em>Tokyo</em>: l’intesa, dice, è vicina.</p>\n", 20)
	Feed(in, "")
	if n := testing.AllocsPerRun(50, func() { Feed(in, "") }); n > 3 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkFeed reads an article and a summary the short way, and an article
// with a table in it the long way.
func BenchmarkFeed(b *testing.B) {
	para := "<p>Il ministro della Difesa ha incontrato a Tokyo il collega <a href=\"https://esempio.example/giappone/\">giapponese</a>: l’intesa, dopo l’esercitazione di maggio, è più vicina. Nel pomeriggio la delegazione ha visitato la base navale di Yokosuka, dove una fregata italiana <em>è arrivata</em> per una sosta.</p>\n"
	for name, in := range map[string]string{
		"article": strings.Repeat(para, 10), "summary": "Il ministro della Difesa ha incontrato a Tokyo il collega: l’intesa, dopo l’esercitazione di maggio, è più vicina. Nel pomeriggio la visita alla base navale.",
		"table": strings.Repeat(para, 10) + "<table><tr><td>a</table>",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				Feed(in, "https://esempio.example/a/")
			}
		})
	}
}
