package fetcher

import (
	"cmp"
	"hash/maphash"
	"math"
	"slices"
	"sync"
	"time"

	"vedetta/news"
)

// When a feed changes, most of its items stand in it byte for byte as they did
// the time before. What is remembered of that time lets them be recognised
// before they are parsed. That they were read then is told by what the caller
// saved together with them: the hash of the body in which they stood.

const (
	maxKnownItems = 400     // of a document that is remembered
	maxKnownSize  = 1 << 20 // bytes of it
	knownAhead    = 8       // remembered items that are tried at an item's place
)

// memory is what is remembered of the last answers, by Source.ID.
type memory struct {
	seed maphash.Seed
	mu   sync.Mutex
	of   map[string]*remembered
}

func newMemory() *memory {
	return &memory{seed: maphash.MakeSeed(), of: make(map[string]*remembered)}
}

// recall returns what is remembered of a source if that is the answer that
// last is about, from the same address.
func (m *memory) recall(source string, last news.Poll, address string) *remembered {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.of[source]; r != nil && r.body == last.Body && r.address == address && !last.BadGUIDs {
		return r
	}
	return nil
}

// remember replaces what is remembered of a source by what its body of this
// hash, from this address, was like; nil forgets it.
func (m *memory) remember(source, body, address string, r *remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r == nil {
		delete(m.of, source)
		return
	}
	r.body, r.address = body, address
	m.of[source] = r
}

// remembered is what is remembered of an answer.
type remembered struct {
	body    string // hash of it
	address string // that it came from
	base    string // of its links
	context uint64 // hash of the tags around its items
	items   []rememberedItem
}

// rememberedItem is an item by the hash of its bytes, with what counts of it
// beside others.
type rememberedItem struct {
	raw  uint64
	size uint32 // bytes
	key  uint32 // part of the hash of what it is known by
	date uint32 // seconds since 1970, 0 for none
}

// placeholder stands for an item that was read before.
func (it rememberedItem) placeholder(source string) news.Item {
	known := news.Item{Source: source, Known: true}
	if it.date > 0 {
		known.Published = time.Unix(int64(it.date), 0).UTC()
	}
	return known
}

// keyOf is part of a hash of what an item is known by, as news.Item.Key.
func keyOf(seed maphash.Seed, it news.Item) uint32 {
	return uint32(maphash.String(seed, cmp.Or(it.GUID, it.URL, it.Title, it.Summary, it.Content)))
}

// recollection recognises the items of a document while it is repaired, and
// takes down what is to be remembered of it.
type recollection struct {
	memory *memory
	before *remembered // nil for nothing

	tags  uint64  // hash of the tags around what is being read
	items []piece // in the order of the document
	first uint64  // context of the first of them
	mixed bool    // not all stand in one context
	next  int     // of before.items
	tried int     // bytes hashed in vain

	result *remembered
}

// piece is an item of a document.
type piece struct {
	known int // index of before.items; -1 for one that is new
	raw   uint64
	size  uint32 // 0 for one that is not to be remembered
}

// restart is for another pass over the document.
func (c *recollection) restart(before *remembered) {
	*c = recollection{memory: c.memory, before: before}
}

// around takes the tag of the root, or of a channel, into the context. plain
// is repairer.plainTypes.
func (c *recollection) around(tag []byte, root, plain bool) {
	h := maphash.Bytes(c.memory.seed, tag)
	switch {
	case !root:
		h += c.tags * 31
	case plain:
		h++
	}
	c.tags = h
}

// known returns the length of the item that text begins with, if it is
// remembered; else 0, and the item is noted as new. What is hashed in vain is
// bounded by the length of the document.
func (c *recollection) known(text []byte, depth, size int) int {
	context := c.tags + uint64(depth)
	if len(c.items) == 0 {
		c.first = context
	}
	c.mixed = c.mixed || context != c.first
	if c.before != nil && c.before.context == context {
		items := c.before.items
		for i := c.next; i < min(len(items), c.next+knownAhead) && c.tried <= knownAhead*size; i++ {
			n := int(items[i].size)
			if n > len(text) || text[n-1] != '>' {
				continue
			}
			if maphash.Bytes(c.memory.seed, text[:n]) == items[i].raw {
				c.next = i + 1
				c.items = append(c.items, piece{known: i})
				return n
			}
			c.tried += n
		}
	}
	c.items = append(c.items, piece{known: -1})
	return 0
}

// whole takes down the bytes of the item that was noted last.
func (c *recollection) whole(raw []byte) {
	p := &c.items[len(c.items)-1]
	p.raw, p.size = maphash.Bytes(c.memory.seed, raw), uint32(len(raw))
}

// skipped reports whether items were recognised.
func (c *recollection) skipped() bool {
	return c != nil && slices.ContainsFunc(c.items, func(p piece) bool { return p.known >= 0 })
}

// holds reports whether what was recognised is what a parser would have read,
// since the rest of the document turned out to be of this base and these items.
func (c *recollection) holds(fixed repaired, doc parsed) bool {
	if fixed.cut || fixed.more > 0 || doc.base != c.before.base {
		return false
	}
	keys := make(map[uint32]bool, len(doc.items))
	for _, it := range doc.items {
		keys[keyOf(c.memory.seed, it)] = true
	}
	return !slices.ContainsFunc(c.items, func(p piece) bool { return p.known >= 0 && keys[c.before.items[p.known].key] })
}

// placeholders adds those of the items that were recognised.
func (c *recollection) placeholders(source string, items []news.Item) []news.Item {
	items = slices.Grow(items, len(c.items)-len(items))
	for _, p := range c.items {
		if p.known >= 0 {
			items = append(items, c.before.items[p.known].placeholder(source))
		}
	}
	return items
}

// remember makes the result of a document of which the parser returned these
// items. There is none where they cannot be told from one another.
func (c *recollection) remember(fixed repaired, doc parsed, now time.Time) {
	fresh := 0
	for _, p := range c.items {
		if p.known < 0 {
			fresh++
		}
	}
	items := doc.items
	if fixed.cut || fixed.more > 0 || fixed.nested || c.mixed || fresh != len(items) || len(c.items) > maxKnownItems {
		return
	}
	r := &remembered{base: doc.base, context: c.first, items: make([]rememberedItem, 0, len(c.items))}
	for _, p := range c.items {
		if p.known >= 0 {
			r.items = append(r.items, c.before.items[p.known])
			continue
		}
		it := items[0]
		items = items[1:]
		date := max(it.Published.Unix(), 0)
		if p.size == 0 || !it.Published.Before(now) || date > math.MaxUint32 {
			continue
		}
		r.items = append(r.items, rememberedItem{raw: p.raw, size: p.size, key: keyOf(c.memory.seed, it), date: uint32(date)})
	}
	c.result = r
}
