package publish

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// highlight wraps the terms of the reasons' sentences in mark elements, in
// sanitised HTML, wherever a sentence stands, also across inline elements. It
// returns the HTML and, for each reason, the id of the mark to go to; it is
// empty for a reason whose sentence is not there.
func highlight(body string, rs []reason, image string) (string, []string) {
	root, err := fragment(body)
	if err != nil {
		return body, make([]string, len(rs)) // unreachable: reading a string cannot fail
	}
	flow := flatten(root)
	var marks []marked
	for i, r := range rs {
		if r.Title {
			continue
		}
		for _, s := range flow.find(r) {
			marks = append(marks, marked{s, i})
		}
	}
	targets := flow.mark(marks, len(rs))
	lower(root)
	unload(root, image)
	return rendered(root), targets
}

// marked is a span of a flow and the reason that it belongs to.
type marked struct {
	span
	reason int
}

// flow is the text of a fragment with white space collapsed, and where each of
// its bytes comes from.
type flow struct {
	text  strings.Builder
	parts []part
}

// part is a text node's run in the flow: byte k of the run is the byte at[k]
// of the node's data.
type part struct {
	node  *html.Node
	start int
	at    []int
}

func flatten(root *html.Node) *flow {
	f := &flow{}
	space := true
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			p := part{node: n, start: f.text.Len()}
			for i, r := range n.Data {
				if unicode.IsSpace(r) {
					if !space {
						f.text.WriteByte(' ')
						p.at = append(p.at, i)
						space = true
					}
					continue
				}
				space = false
				size := utf8.RuneLen(r)
				if size < 0 {
					continue
				}
				f.text.WriteRune(r)
				for k := range size {
					p.at = append(p.at, i+k)
				}
			}
			f.parts = append(f.parts, p)
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if n.Type == html.ElementNode && block(n.DataAtom) && !space {
			f.text.WriteByte(' ')
			space = true
		}
	}
	walk(root)
	return f
}

func block(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Li, atom.Div, atom.Blockquote, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Td, atom.Th, atom.Tr, atom.Figcaption, atom.Caption, atom.Br, atom.Dt, atom.Dd, atom.Pre:
		return true
	}
	return false
}

// find returns where the terms of a reason stand in the flow. A sentence is
// looked for once: evidence speaks of one place.
func (f *flow) find(r reason) []span {
	var sentence strings.Builder
	for _, p := range r.Pieces {
		sentence.WriteString(p.Text)
	}
	want := strings.TrimSuffix(sentence.String(), "…")
	if want == "" {
		return nil
	}
	at := strings.Index(f.text.String(), want)
	if at < 0 {
		return nil
	}
	end := at + len(want)
	var out []span
	for _, p := range r.Pieces {
		if p.Mark {
			out = append(out, span{at, min(end, at+len(p.Text))})
		}
		at += len(p.Text)
	}
	return out
}

// mark puts the spans into the tree and returns the targets of the reasons.
func (f *flow) mark(marks []marked, reasons int) []string {
	targets := make([]string, reasons)
	for _, p := range f.parts {
		var here []span
		var owners []marked
		for _, m := range marks {
			s := span{max(m.start, p.start) - p.start, min(m.end, p.start+len(p.at)) - p.start}
			if s.start < s.end {
				here = append(here, s)
				owners = append(owners, marked{s, m.reason})
			}
		}
		at := 0
		parent := p.node.Parent
		for _, s := range merge(here) {
			from, to := p.at[s.start], p.at[s.end-1]+1
			if from > at {
				parent.InsertBefore(&html.Node{Type: html.TextNode, Data: p.node.Data[at:from]}, p.node)
			}
			m := &html.Node{Type: html.ElementNode, Data: "mark", DataAtom: atom.Mark}
			id := ""
			for _, o := range owners {
				if o.start < s.start || o.end > s.end || targets[o.reason] != "" {
					continue
				}
				if id == "" {
					id = fmt.Sprintf("p%d", o.reason)
					m.Attr = []html.Attribute{{Key: "id", Val: id}}
				}
				targets[o.reason] = id
			}
			m.AppendChild(&html.Node{Type: html.TextNode, Data: p.node.Data[from:to]})
			parent.InsertBefore(m, p.node)
			at = to
		}
		p.node.Data = p.node.Data[at:]
	}
	return targets
}

// levels of headings, by element.
var levels = map[atom.Atom]int{atom.H1: 1, atom.H2: 2, atom.H3: 3, atom.H4: 4, atom.H5: 5, atom.H6: 6}

// lower makes the article's headings follow the page's, which is the first
// level: its highest become the second, and none skips a level.
func lower(root *html.Node) {
	highest := 7
	for n := range root.Descendants() {
		if l, ok := levels[n.DataAtom]; ok {
			highest = min(highest, l)
		}
	}
	last := 1
	for n := range root.Descendants() {
		if l, ok := levels[n.DataAtom]; ok {
			last = min(l-highest+2, last+1, 4)
			n.Data = "h" + strconv.Itoa(last)
			n.DataAtom = atom.Lookup([]byte(n.Data))
		}
	}
}

// unload turns images into links that say what they are, because our pages
// ask nothing of other sites.
func unload(n *html.Node, label string) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		unload(c, label)
	}
	if n.DataAtom != atom.Img {
		return
	}
	var src, alt string
	for _, a := range n.Attr {
		switch a.Key {
		case "src":
			src = link(a.Val)
		case "alt":
			alt = plain(a.Val, maxName)
		}
	}
	text := &html.Node{Type: html.TextNode, Data: label}
	inLink, captioned := false, false
	for p := n.Parent; p != nil; p = p.Parent {
		inLink = inLink || p.DataAtom == atom.A
		captioned = captioned || p.DataAtom == atom.Figure && p.LastChild.DataAtom == atom.Figcaption
	}
	if alt != "" && !captioned {
		text.Data += ": " + alt
	}
	if src == "" || inLink {
		*n = html.Node{Parent: n.Parent, PrevSibling: n.PrevSibling, NextSibling: n.NextSibling, Type: html.ElementNode, Data: "span", DataAtom: atom.Span}
	} else {
		n.Data, n.DataAtom = "a", atom.A
		n.Attr = []html.Attribute{{Key: "href", Val: src}, {Key: "rel", Val: "external noreferrer"}, {Key: "class", Val: "image"}}
	}
	n.AppendChild(text)
}
