package story

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestQueueGivesInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for n := range 40 {
		q := queue[int]{before: func(a, b int) bool { return a < b }}
		for range n {
			q.items = append(q.items, r.IntN(30))
		}
		q.order()
		want := slices.Clone(q.items)
		for range n {
			next := r.IntN(30)
			q.push(next)
			want = append(want, next)
		}
		slices.Sort(want)
		var got []int
		for q.len() > 0 {
			got = append(got, q.pop())
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}
