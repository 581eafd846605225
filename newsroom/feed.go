package newsroom

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// feedLength is how many articles a feed holds at most.
const feedLength = 30

// feed renders the outlet's feed as it stands at now.
func (n *Newsroom) feed(o *outlet, now time.Time) answer {
	articles := n.visible(o, now)
	changed := latest(articles, now, n.start)
	articles = articles[:min(len(articles), feedLength)]
	versions := make([]feedItem, len(articles))
	for i, a := range articles {
		v, updated := a.asOf(now)
		versions[i] = feedItem{v, n.url(a), updated}
	}
	var b bytes.Buffer
	switch o.format {
	case atomFull, atomSummary:
		n.atom(&b, o, versions, changed)
	case jsonFeed:
		n.jsonFeed(&b, o, versions)
	default:
		n.rss(&b, o, versions, changed)
	}
	return answer{o.feedType, o.encode(b.Bytes()), changed}
}

// feedItem is an article as it stands when the feed is asked for.
type feedItem struct {
	*article
	url     string
	updated time.Time
}

// esc escapes text for XML.
func esc(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err) // unreachable: a strings.Builder takes all
	}
	return strings.NewReplacer("&#39;", "'", "&#34;", `"`).Replace(b.String())
}

// rss writes RSS 2.0 in the outlet's dialect.
func (n *Newsroom) rss(b *bytes.Buffer, o *outlet, items []feedItem, changed time.Time) {
	charset, text := "UTF-8", esc
	if o.latin1 || strings.Contains(o.feedType, "8859") {
		charset = "ISO-8859-1"
	}
	if o.format == rssBroken {
		text = careless
		b.WriteString("\n") // a blank line before the declaration, as from a careless template
	}
	fmt.Fprintf(b, `<?xml version="1.0" encoding="%s"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>%s</title>
<link>%s</link>
<description>%s</description>
<language>it-IT</language>
<lastBuildDate>%s</lastBuildDate>
`, charset, text(o.name), n.home(o), text(o.motto), changed.In(rome()).Format(time.RFC1123Z))
	if o.format != rssBroken {
		fmt.Fprintf(b, `<atom:link href="%s" rel="self" type="application/rss+xml"/>`+"\n", n.home(o)+o.feed)
	}
	for i, it := range items {
		n.rssItem(b, o, it, i, text)
		if o.id == ampOutlet && i == ampTwice {
			n.ampItem(b, it, text)
		}
	}
	b.WriteString("</channel>\n</rss>\n")
}

// rssItem writes one item; i is its place in the feed.
func (n *Newsroom) rssItem(b *bytes.Buffer, o *outlet, it feedItem, i int, text func(string) string) {
	link := it.url
	if o.id == ampOutlet || o.wall == "paywall" {
		link += "?utm_source=rss&utm_medium=feed&utm_campaign=" + o.id
	}
	fmt.Fprintf(b, "<item>\n<title>%s</title>\n<link>%s</link>\n", text(it.head["title"]), text(link))
	switch o.format {
	case rssBroken:
		fmt.Fprintf(b, "<pubDate>%s</pubDate>\n", oddDate(it.published, i))
	case rssFull:
		fmt.Fprintf(b, "<guid isPermaLink=\"false\">%s?p=%s</guid>\n<pubDate>%s</pubDate>\n",
			n.home(o), numberOf(it.ref()), it.published.UTC().Format(time.RFC1123Z))
	default:
		fmt.Fprintf(b, "<guid isPermaLink=\"true\">%s</guid>\n<pubDate>%s</pubDate>\n", esc(it.url), it.published.In(rome()).Format(time.RFC1123Z))
	}
	if who := it.head["author"]; who != "" {
		fmt.Fprintf(b, "<dc:creator><![CDATA[%s]]></dc:creator>\n", who)
	}
	fmt.Fprintf(b, "<category><![CDATA[%s]]></category>\n", it.section())
	for _, tag := range fields(it.head["tags"]) {
		fmt.Fprintf(b, "<category><![CDATA[%s]]></category>\n", tag)
	}
	if o.wall == "consent" || o.format == rssBroken {
		fmt.Fprintf(b, "<description>%s</description>\n", text(it.description()))
	} else {
		fmt.Fprintf(b, "<description><![CDATA[<p>%s</p>]]></description>\n", esc(it.description()))
	}
	if o.format == rssFull {
		fmt.Fprintf(b, "<content:encoded><![CDATA[%s]]></content:encoded>\n", n.feedBody(it.article, it.url))
	}
	if pic := bars(it.head["image"]); it.head["image"] != "" {
		fmt.Fprintf(b, `<media:content url="%simg/%s.png" medium="image" width="%d" height="%d"/>`+"\n", n.home(o), pic[0], pictureSize.X, pictureSize.Y)
	}
	b.WriteString("</item>\n")
}

// ampTwice is the place in the feed of the item that comes a second time with
// the address of its AMP page, as a section feed merged in does it.
const ampTwice = 1

// ampItem writes the item again with the address of its AMP page.
func (n *Newsroom) ampItem(b *bytes.Buffer, it feedItem, text func(string) string) {
	fmt.Fprintf(b, "<item>\n<title>%s</title>\n<link>%samp/</link>\n<guid isPermaLink=\"false\">amp-%s</guid>\n<pubDate>%s</pubDate>\n<description><![CDATA[%s]]></description>\n</item>\n",
		text(it.head["title"]), it.url, numberOf(it.ref()), it.published.In(rome()).Format(time.RFC1123Z), esc(it.description()))
}

