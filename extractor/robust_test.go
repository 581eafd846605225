package extractor

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

// hostile builds pages made to cost time or memory; n scales them.
var hostile = map[string]func(n int) string{
	"nested divs":    func(n int) string { return strings.Repeat("<div>", n) + "testo" },
	"nested bold":    func(n int) string { return strings.Repeat("<b><p>", n) + "testo" },
	"nested tables":  func(n int) string { return strings.Repeat("<table><tr><td>", n) + "testo" },
	"nested lists":   func(n int) string { return strings.Repeat("<ul><li>x", n) },
	"nested links":   func(n int) string { return strings.Repeat("<a href=x>", n) + "testo" },
	"nested bylines": func(n int) string { return strings.Repeat("<div class='author date'>Nome Cognome 3 marzo 2025 ", n) },
	"open formats":   func(n int) string { return strings.Repeat("<font size=1><i><p>x", n) },
	"distinct formats": func(n int) string {
		var sb strings.Builder
		for i := range n {
			fmt.Fprintf(&sb, "<b id=%d><p>x", i)
		}
		return sb.String()
	},
	"formats that go on": func(n int) string {
		var sb strings.Builder
		sb.WriteString("<p>")
		for i := range 400 {
			fmt.Fprintf(&sb, "<b id=%d>", i)
		}
		return sb.String() + strings.Repeat("</p><p>Una frase.", n)
	},
	"many bodies": func(n int) string {
		var sb strings.Builder
		for i := range n {
			fmt.Fprintf(&sb, "<body a%d=1>", i)
		}
		return sb.String()
	},
	"long table": func(n int) string { return "<table>" + strings.Repeat("<tr><td>a<td>b", n) },
	"many attributes": func(n int) string {
		var sb strings.Builder
		sb.WriteString("<p ")
		for i := range n {
			fmt.Fprintf(&sb, "a%d=1 ", i)
		}
		return sb.String() + ">testo</p>"
	},
	"long class": func(n int) string { return "<p class='" + strings.Repeat("article-body sidebar ", n) + "'>testo</p>" },
	"many paragraphs": func(n int) string {
		return strings.Repeat("<p>Una frase, con una virgola e un punto, lunga quanto basta per sembrare vera.</p>", n)
	},
	"equal paragraphs": func(n int) string {
		return "<article>" + strings.Repeat("<div class=teaser><h3><a href=x>Titolo del richiamo</a></h3><p>Poche parole, non di più.</p></div>", n)
	},
	"many links": func(n int) string { return strings.Repeat("<li><a href=/x>collegamento numero tale</a>", n) },
	"long title": func(n int) string {
		return "<title>" + strings.Repeat("a - b | ", n) + "</title><h1>" + strings.Repeat("a - b ", n) + "</h1>"
	},
	"many headings":   func(n int) string { return strings.Repeat("<h1>Titolo - Sito</h1>", n) },
	"long line":       func(n int) string { return "<p>" + strings.Repeat("parola, ", n) },
	"broken entities": func(n int) string { return strings.Repeat("&#x0;&nosuch;&lt", n) },
	"broken tags":     func(n int) string { return strings.Repeat("<p <div </a> <", n) },
	"many metas":      func(n int) string { return strings.Repeat("<meta name=author content='Nome Cognome'>", n) },
	"deep json": func(n int) string {
		return `<script type="application/ld+json">` + strings.Repeat(`{"@graph":[`, n) + "</script>"
	},
	"deep data": func(n int) string {
		return `<script type="application/json">` + strings.Repeat("[", n) + strings.Repeat("]", n) + "</script>"
	},
	"many times": func(n int) string {
		return strings.Repeat("<time class=date itemprop=datePublished content=x datetime=ieri>ieri mattina</time>", n)
	},
	"many authors": func(n int) string {
		var sb strings.Builder
		for i := range n {
			fmt.Fprintf(&sb, "<a rel=author href=/author/%d>Nome Cognome%c%c</a>", i, 'a'+i%26, 'a'+i/26%26)
		}
		return sb.String()
	},
	"section headings": func(n int) string {
		return strings.Repeat("<h2>Correlati</h2><h3>Leggi anche</h3><h4>Commenti</h4><h5>L'autore</h5>", n)
	},
	"huge class": func(n int) string {
		return "<div class='" + strings.Repeat("abc ", n) + "'>" + strings.Repeat("<p>Una frase, con una virgola e un punto, lunga quanto basta per sembrare vera.</p><img src=a.jpg>", n/10+1)
	},
	"many captions": func(n int) string { return strings.Repeat("<figure><img src=a.jpg><figcaption>Didascalia", n) },
	"nul bytes":     func(n int) string { return strings.Repeat("\x00<\x00p>", n) },
	"comments":      func(n int) string { return strings.Repeat("<!-- a -- b --><br>", n) },
	"breaks":        func(n int) string { return strings.Repeat("<!-- --> <br>", n) + strings.Repeat("x<br>", n) },
	"copies": func(n int) string {
		return strings.Repeat("<p>"+strings.Repeat("Una frase lunga, con virgole, che si ripete. ", 40)+"</p>", n/40+1)
	},
}

