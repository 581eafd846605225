package fetcher

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

// differ compares what is read of a feed when its texts pass the parser by with
// what is read when the parser gets all.
func differ(t *testing.T, body []byte) {
	t.Helper()
	type outcome struct {
		Items []news.Item
		Meta  Meta
		Err   string
	}
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	read := func(how repairing) (o outcome) {
		var err error
		o.Items, o.Meta, err = how.parse(news.Source{ID: "gazzetta"}, bytes.Clone(body), "", "https://a.example/feed", now)
		if err != nil {
			o.Err = err.Error()
		}
		return o
	}
	if diff := cmp.Diff(read(repairing{}), read(repairing{marks: true})); diff != "" {
		t.Errorf("-all parsed +texts passed by:\n%s\n%.2000q", diff, body)
	}
}

// feedFiles returns the bodies of testdata/feeds, by file.
func feedFiles(tb testing.TB) map[string][]byte {
	tb.Helper()
	files, err := filepath.Glob("testdata/feeds/*.feed")
	if err != nil || len(files) == 0 {
		tb.Fatal("no feeds", err)
	}
	bodies := map[string][]byte{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		_, bodies[filepath.Base(file)], _ = bytes.Cut(data, []byte("\n\n"))
	}
	return bodies
}

// rssOf is a feed with one item of these elements, and atomOf another.
func rssOf(elements string) string {
	return `<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:x="http://x.example/"><channel><title>T</title><item><title>t</title><link>https://a.example/1</link>` + elements + `</item></channel></rss>`
}

func atomOf(elements string) string {
	return `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:x="http://x.example/"><title>T</title><entry><id>i</id><title>t</title>` + elements + `</entry></feed>`
}

