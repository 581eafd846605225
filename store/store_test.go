package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

// day is when the tests begin.
var day = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// openTest opens a new store. It does not wait for the disk: only power cuts
// would tell the difference.
func openTest(t testing.TB) *Store {
	t.Helper()
	s := openSync(t)
	s.db.NoSync = true
	return s
}

func openSync(t testing.TB) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "vedetta.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// reopen closes the store and opens its file again.
func reopen(t testing.TB, s *Store) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s2, err := Open(s.path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s2.Close() })
	return s2
}

func mustCommit(t testing.TB, s *Store, v news.Visit) {
	t.Helper()
	if err := s.Commit(v); err != nil {
		t.Fatal(err)
	}
}

// mustVerify fails the test for each problem in the store.
func mustVerify(t testing.TB, s *Store) {
	t.Helper()
	problems, err := s.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error("verify:", p)
	}
}

// article returns one that is on the topic gcap.
func article(n int) news.Article {
	url := fmt.Sprintf("https://rivista.example/%d", n)
	text := fmt.Sprintf("Il ministro ha visitato il cantiere numero %d.\n\nIl programma GCAP prosegue con il Giappone.", n)
	return news.Article{
		ID: news.ArticleID(url), Source: "rivista", URL: url, Title: fmt.Sprintf("Notizia %d", n),
		Seen: day.Add(time.Duration(n) * time.Minute), Published: day.Add(time.Duration(n)*time.Minute - time.Hour),
		Text: text, HTML: "<p>" + text + "</p>",
		Verdicts: []news.Verdict{{
			Topic: "gcap", On: true, Score: 0.8, Facets: []string{"italia-giappone"},
			Evidence: []news.Evidence{{Actor: "giappone", Term: "Giappone", Sentence: "Il programma GCAP prosegue con il Giappone.", Where: news.InText, Start: 80, End: 88}},
			Against:  []news.Against{},
		}},
		Versions: []news.Version{{Until: day, Title: "Prima", Text: "Testo di prima."}},
	}
}

// alone returns the story of one article.
func alone(a news.Article) news.Story {
	return news.Story{
		ID: a.ID, Shown: a.ID, Thread: a.ID, First: a.Published, Updated: a.Published,
		Members: []news.Member{{Article: a.ID, Source: a.Source, Published: a.Published}},
	}
}

// visit brings articles, each as a story of its own.
func visit(as ...news.Article) news.Visit {
	v := news.Visit{Source: "rivista", Poll: news.Poll{ETag: `W/"1"`, Last: day}}
	v.StoryOf = map[string]string{}
	for _, a := range as {
		v.Articles = append(v.Articles, a)
		v.Stories = append(v.Stories, alone(a))
		v.StoryOf[a.ID] = a.ID
		v.Sightings = append(v.Sightings, news.Sighting{Key: news.Item{Source: a.Source, URL: a.URL}.Key(), Digest: news.Item{Title: a.Title}.Digest(), Article: a.ID, First: a.Seen})
	}
	return v
}

// Articles come in the order asked for, in whichever bundles they lie, however
// often they are asked for.
func TestArticlesInTheOrderAskedFor(t *testing.T) {
	s := openTest(t)
	for i := range 3 * maxUnpackedBundles {
		mustCommit(t, s, visit(article(2*i), article(2*i+1)))
	}
	var ids []string
	var whole, lean []news.Article
	for _, n := range []int{31, 2, 40, 3, 30, 1, 2, 47, 0} {
		a := article(n)
		a.Story = a.ID
		ids, whole = append(ids, "missing", a.ID), append(whole, a)
		a.HTML, a.Versions = "", []news.Version{{Until: day, Title: "Prima"}}
		lean = append(lean, a)
	}
	if got, err := s.Articles(ids...); err != nil || !cmp.Equal(got, whole) {
		t.Errorf("articles: %v\n%s", err, cmp.Diff(whole, got))
	}
	if got, err := s.Texts(ids...); err != nil || !cmp.Equal(got, lean) {
		t.Errorf("texts: %v\n%s", err, cmp.Diff(lean, got))
	}
	if got, err := s.Articles("missing"); err != nil || len(got) > 0 {
		t.Errorf("what is missing: %v, %v", got, err)
	}
}

