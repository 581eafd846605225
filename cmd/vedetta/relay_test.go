package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vedetta"
	"vedetta/config"
	"vedetta/engine"
	"vedetta/news"
	"vedetta/newsroom"
	"vedetta/publish"
	"vedetta/store"

	"github.com/google/go-cmp/cmp"
)

// press is the newsroom at a time that the test sets.
type press struct {
	room *newsroom.Newsroom
	now  atomic.Int64
	site *httptest.Server
}

func newPress(t *testing.T) *press {
	t.Helper()
	p := &press{}
	p.now.Store(time.Now().Add(-10 * time.Minute).UnixNano())
	p.site = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.room.ServeHTTP(w, r) }))
	t.Cleanup(p.site.Close)
	p.room = newsroom.New(p.site.URL, func() time.Time { return time.Unix(0, p.now.Load()) })
	return p
}

// member is one daemon of several.
type member struct {
	*world
	name string
	hub  string // that its feeds name
}

// join starts a daemon whose site is at an address of its own; a hub may follow
// its name, after an @. sources is its
// list in feeds.yaml; of those named in only, where there are any, no others
// are polled.
func (p *press) join(t *testing.T, name, sources string, only ...string) *member {
	t.Helper()
	m := &member{world: &world{dir: t.TempDir(), room: p.room}, name: name}
	if before, after, ok := strings.Cut(name, "@"); ok {
		m.name, m.hub = before, after
	}
	m.site = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.service.ServeHTTP(w, r) }))
	t.Cleanup(m.site.Close)
	m.configure(t, sources, only...)
	return m
}

func (m *member) configure(t *testing.T, sources string, only ...string) {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "server: {listen: %q, base_url: %q, title: %q, hub: %q}\npoll: {per_host: 0s, allow: [127.0.0.1]}\n%s", strings.TrimPrefix(m.site.URL, "http://"), m.site.URL, m.name, m.hub, sources)
	b.Write(vedetta.Feeds[bytes.Index(vedetta.Feeds, []byte("\ntopics:")):])
	path := filepath.Join(m.dir, "feeds.yaml")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path)
	if err == nil {
		cfg, err = choose(cfg, only)
	}
	if err != nil {
		t.Fatal(err)
	}
	if m.store == nil {
		if m.store, err = store.Open(filepath.Join(m.dir, "vedetta.db"), store.Options{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = m.store.Close() })
		watch, err := newWatcher(path, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(watch.close)
		m.service = newService(watch, strings.TrimPrefix(m.site.URL, "http://"), m.store, newMeasures(), slog.New(slog.DiscardHandler))
	}
	if m.setup, err = m.service.prepare(cfg, nil); err != nil {
		t.Fatal(err)
	}
	m.service.serving.Store(m.setup)
}

// subscribing is the list of sources of a daemon that merges others, three
// lines for each.
func subscribing(to ...*member) string {
	var b strings.Builder
	b.WriteString("sources:\n")
	for _, m := range to {
		fmt.Fprintf(&b, "  - name: Vedetta %s\n    url: %s/feeds/%s.json\n    tags: [vedetta]\n", m.name, m.site.URL, topicID)
	}
	return b.String()
}

// served is what readers of a daemon's feed can tell of its entries.
type served struct {
	ID, URL, Title, Summary, Published, Language string
	Content                                      string // up to the foot
	Authors                                      []string
	Ours                                         struct {
		Story, Source, Origin, Reason string
		Score                         float64
		Facets                        []string
		Evidence                      []map[string]any
		Copies                        []map[string]any
	}
}

