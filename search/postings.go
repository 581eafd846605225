package search

import "encoding/binary"

// postings are the documents of a term or of several: their numbers, in order,
// and how often each has it; a title counts more than once.
type postings struct {
	docs []uint32
	tf   []uint16
}

// titleWeight is how many times a term in a title counts beside the first.
const titleWeight = 4

// postings reads the documents of a term.
func (s *segment) postings(t term) (postings, error) {
	var p postings
	if t.df == 0 {
		return p, nil
	}
	if t.df > s.N {
		return p, errSegment
	}
	b, err := s.read(t.docsAt, t.docsLen)
	if err != nil {
		return p, err
	}
	p.docs, p.tf = make([]uint32, 0, t.df), make([]uint16, 0, t.df)
	doc, n, i := uint64(0), uint64(0), 0
	for i < len(b) {
		if doc, n, i = posting(b, i, doc); i < 0 || doc >= s.N {
			return p, errSegment
		}
		p.docs = append(p.docs, uint32(doc))
		p.tf = append(p.tf, uint16(min(n>>1+titleWeight*(n&1), 1<<16-1)))
	}
	return p, nil
}

// posting reads, at i, the next document after last and twice the number of its
// positions, plus one for a title. It returns where to go on; -1 when that is
// nowhere.
func posting(b []byte, i int, last uint64) (doc, n uint64, next int) {
	distance, i := uvarint(b, i)
	if i < 0 {
		return 0, 0, -1
	}
	n, i = uvarint(b, i)
	return last + distance, n, i
}

// uvarint reads the number at i and returns where the next one is; -1 when
// there is none. These two are where a search spends its time, so they work on
// places in a slice, not on slices.
func uvarint(b []byte, i int) (uint64, int) {
	if i < len(b) && b[i] < 0x80 {
		return uint64(b[i]), i + 1
	}
	n, w := binary.Uvarint(b[i:])
	if w <= 0 {
		return 0, -1
	}
	return n, i + w
}

// places reads where a term stands in those of its documents that are wanted;
// both are in order. The answer has a list for each wanted one, in order too.
func (s *segment) places(t term, wanted []uint32) ([][]uint32, error) {
	out := make([][]uint32, len(wanted))
	if t.df == 0 {
		return out, nil
	}
	b, err := s.read(t.docsAt, t.docsLen+t.placesLen)
	if err != nil {
		return nil, err
	}
	docs, places := b[:t.docsLen], b[t.docsLen:]
	doc, n := uint64(0), uint64(0)
	w, p := 0, 0 // places in wanted and in places
	for i := 0; i < len(docs) && w < len(wanted); {
		if doc, n, i = posting(docs, i, doc); i < 0 {
			return nil, errSegment
		}
		for w < len(wanted) && uint64(wanted[w]) < doc {
			w++
		}
		if n >>= 1; n > uint64(len(places)-p) {
			return nil, errSegment
		}
		if w == len(wanted) || uint64(wanted[w]) != doc {
			if p = skip(places, p, n); p < 0 {
				return nil, errSegment
			}
			continue
		}
		ps := make([]uint32, n)
		at, distance := uint64(0), uint64(0)
		for k := range ps {
			if distance, p = uvarint(places, p); p < 0 {
				return nil, errSegment
			}
			at += distance
			ps[k] = uint32(at)
		}
		out[w] = ps
	}
	return out, nil
}

// skip passes over n numbers from i on; -1 when there are fewer.
func skip(b []byte, i int, n uint64) int {
	for ; n > 0 && i < len(b); i++ {
		if b[i] < 0x80 {
			n--
		}
	}
	if n > 0 {
		return -1
	}
	return i
}

// union joins postings of documents less than n.
func union(ps []postings, n uint64) postings {
	ps = nonEmpty(ps)
	switch len(ps) {
	case 0:
		return postings{}
	case 1:
		return ps[0]
	}
	sums := make([]uint16, n)
	size := 0
	for _, p := range ps {
		for i, doc := range p.docs {
			if sums[doc] == 0 {
				size++
			}
			sums[doc] = uint16(min(uint32(sums[doc])+max(uint32(p.tf[i]), 1), 1<<16-1))
		}
	}
	out := postings{make([]uint32, 0, size), make([]uint16, 0, size)}
	for doc, tf := range sums {
		if tf > 0 {
			out.docs, out.tf = append(out.docs, uint32(doc)), append(out.tf, tf)
		}
	}
	return out
}

func nonEmpty(ps []postings) []postings {
	var out []postings
	for _, p := range ps {
		if len(p.docs) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// within returns those of docs that other has as well; without those that it
// has not. All are in order. The result takes the place of docs.
func within(docs, other []uint32) []uint32  { return sift(docs, other, true) }
func without(docs, other []uint32) []uint32 { return sift(docs, other, false) }

func sift(docs, other []uint32, has bool) []uint32 {
	out := docs[:0]
	j := 0
	for _, doc := range docs {
		for j < len(other) && other[j] < doc {
			j++
		}
		if (j < len(other) && other[j] == doc) == has {
			out = append(out, doc)
		}
	}
	return out
}
