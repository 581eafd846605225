package story_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"vedetta/news"
	"vedetta/story"
	"vedetta/story/bench"
)

// labelled is an article of testdata/sets with what it belongs to.
type labelled struct {
	news.Article
	copy, thread string
}

// readSets reads the files of a folder of testdata. A file is a sequence of articles,
// each headed by a line
//
//	== id published source [copy=name] [thread=name]
//
// and followed by its title and its text. Ids and names are the file's own.
func readSets(t testing.TB, folder string) []labelled {
	t.Helper()
	files, err := filepath.Glob("testdata/" + folder + "/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no sets", err)
	}
	var out []labelled
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		base := strings.TrimSuffix(filepath.Base(file), ".txt")
		for _, part := range strings.Split("\n"+string(data), "\n== ")[1:] {
			out = append(out, parseArticle(t, base, part))
		}
	}
	return out
}

func parseArticle(t testing.TB, set, part string) labelled {
	t.Helper()
	head, rest, _ := strings.Cut(part, "\n")
	title, text, _ := strings.Cut(rest, "\n")
	fields := strings.Fields(head)
	if len(fields) < 3 {
		t.Fatalf("%s: %q is no head of an article", set, head)
	}
	published, err := time.Parse(time.RFC3339, fields[1])
	if err != nil {
		t.Fatalf("%s: %v", set, err)
	}
	l := labelled{Article: news.Article{
		ID: set + "/" + fields[0], Source: fields[2], Title: title, Text: strings.TrimSpace(text),
		URL:       "https://" + fields[2] + ".example/" + set + "/" + fields[0],
		Published: published, Seen: published.Add(10 * time.Minute),
	}}
	for _, f := range fields[3:] {
		name, value, _ := strings.Cut(f, "=")
		switch name {
		case "copy":
			l.copy = set + "/" + value
		case "thread":
			l.thread = set + "/" + value
		default:
			t.Fatalf("%s: %q", set, f)
		}
	}
	return l
}

func articles(set []labelled) []news.Article {
	out := make([]news.Article, len(set))
	for i, l := range set {
		out[i] = l.Article
	}
	return out
}

// state is what a reader of placements knows: as the store would.
type state struct {
	stories  map[string]news.Story
	threads  map[string]news.Thread
	articles map[string]string // the story of each
}

func newState() *state {
	return &state{stories: make(map[string]news.Story), threads: make(map[string]news.Thread), articles: make(map[string]string)}
}

// commit takes a placement as the store does.
func (s *state) commit(p news.Placement) {
	for id, into := range p.MergedStories {
		for _, m := range s.stories[id].Members {
			if s.articles[m.Article] == id {
				s.articles[m.Article] = into
			}
		}
		delete(s.stories, id)
	}
	maps.Copy(s.articles, p.StoryOf)
	for id := range p.MergedThreads {
		delete(s.threads, id)
	}
	for _, v := range p.Stories {
		s.stories[v.ID] = v
	}
	for _, v := range p.Threads {
		s.threads[v.ID] = v
	}
}

// storyOf returns each article's story.
func (s *state) storyOf() map[string]news.Story {
	out := make(map[string]news.Story)
	for _, v := range s.stories {
		for _, m := range v.Members {
			out[m.Article] = v
		}
	}
	return out
}

