package story

// bucketSpan is the length of the intervals by which event keys are filed, so
// that a look-up only meets articles of about the same time.
const bucketSpan = eventSpan

// postings find the articles that share something rare with a text: a sampled
// shingle at any time, or a name or rare word at about the same time.
//
// They are a hash table of keys with open addressing. Most keys have a single
// article, which stands in the table itself; the others lead to a list in
// pieces, of which the later are the longer.
type postings struct {
	slots []postingSlot // a power of two; at most three quarters in use
	used  int
	heads []postingHead
	room  []uint32  // pieces: each the place of the one before it, and nodes
	one   [1]uint32 // what each hands out of a key that has one node

	first, last int64 // buckets of times; they hold where used is not 0
}

// postingSlot is a key with what is filed under it. Keys are hashes: two that
// agree in 32 bits are taken for one, which brings a candidate too many once in
// a while and changes no decision.
type postingSlot struct {
	key uint32
	at  uint32 // 0 when free; else a node plus one, or with listed set an index of heads
}

// listed tells the index of a list from a node.
const listed = 1 << 31

// postingHead is a list of nodes.
type postingHead struct {
	at uint32 // the last piece, in room
	n  uint32
}

// piece returns how many nodes stand in the last piece of a list of n, and how
// many could: 3 in the first, 7 in the second, 15 in all others.
func piece(n uint32) (used, size uint32) {
	switch {
	case n <= 3:
		return n, 3
	case n <= 3+7:
		return n - 3, 7
	}
	return (n-3-7-1)%15 + 1, 15
}

func newPostings() postings { return postings{} }

// maxRoom is for how many keys, or nodes, tables that are used again have room.
const maxRoom = 1 << 16

// empty takes all nodes out. Much room is let go of.
func (p *postings) empty() {
	if len(p.slots) > maxRoom {
		*p = newPostings()
		return
	}
	clear(p.slots)
	p.used, p.heads, p.room = 0, p.heads[:0], p.room[:0]
}

// slot returns where a key is, or where it belongs.
func (p *postings) slot(key uint32) *postingSlot {
	mask := uint32(len(p.slots) - 1)
	i := key * 0x9e3779b1
	i = (i ^ i>>15) & mask
	for p.slots[i].at != 0 && p.slots[i].key != key {
		i = (i + 1) & mask
	}
	return &p.slots[i]
}

func (p *postings) add(key uint64, node uint32) {
	if 4*(p.used+1) > 3*len(p.slots) {
		p.grow()
	}
	s := p.slot(uint32(key))
	switch {
	case s.at == 0:
		p.used++
		*s = postingSlot{uint32(key), node + 1}
	case s.at&listed == 0:
		p.heads = append(p.heads, postingHead{uint32(len(p.room)), 2})
		p.room = append(p.room, 0, s.at-1, node, 0)
		s.at = listed | uint32(len(p.heads)-1)
	default:
		p.heads[s.at&^listed].add(&p.room, node)
	}
}

func (h *postingHead) add(room *[]uint32, node uint32) {
	h.n++
	used, size := piece(h.n)
	if used == 1 {
		var empty [1 + 15]uint32
		empty[0], h.at = h.at, uint32(len(*room))
		*room = append(*room, empty[:1+size]...)
	}
	(*room)[h.at+used] = node
}

func (p *postings) grow() {
	old := p.slots
	p.slots = make([]postingSlot, max(64, 2*len(old)))
	for _, s := range old {
		if s.at != 0 {
			*p.slot(s.key) = s
		}
	}
}

// find returns how many nodes are filed under a key, and where the newest are.
func (p *postings) find(key uint64) (n, at uint32) {
	if p.used == 0 {
		return 0, 0
	}
	switch s := p.slot(uint32(key)); {
	case s.at == 0:
		return 0, 0
	case s.at&listed == 0:
		return 1, s.at - 1
	default:
		h := p.heads[s.at&^listed]
		return h.n, h.at
	}
}

// each calls do with the nodes filed under a key, the newest of them and at most
// most. They come in pieces, the later ones first, which hold until the next. n and
// at are what find returned.
func (p *postings) each(n, at, most uint32, do func(nodes []uint32)) {
	if n == 1 {
		p.one[0] = at
		do(p.one[:])
		return
	}
	for left := min(n, most); left > 0; {
		used, _ := piece(n)
		take := min(used, left)
		do(p.room[at+1+used-take : at+1+used])
		left -= take
		n -= used
		at = p.room[at]
	}
}

// insert files a text, published at a time, under all its keys, by its node's
// number.
func (p *postings) insert(f *filing, published instant, num uint32) {
	at := bucket(published)
	if p.used == 0 {
		p.first, p.last = at, at
	}
	p.first, p.last = min(p.first, at), max(p.last, at)
	for _, h := range f.prints {
		p.add(shingleKey(h), num)
	}
	b := bucketKey(at)
	f.eventKeys(func(key uint64, _ bool) { p.add(key^b, num) })
}

