package extractor

import (
	"maps"
	"slices"
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

	// firstHalf and secondHalf make isBody together: "article" and "body".
	firstHalf
	secondHalf
)

// junk are the traits of elements that are no part of an article's text.
const junk = isComments | isRelated | isNav | isAd | isShare | isCall | isBio | isMeta | isAside |
	isConsent | isHidden | isCaption | isToc

// classWords says what a word in a class or an id means. Words are what a name
// falls into at hyphens, underscores and capitals.
var classWords = table(map[trait]string{
	firstHalf: `article articles story entry post news blog articolo notizia single artikel noticia nota
		page node field item content news text main`,
	secondHalf: `body content text copy contenuto corpo testo html main texte cuerpo inhalt prose bodytext
		richtext fulltext`,
	isBody: `articlebody storybody entrycontent postcontent storytext articletext articlecontent postbody
		bodytext fulltext storycontent newstext articlebodytext bodycopy newsbody contentbody`,
	isArticle: `article story hentry post articolo notizia`,
	isComments: `comment comments disqus commenti commento kommentare kommentar comentarios commentaires replies livefyre
		commentlist discussion respond reply`,
	isRelated: `related correlati correlate correlato recommended recommendation recommendations recommend recirc recirculation
		suggested suggestions popular trending mostread readmore yarpp relatedposts jp crp similar teaser teasers
		onward outbrain taboola leggi potrebbe approfondimenti readnext zergnet plista morefrom
		inread verwandt verwandte relacionadas relacionados upnext`,
	isNav: `nav navbar navigation breadcrumb breadcrumbs crumbs menu pagination pager paging sitemap topbar masthead
		megamenu hamburger skiplinks briciole navi subnav`,
	isAd: `ad ads adv advert adverts advertisement advertising adsense adslot banner banners sponsor sponsored sponsors dfp
		gpt pubblicita publicidad werbung anzeige anzeigen teads promo promos promotion admanager adunit adbox adcontainer adwrapper
		affiliate`,
	isShare: `share sharing shares social socials sharedaddy addtoany addthis condividi sharebar shareaholic sharethis
		socialmedia follow shariff heateor ssba`,
	isCall: `newsletter newsletters subscribe subscription subscriptions signup optin mailchimp mc4wp abbonati abbonamento
		iscriviti cta paywall paywalls regwall piano donate donation donazione donazioni`,
	isBio: `authorbox authorbio bio biography biografia aboutauthor aboutautor`,
	isMeta: `tags tag tagcloud taglist postmeta entrymeta metadata meta timestamp categories postinfo
		breadcrump readtime`,
	isAside: `sidebar sidebars widget widgets rail aside modal popup overlay tooltip lightbox
		flyout offcanvas footer footnote toolbar tools utility popover dialog sidecol rightcol leftcol marginalia`,
	isConsent: `cookie cookies consent gdpr cmp onetrust iubenda cookielaw cookiebot didomi quantcast cookiebar`,
	isHidden:  `hidden visuallyhidden sronly noprint screenreader hide invisible`,
	isCaption: `caption captions figcaption didascalia credit credits copyright imagecredit`,
	isLead: `lead lede standfirst subtitle subtitolo sottotitolo occhiello sommario dek deck intro teaserlead summary
		excerpt abstract subheadline subhead strapline chapo vorspann kicker sottotitolo subheading description
		introduction catenaccio`,
	isTitle:  `headline title titolo titel titre`,
	isAuthor: `author authors byline autore autori firma autor auteur verfasser authorname fn vcard`,
	isDate: `date time datetime published pubdate data dateline timestamp datum publicado updated
		dateposted postdate entrydate`,
	isToc: `toc tableofcontents ez`,
})

func table(m map[trait]string) map[string]trait {
	out := map[string]trait{}
	for _, t := range slices.Sorted(maps.Keys(m)) {
		for w := range strings.FieldsSeq(m[t]) {
			out[w] |= t
		}
	}
	return out
}

// classPhrases are whole names that mean what their words do not.
var classPhrases = table(map[trait]string{
	isHidden: `sr-only visually-hidden screen-reader-text d-none display-none is-hidden u-hidden`,
	isBio: `author-bio author-box about-author author-info post-author-box td-author-box author-description
		about-the-author author__bio author-card author-profile author_bio author-block author-details abh_box
		saboxplugin-wrap pp-author-boxes-wrapper molongui-author-box`,
	isRelated: `read-more read-also see-also also-read leggi-anche also-like more-news more-stories more-articles
		most-read most-popular latest-news read-next jp-relatedposts more-from next-article ultime-notizie
		link-card td-related-row td_block_related_posts post-navigation next-prev nextprev`,
	isBody: `td-post-content post-entry entry-content story__text tdb-block-inner mvp-content-main
		single-content article__body field--name-body elementor-widget-theme-post-content et_pb_post_content
		wp-block-post-content com-content-article__body item-page journal-content-article`,
	isMeta:    `post-meta entry-meta article-meta post-info td-post-source-tags entry-footer reading-time read-time article-info`,
	isCaption: `wp-caption-text photo-credit image-caption wp-caption-dd media-caption`,
	isAside:   `pull-quote pullquote`,
})

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
	case atom.Figcaption:
		return isCaption
	case atom.Address:
		return isMeta
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
	"datepublished": isDate,
}

// traits reads an element's tag, role, itemprop, class and id.
func traits(n *html.Node) trait {
	t := tagTraits(n.DataAtom)
	for i := range n.Attr {
		a := &n.Attr[i]
		switch a.Key {
		case "class", "id":
			t |= nameTraits(a.Val)
		case "role":
			t |= roleTraits[strings.ToLower(a.Val)]
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
	return t
}

func hides(style string) bool {
	for _, p := range []string{"display", "visibility"} {
		i := strings.Index(style, p)
		if i < 0 {
			continue
		}
		v := strings.TrimLeft(style[i+len(p):], ": ")
		if strings.HasPrefix(v, "none") || strings.HasPrefix(v, "hidden") {
			return true
		}
	}
	return false
}

// maxNames bounds the bytes read of a class attribute; utility-class
// frameworks write hundreds.
const maxNames = 512

// nameTraits reads the names in a class or id attribute.
func nameTraits(val string) trait {
	if len(val) > maxNames {
		val = val[:maxNames]
	}
	var t trait
	for name := range strings.FieldsSeq(val) {
		t |= nameTrait(name)
	}
	return t
}

// nameTrait reads one name.
func nameTrait(name string) trait {
	var buf [64]byte
	var t, halves trait
	w := buf[:0]
	n := 0
	flush := func() {
		if len(w) == 0 {
			return
		}
		wt := classWords[string(w)]
		halves |= wt & (firstHalf | secondHalf)
		t |= wt &^ (firstHalf | secondHalf)
		n++
		w = w[:0]
	}
	lower := true // last byte was a lower-case letter
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
		if len(w) < cap(w) {
			w = append(w, c)
		}
	}
	flush()
	if len(name) <= len(buf) {
		p := buf[:0]
		for i := 0; i < len(name); i++ {
			c := name[i]
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			p = append(p, c)
		}
		t |= classPhrases[string(p)]
	}
	if halves == firstHalf|secondHalf && n >= 2 && n <= 4 {
		t |= isBody
	}
	return t
}