func (m *member) entries(t *testing.T) []served {
	t.Helper()
	var doc struct {
		Items []struct {
			ID, URL, Title, Summary, Language string
			Content                           string           `json:"content_html"`
			Published                         string           `json:"date_published"`
			Authors                           []map[string]any `json:"authors"`
			Ours                              json.RawMessage  `json:"_vedetta"`
		}
	}
	if err := json.Unmarshal([]byte(m.get(t, "/feeds/"+topicID+".json")), &doc); err != nil {
		t.Fatal(err)
	}
	var out []served
	for _, it := range doc.Items {
		s := served{ID: it.ID, URL: it.URL, Title: it.Title, Summary: it.Summary, Published: it.Published, Language: it.Language}
		foot := strings.LastIndex(it.Content, `<p><a href="`) // leads to the daemon's own page
		s.Content = it.Content[:foot]
		for _, a := range it.Authors {
			s.Authors = append(s.Authors, fmt.Sprint(a["name"]))
		}
		if err := json.Unmarshal(it.Ours, &s.Ours); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// without leaves out copies, and their lines at the entry's foot.
func (s served) without(not func(url string) bool) served {
	copies := s.Ours.Copies
	s.Ours.Copies = []map[string]any{}
	for _, c := range copies {
		at := fmt.Sprint(c["url"])
		delete(c, "alike") // to which of the others depends on who came first
		if !not(at) {
			s.Ours.Copies = append(s.Ours.Copies, c)
			continue
		}
		line := strings.Index(s.Content, `<li><a href="`+at+`"`)
		end := line + strings.Index(s.Content[line:], "</li>\n") + len("</li>\n")
		s.Content = s.Content[:line] + s.Content[end:]
	}
	s.Content = strings.TrimSuffix(s.Content, "<p><b>Ripreso da</b></p>\n<ul>\n</ul>\n")
	return s
}

// outlets names the newsroom's sources, some for each of n daemons.
func (p *press) outlets(t *testing.T, n int) [][]string {
	t.Helper()
	cfg, err := config.Parse("feeds.yaml", p.room.Config("@hourly"))
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]string, n)
	for i, s := range cfg.Sources {
		out[i%n] = append(out[i%n], s.ID)
	}
	return out
}

// TestMergedDaemons has two daemons poll one half of the press each, a third
// one merge them, and a fourth poll all: readers of the third see what those of
// the fourth see, but for copies that are off topic by themselves, such as cut
// ones, when the daemon that has one does not have what it is a copy of.
func TestMergedDaemons(t *testing.T) {
	p := newPress(t)
	sources := string(p.room.Config("@hourly"))
	halves := p.outlets(t, 2)
	north, south := p.join(t, "Nord", sources, halves[0]...), p.join(t, "Sud", sources, halves[1]...)
	whole := p.join(t, "Intera", sources)
	merging := p.join(t, "Unita", subscribing(north, south))
	all := []*member{north, south, whole, merging}
	for _, m := range all {
		m.round(t)
	}
	compare := func(when string) {
		t.Helper()
		passed := map[string]bool{} // addresses that the two daemons pass on
		for _, m := range []*member{north, south} {
			for _, e := range m.entries(t) {
				passed[e.URL] = true
				for _, c := range e.Ours.Copies {
					passed[fmt.Sprint(c["url"])] = true
				}
			}
		}
		want := whole.entries(t)
		for i := range want {
			want[i] = want[i].without(func(url string) bool { return !passed[url] })
		}
		got := merging.entries(t)
		for i := range got {
			got[i] = got[i].without(func(string) bool { return false })
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: entries of one daemon (-) and of two merged (+):\n%s", when, diff)
		}
		for id, st := range merging.timeline(t) {
			for _, mb := range st.Members {
				if up := news.Upstream(mb.Source); !slices.Contains([]string{"vedetta-nord", "vedetta-sud"}, up) {
					t.Errorf("%s: member %s of story %s came by %q", when, mb.Article, id, mb.Source)
				}
			}
		}
	}
	compare("at first")
	joined := 0
	for _, st := range merging.timeline(t) {
		ups := map[string]bool{}
		for _, mb := range st.Members {
			ups[news.Upstream(mb.Source)] = true
		}
		if len(ups) > 1 {
			joined++
		}
	}
	if joined == 0 {
		t.Error("no story has members by both daemons: the test shows little")
	}

	if n := sum(merging.round(t), func(o engine.Outcome) int { return o.New + o.Changed }); n != 0 {
		t.Errorf("%d articles came again while nothing happened", n)
	}
	p.now.Add(int64(9 * time.Minute)) // late copies, corrections
	for _, m := range all {
		m.round(t)
	}
	compare("later")
	if page := merging.get(t, "/metrics"); strings.Contains(page, `="vedetta-nord/`) || !strings.Contains(page, `="vedetta-nord"`) {
		t.Errorf("metrics go by what another daemon names:\n%s", grep(page, "vedetta-nord"))
	}
	problems, err := merging.store.Verify(t.Context())
	if err != nil || len(problems) > 0 {
		t.Errorf("verify: %v, %v", problems, err)
	}
}

