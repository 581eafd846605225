package newsroom

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html"
	"html/template"
	"slices"
	"strings"
	"time"
)

//go:embed templates/*.html
var templateFiles embed.FS

// ampOutlet is the outlet whose pages have an AMP variant below them.
const ampOutlet = "meridiano"

// layouts are the templates of all pages.
func layouts() *template.Template {
	return template.Must(template.New("").ParseFS(templateFiles, "templates/*.html"))
}

// link is an address and its words.
type link struct{ URL, Text, Date, Summary string }

// view is what a layout shows.
type view struct {
	Name, Motto, Home, Base, Lang string
	Sections                      []string
	Feed, FeedType                string
	Charset                       string
	Year                          int

	URL, AMP       string
	Title, Summary string
	Author         string
	Section        string
	Tags           []string
	Date, Clock    string // as people read it
	ISO, Changed   string // as machines do
	Corrected      bool
	Image, Caption string
	Body           template.HTML
	Related        []link
	Comments       []comment
	LD             any
	Paywall        bool
	Links          []link // of a front page or list
}

// comment is a reader's.
type comment struct{ Who, When, Text string }

// view returns what all pages of an outlet have.
func (n *Newsroom) view(o *outlet) view {
	_, charset, _ := strings.Cut(o.pageType, "charset=")
	v := view{
		Name: o.name, Motto: o.motto, Home: n.home(o), Base: n.base, Lang: o.language(), Sections: o.sections,
		Charset: cmp.Or(o.metaCharset, charset), Year: n.start.Year(),
	}
	if o.feed != "" {
		v.Feed, v.FeedType = n.home(o)+o.feed, "application/rss+xml"
		switch o.format {
		case atomFull, atomSummary:
			v.FeedType = "application/atom+xml"
		case jsonFeed:
			v.FeedType = "application/feed+json"
		}
	}
	return v
}

// execute renders a template as the outlet sends it; o is nil for the index.
func (n *Newsroom) execute(name string, o *outlet, v view, modified time.Time) answer {
	var b bytes.Buffer
	if err := n.layouts.ExecuteTemplate(&b, name+".html", v); err != nil {
		panic(err) // unreachable: every layout is executed by a test
	}
	if o == nil {
		return answer{"text/html; charset=utf-8", b.Bytes(), modified}
	}
	return answer{o.pageType, o.encode(b.Bytes()), modified}
}

// page renders an article's page, or its AMP variant.
func (n *Newsroom) page(a *article, now time.Time, amp bool) answer {
	a, updated := a.asOf(now)
	o := a.at
	v := n.view(o)
	when := a.published.In(rome())
	v.URL, v.Title, v.Summary = n.url(a), a.head["title"], a.head["summary"]
	v.Author, v.Section, v.Tags = a.head["author"], a.section(), fields(a.head["tags"])
	v.Date, v.Clock = longDate(when), when.Format("15:04")
	v.ISO, v.Changed = when.Format(time.RFC3339), updated.In(rome()).Format(time.RFC3339)
	v.Corrected = updated.After(a.published)
	if pic := bars(a.head["image"]); len(pic) > 1 {
		v.Image, v.Caption = n.home(o)+"img/"+pic[0]+".png", pic[1]
	}
	if o.id == ampOutlet {
		v.AMP = v.URL + "amp/"
	}
	v.Related = n.related(a, 4)
	v.Comments = comments(a)
	if o.jsonLD {
		v.LD = linkedData(v, o)
	}
	layout := o.layout
	switch {
	case amp:
		layout = "amp"
	case o.wall == "consent":
		layout = "consenso"
	case o.wall == "paywall":
		v.Paywall = true
		first := shorten(a.blocks[0].text(), 230)
		v.Body = template.HTML("<p>" + html.EscapeString(first) + "…</p>") //nolint:gosec // escaped in this line
		return n.execute(layout, o, v, updated)
	}
	v.Body = template.HTML(n.body(a, layout)) //nolint:gosec // our own text, escaped by inline
	return n.execute(layout, o, v, updated)
}

// related picks other articles of the outlet that stand since the start, so
// that a page does not change when another appears.
func (n *Newsroom) related(a *article, count int) []link {
	var all []*article
	for _, x := range n.visible(a.at, n.start) {
		if x.ref() != a.ref() {
			all = append(all, x)
		}
	}
	if len(all) == 0 {
		return nil
	}
	from := slices.IndexFunc(all, func(x *article) bool { return x.published.Before(a.published) })
	var out []link
	for i := range min(count, len(all)) {
		x := all[(max(0, from)+i)%len(all)]
		out = append(out, link{URL: n.url(x), Text: x.head["title"], Date: longDate(x.published)})
	}
	return out
}

// comments are what readers left below every third article.
func comments(a *article) []comment {
	switch numberOf(a.ref())[5] % 3 {
	case 0:
		return []comment{
			{"gino_spezia", "2 ore fa", "Intanto in Italia le bollette aumentano e nessuno dice niente."},
			{"Marta R.", "1 ora fa", "E del Giappone che entra nella Nato non parla nessuno? Svegliatevi!"},
			{"ammiraglio58", "40 minuti fa", "Marta, il Giappone non entra in nessuna Alleanza: legga prima di scrivere."},
		}
	case 1:
		return nil
	default:
		return []comment{{"Lettore affezionato", "3 ore fa", "Complimenti per l'articolo, finalmente un po' di chiarezza."}}
	}
}

