package search

import (
	"cmp"
	"container/heap"
	"slices"
)

// hit is a document that matches.
type hit struct {
	segment int
	doc     uint32
	minutes uint32
	score   float64
}

// ranking keeps the best hits, and counts all.
type ranking struct {
	newest bool // rank by time alone
	limit  int
	total  int
	hits   []hit // a heap with the worst on top
}

func (r *ranking) compare(a, b hit) int {
	if !r.newest {
		if c := cmp.Compare(b.score, a.score); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(b.minutes, a.minutes), cmp.Compare(a.segment, b.segment), cmp.Compare(a.doc, b.doc))
}

func (r *ranking) add(h hit) {
	r.total++
	switch {
	case len(r.hits) < r.limit:
		heap.Push(r, h)
	case r.limit > 0 && r.compare(h, r.hits[0]) < 0:
		r.hits[0] = h
		heap.Fix(r, 0)
	}
}

// page returns the hits from an offset on, best first.
func (r *ranking) page(offset int) []hit {
	slices.SortFunc(r.hits, r.compare)
	return r.hits[min(offset, len(r.hits)):]
}

// The methods of heap.Interface.

func (r *ranking) Len() int           { return len(r.hits) }
func (r *ranking) Less(i, j int) bool { return r.compare(r.hits[i], r.hits[j]) > 0 }
func (r *ranking) Swap(i, j int)      { r.hits[i], r.hits[j] = r.hits[j], r.hits[i] }
func (r *ranking) Push(h any)         { r.hits = append(r.hits, h.(hit)) }
func (r *ranking) Pop() any           { panic("a ranking only grows") }