// TestDaemonsInACircle has two daemons subscribe to each other, each with half
// of the press: both come to have all, and nothing grows from there.
func TestDaemonsInACircle(t *testing.T) {
	p := newPress(t)
	sources := string(p.room.Config("@hourly"))
	halves := p.outlets(t, 2)
	a, b := p.join(t, "Est", sources, halves[0]...), p.join(t, "Ovest", sources, halves[1]...)
	also := func(m, other *member, own []string) {
		m.configure(t, sources+strings.TrimPrefix(subscribing(other), "sources:\n"), append(slices.Clone(own), "vedetta-"+strings.ToLower(other.name))...)
	}
	also(a, b, halves[0])
	also(b, a, halves[1])
	rounds := func(n int) (came int) {
		for range n {
			came = 0
			for _, m := range []*member{a, b} {
				came += sum(m.round(t), func(o engine.Outcome) int { return o.New + o.Changed })
			}
		}
		return came
	}
	for _, later := range []time.Duration{0, 9 * time.Minute} { // with late copies and corrections
		p.now.Add(int64(later))
		rounds(3)
		feeds := a.get(t, "/feeds/"+topicID+".json") + b.get(t, "/feeds/"+topicID+".json")
		revisions := [2]uint64{a.store.ListedRevision(), b.store.ListedRevision()}
		if n := rounds(3); n != 0 {
			t.Errorf("%v: %d articles go round", later, n)
		}
		if now := [2]uint64{a.store.ListedRevision(), b.store.ListedRevision()}; now != revisions {
			t.Errorf("%v: revisions %v; were %v", later, now, revisions)
		}
		if again := a.get(t, "/feeds/"+topicID+".json") + b.get(t, "/feeds/"+topicID+".json"); again != feeds {
			t.Errorf("%v: the feeds change without news", later)
		}
		ids := func(m *member) (out []string) {
			for _, e := range m.entries(t) {
				out = append(out, e.ID)
			}
			slices.Sort(out)
			return out
		}
		if diff := cmp.Diff(ids(a), ids(b)); diff != "" {
			t.Errorf("%v: the two have different entries:\n%s", later, diff)
		}
	}
	for url, art := range a.archive(t) {
		if slices.Contains(halves[0], news.OutletOf(art.Source)) != (art.Relay == nil) {
			t.Errorf("%s of %s: relay %+v", url, art.Source, art.Relay)
		}
	}
}

// TestOwnReadingGoesBeforeRelayed begins with another daemon's feed and then
// polls the same press: each article is one, and read at its outlet's.
func TestOwnReadingGoesBeforeRelayed(t *testing.T) {
	p := newPress(t)
	sources := string(p.room.Config("@hourly"))
	upstream := p.join(t, "Nord", sources)
	upstream.round(t)
	m := p.join(t, "Unita", subscribing(upstream))
	m.round(t)
	before, stories := m.archive(t), m.timeline(t)
	if len(before) == 0 {
		t.Fatal("nothing came")
	}
	m.configure(t, sources+strings.TrimPrefix(subscribing(upstream), "sources:\n"))
	m.round(t)
	after := m.archive(t)
	if own := upstream.archive(t); len(after) != len(own) {
		t.Errorf("%d articles; the press has %d", len(after), len(own))
	}
	for url, was := range before {
		now := after[url]
		if now.Relay != nil || news.Upstream(now.Source) != "" || len(now.Versions) != 0 {
			t.Errorf("%s is still that of %s: %+v, %d versions", url, now.Source, now.Relay, len(now.Versions))
		}
		if now.ID != was.ID || now.Story != was.Story {
			t.Errorf("%s was %s in %s and is %s in %s", url, was.ID, was.Story, now.ID, now.Story)
		}
	}
	for id := range stories {
		if _, ok := m.timeline(t)[id]; !ok {
			t.Errorf("story %s is gone", id)
		}
	}
	if n := sum(m.round(t), func(o engine.Outcome) int { return o.New + o.Changed }); n != 0 {
		t.Errorf("%d articles came again", n)
	}
}