// partition names no identities: the sets of articles in stories, and in
// threads, sorted.
func (s *state) partition(t testing.TB) string {
	t.Helper()
	threads := make(map[string][]string)
	var lines []string
	seen := make(map[string]bool)
	for _, v := range s.stories {
		var ids []string
		for _, m := range v.Members {
			if seen[m.Article] {
				t.Errorf("article %s is in two stories", m.Article)
			}
			seen[m.Article] = true
			if is := s.articles[m.Article]; is != v.ID {
				t.Errorf("article %s is in story %s, and says %q", m.Article, v.ID, is)
			}
			ids = append(ids, m.Article)
		}
		sort.Strings(ids)
		lines = append(lines, "story "+strings.Join(ids, " ")+" shows "+v.Shown)
		threads[v.Thread] = append(threads[v.Thread], ids...)
		if th, ok := s.threads[v.Thread]; ok != (v.Thread != v.ID || slices.Contains(th.Stories, v.ID)) {
			t.Errorf("story %s names thread %s, which is stored: %v", v.ID, v.Thread, ok)
		}
	}
	for id, v := range s.threads {
		if len(v.Stories) < 2 {
			t.Errorf("thread %s has %d stories", id, len(v.Stories))
		}
		for _, st := range v.Stories {
			if s.stories[st].Thread != id {
				t.Errorf("thread %s lists story %s, which is in %q", id, st, s.stories[st].Thread)
			}
		}
	}
	for _, ids := range threads {
		sort.Strings(ids)
		lines = append(lines, "thread "+strings.Join(ids, " "))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// place places articles in batches and returns the outcome.
func place(arts []news.Article, batch int) *state {
	x, s := story.NewIndex(story.Options{}), newState()
	for chunk := range slices.Chunk(arts, batch) {
		p := x.Place(chunk)
		s.commit(p.Placement)
		x.Apply(p)
	}
	return s
}

// Floors of the regression set. Raise them when recognition gets better.
const (
	floorCopyPrecision   = 0.995
	floorCopyRecall      = 0.99
	floorThreadPrecision = 0.98
	floorThreadF1        = 0.95
)

// floors of quality.
type floors struct{ copyPrecision, copyRecall, threadPrecision, threadF1 float64 }

func TestSets(t *testing.T) {
	checkSets(t, readSets(t, "sets"), floors{floorCopyPrecision, floorCopyRecall, floorThreadPrecision, floorThreadF1})
}

// testdata/check is kept apart: no rule is fitted to it, so it tells what to
// expect of texts that nobody has seen.
func TestCheckSets(t *testing.T) {
	checkSets(t, readSets(t, "check"), floors{0.995, 0.97, 0.98, 0.90})
}

func checkSets(t *testing.T, sets []labelled, f floors) {
	t.Helper()
	s := place(articles(sets), 7)
	by := s.storyOf()
	items := make([]bench.Item, len(sets))
	for i, l := range sets {
		v := by[l.ID]
		items[i] = bench.Item{ID: l.ID, Copy: l.copy, Thread: l.thread, Story: v.ID, Strand: v.Thread}
	}
	score := bench.Run(items)
	t.Logf("%d articles; copies P %.3f R %.3f; threads B³ P %.3f R %.3f F1 %.3f", len(sets),
		score.Copies.Precision(), score.Copies.Recall(), score.ThreadPrecision, score.ThreadRecall, score.ThreadF1())
	for _, m := range score.Mistakes {
		what := "copies"
		if m.Thread {
			what = "thread"
		}
		t.Logf("%s, missed %v: %s %s", what, m.Missed, m.A, m.B)
	}
	if score.Copies.Precision() < f.copyPrecision || score.Copies.Recall() < f.copyRecall ||
		score.ThreadPrecision < f.threadPrecision || score.ThreadF1() < f.threadF1 {
		t.Error("below the floors")
	}
}

func TestOrderBatchesAndRestartsDoNotMatter(t *testing.T) {
	t.Run("sets", func(t *testing.T) { orderDoesNotMatter(t, articles(readSets(t, "sets"))) })
	for seed := range uint64(4) { // few enough for all to be compared
		t.Run(fmt.Sprint("patchwork ", seed), func(t *testing.T) { orderDoesNotMatter(t, patchwork(t, seed, 33, 20)) })
	}
}

func orderDoesNotMatter(t *testing.T, arts []news.Article) {
	t.Helper()
	s := place(arts, len(arts))
	want := s.partition(t)
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 5))
		mixed := slices.Clone(arts)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		for i := range mixed {
			mixed[i].Seen = mixed[0].Seen.Add(time.Duration(i) * time.Second)
		}
		x, s := story.NewIndex(story.Options{}), newState()
		for from := 0; from < len(mixed); {
			to := min(len(mixed), from+1+r.IntN(9))
			p := x.Place(mixed[from:to])
			s.commit(p.Placement)
			x.Apply(p)
			from = to
			switch r.IntN(8) {
			case 0:
				x = restart(t, mixed[:to], s)
			case 1:
				x = restored(t, x)
			}
		}
		if got := s.partition(t); got != want {
			t.Fatalf("seed %d: the order of arrival made a difference\n%s", seed, difference(got, want))
		}
	}
}

