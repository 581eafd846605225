package htmltree

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// pieces are what the pages of the tests are put together from.
var pieces = append(strings.Split(strings.ReplaceAll(`<!doctype html>|<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">|<!doctype html public "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html>|<html lang=it class='a b'>|</html>|<head>|</head>|<body>|<body class=x id="y">|</body>|<title>Rotta &amp; porto</title>|<title>|<meta charset=utf-8>|<meta name="a" content="b &quot;c&quot;"/>
<link rel=x href=/a?b=1&amp;c=2>|<base href=/>|<style>p > a{}</style>|<script>if (a<b) x("</p>")</script>|<script type="application/ld+json">{}</script>|<script><!-- x --></script>
<script><!-- <script>x</script> --></script>|<script><!--><script>x</script>|<script><!-- <!-- <script>x</script>y--></script>|<script><!-- a < b <script>x</script>y</script>|<SCRIPT SRC=x></Script >|<noscript><img src=x></noscript>|<iframe><p></iframe>|<noembed>x</noembed>|<noframes>x</noframes>|<xmp><b></xmp>
<textarea></textarea>|<template>|</template>|<p>|</p>|<p class=a>|<div>|</div>|<div id=a data-x='"'>|<DIV CLASS=B>|<section>|</section>|<article>|</article>|<main>|<ul>|</ul>|<ol>|</ol>
<li>|</li>|<dl>|</dl>|<dt>|<dd>|</dd>|<h1>|</h1>|<h2>|</h3>|<pre>|</pre>|<listing>|<blockquote>|</blockquote>|<figure>|</figure>|<address>|</address>|<center>|<details>|<summary>|</details>
<a href=x>|<a href="y" class=z>|</a>|<b>|</b>|<i>|</i>|<strong>|</strong>|<em>|</em>|<font size=1 color=2>|</font>|<nobr>|</nobr>|<u>|</u>|<code>|</code>|<small>|<span>|</span>|<label>|</label>|<x-a>|</x-a>|<foo bar>|</foo>|<sup>|</sup>|<object>|</object>|<marquee>|</applet>
<img src=a alt="b">|<br>|<br/>|</br>|<hr>|<wbr>|<input type=hidden>|<input>|<image src=x>|<embed>|<area>|<source src=x>|<track>|<param>|<video>|</video>|<picture>|</picture>
<button>|</button>|<form action=x>|</form>|<select>|</select>|<option>|</option>|<optgroup>|</optgroup>|<fieldset>|</fieldset>|<ruby>|<rt>|<plaintext>|<frameset>|<frame>|<math>|</math>
<table>|</table>|<tr>|</tr>|<td>|</td>|<th>|</th>|<tbody>|</tbody>|<thead>|</thead>|<tfoot>|</tfoot>|<caption>|</caption>|<colgroup>|</colgroup>|<col>|<col span=2>
<svg viewbox="0 0 1 1" xlink:href=#a>|<svg/>|</svg>|<path d="x"/>|<path>|</path>|<g>|</g>|<lineargradient gradientunits=x>|</linearGradient>|<foreignObject>|<desc>|</desc>|<use xlink:href='#b' />|<circle a=b/>
<!-- x -->|<!---->|<!-- a & b &amp; -->|<!-- a -- b --!>|<!-->|<!--->|<![CDATA[x]]>|<!x>|<?xml version="1.0"?>|</ x>|</>|<![endif]-->|<!--[if IE]><p><![endif]-->
Testo |parola|&amp;|&lt;p&gt;|&egrave;|&nbsp;|&notit;|&not|&copy=|&#8217;|&#x2019|&#0;|&#13;|&;|&|a & b|<|< b|a<b|x</|é’»
<a title="a &amp b" href='?a=1&copy=2&not=3&notit;&lt;&amp;&#39;&semi;'>|<p a=1 a=2 A=3 b>|<p =a= b / c = "d"e='f'>|<p a=b/>|<div/>|<p a="|<p a|<p|</p x=y>|</p a="b>|<table border=0><tr><td>|</td></tr></table>|<ul><li><a href=x>|<table><caption>a|<b><i><a x><u><s><p>b</b>`, "\n", "|"), "|"),
	"\n", "\t ", "\r\n", "\r", "\x00", "  a\n\n b", "<textarea>\n\nx &lt; y</textarea>", "<pre>\n\nx", "<pre>&#13;\nx", "<p\r\nclass=a\rid='b\r\nc'>")

