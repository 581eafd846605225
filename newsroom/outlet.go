package newsroom

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"vedetta/news"
)

// outlet is a place that publishes, and how.
type outlet struct {
	id, name, motto string
	kind            news.Kind
	lang            string
	tags            []string
	sections        []string
	layout          string // template of its pages
	permalink       string // path of an article below the outlet; see address
	feed            string // path of the feed below the outlet; empty for none
	format          feedFormat
	feedType        string // media type of the feed
	pageType        string // media type of the pages
	metaCharset     string // what the pages say in their head, where it differs from the header
	latin1          bool   // pages and feed are windows-1252 bytes
	list            news.ListRule
	listPath        string // page with a list of articles, for want of a feed
	jsonLD          bool
	wall            string // what its pages show instead of articles: "", "paywall" or "consent"
	dropsLinks      bool   // copies lose the words that were links
	teaser          int    // characters of text in a short feed; 0 means 260
}

// feedFormat is a dialect of feeds.
type feedFormat int

const (
	noFeed      feedFormat = iota
	rssShort               // RSS 2.0, a description only
	rssFull                // RSS 2.0 with content:encoded
	rssBroken              // RSS 2.0 with bare ampersands, undefined entities, odd dates and no guid
	atomFull               // Atom 1.0 with summary and content
	atomSummary            // Atom 1.0, summary only
	jsonFeed               // JSON Feed 1.1
)

