package story

import (
	"time"
)

// bucketSpan is the length of the intervals by which event keys are filed, so
// that a look-up only meets articles of about the same time.
const bucketSpan = eventSpan

// postings find the articles that share something rare with a text: a sampled
// shingle at any time, or a name or rare word at about the same time.
type postings struct {
	heads map[uint64]uint32 // key to the newest entry, plus one
	list  []posting
}

// posting is one entry of a key's list.
type posting struct {
	node uint32
	next uint32 // entry before it, plus one; 0 at the end
}

func newPostings() postings {
	return postings{heads: make(map[uint64]uint32)}
}

func (p *postings) add(key uint64, node uint32) {
	p.list = append(p.list, posting{node, p.heads[key]})
	p.heads[key] = uint32(len(p.list))
}

// each calls do with every node filed under key.
func (p *postings) each(key uint64, do func(node uint32)) {
	for i := p.heads[key]; i != 0; i = p.list[i-1].next {
		do(p.list[i-1].node)
	}
}

// insert files a node under all its keys.
func (p *postings) insert(n *node) {
	for _, h := range n.print.prints {
		p.add(shingleKey(h), n.num)
	}
	b := bucket(n.published)
	n.print.eventKeys(func(key uint64, _ float32) { p.add(key^bucketKey(b), n.num) })
}

func bucket(t time.Time) int64 { return t.Unix() / int64(bucketSpan/time.Second) }

func shingleKey(h uint32) uint64 { return uint64(h) | 1<<63 }

func bucketKey(b int64) uint64 { return mix(uint64(b)+0x51ed270b) >> 1 }

// eventKeys yields the keys by which a text's event is found: each of its
// heaviest names and rare words by itself, and pairs of the daily ones, which
// alone would find everything.
func (f *fingerprint) eventKeys(yield func(key uint64, weight float32)) {
	for i, t := range f.keys {
		if t.kind() != frequent && t.kind() != year {
			yield(mix(uint64(t.id()))>>1, t.weight())
			continue
		}
		for _, u := range f.keys[i+1:] {
			if u.kind() != frequent && u.kind() != year {
				continue
			}
			a, b := min(t.id(), u.id()), max(t.id(), u.id())
			yield(mix(uint64(a)<<32|uint64(b))>>1, t.weight()+u.weight())
		}
	}
	if f.series != 0 {
		yield(f.series>>1, 10)
	}
}

// tally adds up what nodes share with a text, over a run that is told apart
// from earlier ones by a stamp instead of clearing.
type tally struct {
	stamp  uint32
	stamps []uint32
	weight []float32
	seen   []uint32
}

func (t *tally) reset(n int) {
	t.stamp++
	t.seen = t.seen[:0]
	if n > len(t.stamps) {
		grow := n + n/4 + 64
		stamps, weight := make([]uint32, grow), make([]float32, grow)
		copy(stamps, t.stamps)
		t.stamps, t.weight = stamps, weight
	}
}

func (t *tally) add(node uint32, w float32) {
	if t.stamps[node] != t.stamp {
		t.stamps[node] = t.stamp
		t.weight[node] = 0
		t.seen = append(t.seen, node)
	}
	t.weight[node] += w
}
