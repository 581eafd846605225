package extractor

import (
	"net/url"
	"strings"

	"vedetta/news"
)

// builtin are rules for sites whose pages the general way would not read as
// well, by host; subdomains are included. Users' rules go before.
var builtin = map[string]news.ExtractRule{
	"corriere.it":   {Body: ".chapter-paragraph"},
	"repubblica.it": {Body: ".story__summary, .story__text"},
	"lastampa.it":   {Body: ".story__summary, .story__text"},
	"ilgiornale.it": {Body: ".typography--content"},
	"ilfoglio.it":   {Body: ".body-lead, .paywall-wrapper__story-content .blockContainer.paragraph"},
	"eastwest.eu":   {Remove: []string{".spot_img"}},
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
