package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/news"
	"vedetta/newsroom"
	"vedetta/store"
	storybench "vedetta/story/bench"
	topicbench "vedetta/topic/bench"
	"vedetta/weblink"

	"github.com/mmcdole/gofeed"
)

// world is the whole daemon over the newsroom, at a time that the test sets.
type world struct {
	room    *newsroom.Newsroom
	now     atomic.Int64 // the newsroom's clock, nanoseconds
	service *service
	setup   *setup
	store   *store.Store
	site    *httptest.Server
	dir     string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dir: t.TempDir()}
	w.now.Store(time.Now().Add(-10 * time.Minute).UnixNano())
	press := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.room.ServeHTTP(rw, r) }))
	t.Cleanup(press.Close)
	w.room = newsroom.New(press.URL, func() time.Time { return time.Unix(0, w.now.Load()) })
	w.site = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.service.ServeHTTP(rw, r) }))
	t.Cleanup(w.site.Close)
	path := filepath.Join(w.dir, "feeds.yaml")
	address := strings.TrimPrefix(w.site.URL, "http://")
	if err := os.WriteFile(path, demoConfig(w.room, address, strings.TrimPrefix(press.URL, "http://")), 0o600); err != nil {
		t.Fatal(err)
	}
	w.open(t, path, address)
	return w
}

// open starts the daemon on what the directory holds.
func (w *world) open(t *testing.T, path, address string) {
	t.Helper()
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if w.store, err = store.Open(filepath.Join(w.dir, "vedetta.db"), store.Options{}); err != nil {
		t.Fatal(err)
	}
	watch, err := newWatcher(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(watch.close)
	w.service = newService(watch, address, w.store, newMeasures(), slog.New(slog.DiscardHandler))
	if w.setup, err = w.service.prepare(cfg, nil); err != nil {
		t.Fatal(err)
	}
	w.service.serving.Store(w.setup)
	t.Cleanup(func() { _ = w.store.Close() })
}

// round polls all outlets once.
func (w *world) round(t *testing.T) []engine.Outcome {
	t.Helper()
	outcomes, err := w.service.engine.Round(t.Context(), w.setup.plan, true, func(engine.Outcome) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		if o.Status == engine.Failed {
			t.Errorf("%s failed: %s", o.Name, o.Err)
		}
	}
	return outcomes
}

// archive returns what is stored, by canonical address.
func (w *world) archive(t *testing.T) map[string]news.Article {
	t.Helper()
	m := make(map[string]news.Article)
	if err := w.store.Since(time.Time{}, func(a news.Article) error { m[a.URL] = a; return nil }); err != nil {
		t.Fatal(err)
	}
	return m
}

// feed subscribes, as a reader would.
func (w *world) feed(t *testing.T, path string) *gofeed.Feed {
	t.Helper()
	f, err := gofeed.NewParser().ParseString(w.get(t, path))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f
}

// get fetches a document from the daemon.
func (w *world) get(t *testing.T, path string) string {
	t.Helper()
	status, body := w.ask(t, http.MethodGet, path, nil)
	if status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, status, body)
	}
	return body
}

// ask sends a request to the daemon.
func (w *world) ask(t *testing.T, method, path string, header http.Header) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.site.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := w.site.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return resp.StatusCode, string(data)
}

const topicID = "nato-giappone-italia"

func TestDaemonOverTheNewsroom(t *testing.T) {
	w := newWorld(t)
	w.round(t)
	got := w.archive(t)
	truth := w.room.Articles()
	var found []pair
	for _, want := range truth {
		a, ok := got[weblink.Canonical(want.URL)]
		if !ok {
			t.Errorf("missed: %s", want.URL)
			continue
		}
		found = append(found, pair{want, a})
	}
	if len(got) != len(truth) {
		t.Errorf("%d articles stored, the newsroom published %d", len(got), len(truth))
	}
	t.Run("bodies", func(t *testing.T) { checkBodies(t, found) })
	t.Run("topic", func(t *testing.T) { checkTopic(t, found) })
	t.Run("stories", func(t *testing.T) { checkStories(t, w, found) })
	t.Run("feeds", func(t *testing.T) { checkFeeds(t, w, found) })
	t.Run("later", func(t *testing.T) { checkLater(t, w) })
	t.Run("restart", func(t *testing.T) { checkRestart(t, w) })
}