// outlets is the press of this world, agencies first.
func outlets() []*outlet {
	return []*outlet{
		{
			id: "vespera", name: "Agenzia Vespera", motto: "L'informazione quotidiana", kind: news.Agency, tags: []string{"agenzia"},
			sections: []string{"Politica", "Esteri", "Difesa", "Economia", "Cronaca", "Sport"},
			layout:   "agenzia", permalink: "notizie/{anno}/{mese}/{giorno}/{slug}-{id}.html",
			feed: "rss/ultime.xml", format: rssShort, feedType: "text/xml; charset=utf-8", pageType: "text/html; charset=utf-8",
		},
		{
			id: "quadrante", name: "Quadrante News", motto: "Agenzia di stampa", kind: news.Agency, tags: []string{"agenzia"},
			sections: []string{"Parlamento", "Difesa", "Esteri", "Economia"},
			layout:   "lancio", permalink: "lancio.asp?id={id}",
			feed: "feed.asp", format: atomSummary, feedType: "application/xml", pageType: "text/html; charset=utf-8",
		},
		{
			id: "rottadifesa", name: "Rotta Difesa", motto: "Mare, cielo, industria", tags: []string{"difesa"},
			sections: []string{"Marina", "Industria", "Esercitazioni", "Analisi", "Tecnologia"},
			layout:   "tagdiv", permalink: "{anno}/{mese}/{slug}/",
			feed: "feed/", format: rssFull, feedType: "application/rss+xml; charset=UTF-8", pageType: "text/html; charset=UTF-8", jsonLD: true,
		},
		{
			id: "baluardo", name: "Baluardo", motto: "Rivista di strategia e politica militare", tags: []string{"difesa", "analisi"},
			sections: []string{"Scenari", "Storia", "Dottrina", "Libri"},
			layout:   "gutenberg", permalink: "{slug}/",
			feed: "feed/", format: rssShort, feedType: "application/rss+xml; charset=UTF-8", pageType: "text/html; charset=UTF-8", jsonLD: true,
		},
		{
			id: "alierotte", name: "Ali & Rotte", motto: "Tutto ciò che vola", tags: []string{"difesa", "aviazione"},
			sections: []string{"Militare", "Civile", "Spazio", "Eventi"},
			layout:   "elementor", permalink: "{id}/{slug}/",
			feed: "feed/", format: rssBroken, feedType: "application/xml", pageType: "text/html; charset=UTF-8",
		},
		{
			id: "meridiano", name: "Il Nuovo Meridiano", motto: "Quotidiano fondato nel 1951", tags: []string{"quotidiano"},
			sections: []string{"Politica", "Esteri", "Economia", "Cultura", "Sport", "Cronaca"},
			layout:   "quotidiano", permalink: "{sezione}/{anno}/{mese}/{giorno}/news/{slug}-{id}/",
			feed: "rss/homepage.xml", format: rssShort, feedType: "text/xml; charset=ISO-8859-1", pageType: "text/html; charset=utf-8", metaCharset: "iso-8859-1", jsonLD: true,
		},
		{
			id: "cepi", name: "CEPI – Centro Europa Pacifico", motto: "Studi internazionali", tags: []string{"analisi"},
			sections: []string{"Asia", "Sicurezza", "Economia", "Schede"},
			layout:   "drupal", permalink: "it/pubblicazione/{slug}-{id}",
			feed: "it/atom.xml", format: atomFull, feedType: "application/atom+xml; charset=utf-8", pageType: "text/html; charset=utf-8",
		},
		{
			id: "ministero", name: "Ministero della Difesa (sala stampa inventata)", motto: "Comunicati", kind: news.Institution, tags: []string{"istituzioni"},
			sections: []string{"Comunicati", "Notizie", "Attività"},
			layout:   "liferay", permalink: "it/sala-stampa/comunicati/-/dettaglio/{slug}",
			listPath: "it/sala-stampa/comunicati", pageType: "text/html;charset=UTF-8",
			list: news.ListRule{Item: "div.asset-abstract", Link: "h3.asset-title a", Title: "h3.asset-title", Date: "span.metadata-publish-date", Summary: "div.asset-summary"},
		},
		{
			id: "tuttolampo", name: "Tuttolampo", motto: "Le notizie in un lampo", kind: news.Aggregator, tags: []string{"rassegna"},
			sections: []string{"Attualità", "Mondo", "Sport", "Spettacolo"},
			layout:   "lampo", permalink: "{anno}-{mese}-{giorno}/{slug}/{id}/", dropsLinks: true,
			feed: "rss.xml", format: rssShort, feedType: "application/rss+xml", pageType: "text/html",
		},
		{
			id: "golfo", name: "Cronache del Golfo", motto: "Il giornale della Spezia e della riviera", tags: []string{"locale"},
			sections: []string{"Cronaca", "Porto", "Sport", "Tavola", "Cultura"},
			layout:   "locale", permalink: "{sezione}/{slug}.html", latin1: true,
			feed: "rss.xml", format: rssShort, feedType: "text/xml", pageType: "text/html; charset=ISO-8859-1",
		},
		{
			id: "piazza24", name: "Piazza24", motto: "Il portale delle notizie", tags: []string{"quotidiano"},
			sections: []string{"Italia", "Mondo", "Spettacoli", "Sport"},
			layout:   "quotidiano", permalink: "{sezione}/{slug}_{id}.html", wall: "consent", teaser: 700,
			feed: "feed/", format: rssShort, feedType: "application/rss+xml; charset=utf-8", pageType: "text/html; charset=utf-8",
		},
		{
			id: "affari", name: "Affari & Imprese", motto: "Economia, finanza, industria", tags: []string{"economia"},
			sections: []string{"Industria", "Finanza", "Mercati", "Lavoro"},
			layout:   "quotidiano", permalink: "art/{slug}-AG{id}", wall: "paywall", teaser: 480, jsonLD: true,
			feed: "rss/tutte.xml", format: rssShort, feedType: "application/rss+xml; charset=utf-8", pageType: "text/html; charset=utf-8",
		},
		{
			id: "bulwark", name: "Bulwark Brief", motto: "The English edition of Baluardo", lang: "en", tags: []string{"english"},
			sections: []string{"Policy", "Industry", "Sea"},
			layout:   "gutenberg", permalink: "{id}/{slug}/",
			feed: "feed.json", format: jsonFeed, feedType: "application/feed+json; charset=utf-8", pageType: "text/html; charset=UTF-8", jsonLD: true,
		},
	}
}

// language is the outlet's language.
func (o *outlet) language() string {
	if o.lang != "" {
		return o.lang
	}
	return "it"
}

// address is the path below the outlet of an article published at t.
func (o *outlet) address(slug, section string, t time.Time) string {
	t = t.In(rome())
	return strings.NewReplacer(
		"{anno}", t.Format("2006"), "{mese}", t.Format("01"), "{giorno}", t.Format("02"),
		"{slug}", slug, "{sezione}", strings.ToLower(section), "{id}", numberOf(o.id+"/"+slug),
	).Replace(o.permalink)
}

// numberOf is a number as content systems give to articles, the same for the
// same name.
func numberOf(name string) string {
	h := fnv.New32a()
	h.Write([]byte(name))
	return fmt.Sprint(100000 + h.Sum32()%900000)
}
