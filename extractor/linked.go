package extractor

import (
	"encoding/json"
	"html"
	"strings"
)

// linked is what a page's JSON-LD says of its article.
type linked struct {
	kind        string
	headline    string
	authors     []string // persons, or of no kind
	houses      []string // organisations
	published   string
	modified    string
	body        string
	description string
	image       string
	publisher   string
	lang        string
	paid        bool // isAccessibleForFree: false
	list        bool // the page is a collection
}

// maxLinked bounds the JSON-LD that is read, in bytes.
const maxLinked = 1 << 20

// readLinked reads the scripts; of several articles the one that says most.
func readLinked(scripts []string) linked {
	var best linked
	bestRank := -1
	list := false
	size := 0
	for _, s := range scripts {
		if size += len(s); size > maxLinked {
			break
		}
		var v any
		if json.Unmarshal([]byte(tidyJSON(s)), &v) != nil {
			continue
		}
		byID := map[string]string{}
		walkLinked(v, 0, func(o map[string]any) {
			if id, name := textOf(o["@id"]), textOf(o["name"]); id != "" && name != "" {
				byID[id] = name
			}
		})
		walkLinked(v, 0, func(o map[string]any) {
			kind := typeOf(o)
			if kind == "CollectionPage" || kind == "ItemList" {
				list = true
			}
			r := rank(kind)
			if r < 0 {
				return
			}
			ld := fromObject(o, byID)
			ld.kind = kind
			if ld.body != "" {
				r++
			}
			if ld.headline != "" {
				r++
			}
			if r > bestRank {
				best, bestRank = ld, r
			}
		})
	}
	best.list = list
	return best
}

// tidyJSON removes what makes script JSON invalid in practice.
func tidyJSON(s string) string {
	s = strings.TrimSpace(s)
	s = strings.TrimPrefix(s, "<!--")
	s = strings.TrimPrefix(s, "//<![CDATA[")
	s = strings.TrimPrefix(s, "<![CDATA[")
	s = strings.TrimSuffix(s, "-->")
	s = strings.TrimSuffix(s, "//]]>")
	s = strings.TrimSuffix(s, "]]>")
	s = strings.TrimRight(strings.TrimSpace(s), ";")
	if strings.ContainsAny(s, "\n\r\t") {
		s = strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, s)
	}
	return s
}

// walkLinked calls f on each object, outermost first.
func walkLinked(v any, depth int, f func(map[string]any)) {
	if depth > 8 {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			walkLinked(e, depth+1, f)
		}
	case map[string]any:
		f(v)
		for _, k := range []string{"@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "hasPart"} {
			if e, ok := v[k]; ok {
				walkLinked(e, depth+1, f)
			}
		}
	}
}

func typeOf(o map[string]any) string {
	switch t := o["@type"].(type) {
	case string:
		return t
	case []any:
		best := ""
		for _, e := range t {
			if s, ok := e.(string); ok && rank(s) > rank(best) {
				best = s
			}
		}
		return best
	}
	return ""
}

// rank orders the types by how surely they are the page's article.
func rank(kind string) int {
	kind = strings.TrimPrefix(strings.TrimPrefix(kind, "http://schema.org/"), "https://schema.org/")
	switch {
	case strings.HasSuffix(kind, "NewsArticle"):
		return 8
	case strings.HasSuffix(kind, "Article"), kind == "BlogPosting", kind == "LiveBlogPosting", kind == "Report", kind == "SocialMediaPosting":
		return 6
	case kind == "Recipe", kind == "Review", kind == "HowTo", kind == "CreativeWork":
		return 4
	case kind == "WebPage", kind == "VideoObject":
		return 0
	}
	return -1
}

func fromObject(o map[string]any, byID map[string]string) linked {
	ld := linked{
		headline:    textOf(o["headline"]),
		published:   textOf(o["datePublished"]),
		modified:    textOf(o["dateModified"]),
		body:        textOf(o["articleBody"]),
		description: textOf(o["description"]),
		image:       addressOf(o["image"]),
		lang:        textOf(o["inLanguage"]),
	}
	if ld.headline == "" {
		ld.headline = textOf(o["name"])
	}
	if ld.published == "" {
		ld.published = textOf(o["dateCreated"])
	}
	var who persons
	who.read(o["author"], byID, 0)
	if len(who.people) == 0 {
		who.read(o["creator"], byID, 0)
	}
	ld.authors, ld.houses = who.people, who.houses
	if p := names(o["publisher"], 0); len(p) > 0 {
		ld.publisher = p[0]
	}
	switch f := o["isAccessibleForFree"].(type) {
	case bool:
		ld.paid = !f
	case string:
		ld.paid = strings.EqualFold(f, "false")
	}
	return ld
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(html.UnescapeString(v))
	case []any:
		if len(v) > 0 {
			return textOf(v[0])
		}
	case map[string]any:
		if s := textOf(v["@value"]); s != "" {
			return s
		}
		return textOf(v["name"])
	}
	return ""
}

func addressOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		for _, e := range v {
			if s := addressOf(e); s != "" {
				return s
			}
		}
	case map[string]any:
		if s := addressOf(v["url"]); s != "" {
			return s
		}
		return addressOf(v["contentUrl"])
	}
	return ""
}

// persons are the authors of an article, people apart from organisations.
type persons struct {
	people []string
	houses []string
}

// read reads authors in any of the forms that JSON-LD gives them: a name, an
// object, a reference to one, a list.
func (p *persons) read(v any, byID map[string]string, depth int) {
	if depth > 3 {
		return
	}
	switch v := v.(type) {
	case string:
		if s := squash(html.UnescapeString(v)); s != "" {
			p.people = append(p.people, s)
		}
	case []any:
		for _, e := range v {
			p.read(e, byID, depth+1)
		}
	case map[string]any:
		n := names(v["name"], 0)
		if len(n) == 0 {
			if s := byID[textOf(v["@id"])]; s != "" {
				n = []string{s}
			}
		}
		if kind := textOf(v["@type"]); strings.HasSuffix(kind, "Organization") {
			p.houses = append(p.houses, n...)
		} else {
			p.people = append(p.people, n...)
		}
	}
}

// names reads persons or organisations.
func names(v any, depth int) []string {
	if depth > 3 {
		return nil
	}
	switch v := v.(type) {
	case string:
		if s := squash(html.UnescapeString(v)); s != "" {
			return []string{s}
		}
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, names(e, depth+1)...)
		}
		return out
	case map[string]any:
		return names(v["name"], depth+1)
	}
	return nil
}