// patchwork is articles of five paragraphs each, taken at random from a few.
func patchwork(t *testing.T, seed uint64, n, paragraphs int) []news.Article {
	t.Helper()
	var pool []string
	for _, l := range readSets(t, "sets") {
		for p := range strings.SplitSeq(l.Text, "\n") {
			if k := len(strings.Fields(p)); len(pool) < paragraphs && k > 35 && k < 60 && !slices.Contains(pool, p) {
				pool = append(pool, p)
			}
		}
	}
	if len(pool) < paragraphs {
		t.Fatalf("the sets have only %d paragraphs of that length", len(pool))
	}
	r := rand.New(rand.NewPCG(seed, 7))
	arts := make([]news.Article, n)
	for i := range arts {
		var text []string
		for _, k := range r.Perm(len(pool))[:5] {
			text = append(text, pool[k])
		}
		arts[i] = article(fmt.Sprint("p", i), fmt.Sprint("testata-", i), fmt.Sprint("Rassegna ", i), strings.Join(text, "\n"), time.Duration(i)*time.Minute)
	}
	return arts
}

// TestPartsInCommonMakeNoChain places articles of which each has three of five
// paragraphs in common with some others, never with the same ones: linked one to
// the next they are nearly all of them, and one story they are not.
func TestPartsInCommonMakeNoChain(t *testing.T) {
	arts := patchwork(t, 3, 700, 60)
	s := place(arts, 20)
	most := 0
	for _, v := range s.stories {
		most = max(most, len(v.Members))
	}
	t.Logf("%d articles, %d stories, the largest of %d articles", len(arts), len(s.stories), most)
	if most > len(arts)/4 {
		t.Errorf("a story of %d articles", most)
	}
}

// Only what a batch may change is looked at again. The outcome is as if all had been.
func TestAllThatMayChangeIsReached(t *testing.T) {
	for seed := range uint64(6) {
		arts := patchwork(t, seed, 60, 14+4*int(seed))
		rules := news.StoryRules{
			Apart:    [][]string{{arts[3].URL, arts[20].URL, arts[31].URL}},
			Together: [][]string{{arts[5].URL, arts[25].URL}},
		}
		x := story.NewIndex(story.Options{Rules: rules})
		r := rand.New(rand.NewPCG(seed, 8))
		for from := 0; from < len(arts); from += 5 {
			batch := slices.Clone(arts[from : from+5])
			if from > 0 {
				a, b := arts[r.IntN(from)], arts[r.IntN(from)]
				a.Text = b.Text[:len(b.Text)/2] + a.Text[len(a.Text)/2:] // a new version
				batch = append(batch, a)
			}
			x.Apply(x.Place(batch))
			if err := x.StoriesInFull(); err != nil {
				t.Fatalf("seed %d, after %d articles: %v", seed, from+5, err)
			}
		}
	}
}

// restart loads a new index from what is stored; it must find nothing to
// change.
func restart(t *testing.T, arts []news.Article, s *state) *story.Index {
	t.Helper()
	x := story.NewIndex(story.Options{})
	var stories []news.Story
	for _, v := range s.stories {
		stories = append(stories, v)
	}
	var threads []news.Thread
	for _, v := range s.threads {
		threads = append(threads, v)
	}
	p := load(x, arts, stories, threads)
	if len(p.Stories)+len(p.Threads)+len(p.MergedStories)+len(p.MergedThreads) > 0 {
		for _, v := range p.Stories {
			t.Errorf("restart changed story\n%+v\nto\n%+v", s.stories[v.ID], v)
		}
		for _, v := range p.Threads {
			t.Errorf("restart changed thread\n%+v\nto\n%+v", s.threads[v.ID], v)
		}
		t.Fatalf("restart merged %v %v", p.MergedStories, p.MergedThreads)
	}
	return x
}

func load(x *story.Index, arts []news.Article, stories []news.Story, threads []news.Thread) news.Placement {
	l := x.Load()
	for _, a := range slices.SortedStableFunc(slices.Values(arts), func(a, b news.Article) int { return a.Seen.Compare(b.Seen) }) {
		l.Add(a)
	}
	return l.Done(stories, threads)
}

func difference(got, want string) string {
	var b strings.Builder
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for _, l := range g {
		if !slices.Contains(w, l) {
			fmt.Fprintln(&b, "got  ", l)
		}
	}
	for _, l := range w {
		if !slices.Contains(g, l) {
			fmt.Fprintln(&b, "want ", l)
		}
	}
	return b.String()
}
