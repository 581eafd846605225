package publish

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vedetta/internal/cputime"
	"vedetta/news"

	"golang.org/x/net/html"
)

// evil are texts that nobody means well with. Each stands as title, author,
// summary, text, caption, tag and term in turn.
var evil = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)`,
	`<svg/onload=alert(1)>`,
	`</title><script>alert(1)</script>`,
	`]]><script>alert(1)</script>`,
	`<!--><script>alert(1)</script-->`,
	`&lt;script&gt;alert(1)&lt;/script&gt;`,
	`&amp;lt;script&amp;gt;alert(1)`,
	`&#60;iframe src="javascript:alert(1)"&#62;`,
	`&nosuchentity; &#xD800; &#0; &#99999999; &`,
	"abc\u202egpj.exe\u202c def\u2066x\u2069",
	"nul\x00 bell\x07 esc\x1b[31m del\x7f c1\u0085 bom\ufeff fffe\ufffe",
	"zero\u200b\u200cwidth\u2060\u00ad \u200e\u200f\u061c",
	"\u200b\u2060\u200d\u200e",
	"\u3164\u115f\u2800",
	"nascosto\U000E0041\U000E0042\U000E007F",
	"🇮🇹🇯🇵 👨\u200d👩\u200d👧",
	"Z" + strings.Repeat("\u0335\u0301\u0489", 300) + "a",
	"عنوان שלום (1) Roma",
	"\ufff9sopra\ufffasotto\ufffb",
	`&#xD83D;&#xDE00; &#x202e;rovescio &#8238;ancora &ZeroWidthSpace;&shy;`,
	`\ud800 %00 %0d%0aSet-Cookie:x=y`,
	`</style><script>alert(1)</script>`,
	`"}];alert(1);//`,
	"mezza rune \xc3\x28 \xff\xfe",
	`{{.Title}} {{template "page"}} ${7*7}`,
	"a\r\nSet-Cookie: b=c",
	strings.Repeat("titolo lunghissimo ", 110_000), // 2 MB
	strings.Repeat("x", 2<<20),
	strings.Repeat("\u0301", 5000),
	strings.Repeat("<b>", 20_000),
	"",
	" \t\n\u00a0\u2003 ",
}

var evilHTML = []string{
	`<p onclick="alert(1)">a</p><script>alert(1)</script>`,
	`<a href="javascript:alert(1)">x</a><a href=" java&#10;script:alert(1)">y</a><a href="data:text/html,<script>alert(1)</script>">z</a><a href="/relativo">r</a>`,
	`<img src="javascript:alert(1)"><img src="data:image/svg+xml;base64,PHN2Zz4="><img src="https://x.example/a.png" onerror="alert(1)" srcset="https://y.example/b.png 2x">`,
	`<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>`,
	`<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>`,
	`<blockquote><table><tr><td><a href="https://trappola.example/">tutto il resto`,
	`</div></article></body></html><p>dopo la fine`,
	`<style>body{display:none}</style><p style="position:fixed;inset:0">copre</p><form action="https://x.example"><input name="p"><button>vai</button></form>`,
	`<iframe src="https://x.example"></iframe><object data="x"></object><embed src="x"><meta http-equiv="refresh" content="0;url=https://x.example"><base href="https://x.example/">`,
	"<p>\u202etesto al contrario\u202c \x00\x08</p>",
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>`,
	`<template><script>alert(1)</script></template><p id="main" class="skip" name="x">id altrui</p>`,
	strings.Repeat("<div>", 30_000) + "profondo",
	strings.Repeat("<table><tr><td>", 500),
	`<p style="background:url(https://x.example/a)">a</p><p style="color:expression(alert(1))">b</p><link rel="stylesheet" href="https://x.example/x.css">`,
	`<picture><source srcset="https://y.example/b.png 2x"><img srcset="https://y.example/b.png 2x" src="https://y.example/c.png"></picture>`,
	`<p>&#x202e;rovescio&#8294;</p><bdo dir="rtl">rovescio</bdo><p dir="rtl">a destra</p>`,
	`<svg><foreignObject><iframe src="javascript:alert(1)"></iframe></foreignObject><use href="data:image/svg+xml,x#x"/></svg>`,
	`<math href="javascript:alert(1)"><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>`,
	`<a href="vbscript:x">a</a><a href="&#106;avascript&colon;alert(1)">b</a><a href="jav&Tab;ascript:alert(1)">c</a><a href="https://x.example/" ping="https://y.example/" target="_blank">d</a>`,
	`<details open ontoggle="alert(1)">x</details><video src="x" onerror="alert(1)"><audio src="https://x.example/a.mp3" autoplay></audio></video><marquee onstart="alert(1)">x</marquee>`,
	"<p>Z" + strings.Repeat("\u0335\u0301\u0489", 3000) + "</p>",
	`<h1>Titolo</h1><h1>Altro</h1><p>testo`,
	`<p>a ]]> b</p>`,
}