// same holds the tree of a page against that of html.Parse, and returns the
// error if the page is for html.Parse only.
func same(tb testing.TB, page []byte) error {
	tb.Helper()
	t, err := Parse(page, nil)
	if err != nil {
		if t != nil || !errors.As(err, new(Odd)) {
			tb.Fatalf("%v, %v", t, err)
		}
		return err
	}
	defer t.Release()
	want, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		tb.Fatalf("%q: html.Parse: %v", page, err)
	}
	if d := differs(want, t.Root); d != "" {
		tb.Fatalf("%q: %s", page, d)
	}
	return nil
}

// differs says how two trees differ.
func differs(a, b *html.Node) string {
	if a.Type != b.Type || a.Data != b.Data || a.DataAtom != b.DataAtom || a.Namespace != b.Namespace || fmt.Sprint(a.Attr) != fmt.Sprint(b.Attr) {
		return fmt.Sprintf("%v %q %v %v is %v %q %v %v", a.Type, a.Data, a.DataAtom, a.Attr, b.Type, b.Data, b.DataAtom, b.Attr)
	}
	x, y := a.FirstChild, b.FirstChild
	var last *html.Node
	for ; x != nil && y != nil; x, y = x.NextSibling, y.NextSibling {
		if d := differs(x, y); d != "" {
			return a.Data + " > " + d
		}
		if y.Parent != b || y.PrevSibling != last {
			return fmt.Sprintf("%q hangs wrongly in %q", y.Data, b.Data)
		}
		last = y
	}
	if x != nil || y != nil || b.LastChild != last {
		return fmt.Sprintf("%q has other children", a.Data)
	}
	return ""
}