// pair is the truth about an article and what the daemon made of it.
type pair struct {
	want newsroom.Article
	got  news.Article
}

// checkBodies compares the words of each body with the truth. A standfirst
// may belong to it or not.
func checkBodies(t *testing.T, pairs []pair) {
	for _, p := range pairs {
		want, have := strings.Fields(p.want.Text), strings.Fields(p.got.Text)
		precision, recall := overlap(have, want), overlap(want, have)
		if p.want.Wall == "" && (precision < 0.9 || recall < 0.9) {
			t.Errorf("%s: precision %.2f, recall %.2f\n got %.300q\nwant %.300q", p.want.URL, precision, recall, p.got.Text, p.want.Text)
		}
		if p.want.Wall != "" && p.got.Refused == "" {
			t.Errorf("%s stands behind a %s wall; its page was taken for an article: %.200q", p.want.URL, p.want.Wall, p.got.Text)
		}
	}
}

// overlap is the share of a's words that are in b, each as often.
func overlap(a, b []string) float64 {
	left := make(map[string]int)
	for _, w := range b {
		left[w]++
	}
	n := 0
	for _, w := range a {
		if left[w] > 0 {
			left[w]--
			n++
		}
	}
	return float64(n) / float64(max(1, len(a)))
}

func checkTopic(t *testing.T, pairs []pair) {
	var cases []topicbench.Case
	for _, p := range pairs {
		v, ok := p.got.Verdict(topicID)
		if !ok {
			t.Errorf("%s has no verdict", p.want.URL)
		}
		cases = append(cases, topicbench.Case{
			ID: p.want.URL, Title: p.want.Title, Kind: p.want.Trap, Label: topicbench.Label(p.want.Label), Facets: p.want.Facets, Verdict: v,
		})
	}
	s := topicbench.Score(cases)
	t.Logf("%+v", s.Overall)
	for _, m := range s.Mistakes {
		t.Logf("on = %v, score %.2f, trap %q: %s %s", m.Verdict.On, m.Verdict.Score, m.Kind, m.Title, m.ID)
	}
	if s.Overall.Precision() < topicFloor || s.Overall.Recall() < topicFloor {
		t.Errorf("precision %.3f, recall %.3f; the floor is %.3f", s.Overall.Precision(), s.Overall.Recall(), topicFloor)
	}
}

// Floors of quality over the newsroom. They are raised when it rises.
const (
	topicFloor        = 0.95
	copiesRecallFloor = 0.95
	threadsFloor      = 0.88 // B³ F1
)

func checkStories(t *testing.T, w *world, pairs []pair) {
	var items []storybench.Item
	titles := make(map[string]string)
	for _, p := range pairs {
		st, err := w.store.Story(p.got.Story)
		if err != nil {
			t.Fatal(err)
		}
		titles[p.want.URL] = p.want.Title
		items = append(items, storybench.Item{ID: p.want.URL, Copy: p.want.Copy, Thread: p.want.Thread, Story: st.ID, Strand: st.Thread})
	}
	s := storybench.Run(items)
	t.Logf("copies %+v, threads %+v, B³ %.3f %.3f", s.Copies, s.Threads, s.ThreadPrecision, s.ThreadRecall)
	for _, m := range s.Mistakes {
		t.Logf("thread %v, missed %v:\n  %s %s\n  %s %s", m.Thread, m.Missed, titles[m.A], m.A, titles[m.B], m.B)
	}
	if s.Copies.Wrong > 0 || s.Copies.Recall() < copiesRecallFloor {
		t.Errorf("copies: %+v; none may be wrong, and the floor of recall is %.2f", s.Copies, copiesRecallFloor)
	}
	if s.ThreadF1() < threadsFloor {
		t.Errorf("threads: B³ F1 %.3f; the floor is %.2f", s.ThreadF1(), threadsFloor)
	}
}

