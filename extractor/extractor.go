package extractor

import (
	"bytes"
	"net/url"
	"strings"
	"sync"

	"vedetta/news"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// Methods that may win, as news.Extract.Method says them.
const (
	byRule   = "rule"    // the source's own selectors
	bySite   = "site"    // a rule for the site
	byDOM    = "dom"     // scoring
	byLinked = "json-ld" // articleBody
	byScript = "script"  // other data in scripts
)

// Extractor extracts articles. It is safe for concurrent use.
type Extractor struct {
	sites    map[string]news.ExtractRule
	compiled sync.Map // ruleKey → *compiled
}

// New returns an extractor. sites are rules by host; they hold for subdomains
// too and go before the built-in table.
func New(sites map[string]news.ExtractRule) *Extractor {
	return &Extractor{sites: sites}
}

// compile returns a rule's selectors, compiled once.
func (x *Extractor) compile(rule news.ExtractRule) *compiled {
	key := strings.Join(append([]string{rule.Body, rule.Title, rule.Author, rule.Date}, rule.Remove...), "\x00")
	if c, ok := x.compiled.Load(key); ok {
		return c.(*compiled)
	}
	c, _ := x.compiled.LoadOrStore(key, compile(rule))
	return c.(*compiled)
}

// Extract reads the article on a page. rule is what the source says of its
// pages; title is the item's, "" when not known. The result depends on
// nothing else.
func (x *Extractor) Extract(page news.Page, rule news.ExtractRule, title string) news.Extract {
	raw := decode(page.Body, page.ContentType)
	tree := parse(raw)
	method, rules := x.rules(page.URL, rule)
	gq := goquery.NewDocumentFromNode(tree.Root)
	for _, m := range rules.remove {
		gq.FindMatcher(m).Remove()
	}
	l := lay(tree)
	defer l.release()
	base := l.baseURL(page.URL)
	l.regions()
	m := l.meta()
	site := m.siteName()

	e := news.Extract{Site: site, Summary: m.description(), URL: l.canonical(m, base)}
	e.Title = orElse(firstText(gq, rules.title), l.pageTitle(m, site, hostOf(orElse(page.URL, e.URL))))
	l.title = l.headline(e.Title)
	e.Authors = l.authors(m, firstText(gq, rules.author), site)
	l.body(&e, m, method, rules, gq, base)
	if len(e.Authors) == 0 && l.signed != "" {
		e.Authors = []string{l.signed}
	}
	e.Lang = language(orElse(l.head.lang, orElse(m.first("og:locale", "language", "content-language"), m.ld.lang)), e.Text)
	italian := strings.HasPrefix(e.Lang, "it") || strings.HasSuffix(hostOf(orElse(page.URL, e.URL)), ".it")
	e.Published, e.Updated = l.dates(m, parseDate(firstText(gq, rules.date)), page.URL, e.URL)
	e.Published, e.Updated = localise(e.Published, italian), localise(e.Updated, italian)
	e.Refused = l.judge(raw, m, l.head.title, e.Title, e.Text, title)
	if letters, _ := measure(e.Text); e.Refused == "" && letters < shortText && e.Confidence < doubtful {
		e.Refused, e.Text, e.HTML = noContent, "", "" // a ticker or a label on a page that holds a video
	}
	if e.Refused != "" {
		e.Confidence = 0
		if stub := stubOf(e.Refused, e.Text); stub != e.Text {
			e.Text, e.HTML = stub, paragraphs(stub)
		}
	}
	detach(&e)
	return e
}

// detach copies what may be a part of the page, which could not be freed while
// the extract is kept. Text and HTML were put together anew.
func detach(e *news.Extract) {
	for _, s := range []*string{&e.URL, &e.Title, &e.Lang, &e.Site, &e.Image, &e.Caption, &e.Summary, &e.Method, &e.Refused} {
		*s = strings.Clone(*s)
	}
	for i, name := range e.Authors {
		e.Authors[i] = strings.Clone(name)
	}
}

// rules returns the selectors for a page and the method they stand for.
func (x *Extractor) rules(address string, rule news.ExtractRule) (string, *compiled) {
	if rule.Body != "" {
		return byRule, x.compile(rule)
	}
	host := hostOf(address)
	known, users := ruleFor(x.sites, host)
	if !users {
		known, _ = ruleFor(builtin, host)
	}
	known.Title, known.Author, known.Date = orElse(rule.Title, known.Title), orElse(rule.Author, known.Author), orElse(rule.Date, known.Date)
	known.Remove = append(append([]string(nil), known.Remove...), rule.Remove...)
	c := *x.compile(known)
	c.builtin = !users
	return bySite, &c
}

// baseURL is the address that links are relative to.
func (l *layout) baseURL(page string) *url.URL {
	u := parseBase(page)
	if l.head.base == "" {
		return u
	}
	b, err := url.Parse(l.head.base)
	if err != nil {
		return u
	}
	if u != nil {
		b = u.ResolveReference(b)
	}
	if !b.IsAbs() {
		return u
	}
	return b
}

// body finds the text and fills the fields of the extract that go with it.
func (l *layout) body(e *news.Extract, m *meta, method string, rules *compiled, gq *goquery.Document, base *url.URL) {
	var kept []int
	container := -1
	if rules.body != nil {
		kept = l.selected(gq, rules, e)
		e.Method, e.Confidence = method, 0.95
		if len(kept) > 0 {
			container = int(l.blocks[kept[0]].owner)
		}
		if rules.builtin {
			kept = l.siteText(kept, container, e)
		}
	}
	if len(kept) == 0 {
		e.Method = byDOM
		if container = l.choose(); container >= 0 {
			lead := l.lead(container, e.Title, e.Summary)
			kept = append(lead, l.prune(container, e.Title, e.Authors)...)
			e.Confidence = l.confidence(container, kept)
		}
	}
	e.Text = l.plainText(kept)
	if len(kept) > 0 {
		e.HTML = l.sanitised(kept, container, base)
	}
	e.Image, e.Caption = l.image(m, base, container)
	l.rescue(e, m, base)
}

// siteText adds the standfirst to what a site's rule found, and drops what is
// too little to be a text: then the site has changed, or this page is of
// another kind.
func (l *layout) siteText(kept []int, container int, e *news.Extract) []int {
	var letters int32
	for _, i := range kept {
		letters += l.blocks[i].chars
	}
	if letters < enough {
		return nil
	}
	return append(l.lead(container, e.Title, e.Summary), kept...)
}

// selected returns the blocks under a rule's body selector.
func (l *layout) selected(gq *goquery.Document, rules *compiled, e *news.Extract) []int {
	want := map[*html.Node]bool{}
	for _, n := range gq.FindMatcher(rules.body).Nodes {
		want[n] = true
	}
	var kept []int
	for i := 0; i < len(l.nodes); {
		if nd := &l.nodes[i]; want[nd.n] {
			kept = append(kept, l.prune(i, e.Title, e.Authors)...)
			i = int(nd.end)
			continue
		}
		i++
	}
	return kept
}

// sanitised writes the HTML of blocks.
func (l *layout) sanitised(kept []int, container int, base *url.URL) string {
	for i := range l.blocks {
		l.blocks[i].drop = true
	}
	for _, i := range kept {
		l.blocks[i].drop = false
	}
	w := l.writer(base)
	first, last := kept[0], kept[len(kept)-1]
	// The innermost element around all blocks.
	i := int32(container)
	for i >= 0 && (int(l.nodes[i].b0) > first || int(l.nodes[i].b1) <= last) {
		i = l.nodes[i].parent
	}
	if i < 0 {
		return ""
	}
	w.children(i, true)
	return sanitise(string(bytes.TrimSpace(w.sb.Bytes())))
}

// confidence weighs how much of the page's prose the article has and how
// clean it is.
func (l *layout) confidence(container int, kept []int) float64 {
	var chars, prose, links int32
	for _, i := range kept {
		b := &l.blocks[i]
		chars += b.chars
		links += b.links
		if readsAsProse(b) {
			prose += b.chars
		}
	}
	if chars == 0 {
		return 0
	}
	c := 0.35
	c += 0.25 * min(1, float64(chars)/1500)
	c += 0.2 * float64(prose) / float64(chars)
	c -= 0.2 * float64(links) / float64(chars)
	if l.nodes[container].traits&isBody != 0 {
		c += 0.1
	}
	return max(0, min(1, c))
}