// TestMergerWithOtherTopics judges by its own rules what others judged by
// theirs.
func TestMergerWithOtherTopics(t *testing.T) {
	p := newPress(t)
	upstream := p.join(t, "Nord", string(p.room.Config("@hourly")))
	upstream.round(t)
	m := p.join(t, "Unita", subscribing(upstream))
	cfg := *m.setup.cfg
	strict := cfg.Topics[0]
	strict.ID, strict.Threshold = "stretto", 0.97
	cfg.Topics = []news.Topic{strict}
	var err error
	if m.setup, err = m.service.prepare(&cfg, nil); err != nil {
		t.Fatal(err)
	}
	m.service.serving.Store(m.setup)
	m.round(t)
	on, off := 0, 0
	for url, a := range m.archive(t) {
		if len(a.Verdicts) != 1 || a.Verdicts[0].Topic != "stretto" {
			t.Errorf("%s: verdicts %+v", url, a.Verdicts)
		}
		if a.On("stretto") {
			on++
		} else {
			off++
		}
	}
	if on == 0 || off == 0 {
		t.Errorf("%d on the other topic, %d off it", on, off)
	}
	if n := len(m.feed(t, "/feeds/stretto.atom").Items); n == 0 || n > on {
		t.Errorf("%d entries of %d articles", n, on)
	}
}

// smallHub is a WebSub hub: it fetches what it is told has changed, and sends it
// to those who subscribed.
type smallHub struct {
	*httptest.Server
	mu          sync.Mutex // guards subscribers
	subscribers map[string][]url.Values
	verified    chan string
}

func newSmallHub(t *testing.T) *smallHub {
	h := &smallHub{subscribers: map[string][]url.Values{}, verified: make(chan string, 10)}
	var working sync.WaitGroup
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusAccepted)
		form := r.PostForm
		working.Go(func() {
			switch form.Get("hub.mode") {
			case "subscribe":
				verify(t, form)
				h.mu.Lock()
				h.subscribers[form.Get("hub.topic")] = append(h.subscribers[form.Get("hub.topic")], form)
				h.mu.Unlock()
				h.verified <- form.Get("hub.topic")
			case "publish":
				for _, topic := range form["hub.url"] {
					h.publish(t, topic)
				}
			}
		})
	}))
	t.Cleanup(func() { h.Close(); working.Wait() })
	return h
}

func (h *smallHub) publish(t *testing.T, topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, to := range h.subscribers[topic] {
		_, body := do(t, http.MethodGet, topic, "")
		code, _ := do(t, http.MethodPost, to.Get("hub.callback"), body, "X-Hub-Signature", sign(to, body), "Content-Type", "application/feed+json")
		if code != http.StatusAccepted {
			t.Errorf("a delivery is answered %d", code)
		}
	}
}

// TestHubBetweenDaemons brings what one daemon publishes into another by a hub,
// without a poll.
func TestHubBetweenDaemons(t *testing.T) {
	p, hub := newPress(t), newSmallHub(t)
	upstream := p.join(t, "Nord@"+hub.URL, string(p.room.Config("@hourly")))
	upstream.round(t)
	announcer := publish.NewAnnouncer(hub.Client())
	announce := func() int {
		t.Helper()
		n, err := announcer.Announce(t.Context(), upstream.setup.site)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	announce()
	m := p.join(t, "Unita", subscribing(upstream))
	m.service.subscribe(m.setup)
	m.round(t)
	polls := func() int {
		last, err := m.store.Poll("vedetta-nord")
		if err != nil {
			t.Fatal(err)
		}
		return last.Polls
	}
	asked := polls()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	t.Cleanup(func() { cancel(); running.Wait() })
	running.Go(func() { m.service.hubs.Run(ctx) })
	running.Go(func() { _ = m.service.engine.Run(ctx, nil, m.setup.plan) })
	select {
	case topic := <-hub.verified:
		if want := upstream.site.URL + "/feeds/" + topicID + ".json"; topic != want {
			t.Fatalf("subscribed to %s; want %s", topic, want)
		}
	case <-time.After(patience):
		t.Fatal("the hub was never asked")
	}
	before := len(m.archive(t))
	p.now.Add(int64(9 * time.Minute))
	upstream.round(t)
	if announce() == 0 {
		t.Fatal("nothing to announce")
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for limit := time.After(patience); len(m.archive(t)) == before; {
		select {
		case <-look.C:
		case <-limit:
			t.Fatal("nothing came")
		}
	}
	if now := polls(); now != asked {
		t.Errorf("asked %d times; want none", now-asked)
	}
}
