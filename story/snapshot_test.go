package story_test

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"vedetta/news"
	"vedetta/story"
)

const label = "stato 7"

func saved(t testing.TB, x *story.Index) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := x.Save(&b, label); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// restored is the index after it was written and read again.
func restored(t testing.TB, x *story.Index) *story.Index {
	t.Helper()
	y := story.NewIndex(story.Options{})
	if err := y.Restore(saved(t, x), label); err != nil {
		t.Fatal(err)
	}
	return y
}

// An index that was written and read again does all that the one before it
// would have done: with the next articles, with new versions, and when it
// forgets.
func TestRestoredIndexGoesOn(t *testing.T) {
	arts := articles(readSets(t, "sets"))
	half := len(arts) / 2
	x, s := story.NewIndex(story.Options{}), newState()
	commit(x, s, arts[:half]...)
	y := restored(t, x)
	if y.Len() != x.Len() {
		t.Fatalf("%d articles of %d", y.Len(), x.Len())
	}
	u := &state{stories: maps.Clone(s.stories), threads: maps.Clone(s.threads), articles: maps.Clone(s.articles)}
	again := slices.Clone(arts[half:])
	for i, a := range arts[:20] {
		a.Text += "\n\nIn serata il ministero ha diffuso una nota di precisazione su tutta la vicenda."
		a.Updated = a.Published.Add(time.Duration(i+1) * time.Hour)
		again = append(again, a)
	}
	for from := 0; from < len(again); from += 7 {
		batch := again[from:min(from+7, len(again))]
		commit(x, s, batch...)
		commit(y, u, batch...)
	}
	if got, want := u.partition(t), s.partition(t); got != want {
		t.Fatalf("the restored index went another way\n%s", difference(got, want))
	}
	for _, i := range []*story.Index{x, y} {
		i.Forget(arts[half].Published)
	}
	if x.Len() != y.Len() {
		t.Errorf("%d and %d articles are left", x.Len(), y.Len())
	}
	restored(t, y)
}

func TestRestoreRefusesWhatIsNotItsOwn(t *testing.T) {
	x := story.NewIndex(story.Options{})
	commit(x, newState(), articles(readSets(t, "sets"))[:40]...)
	data := saved(t, x)
	refuse := func(what string, x *story.Index, data []byte, label string) {
		t.Helper()
		if err := x.Restore(data, label); !errors.Is(err, story.ErrSnapshot) {
			t.Errorf("%s: %v, want ErrSnapshot", what, err)
		}
		if x.Len() != 0 {
			t.Errorf("%s: %d articles in an index that could not be read", what, x.Len())
		}
	}
	fresh := func() *story.Index { return story.NewIndex(story.Options{}) }
	refuse("another label", fresh(), data, "stato 8")
	ruled := story.NewIndex(story.Options{Rules: news.StoryRules{Apart: [][]string{{"https://a.example/1", "https://b.example/1"}}}})
	refuse("other rules", ruled, data, label)
	refuse("nothing", fresh(), nil, label)
	for n := 0; n < len(data); n += 1 + n/50 {
		refuse("cut", fresh(), data[:n], label)
		turned := bytes.Clone(data)
		turned[n] ^= 0x10
		refuse("a turned bit", fresh(), turned, label)
	}
}

// Whether a snapshot fits is told by its beginning and the options alone.
func TestOptionsFit(t *testing.T) {
	opts := story.Options{Rules: news.StoryRules{Apart: [][]string{{"https://a.example/1", "https://b.example/1"}}}}
	data := saved(t, story.NewIndex(opts))
	for _, c := range []struct {
		what  string
		opts  story.Options
		label string
		data  []byte
		want  bool
	}{
		{"its own", opts, label, data, true},
		{"another label", opts, "stato 8", data, false},
		{"other rules", story.Options{}, label, data, false},
		{"cut", opts, label, data[:20], false},
		{"nothing", opts, label, nil, false},
	} {
		if got := c.opts.Fits(bytes.NewReader(c.data), c.label); got != c.want {
			t.Errorf("%s: fits %v, want %v", c.what, got, c.want)
		}
	}
}

func BenchmarkRestore(b *testing.B) {
	w := newWire(1, time.Minute)
	x := story.NewIndex(story.Options{})
	const n = 10_000
	for range n {
		x.Apply(x.Place([]news.Article{w.next()}))
	}
	data := saved(b, x)
	for b.Loop() {
		if err := story.NewIndex(story.Options{}).Restore(data, label); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(data))/n, "B/article")
}
