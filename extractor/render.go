package extractor

import (
	"bytes"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainText joins blocks: a blank line between paragraphs, a line for each
// list item, opened by "- ", and for each table row.
func (l *layout) plainText(blocks []int) string {
	var sb strings.Builder
	size := 0
	for _, i := range blocks {
		size += len(l.text(i)) + len("\n\n- ")
	}
	sb.Grow(size)
	var last *block
	for _, i := range blocks {
		b := &l.blocks[i]
		text := l.text(i)
		if text == "" {
			continue
		}
		switch {
		case last == nil:
		case b.row != 0 && b.row == last.row && b.cell != last.cell:
			sb.WriteString(" | ")
		case b.row != 0 && last.row != 0 && b.row != last.row, b.item != 0 && last.item != 0 && b.item != last.item:
			sb.WriteByte('\n')
		default:
			sb.WriteString("\n\n")
		}
		if b.item != 0 && (last == nil || b.item != last.item) && b.row == 0 {
			sb.WriteString("- ")
		}
		sb.WriteString(text)
		last = b
	}
	return sb.String()
}

// htmlWriter writes the part of a tree that an article is made of, by an
// allow-list of elements and attributes; all else is either transparent or
// left out with what it holds.
type htmlWriter struct {
	sb   *bytes.Buffer
	l    *layout
	base *url.URL
	all  bool // nothing was pruned: keep everything that is allowed
}

// writer returns a writer with the layout's room for HTML.
func (l *layout) writer(base *url.URL) *htmlWriter {
	l.html.Reset()
	return &htmlWriter{sb: &l.html, l: l, base: base}
}

// outTag maps elements to what they become; elements not in it are
// transparent.
var outTag = map[atom.Atom]string{
	atom.P: "p", atom.H1: "h2", atom.H2: "h2", atom.H3: "h3", atom.H4: "h4", atom.H5: "h5", atom.H6: "h6",
	atom.Ul: "ul", atom.Ol: "ol", atom.Li: "li", atom.Dl: "dl", atom.Dt: "dt", atom.Dd: "dd",
	atom.Blockquote: "blockquote", atom.Pre: "pre", atom.Code: "code", atom.Table: "table", atom.Thead: "thead",
	atom.Tbody: "tbody", atom.Tfoot: "tfoot", atom.Tr: "tr", atom.Td: "td", atom.Th: "th", atom.Caption: "caption",
	atom.Figure: "figure", atom.Figcaption: "figcaption", atom.Strong: "strong", atom.B: "strong", atom.Em: "em",
	atom.I: "em", atom.Sub: "sub", atom.Sup: "sup", atom.Q: "q", atom.Cite: "cite", atom.Abbr: "abbr",
	atom.Del: "del", atom.Ins: "ins", atom.Mark: "mark", atom.S: "s", atom.Kbd: "kbd", atom.Samp: "samp", atom.Var: "var",
	atom.Details: "details", atom.Summary: "summary",
}

// noText are the elements whose text is not to be read.
func noText(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Template, atom.Select, atom.Textarea, atom.Object, atom.Canvas,
		atom.Audio, atom.Svg, atom.Input, atom.Head, atom.Title, atom.Math, atom.Noframes,
		atom.Datalist, atom.Map, atom.Embed:
		return true
	}
	return false
}

// kept reports whether anything of a node is part of the article.
func (w *htmlWriter) kept(i int32) bool {
	nd := &w.l.nodes[i]
	if nd.b0 == nd.b1 {
		return nd.under&junk == 0
	}
	for b := nd.b0; b < nd.b1; b++ {
		if !w.l.blocks[b].drop {
			return true
		}
	}
	return false
}

// element writes a node and what it holds.
func (w *htmlWriter) element(i int32) {
	nd := &w.l.nodes[i]
	if nd.n.Type == html.TextNode {
		if w.all || !w.l.blocks[nd.b0].drop {
			w.text(nd.n)
		}
		return
	}
	a := nd.n.DataAtom
	switch {
	case noText(a):
		return
	case (a == atom.Figure || strings.Contains(classOf(nd.n), "wp-caption")) && nd.under&junk&^isCaption == 0:
		w.figure(i)
		return
	case !w.all && !w.kept(i):
		return
	}
	switch a {
	case atom.Img:
		w.image(nd.n)
	case atom.Noscript:
		if img := noscriptImage(nd.n); img != nil && !afterImage(nd.n) {
			w.image(img)
		}
	case atom.Iframe, atom.Video:
		w.video(nd.n)
	case atom.Br:
		w.sb.WriteString("<br>")
	case atom.Hr:
		w.sb.WriteString("<hr>")
	case atom.A:
		href := absolute(w.base, attr(nd.n, "href"))
		if href == "" || blockInside(nd.n) {
			w.children(i, false)
			return
		}
		w.wrap(`<a href="`+html.EscapeString(href)+`">`, "</a>", func() { w.children(i, false) })
	default:
		tag := outTag[a]
		if tag == "" {
			w.children(i, !inline(a))
			return
		}
		open := "<" + tag
		if a == atom.Td || a == atom.Th {
			open += spans(nd.n)
		}
		w.wrap(open+">", "</"+tag+">", func() { w.children(i, holdsBlocks(a)) })
	}
}

// holdsBlocks tells the elements in which loose text is made a paragraph.
func holdsBlocks(a atom.Atom) bool { return a == atom.Blockquote || a == atom.Details }

