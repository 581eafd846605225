package story

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPostingsGiveTheNewestFirst(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	p := newPostings()
	want := make(map[uint64][]uint32)
	for node := range uint32(3000) {
		key := uint64(r.IntN(1 + r.IntN(300)))
		p.add(key, node)
		want[key] = append(want[key], node)
	}
	for key, nodes := range want {
		slices.Reverse(nodes)
		n, at := p.find(key)
		if int(n) != len(nodes) {
			t.Fatalf("key %d: %d nodes, want %d", key, n, len(nodes))
		}
		for _, most := range []uint32{1, 2, 3, 4, 10, 11, 64, 10_000} {
			var got []uint32
			p.each(n, at, most, func(nodes []uint32) {
				for _, node := range slices.Backward(nodes) {
					got = append(got, node)
				}
			})
			if !slices.Equal(got, nodes[:min(len(nodes), int(most))]) {
				t.Fatalf("key %d, %d at most: %v, want %v", key, most, got, nodes)
			}
		}
	}
	if n, _ := p.find(1000); n != 0 {
		t.Errorf("%d nodes under a key that was never filed", n)
	}
}
