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

// crowded makes articles that name a few of some people each, so that many are
// tied to many: threads grow, lose stories and give way to earlier ones with each
// batch. Some are copies that name more.
type crowded struct {
	r      *rand.Rand
	people []string
	texts  []string
}

func (c *crowded) who(n int) string {
	var who []string
	for _, i := range c.r.Perm(len(c.people))[:n] {
		who = append(who, c.people[i])
	}
	return strings.Join(who, " e poi ")
}

func (c *crowded) next(id string, copies bool) news.Article {
	a := article(id, fmt.Sprint("s", c.r.IntN(9)), "", "", 0)
	a.Published = day.Add(time.Duration(c.r.IntN(11*24*60)) * time.Minute)
	if copies && len(c.texts) > 0 && c.r.IntN(3) == 0 {
		a.Text = c.texts[c.r.IntN(len(c.texts))] + "\nNe scrive " + c.who(7) + "."
		return a
	}
	a.Text = "Al tavolo " + c.who(5+c.r.IntN(4))
	for range 12 {
		a.Text += fmt.Sprintf(" z%dk%d", c.r.IntN(40), c.r.IntN(40))
	}
	a.Text += "."
	c.texts = append(c.texts, a.Text)
	return a
}

// A thread is decided again only where something has changed that it depends on.
// The outcome is that of deciding all at once, whatever came first and whatever
// became something else meanwhile. There are too few to run into the limits on links.
func TestThreadsAreThoseOfDecidingAllAtOnce(t *testing.T) {
	threads, copies := 0, 0
	for seed := range uint64(180) {
		r := rand.New(rand.NewPCG(seed, 17))
		people := make([]string, 14+r.IntN(20))
		for i := range people {
			people[i] = "Q" + strings.Repeat(string(rune('a'+i%7)), 2) + "u" + string(rune('a'+i/7)) + "rni"
		}
		press := &crowded{r: r, people: people}
		x, s := story.NewIndex(story.Options{}), newState()
		last := make(map[string]news.Article)
		for id := 0; id < 45; {
			var batch []news.Article
			for range 1 + r.IntN(12) {
				a := press.next(fmt.Sprint(id), true)
				if id > 10 && r.IntN(3) == 0 { // an article becomes another
					a = press.next(fmt.Sprint(r.IntN(id)), false)
					a.Published = last[a.ID].Published
				}
				batch = append(batch, a)
				last[a.ID] = a
				id = max(id, len(last))
			}
			commit(x, s, batch...)
			if err := x.LinksInFull(); err != nil {
				t.Fatal(err)
			}
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
		threads += len(s.threads)
		for _, v := range s.stories {
			copies += len(v.Members) - 1
		}
	}
	if threads < 60 || copies < 60 {
		t.Errorf("only %d threads and %d copies", threads, copies)
	}
}
