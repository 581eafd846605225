package publish

import "testing"

func TestClass(t *testing.T) {
	h := handler(t, fixture(t), func(s *Site) { s.BaseURL = "https://esempio.it/vedetta" })
	for path, want := range map[string]string{
		"/":                               "home",
		"/vedetta":                        "home",
		"/vedetta/":                       "home",
		"/feeds/t.atom":                   "feed",
		"/vedetta/feeds/t/f.json":         "feed",
		"/feeds/t/archive/2026-11.atom":   "archive",
		"/feeds/t/f/archive/2026-11.atom": "archive",
		"/feeds":                          "other",
		"/feeds.opml":                     "list",
		"/sources":                        "sources",
		"/sources/":                       "sources",
		"/sources/x":                      "other",
		"/sources.atom":                   "list",
		"/stories/0123":                   "story",
		"/stories/0123/":                  "story",
		"/stories/0123/4567":              "story",
		"/opensearch.xml":                 "list",
		"/sources.opml":                   "list",
		"/search.atom":                    "search",
		"/search.json":                    "search",
		"/threads/0123":                   "thread",
		"/search":                         "search",
		"/assets/style-0123.css":          "asset",
		"/healthz":                        "probe",
		"/vedetta/readyz":                 "probe",
		"/metrics":                        "metrics",
		"/wp-login.php":                   "other",
		"":                                "home",
		"*":                               "other",
	} {
		if got := h.Class(path); got != want {
			t.Errorf("Class(%q) = %q; want %q", path, got, want)
		}
	}
}