// passingFeeds are feeds whose texts pass the parser by, or must not.
func passingFeeds() map[string]string {
	long := strings.Repeat("La nave è rientrata in porto. ", 10)
	markup := strings.Repeat("&lt;p&gt;L&apos;equipaggio &amp;amp; la &quot;nave&quot; &egrave; &#8217; &#x2019; &nope; & altro&lt;/p&gt;\n", 5)
	cdata := func(s string) string { return "<![CDATA[" + s + "]]>" }
	in := func(name, s string) string { return "<" + name + ">" + s + "</" + strings.Fields(name)[0] + ">" }
	rss := map[string]string{
		"section":            in("content:encoded", cdata("<p>"+long+"</p>")),
		"section in blanks":  in("content:encoded", "\n\t "+cdata("\r\n <p>"+long+"</p>\r\n")+" \n"),
		"split section":      in("description", cdata(long+"]]")+cdata(">"+long)),
		"section and text":   in("description", markup+cdata(long+"&amp;")+" &amp; "+cdata("")+long),
		"nested sections":    in("description", cdata(long+cdata(long)+long)),
		"nested, pieces":     in("description", "<![CDATA["+long+"]]<![CDATA[]]>]]>>"+long+"]]>"),
		"blank section":      in("content:encoded", cdata(strings.Repeat(" \n", 100))) + in("encoded", long),
		"empty sections":     in("content:encoded", strings.Repeat(cdata(""), 20)) + in("encoded", long),
		"blank text":         in("description", strings.Repeat(" \u00a0", 100)) + in("dc:description", long),
		"escaped":            in("description", markup),
		"escaped twice":      in("description", strings.ReplaceAll(markup, "&", "&amp;")),
		"ends of lines":      in("description", strings.ReplaceAll(markup, "\n", "\r\n")) + in("content:encoded", cdata(long+"\r"+long)),
		"extension":          in("dc:description", strings.ReplaceAll(markup, "\n", "\r\n")+"\r"+long+cdata("\r\n"+long+"\r\r\n")),
		"by default":         in(`description xmlns="http://purl.org/dc/elements/1.1/"`, long+"\r\n"+long),
		"given twice":        in("description", long) + in("description", cdata(long+"2")),
		"two names":          in("encoded", long) + in("content:encoded", markup) + in("description", cdata(long)),
		"foreign encoded":    in("x:encoded", cdata(long)) + in("x:description", long),
		"markup":             in("description", long+"<p>"+long+"</p>"+long),
		"empty element":      in("description", long+"<br/>"+long),
		"within another":     in("encoded", in("description", long)) + in("source", in("description", long)),
		"comment":            in("description", long+"<!-- x --><?php y ?>"+long),
		"end without start":  in("description", long+"</p>"+long),
		"end of a section":   in("description", long+"]]>"+long),
		"end in pieces":      in("description", long+"]]<!-- -->>"+long),
		"end by a control":   in("description", cdata(long+"]]\x01>"+long)),
		"end by references":  in("description", long+"&rsqb;&rsqb;&gt;]]&#62;&rsqb;]>"+long),
		"controls":           in("description", long+"\x01\x1f\ufffe\uffff&#1;&#xFFFE;"+long),
		"mark":               in("description", markSign+"0"+long) + in("content:encoded", long),
		"mark by reference":  in("content:encoded", long) + in("description", "&#xFDD0;0"),
		"mark in title":      in("content:encoded", long) + in("title", "&#64976;0"),
		"stray less-than":    in("description", "1 < 2"+long+"<3"),
		"capitals":           in("Description", long) + in("content:ENCODED", long),
		"partial":            in("content:encoded", cdata(long+"Continua a leggere…")),
		"unclosed":           "<description>" + long,
		"never closed":       "<content:encoded><![CDATA[" + long,
		"date":               in("pubDate", long) + in("description", long),
		"dates":              in("pubDate", " Mon, 19 Jan 2026 10:00:00 GMT\n") + in("dc:date", "Mon, 19 Jan 2026 10:00:00 GMT"),
		"date, one digit":    in("pubDate", "Mon, 5 Jan 2026 10:00:00 +0100"),
		"date, fraction":     in("pubDate", "Mon, 19 Jan 2026 10:00:00.5 GMT"),
		"date, other day":    in("pubDate", "Sun, 19 Jan 2026 10:00:00 GMT"),
		"date, old":          in("pubDate", "Mon, 01 Jan 1990 00:30:00 +0100") + in("lastBuildDate", "x"),
		"date, section":      in("pubDate", cdata("Mon, 19 Jan 2026 10:00:00 GMT")),
		"date, escaped":      in("pubDate", "Mon, 19 Jan 2026 10:00:00 GM&#84;"),
		"unread":             in("comments", "x<item>y</item>") + in("x:comments", in("description", long)) + in("source url='x'", "<![CDATA[y") + "]]></source>" + in("description", long) + "<comments/>",
		"unread, unclosed":   "<comments>x<description>" + long + "</item><item><description>" + long,
		"blanks":             "\n " + in("title", " ") + "\r\n\t" + in("x:a", " a <b> c </b>\n") + "&#32;" + in("description", " \n") + "\n&nbsp;\n",
		"base":               in(`description xml:base="https://b.example/x/"`, `&lt;a href="y"&gt;`+long),
		"carriage by number": in("dc:description", long+"&#13;&#10;"+long),
	}
	atom := map[string]string{
		"html":          in(`content type="html"`, markup),
		"html section":  in(`content type="html"`, cdata("<div>"+long+"</div>")),
		"HTML":          in(`content type="HTML"`, "&lt;div&gt;"+markup+"&lt;/div&gt;"),
		"text":          in(`summary type="text"`, markup) + in("content", long),
		"no type":       in("content", markup),
		"xhtml":         in(`content type="xhtml"`, "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>"+long+"</p></div>"),
		"xhtml, escape": in(`content type="xhtml"`, markup),
		"media type":    in(`content type="text/html"`, markup) + in(`summary type="text/x"`, markup),
		"unknown type":  in(`content type="application/xml"`, markup),
		"base64":        in(`content type="image/png"`, strings.Repeat("QUJD", 30)),
		"base64 mode":   in(`content type="text" mode="base64"`, strings.Repeat("QUJD", 30)),
		"mode":          in(`content mode="escaped"`, markup) + in(`summary type="" mode=""`, markup),
		"two types":     in(`content type="html" x:type="image/png"`, strings.Repeat("QUJD", 30)),
		"foreign type":  in(`content x:type="html"`, markup),
		"type and more": in(`content xml:lang="it" type="html"`, markup) + in(`summary type='html' xml:lang="it"`, cdata(long)),
		"base":          in(`content type="html" xml:base="https://b.example/"`, "&lt;a href='x'&gt;"+long),
		"dates":         in("published", "2026-01-19T10:00:00.25Z") + in("updated", "Mon, 19 Jan 2026 10:00:00 GMT"),
		"blanks":        "\n" + in("author", "\n<name>a</name>\n") + "\n" + in("content", "\n"+markup),
		"source":        in("source", in("title", "x")+in("summary", long)) + in("content", long),
		"extension":     in("x:content", long),
	}
	feeds := map[string]string{
		"rss in other":    "<rss><description><item><description>" + long + "</description></item></description><channel><title>a</title></channel></rss>",
		"entry in title":  "<feed><title><entry><summary>" + long + "</summary></entry></title><entry><id>i</id><summary>" + long + "</summary></entry></feed>",
		"rdf":             `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>T</title></channel><item><title>a</title><link>https://a.example/1</link><description>` + long + `</description></item></rdf:RDF>`,
		"feed's dates":    "<rss><channel>\n<pubDate>Mon, 19 Jan 2026 10:00:00 GMT</pubDate>\n<lastBuildDate>x</lastBuildDate><comments>x</comments><item><title>a</title></item></channel>\n<item><comments>x</comments>\n<title>b</title></item></rss>",
		"feed's own":      "<rss xmlns:x='x'><channel><description>" + long + "</description><image><url>x</url><item><title>a</title></item></image><x:image href='y'/><category>c</category><generator>g</generator><copyright>c</copyright><language>it</language><ttl>60</ttl><item><title>a</title><category>c</category><x:category>d</x:category></item></channel></rss>",
		"unclosed image":  "<rss><channel><image><url>x</url><item><title>a</title><description>" + long,
		"feed's own atom": "<feed xml:lang='it'><id>i</id><title>T</title><subtitle>s</subtitle><updated>2026-01-19T10:00:00Z</updated><rights>r</rights><author><name>a</name></author><category term='c'/><category>d</category><entry><id>j</id><category term='c'>e</category><rights>r</rights></entry></feed>",
		"many":            "<rss><channel>" + strings.Repeat("<item><guid>1</guid><description>"+long+"</description></item>", 300) + "</channel></rss>",
		"too many":        "<rss><channel>" + strings.Repeat("<item><title>a</title><description>"+long+"</description></item>", maxItems+5) + "</channel></rss>",
		"too many to say": "<rss><channel><item><description>" + strings.Repeat("&", 200_000) + "</description></item></channel></rss>",
		"latin":           "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + rssOf("<description>"+strings.ReplaceAll(long, "è", "\xe8")+"</description>"),
	}
	for name, s := range rss {
		feeds["rss, "+name] = rssOf(s)
	}
	for name, s := range atom {
		feeds["atom, "+name] = atomOf(s)
	}
	return feeds
}

// TestTextsPassBy compares reading with and without the texts in the document.
func TestTextsPassBy(t *testing.T) {
	for name, body := range feedFiles(t) {
		t.Run(name, func(t *testing.T) { differ(t, body) })
	}
	for name, body := range passingFeeds() {
		t.Run(name, func(t *testing.T) { differ(t, []byte(body)) })
	}
}

// TestWhatPassesBy says which texts the parser does not get.
func TestWhatPassesBy(t *testing.T) {
	passes := strings.Fields("section escaped extension html text")
	feeds := passingFeeds()
	for _, name := range passes {
		body, ok := feeds["rss, "+name]
		if !ok {
			body = feeds["atom, "+name]
		}
		got, err := repairing{marks: true}.repair([]byte(body), "rss", "feed")
		if err != nil || len(got.texts) == 0 || len(got.text) > 600 {
			t.Errorf("%s: %d texts, %v, in the document %q", name, len(got.texts), err, got.text)
		}
	}
}

func FuzzTextsPassBy(f *testing.F) {
	for _, body := range feedFiles(f) {
		f.Add(body)
	}
	for _, body := range passingFeeds() {
		if len(body) < 20_000 {
			f.Add([]byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) { differ(t, body) })
}