// careless escapes as a template by hand does: ampersands stay bare, some
// letters become entities that XML does not know.
func careless(s string) string {
	return strings.NewReplacer("<", "&lt;", "è", "&egrave;", "à", "&agrave;", "–", "&ndash;").Replace(s)
}

// oddDate writes a time in one of the ways that break date parsers.
func oddDate(t time.Time, i int) string {
	t = t.In(rome())
	day, month := weekdays[t.Weekday()], months[t.Month()-1]
	switch i % 4 {
	case 0:
		return fmt.Sprintf("%s, %d %s %d %s %s", string([]rune(day)[:3]), t.Day(), month[:3], t.Year(), t.Format("15:04:05"), t.Format("-0700"))
	case 1:
		return t.Format("02/01/2006 15:04")
	case 2:
		return fmt.Sprintf("%d %s %d, ore %s", t.Day(), month, t.Year(), t.Format("15.04"))
	default:
		return t.Format("2006-01-02 15:04:05")
	}
}

// atom writes Atom 1.0.
func (n *Newsroom) atom(b *bytes.Buffer, o *outlet, items []feedItem, changed time.Time) {
	fmt.Fprintf(b, `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="it">
<title>%s</title>
<subtitle>%s</subtitle>
<id>%s</id>
<link rel="self" href="%s"/>
<link rel="alternate" type="text/html" href="%s"/>
<updated>%s</updated>
`, esc(o.name), esc(o.motto), n.home(o), n.home(o)+o.feed, n.home(o), changed.In(rome()).Format(time.RFC3339))
	for _, it := range items {
		fmt.Fprintf(b, "<entry>\n<title type=\"html\">%s</title>\n<id>tag:%s.example,2026:%s</id>\n<link rel=\"alternate\" href=\"%s\"/>\n<published>%s</published>\n<updated>%s</updated>\n<author><name>%s</name></author>\n<category term=\"%s\"/>\n<summary>%s</summary>\n",
			esc(esc(it.head["title"])), o.id, numberOf(it.ref()), esc(it.url), it.published.In(rome()).Format(time.RFC3339), it.updated.In(rome()).Format(time.RFC3339),
			esc(orNewsroom(it.article)), esc(it.section()), esc(it.description()))
		if o.format == atomFull {
			fmt.Fprintf(b, "<content type=\"html\">%s</content>\n", esc(n.feedBody(it.article, it.url)))
		}
		b.WriteString("</entry>\n")
	}
	b.WriteString("</feed>\n")
}

// jsonFeed writes JSON Feed 1.1.
func (n *Newsroom) jsonFeed(b *bytes.Buffer, o *outlet, items []feedItem) {
	type author struct {
		Name string `json:"name"`
	}
	type item struct {
		ID        string   `json:"id"`
		URL       string   `json:"url"`
		Title     string   `json:"title"`
		HTML      string   `json:"content_html"`
		Summary   string   `json:"summary"`
		Published string   `json:"date_published"`
		Modified  string   `json:"date_modified"`
		Authors   []author `json:"authors"`
		Tags      []string `json:"tags,omitempty"`
	}
	feed := struct {
		Version     string `json:"version"`
		Title       string `json:"title"`
		Home        string `json:"home_page_url"`
		FeedURL     string `json:"feed_url"`
		Description string `json:"description"`
		Language    string `json:"language"`
		Items       []item `json:"items"`
	}{"https://jsonfeed.org/version/1.1", o.name, n.home(o), n.home(o) + o.feed, o.motto, o.language(), []item{}}
	for _, it := range items {
		feed.Items = append(feed.Items, item{
			it.url, it.url, it.head["title"], n.feedBody(it.article, it.url), it.description(),
			it.published.UTC().Format(time.RFC3339), it.updated.UTC().Format(time.RFC3339),
			[]author{{orNewsroom(it.article)}},
			fields(it.head["tags"]),
		})
	}
	enc := json.NewEncoder(b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(feed); err != nil {
		panic(err) // unreachable: strings only, into a buffer
	}
}

// feedBody is the text as full feeds carry it, with the line that WordPress
// adds at the end.
func (n *Newsroom) feedBody(a *article, url string) string {
	var b strings.Builder
	b.WriteString(n.body(a, "feed"))
	if a.at.format == rssFull {
		fmt.Fprintf(&b, `<p>L'articolo <a href="%s">%s</a> proviene da <a href="%s">%s</a>.</p>`, url, esc(a.head["title"]), n.home(a.at), esc(a.at.name))
	}
	return b.String()
}

// orNewsroom is the article's author, else the outlet.
func orNewsroom(a *article) string {
	if s := a.head["author"]; s != "" {
		return s
	}
	if a.at.lang == "en" {
		return a.at.name
	}
	return "Redazione " + a.at.name
}

// encode turns UTF-8 into the bytes that the outlet sends.
func (o *outlet) encode(b []byte) []byte {
	if !o.latin1 {
		return b
	}
	out, err := encoding.HTMLEscapeUnsupported(charmap.Windows1252.NewEncoder()).Bytes(b)
	if err != nil {
		panic(err) // unreachable: what cannot be encoded is escaped
	}
	return out
}
