package publish

import "testing"

func TestAll(t *testing.T) {
	h := handler(t, fixture(t))
	for _, p := range []string{
		"/", "/?facet=gcap", "/?facet=near-misses", "/?month=2026-02", "/?before=2026-03-01", "/stories/s-vertice", "/stories/s-fuori", "/stories/s-quasi", "/stories/s-vertice/a-vertice-c1", "/threads/s-vertice", "/sources", "/subscribe",
		"/feeds/nato-giappone-italia.atom", "/feeds/nato-giappone-italia/gcap.rss", "/feeds/nato-giappone-italia/near-misses.json", "/feeds/nato-giappone-italia/archive/2026-02.atom", "/feeds.opml", "/sources.opml", "/sources.atom", "/favicon.svg", "/robots.txt",
	} {
		w := get(h, p, "Accept", "text/html")
		if w.Code != 200 {
			t.Errorf("%s: %d %s", p, w.Code, w.Body.String()[:min(300, w.Body.Len())])
		}
	}
}
