package publish

import (
	"errors"
	"html"
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"time"

	"vedetta/news"
)

func staticHandler(t *testing.T, base string) *Handler {
	t.Helper()
	return handler(t, fixture(t), func(s *Site) {
		s.Static, s.BaseURL = true, base
		s.Topics = append(s.Topics, news.Topic{ID: "altro", Title: "Altro", Relations: []news.Relation{{ID: "x"}}})
	})
}

// Every path that the site names has an address as a file, and leads back.
func TestStaticAddresses(t *testing.T) {
	h := staticHandler(t, "https://vedetta.example/rassegna")
	for local, want := range map[string]string{
		"/":                                 "/",
		"/?lang=en":                         "/en/",
		"/?lang=it":                         "/",
		"/?facet=gcap&month=2026-03":        "/facet=gcap/month=2026-03/",
		"/?topic=altro&facet=x&lang=en":     "/en/topic=altro/facet=x/",
		"/stories/s-vertice":                "/stories/s-vertice/",
		"/stories/s-vertice?lang=en#copies": "/en/stories/s-vertice/#copies",
		"/stories/s-vertice/a-1":            "/stories/s-vertice/a-1/",
		"/sources#il-faro":                  "/sources/#il-faro",
		"/feeds/patto.atom":                 "/feeds/patto.atom",
		"/sources.atom":                     "/sources.atom",
		"/assets/style-0a1b.css":            "/assets/style-0a1b.css",
	} {
		got := h.at(local)
		if got != want {
			t.Errorf("%s is %s; want %s", local, got, want)
		}
		at, _, _ := strings.Cut(got, "#")
		path, query, ok := h.dynamic(at)
		values, err := url.ParseQuery(query)
		wantURL, bad := url.Parse(local)
		if bad != nil {
			t.Fatal(bad)
		}
		q := wantURL.Query()
		if q.Get("lang") == "it" {
			q.Del("lang")
		}
		if !ok || err != nil || path != wantURL.Path || values.Encode() != q.Encode() {
			t.Errorf("%s leads back to %s?%s (%v)", at, path, query, ok)
		}
	}
	for _, at := range []string{"/../etc/passwd", "//x", "/stories/../..", "/stories/a//"} {
		if _, err := h.File(at); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// From the roots everything is reached, every link leads somewhere, and none
// has a parameter.
func TestStaticSite(t *testing.T) {
	for _, base := range []string{"https://vedetta.example", "https://vedetta.example/rassegna"} {
		h := staticHandler(t, base)
		queue := h.Roots()
		seen := map[string]bool{}
		for _, at := range queue {
			seen[at] = true
		}
		compared := 0
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			if strings.HasPrefix(at, "/stories/") && strings.Count(at, "/") == 4 {
				compared++
			}
			f, err := h.File(at)
			if err != nil {
				t.Errorf("%s: %v", at, err)
				continue
			}
			for _, to := range f.Links {
				if strings.ContainsAny(to, "?#") {
					t.Errorf("%s links to %s", at, to)
				}
				if !seen[to] {
					seen[to] = true
					queue = append(queue, to)
				}
			}
			if strings.HasSuffix(at, "/") && !strings.HasPrefix(string(f.Data), "<!doctype html>") {
				t.Errorf("%s begins with %.40q", at, f.Data)
			}
			for _, word := range []string{"Oggi, ", "Ieri, ", "oggi, ", "ieri, ", "yesterday, "} {
				if strings.HasSuffix(at, "/") && strings.Contains(html.UnescapeString(string(f.Data)), ">"+word) {
					t.Errorf("%s says %q", at, word)
				}
			}
		}
		if compared == 0 {
			t.Error("no copy held against what it copies")
		}
		for _, at := range []string{
			"/facet=gcap/", "/en/stories/s-vertice/", "/threads/s-vertice/", "/topic=altro/", "/en/month=2026-03/",
			"/feeds/nato-giappone-italia/gcap.rss", "/feeds/nato-giappone-italia/archive/2026-02.atom", "/404.html",
		} {
			if !seen[at] {
				t.Errorf("%s: %s is not reached", base, at)
			}
		}
	}
}

// What was merged leads to where it went, in its language.
func TestStaticMoved(t *testing.T) {
	h := staticHandler(t, "https://vedetta.example/rassegna")
	for at, want := range map[string]string{
		"/stories/s-vecchia/":    "/rassegna/stories/s-vertice/",
		"/en/stories/s-vecchia/": "/rassegna/en/stories/s-vertice/",
	} {
		f, err := h.File(at)
		if err != nil || !strings.Contains(string(f.Data), `content="0; url=`+want+`"`) || len(f.Links) != 1 || "/rassegna"+f.Links[0] != want {
			t.Errorf("%s: %v, %s, %v", at, err, f.Data, f.Links)
		}
	}
}

// Feeds keep their identities, and name the pages as files.
func TestStaticFeed(t *testing.T) {
	f, err := staticHandler(t, "https://vedetta.example/rassegna").File("/feeds/nato-giappone-italia.atom")
	if err != nil {
		t.Fatal(err)
	}
	served := get(handler(t, fixture(t)), "/feeds/nato-giappone-italia.atom").Body.String()
	ids := func(s string) (out []string) {
		for part := range strings.SplitSeq(s, "<id>") {
			id, _, _ := strings.Cut(part, "</id>")
			out = append(out, id)
		}
		return out[1:]
	}
	if got, want := strings.Join(ids(string(f.Data)), " "), strings.Join(ids(served), " "); got != want || len(got) == 0 {
		t.Errorf("ids %s; want %s", got, want)
	}
	if !strings.Contains(string(f.Data), `href="https://vedetta.example/rassegna/stories/s-vertice/"`) {
		t.Errorf("no link to the story's file in\n%s", f.Data)
	}
}

// The same day after day, while nothing happens.
func TestStaticStaysTheSame(t *testing.T) {
	h := staticHandler(t, "https://vedetta.example")
	now := h.now()
	for _, at := range []string{"/", "/en/", "/stories/s-vertice/", "/threads/s-vertice/", "/subscribe/", "/feeds/nato-giappone-italia.atom", "/feeds.opml"} {
		h.now = func() time.Time { return now }
		today, err := h.File(at)
		if err != nil {
			t.Fatal(err)
		}
		h.now = func() time.Time { return now.AddDate(0, 0, 2) } // still the same week
		later, err := h.File(at)
		if err != nil || string(later.Data) != string(today.Data) {
			t.Errorf("%s is another two days later: %v", at, err)
		}
	}
}
