package fetcher

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// pieces are what the documents of FuzzPieces are made of beside elements.
var pieces = []string{
	"<item>", "</item>", "<item/>", "<entry>", "</entry>", "<url>", "</url>", "<channel>", "</channel>", "</title>",
	"<guid isPermaLink='false'>", "</guid>", "<guid>g1</guid>", "<guid>g2</guid>", "<id>i1</id>", "<link href='/x'/>", "<link>https://a.example/1</link>",
	"<pubDate>Mon, 19 Jan 2026 10:00:00 GMT</pubDate>", "<pubDate>", "</pubDate>", "<dc:date>2026-01-01</dc:date>",
	"<description>", "</description>", "<encoded>", "<content:encoded>", "</content:encoded>", "<dc:description>", "<summary>", "</summary>",
	"<content type='html'>", "<content type='xhtml'>", "<content type='text' mode='base64'>", "</content>",
	"<comments>", "</comments>", "<source url='x'>", "</source>", "<image>", "</image>", "<rights>r</rights>",
	"<author><name>A</name></author>", "<category term='c'/>", "<category>c</category>", "<x:y>", "</x:y>", "<p>", "</p>", "<br>",
	"<![CDATA[", "]]>", "]]", ">", "<!-- c -->", "<!--", "-->", "<?x ?>", "&amp;", "&lt;p&gt;", "&nbsp;", "&", "&#93;", "&rsqb;",
	" ", "\n", "\r\n", "x", "\x01", "\ufffe", markSign, "&#xfdd0;0", " xml:base='https://b.example/'",
	"un testo che passa oltre il limite dei quarantotto byte, è vero. ", "<![CDATA[<p>un testo che passa oltre il limite dei quarantotto byte</p>]]>",
}

// pieced writes documents of a kind that is drawn.
type pieced struct {
	*rand.Rand
	atom bool
}

func (p pieced) one(list []string) string { return list[p.IntN(len(list))] }

// item is an item, most of the time, of elements that are whole most of the
// time.
func (p pieced) item() string {
	var b strings.Builder
	name, elements := "item", []string{"description", "content:encoded", "encoded", "title", "dc:description", "comments", "pubDate", "guid", "source"}
	if p.atom {
		name, elements = "entry", []string{"summary", "content", "content type='html'", "content type='xhtml'", "content mode='escaped'", "title", "updated", "id", "rights", "x:content"}
	}
	if p.IntN(15) > 0 {
		b.WriteString("<" + name + ">")
	}
	for range 1 + p.IntN(5) {
		e := p.one(elements)
		b.WriteString("<" + e + ">")
		for range p.IntN(4) {
			b.WriteString(p.one(pieces[len(pieces)-1-p.IntN(len(pieces)):])) // rather the texts at their end
		}
		if p.IntN(20) > 0 {
			b.WriteString("</" + strings.Fields(e)[0] + ">")
		}
	}
	if p.IntN(15) > 0 {
		b.WriteString("</" + name + ">")
	}
	return b.String()
}

func (p pieced) document(items []string) string {
	const spaces = " xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:x='x'>"
	if p.atom {
		return "<feed xmlns='http://www.w3.org/2005/Atom'" + spaces + strings.Join(items, "\n") + "</feed>"
	}
	return "<rss" + spaces + "<channel>" + strings.Join(items, "\n") + "</channel></rss>"
}

// FuzzPieces compares reading all of a document of pieces with leaving out what
// the parser need not see: what nobody reads, long texts, and what stood in an
// earlier document as it does in this one.
func FuzzPieces(f *testing.F) {
	for n := range uint64(300) {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := pieced{r, r.IntN(3) == 0}
		var items []string
		for range 1 + p.IntN(6) {
			items = append(items, p.item())
		}
		first := p.document(items)
		differ(t, []byte(first))
		for range 1 + p.IntN(3) {
			at := p.IntN(len(items))
			switch p.IntN(4) {
			case 0:
				items = slices.Delete(items, at, min(at+1, len(items)-1))
			case 1:
				items = slices.Insert(items, at, p.item())
			case 2:
				cut := p.IntN(len(items[at]) + 1)
				items[at] = items[at][:cut] + p.one(pieces) + items[at][cut:]
			case 3:
				items = slices.Insert(items, at, p.one(pieces))
			}
		}
		readAgain(t, []byte(first), []byte(p.document(items)))
		if t.Failed() {
			t.Logf("%q\n%q", first, p.document(items))
		}
	})
}
