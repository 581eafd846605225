package extractor

import (
	"hash/maphash"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// trait is what an element's tag, role, class and id say of it.
type trait uint32

const (
	isBody     trait = 1 << iota // names itself the article's text
	isArticle                    // names itself an article, or the main part
	isComments                   // readers' comments
	isRelated                    // other articles
	isNav                        // navigation, menus, crumbs, pagers
	isAd                         // advertising
	isShare                      // buttons to share and follow
	isCall                       // newsletter, subscription, registration
	isBio                        // about the author
	isMeta                       // date, tags, categories, reading time
	isAside                      // sidebars, widgets, boxes, page header and footer
	isConsent                    // cookie notices
	isHidden                     // not shown
	isCaption                    // belongs to a figure
	isLead                       // standfirst
	isTitle                      // headline
	isAuthor                     // byline
	isDate                       // date of publication
	isToc                        // table of contents

	isFold     // accordion, tab: hidden but text
	isLayout   // the name is about layout
	isDoubtful // within something that claims to be junk

	// firstHalf and secondHalf make isBody together: "article" and "body".
	firstHalf
	secondHalf
)

// junk are the traits of elements that are no part of an article's text.
const junk = isComments | isRelated | isNav | isAd | isShare | isCall | isBio | isMeta | isAside |
	isConsent | isHidden | isCaption | isToc

// The heads of traits.txt.
var traitHeads = map[string]trait{
	"first half": firstHalf, "second half": secondHalf, "body": isBody, "article": isArticle, "comments": isComments,
	"related": isRelated, "nav": isNav, "ad": isAd, "share": isShare, "call": isCall, "bio": isBio, "meta": isMeta,
	"aside": isAside, "consent": isConsent, "hidden": isHidden, "caption": isCaption, "lead": isLead, "title": isTitle,
	"author": isAuthor, "date": isDate, "toc": isToc, "fold": isFold, "layout": isLayout,
}

var traitLists = sections(traitsFile)

// classWords says what a word in a class or an id means.
var classWords = table("")

// classNames are whole names that mean what their words do not.
var classNames = table(" names")

// table collects the words under the heads of traits.txt that end in suffix.
func table(suffix string) map[string]trait {
	out := map[string]trait{}
	for head, t := range traitHeads {
		for _, line := range traitLists[head+suffix] {
			for w := range strings.FieldsSeq(line) {
				out[w] |= t
			}
		}
	}
	return out
}

// tagTraits is what elements are by their tag alone.
func tagTraits(a atom.Atom) trait {
	switch a {
	case atom.Nav, atom.Menu:
		return isNav
	case atom.Aside:
		return isAside
	case atom.Footer:
		return isAside
	case atom.Article, atom.Main:
		return isArticle
	case atom.Figcaption, atom.Figure:
		return isCaption
	case atom.Address, atom.Label:
		return isMeta
	case atom.Form:
		return isCall
	case atom.Dialog:
		return isAside
	}
	return 0
}

// roleTraits is what ARIA roles say.
var roleTraits = map[string]trait{
	"navigation": isNav, "menu": isNav, "menubar": isNav, "search": isNav, "banner": isAside,
	"complementary": isAside, "contentinfo": isAside, "dialog": isAside, "alertdialog": isAside,
	"main": isArticle, "article": isArticle, "toolbar": isShare,
}

// itempropTraits is what schema.org microdata says.
var itempropTraits = map[string]trait{
	"articlebody": isBody, "text": isBody, "reviewbody": isBody, "headline": isTitle, "author": isAuthor,
	"comment": isComments, "description": isLead, "alternativeheadline": isLead, "caption": isCaption,
	"datepublished": isDate, "datecreated": isDate,
}

// recalled are classes of a page that were met before, and what they say.
type recalled [256]struct {
	class  string
	traits trait
}

var recallSeed = maphash.MakeSeed()

// of reads a class attribute.
func (r *recalled) of(class string) trait {
	c := &r[maphash.String(recallSeed, class)%uint64(len(r))]
	if c.class != class {
		t := nameTraits(class)
		if t&isHidden != 0 && showsLater(class) {
			t &^= isHidden
		}
		c.class, c.traits = class, t
	}
	return c.traits
}

// read reads an element's tag, role, itemprop, class and id.
func (r *recalled) read(n *html.Node) trait {
	t := tagTraits(n.DataAtom)
	for i := range n.Attr {
		a := &n.Attr[i]
		switch a.Key {
		case "class":
			t |= r.of(prefix(a.Val, maxNames))
		case "id":
			if n.DataAtom == 0 || n.Data[0] != 'h' || len(n.Data) != 2 {
				t |= nameTrait(a.Val) // ids of headings are their text
			}
		case "role":
			t |= roleTraits[strings.ToLower(a.Val)]
		case "property":
			if _, p, ok := strings.Cut(a.Val, ":"); ok {
				t |= itempropTraits[strings.ToLower(p)] & (isDate | isAuthor)
			}
		case "itemprop":
			for f := range strings.FieldsSeq(a.Val) {
				t |= itempropTraits[strings.ToLower(f)]
			}
		case "hidden":
			if a.Val != "until-found" {
				t |= isHidden
			}
		case "aria-hidden":
			if a.Val == "true" {
				t |= isHidden
			}
		case "style":
			if hides(a.Val) {
				t |= isHidden
			}
		}
	}
	if t&isFold != 0 {
		t &^= isHidden
	}
	if n.DataAtom == atom.Html || n.DataAtom == atom.Body {
		return 0
	}
	return t
}

// showsLater reports whether classes that hide an element show it on some
// screens: "hidden md:block", "d-none d-lg-flex".
func showsLater(class string) bool {
	for _, s := range []string{":block", ":flex", ":grid", ":inline", "-block", "-flex", "-inline", ":contents", "-grid"} {
		if strings.Contains(class, s) {
			return true
		}
	}
	return false
}

// hides reports whether a style attribute hides its element.
func hides(style string) bool {
	for decl := range strings.SplitSeq(style, ";") {
		key, val, _ := strings.Cut(decl, ":")
		switch strings.TrimSpace(key) {
		case "display":
			if strings.HasPrefix(strings.TrimSpace(val), "none") {
				return true
			}
		case "visibility":
			if strings.HasPrefix(strings.TrimSpace(val), "hidden") {
				return true
			}
		}
	}
	return false
}

// maxNames bounds the bytes read of a class attribute; utility-class
// frameworks write hundreds.
const maxNames = 512

// classOf is an element's class attribute, up to maxNames bytes.
func classOf(n *html.Node) string { return prefix(attr(n, "class"), maxNames) }

// nameTraits reads the names in a class attribute.
func nameTraits(val string) trait {
	var t trait
	wordpress := strings.Contains(val, "type-post") || strings.Contains(val, "hentry")
	for name := range strings.FieldsSeq(val) {
		if wordpress && (strings.HasPrefix(name, "category-") || strings.HasPrefix(name, "tag-")) {
			continue // slugs
		}
		t |= nameTrait(name)
	}
	return t
}

// maxWords is the most words a name may have to mean anything; longer ones are
// slugs of text.
const maxWords = 6

// nameTrait reads one name.
func nameTrait(name string) trait {
	var low [64]byte
	if len(name) > len(low) {
		name = name[:len(low)]
	}
	var t, halves trait
	var pairs, n, start, end int
	flush := func() {
		if end == start {
			return
		}
		if wt := classWords[string(low[start:end])]; wt != 0 {
			if h := wt & (firstHalf | secondHalf); h != 0 {
				halves |= h
				pairs++
			}
			t |= wt &^ (firstHalf | secondHalf)
		}
		n++
		start = end
	}
	lower := true // the byte before was no capital
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z':
			lower = true
		case c >= 'A' && c <= 'Z':
			if lower {
				flush()
			}
			c += 'a' - 'A'
			lower = false
		default:
			flush()
			lower = true
			continue
		}
		low[end] = c
		end++
	}
	flush()
	if t&isLayout != 0 {
		t &= isBody | isArticle | isToc | isHidden
	}
	if halves == firstHalf|secondHalf && pairs >= 2 && n <= 4 && t&junk == 0 {
		t |= isBody
	}
	if n > maxWords {
		t &= isBody
	}
	if strings.HasPrefix(name, "elementor-widget") {
		t &^= isAside // all that this page builder makes is a widget
	}
	if n > 1 {
		t |= classNames[lowerName(name)]
	}
	return t
}

// lowerName is strings.ToLower without work for names that are lower already.
func lowerName(name string) string {
	for i := 0; i < len(name); i++ {
		if c := name[i]; c >= 'A' && c <= 'Z' {
			return strings.ToLower(name)
		}
	}
	return name
}
