package extractor

import (
	"fmt"
	"strings"
	"testing"

	"vedetta/news"
)

// newsPage makes a page as news sites make them: an article of 400 words
// between menus, teasers, styles and scripts, some 65 KB in all, half of it
// code.
func newsPage() []byte {
	var sb strings.Builder
	sb.WriteString(`<!DOCTYPE html><html lang="it"><head><meta charset="utf-8"><title>La fregata torna in porto dopo sei mesi | Rotta</title>
<meta property="og:title" content="La fregata torna in porto dopo sei mesi"><meta property="og:type" content="article">
<meta name="description" content="La nave è rientrata ieri mattina alla base, accolta dalle famiglie dell’equipaggio.">
<link rel="canonical" href="https://www.rotta.example/cronaca/la-fregata-torna-in-porto.html"><meta property="article:published_time" content="2026-03-03T09:15:00+01:00"><style>`)
	for i := range 220 {
		fmt.Fprintf(&sb, ".b-%d .t-%d{margin:%dpx;padding:%dpx;color:#%06x;font-size:%dpx}\n", i, i, i%30, i%20, i*4099, 10+i%9)
	}
	sb.WriteString("</style></head><body class=\"articolo pagina\"><header class=\"testata\"><nav class=\"menu principale\"><ul>\n")
	for i, name := range strings.Fields("Cronaca Politica Esteri Economia Difesa Mare Scuola Salute Sport Cultura Spettacoli Viaggi Motori Scienza Clima Lavoro") {
		fmt.Fprintf(&sb, `<li class="voce voce-%d"><a href="/%s/" data-sezione="%d"><span class="etichetta">%s</span></a></li>`+"\n", i, strings.ToLower(name), i, name)
	}
	sb.WriteString("</ul></nav></header><main><article class=\"pezzo\"><h1>La fregata torna in porto dopo sei mesi</h1>\n")
	sb.WriteString(`<div class="firma">di <a rel="author" href="/autori/anna-neri/">Anna Neri</a> <time datetime="2026-03-03T09:15:00+01:00">3 marzo 2026</time></div><div class="corpo-articolo">`)
	for i := range 9 {
		fmt.Fprintf(&sb, "<p>La nave ha lasciato l’oceano il giorno %d, ha detto il comandante, e non ripartirà prima dell’estate: <a href=\"/approfondimenti/%d/\">l’equipaggio</a> è stanco, ma la missione è riuscita. «Abbiamo navigato per %d miglia», ha aggiunto, mentre sul molo aspettavano le famiglie, <strong>la banda</strong> e il sindaco.</p>\n", i+1, i, 900*(i+1))
		if i == 3 {
			sb.WriteString(`<figure><img src="/img/fregata.jpg" alt="La fregata all’ormeggio"><figcaption>La fregata all’ormeggio, ieri mattina</figcaption></figure>` + "\n")
		}
	}
	sb.WriteString("</div></article><aside class=\"correlati\"><h2>Leggi anche</h2>\n")
	for i := range 40 {
		fmt.Fprintf(&sb, `<div class="scheda scheda-%d"><a class="foto" href="/notizie/%d.html"><img data-src="/img/%d.jpg" src="/img/vuota.gif" width="300" height="200" alt=""></a><h3 class="titolo"><a href="/notizie/%d.html">Titolo di un’altra notizia, la numero %d</a></h3><p class="occhiello">Due parole sulla notizia, e un invito a leggerla.</p><time>ore %d.15</time></div>`+"\n", i, i, i, i, i, i%24)
	}
	sb.WriteString("</aside></main><script>\n")
	for i := range 330 {
		fmt.Fprintf(&sb, "if (s.stato[%d] < %d) { s.carica('/annunci/%d', function (a) { return a && a.posto; }); }\n", i, i*3, i)
	}
	sb.WriteString("</script><footer class=\"piede\"><ul>")
	for i := range 30 {
		fmt.Fprintf(&sb, `<li><a href="/servizi/%d/">Servizio %d</a></li>`, i, i)
	}
	sb.WriteString("</ul><p>Rotta è una testata registrata. Riproduzione riservata.</p></footer></body></html>")
	return []byte(sb.String())
}

func TestNewsPage(t *testing.T) {
	page := newsPage()
	if kb := len(page) >> 10; kb < 60 || kb > 70 {
		t.Errorf("the page has %d KB", kb)
	}
	e := New(nil).Extract(news.Page{URL: "https://www.rotta.example/cronaca/la-fregata-torna-in-porto.html", Body: page}, news.ExtractRule{}, "")
	if n := len(strings.Fields(e.Text)); e.Refused != "" || n < 350 || n > 450 || strings.Contains(e.Text, "altra notizia") || strings.Join(e.Authors, ";") != "Anna Neri" {
		t.Errorf("%d words, refused %q, by %v:\n%s", n, e.Refused, e.Authors, e.Text)
	}
}

// BenchmarkNewsPage reads a whole page; of it, parse is x/net/html alone.
func BenchmarkNewsPage(b *testing.B) {
	page, x := newsPage(), New(nil)
	b.Run("extract", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		b.ReportAllocs()
		for b.Loop() {
			x.Extract(news.Page{URL: "https://www.rotta.example/a", Body: page}, news.ExtractRule{}, "")
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		b.ReportAllocs()
		for b.Loop() {
			parse(page).Release()
		}
	})
}
