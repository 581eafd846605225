package fetcher

import (
	"math"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"vedetta/news"
)

// How a list of articles is told from a menu.
const (
	minListed   = 3   // items
	maxInItem   = 25  // links
	longTitle   = 15  // characters of a link's text that may be a headline
	maxDateNode = 60  // bytes of text of an element that is a date
	maxGroups   = 200 // that are weighed
	goodScore   = 0.6 // below it nothing is proposed
)

// outline is a page as a list of its elements, in the order of the document,
// with what lists of articles are made of.
type outline struct {
	r        reader
	nodes    []*html.Node
	ends     []int // of each element, the index after its last descendant
	parents  []int
	text     []int // bytes of text in each
	side     []bool
	links    []pageLink // by node
	headings []int      // nodes
	dates    []int      // nodes, none inside another
}

// pageLink is a link that may lead to an article.
type pageLink struct {
	node     int
	address  string
	headline int // characters of what could be the headline; 0 where there is none
	heading  bool
	side     bool // in a menu, a footer or the like
}

func newOutline(doc *goquery.Document, base string, now time.Time) *outline {
	o := &outline{r: pageReader(news.Source{}, doc, base, now)}
	for _, n := range doc.Find("body").Nodes {
		o.walk(n, -1, false, false)
	}
	for i := range o.nodes {
		o.note(i)
	}
	o.sections()
	o.dates = slices.DeleteFunc(o.dates, func(i int) bool {
		k := sort.SearchInts(o.dates, i+1)
		return k < len(o.dates) && o.dates[k] < o.ends[i]
	})
	return o
}

// sideWords are in the class or id of what stands beside the articles.
var sideWords = regexp.MustCompile(`(?i)(^|[-_ ])(menu|mega|megamenu|submenu|masthead|topbar|site-header|nav|navbar|navigation|breadcrumbs?|pagination|pager|footer|cookie|consent|sidebar|share|social|lang|language)([-_ ]|$)`)

// walk lists the elements below n and adds up their text.
func (o *outline) walk(n *html.Node, parent int, side, inItem bool) int {
	switch n.Data {
	case "script", "style", "template", "noscript", "svg", "select", "iframe":
		return 0
	case "nav", "footer", "aside", "form", "dialog":
		side = true
	case "header":
		side = side || !inItem
	case "article", "main", "section", "li":
		inItem = true
	}
	side = side || attribute(n, "id") == "header" || n.Data != "body" && sideWords.MatchString(attribute(n, "class")+" "+attribute(n, "id"))
	i := len(o.nodes)
	o.nodes = append(o.nodes, n)
	o.parents = append(o.parents, parent)
	o.ends, o.text, o.side = append(o.ends, 0), append(o.text, 0), append(o.side, side)
	size := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			size += len(strings.TrimSpace(c.Data))
		case html.ElementNode:
			size += o.walk(c, i, side, inItem)
		}
	}
	o.ends[i], o.text[i] = len(o.nodes), size
	return size
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func isHeading(n *html.Node) bool {
	return len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6'
}

// content is the text of an element on one line.
func content(n *html.Node) string { return oneLine(goquery.NewDocumentFromNode(n).Text()) }

// note looks at what an element is.
func (o *outline) note(i int) {
	n := o.nodes[i]
	switch {
	case isHeading(n):
		o.headings = append(o.headings, i)
	case n.Data == "a":
		if address := o.r.address(attribute(n, "href")); address != "" {
			address, _, _ = strings.Cut(address, "#")
			o.links = append(o.links, o.linkAt(i, address))
		}
	case o.text[i] <= maxDateNode && (n.Data == "time" || attribute(n, "datetime") != "" || o.text[i] > 3):
		if !inHeading(n) && !o.dateIn(n).IsZero() {
			o.dates = append(o.dates, i)
		}
	}
}

func inHeading(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if isHeading(p) {
			return true
		}
	}
	return false
}

