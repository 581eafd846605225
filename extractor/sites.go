package extractor

import (
	"net/url"
	"strings"

	"vedetta/news"
)

// builtin are rules for sites whose traits are known, by host; subdomains are
// included. Users' rules go before. A rule names the containers, not the
// paragraphs, so that headings and lists between them are kept.
var builtin = map[string]news.ExtractRule{
	"corriere.it":          {Body: "div:haschild(.chapter-paragraph), section:haschild(.chapter-paragraph)"},
	"repubblica.it":        {Body: ".story__text"},
	"lastampa.it":          {Body: ".story__text"},
	"huffingtonpost.it":    {Body: ".story__text"},
	"ilgiornale.it":        {Body: ".typography--content"},
	"ilfoglio.it":          {Body: ".body-lead, .paywall-wrapper__story-content"},
	"ansa.it":              {Body: ".news-txt"},
	"eastwest.eu":          {Remove: []string{".spot_img"}},
	"ilfattoquotidiano.it": {Remove: []string{".adnkronos-ticker", ".ticker"}},
}

// ruleFor returns the rule for a host or the nearest domain above it.
func ruleFor(rules map[string]news.ExtractRule, host string) (news.ExtractRule, bool) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for host != "" {
		if r, ok := rules[host]; ok {
			return r, true
		}
		_, rest, ok := strings.Cut(host, ".")
		if !ok {
			break
		}
		host = rest
	}
	return news.ExtractRule{}, false
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}
