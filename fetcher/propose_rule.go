package fetcher

import (
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"vedetta/news"
)

const (
	agreed     = 0.9 // share of the items in which a selector finds what is meant
	tolerated  = 0.6
	maxSampled = 60 // items on which selectors are tried
	mostWithin = 12 // selectors tried for one element
)

// itemTags are elements that may be the item of a list.
var itemTags = []string{"article", "li", "div", "section", "a", "tr", "td", "p", "dt", "dd", "dl", "figure", "h2", "h3", "h4"}

// selectorsOf are the selectors by which an element may be an item.
func selectorsOf(n *html.Node) []string {
	if !slices.Contains(itemTags, n.Data) {
		return nil
	}
	var out []string
	for _, class := range classesOf(n) {
		out = append(out, n.Data+"."+class)
	}
	if n.Data == "article" {
		out = append(out, "article")
	}
	// By what is around it.
	path := n.Data
	for p, steps := n.Parent, 0; p != nil && steps < 4; p, steps = p.Parent, steps+1 {
		if p.Data == "main" || p.Data == "body" {
			return append(out, p.Data+" > "+path)
		}
		if id := attribute(p, "id"); isStable(id) {
			return append(out, "#"+id+" > "+path)
		}
		if classes := classesOf(p); len(classes) > 0 {
			for _, class := range classes {
				out = append(out, p.Data+"."+class+" > "+path)
			}
			return out
		}
		path = p.Data + " > " + path
	}
	return out
}

// stable is a name that people gave; numbers belong to single articles, and
// tools make up names that change with each build.
var (
	stable = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{1,40}$`)
	madeUp = regexp.MustCompile(`\d{3}|^(css|sc|jsx|svelte|emotion|styles?_)-|^(first|last|odd|even|active|current|sticky|clearfix|status-publish|hentry)$|__[A-Za-z0-9]{5,}$`)
)

func isStable(name string) bool { return stable.MatchString(name) && !madeUp.MatchString(name) }

func classesOf(n *html.Node) []string {
	const most = 8
	var out []string
	for class := range strings.FieldsSeq(attribute(n, "class")) {
		if isStable(class) && len(out) < most {
			out = append(out, class)
		}
	}
	return out
}

// rule finds the selectors within the items of a group.
func (o *outline) rule(g group) news.ListRule {
	ms := g.members[:min(len(g.members), maxSampled)]
	rule := news.ListRule{Item: g.selector}
	rule.Link = o.pick(ms, "a[href]", func(m member) int { return m.link.node }, func(m member, found *html.Node) bool {
		address, _, _ := strings.Cut(o.r.address(attribute(found, "href")), "#")
		// What the link says is the title, unless a heading does.
		return address == m.link.address && (m.title >= 0 || found == o.nodes[m.link.node])
	})
	rule.Title = o.pick(ms, "", func(m member) int { return m.title }, func(m member, found *html.Node) bool {
		return found == o.nodes[m.title]
	})
	rule.Date = o.pick(ms, "", func(m member) int { return m.date }, func(m member, found *html.Node) bool {
		return o.dateIn(found).Equal(o.dateIn(o.nodes[m.date]))
	})
	if rule.Date == "" && slices.ContainsFunc(ms, func(m member) bool { return m.date >= 0 }) {
		rule.Date = "time"
	}
	return rule
}

// pick returns the simplest selector that finds what is meant in nearly all
// items that have it. usual is what is found without a selector: it needs
// none.
func (o *outline) pick(ms []member, usual string, meant func(member) int, right func(member, *html.Node) bool) string {
	var having []member
	for _, m := range ms {
		if i := meant(m); i >= 0 {
			having = append(having, m)
		}
	}
	if len(having) == 0 || 2*len(having) < len(ms) {
		return ""
	}
	share := func(selector string) float64 {
		hits := 0
		for _, m := range having {
			found, err := find(goquery.NewDocumentFromNode(o.nodes[m.node]).Selection, selector)
			if err == nil && found.Length() > 0 && right(m, found.Nodes[0]) {
				hits++
			}
		}
		return float64(hits) / float64(len(having))
	}
	if first := having[0]; meant(first) == first.node {
		return "" // the item itself
	}
	best, most := "", tolerated
	for _, m := range having[:min(len(having), 3)] {
		for _, selector := range o.within(meant(m), m.node) {
			s := share(selector)
			if s >= agreed {
				return selector
			}
			if s > most {
				best, most = selector, s
			}
		}
	}
	if best == "" && usual != "" && share(usual) >= tolerated {
		return usual
	}
	return best
}

// within are selectors for an element inside an item, the telling ones first.
func (o *outline) within(i, item int) []string {
	n := o.nodes[i]
	var out []string
	own := []string{}
	for _, class := range classesOf(n) {
		own = append(own, n.Data+"."+class)
	}
	switch {
	case isHeading(n) || n.Data == "time":
		out = append(out, n.Data)
		out = append(out, own...)
	case n.Data == "a":
		for p := n.Parent; p != nil && p != o.nodes[item]; p = p.Parent {
			if isHeading(p) {
				out = append(out, p.Data+" a")
				for _, class := range classesOf(p) {
					out = append(out, p.Data+"."+class+" a")
				}
			}
		}
		out = append(out, own...)
		out = append(out, "a", "a:not(:has(img))")
	default:
		out = append(out, own...)
	}
	for p, steps := n.Parent, 0; p != nil && p != o.nodes[item] && steps < 2; p, steps = p.Parent, steps+1 {
		for _, class := range classesOf(p) {
			out = append(out, p.Data+"."+class+" "+n.Data)
		}
	}
	return append(out[:min(len(out), mostWithin)], n.Data)
}
