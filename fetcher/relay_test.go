package fetcher

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/news"
)

// archive is another daemon's feed with older pages, one story a day.
type archive struct {
	stories []time.Time // newest first
	page    int         // stories of a page
	etag    string
}

// answer serves the feed at /f.json and what is older than the n-th story at
// /f.json?from=n.
func (a *archive) answer(r *http.Request) *http.Response {
	from := 0
	if q := r.URL.Query().Get("from"); q != "" {
		if _, err := fmt.Sscan(q, &from); err != nil {
			return respond(r, 404, "")
		}
	} else if a.etag != "" && r.Header.Get("If-None-Match") == a.etag {
		return respond(r, 304, "")
	}
	to := min(from+a.page, len(a.stories))
	doc := map[string]any{
		"version": "https://jsonfeed.org/version/1.1", "feed_url": site + "/f.json",
		"_vedetta": map[string]any{"ns": news.Namespace, "topic": "patto"},
	}
	if to < len(a.stories) {
		doc["next_url"] = fmt.Sprintf("%s/f.json?from=%d", site, to)
		doc["_vedetta"].(map[string]any)["since"] = a.stories[to-1]
	}
	var items []any
	for _, at := range a.stories[from:to] {
		url := "https://molo.example/" + at.Format("20060102")
		items = append(items, map[string]any{"id": url, "url": url, "_vedetta": map[string]any{
			"story": news.ArticleID(url), "articles": []any{map[string]any{"url": url, "title": "Del " + at.Format(time.DateOnly), "text": "Testo", "published": at}},
		}})
	}
	doc["items"] = items
	text, err := json.Marshal(doc)
	if err != nil {
		return respond(r, 500, err.Error())
	}
	return respond(r, 200, string(text), "Etag", a.etag)
}

// asking counts the requests by their pages.
type asking struct {
	archive *archive
	pages   []string
	broken  bool // older pages fail
}

func (a *asking) RoundTrip(r *http.Request) (*http.Response, error) {
	a.pages = append(a.pages, strings.TrimPrefix(r.URL.RawQuery, "from="))
	if a.broken && r.URL.RawQuery != "" {
		return respond(r, 503, ""), nil
	}
	return a.archive.answer(r), nil
}

func (a *asking) took() string {
	out := strings.Join(a.pages, " ")
	a.pages = nil
	return out
}

// TestCatchingUp reads all of another daemon's past at first, a few pages a
// visit, then only what a pause has left out, and now and then the last months.
func TestCatchingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &archive{page: 10, etag: `"1"`}
		add := func(days int) {
			for range days {
				time.Sleep(24 * time.Hour)
				a.stories = append([]time.Time{time.Now().UTC()}, a.stories...)
			}
			a.etag = fmt.Sprintf(`"%d"`, len(a.stories))
		}
		add(65)
		asked := &asking{archive: a}
		f, err := New(Options{Transport: asked})
		if err != nil {
			t.Fatal(err)
		}
		src, last := news.Source{ID: "nord", URL: site + "/f.json"}, news.Poll{}
		known := map[string]bool{}
		visit := func(want string) {
			t.Helper()
			items, next, err := f.Feed(t.Context(), src, last)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				known[it.GUID] = true
			}
			last = next
			if got := asked.took(); got != want {
				t.Errorf("asked %q; want %q", got, want)
			}
		}
		complete := func() {
			t.Helper()
			if len(known) != len(a.stories) {
				t.Errorf("%d of %d stories came", len(known), len(a.stories))
			}
		}
		visit(" 10 20 30")
		asked.broken = true
		visit(" 40") // the feed has not changed: 304, and then the past goes on
		asked.broken = false
		visit(" 40 50 60")
		visit("")
		complete()

		add(1)
		visit("")
		add(30) // a pause; the last look back is long ago too
		visit(" 10 20 30")
		visit(" 40 50 60")
		visit("")
		complete()

		add(5)
		visit(" 10") // what came out a week before the pause may have come late
		complete()
		add(6) // a week since the last look back: two months
		visit(" 10 20 30")
		visit(" 40 50 60")
		complete()

		add(2)
		visit("")
		a.stories = append(a.stories, a.stories[len(a.stories)-1].AddDate(0, 0, -1)) // older than all that is looked at
		add(22)
		visit(" 10 20 30")
		asked.archive.page = 20
		add(21) // and another pause while the past is being read
		visit(" 20 40 60")
	})
}

// TestPagesThatLeadNowhere follows next_url no further than pages get older.
func TestPagesThatLeadNowhere(t *testing.T) {
	f, s := scripted(t, map[string]reply{})
	now := time.Now().UTC()
	page := func(next string, since time.Time) reply {
		return func(r *http.Request) *http.Response {
			return respond(r, 200, fmt.Sprintf(`{"version":"https://jsonfeed.org/version/1.1","next_url":%q,"_vedetta":{"ns":%q,"topic":"patto","since":%q},"items":[]}`,
				next, news.Namespace, since.Format(time.RFC3339)))
		}
	}
	for name, c := range map[string]struct {
		answers map[string]reply
		want    string
	}{
		"a circle":     {map[string]reply{"/1": page("/2", now.AddDate(0, -1, 0)), "/2": page("/1", now.AddDate(0, -2, 0))}, "/0, /1, /2, /1"},
		"itself":       {map[string]reply{"/1": page("/1", now.AddDate(0, -1, 0))}, "/0, /1, /1"},
		"younger":      {map[string]reply{"/1": page("/2", now.AddDate(0, -2, 0)), "/2": page("/3", now.AddDate(0, -1, 0))}, "/0, /1, /2"},
		"no page":      {map[string]reply{}, "/0, /1"},
		"another feed": {map[string]reply{"/1": feedOf()}, "/0, /1"},
	} {
		t.Run(name, func(t *testing.T) {
			s.answers = c.answers
			s.answers["/0"] = page("/1", now)
			src := news.Source{ID: "nord", URL: site + "/0"}
			_, last, err := f.Feed(t.Context(), src, news.Poll{})
			if err != nil {
				t.Fatal(err)
			}
			s.want(c.want)
			if last.CatchUp.Next != "" {
				t.Errorf("goes on at %s", last.CatchUp.Next)
			}
		})
	}
}