func bucket(i instant) int64 { return int64(i) / int64(bucketSpan) }

// shingleKey tells a shingle's key from all keys of events.
func shingleKey(h uint32) uint64 { return uint64(h) }

func bucketKey(b int64) uint64 { return mix(uint64(b)+0x51ed270b) >> 1 }

// eventKeys yields the keys by which a text's event is found: each of its
// heaviest names and words, names once more, and pairs of the names of every
// day, which alone would find everything; daily tells the words of every day.
// Two texts are worth a closer look when they share two keys: a name, or two of
// anything.
func (f *filing) eventKeys(yield func(key uint64, daily bool)) {
	for i, t := range f.keys {
		if t.kind() != frequent && t.kind() != year {
			key := mix(uint64(t.id()))
			yield(key>>1, t.kind() == common)
			if t.kind() == name || t.kind() == country {
				yield(^key>>1, false)
			}
			continue
		}
		for _, u := range f.keys[i+1:] {
			if u.kind() != frequent && u.kind() != year {
				continue
			}
			a, b := min(t.id(), u.id()), max(t.id(), u.id())
			yield(mix(uint64(a)<<32|uint64(b))>>1, false)
		}
	}
	if f.series != 0 {
		yield(f.series>>1, false)
		yield(^f.series>>1, false)
	}
}

// tally counts what nodes share with a text. A run is told from earlier ones
// by a stamp, so that nothing has to be cleared.
type tally struct {
	stamp  uint32
	counts []count
	seen   []uint32 // nodes that share enough, each once
	keyed  []uint32 // nodes that share keys of events, and no shingle
}

// count is what a node shares with the text.
type count struct {
	stamp    uint32
	shingles uint16
	rare     uint8 // keys of events that few articles have
	usual    uint8 // those that many have, and words of every day
}

// mostKeys is how far keys are counted.
const mostKeys = 100

// What makes a candidate: a shingle, two keys at least one of which is not
// usual, or many keys.
const (
	rareKeys = 2
	anyKeys  = 7
)

// event reports whether the keys of events alone make a candidate.
func (c count) event() bool {
	return c.rare > 0 && c.rare+c.usual >= rareKeys || c.rare+c.usual >= anyKeys
}

func (t *tally) reset(n int) {
	t.stamp++
	t.seen, t.keyed = t.seen[:0], t.keyed[:0]
	if n > len(t.counts) {
		counts := make([]count, n+n/4+64)
		copy(counts, t.counts)
		t.counts = counts
	}
}

// shingle counts a shingle that nodes share with the text. Shingles are counted
// before all else.
func (t *tally) shingle(nodes []uint32) {
	for _, node := range nodes {
		c := &t.counts[node]
		if c.stamp != t.stamp {
			*c = count{stamp: t.stamp}
			t.seen = append(t.seen, node)
		}
		c.shingles++
	}
}

// rare and usual count a key of events.
func (t *tally) rare(nodes []uint32) {
	for _, node := range nodes {
		if c := t.keyedNode(node); c.rare < mostKeys {
			c.rare++
		}
	}
}

func (t *tally) usual(nodes []uint32) {
	for _, node := range nodes {
		if c := t.keyedNode(node); c.usual < mostKeys {
			c.usual++
		}
	}
}

func (t *tally) keyedNode(node uint32) *count {
	c := &t.counts[node]
	if c.stamp != t.stamp {
		*c = count{stamp: t.stamp}
		t.keyed = append(t.keyed, node)
	}
	return c
}

// end ends the counting.
func (t *tally) end() {
	for _, node := range t.keyed {
		if t.counts[node].event() {
			t.seen = append(t.seen, node)
		}
	}
}

// Limits on the articles looked at under one key, the newest first.
const (
	maxShared = 256 // with one shingle
	rareUpTo  = 32  // of one time that make a key a usual one
	maxUsual  = 64  // with a usual key
)

// count counts what the nodes filed here share with n.
func (p *postings) count(n *node, t *tally) {
	if p.used == 0 {
		return
	}
	for _, h := range n.print.filing.prints {
		if k, at := p.find(shingleKey(h)); k > 0 {
			p.each(k, at, maxShared, t.shingle)
		}
	}
	b := bucket(n.published)
	var room [3]uint64
	keys := room[:0]
	for at := max(b-1, p.first); at <= min(b+1, p.last); at++ {
		keys = append(keys, bucketKey(at))
	}
	n.print.filing.eventKeys(func(key uint64, daily bool) {
		for _, b := range keys {
			switch k, at := p.find(key ^ b); {
			case k == 0:
			case daily || k > rareUpTo:
				p.each(k, at, maxUsual, t.usual)
			default:
				p.each(k, at, maxUsual, t.rare)
			}
		}
	})
	t.end()
}

// of is what a node shares with the text.
func (t *tally) of(node uint32) count { return t.counts[node] }