// dateIn is the date that a rule reads in an element.
func (o *outline) dateIn(n *html.Node) time.Time {
	return o.r.date(attribute(n, "datetime"), attribute(n, "content"), goquery.NewDocumentFromNode(n).Text())
}

// dull is the text of links that lead to an article without naming it.
var dull = regexp.MustCompile(`(?i)^(leggi|continua|scopri|vai|vedi|approfondisci|read|continue|more|view|see|share|condividi|commenta|\d+ comment)`)

func (o *outline) linkAt(i int, address string) pageLink {
	n := o.nodes[i]
	l := pageLink{node: i, address: address, side: o.side[i], heading: inHeading(n)}
	headline := ""
	if h := goquery.NewDocumentFromNode(n).Find(headings).First(); h.Length() > 0 {
		headline, l.heading = oneLine(h.Text()), true
	} else if o.text[i] <= maxListText {
		headline = content(n)
	}
	words := len(strings.Fields(headline))
	size := utf8.RuneCountInString(headline)
	if o.inProse(i) {
		return l
	}
	if !dull.MatchString(headline) && words >= 2 && (l.heading || words >= 3 && size >= longTitle) {
		l.headline = size
	}
	return l
}

// sections takes the headline off links that are repeated: what stands in
// every item is the name of its section or its author.
func (o *outline) sections() {
	const often = 3
	times := map[string]int{}
	for _, l := range o.links {
		if l.headline > 0 && !l.heading {
			times[l.address]++
		}
	}
	for i, l := range o.links {
		if !l.heading && times[l.address] >= often {
			o.links[i].headline = 0
		}
	}
}

// inProse reports whether a link stands in a paragraph that says more than it.
func (o *outline) inProse(i int) bool {
	for p := o.parents[i]; p >= 0; p = o.parents[p] {
		switch o.nodes[p].Data {
		case "b", "strong", "em", "i", "span", "u":
		case "p":
			return o.text[p] > 2*o.text[i]+maxDateNode
		default:
			return false
		}
	}
	return false
}

// member is an element as the item of a list.
type member struct {
	node  int
	link  pageLink
	title int // node of the heading, where the link does not say it; -1 for none
	date  int // node; -1 for none
}

// member looks at an element as an item; false where it is none.
func (o *outline) member(i int) (member, bool) {
	from := sort.Search(len(o.links), func(k int) bool { return o.links[k].node >= i })
	m := member{node: i, title: -1, date: -1}
	best, weight := -1, 0.0
	named := ""
	for k := from; k < len(o.links) && o.links[k].node < o.ends[i]; k++ {
		if k-from >= maxInItem {
			return m, false
		}
		l := o.links[k]
		if l.headline > 0 {
			if named != "" && named != l.address && (l.heading || !o.links[best].heading) {
				return m, false // more than one article
			}
			if named == "" || l.heading {
				named = l.address
			}
		}
		w := 1 + math.Min(1, float64(l.headline)/100)
		if l.headline > 0 {
			w += 2
		}
		if l.heading {
			w += 2
		}
		if w > weight {
			best, weight = k, w
		}
	}
	if best < 0 {
		return m, false
	}
	m.link = o.links[best]
	o.titleOf(&m)
	if k := sort.SearchInts(o.dates, i); k < len(o.dates) && o.dates[k] < o.ends[i] {
		m.date = o.dates[k]
	}
	return m, true
}

// titleOf finds the heading of an item where the link's own text is not it.
func (o *outline) titleOf(m *member) {
	k := sort.SearchInts(o.headings, m.node)
	if k == len(o.headings) || o.headings[k] >= o.ends[m.node] {
		return
	}
	h := o.headings[k]
	switch {
	case m.link.node > h && m.link.node < o.ends[h]:
		// the link is in the heading
	case h > m.link.node && h < o.ends[m.link.node]:
		m.title = h // the heading is in the link, perhaps with more
	case m.link.headline == 0:
		m.title = h
		m.link.headline = o.text[h]
	}
}