func TestCommitIsReadBack(t *testing.T) {
	s := openTest(t)
	a := article(1)
	v := visit(a)
	v.Threads = []news.Thread{{ID: a.ID, Stories: []string{a.ID}, Links: []news.Link{}, First: day, Last: day}}
	mustCommit(t, s, v)

	check := func(s *Store) {
		t.Helper()
		want := a
		want.Story = a.ID
		if got, err := s.Article(a.ID); err != nil || !cmp.Equal(got, want) {
			t.Errorf("article: %v\n%s", err, cmp.Diff(want, got))
		}
		if got, err := s.Articles("missing", a.ID); err != nil || !cmp.Equal(got, []news.Article{want}) {
			t.Errorf("articles: %v, %v", got, err)
		}
		if got, err := s.Story(a.ID); err != nil || !cmp.Equal(got, v.Stories[0]) {
			t.Errorf("story: %v, %v", got, err)
		}
		if got, err := s.Stories("missing", a.ID); err != nil || !cmp.Equal(got, v.Stories) {
			t.Errorf("stories: %v, %v", got, err)
		}
		if got, err := s.Thread(a.ID); err != nil || !cmp.Equal(got, v.Threads[0]) {
			t.Errorf("thread: %v, %v", got, err)
		}
		if got, err := s.Poll("rivista"); err != nil || !cmp.Equal(got, v.Poll) {
			t.Errorf("poll: %v, %v", got, err)
		}
		if got, err := s.Polls(); err != nil || !cmp.Equal(got, map[string]news.Poll{"rivista": v.Poll}) {
			t.Errorf("polls: %v, %v", got, err)
		}
		key := v.Sightings[0].Key
		if got, err := s.Known([]string{"unknown", key}); err != nil || !cmp.Equal(got, map[string]news.Sighting{key: v.Sightings[0]}) {
			t.Errorf("known: %v, %v", got, err)
		}
		if s.Revision() != 1 {
			t.Errorf("revision %d, want 1", s.Revision())
		}
		mustVerify(t, s)
	}
	check(s)
	check(reopen(t, s))
}

func TestUnknown(t *testing.T) {
	s := openTest(t)
	if p, err := s.Poll("none"); err != nil || !cmp.Equal(p, news.Poll{}) {
		t.Errorf("poll of an unknown source: %v, %v", p, err)
	}
	for name, read := range map[string]func(string) error{
		"article": func(id string) error { _, err := s.Article(id); return err },
		"story":   func(id string) error { _, err := s.Story(id); return err },
		"thread":  func(id string) error { _, err := s.Thread(id); return err },
	} {
		for _, id := range []string{"", "none", "00ff00ff00ff00ff00ff00ff"} {
			if err := read(id); !errors.Is(err, ErrNotFound) || !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s %q: %v, want ErrNotFound", name, id, err)
			}
		}
	}
}

func TestFailedCommitLeavesNothing(t *testing.T) {
	s := openTest(t)
	long := strings.Repeat("x", 200)
	for want, spoil := range map[string]func(*news.Visit){
		"put story : no id":  func(v *news.Visit) { v.Stories[1].ID = "" },
		"thread has no id":   func(v *news.Visit) { v.Threads = []news.Thread{{}} },
		"has no id":          func(v *news.Visit) { v.Articles[1].ID = "" },
		"no key":             func(v *news.Visit) { v.Sightings[1].Key = "" },
		"too long":           func(v *news.Visit) { v.Sightings[1].Digest = long + long },
		"id longer than":     func(v *news.Visit) { v.Articles[1].Verdicts[0].Topic = long },
		"facet":              func(v *news.Visit) { v.Articles[1].Verdicts[0].Facets[0] = long },
		"merged with itself": func(v *news.Visit) { v.MergedStories = map[string]string{"a": "a"} },
		"merge thread a":     func(v *news.Visit) { v.MergedThreads = map[string]string{"a": "a"} },
	} {
		v := visit(article(1), article(2))
		spoil(&v)
		if err := s.Commit(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want … %s …", err, want)
		}
	}
	if err := s.Rejudge(map[string][]news.Verdict{"a": {{Topic: long}}}); err == nil {
		t.Error("a topic with a long id could be judged")
	}
	st, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	want := Stats{Path: st.Path, Size: st.Size, Free: st.Free, Version: uint64(len(migrations()))}
	if st != want {
		t.Errorf("something was written: %+v", st)
	}
	mustVerify(t, s)
}

