package extractor

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"vedetta/htmltree"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The most that is parsed of a page, in bytes and in tags; what follows is
// cut. Honest pages have a tenth of it. A tag costs some 500 bytes of memory.
const (
	maxBody = 8 << 20
	maxTags = 300_000
)

// maxDepth bounds the tree that parseFlat builds; htmltree has its own bound.
const maxDepth = 200

// parse builds the tree of a page. What has no other tree (nesting beyond 512
// elements, or many elements of few bytes) is read by parseFlat, so that there
// always is one.
// noscript stays text, as in browsers: pages open elements there that they
// never close.
func parse(page []byte) *htmltree.Tree {
	page = bounded(page)
	t, err := htmltree.Build(page, isData)
	if err != nil {
		t = &htmltree.Tree{Root: parseFlat(page)}
	}
	return t
}

// bounded cuts a page to what is parsed.
func bounded(page []byte) []byte {
	page = page[:min(len(page), maxBody)]
	if bytes.Count(page, []byte("<")) <= maxTags {
		return page
	}
	at := 0
	for range maxTags {
		at += bytes.IndexByte(page[at:], '<') + 1
	}
	return page[:at-1]
}

// parseFlat builds a tree from tokens alone: an end tag closes the nearest
// open element of its name, and elements nested deeper than maxDepth become
// siblings. It repairs nothing, and takes linear time on anything. Styles and
// scripts without data are empty.
func parseFlat(page []byte) *html.Node {
	doc := &html.Node{Type: html.DocumentNode}
	open := []*html.Node{doc}
	var depth [maxDepth + 1]atom.Atom
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		tt := z.Next()
		top := open[len(open)-1]
		switch tt {
		case html.ErrorToken:
			if errors.Is(z.Err(), io.EOF) || z.Err() != nil {
				return doc
			}
		case html.TextToken:
			text := string(z.Text())
			if (top.DataAtom == atom.Style || top.DataAtom == atom.Script) && !isData(top, text) {
				continue
			}
			top.AppendChild(&html.Node{Type: html.TextNode, Data: text})
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			n := &html.Node{Type: html.ElementNode, Data: t.Data, DataAtom: t.DataAtom, Attr: t.Attr}
			if t.DataAtom == atom.P && top.DataAtom == atom.P {
				open = open[:len(open)-1]
				top = open[len(open)-1]
			}
			top.AppendChild(n)
			if tt == html.StartTagToken && !void(t.DataAtom) && len(open) < maxDepth {
				depth[len(open)] = t.DataAtom
				open = append(open, n)
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			for i := len(open) - 1; i > 0; i-- {
				if depth[i] == a && (a != 0 || open[i].Data == string(name)) {
					open = open[:i]
					break
				}
			}
		}
	}
}

// void tells the elements that have no content and no end tag.
func void(a atom.Atom) bool {
	switch a {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input,
		atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

// attr returns the value of an attribute, "" when there is none.
func attr(n *html.Node, key string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return n.Attr[i].Val
		}
	}
	return ""
}

// noscriptImage returns the image that a noscript element holds for readers
// without scripts, nil when there is none.
func noscriptImage(n *html.Node) *html.Node {
	if n.FirstChild == nil || n.FirstChild.Type != html.TextNode {
		return nil
	}
	z := html.NewTokenizer(strings.NewReader(n.FirstChild.Data))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return nil
		case html.StartTagToken, html.SelfClosingTagToken:
			if t := z.Token(); t.DataAtom == atom.Img {
				return &html.Node{Type: html.ElementNode, Data: t.Data, DataAtom: t.DataAtom, Attr: t.Attr}
			}
		}
	}
}
