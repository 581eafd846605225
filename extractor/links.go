package extractor

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"vedetta/weblink"
)

// absolute resolves a link and drops tracking; "" unless it leads to http,
// https or mailto.
func absolute(base *url.URL, ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || strings.HasPrefix(ref, "#") || len(ref) > 4096 {
		return ""
	}
	if fixed(ref) {
		return weblink.Clean(ref)
	}
	return resolved(base, ref)
}

// fixed reports whether an address is absolute and means what it says, so that
// resolving changes nothing.
func fixed(ref string) bool {
	return usual(ref) && !strings.Contains(ref, "/.") && strings.Count(ref, "//") == 1
}

// resolved is absolute for any reference.
func resolved(base *url.URL, ref string) string {
	u, err := url.Parse(ref)
	if err != nil {
		return ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" {
			return ""
		}
		return weblink.Clean(u.String())
	case "mailto":
		return u.String()
	}
	return ""
}

// lazyAttrs are where lazy-loading scripts keep an image's address, best
// first.
var lazyAttrs = []string{
	"data-src", "data-original", "data-lazy-src", "data-full-url", "data-large-file", "data-orig-file", "data-image", "data-url",
	"data-hi-res-src", "data-echo", "data-lazyload", "data-flickity-lazyload", "data-img", "nitro-lazy-src", "data-ezsrc",
}

// imageSource returns the address of an image, absolute; "" for placeholders
// and pixels.
func imageSource(n *html.Node, base *url.URL) string {
	if tiny(attr(n, "width")) || tiny(attr(n, "height")) {
		return ""
	}
	for _, k := range []string{"data-srcset", "data-lazy-srcset", "srcset"} {
		if s := largest(attr(n, k)); s != "" {
			if u := absolute(base, s); u != "" && !placeholder(u) {
				return u
			}
		}
	}
	for _, k := range lazyAttrs {
		if u := absolute(base, attr(n, k)); u != "" && !placeholder(u) {
			return u
		}
	}
	if u := absolute(base, attr(n, "src")); u != "" && !placeholder(u) {
		return u
	}
	return ""
}

func tiny(v string) bool {
	v = strings.TrimSuffix(strings.TrimSpace(v), "px")
	n, err := strconv.Atoi(v)
	return err == nil && n <= 3
}

// placeholder tells images that stand for others, and counters.
func placeholder(u string) bool {
	low := strings.ToLower(u)
	for _, p := range []string{
		"placeholder", "/blank.gif", "/spacer.", "/pixel.", "/1x1.", "/transparent.", "loading.gif",
		"gravatar.com/avatar", "feedburner.com/~", "facebook.com/tr?", "google-analytics.com", "doubleclick.net",
		"scorecardresearch.com", "pixel.wp.com", "stats.wordpress.com", "feeds.feedburner.com", "shinystat", "webtrekk", "imrworldwide",
	} {
		if strings.Contains(low, p) {
			return true
		}
	}
	return false
}

// maxImage is the widest picture taken from a srcset, in pixels.
const maxImage = 1600

// largest returns the widest picture of a srcset that is not wider than
// maxImage.
func largest(srcset string) string {
	if len(srcset) > 8192 {
		return ""
	}
	var best string
	width := -1.0
	for part := range strings.SplitSeq(strings.ReplaceAll(srcset, ",\n", ", "), ", ") {
		f := strings.Fields(part)
		if len(f) == 0 {
			continue
		}
		w := 0.0
		if len(f) > 1 {
			d := strings.TrimSuffix(f[1], ",")
			if v, err := strconv.ParseFloat(strings.TrimRight(d, "wx"), 64); err == nil {
				w = v
			}
		}
		if w > width && w <= maxImage {
			best, width = strings.TrimSuffix(f[0], ","), w
		}
	}
	return best
}

func imageTag(n *html.Node, base *url.URL) string {
	src := imageSource(n, base)
	if src == "" {
		return ""
	}
	tag := `<img src="` + html.EscapeString(src) + `"`
	if alt := clean(attr(n, "alt")); alt != "" {
		tag += ` alt="` + html.EscapeString(alt) + `"`
	}
	return tag + ">"
}

// videoPage turns the address of a known host's player into that of its page.
func videoPage(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	host := strings.TrimPrefix(u.Hostname(), "www.")
	id := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	switch host {
	case "youtube.com", "youtube-nocookie.com", "m.youtube.com":
		if strings.HasPrefix(u.Path, "/embed/") && id != "" && id != "videoseries" {
			return "https://www.youtube.com/watch?v=" + url.QueryEscape(id)
		}
	case "player.vimeo.com":
		if strings.HasPrefix(u.Path, "/video/") && id != "" {
			return "https://vimeo.com/" + url.PathEscape(id)
		}
	case "dailymotion.com", "geo.dailymotion.com":
		if strings.Contains(u.Path, "/embed/video/") && id != "" {
			return "https://www.dailymotion.com/video/" + url.PathEscape(id)
		}
		if v := u.Query().Get("video"); v != "" {
			return "https://www.dailymotion.com/video/" + url.PathEscape(v)
		}
	}
	return ""
}
