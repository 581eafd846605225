package publish

import (
	"cmp"
	"regexp"
	"strings"

	"vedetta/news"
)

// escape writes a text for an element or a double-quoted attribute.
func escape(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;")

// maxFootReasons is how many sentences stand at the foot of an entry; the
// story's page has them all.
const maxFootReasons = 4

// content is what a feed reader shows of an entry: lead image, text, and the
// foot that says why it is there and who else has it. It is sanitised HTML
// with absolute addresses. own is where the article's own text stands in it.
func (h *Handler) content(e entry, f feed) (content string, own jsonSpan) {
	text := h.clean.clean(bodyHTML(e.Article))
	var b strings.Builder
	if src := link(e.Article.Image); src != "" && !pictured(text, src) {
		caption := plain(e.Article.Caption, maxSummary)
		b.WriteString(`<figure><img src="` + escape(src) + `" alt="` + escape(caption) + `"/><figcaption>`)
		if caption != "" {
			b.WriteString(escape(caption) + " ")
		}
		b.WriteString("(" + escape(h.words().t("image.from", e.Outlet)) + ")</figcaption></figure>\n")
	}
	own.From = b.Len()
	b.WriteString(text)
	own.To = b.Len()
	h.foot(&b, e, f)
	return b.String(), own
}

// pictured reports whether a text shows an image already, be it in another
// size: publishing systems put the size behind the name.
func pictured(text, src string) bool {
	name := imageName.FindStringSubmatch(src)
	return name != nil && strings.Contains(text, "<img") && strings.Contains(text, escape(name[1])) || strings.Contains(text, escape(src))
}

// imageName finds the name of an image's file without size and extension.
var imageName = regexp.MustCompile(`/([^/?#]{5,}?)(?:-\d+x\d+|-scaled|@2x)?\.(?i:jpe?g|png|webp|gif|avif)(?:[?#].*)?$`)

// bodyHTML is the article's text as HTML, whatever there is of it: not yet
// sanitised.
func bodyHTML(a news.Article) string {
	if strings.TrimSpace(a.HTML) != "" {
		return a.HTML
	}
	text := cmp.Or(strings.TrimSpace(a.Text), strings.TrimSpace(a.Summary))
	if text == "" {
		return ""
	}
	var b strings.Builder
	for p := range strings.SplitSeq(cut(text, maxBody), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			b.WriteString("<p>" + escape(p) + "</p>\n")
		}
	}
	return b.String()
}

func (h *Handler) foot(b *strings.Builder, e entry, f feed) {
	w := h.words()
	b.WriteString("\n<hr/>\n")
	if f.Search == "" || e.Verdict.On {
		h.footWhy(b, e, f)
	}
	h.footCopies(b, e)
	b.WriteString(`<p><a href="` + escape(h.address(e.Path)) + `">` + escape(w.t("foot.story", h.site.Title)) + "</a>")
	if e.Related > 0 {
		b.WriteString(` · <a href="` + escape(h.address("/threads/"+e.Thread)) + `">` + escape(w.n("thread.more", e.Related)) + "</a>")
	}
	b.WriteString("</p>\n")
}

// footWhy says why the entry is there, or why it is not.
func (h *Handler) footWhy(b *strings.Builder, e entry, f feed) {
	w := h.words()
	if f.Facet == nearMisses {
		b.WriteString("<p><b>" + escape(w.t("why.not")) + "</b>")
	} else {
		b.WriteString("<p><b>" + escape(w.t("why")) + "</b>")
	}
	if len(e.Facets) > 0 {
		labels := make([]string, len(e.Facets))
		for i, fc := range e.Facets {
			labels[i] = plain(fc.Label, maxName)
		}
		b.WriteString(" · " + escape(strings.Join(labels, " · ")))
	}
	if r := w.because(e); r != "" {
		b.WriteString(" · " + escape(r))
	}
	b.WriteString("</p>\n")
	writeReasons(b, e.Reasons, w)
	if f.Facet == nearMisses && len(e.Against) > 0 {
		b.WriteString("<p><b>" + escape(w.t("against")) + "</b></p>\n")
		writeReasons(b, e.Against, w)
	}
}

func writeReasons(b *strings.Builder, rs []reason, w words) {
	if len(rs) == 0 {
		return
	}
	b.WriteString("<ul>\n")
	for i, r := range rs {
		if i == maxFootReasons {
			break
		}
		b.WriteString("<li>")
		if len(r.Pieces) == 0 {
			b.WriteString(escape(w.speaks(r)))
		} else {
			b.WriteString("«")
			for _, p := range r.Pieces {
				if p.Mark {
					b.WriteString("<b>" + escape(p.Text) + "</b>")
				} else {
					b.WriteString(escape(p.Text))
				}
			}
			b.WriteString("»")
		}
		b.WriteString("</li>\n")
	}
	b.WriteString("</ul>\n")
}

func (h *Handler) footCopies(b *strings.Builder, e entry) {
	w := h.words()
	if e.Origin != "" {
		b.WriteString("<p>" + escape(w.t("origin", e.Origin)) + "</p>\n")
	}
	if len(e.Copies) == 0 {
		return
	}
	b.WriteString("<p><b>" + escape(w.t("copies")) + "</b></p>\n<ul>\n")
	for _, c := range e.Copies {
		b.WriteString("<li>")
		if c.Link != "" {
			b.WriteString(`<a href="` + escape(c.Link) + `">` + escape(c.Outlet) + "</a>")
		} else {
			b.WriteString(escape(c.Outlet))
		}
		if !c.Published.IsZero() {
			b.WriteString(", " + escape(w.cal.full(c.Published)))
		}
		b.WriteString("</li>\n")
	}
	b.WriteString("</ul>\n")
}
