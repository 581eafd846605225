package engine

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/news"
	"vedetta/store"
)

// readings counts how often the index of stories is made from the texts.
type readings struct {
	*store.Store
	n int
}

func (r *readings) Arrivals(since time.Time, f func(news.Article) error) error {
	r.n++
	return r.Store.Arrivals(since, f)
}

// The index of stories is read from its file as long as that holds what the
// store does under the rules at hand, and made from the texts otherwise.
func TestStoriesAreKeptBetweenProcesses(t *testing.T) {
	r := newRig(t, twoSources)
	counted := &readings{Store: r.store}
	path := filepath.Join(t.TempDir(), "stories.idx")
	anew := func(want int, when string) {
		t.Helper()
		r.Engine = New(counted, slog.New(slog.DiscardHandler), nil)
		r.KeepStories(path)
		before := counted.n
		r.round(t)
		if got := counted.n - before; got != want {
			t.Errorf("%s: the texts were read %d times, want %d", when, got, want)
		}
		if err := r.SaveStories(); err != nil {
			t.Fatal(err)
		}
	}
	text := prosa(1)
	r.item("alfa", "uno", "Il segretario della NATO a Tokyo", text)
	anew(1, "at first")
	anew(0, "after a poll")
	r.item("beta", "copia", "Rutte incontra il premier a Tokyo", text)
	anew(0, "with something new")
	if got := r.archive(t)["Il segretario della NATO a Tokyo"].Story; got == "" {
		t.Error("the copy is in no story")
	}
	stories, err := r.store.Stories(r.archive(t)["Il segretario della NATO a Tokyo"].Story)
	if err != nil || len(stories) != 1 || len(stories[0].Members) != 2 {
		t.Errorf("%+v, %v; want the copy found by the index from the file", stories, err)
	}
	anew(0, "after that")

	if err := r.store.Commit(news.Visit{Articles: []news.Article{{ID: "altro", Source: "alfa", URL: "https://alfa.example/altro", Title: "Altro", Text: prosa(9), Seen: time.Now()}}}); err != nil {
		t.Fatal(err)
	}
	anew(1, "after a write without the index")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	anew(1, "with half a file")
	r.plan = r.newPlan(t, strings.Replace(twoSources, "{name: Beta,", "{name: Beta, kind: agency,", 1), topics)
	anew(1, "with a source of another kind")
	if left, err := filepath.Glob(path + ".*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What is fetched while the index is made waits for its place; a reload that
// leaves the rules alone leaves the index alone too.
func TestVisitsAwaitTheStories(t *testing.T) {
	r := newRig(t, twoSources)
	r.item("alfa", "uno", "Il segretario della NATO a Tokyo", prosa(1))
	if waits, err := r.begin(r.plan); err != nil || waits {
		t.Fatal(waits, err)
	}
	stop := make(chan struct{})
	close(stop)
	if o := r.visit(t.Context(), stop, r.plan, r.plan.Sources[0], func() {}); o.New != 0 || o.Status == Failed {
		t.Errorf("%+v; want nothing taken before the stories are there", o)
	}
	if p, err := r.store.Poll("alfa"); err != nil || p.Last.IsZero() || p.ETag != "" {
		t.Errorf("%+v, %v; want the request noted, and no validator that would lose the item", p, err)
	}
	if o := r.visit(t.Context(), nil, r.plan, r.plan.Sources[0], func() {}); o.New != 1 {
		t.Errorf("%+v; want the item taken once the stories are there", o)
	}
	if waits, err := r.begin(r.newPlan(t, twoSources+"  - {name: Gamma, url: \"https://gamma.example/feed\"}\n", topics)); err != nil || waits {
		t.Errorf("a source more: %v, %v; want its kind known to the index", waits, err)
	}
	if err := r.recognise(t.Context(), r.plan); err != nil {
		t.Fatal(err)
	}
	if waits, err := r.begin(r.newPlan(t, twoSources, strings.ReplaceAll(topics, "Patto", "Alleanza"))); err != nil || !waits {
		t.Errorf("another topic: %v, %v; want the index left alone", waits, err)
	}
}

// An index that nobody needs for a while waits in its file, and comes back for
// the next article.
func TestStoriesDoze(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, twoSources)
		r.KeepStories(filepath.Join(t.TempDir(), "stories.idx"))
		awake := func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.recognition.index != nil
		}
		text := prosa(1)
		r.item("alfa", "uno", "Il segretario della NATO a Tokyo", text)
		r.round(t)
		if !awake() {
			t.Fatal("no index after a visit that placed an article")
		}
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() { defer close(done); r.doze(t.Context(), stop) }()
		time.Sleep(dozeAfter / 2)
		if !awake() {
			t.Error("the index is gone already")
		}
		time.Sleep(dozeAfter)
		synctest.Wait()
		if awake() {
			t.Error("the index is still there")
		}
		r.item("beta", "copia", "Rutte incontra il premier a Tokyo", text)
		r.round(t)
		stories, err := r.store.Stories(r.archive(t)["Rutte incontra il premier a Tokyo"].Story)
		if err != nil || len(stories) != 1 || len(stories[0].Members) != 2 {
			t.Errorf("%+v, %v; want the copy found by the index that came back", stories, err)
		}
		close(stop)
		<-done
	})
}

// What the first poll brings is judged by the rules at hand: the daemon that
// starts after it need not judge it again.
func TestNothingToJudgeAnewAfterTheFirstPoll(t *testing.T) {
	r := newRig(t, twoSources)
	r.item("alfa", "uno", "Il segretario della NATO a Tokyo", prosa(1))
	r.round(t)
	if rules, err := r.store.Setting(rulesSetting); err != nil || rules != r.plan.rules {
		t.Errorf("judged by %q, %v; want the plan's rules", rules, err)
	}
	r.plan = r.newPlan(t, twoSources, strings.ReplaceAll(topics, "giapponese", "nipponico"))
	r.round(t)
	if rules, err := r.store.Setting(rulesSetting); err != nil || rules == r.plan.rules {
		t.Errorf("judged by %q, %v; want the archive judged anew under other rules", rules, err)
	}
}
