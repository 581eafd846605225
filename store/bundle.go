package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"vedetta/news"
)

// A bundle keeps the bodies of articles that arrived together, packed as one:
// they speak the same language, often share the publisher's phrases and
// addresses, and take a third less room than one by one.
//
// A bundle is the time at which its oldest article was first fetched, the
// number of its articles, the length of what follows unpacked, and then,
// packed, of each article: its key and its body, each with its length in front.
// Articles are found by their ids, so that one can be taken out without a word
// to the others.

// maxBundle is about how many bytes of bodies go into one bundle, if it is more
// than one body: what has to be unpacked for reading a single article. It is
// twenty long articles, which is what a feed holds.
const maxBundle = 192 << 10

var errBundle = errors.New("malformed bundle")

// entry is an article in a bundle.
type entry struct {
	id   string
	seen time.Time
	body []byte
}

func newEntry(a *news.Article) entry {
	e, _ := appendEntry(make([]byte, 0, bodySize(a)), a)
	return e
}

// appendEntry makes an entry whose body lies at the end of room.
func appendEntry(room []byte, a *news.Article) (entry, []byte) {
	start := len(room)
	room = bodyRecord{Article: a}.appendTo(append(room, wireForm))
	return entry{id: a.ID, seen: a.Seen, body: room[start:len(room):len(room)]}, room
}

// bodySize is about how long an article's body is.
func bodySize(a *news.Article) int {
	size := len(a.Text) + len(a.HTML) + len(a.Summary) + len(a.Title) + len(a.URL) + len(a.GUID) + 256
	for i := range a.Versions {
		size += len(a.Versions[i].Title) + len(a.Versions[i].Text)
	}
	return size
}

// article decodes the body.
func (e entry) article() (news.Article, error) { return e.decode(false) }

// lean decodes the body without its HTML and the texts of earlier versions.
func (e entry) lean() (news.Article, error) { return e.decode(true) }

func (e entry) decode(lean bool) (news.Article, error) {
	a, err := decodeBody(e.body, lean)
	if err != nil {
		return a, fmt.Errorf("decode article %s: %w", e.id, err)
	}
	a.ID, a.Seen = e.id, e.seen
	return a, nil
}

// bundles cuts entries into as few pieces of about the same size as keep to
// maxBundle, give or take an entry.
func bundles(es []entry) [][]entry {
	return inBundles(es, func(e *entry) int { return len(e.body) })
}

// inBundles is bundles for whatever has a size.
func inBundles[T any](all []T, size func(*T) int) (bs [][]T) {
	total := 0
	for i := range all {
		total += size(&all[i])
	}
	pieces := (total + maxBundle - 1) / maxBundle
	start, sum := 0, 0
	for i := range all {
		// A piece ends where its share of the whole does.
		if sum += size(&all[i]); sum*pieces >= total*(len(bs)+1) {
			bs = append(bs, all[start:i+1])
			start = i + 1
		}
	}
	if start < len(all) {
		bs = append(bs, all[start:])
	}
	return bs
}

func (c *codec) encodeBundle(es []entry) []byte {
	oldest := es[0].seen
	r := c.rooms.take()
	defer c.rooms.giveBack(r)
	plain := r.plain[:0]
	for _, e := range es {
		if e.seen.Before(oldest) {
			oldest = e.seen
		}
		key := articleKey(e.seen, e.id)
		plain = binary.AppendUvarint(plain, uint64(len(key)))
		plain = append(plain, key...)
		plain = binary.AppendUvarint(plain, uint64(len(e.body)))
		plain = append(plain, e.body...)
	}
	head := binary.AppendUvarint(appendTime(r.packed[:0], oldest), uint64(len(es)))
	head = binary.AppendUvarint(head, uint64(len(plain)))
	r.plain, r.packed = plain, c.enc.EncodeAll(plain, head)
	return bytes.Clone(r.packed)
}

// bundleHead is what stands in front of a bundle.
type bundleHead struct {
	oldest time.Time
	count  int // articles
	size   int // bytes, unpacked
}

func cutBundleHead(b []byte) (h bundleHead, packed []byte, err error) {
	if h.oldest, b, err = cutTime(b); err != nil {
		return h, nil, errBundle
	}
	for _, p := range []*int{&h.count, &h.size} {
		n, w := binary.Uvarint(b)
		if w <= 0 || n == 0 || n > maxUnpacked {
			return h, nil, errBundle
		}
		*p, b = int(n), b[w:]
	}
	return h, b, nil
}

func (c *codec) decodeBundle(b []byte) ([]entry, error) {
	h, packed, err := cutBundleHead(b)
	if err != nil {
		return nil, err
	}
	plain, err := c.unpack(packed)
	if err != nil {
		return nil, err
	}
	if len(plain) != h.size {
		return nil, errBundle
	}
	var es []entry
	for len(plain) > 0 {
		var key, text []byte
		if key, plain, err = cutBytes(plain); err != nil {
			return nil, err
		}
		if text, plain, err = cutBytes(plain); err != nil {
			return nil, err
		}
		seen, id, err := cutArticleKey(key)
		if err != nil {
			return nil, err
		}
		es = append(es, entry{id: id, seen: seen, body: text})
	}
	if len(es) != h.count {
		return nil, errBundle
	}
	return es, nil
}

// cutBytes takes bytes with their length in front off the front of b.
func cutBytes(b []byte) (s, rest []byte, err error) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) {
		return nil, nil, errBundle
	}
	b = b[w:]
	return b[:n], b[n:], nil
}

// find returns the entry of that id.
func find(es []entry, id string) (entry, bool) {
	i := slices.IndexFunc(es, func(e entry) bool { return e.id == id })
	if i < 0 {
		return entry{}, false
	}
	return es[i], true
}

// unpacked remembers the bundles that were unpacked last, as who reads many
// articles mostly reads them in the order of their arrival.
type unpacked struct {
	bundles map[uint64][]entry
	order   []uint64
}

const maxUnpackedBundles = 8

func (u *unpacked) put(n uint64, es []entry) {
	if u.bundles == nil {
		u.bundles = map[uint64][]entry{}
	}
	if len(u.order) == maxUnpackedBundles {
		delete(u.bundles, u.order[0])
		u.order = u.order[1:]
	}
	u.bundles[n] = es
	u.order = append(u.order, n)
}
