package story_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"vedetta/news"
	"vedetta/story"
)

// headline names a few of some people, so that many articles are tied to many:
// threads grow, lose stories and give way to earlier ones with each batch.
func headline(r *rand.Rand, people []string, id int) news.Article {
	var who []string
	for _, i := range r.Perm(len(people))[:5+r.IntN(4)] {
		who = append(who, people[i])
	}
	a := article(fmt.Sprint(id), fmt.Sprint("s", r.IntN(9)), "Al tavolo "+strings.Join(who, " e poi ")+", che parlano", "", 0)
	a.Published = day.Add(time.Duration(r.IntN(11*24*60)) * time.Minute)
	return a
}

// A thread is decided again only where something has changed that it depends on.
// The outcome is that of deciding all at once, whatever came first and whatever
// became something else meanwhile.
func TestThreadsAreThoseOfDecidingAllAtOnce(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 17))
		people := make([]string, 14+r.IntN(20))
		for i := range people {
			people[i] = "Q" + strings.Repeat(string(rune('a'+i%7)), 2) + "u" + string(rune('a'+i/7)) + "rni"
		}
		x, s := story.NewIndex(story.Options{}), newState()
		last := make(map[string]news.Article)
		for id := 0; id < 60; {
			var batch []news.Article
			for range 1 + r.IntN(12) {
				a := headline(r, people, id)
				if id > 10 && r.IntN(5) == 0 { // another version of an article
					a = headline(r, people, r.IntN(id))
					a.Published = last[a.ID].Published
				}
				batch = append(batch, a)
				last[a.ID] = a
				id = max(id, len(last))
			}
			commit(x, s, batch...)
		}
		all := slices.SortedFunc(func(yield func(news.Article) bool) {
			for _, a := range last {
				if !yield(a) {
					return
				}
			}
		}, func(a, b news.Article) int { return strings.Compare(a.ID, b.ID) })
		got, want := s.partition(t), place(all, len(all)).partition(t)
		if got != want {
			t.Fatalf("seed %d: not the threads of deciding all at once\n%s", seed, difference(got, want))
		}
		if len(s.threads) < 3 {
			t.Errorf("seed %d: only %d threads of %d stories", seed, len(s.threads), len(s.stories))
		}
	}
}