// TestExtractKeepsNothing changes the bodies of pages after they were read.
func TestExtractKeepsNothing(t *testing.T) {
	files, err := filepath.Glob("testdata/pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		body := readFile(t, file)
		e := New(nil).Extract(news.Page{URL: "https://esempio.example/", Body: body}, news.ExtractRule{}, "")
		before := fmt.Sprintf("%+v", e)
		clear(body)
		if d := cmp.Diff(before, fmt.Sprintf("%+v", e)); d != "" {
			t.Errorf("%s: the extract changed with the page:\n%s", file, d)
		}
	}
}

// TestDetach copies every text of an extract but those that are always new.
func TestDetach(t *testing.T) {
	var e news.Extract
	page := []byte("testo")
	v := reflect.ValueOf(&e).Elem()
	for _, value := range v.Fields() {
		text := unsafe.String(&page[0], len(page))
		switch f := value.Addr().Interface().(type) {
		case *string:
			*f = text
		case *[]string:
			*f = []string{text, text}
		}
	}
	detach(&e)
	clear(page)
	for field, value := range v.Fields() {
		if field.Name == "Text" || field.Name == "HTML" {
			continue
		}
		if s := fmt.Sprint(value); strings.Contains(s, "\x00") {
			t.Errorf("%s is %q", field.Name, s)
		}
	}
}

// TestHostile extracts hostile pages; the sizes keep it to moments, the
// benchmark takes the large ones.
func TestHostile(t *testing.T) {
	x := New(nil)
	for name, page := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := []byte(page(2000))
			e := x.Extract(news.Page{URL: "https://esempio.example/", Body: body}, news.ExtractRule{}, "Un titolo di prova qualunque")
			if len(e.Text) > 4*len(body)+100 {
				t.Errorf("%d bytes of text from %d", len(e.Text), len(body))
			}
			Feed(string(body), "")
		})
	}
}

// BenchmarkHostile shows growth with size: ns/byte should stay about the same.
func BenchmarkHostile(b *testing.B) {
	x := New(nil)
	for name, page := range hostile {
		for _, n := range []int{2_000, 20_000, 100_000} {
			if testing.Short() && n > 2_000 {
				continue
			}
			body := []byte(page(n))
			b.Run(fmt.Sprintf("%s/%d", strings.ReplaceAll(name, " ", "-"), n), func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				for b.Loop() {
					x.Extract(news.Page{Body: body}, news.ExtractRule{}, "")
				}
			})
		}
	}
}

