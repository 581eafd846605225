package fetcher

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"vedetta/news"
)

// group is elements that one selector finds.
type group struct {
	selector string
	nodes    []int
	members  []member
	score    float64
}

// rules are the rules for the best lists of the page, two at most.
func (o *outline) rules() []news.ListRule {
	groups := o.groups()
	var out []news.ListRule
	var taken map[string]bool
	for _, g := range groups {
		if g.score < goodScore || len(out) == 2 || len(out) == 1 && g.score < groups[0].score/2 {
			break
		}
		same := 0
		for _, m := range g.members {
			if taken[m.link.address] {
				same++
			}
		}
		if taken != nil && 2*same >= len(g.members) {
			continue
		}
		if taken == nil {
			taken = map[string]bool{}
		}
		for _, m := range g.members {
			taken[m.link.address] = true
		}
		out = append(out, o.rule(g))
	}
	return out
}

// groups are the candidates for a list, best first.
func (o *outline) groups() []group {
	byKey := map[string][]int{}
	for i, n := range o.nodes {
		if i == 0 || o.text[i] == 0 && n.Data != "a" {
			continue
		}
		for _, key := range selectorsOf(n) {
			byKey[key] = append(byKey[key], i)
		}
	}
	var out []group
	for key, nodes := range byKey {
		if len(nodes) >= minListed && len(nodes) <= maxListItems {
			out = append(out, group{selector: key, nodes: nodes})
		}
	}
	slices.SortFunc(out, func(a, b group) int {
		return cmp.Or(cmp.Compare(len(b.nodes), len(a.nodes)), strings.Compare(a.selector, b.selector))
	})
	for i := range out {
		o.weigh(&out[i])
	}
	slices.SortStableFunc(out, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(a.selector), len(b.selector)), strings.Compare(a.selector, b.selector))
	})
	return out[:min(len(out), maxGroups)]
}

// itemWords are in the class of an item, frameWords in that of what is around
// it for looks.
var (
	itemWords  = regexp.MustCompile(`(?i)(^|[.-])(card|item|post|news|notizia|articolo?|article|entry|teaser|story|abstract|asset|result|comunicato|views-row)`)
	frameWords = regexp.MustCompile(`(?i)\.(col|row|grid|container|wrap|inner|content|body|text|elementor-widget)`)
)

// weigh says how much a group looks like a list of articles: many items, each
// with one headline of its own, dates, on this site, outside menus.
func (o *outline) weigh(g *group) {
	distinct := map[string]bool{}
	var headlines, dated, side, local, size float64
	for k, i := range g.nodes {
		if k > 0 && i < o.ends[g.nodes[k-1]] {
			return // inside one another
		}
		m, ok := o.member(i)
		if !ok {
			continue
		}
		g.members = append(g.members, m)
		distinct[m.link.address] = true
		if m.link.headline > 0 {
			headlines++
			size += float64(m.link.headline)
		}
		if m.date >= 0 {
			dated++
		}
		if m.link.side {
			side++
		}
		if u, err := parseAddress(m.link.address); err == nil && o.r.base != nil && bareHost(u) == bareHost(o.r.base) {
			local++
		}
	}
	n := float64(len(g.members))
	if len(distinct) < minListed || headlines == 0 {
		return
	}
	all, unique := n/float64(len(g.nodes)), float64(len(distinct))/n
	g.score = math.Log2(1+float64(len(distinct))) * all * all * unique * unique *
		(headlines / n) * (headlines / n) * (0.4 + 0.6*dated/n) * (0.4 + 0.6*min(1, size/headlines/45)) *
		(1 - 0.85*side/n) * (0.1 + 0.9*local/n)
	tag, _, _ := strings.Cut(g.selector[strings.LastIndexByte(g.selector, ' ')+1:], ".")
	switch {
	case tag == "article":
		g.score *= 1.06
	case itemWords.MatchString(g.selector) && !frameWords.MatchString(g.selector):
		g.score *= 1.05
	case tag == "li" || tag == "tr":
		g.score *= 1.03
	case frameWords.MatchString(g.selector) || tag == "a" || isHeading(&html.Node{Data: tag}):
		g.score *= 0.96
	}
}
