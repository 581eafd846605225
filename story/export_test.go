package story

import (
	"fmt"
	"slices"
	"time"

	"vedetta/news"
)

// CompareBothWays decides of pairs of articles by all that two texts have in
// common, and the short way, and returns how many are copies and how many tell of
// one event; the error is of the first pair about which the two ways differ.
func CompareBothWays(arts []news.Article, pair func(i, j int) bool) (copies, events int, err error) {
	x := NewIndex(Options{})
	nodes := make([]*node, len(arts))
	for i, a := range arts {
		nodes[i] = x.newNode(a)
	}
	for i, n := range nodes {
		for j, o := range nodes {
			if i == j || !pair(i, j) {
				continue
			}
			for _, gap := range []time.Duration{between(n.published, o.published), 0} {
				why, event := decided(n, o, gap, (*scratch).likeness, &x.scratch)
				wantWhy, wantEvent := decided(n, o, gap, func(c *scratch, a, b *fingerprint, _ kinship, _ time.Duration, _ bool) likeness {
					return c.compare(a, b)
				}, &x.scratch)
				if why != wantWhy || event != wantEvent {
					return copies, events, fmt.Errorf("%s and %s: %q %v, in full %q %v", n.id, o.id, why, event, wantWhy, wantEvent)
				}
				if why != "" {
					copies++
				}
				if event {
					events++
				}
			}
		}
	}
	return copies, events, nil
}

func decided(n, o *node, gap time.Duration, compare func(*scratch, *fingerprint, *fingerprint, kinship, time.Duration, bool) likeness, c *scratch) (why string, event bool) {
	c.sketched.enter(&n.brief)
	a, b, k := n.print, o.print, c.sketched.kin(&o.brief, gap)
	l := compare(c, a, b, k, gap, sameOutlet(n, o))
	if why, ok := judge(l, a, b, gap, sameOutlet(n, o)); ok {
		return why, false
	}
	return "", k.score >= leastEvidence && sameEvent(k, l, a, b, gap) && !template(l, sameOutlet(n, o))
}

// LinksInFull looks for the best tie of each story in its thread, and returns an
// error where the thread has another.
func (x *Index) LinksInFull() error {
	t := newThreading(x, x.begin(), nil, nil)
	defer t.end()
	for _, n := range x.nodes {
		if n == nil || n.story.thread == nil || n.story.thread.stories[0] != n.story {
			continue
		}
		var want []news.Link
		for _, c := range n.story.thread.stories {
			if u := t.best(c, n.story); u.to != nil {
				want = append(want, t.link(c, u))
			}
		}
		same := func(k, l news.Link) bool {
			return k.A == l.A && k.B == l.B && k.Score == l.Score && slices.Equal(k.Shared, l.Shared)
		}
		if got := n.story.thread.value.Links; !slices.EqualFunc(got, want, same) {
			return fmt.Errorf("links of thread %s: %v, in full %v", n.story.thread.value.ID, got, want)
		}
	}
	return nil
}

// StoriesInFull divides all that the index knows into stories at once, and returns
// an error where it holds others.
func (x *Index) StoriesInFull() error {
	p := x.begin()
	defer x.end(p)
	nodes := slices.DeleteFunc(slices.Clone(x.nodes), func(n *node) bool { return n == nil })
	slices.SortFunc(nodes, earlier)
	x.blocks.begin(p)
	defer x.blocks.end()
	groups, _ := x.storiesOf(p, nodes)
	for _, want := range groups {
		if got := want[0].story.members; !slices.Equal(got, want) {
			return fmt.Errorf("story of %s has %d articles, in full %d", want[0].id, len(got), len(want))
		}
	}
	return nil
}