// TestPages reads the pages of the extractor's tests, of which all but a few
// must not be odd.
func TestPages(t *testing.T) {
	files, err := filepath.Glob("../extractor/testdata/pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	odd := 0
	for _, file := range files {
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := same(t, page); err != nil {
			t.Logf("%s: %v", filepath.Base(file), err)
			odd++
		}
	}
	if odd > len(files)/10 {
		t.Errorf("%d of %d pages are odd", odd, len(files))
	}
}

// TestPieces reads pages of every two pieces, in a body or bare, and many of
// more pieces by chance.
func TestPieces(t *testing.T) {
	read, odd := 0, map[error]int{}
	try := func(page string) {
		read++
		if err := same(t, []byte(page)); err != nil {
			odd[err]++
		}
	}
	for i, a := range pieces {
		for j, b := range pieces {
			if (i+j)%2 == 0 {
				try(a + b)
			} else {
				try("<!doctype html><body><div>" + a + "x" + b + "y")
			}
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	var sb strings.Builder
	for i := range 30_000 {
		sb.Reset()
		from, n := 0, len(pieces)
		if i%2 == 0 { // from neighbours, which have to do with each other
			n = 6 + rnd.IntN(30)
			from = rnd.IntN(len(pieces) - n)
		}
		for range 3 + rnd.IntN(24) {
			sb.WriteString(pieces[from+rnd.IntN(n)])
			if rnd.IntN(4) == 0 {
				sb.WriteString("z")
			}
		}
		try(sb.String())
	}
	sum := 0
	for _, n := range odd {
		sum += n
	}
	t.Logf("%d pages, of which odd: %v", read, odd)
	if sum > read/2 {
		t.Errorf("%d of %d pages are odd", sum, read)
	}
}

// TestKeep leaves out the texts that nobody reads.
func TestKeep(t *testing.T) {
	var asked []string
	page := "<title>a</title><style>b{}</style><script type=x>c()</script><svg><style>d</style></svg><noscript>e</noscript><script></script>"
	tree, err := Parse([]byte(page), func(n *html.Node, text string) bool {
		asked = append(asked, n.Data+" "+text)
		return len(n.Attr) == 1
	})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Release()
	var out strings.Builder
	if err := html.Render(&out, tree.Root); err != nil {
		t.Fatal(err)
	}
	want := "<html><head><title>a</title><style></style><script type=\"x\">c()</script></head><body><svg><style>d</style></svg><noscript>e</noscript><script></script></body></html>"
	if got := out.String(); got != want {
		t.Errorf("the tree is\n%s\nnot\n%s", got, want)
	}
	if got := strings.Join(asked, ", "); got != "style b{}, script c(), script " {
		t.Errorf("asked for %s", got)
	}
}

// TestBuild has html.Parse read what is odd, with the same texts left out, unless
// it would make too much of it.
func TestBuild(t *testing.T) {
	keep := func(_ *html.Node, text string) bool { return strings.HasPrefix(text, "{") }
	for page, want := range map[string]string{
		"<script>{}</script><script>c()</script><p>a":                    "<script>{}</script><script></script></head><body><p>a</p>",
		"<script>{}</script><script>c()</script><p>a<ruby>b<rt>c</ruby>": "<script>{}</script><script></script></head><body><p>a<ruby>b<rt>c</rt></ruby></p>",
	} {
		tree, err := Build([]byte(page), keep)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := html.Render(&out, tree.Root); err != nil {
			t.Fatal(err)
		}
		if got, want := out.String(), "<html><head>"+want+"</body></html>"; got != want {
			t.Errorf("the tree is\n%s\nnot\n%s", got, want)
		}
		tree.Release()
	}
	if _, err := Build([]byte(strings.Repeat("<frameset><body a>", maxRoots+1)), nil); !errors.Is(err, ErrMultiplies) {
		t.Errorf("a page of many bodies: %v", err)
	}
	if _, err := Build([]byte(strings.Repeat("<div>", 600)), nil); err == nil || errors.Is(err, ErrMultiplies) {
		t.Errorf("a page that is too deep: %v", err)
	}
}

// TestBounds gives up on what would take long or much room, as html.Parse has
// bounds of its own.
func TestBounds(t *testing.T) {
	var attrs strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&attrs, " a%d", i)
	}
	formatted := "<p>"
	for i := range 400 {
		formatted += fmt.Sprintf("<b id=%d>", i)
	}
	formatted += "</p>" + strings.Repeat("<p>x</p>", 1000)
	for name, c := range map[string]struct {
		page string
		want error
	}{
		"depth":      {strings.Repeat("<div>", 600), oddDepth},
		"attributes": {"<p" + attrs.String() + ">", oddAttributes},
		"texts":      {"<p>" + strings.Repeat("a</b>", 5000), oddTexts},
		"formatting": {formatted, oddFormatting},
		"wide":       {strings.Repeat("<p>a<b>b</b>", 20_000), nil},
	} {
		if err := same(t, []byte(c.page)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestReopened bounds what html.Parse makes of a page, however the tags are
// hidden.
func TestReopened(t *testing.T) {
	var tags, quoted strings.Builder
	for i := range 40 {
		fmt.Fprintf(&tags, "<b id=%d>", i)
		fmt.Fprintf(&quoted, `<i ="x y=">%d">`, i)
	}
	end := strings.Repeat("</p><p>x", 50)
	for _, page := range []string{
		"<p>" + tags.String() + end, "<math><style>" + tags.String() + "</style>" + end,
		"<script>a<b '</script>" + tags.String() + end, "<p>" + quoted.String() + end,
		"<p>" + strings.Repeat("<b>", 40) + strings.Repeat("<font><em>", 40) + end, "<p>" + strings.Repeat("<a href=x>", 40) + end,
		"<table><td>" + tags.String() + "</table>" + end, strings.ReplaceAll(tags.String(), " ", "\r") + end, "<p>testo</p>",
	} {
		doc, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		nodes := 0
		for range doc.Descendants() {
			nodes++
		}
		again, _ := reopened([]byte(page))
		if most := 2*strings.Count(page, "<") + 4 + again; nodes > most {
			t.Errorf("%.60q: %d nodes, more than %d", page, nodes, most)
		}
	}
	if !multiplies([]byte("<math>" + strings.Repeat("<BODY a>", maxRoots/2) + strings.Repeat("<html\nb>", maxRoots/2+1))) {
		t.Error("many bodies are for html.Parse")
	}
	if n, _ := reopened([]byte("<p><b class=x>a</b>" + strings.Repeat("<p>a <b>b</b> <i>c</i>", 1000))); n > 100_000 {
		t.Errorf("%d of a plain page", n)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range pieces {
		f.Add([]byte(s))
		f.Add([]byte("<!doctype html><title>a</title><p>b" + s + "<b>c</b>" + s))
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		_ = same(t, page) // odd pages are for html.Parse
	})
}