// hostile is a store full of what should never have been published.
func hostile(t testing.TB) *memory {
	m := newMemory()
	now := fixtureNow(t)
	for i, s := range append(append([]string{}, evil...), evilHTML...) {
		id := "evil" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		at := now.Add(-time.Duration(i) * time.Hour)
		a := news.Article{
			ID: id, Source: "orizzonte", URL: "javascript:alert(1)", Link: "https://x.example/" + cut(s, 50), Title: s, Authors: []string{s, "a@b.example", s},
			Published: at, Seen: at, Lang: cut(s, 100), Site: s, Image: "javascript:" + cut(s, 50), Caption: s, Summary: s, Text: s + "\n\n" + s, HTML: s, Tags: []string{s},
			Refused:  s,
			Versions: []news.Version{{Until: at, Title: "prima " + cut(s, 100), Text: "prima\n\n" + s}},
			Verdicts: []news.Verdict{{
				Topic: "nato-giappone-italia", On: true, Score: 0.9, Facets: []string{"gcap", s}, Reason: s,
				Evidence: []news.Evidence{{Relation: "gcap", Actor: cut(s, 60), Term: s, Sentence: s, Where: news.InText}, {Relation: s, Actor: "nato", Term: "a", Sentence: s, Where: news.InTitle, Start: -5, End: 1 << 30}},
				Against:  []news.Against{{Theme: cut(s, 60), Term: s, Sentence: s}},
			}},
		}
		b := a
		b.ID, b.Source, b.Text = id+"copy", "fonte-tolta", "altro "+cut(s, 1000)
		m.articles[a.ID], m.articles[b.ID] = a, b
		m.stories["s-"+id] = news.Story{
			ID: "s-" + id, Shown: id, Origin: s, Thread: "s-evilaa", First: at, Updated: at,
			Members: []news.Member{{Article: id, Source: "orizzonte", Published: at}, {Article: b.ID, Source: "fonte-tolta", Published: at, Why: s, Resemblance: 0.5}},
		}
		th := m.threads["s-evilaa"]
		th.ID, th.Stories = "s-evilaa", append(th.Stories, "s-"+id)
		th.Links = append(th.Links, news.Link{Shared: []string{s}})
		m.threads["s-evilaa"] = th
	}
	m.polls["orizzonte"] = news.Poll{Last: now, Failures: 3, FailingSince: now, Err: evil[1] + evil[11], Moved: evil[0]}
	m.polls["rotte"] = news.Poll{Last: now, Success: now, Moved: "javascript:alert(1)//" + evil[2], MovedSince: now.Add(-96 * time.Hour), MovedCount: 9}
	m.revision.Store(1)
	return m
}

// hole looks in a page for an element that runs or loads something, an event
// attribute, or an address that is a script.
func hole(page string) string {
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			switch tok.Data {
			case "script", "iframe", "object", "embed", "img", "form", "input", "button", "base", "style", "template", "math", "noscript":
				return tok.String()
			}
			for _, a := range tok.Attr {
				scheme, _, _ := strings.Cut(strings.ToLower(a.Val), ":")
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcset" || a.Key == "http-equiv" ||
					(a.Key == "href" || a.Key == "src") && slices.Contains([]string{"javascript", "data", "vbscript"}, strings.TrimSpace(scheme)) {
					return tok.String()
				}
			}
		}
	}
}

var emptyLink = regexp.MustCompile(`<a [^>]*>\s*</a>`)

func TestHostilePages(t *testing.T) {
	h := handler(t, hostile(t))
	paths := []string{"/", "/?facet=gcap", "/?month=2026-03", "/sources", "/subscribe", "/threads/s-evilaa", "/?lang=en"}
	for id := range h.reader.(*memory).stories {
		paths = append(paths, "/stories/"+id, "/stories/"+id+"/"+strings.TrimPrefix(id, "s-")+"copy")
	}
	for _, path := range paths {
		w := get(h, path, "Accept", "text/html")
		if w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
			continue
		}
		page := w.Body.String()
		if m := hole(page); m != "" {
			t.Errorf("%s: holds %s", path, m)
		}
		for _, r := range page {
			if !printable(r) {
				t.Errorf("%s: holds %U", path, r)
				break
			}
		}
		if m := emptyLink.FindString(page); m != "" {
			t.Errorf("%s: a link without a text: %s", path, m)
		}
		if strings.Count(page, "<main") != 1 || !strings.HasSuffix(strings.TrimSpace(page), "</html>") || strings.Count(page, "<h1") != 1 {
			t.Errorf("%s: frame is broken", path)
		}
		if limit := 2_000_000; len(page) > limit {
			t.Errorf("%s: %d bytes", path, len(page))
		}
	}
}

// hostileMost is the processor time that may go into what takes a moment, also on
// a slow machine.
const hostileMost = 20 * time.Second