// pageOf makes a page of about so many bytes as news sites make them: mostly
// markup, an article of 5 KB for each 50.
func pageOf(tb testing.TB, size int) []byte {
	tb.Helper()
	src := readFile(tb, "testdata/pages/tagdiv-newspaper.html")
	head, rest, ok := bytes.Cut(src, []byte(`<div class="td-post-content tagdiv-type">`))
	body, tail, ok2 := bytes.Cut(rest, []byte("<footer>"))
	if !ok || !ok2 {
		tb.Fatal("the page has changed")
	}
	var sb bytes.Buffer
	sb.Write(head)
	sb.WriteString(`<div class="td-post-content tagdiv-type">`)
	for i := 0; sb.Len() < size-len(tail)-len(body); i++ {
		fmt.Fprintf(&sb, "<p>Capoverso %d: la nave ha lasciato il porto, ha detto il comandante, e non tornerà prima di %d giorni.</p>", i, i)
		fmt.Fprintf(&sb, `<div class="td_block_wrap tdb_block_%d" data-td-block-uid="tdi_%d" style="margin:0"><span class="x"><a href="/n%d/"><img src="/i%d.jpg" alt=""></a></span></div>`, i, i, i, i)
	}
	sb.Write(body)
	sb.WriteString("<footer>")
	sb.Write(tail)
	return sb.Bytes()
}

func BenchmarkExtract(b *testing.B) {
	x := New(nil)
	for _, kb := range []int{10, 65, 250, 1000, 5000} {
		if testing.Short() && kb > 250 {
			continue
		}
		page := news.Page{URL: "https://esempio.example/a", Body: pageOf(b, kb<<10)}
		b.Run(fmt.Sprintf("%dKB", kb), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(page.Body)))
			for b.Loop() {
				x.Extract(page, news.ExtractRule{}, "")
			}
		})
	}
}

func TestExtractIsPure(t *testing.T) {
	x := New(nil)
	files, err := filepath.Glob("testdata/pages/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		page := news.Page{URL: "https://esempio.example/", Body: readFile(t, file)}
		before := bytes.Clone(page.Body)
		a := x.Extract(page, news.ExtractRule{}, "")
		if d := cmp.Diff(a, New(nil).Extract(page, news.ExtractRule{}, "")); d != "" {
			t.Errorf("%s: two runs differ:\n%s", file, d)
		}
		if !bytes.Equal(before, page.Body) {
			t.Errorf("%s: the page was changed", file)
		}
	}
}

func FuzzExtract(f *testing.F) {
	files, err := filepath.Glob("testdata/pages/*.html")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, "Un titolo di prova")
	}
	for _, page := range hostile {
		f.Add([]byte(page(20)), "")
	}
	x := New(nil)
	f.Fuzz(func(t *testing.T, body []byte, title string) {
		e := x.Extract(news.Page{URL: "https://esempio.example/a/b", Body: body}, news.ExtractRule{}, title)
		if e.Confidence < 0 || e.Confidence > 1 {
			t.Errorf("confidence %v", e.Confidence)
		}
		checkHTML(t, e.HTML)
	})
}

func FuzzFeed(f *testing.F) {
	f.Add(`<p onclick="x">a<script>b</script><a href="javascript:c">d</a><img src=x onerror=y>`)
	f.Add(`<svg><style><img src=x onerror=alert(1)></style></svg>`)
	f.Add(`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`)
	f.Fuzz(func(t *testing.T, s string) {
		_, html := Feed(s, "https://esempio.example/")
		checkHTML(t, html)
	})
}

// checkHTML reports markup that no sanitised text may hold.
func checkHTML(t *testing.T, s string) {
	t.Helper()
	low := strings.ToLower(s)
	for _, bad := range []string{"<script", "<style", "<iframe", "<object", "<form", "<svg", "<input", `href="javascript:`, `src="data:`, " onerror=", " onclick=", " style="} {
		// Text may say anything; markup is what stands in angle brackets.
		for at := 0; ; {
			i := strings.Index(low[at:], bad)
			if i < 0 {
				break
			}
			at += i + 1
			if bad[0] == '<' || strings.LastIndexByte(low[:at], '<') > strings.LastIndexByte(low[:at], '>') {
				t.Errorf("%q in %q", bad, s)
				break
			}
		}
	}
}
