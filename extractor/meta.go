package extractor

import (
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// meta is what a page says of itself outside the body.
type meta struct {
	props map[string]string // first value of each meta name or property, key in lower case
	ld    linked
}

func (l *layout) meta() *meta {
	m := &meta{props: make(map[string]string, len(l.head.metas))}
	for _, n := range l.head.metas {
		key := attr(n, "property")
		if key == "" {
			key = attr(n, "name")
		}
		if key == "" {
			key = attr(n, "itemprop")
		}
		if key == "" {
			continue
		}
		val := squash(html.UnescapeString(attr(n, "content")))
		key = strings.ToLower(key)
		if val != "" && m.props[key] == "" {
			m.props[key] = val
		} else if val != "" && key == "article:author" || key == "author" || key == "citation_author" {
			if len(m.props[key])+len(val) < 500 {
				m.props[key] += "; " + val
			}
		}
	}
	m.ld = readLinked(l.head.jsonld)
	return m
}

// first returns the first value among the properties.
func (m *meta) first(keys ...string) string {
	for _, k := range keys {
		if v := m.props[k]; v != "" {
			return v
		}
	}
	return ""
}

// description is the page's own summary.
func (m *meta) description() string {
	if d := m.first("og:description", "description", "twitter:description"); d != "" {
		return clean(d)
	}
	return clean(m.ld.description)
}

// siteName is the publisher's name.
func (m *meta) siteName() string {
	if s := m.first("og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher"); s != "" && len(s) < 80 {
		return s
	}
	return m.ld.publisher
}

// titleCuts are what stands between a title and the site's name.
var titleCuts = []string{" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " · ", " • ", " / ", " ~ "}

// pageTitle returns the article's title without the site's name.
func (l *layout) pageTitle(m *meta, site, host string) string {
	og := unsite(clean(m.first("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title")), site, host)
	ld := unsite(clean(m.ld.headline), site, host)
	doc := clean(l.head.title)
	var heads []string
	for _, i := range l.head.h1[:min(len(l.head.h1), maxTried)] {
		if l.nodes[i].under&(junk&^isAside&^isHidden&^isMeta) == 0 {
			if t := l.inlineText(i); t != "" && len(t) < maxInline {
				heads = append(heads, t)
			}
		}
	}
	// A heading that the page's other titles repeat is what readers see; where
	// it says more than they do, the rest is a kicker or a date.
	for _, h := range heads {
		for _, t := range []string{og, ld} {
			switch {
			case t == "" || overlap(h, t) < sameTitle:
			case strings.HasSuffix(fold(h), " "+fold(t)), startsWith(fold(h), fold(t)) && !findDate(h).IsZero():
				return t
			case len(strings.Fields(h))*2 >= len(strings.Fields(t)):
				return h
			}
		}
	}
	if og == "" && ld == "" {
		for _, h := range heads {
			if overlap(h, doc) >= sameTitle && len(strings.Fields(h))*3 >= len(strings.Fields(doc)) && fold(h) != fold(site) {
				return h
			}
		}
	}
	if og == "" && ld == "" {
		if t := l.titlePart(doc); t != "" {
			return t
		}
	}
	switch t := unsite(doc, site, host); {
	case ld != "" && (og == "" || overlap(ld, doc) >= overlap(og, doc)):
		return ld
	case og != "" && fold(og) != fold(site):
		return og
	case t != "" && fold(t) != fold(site):
		return t
	case len(heads) > 0:
		return heads[0]
	}
	return doc
}

// titlePart returns the longest part of a document's title that the page shows
// as a line of its own.
func (l *layout) titlePart(doc string) string {
	parts := []string{doc}
	for _, c := range append([]string{": "}, titleCuts...) {
		var next []string
		for _, p := range parts {
			next = append(next, strings.Split(p, c)...)
		}
		parts = next
	}
	if len(parts) == 1 || len(parts) > 8 {
		return ""
	}
	best := ""
	for _, p := range parts {
		if f := fold(p); len(f) > len(fold(best)) && len(strings.Fields(f)) > 2 && l.lineWith(f) >= 0 {
			best = strings.TrimSpace(p)
		}
	}
	return best
}

// maxKicker is how many letters a line may have beside the title it shows.
const maxKicker = 60

// lineWith returns the first block that says a folded title and little else.
func (l *layout) lineWith(title string) int {
	for i := range l.blocks {
		b := &l.blocks[i]
		if int(b.chars) > len(title)+maxKicker || int(b.chars)*2 < len(title)-10 || b.why&(isComments|isRelated|isNav) != 0 {
			continue
		}
		if strings.Contains(" "+fold(l.text(i))+" ", " "+title+" ") {
			return i
		}
	}
	return -1
}

// headline returns the block of the page's headline, -1 when there is none.
func (l *layout) headline(title string) int {
	title = fold(title)
	if len(strings.Fields(title)) > 1 {
		if i := l.lineWith(title); i >= 0 {
			return i
		}
	}
	for _, h := range l.head.h1 {
		if nd := &l.nodes[h]; nd.b1 > nd.b0 {
			return int(nd.b0)
		}
	}
	return -1
}

// sameTitle is the overlap of two forms of one title.
const sameTitle = 0.7

// unsite cuts the site's name, and what else sites append, from a title. host
// is the page's: names of sites are often that of their host.
func unsite(title, site, host string) string {
	fs := fold(site)
	label, _, _ := strings.Cut(host, ".")
	for {
		at, sep := -1, ""
		for _, c := range titleCuts {
			if i := strings.LastIndex(title, c); i > at {
				at, sep = i, c
			}
		}
		if at <= 0 {
			return title
		}
		left, right := title[:at], title[at+len(sep):]
		fr := fold(right)
		known := fs != "" && (fr == fs || strings.HasPrefix(fr, fs) || strings.HasPrefix(fs, fr)) ||
			len(label) > 3 && strings.ReplaceAll(fr, " ", "") == label
		short := (sep == " | " || sep == " - " || sep == " – " || sep == " — " || sep == " :: " || sep == " » ") && fs == "" &&
			len(strings.Fields(right)) <= 4 && len(strings.Fields(left)) >= 4
		if !known && !short {
			if fl := fold(left); fs != "" && fl == fs {
				return right
			}
			return title
		}
		title = strings.TrimSpace(left)
	}
}

// overlap is the share of the shorter text's words that the longer has.
func overlap(a, b string) float64 {
	wa, wb := strings.Fields(fold(a)), strings.Fields(fold(b))
	if len(wa) > len(wb) {
		wa, wb = wb, wa
	}
	if len(wa) == 0 {
		return 0
	}
	have := make(map[string]int, len(wb))
	for _, w := range wb {
		have[w]++
	}
	hit := 0
	for _, w := range wa {
		if have[w] > 0 {
			have[w]--
			hit++
		}
	}
	return float64(hit) / float64(len(wa))
}

// canonical is the address that the page gives itself.
func (l *layout) canonical(m *meta, base *url.URL) string {
	for _, n := range l.head.links {
		if strings.EqualFold(attr(n, "rel"), "canonical") {
			if u := absolute(base, attr(n, "href")); u != "" {
				return u
			}
		}
	}
	return absolute(base, m.first("og:url"))
}

// image is the lead image and its caption.
func (l *layout) image(m *meta, base *url.URL, container int) (src, caption string) {
	if src = absolute(base, m.first("og:image", "og:image:secure_url", "og:image:url", "twitter:image", "twitter:image:src")); src == "" {
		src = absolute(base, m.ld.image)
	}
	first := ""
	for _, i := range l.head.images {
		nd := &l.nodes[i]
		inside := container >= 0 && int(i) > container && i < l.nodes[container].end
		fig := l.figureOf(i)
		if !inside && fig < 0 || fig < 0 && first != "" || nd.under&junk&^isCaption != 0 {
			continue
		}
		u := imageSource(nd.n, base)
		if u == "" {
			continue
		}
		if first == "" {
			first = u
		}
		if fig >= 0 && (src == "" || sameImage(src, u)) {
			return orElse(src, u), l.captionIn(fig)
		}
	}
	return orElse(src, first), ""
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// sameImage compares the file names of two pictures, sizes aside.
func sameImage(a, b string) bool { return stem(a) == stem(b) }

func stem(u string) string {
	u, _, _ = strings.Cut(u, "?")
	u = u[strings.LastIndexByte(u, '/')+1:]
	if i := strings.LastIndexByte(u, '.'); i > 0 {
		u = u[:i]
	}
	if i := strings.LastIndexByte(u, '-'); i > 0 && strings.Trim(u[i+1:], "0123456789x") == "" {
		u = u[:i]
	}
	return strings.ToLower(u)
}

// figureOf returns the figure around a node, -1 when there is none near.
func (l *layout) figureOf(i int32) int32 {
	for k, p := 0, l.nodes[i].parent; k < 6 && p >= 0; k, p = k+1, l.nodes[p].parent {
		if nd := &l.nodes[p]; nd.n.Data == "figure" || strings.Contains(classOf(nd.n), "wp-caption") {
			return p
		}
	}
	return -1
}

func (l *layout) captionIn(fig int32) string {
	for c := fig + 1; c < l.nodes[fig].end; c++ {
		if nd := &l.nodes[c]; nd.n.Data == "figcaption" || nd.traits&isCaption != 0 && nd.n.Type == html.ElementNode {
			return l.textOf(c)
		}
	}
	return ""
}

// dates returns when the article was published and last changed.
func (l *layout) dates(m *meta, rule time.Time, addresses ...string) (published, updated time.Time) {
	published = rule
	for _, s := range []string{
		m.ld.published, m.first("article:published_time"), m.first("datepublished", "og:article:published_time", "article:published",
			"date", "dc.date.issued", "dcterms.created", "dcterms.date", "dc.date", "sailthru.date", "parsely-pub-date", "pubdate",
			"publishdate", "publish-date", "publication_date", "citation_publication_date", "article.published", "cxenseparse:recs:publishtime",
			"article_date_original", "bt:pubdate", "date.created", "article:create_time", "og:published_time", "published-date"),
	} {
		if published.IsZero() {
			published = parseDate(s)
		}
	}
	if published.IsZero() {
		published = l.visibleDate()
	}
	for _, a := range addresses {
		if published.IsZero() {
			published = addressDate(a)
		}
	}
	for _, s := range []string{m.ld.modified, m.first("article:modified_time", "og:updated_time", "datemodified", "lastmod", "dcterms.modified")} {
		if updated.IsZero() {
			updated = parseDate(s)
		}
	}
	if published.IsZero() {
		published = updated
	}
	if !updated.After(published) {
		updated = time.Time{}
	}
	return published, updated
}

// visibleDate reads a date that readers see: time elements, then short blocks
// that call themselves a date.
func (l *layout) visibleDate() time.Time {
	for _, i := range l.head.times[:min(len(l.head.times), maxTried)] {
		nd := &l.nodes[i]
		if nd.under&(isComments|isRelated|isNav) != 0 {
			continue
		}
		if t := parseDate(attr(nd.n, "datetime")); !t.IsZero() {
			return t
		}
		if t := parseDate(l.inlineText(i)); !t.IsZero() {
			return t
		}
	}
	tried := 0
	for i := 0; i < len(l.nodes) && tried < maxTried; i++ {
		if nd := &l.nodes[i]; nd.traits&isDate != 0 && nd.under&(isComments|isRelated|isNav) == 0 {
			content := attr(nd.n, "content")
			if content == "" {
				continue
			}
			if t := parseDate(content); !t.IsZero() {
				return t
			}
			tried++
		}
	}
	for i := range l.blocks {
		b := &l.blocks[i]
		nd := &l.nodes[b.first]
		if b.chars > 80 || nd.under&(isComments|isRelated|isNav) != 0 || nd.under&(isDate|isAuthor|isMeta) == 0 {
			continue
		}
		if t := findDate(l.text(i)); !t.IsZero() {
			return t
		}
	}
	return l.dateAtTitle()
}

// dateRange is how many blocks around the headline may hold the date.
const dateRange = 10

// dateAtTitle reads a date from the short blocks around the headline, else
// from the first short block of the page that is a date.
func (l *layout) dateAtTitle() time.Time {
	from, to := 0, min(len(l.blocks), 400)
	if at := l.title; at >= 0 {
		if t := findDate(prefix(l.text(at), 60)); !t.IsZero() && l.blocks[at].heading == 0 {
			return t
		}
		if t := l.dateIn(max(0, at-dateRange), min(len(l.blocks), at+dateRange), 90); !t.IsZero() {
			return t
		}
		for i := at; i < min(len(l.blocks), at+dateRange); i++ {
			if t := findDate(prefix(l.text(i), dateline)); !t.IsZero() && l.blocks[i].why == 0 {
				return t
			}
		}
	}
	return l.dateIn(from, to, 60)
}

// dateline is how far into a text, in bytes, the place and date go with which
// agencies and press offices begin.
const dateline = 48

// dateIn reads the first date in blocks of at most so many letters.
func (l *layout) dateIn(b0, b1 int, letters int32) time.Time {
	for i := b0; i < b1; i++ {
		b := &l.blocks[i]
		if b.chars > letters || b.chars < 6 || b.why&(isComments|isRelated|isNav) != 0 || b.density() > 0.5 {
			continue
		}
		if t := findDate(l.text(i)); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// addressDate reads a day from an address: /2025/02/03/ or 2025-02-03.
func addressDate(address string) time.Time {
	u, err := url.Parse(address)
	if err != nil {
		return time.Time{}
	}
	f := fields(u.Path)
	for i := range f {
		if f[i].len != 4 {
			continue
		}
		if y, mo, d, _ := dateAt(f, i); d > 0 {
			if t := time.Date(y, mo, d, 0, 0, 0, 0, unzoned); t.Day() == d {
				return plausible(t)
			}
		}
	}
	return time.Time{}
}

// maxTried is how many elements are tried for a title or a date.
const maxTried = 30

// maxInline is about how much of an element's text is read for metadata, in
// bytes.
const maxInline = 500

// inlineText is the text within an element that may be part of a block.
func (l *layout) inlineText(i int32) string {
	var sb strings.Builder
	for c := i + 1; c < l.nodes[i].end && sb.Len() < maxInline; c++ {
		if n := l.nodes[c].n; n.Type == html.TextNode {
			sb.WriteString(n.Data)
			sb.WriteByte(' ')
		}
	}
	return clean(sb.String())
}