// TestHostileHeaders asks with what no browser sends.
func TestHostileHeaders(t *testing.T) {
	h := handler(t, fixture(t))
	long := strings.Repeat("it;q=0.1,", 20_000)
	for _, headers := range [][]string{
		{"Accept-Language", long},
		{"Accept-Encoding", strings.Repeat("gzip;q=0,", 20_000)},
		{"If-None-Match", strings.Repeat(`"x",`, 50_000)},
		{"Accept-Language", "\x00\xff;;;q==,,"},
		{"Accept-Encoding", ";q=;;,,,"},
		{"If-Modified-Since", long},
	} {
		start := cputime.Used(t)
		if w := get(h, "/", headers...); w.Code != 200 {
			t.Errorf("%.40q: %d", headers[1], w.Code)
		}
		if d := cputime.Used(t) - start; d > hostileMost {
			t.Errorf("%.40q took %v", headers[1], d)
		}
	}
	for _, path := range []string{"/?lang=%00", "/?facet=%3Cscript%3E", "/?month=" + strings.Repeat("9", 4000), "/stories/%2e%2e", "/%00", "/threads/%ff", "/?lang=it&lang=en", "/?%zz=1", "/feeds/%00.atom"} {
		if w := get(h, path, "Accept", "text/html"); w.Code >= 500 || strings.Contains(w.Body.String(), "<script") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestLink(t *testing.T) {
	for in, want := range map[string]string{
		"https://esempio.it/a?b=c#d":                                      "https://esempio.it/a?b=c#d",
		" http://esempio.it ":                                             "http://esempio.it",
		"https://esempio.it/caffè/è vero":                                 "https://esempio.it/caff%C3%A8/%C3%A8%20vero",
		"https://perché.it/":                                              "https://xn--perch-fsa.it/",
		"https://esempio.it/?q=[a|b]&x=\"^":                               "https://esempio.it/?q=%5Ba%7Cb%5D&x=%22%5E",
		"https://esempio.it/100%":                                         "",
		"https://esempio.it/a%20b":                                        "https://esempio.it/a%20b",
		"https://[::1]:8080/x":                                            "https://[::1]:8080/x",
		"https://esempio.it/?utm_source=rss&p=3&fbclid=x&utm_medium=feed": "https://esempio.it/?p=3",
		"https://esempio.it/a?utm_source=rss":                             "https://esempio.it/a",
		"https://esempio.it:8443/x":                                       "https://esempio.it:8443/x",
		"javascript:alert(1)":                                             "",
		"JaVaScRiPt:alert(1)":                                             "",
		"data:text/html,x":                                                "",
		"//esempio.it/x":                                                  "",
		"/x":                                                              "",
		"https:///x":                                                      "",
		"https://utente:segreto@esempio.it/":                              "",
		"https://esempio.it/\u202egpj":                                    "",
		"ftp://esempio.it/":                                               "",
		"https://esempio.it/" + strings.Repeat("a", 3000):                 "",
		"": "",
	} {
		if got := link(in); got != want {
			t.Errorf("link(%.60q) = %q, want %q", in, got, want)
		}
	}
}

func TestInert(t *testing.T) {
	for in, want := range map[string]string{
		"NATO & Giappone":        "NATO & Giappone",
		"Ricavi < 3 miliardi":    "Ricavi < 3 miliardi",
		"<b>NATO</b>":            "‹b>NATO‹/b>",
		"AT&T; e &amp; compagni": "AT& T; e & amp; compagni",
		"a &#60; b":              "a & #60; b",
	} {
		if got := inert(in); got != want {
			t.Errorf("inert(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzLink(f *testing.F) {
	for _, s := range append(evil, "https://esempio.it/a?b=c#d", "http://[::1]/") {
		f.Add(cut(s, 4000))
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := link(s)
		if got == "" {
			return
		}
		if !strings.HasPrefix(got, "http://") && !strings.HasPrefix(got, "https://") || strings.ContainsAny(got, "<>\"'\\ \n\t`") && !strings.Contains(got, "'") {
			t.Errorf("link(%q) = %q", s, got)
		}
		if again := link(got); again != got {
			t.Errorf("link(%q) = %q, again %q", s, got, again)
		}
	})
}

func FuzzClean(f *testing.F) {
	for _, s := range append(evil, evilHTML...) {
		f.Add(cut(s, 4000))
	}
	c := newCleaner()
	f.Fuzz(func(t *testing.T, s string) {
		page, _ := highlight(c.clean(s), []reason{{Pieces: pieces(s, []string{"a", s})}}, "Immagine")
		if m := hole(page); m != "" {
			t.Errorf("%q: holds %s: %s", s, m, page)
		}
		if text := plain(s, 50); len([]rune(text)) > 51 {
			t.Errorf("plain(%q) has %d characters", s, len([]rune(text)))
		}
	})
}
