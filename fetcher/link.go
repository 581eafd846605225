package fetcher

import (
	"regexp"
	"strings"
	"time"

	"vedetta/news"
)

var (
	linkHeader = regexp.MustCompile(`<([^<>]*)>([^<>]*)`)
	linkParam  = regexp.MustCompile(`(?i);\s*(rel|type|title|anchor)\s*=\s*(?:"([^"]*)"|([^;,\s]+))`)
)

// webLinks reads Link headers (RFC 8288): the parameters of each link in lower
// case, its target under "href". Of a parameter that is given twice the first
// counts. Links about another resource, which have an anchor, are left out.
func webLinks(headers []string) []map[string]string {
	var links []map[string]string
	for _, m := range linkHeader.FindAllStringSubmatch(strings.Join(headers, ", "), maxNamed) {
		attr := map[string]string{"href": m[1]}
		for _, p := range linkParam.FindAllStringSubmatch(m[2], maxAttributes) {
			if name := strings.ToLower(p[1]); attr[name] == "" {
				attr[name] = or(p[2], p[3])
			}
		}
		if attr["anchor"] == "" {
			links = append(links, attr)
		}
	}
	return links
}

// linked completes what a feed says of itself by the Link headers of its
// answer, which count before what the document says (WebSub §4).
func linked(meta Meta, headers []string, base string) Meta {
	r := newReader(news.Source{}, "", time.Time{}, base)
	hub, self := "", ""
	for _, attr := range webLinks(headers) {
		for rel := range strings.FieldsSeq(strings.ToLower(attr["rel"])) {
			switch rel {
			case "hub":
				hub = or(hub, r.address(attr["href"]))
			case "self":
				self = or(self, r.address(attr["href"]))
			}
		}
	}
	meta.Hub, meta.Self = or(hub, meta.Hub), or(self, meta.Self)
	return meta
}

// feedLinks are the feeds that Link headers advertise.
func feedLinks(headers []string, base string) []advert {
	r := newReader(news.Source{}, "", time.Time{}, base)
	var feeds []advert
	for _, attr := range webLinks(headers) {
		if isFeedLink(attr) {
			feeds = advertise(feeds, advert{r.address(attr["href"]), shortText(attr["title"])})
		}
	}
	return feeds
}