// linkedData describes the page in schema.org's terms, without its text.
func linkedData(v view, o *outlet) any {
	type m = map[string]any
	publisher := m{"@type": "NewsMediaOrganization", "name": o.name, "url": v.Home, "logo": m{"@type": "ImageObject", "url": v.Home + "logo.svg"}}
	ld := m{
		"@context": "https://schema.org", "@type": "NewsArticle", "headline": v.Title, "mainEntityOfPage": v.URL,
		"datePublished": v.ISO, "dateModified": v.Changed, "inLanguage": v.Lang, "articleSection": v.Section,
		"isAccessibleForFree": o.wall == "", "publisher": publisher,
	}
	if v.Author != "" {
		ld["author"] = []m{{"@type": "Person", "name": v.Author}}
	}
	if v.Image != "" {
		ld["image"] = []string{v.Image}
	}
	if o.layout != "tagdiv" {
		return ld
	}
	delete(ld, "@context")
	return m{"@context": "https://schema.org", "@graph": []m{
		ld,
		{"@type": "WebPage", "@id": v.URL, "url": v.URL, "name": v.Title + " - " + o.name},
		{"@type": "BreadcrumbList", "itemListElement": []m{{"@type": "ListItem", "position": 1, "name": "Home", "item": v.Home}}},
	}}
}

// front renders the outlet's front page.
func (n *Newsroom) front(o *outlet, now time.Time) answer {
	v := n.view(o)
	articles := n.visible(o, now)
	for _, a := range articles {
		version, _ := a.asOf(now)
		v.Links = append(v.Links, link{n.url(a), version.head["title"], longDate(a.published), version.description()})
	}
	return n.execute("prima", o, v, latest(articles, now, n.start))
}

// listPage renders the list of articles of an outlet without a feed.
func (n *Newsroom) listPage(o *outlet, now time.Time) answer {
	a := n.front(o, now)
	v := n.view(o)
	for _, x := range n.visible(o, now) {
		version, _ := x.asOf(now)
		v.Links = append(v.Links, link{n.url(x), version.head["title"], longDate(x.published), version.description()})
	}
	return n.execute("elenco", o, v, a.modified)
}

// index renders the list of all outlets.
func (n *Newsroom) index() answer {
	v := view{Name: "La redazione inventata", Motto: "Testate, persone e fatti di queste pagine non esistono", Lang: "it", Charset: "utf-8", Home: n.base + "/", Year: n.start.Year()}
	for _, o := range n.outlets {
		v.Links = append(v.Links, link{URL: n.home(o), Text: o.name, Summary: o.motto})
	}
	return n.execute("prima", nil, v, n.start)
}

// body renders an article's blocks as the layout has them; "feed" is the plain
// form that feeds carry.
func (n *Newsroom) body(a *article, layout string) string {
	var b strings.Builder
	seen := 0 // paragraphs so far
	for _, bl := range a.blocks {
		switch bl.kind {
		case signature:
			writeParagraph(&b, inline(bl.lines[0]), layout)
		case paragraph:
			seen++
			writeParagraph(&b, inline(bl.lines[0]), layout)
			if seen == 2 {
				b.WriteString(advertisement[layout])
			}
		case heading:
			writeHeading(&b, inline(bl.lines[0]), layout)
		case quotation:
			fmt.Fprintf(&b, "<blockquote class=\"wp-block-quote\"><p>%s</p></blockquote>\n", inline(bl.lines[0]))
		case list:
			b.WriteString("<ul>\n")
			for _, l := range bl.lines {
				fmt.Fprintf(&b, "<li>%s</li>\n", inline(l))
			}
			b.WriteString("</ul>\n")
		case table:
			writeTable(&b, bl.lines)
		case picture:
			n.writePicture(&b, a.at, bl.lines, layout)
		case related:
			n.writeRelated(&b, a, bl.lines[0], layout)
		}
	}
	return b.String()
}

// advertisement is what layouts put after the second paragraph.
var advertisement = map[string]string{
	"tagdiv":     `<div class="td-a-rec td-a-rec-id-content_inlineleft"><span class="td-adspot-title">- Pubblicità -</span><div class="td-all-devices"><ins class="adsbyrotta" data-ad-slot="4410"></ins></div></div>` + "\n",
	"quotidiano": `<div class="adv-box" id="rectangle-1"><small>PUBBLICITÀ</small></div>` + "\n",
	"locale":     `<div class="banner_interno"><a href="#"><img src="/golfo/img/banner-mobili.png" alt="Mobilificio del Golfo: sconti fino a domenica" width="468" height="60"></a></div>` + "\n",
}

