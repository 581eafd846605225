package publish

import "strings"

// Class is the kind of document that a path asks for: one of a few words, so
// that requests can be counted by it whatever paths they name.
func (h *Handler) Class(path string) string { return class(h.local(path)) }

// class is Class of a path without the base URL's.
func class(path string) string {
	first, rest, deeper := strings.Cut(strings.Trim(path, "/"), "/")
	switch first {
	case "feeds":
		if deeper && strings.Contains(rest, "/archive/") {
			return "archive"
		}
		if deeper {
			return "feed"
		}
	case "":
		return "home"
	case "stories":
		return "story"
	case "threads":
		return "thread"
	case "search", "sources", "subscribe":
		if !deeper {
			return first
		}
	case "search.atom", "search.json":
		return "search"
	case "sources.atom", "sources.opml", "sources.json", "feeds.opml", "opensearch.xml":
		return "list"
	case "assets", "favicon.svg", "favicon.ico", "robots.txt":
		return "asset"
	case "healthz", "readyz":
		return "probe"
	case "metrics":
		return first
	}
	return "other"
}
