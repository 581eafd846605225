package story_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"vedetta/news"
	"vedetta/story"
)

// What is left out where two texts are compared can change no decision.
func TestComparingLessDecidesTheSame(t *testing.T) {
	arts := articles(readSets(t, "sets"))
	set := func(i int) string { s, _, _ := strings.Cut(arts[i].ID, "/"); return s }
	copies, events, err := story.CompareBothWays(arts, func(i, j int) bool { return set(i) == set(j) || (i+j)%23 == 0 })
	if err != nil {
		t.Error(err)
	}
	if copies < 200 || events < 200 {
		t.Errorf("only %d copies and %d events were compared", copies, events)
	}
}

// The same of texts that are made of one vocabulary, and of each other.
func FuzzComparingLessDecidesTheSame(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		arts := mixed(rand.New(rand.NewPCG(seed, 11)), 6)
		if _, _, err := story.CompareBothWays(arts, func(int, int) bool { return true }); err != nil {
			t.Error(err)
		}
	})
}

// mixed makes texts of few words and few sentences: each takes sentences of those
// before it, some with a word changed, in some order.
func mixed(r *rand.Rand, n int) []news.Article {
	syllables := strings.Fields("ba ce di fo gu la me ni po ru sa te vi zo")
	word := func() string {
		return syllables[r.IntN(len(syllables))] + syllables[r.IntN(len(syllables))] + syllables[r.IntN(len(syllables))]
	}
	words, names := make([]string, 20+r.IntN(150)), make([]string, 4+r.IntN(12))
	for i := range words {
		words[i] = word()
	}
	for i := range names {
		names[i] = strings.ToUpper(word()[:1]) + word()
	}
	sentence := func() string {
		out := []string{"Il"}
		for range 6 + r.IntN(16) {
			switch r.IntN(6) {
			case 0:
				out = append(out, names[r.IntN(len(names))])
			case 1:
				out = append(out, fmt.Sprint(13+r.IntN(400)))
			default:
				out = append(out, words[r.IntN(len(words))])
			}
		}
		return strings.Join(out, " ") + "."
	}
	var said []string
	arts := make([]news.Article, n)
	for i := range arts {
		var body []string
		fresh := r.IntN(100)
		for range 3 + r.IntN(12) {
			if len(said) == 0 || r.IntN(100) < fresh {
				said = append(said, sentence())
				body = append(body, said[len(said)-1])
				continue
			}
			s := strings.Fields(said[max(0, len(said)-1-r.IntN(20))])
			for range r.IntN(4) {
				s[1+r.IntN(len(s)-1)] = words[r.IntN(len(words))]
			}
			body = append(body, strings.TrimSuffix(strings.Join(s, " "), ".")+".")
		}
		arts[i] = news.Article{
			ID: fmt.Sprint(i), Source: fmt.Sprint(r.IntN(4)), Title: sentence(), Text: strings.Join(body, "\n"), Published: day,
		}
	}
	return arts
}