// writeParagraph writes a paragraph in the layout's manner.
func writeParagraph(b *strings.Builder, text, layout string) {
	switch layout {
	case "agenzia", "locale":
		b.WriteString(text + "<br />\n<br />\n")
	case "lancio":
		fmt.Fprintf(b, "<p align=\"justify\">%s</p>\n", text)
	case "elementor":
		fmt.Fprintf(b, "<div class=\"elementor-element elementor-widget elementor-widget-text-editor\" data-widget_type=\"text-editor.default\"><div class=\"elementor-widget-container\"><p><span style=\"font-weight: 400;\">%s</span></p></div></div>\n", text)
	case "liferay":
		fmt.Fprintf(b, "<p style=\"text-align: justify;\">%s</p>\n<p>&nbsp;</p>\n", text)
	default:
		fmt.Fprintf(b, "<p>%s</p>\n", text)
	}
}

// writeHeading writes a heading in the layout's manner.
func writeHeading(b *strings.Builder, text, layout string) {
	switch layout {
	case "agenzia", "locale":
		fmt.Fprintf(b, "<b>%s</b><br />\n<br />\n", text)
	case "gutenberg":
		fmt.Fprintf(b, "<h2 class=\"wp-block-heading\">%s</h2>\n", text)
	case "elementor":
		fmt.Fprintf(b, "<div class=\"elementor-element elementor-widget elementor-widget-heading\"><div class=\"elementor-widget-container\"><h3 class=\"elementor-heading-title elementor-size-default\">%s</h3></div></div>\n", text)
	default:
		fmt.Fprintf(b, "<h2>%s</h2>\n", text)
	}
}

// writeTable writes rows of cells, the first as a head.
func writeTable(b *strings.Builder, rows []string) {
	b.WriteString("<figure class=\"wp-block-table\"><table>\n")
	for i, row := range rows {
		cell := "td"
		if i == 0 {
			cell = "th"
		}
		b.WriteString("<tr>")
		for _, c := range bars(row) {
			fmt.Fprintf(b, "<%s>%s</%s>", cell, inline(c), cell)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table></figure>\n")
}

// writePicture writes a figure, lazy where the layout's themes are.
func (n *Newsroom) writePicture(b *strings.Builder, o *outlet, parts []string, layout string) {
	src := n.home(o) + "img/" + parts[0] + ".png"
	caption := ""
	if len(parts) > 1 {
		caption = "<figcaption>" + inline(parts[1])
		if len(parts) > 2 {
			caption += " <span class=\"credit\">(" + inline(parts[2]) + ")</span>"
		}
		caption += "</figcaption>"
	}
	img := fmt.Sprintf(`<img src="%s" width="%d" height="%d" alt="">`, src, pictureSize.X, pictureSize.Y)
	switch layout {
	case "tagdiv", "gutenberg", "elementor":
		img = fmt.Sprintf(`<img src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7" data-src="%s" data-srcset="%s 800w" class="lazyload" width="%d" height="%d" alt=""><noscript>%s</noscript>`,
			src, src, pictureSize.X, pictureSize.Y, img)
	case "quotidiano":
		img = fmt.Sprintf(`<picture><source type="image/png" srcset="%s 800w"><img loading="lazy" src="%s" alt=""></picture>`, src, src)
	case "amp":
		img = fmt.Sprintf(`<amp-img src="%s" width="%d" height="%d" layout="responsive"></amp-img>`, src, pictureSize.X, pictureSize.Y)
	}
	fmt.Fprintf(b, "<figure class=\"wp-block-image size-large\">%s%s</figure>\n", img, caption)
}

// writeRelated writes a "read also" inside the body. A slug without an article
// is left out; a test finds such.
func (n *Newsroom) writeRelated(b *strings.Builder, a *article, slug, layout string) {
	i := slices.IndexFunc(n.articles, func(x *article) bool { return x.at == a.at && x.slug == slug })
	if i < 0 {
		return
	}
	url, title := n.url(n.articles[i]), html.EscapeString(n.articles[i].head["title"])
	switch layout {
	case "tagdiv":
		fmt.Fprintf(b, "<div class=\"td_block_wrap td_block_related_inline\"><h4 class=\"td-related-title\"><span>Leggi anche</span></h4><div class=\"td-module-title\"><a href=\"%s\">%s</a></div></div>\n", url, title)
	case "quotidiano", "amp":
		fmt.Fprintf(b, "<aside class=\"inline-article\"><span class=\"label\">Leggi anche</span> <a href=\"%s\">%s</a></aside>\n", url, title)
	case "agenzia", "locale":
		fmt.Fprintf(b, "<b>LEGGI ANCHE: <a href=\"%s\">%s</a></b><br />\n<br />\n", url, title)
	case "elementor":
		fmt.Fprintf(b, "<div class=\"elementor-element elementor-widget elementor-widget-text-editor\"><div class=\"elementor-widget-container\"><p><strong>Ti potrebbe interessare: <a href=\"%s\">%s</a></strong></p></div></div>\n", url, title)
	default:
		fmt.Fprintf(b, "<p><strong>Leggi anche: <a href=\"%s\">%s</a></strong></p>\n", url, title)
	}
}