func TestMerges(t *testing.T) {
	s := openTest(t)
	a, b, c := article(1), article(2), article(3)
	mustCommit(t, s, visit(a, b, c))

	// c into b, then b into a: an old link to c leads to a.
	bc := alone(b)
	bc.Members = append(bc.Members, alone(c).Members...)
	mustCommit(t, s, news.Visit{Placement: news.Placement{
		Stories: []news.Story{bc}, MergedStories: map[string]string{c.ID: b.ID}, StoryOf: map[string]string{c.ID: b.ID},
	}})
	abc := alone(a)
	abc.Members = append(abc.Members, bc.Members...)
	mustCommit(t, s, news.Visit{Placement: news.Placement{
		Stories: []news.Story{abc}, MergedStories: map[string]string{b.ID: a.ID}, // the articles follow untold
	}})
	for _, id := range []string{a.ID, b.ID, c.ID} {
		if st, err := s.Story(id); err != nil || !cmp.Equal(st, abc) {
			t.Errorf("story %s: %v, %v", id, st, err)
		}
		if got, err := s.Article(id); err != nil || got.Story != a.ID {
			t.Errorf("article %s is in story %s, %v", id, got.Story, err)
		}
	}
	if sts, err := s.Timeline(news.Query{Topic: "gcap"}); err != nil || !cmp.Equal(sts, []news.Story{abc}) {
		t.Errorf("timeline: %v, %v", sts, err)
	}
	mustVerify(t, s)

	// An editor parts them again.
	mustCommit(t, s, news.Visit{Placement: news.Placement{
		Stories: []news.Story{alone(a), bc}, StoryOf: map[string]string{b.ID: b.ID, c.ID: b.ID},
	}})
	if st, err := s.Story(c.ID); err != nil || st.ID != b.ID {
		t.Errorf("story after parting: %v, %v", st, err)
	}
	mustVerify(t, s)
}

