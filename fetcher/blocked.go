package fetcher

import (
	"bytes"
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
	low := bytes.ToLower(head)
	has := func(words ...string) bool {
		for _, w := range words {
			if bytes.Contains(low, []byte(w)) {
				return true
			}
		}
		return false
	}
	switch {
	case has("cf-chl", "cdn-cgi/challenge-platform/h/", "challenges.cloudflare.com/turnstile", "<title>just a moment...</title>", "<title>attention required! | cloudflare</title>"):
		return "Cloudflare"
	case has("captcha-delivery.com"):
		return "DataDome"
	case has("_incapsula_resource", "incapsula incident id"):
		return "Imperva"
	case has("px-captcha", "perimeterx"):
		return "PerimeterX"
	case has("sucuri website firewall"):
		return "Sucuri"
	case has("sgcaptcha"):
		return "SiteGround"
	case has("/.within.website/x/cmd/anubis", "making sure you&#39;re not a bot!", "making sure you're not a bot!"):
		return "Anubis"
	case strings.HasPrefix(h.Get("Server"), "AkamaiGHost") && code == http.StatusForbidden,
		has("errors.edgesuite.net"):
		return "Akamai"
	case h.Get("Server") == "cloudflare" && code == http.StatusForbidden:
		return "Cloudflare"
	}
	return ""
}
