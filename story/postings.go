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
	n.print.eventKeys(func(key uint64) { p.add(key^bucketKey(b), n.num) })
}

func bucket(t time.Time) int64 { return t.Unix() / int64(bucketSpan/time.Second) }

func shingleKey(h uint32) uint64 { return uint64(h) | 1<<63 }

func bucketKey(b int64) uint64 { return mix(uint64(b)+0x51ed270b) >> 1 }

// eventKeys yields the keys by which a text's event is found: each of its
// heaviest names and rare words, names once more,
// and pairs of the daily ones, which alone would find everything. Two texts
// are worth a closer look when they share two keys: a name, or two of
// anything.
func (f *fingerprint) eventKeys(yield func(key uint64)) {
	for i, t := range f.keys {
		if t.kind() != frequent && t.kind() != year {
			key := mix(uint64(t.id()))
			yield(key >> 1)
			if t.kind() == name || t.kind() == country {
				yield(^key >> 1)
			}
			continue
		}
		for _, u := range f.keys[i+1:] {
			if u.kind() != frequent && u.kind() != year {
				continue
			}
			a, b := min(t.id(), u.id()), max(t.id(), u.id())
			yield(mix(uint64(a)<<32|uint64(b)) >> 1)
		}
	}
	if f.series != 0 {
		yield(f.series >> 1)
		yield(^f.series >> 1)
	}
}

// tally counts the keys that nodes share with a text. A run is told from
// earlier ones by a stamp, so that nothing has to be cleared.
type tally struct {
	stamp  uint32
	counts []count
	seen   []uint32 // nodes that share enough, each once
}

type count struct {
	stamp uint32
	keys  uint32
}

const (
	sharedKeys    = 2       // keys that make a candidate
	sharedShingle = 1 << 16 // what a shingle counts: always a candidate
)

func (t *tally) reset(n int) {
	t.stamp++
	t.seen = t.seen[:0]
	if n > len(t.counts) {
		counts := make([]count, n+n/4+64)
		copy(counts, t.counts)
		t.counts = counts
	}
}

func (t *tally) add(node, keys uint32) {
	c := &t.counts[node]
	if c.stamp != t.stamp {
		*c = count{stamp: t.stamp}
	}
	if c.keys < sharedKeys && c.keys+keys >= sharedKeys {
		t.seen = append(t.seen, node)
	}
	c.keys += keys
}

// shingle reports whether a node shares a shingle with the text.
func (t *tally) shingle(node uint32) bool { return t.counts[node].keys >= sharedShingle }