func TestDissolvedThread(t *testing.T) {
	s := openTest(t)
	a := article(1)
	v := visit(a)
	v.Threads = []news.Thread{{ID: a.ID, Stories: []string{a.ID}}}
	mustCommit(t, s, v)
	mustCommit(t, s, news.Visit{Placement: news.Placement{MergedThreads: map[string]string{a.ID: ""}}})
	if _, err := s.Thread(a.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	mustVerify(t, s)
}

func TestSightingKeepsFirst(t *testing.T) {
	s := openTest(t)
	first := news.Sighting{Key: "k", Digest: "d1", Article: "a", First: day}
	later := news.Sighting{Key: "k", Digest: "d2", Article: "a", First: day.Add(time.Hour)}
	mustCommit(t, s, news.Visit{Sightings: []news.Sighting{first}})
	mustCommit(t, s, news.Visit{Sightings: []news.Sighting{later}})
	known, err := s.Known([]string{"k"})
	want := later
	want.First = first.First
	if err != nil || known["k"] != want {
		t.Errorf("got %+v, %v, want %+v", known["k"], err, want)
	}
}

func TestRejudge(t *testing.T) {
	s := openTest(t)
	a, b := article(1), article(2)
	ab := alone(a)
	ab.Members = append(ab.Members, alone(b).Members...)
	v := visit(a, b)
	v.Stories, v.StoryOf = []news.Story{ab}, map[string]string{a.ID: a.ID, b.ID: a.ID}
	mustCommit(t, s, v)

	ids := func(q news.Query) (ids []string) {
		t.Helper()
		sts, err := s.Timeline(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range sts {
			ids = append(ids, st.ID)
		}
		return ids
	}
	off := []news.Verdict{{Topic: "gcap"}}
	near := []news.Verdict{{Topic: "gcap", Near: true}}
	nato := []news.Verdict{{Topic: "gcap", On: true, Facets: []string{"nato"}}}
	for _, tt := range []struct {
		name          string
		verdicts      map[string][]news.Verdict
		on, nato, far bool
	}{
		{"one still on", map[string][]news.Verdict{a.ID: off}, true, false, false},
		{"one near", map[string][]news.Verdict{b.ID: near}, false, false, true},
		{"other facet", map[string][]news.Verdict{b.ID: nato}, true, true, false},
		{"unknown article", map[string][]news.Verdict{"none": nato}, true, true, false},
		{"none", map[string][]news.Verdict{a.ID: nil, b.ID: off}, false, false, false},
	} {
		if err := s.Rejudge(tt.verdicts); err != nil {
			t.Fatal(err)
		}
		if got := ids(news.Query{Topic: "gcap"}) != nil; got != tt.on {
			t.Errorf("%s: on the timeline: %v", tt.name, got)
		}
		if got := ids(news.Query{Topic: "gcap", Facet: "nato"}) != nil; got != tt.nato {
			t.Errorf("%s: on the facet's: %v", tt.name, got)
		}
		if got := ids(news.Query{Topic: "gcap", Near: true}) != nil; got != tt.far {
			t.Errorf("%s: among near misses: %v", tt.name, got)
		}
		mustVerify(t, s)
	}
}

func TestPrune(t *testing.T) {
	s := openTest(t)
	a, b := article(1), article(2)
	mustCommit(t, s, visit(a, b))
	if n, err := s.Prune(b.Seen); n != 1 || err != nil {
		t.Fatalf("pruned %d, %v", n, err)
	}
	if n, err := s.Prune(b.Seen); n != 0 || err != nil {
		t.Fatalf("pruned again: %d, %v", n, err)
	}
	got, err := s.Article(a.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := a
	want.Story, want.Pruned = a.ID, true
	want.Text, want.HTML, want.Versions = "", "", nil
	want.Verdicts = withoutText(a.Verdicts)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if e := got.Verdicts[0].Evidence[0]; e.Sentence == "" || e.Start != 0 || e.End != 0 {
		t.Errorf("evidence after pruning: %+v", e)
	}
	if err := s.Rejudge(map[string][]news.Verdict{a.ID: nil}); err != nil {
		t.Fatal(err)
	}
	if sts, err := s.Timeline(news.Query{Topic: "gcap"}); err != nil || len(sts) != 2 {
		t.Errorf("timeline after pruning: %v, %v", sts, err)
	}
	mustVerify(t, s)
	// The publisher changes the article: it has a text again.
	mustCommit(t, s, visit(a))
	if got, err := s.Article(a.ID); err != nil || got.Pruned || got.Text != a.Text {
		t.Errorf("article after another fetch: %+v, %v", got, err)
	}
	mustVerify(t, s)
}

func TestSinceAndWindow(t *testing.T) {
	s := openTest(t)
	const n = 600 // more than two chunks
	var as []news.Article
	for i := range n {
		as = append(as, article(n-1-i)) // newest first
	}
	v := visit(as...)
	v.Stories[0].Thread = as[1].ID
	v.Stories[1].Thread = as[1].ID
	v.Threads = []news.Thread{{ID: as[1].ID, Stories: []string{as[0].ID, as[1].ID}}}
	mustCommit(t, s, v)
	for _, from := range []int{0, 100, n - 1, n} {
		since := day.Add(time.Duration(from) * time.Minute)
		next := from
		err := s.Since(since, func(a news.Article) error {
			if want := article(next); a.ID != want.ID || a.Text != want.Text {
				return fmt.Errorf("got %s, want %s", a.Title, want.Title)
			}
			next++
			// Writing from inside does not deadlock.
			if next%250 == 0 {
				return s.Rejudge(map[string][]news.Verdict{a.ID: a.Verdicts})
			}
			return nil
		})
		if err != nil || next != n {
			t.Errorf("since %d: up to %d, %v", from, next, err)
		}
	}
	all := 0
	if err := s.Since(time.Time{}, func(news.Article) error { all++; return nil }); err != nil || all != n {
		t.Errorf("since ever: %d, %v", all, err)
	}
	errStop := errors.New("stop")
	if err := s.Since(time.Time{}, func(news.Article) error { return errStop }); !errors.Is(err, errStop) {
		t.Errorf("got %v, want the error of f", err)
	}

	var wa []news.Article
	var ids []string
	err := s.Arrivals(day.Add((n-3)*time.Minute), func(a news.Article) error {
		wa, ids = append(wa, a), append(ids, a.Story)
		return nil
	})
	if err != nil || len(wa) != 3 {
		t.Fatalf("arrivals: %d articles, %v", len(wa), err)
	}
	ws, wt, err := s.Settled(ids)
	if err != nil || len(ws) != 3 || len(wt) != 1 {
		t.Fatalf("settled: %d stories, %d threads, %v", len(ws), len(wt), err)
	}
	want := article(n - 3)
	want.Story, want.HTML, want.Versions[0].Text = want.ID, "", ""
	if d := cmp.Diff(want, wa[0]); d != "" {
		t.Error(d)
	}
	mustVerify(t, s)
}

func TestMovedSeen(t *testing.T) {
	s := openTest(t)
	a := article(1)
	mustCommit(t, s, visit(a))
	a.Seen = a.Seen.Add(time.Hour)
	mustCommit(t, s, visit(a))
	if st, err := s.Stats(); err != nil || st.Articles != 1 || st.Pruned != 0 {
		t.Errorf("%+v, %v", st, err)
	}
	mustVerify(t, s)
}

// Visits with one article each are repacked into few bundles, and nothing is
// lost by it.
func TestRepack(t *testing.T) {
	s := openTest(t)
	const n = 400
	var want []news.Article
	for i := range n {
		a := article(i)
		for j := range 30 { // 3 KB
			a.Text += fmt.Sprintf("\n\nCapoverso %d dell'articolo %d, che non somiglia agli altri: %x.", j, i, i*j*7919)
		}
		mustCommit(t, s, visit(a))
		a.Story = a.ID
		want = append(want, a)
	}
	bundles := func() (n int) {
		err := s.view(func(r reader) error {
			n = r.tx.Bucket(bucketBundles).Stats().KeyN
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if got := bundles(); got != n {
		t.Fatalf("%d bundles before", got)
	}
	for range 2 {
		if err := s.Repack(); err != nil {
			t.Fatal(err)
		}
		if got := bundles(); got > 30 {
			t.Errorf("%d bundles after", got)
		}
		mustVerify(t, s)
	}
	i := 0
	err := s.Since(time.Time{}, func(a news.Article) error {
		if !cmp.Equal(a, want[i]) {
			t.Errorf("article %d: %s", i, cmp.Diff(want[i], a))
		}
		i++
		return nil
	})
	if err != nil || i != n {
		t.Errorf("%d articles, %v", i, err)
	}
}

// Readers and a writer at the same time: what is read is always one state.
func TestConcurrent(t *testing.T) {
	s := openTest(t)
	mustCommit(t, s, visit(article(0), article(1)))
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				before := s.Revision()
				sts, err := s.Timeline(news.Query{Topic: "gcap", Limit: 1000})
				if err != nil || len(sts)%2 != 0 || uint64(len(sts)) < 2*before {
					t.Errorf("%d stories at revision %d or later, %v", len(sts), before, err)
				}
				if _, err := s.Article(sts[len(sts)/2].ID); err != nil {
					t.Error(err)
				}
				if u, err := s.Usage(); err != nil || u.Free > u.Size {
					t.Errorf("%+v, %v", u, err)
				}
				if problems, err := s.Verify(t.Context()); err != nil || len(problems) > 0 {
					t.Error(problems, err)
				}
			}
		})
	}
	for i := 1; i < 40; i++ {
		mustCommit(t, s, visit(article(2*i), article(2*i+1)))
	}
	close(done)
	wg.Wait()
}

// Writes that wait for each other share a transaction; one that fails does not
// take the others with it.
func TestCommitTogether(t *testing.T) {
	s := openTest(t)
	const n = 30
	s.mu.Lock() // until all wait
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			v := visit(article(i))
			if i == 7 {
				v.Stories[0].ID = ""
			}
			errs[i] = s.Commit(v)
		})
	}
	for waiting := 0; waiting < n; {
		s.queueMu.Lock()
		waiting = len(s.queue)
		s.queueMu.Unlock()
		runtime.Gosched()
	}
	s.mu.Unlock()
	wg.Wait()
	for i, err := range errs {
		if (err != nil) != (i == 7) {
			t.Errorf("commit %d: %v", i, err)
		}
		if _, err := s.Article(article(i).ID); errors.Is(err, ErrNotFound) != (i == 7) {
			t.Errorf("article %d: %v", i, err)
		}
	}
	if got := s.Revision(); got != n-1 {
		t.Errorf("revision %d, want %d", got, n-1)
	}
	mustVerify(t, s)
}

// Whoever asks for the room that the store takes while it is closed gets an
// answer or an error.
func TestUsageBesideClose(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "vedetta.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		for n := 0; ; n++ {
			if _, err := s.Usage(); err != nil {
				return
			}
			if n == 10 {
				close(asked)
			}
		}
	})
	<-asked
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	asking.Wait()
}
