package extractor

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxAuthors bounds the names given for one article.
const maxAuthors = 10

// authors returns the people who signed the article; the newsroom's name only
// when nobody else did. rule is what the source's selector found.
func (l *layout) authors(m *meta, rule, site string) []string {
	newsroom := m.ld.houses
	for _, source := range []func() []string{
		func() []string { return []string{rule} },
		func() []string { return m.ld.authors },
		func() []string {
			return []string{m.first("author", "article:author_name", "citation_author", "dc.creator", "dcterms.creator",
				"parsely-author", "sailthru.author", "article.author", "byl", "creator"), m.labelled()}
		},
		func() []string { return []string{m.first("article:author")} },
		l.bylines,
		l.spoken,
	} {
		var people []string
		for _, s := range source() {
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

// labelled is the author in the pairs of label and text that pages give for
// previews.
func (m *meta) labelled() string {
	for _, k := range []string{"1", "2"} {
		switch fold(m.props["twitter:label"+k]) {
		case "written by", "scritto da", "verfasst von", "geschrieben von", "escrito por", "écrit par", "autore", "author":
			return m.props["twitter:data"+k]
		}
	}
	return ""
}

// maxSigned bounds the names that are collected from a page.
const maxSigned = 40

func add(list []string, s string) []string {
	if len(list) == maxSigned {
		return list
	}
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
	var rel, prop, href, class []string
	for i := range l.nodes {
		nd := &l.nodes[i]
		if nd.n.Type != html.ElementNode || nd.under&(isComments|isRelated|isNav) != 0 {
			continue
		}
		link := nd.n.DataAtom == atom.A
		if !link && nd.traits&isAuthor == 0 {
			continue
		}
		switch {
		case link && strings.Contains(attr(nd.n, "rel"), "author"):
			rel = add(rel, l.inlineText(int32(i)))
		case link && leadsToAuthor(attr(nd.n, "href")):
			if t := l.inlineText(int32(i)); isPerson(t) {
				href = add(href, t)
			}
		case nd.traits&isAuthor == 0 || nd.b1-nd.b0 > 4:
		case strings.HasPrefix(attr(nd.n, "itemprop"), "author"):
			if t := l.inlineText(int32(i)); len(t) < 100 {
				prop = add(prop, t)
			}
		default:
			if t := l.bylineText(int32(i)); areNames(splitNames(t)) {
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
	case len(href) > 0 && len(href) < 4:
		return href
	}
	return nil
}

// bylineText is the text of a byline, with names that stand in elements of
// their own set apart.
func (l *layout) bylineText(i int32) string {
	var names []string
	for c := i + 1; c < l.nodes[i].end && len(names) < maxAuthors; c++ {
		if n := l.nodes[c].n; n.Type == html.TextNode {
			if t := clean(n.Data); isPerson(t) {
				names = append(names, t)
			}
		}
	}
	if len(names) > 1 {
		return strings.Join(names, "; ")
	}
	return l.inlineText(i)
}

// areNames reports whether what a byline gave can be names.
func areNames(names []string) bool {
	for _, n := range names {
		if !isPerson(n) && strings.Contains(n, " ") {
			return false
		}
	}
	return len(names) > 0
}

// leadsToAuthor reports whether an address is that of a page on a person.
func leadsToAuthor(href string) bool {
	_, href, _ = strings.Cut(href, "/")
	for ok := true; ok; {
		var part string
		if part, href, ok = strings.Cut(href, "/"); ok && authorParts[part] {
			return true
		}
	}
	return false
}

var authorParts = set("author\nautor\nautore\nautori\nauthors\nfirme\nstaff\nprofil\ngiornalisti\nredattori\npeople\nauteur")

// spokenRange is how many blocks around the headline may hold a byline.
const spokenRange = 14

// spoken are names in short blocks near the headline that read as a byline:
// "di Livia Valli".
func (l *layout) spoken() []string {
	at := l.title
	if at < 0 {
		return nil
	}
	for i := max(0, at-3); i < min(len(l.blocks), at+spokenRange); i++ {
		b := &l.blocks[i]
		if b.chars > 90 || b.why&(isComments|isRelated|isNav) != 0 {
			continue
		}
		for _, part := range lineParts(l.text(i)) {
			if name, ok := bylineOf(part); ok {
				return []string{name}
			}
		}
	}
	return nil
}

// lineParts splits a line of information at what stands between its parts.
func lineParts(line string) []string {
	parts := []string{line}
	for _, c := range titleCuts {
		if before, after, ok := strings.Cut(line, c); ok {
			parts = append(parts, before, after)
		}
	}
	return parts
}

// bylineOf reads a line that is a byline and nothing more.
func bylineOf(line string) (string, bool) {
	line = strings.TrimLeft(line, "( ")
	for _, w := range bylineWords {
		if len(line) <= len(w) || !strings.EqualFold(line[:len(w)], w) {
			continue
		}
		name := cutName(line[len(w):])
		for n := range strings.SplitSeq(nameBreaks.Replace(name), ";") {
			if !isPerson(strings.TrimSpace(n)) {
				return "", false
			}
		}
		return name, true
	}
	return "", false
}

// isPerson reports whether a text can only be a name: two to five words in
// capitals, particles aside.
func isPerson(s string) bool {
	if len(s) > 60 {
		return false
	}
	words := strings.Fields(s)
	if len(words) < 2 || len(words) > 5 {
		return false
	}
	capitals := 0
	for _, w := range words {
		if _, after, ok := strings.Cut(strings.ReplaceAll(w, "’", "'"), "'"); ok && after != "" {
			w = after // d'Alba, dell'Orto
		}
		r, _ := utf8.DecodeRuneInString(w)
		switch {
		case unicode.IsUpper(r):
			capitals++
		case !particles[w]:
			return false
		}
		if strings.ContainsAny(w, "0123456789:/|@!?") {
			return false
		}
	}
	return capitals >= 2
}

var particles = set("de\ndi\nda\ndel\ndella\ndello\ndegli\ndei\nd'\nvon\nvan\nder\nden\nla\nle\nlo\nel\nal\nbin\ny\ndos\ndo\nzu\nten")

// bylineWords open a byline.
var bylineWords = []string{
	"di ", "a cura di ", "by ", "written by ", "von ", "par ", "por ", "autore: ", "autore ", "author: ", "autor: ", "auteur : ", "auteur: ",
	"text: ", "text von ", "ein artikel von ", "scritto da ", "pubblicato da ", "posted by ", "published by ", "dal nostro inviato ",
	"dalla nostra inviata ", "dal nostro corrispondente ", "dalla nostra corrispondente ", "articolo di ", "testo di ", "intervista di ",
	"analisi di ", "door ", "av ", "de ", "veröffentlicht von ", "verfasst von ", "geschrieben von ", "show all articles of ",
	"zeige alle beiträge von ", "alle beiträge von ", "alles von ", "alle artikel von ", "vedi tutti gli articoli di ", "tutti gli articoli di ",
	"articoli di ", "view all posts by ", "posts by ", "all posts by ", "redatto da ", "inviato da ", "a firma di ",
	"this post was written by ", "story by ", "words by ", "reviewed by ", "more about ",
}

// nameBreaks turns what stands between names into semicolons.
var nameBreaks = strings.NewReplacer(" e ", ";", " ed ", ";", " and ", ";", " und ", ";", " et ", ";", " & ", ";", ", ", ";", " con ", ";", " with ", ";")

// cutName cuts from a byline what follows the names: a date, a place, a role.
func cutName(s string) string {
	if i := strings.IndexAny(s, "0123456789"); i > 3 {
		s = s[:i]
	}
	for _, sep := range []string{" | ", " – ", " — ", " - ", " · ", " • ", " (", " il ", " am ", " on ", " / "} {
		if i := strings.Index(s, sep); i > 3 {
			s = s[:i]
		}
	}
	return strings.Trim(s, " ,;|-–—.·•()")
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
	s = cutName(s)
	var out []string
	for n := range strings.SplitSeq(nameBreaks.Replace(s), ";") {
		if n = trimName(n); isName(n) {
			out = append(out, n)
		}
	}
	return out
}

func trimName(n string) string {
	n = gluedByline(n)
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

// gluedByline separates a byline word from the name that markup glued to it:
// "ByLivia Valli".
func gluedByline(n string) string {
	for _, w := range []string{"By", "Von", "Di", "Da", "Par"} {
		if rest, ok := strings.CutPrefix(n, w); ok && rest != "" && unicode.IsUpper(rune(rest[0])) && strings.Contains(rest, " ") {
			return rest
		}
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
	if digits > 2 || notNames[fold(s)] {
		return false
	}
	return strings.Contains(s, " ") || strings.Count(s, ".") < 2 // page.extra.author
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
	return isHost(n)
}

// isHost tells names of sites: "Motorsport-Total.com".
func isHost(n string) bool {
	i := strings.LastIndexByte(n, '.')
	return i > 2 && len(n)-i <= 4 && len(n)-i >= 3 && !strings.Contains(n, " ") && strings.Trim(n[i+1:], "abcdefghijklmnopqrstuvwxyz") == ""
}

var newsroomWords = set("redazione\nredazioni\nredaktion\nstaff\nnewsroom\ndesk\nredacción\nrédaction\nufficio\nstampa\nagenzia\nansa\nadnkronos\nitalpress\naskanews\nagi\nlapresse\nreuters\nafp\nredazionale\nteam\neditorial\ndpa\nltd\ngmbh\nverlag\ninc\nspa\nsrl\nverband\nassociazione\nministero\nmagazine\nmagazin\nagency\nagentur\nafp\nadmin\npress")
