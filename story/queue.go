package story

// queue is a binary heap: pop takes what comes before all others. Those of
// container/heap make memory for each item that is pushed or popped.
type queue[T any] struct {
	before func(a, b T) bool
	items  []T
}

func (q *queue[T]) len() int { return len(q.items) }

// push adds an item.
func (q *queue[T]) push(item T) {
	q.items = append(q.items, item)
	for i := len(q.items) - 1; i > 0; {
		parent := (i - 1) / 2
		if !q.before(q.items[i], q.items[parent]) {
			return
		}
		q.items[i], q.items[parent] = q.items[parent], q.items[i]
		i = parent
	}
}

// pop takes the first item; there must be one.
func (q *queue[T]) pop() T {
	first, last := q.items[0], len(q.items)-1
	q.items[0] = q.items[last]
	clear(q.items[last:]) // what was taken is not held on to
	q.items = q.items[:last]
	q.sink(0)
	return first
}

// order makes a heap of items that were put in as they came.
func (q *queue[T]) order() {
	for i := len(q.items)/2 - 1; i >= 0; i-- {
		q.sink(i)
	}
}

// sink moves an item down to its place.
func (q *queue[T]) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(q.items) {
			return
		}
		if right := child + 1; right < len(q.items) && q.before(q.items[right], q.items[child]) {
			child = right
		}
		if !q.before(q.items[child], q.items[i]) {
			return
		}
		q.items[i], q.items[child] = q.items[child], q.items[i]
		i = child
	}
}
