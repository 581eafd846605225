package main

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"vedetta/config"
	"vedetta/internal/cputime"
	"vedetta/news"
	"vedetta/store"
	"vedetta/story"
)

// growSeen looks items up among ever more that were seen.
func growSeen(t *testing.T, g *growth, sizes []int) {
	key := func(i int) string { return news.Item{Source: "testata", GUID: strconv.Itoa(i)}.Key() }
	for _, n := range sizes {
		path := filepath.Join(memoryDir(t), databaseName)
		s, err := store.Open(path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for from, to := 0, 0; from < n; from = to {
			to = min(from+min(max(from/2, 2000), 250_000), n) // few into a small tree, whose one page they would share
			v := news.Visit{Source: "testata"}
			for i := from; i < to; i++ {
				k := key(i)
				v.Sightings = append(v.Sightings, news.Sighting{Key: k, Digest: k, Article: k[:24], First: time.Unix(1_800_000_000, 0)})
			}
			if err := s.Commit(v); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		before := held()
		if s, err = store.Open(path, store.Options{}); err != nil {
			t.Fatal(err)
		}
		for _, look := range []struct {
			name  string
			first int
			want  int
		}{{"looking up an item that was seen", 0, 20}, {"looking up a new item", n, 0}} {
			feeds := make([][]string, 500)
			for i := range feeds {
				for j := range 20 {
					feeds[i] = append(feeds[i], key(look.first+(i*20+j)*7919%n))
				}
			}
			took := spent(t, func() {
				for _, keys := range feeds {
					if known, err := s.Known(keys); err != nil || look.want == 0 && len(known) > 0 || look.want > 0 && len(known) == 0 {
						t.Fatal(len(known), err)
					}
				}
			})
			g.add(look.name, "µs", n, micros(took)/float64(20*len(feeds)))
		}
		st, err := s.Stats()
		if err != nil {
			t.Fatal(err)
		}
		g.add("disk, an item", "B", n, float64(st.Size-st.Free)/float64(n))
		g.add("memory, an item", "B", n, math.Max(0, held()-before)/float64(n))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		_ = os.Remove(path)
	}
}

// growArchive starts the daemon on ever larger archives, and asks for pages.
// The articles come two an hour, so that the window of stories is the same.
func growArchive(t *testing.T, g *growth, sizes []int) {
	text := newVocabulary()
	for i, n := range sizes {
		dir := memoryDir(t)
		if *growthKeep != "" && i == len(sizes)-1 {
			dir = *growthKeep
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, databaseName)
		s, err := store.Open(path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now().Add(-time.Hour)
		const batch = 500 // stories, two thirds as many as articles
		stories := (n*3/4 + 4) / 5 * 5
		for from := (stories - 1) / batch * batch; from >= 0; from -= batch {
			if err := s.Commit(arrived(shelf(now, from, min(from+batch, stories), text.text))); err != nil {
				t.Fatal(err)
			}
		}
		st, err := s.Stats()
		if err != nil {
			t.Fatal(err)
		}
		g.add("disk, an article", "B", n, float64(st.Size-st.Free)/float64(st.Articles))
		number := 0
		g.add("committing an article", "µs", n, micros(spent(t, func() {
			number++
			if err := s.Commit(oneMore(number, text.text)); err != nil {
				t.Fatal(err)
			}
		})))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		fillSearch(t, g, path, n)
		startOn(t, g, path, n)
	}
}

// oneMore is a visit that brings an article on its own, of a number that the
// shelf does not have.
func oneMore(number int, text func() string) news.Visit {
	i := -5 - 15*number // it has no copy
	return arrived(shelf(time.Now().Add(time.Duration(i)*30*time.Minute), i, i+1, text))
}

// arrived gives what a visit brings the ids that real articles have, which lie
// anywhere among those of others, and the sightings.
func arrived(v news.Visit) news.Visit {
	id := news.ArticleID
	for i := range v.Articles {
		a := &v.Articles[i]
		a.ID, a.Story = id(a.ID), id(a.Story)
		k := news.Item{Source: a.Source, GUID: a.URL}.Key()
		v.Sightings = append(v.Sightings, news.Sighting{Key: k, Digest: k, Article: a.ID, First: a.Seen})
	}
	for i := range v.Stories {
		st := &v.Stories[i]
		st.ID, st.Shown, st.Thread = id(st.ID), id(st.Shown), id(st.Thread)
		for j := range st.Members {
			m := &st.Members[j]
			if m.Article = id(m.Article); m.Of != "" {
				m.Of = id(m.Of)
			}
		}
	}
	for i := range v.Threads {
		th := &v.Threads[i]
		th.ID = id(th.ID)
		for j := range th.Stories {
			th.Stories[j] = id(th.Stories[j])
		}
	}
	return v
}

// fillSearch makes the search index of an archive and asks it.
func fillSearch(t *testing.T, g *growth, path string, n int) {
	d, stop := serveOn(t, path)
	defer stop()
	ctx, cancel := context.WithCancel(t.Context())
	var filling sync.WaitGroup
	start := cputime.Used(t)
	filling.Go(func() { d.index.Follow(ctx, indexed{d.store}, indexInterval, slog.New(slog.DiscardHandler)) })
	defer func() { cancel(); filling.Wait(); _ = d.index.Close() }()
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for {
		found, err := d.index.Search(ctx, news.Search{Clauses: []news.Clause{{Text: "nato"}}, Limit: 1})
		if err == nil && found.Share == 1 && found.Total > 0 {
			break
		}
		<-every.C
	}
	g.add("filling the search index, an article", "µs", n, micros(cputime.Used(t)-start)/float64(n))
	number := 0
	for name, path := range map[string]string{"the home page": "/", "a feed of 100 articles": feedPath, "a page of answers": "/search?q=nato+Giappone"} {
		best := time.Duration(math.MaxInt64)
		for range 5 {
			number++
			if err := d.store.Commit(oneMore(1_000_000+number, always(""))); err != nil { // so that nothing is in the cache
				t.Fatal(err)
			}
			start := cputime.Used(t)
			d.page(t, path)
			best = min(best, cputime.Used(t)-start)
		}
		g.add(name+", after a commit", "ms", n, millis(best))
	}
}

// serveOn makes a daemon ready to answer from a database.
func serveOn(t *testing.T, path string) (d *service, stop func()) {
	t.Helper()
	cfg, err := config.Parse("feeds.yaml", []byte(minimal))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d = newService(&watcher{changes: make(chan struct{}, 1)}, "127.0.0.1:0", s, newMeasures(), slog.New(slog.DiscardHandler))
	now, err := d.prepare(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.serving.Store(now)
	return d, func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// startOn starts the daemon on a database as the program does, and tells after
// what time by the clock it answers, and polls.
func startOn(t *testing.T, g *growth, path string, n int) {
	answers := time.Duration(math.MaxInt64)
	for range 5 {
		start := time.Now()
		d, stop := serveOn(t, path)
		d.page(t, "/subscribe")
		answers = min(answers, time.Since(start))
		stop()
	}
	g.add("from the start to answers", "ms", n, millis(answers))
	for _, name := range []string{"from the start to stories made again from texts", "from the start to stories that were kept"} {
		start := time.Now()
		d, stop := serveOn(t, path)
		none := *d.serving.Load().plan
		none.Sources = nil // a round begins with the stories
		if _, err := d.engine.Round(t.Context(), &none, false, nil); err != nil {
			t.Fatal(err)
		}
		g.add(name, "ms", n, millis(time.Since(start)))
		if err := d.engine.SaveStories(); err != nil {
			t.Fatal(err)
		}
		stop()
	}
}

// growWindow places articles among ever more of the last sixty days, and loads
// an index of them.
func growWindow(t *testing.T, g *growth, sizes []int) {
	for _, n := range sizes {
		step := 60 * 24 * time.Hour / time.Duration(n)
		x := story.NewIndex(story.Options{})
		words, number := &dispatches{vocabulary: newVocabulary()}, 0
		stories, threads, storyOf := map[string]news.Story{}, map[string]news.Thread{}, map[string]string{}
		for range n / 20 {
			p := x.Place(words.articles(20, step, &number))
			for _, st := range p.Stories {
				stories[st.ID] = st
				for _, m := range st.Members {
					storyOf[m.Article] = st.ID
				}
			}
			for _, th := range p.Threads {
				threads[th.ID] = th
			}
			for id := range p.MergedStories {
				delete(stories, id)
			}
			for id := range p.MergedThreads {
				delete(threads, id)
			}
			x.Apply(p)
		}
		if x.Len() != n/20*20 {
			t.Fatalf("%d of %d articles in the index", x.Len(), n)
		}
		fresh, at := words.articles(2000, step, &number), 0
		placing := spent(t, func() {
			x.Apply(x.Place(fresh[at%len(fresh) : at%len(fresh)+1]))
			at++
		})
		g.add("placing an article", "µs", n, micros(placing))
		placed := x.Len()

		var kept bytes.Buffer
		if err := x.Save(&kept, ""); err != nil {
			t.Fatal(err)
		}
		restoring := spent(t, func() {
			if err := story.NewIndex(story.Options{}).Restore(kept.Bytes(), ""); err != nil {
				t.Fatal(err)
			}
		})
		g.add("an article of an index that was kept, at the start", "µs", n, micros(restoring)/float64(placed))
		kept.Reset()
		all := held()
		runtime.KeepAlive(x)
		x = nil
		g.add("memory, an article", "B", n, math.Max(0, all-held())/float64(placed))

		words, number = &dispatches{vocabulary: newVocabulary()}, 0
		as := words.articles(len(storyOf), step, &number)
		loading := story.NewIndex(story.Options{}).Load()
		start := cputime.Used(t)
		for _, a := range as {
			a.Story = storyOf[a.ID]
			loading.Add(a)
		}
		loading.Done(slices.Collect(maps.Values(stories)), slices.Collect(maps.Values(threads)))
		g.add("an article of an index made again from texts", "µs", n, micros(cputime.Used(t)-start)/float64(len(as)))
	}
}
