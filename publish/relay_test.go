package publish

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vedetta/news"
)

// TestNextPages walks a large archive by next_url, as another daemon does that
// was away: every story comes, no document is larger than may be taken, and the
// pages get older.
func TestNextPages(t *testing.T) {
	m := newMemory()
	const stories = 900
	text := strings.Repeat("La Nato e il Giappone hanno firmato un’intesa. ", 400)
	for i := range stories {
		id := fmt.Sprintf("%024x", i)
		at := fixtureNow(t).Add(-time.Duration(i*i/30) * time.Hour).Add(-time.Hour) // some a day at first, and over three years
		m.articles[id] = news.Article{
			ID: id, Source: "il-faro", URL: "https://il-faro.example/" + id, Title: "Notizia " + id, Text: text, Published: at, Seen: at,
			Verdicts: []news.Verdict{{Topic: testTopic().ID, On: true, Score: 0.9, Facets: []string{"gcap"}}},
		}
		m.stories[id] = news.Story{ID: id, Shown: id, First: at, Updated: at, Members: []news.Member{{Article: id, Source: "il-faro", Published: at}}}
	}
	h := handler(t, m)
	seen := map[string]bool{}
	var since time.Time
	path, pages := "/feeds/"+testTopic().ID+".json", 0
	for ; path != ""; pages++ {
		w := get(h, path)
		var doc struct {
			Next string `json:"next_url"`
			Ours struct {
				Since time.Time `json:"since"`
			} `json:"_vedetta"`
			Items []struct {
				Ours struct{ Story string } `json:"_vedetta"`
			} `json:"items"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || len(doc.Items) == 0 || w.Body.Len() > 8<<20 {
			t.Fatalf("%s: %d, %d entries, %d bytes, %v", path, w.Code, len(doc.Items), w.Body.Len(), err)
		}
		for _, it := range doc.Items {
			seen[it.Ours.Story] = true
		}
		if pages > 1 && !doc.Ours.Since.Before(since) {
			t.Errorf("%s is complete since %v, the page before since %v", path, doc.Ours.Since, since)
		}
		since = doc.Ours.Since
		for id, st := range m.stories {
			if !st.First.Before(since) && !seen[id] {
				t.Fatalf("%s says to be complete since %v; %s of %v has not come", path, since, id, st.First)
			}
		}
		links := h.nextOf(w.Body.Bytes())
		if path = strings.TrimPrefix(doc.Next, h.site.BaseURL); path != "" && !slices.Equal(links, []string{path}) {
			t.Errorf("a static site follows %v; want %s", links, path)
		}
	}
	if len(seen) != stories || pages < 5 {
		t.Errorf("%d of %d stories in %d pages", len(seen), stories, pages)
	}
}

// TestArchiveAddresses of JSON, which are of months and of months up to a day.
func TestArchiveAddresses(t *testing.T) {
	h := handler(t, fixture(t))
	feed := "/feeds/" + testTopic().ID + "/archive/"
	for path, want := range map[string]int{
		feed + "2026-03.json": 200, feed + "2026-03-11.json": 200, feed + "2026-03.atom": 200,
		feed + "2026-03-11.atom": 404, feed + "2026-03.rss": 404, feed + "2026-13.json": 404, feed + "2026-02-30.json": 404,
		feed + "1999-01.json": 404, feed + "2026-03-11T00.json": 404, feed + "../x.json": 404,
	} {
		if w := get(h, path); w.Code != want {
			t.Errorf("%s: %d; want %d", path, w.Code, want)
		}
	}
}

// TestPatience serves what stood a moment ago while the new document is made,
// what a reload has replaced too, and neither for ever.
func TestPatience(t *testing.T) {
	m := fixture(t)
	h := handler(t, m, func(s *Site) { s.Patience = time.Hour })
	first := get(h, topicFeed).Header().Get("ETag")
	change := func() {
		m.mu.Lock() // a document may be made meanwhile
		defer m.mu.Unlock()
		st := m.stories["s-gcap"]
		st.Updated = st.Updated.Add(time.Hour)
		m.stories["s-gcap"] = st
		m.revision.Add(1)
	}
	change()
	if got := get(h, topicFeed).Header().Get("ETag"); got != first {
		t.Error("a reader waited for a document to be made")
	}
	fresh := eventually(t, h, first)

	heir := handler(t, m, func(s *Site) { s.Patience, s.Title = time.Hour, "Altro titolo" })
	heir.Inherit(h)
	if got := get(heir, topicFeed).Header().Get("ETag"); got != fresh {
		t.Error("a reader waited for what another configuration makes")
	}
	eventually(t, heir, fresh)

	strict := handler(t, m, func(s *Site) { s.Patience = time.Nanosecond })
	first = get(strict, topicFeed).Header().Get("ETag")
	change()
	if got := get(strict, topicFeed).Header().Get("ETag"); got == first {
		t.Error("an old document was served after its time")
	}

	first = eventually(t, h, fresh)
	change()
	h.cache.expire(topicFeed)
	if got := get(h, topicFeed).Header().Get("ETag"); got == first {
		t.Error("a hub that was told got the old document")
	}
}

// eventually returns the tag of the feed once it is another.
func eventually(t *testing.T, h *Handler, than string) string {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for limit := time.After(5 * time.Minute); ; {
		if got := get(h, topicFeed).Header().Get("ETag"); got != than {
			return got
		}
		select {
		case <-look.C:
		case <-limit:
			t.Fatal("the document was never made anew")
		}
	}
}

// TestFounderElsewhere leads from a story as another daemon has it to the one
// that it is a part of here.
func TestFounderElsewhere(t *testing.T) {
	m := fixture(t)
	h := handler(t, m)
	st := m.stories["s-gcap"]
	id := st.Members[len(st.Members)-1].Article
	a := m.articles[id]
	a.Story = st.ID
	m.articles[id] = a
	if w := get(h, "/stories/"+id); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "/stories/"+st.ID {
		t.Errorf("%d to %q; want /stories/%s", w.Code, w.Header().Get("Location"), st.ID)
	}
	if w := get(h, "/stories/nessuna"); w.Code != http.StatusNotFound {
		t.Errorf("a story that nobody has: %d", w.Code)
	}
}