func spans(n *html.Node) string {
	var sb strings.Builder
	for _, k := range []string{"colspan", "rowspan"} {
		v := attr(n, k)
		if v != "" && len(v) <= 3 && strings.Trim(v, "0123456789") == "" {
			sb.WriteString(" " + k + `="` + v + `"`)
		}
	}
	return sb.String()
}

func blockInside(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && !inline(c.DataAtom) {
			return true
		}
	}
	return false
}

// wrap writes an element, unless nothing came to be inside.
func (w *htmlWriter) wrap(open, closing string, inner func()) {
	before := w.sb.Len()
	w.sb.WriteString(open)
	at := w.sb.Len()
	inner()
	if bytes.HasSuffix(w.sb.Bytes(), []byte("<br>")) && w.sb.Len() > at {
		w.sb.Truncate(w.sb.Len() - len("<br>"))
	}
	if len(bytes.TrimSpace(w.sb.Bytes()[at:])) == 0 {
		w.sb.Truncate(before)
		return
	}
	w.sb.WriteString(closing)
}

// children writes what a node holds; with paras, runs of inline content become
// paragraphs.
func (w *htmlWriter) children(i int32, paras bool) {
	end := w.l.nodes[i].end
	for c := i + 1; c < end; {
		if !paras || !w.isInline(c) {
			w.element(c)
			c = w.l.nodes[c].end
			continue
		}
		stop := c
		for stop < end && w.isInline(stop) && !w.isBreak(stop) {
			stop = w.l.nodes[stop].end
		}
		run := c
		w.wrap("<p>", "</p>", func() {
			for ; run < stop; run = w.l.nodes[run].end {
				w.element(run)
			}
		})
		if c = stop; c < end && w.isBreak(c) {
			c = w.l.nodes[c].end
		}
	}
}

// isBreak reports whether a node is a br that ended a block.
func (w *htmlWriter) isBreak(i int32) bool {
	n := w.l.nodes[i].n
	return n.DataAtom == atom.Br && n.Type == html.ElementNode && doubleBreak(n)
}

func (w *htmlWriter) isInline(i int32) bool {
	n := w.l.nodes[i].n
	if n.Type == html.TextNode {
		return true
	}
	return inline(n.DataAtom) && !blockInside(n)
}

func (w *htmlWriter) text(n *html.Node) {
	s := n.Data
	if ok, bare := plain(s); !ok || !bare {
		s = keepEnds(s)
	}
	w.sb.WriteString(html.EscapeString(s))
}

// keepEnds cleans a text but keeps a blank at either end.
func keepEnds(s string) string {
	c := clean(s)
	if c == "" {
		return " "
	}
	if s[0] == ' ' || s[0] == '\n' || s[0] == '\t' {
		c = " " + c
	}
	if e := s[len(s)-1]; e == ' ' || e == '\n' || e == '\t' {
		c += " "
	}
	return c
}

// figure writes an image with its caption.
func (w *htmlWriter) figure(i int32) {
	end := w.l.nodes[i].end
	var img, caption string
	for c := i + 1; c < end; c++ {
		nd := &w.l.nodes[c]
		if nd.n.Type != html.ElementNode {
			continue
		}
		switch {
		case nd.n.DataAtom == atom.Img && img == "":
			img = imageTag(nd.n, w.base)
		case nd.n.DataAtom == atom.Noscript && img == "":
			if k := noscriptImage(nd.n); k != nil {
				img = imageTag(k, w.base)
			}
		case nd.n.DataAtom == atom.Figcaption || nd.traits&isCaption != 0:
			if caption == "" {
				caption = w.l.textOf(c)
			}
		case nd.n.DataAtom == atom.Table, nd.n.DataAtom == atom.Blockquote, nd.n.DataAtom == atom.Iframe, nd.n.DataAtom == atom.Pre:
			w.children(i, true)
			return
		}
	}
	if img == "" {
		w.children(i, true)
		return
	}
	w.sb.WriteString("<figure>" + img)
	if caption != "" {
		w.sb.WriteString("<figcaption>" + html.EscapeString(caption) + "</figcaption>")
	}
	w.sb.WriteString("</figure>")
}

// textOf is the text of all blocks in a node.
func (l *layout) textOf(i int32) string {
	nd := &l.nodes[i]
	var parts []string
	for b := nd.b0; b < nd.b1; b++ {
		if bl := &l.blocks[b]; bl.first >= i && bl.first < nd.end {
			if t := l.text(int(b)); t != "" {
				parts = append(parts, t)
			}
		}
	}
	return strings.Join(parts, " ")
}

// afterImage reports whether an image that shows stands before a noscript
// element, which then holds the same one.
func afterImage(n *html.Node) bool {
	p := n.PrevSibling
	for p != nil && p.Type != html.ElementNode {
		p = p.PrevSibling
	}
	return p != nil && p.DataAtom == atom.Img && imageSource(p, nil) != ""
}

func (w *htmlWriter) image(n *html.Node) {
	w.sb.WriteString(imageTag(n, w.base))
}

// video writes an embedded player of a known host as a link.
func (w *htmlWriter) video(n *html.Node) {
	src := attr(n, "src")
	if src == "" {
		src = attr(n, "data-src")
	}
	u := absolute(w.base, src)
	if href := videoPage(u); href != "" {
		esc := html.EscapeString(href)
		w.sb.WriteString(`<p><a href="` + esc + `">` + esc + "</a></p>")
	}
}
