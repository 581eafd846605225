package extractor

import (
	"strings"

	"vedetta/news"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// compiled is a rule with its selectors compiled; a nil matcher is a selector
// that is not given or not valid.
type compiled struct {
	body, title, author, date goquery.Matcher
	remove                    []goquery.Matcher
	builtin                   bool // from our table
}

func compile(rule news.ExtractRule) *compiled {
	c := &compiled{body: matcher(rule.Body), title: matcher(rule.Title), author: matcher(rule.Author), date: matcher(rule.Date)}
	for _, r := range rule.Remove {
		if m := matcher(r); m != nil {
			c.remove = append(c.remove, m)
		}
	}
	return c
}

func matcher(sel string) goquery.Matcher {
	if strings.TrimSpace(sel) == "" {
		return nil
	}
	m, err := cascadia.ParseGroup(sel)
	if err != nil {
		return nil
	}
	return matchGroup(m)
}

// matchGroup adapts a selector group to goquery.
type matchGroup cascadia.SelectorGroup

func (g matchGroup) Match(n *html.Node) bool {
	return cascadia.SelectorGroup(g).Match(n)
}

func (g matchGroup) MatchAll(n *html.Node) []*html.Node {
	return cascadia.QueryAll(n, cascadia.SelectorGroup(g))
}

func (g matchGroup) Filter(ns []*html.Node) []*html.Node {
	return cascadia.Filter(ns, cascadia.SelectorGroup(g))
}

// first returns the squashed text of the first match, or its content or
// datetime attribute.
func firstText(doc *goquery.Document, m goquery.Matcher) string {
	if m == nil {
		return ""
	}
	s := doc.FindMatcher(goquery.SingleMatcher(m))
	for _, k := range []string{"datetime", "content"} {
		if v, ok := s.Attr(k); ok && strings.TrimSpace(v) != "" {
			return clean(v)
		}
	}
	return clean(s.Text())
}
