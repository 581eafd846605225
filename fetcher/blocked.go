package fetcher

import (
	"net/http"
	"strings"
)

// blockedBy names the bot wall that answered instead of the site, by what each
// of them says of itself; "" when none did. head is the start of the body.
func blockedBy(code int, h http.Header, head []byte) string {
	if h.Get("Cf-Mitigated") != "" {
		return "Cloudflare"
	}
	if h.Get("X-Datadome") != "" && code != http.StatusOK {
		return "DataDome"
	}
	if action := h.Get("X-Amzn-Waf-Action"); action == "challenge" || action == "captcha" {
		return "AWS WAF"
	}
	if code != http.StatusOK && code != http.StatusForbidden && code != http.StatusServiceUnavailable &&
		code != http.StatusTooManyRequests && code != http.StatusUnauthorized && code != http.StatusAccepted && code != http.StatusMethodNotAllowed {
		return ""
	}
	for i, found := range wallWording.in(head) {
		if found {
			return wallPhrases[i].wall
		}
	}
	switch {
	case strings.HasPrefix(h.Get("Server"), "AkamaiGHost") && code == http.StatusForbidden:
		return "Akamai"
	case h.Get("Server") == "cloudflare" && code == http.StatusForbidden:
		return "Cloudflare"
	}
	return ""
}

// wallPhrases are what walls say of themselves, the surest first.
var wallPhrases = [...]struct{ wall, phrase string }{
	{"Cloudflare", "cf-chl"},
	{"Cloudflare", "cdn-cgi/challenge-platform/h/"},
	{"Cloudflare", "challenges.cloudflare.com/turnstile"},
	{"Cloudflare", "<title>just a moment...</title>"},
	{"Cloudflare", "<title>attention required! | cloudflare</title>"},
	{"DataDome", "captcha-delivery.com"},
	{"Imperva", "_incapsula_resource"},
	{"Imperva", "incapsula incident id"},
	{"PerimeterX", "px-captcha"},
	{"PerimeterX", "perimeterx"},
	{"Sucuri", "sucuri website firewall"},
	{"SiteGround", "sgcaptcha"},
	{"Anubis", "/.within.website/x/cmd/anubis"},
	{"Anubis", "making sure you&#39;re not a bot!"},
	{"Anubis", "making sure you're not a bot!"},
	{"Akamai", "errors.edgesuite.net"},
}

var wallWording = func() *wording {
	phrases := make([]string, len(wallPhrases))
	for i, p := range wallPhrases {
		phrases[i] = p.phrase
	}
	return newWording(phrases)
}()