func checkFeeds(t *testing.T, w *world, pairs []pair) {
	stories := make(map[string]bool)
	for _, p := range pairs {
		if p.got.On(topicID) {
			stories[p.got.Story] = true
		}
	}
	for _, format := range []string{"atom", "rss", "json"} {
		f := w.feed(t, "/feeds/"+topicID+"."+format)
		if len(f.Items) != len(stories) {
			t.Errorf("%s: %d entries for %d stories", format, len(f.Items), len(stories))
		}
		ids := make(map[string]bool)
		for _, it := range f.Items {
			body := it.Content
			if body == "" {
				body = it.Description
			}
			if it.Title == "" || it.Link == "" || it.PublishedParsed == nil || ids[it.GUID] || !strings.Contains(body, "Perché è qui") {
				t.Errorf("%s: entry %q, %q, %q is incomplete or stands twice", format, it.Title, it.Link, it.GUID)
			}
			ids[it.GUID] = true
		}
	}
	for _, path := range []string{"/", "/sources", "/sources.json", "/sources.atom", "/sources.opml", "/healthz", "/metrics"} {
		if w.get(t, path) == "" {
			t.Errorf("%s is empty", path)
		}
	}
}

// checkLater moves the newsroom's clock on: what appears late must come, and
// a late copy must not announce its story anew.
func checkLater(t *testing.T, w *world) {
	before, entries := w.timeline(t), w.feed(t, "/feeds/"+topicID+".atom").Items
	if n := sum(w.round(t), func(o engine.Outcome) int { return o.New + o.Changed }); n != 0 {
		t.Errorf("%d articles came or changed while the newsroom's clock stood", n)
	}
	upcoming := w.room.Upcoming()
	if len(upcoming) == 0 {
		t.Fatal("nothing is to come")
	}
	w.now.Add(int64(9 * time.Minute))
	if n := sum(w.round(t), func(o engine.Outcome) int { return o.New }); n != len(upcoming) {
		t.Errorf("%d new articles; want %d", n, len(upcoming))
	}
	got := w.archive(t)
	corrected := make(map[string]bool) // stories
	for _, a := range w.room.Articles() {
		if g := got[weblink.Canonical(a.URL)]; a.Updated.After(a.Published) {
			corrected[g.Story] = true
			if len(g.Versions) != 1 {
				t.Errorf("%s was corrected; %d versions are kept", a.URL, len(g.Versions))
			}
		}
	}
	if len(corrected) == 0 {
		t.Error("nothing was corrected")
	}
	after := w.timeline(t)
	for id, was := range before {
		now, still := after[id]
		if !still {
			t.Errorf("story %s is gone", id)
		} else if !now.Updated.Equal(was.Updated) && !corrected[id] {
			t.Errorf("story %s is announced anew: updated %v, was %v; members %d, were %d", id, now.Updated, was.Updated, len(now.Members), len(was.Members))
		}
	}
	if n := len(w.feed(t, "/feeds/"+topicID+".atom").Items); n < len(entries) {
		t.Errorf("%d entries, %d before", n, len(entries))
	}
}

// timeline returns the stories on the topic by id.
func (w *world) timeline(t *testing.T) map[string]news.Story {
	t.Helper()
	list, err := w.store.Timeline(news.Query{Topic: topicID, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	m := make(map[string]news.Story, len(list))
	for _, s := range list {
		m[s.ID] = s
	}
	return m
}

func sum(outcomes []engine.Outcome, of func(engine.Outcome) int) int {
	n := 0
	for _, o := range outcomes {
		n += of(o)
	}
	return n
}

// checkRestart closes and opens the daemon: nothing is fetched as new, the
// feed is what it was, and the store's indexes agree with its records.
func checkRestart(t *testing.T, w *world) {
	before := w.feed(t, "/feeds/"+topicID+".atom")
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.open(t, filepath.Join(w.dir, "feeds.yaml"), strings.TrimPrefix(w.site.URL, "http://"))
	if n := sum(w.round(t), func(o engine.Outcome) int { return o.New + o.Changed }); n != 0 {
		t.Errorf("%d articles came again after a restart", n)
	}
	after := w.feed(t, "/feeds/"+topicID+".atom")
	if len(before.Items) != len(after.Items) {
		t.Fatalf("%d entries, %d before the restart", len(after.Items), len(before.Items))
	}
	for i, it := range after.Items {
		if b := before.Items[i]; it.GUID != b.GUID || it.Updated != b.Updated || it.Content != b.Content {
			t.Errorf("entry %q changed over a restart", it.Title)
		}
	}
	problems, err := w.store.Verify(t.Context())
	if err != nil || len(problems) > 0 {
		t.Errorf("verify: %v, %v", problems, err)
	}
}
