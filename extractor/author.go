package extractor

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxAuthors bounds the names given for one article.
const maxAuthors = 10

// authors returns the people who signed the article; the newsroom's name only
// when nobody else did. rule is what the source's selector found.
func (l *layout) authors(m *meta, rule, site string) []string {
	var newsroom []string
	for _, source := range [][]string{
		{rule},
		m.ld.authors,
		{m.first("author", "article:author_name", "citation_author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "article.author", "byl", "twitter:data1x")},
		{m.first("article:author")},
		l.bylines(),
	} {
		var people []string
		for _, s := range source {
			for _, n := range splitNames(s) {
				if isNewsroom(n, site) {
					newsroom = add(newsroom, n)
				} else {
					people = add(people, n)
				}
			}
		}
		if len(people) > 0 {
			return people[:min(len(people), maxAuthors)]
		}
	}
	return newsroom[:min(len(newsroom), 1)]
}

func add(list []string, s string) []string {
	for _, have := range list {
		if strings.EqualFold(have, s) {
			return list
		}
	}
	return append(list, s)
}

// bylines are the names in the markup: links to authors, microdata, elements
// that call themselves a byline.
func (l *layout) bylines() []string {
	var rel, prop, class []string
	for i := range l.nodes {
		nd := &l.nodes[i]
		if nd.n.Type != html.ElementNode || nd.under&(isComments|isRelated|isNav) != 0 {
			continue
		}
		if nd.n.DataAtom == atom.A && strings.Contains(attr(nd.n, "rel"), "author") {
			rel = add(rel, l.inlineText(int32(i)))
		}
		if nd.traits&isAuthor == 0 {
			continue
		}
		switch ip := attr(nd.n, "itemprop"); ip {
		case "author", "name":
			if t := l.inlineText(int32(i)); t != "" && len(t) < 100 {
				prop = add(prop, t)
			}
		default:
			if t := l.inlineText(int32(i)); t != "" && len(t) < 80 && len(class) < 3 {
				class = add(class, t)
			}
		}
	}
	switch {
	case len(rel) > 0 && len(rel) < 6:
		return rel
	case len(prop) > 0:
		return prop[:1]
	case len(class) > 0:
		return class[:1]
	}
	return nil
}

// bylineWords open a byline.
var bylineWords = []string{
	"di ", "a cura di ", "by ", "written by ", "von ", "par ", "por ", "autore: ", "author: ", "autor: ", "text: ", "scritto da ",
	"pubblicato da ", "posted by ", "published by ", "dal nostro inviato ", "dalla nostra inviata ", "dal nostro corrispondente ", "dalla nostra corrispondente ", "articolo di ", "testo di ", "intervista di ", "analisi di ", "door ", "av ", "de ",
}

// splitNames reads the names in a byline.
func splitNames(s string) []string {
	s = clean(s)
	if s == "" || len(s) > 300 || strings.Contains(s, "://") || strings.HasPrefix(s, "@") {
		return nil
	}
	for cut := true; cut; {
		cut = false
		for _, w := range bylineWords {
			if len(s) > len(w) && strings.EqualFold(s[:len(w)], w) {
				s, cut = strings.TrimSpace(s[len(w):]), true
			}
		}
	}
	for _, sep := range []string{" | ", " – ", " — ", " - ", " · ", " • ", " (", " il ", "\t"} {
		if i := strings.Index(s, sep); i > 3 {
			s = s[:i]
		}
	}
	var out []string
	r := strings.NewReplacer(" e ", ";", " ed ", ";", " and ", ";", " und ", ";", " et ", ";", " y ", ";", " & ", ";", ", ", ";", " con ", ";", " with ", ";")
	for n := range strings.SplitSeq(r.Replace(s), ";") {
		if n = trimName(n); isName(n) {
			out = append(out, n)
		}
	}
	return out
}

func trimName(n string) string {
	n = strings.TrimFunc(n, func(r rune) bool { return !unicode.IsLetter(r) && r != '.' && r != ')' })
	for _, w := range bylineWords {
		if len(n) > len(w) && strings.EqualFold(n[:len(w)], w) {
			n = strings.TrimSpace(n[len(w):])
		}
	}
	if n != "" && n == strings.ToUpper(n) && strings.Contains(n, " ") {
		n = titleCase(n)
	}
	return n
}

// titleCase writes a name in capitals as names are written.
func titleCase(s string) string {
	up := true
	return strings.Map(func(r rune) rune {
		if up {
			up = !unicode.IsLetter(r)
			return unicode.ToUpper(r)
		}
		up = r == ' ' || r == '-' || r == '\'' || r == '’' || r == '.'
		return unicode.ToLower(r)
	}, s)
}

// isName tells names from other short texts.
func isName(s string) bool {
	if len(s) < 2 || len(s) > 70 || len(strings.Fields(s)) > 7 || strings.ContainsAny(s, "@/<>{}=?!:") {
		return false
	}
	digits := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits <= 2 && !notNames[fold(s)]
}

var notNames = set("admin\nadministrator\nredattore\nguest\nnone\nnull\nundefined\nunknown\nsconosciuto\nautore\nauthor\nphd\nph d\nmd\nm d\njr\neditor\nanonymous\nuser\nweb")

// isNewsroom tells the newsroom, an agency or the site itself from people.
func isNewsroom(n, site string) bool {
	f := fold(n)
	if fs := fold(site); fs != "" && f == fs {
		return true
	}
	for w := range strings.FieldsSeq(f) {
		if newsroomWords[w] {
			return true
		}
	}
	return false
}

var newsroomWords = set("redazione\nredazioni\nredaktion\nstaff\nnewsroom\ndesk\nredacción\nrédaction\nufficio\nstampa\nagenzia\nansa\nadnkronos\nitalpress\naskanews\nagi\nlapresse\nreuters\nafp\nredazionale\nteam\neditorial\ndpa")
