package search

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
	r := bytesReader(b)
	doc := uint64(0)
	for len(r) > 0 {
		var n uint64
		if doc, n, err = r.posting(doc); err != nil {
			return p, err
		}
		if doc >= s.N {
			return p, errSegment
		}
		p.docs = append(p.docs, uint32(doc))
		p.tf = append(p.tf, uint16(min(n>>1+titleWeight*(n&1), 1<<16-1)))
	}
	return p, nil
}

// posting reads the next document after last, and twice the number of its
// positions, plus one for a title.
func (r *bytesReader) posting(last uint64) (doc, n uint64, err error) {
	distance, err := r.number()
	if err != nil {
		return 0, 0, err
	}
	n, err = r.number()
	return last + distance, n, err
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
	docs, places := bytesReader(b[:t.docsLen]), bytesReader(b[t.docsLen:])
	doc, i := uint64(0), 0
	for len(docs) > 0 && i < len(wanted) {
		var n uint64
		if doc, n, err = docs.posting(doc); err != nil {
			return nil, err
		}
		for i < len(wanted) && uint64(wanted[i]) < doc {
			i++
		}
		if n >>= 1; n > uint64(len(places)) {
			return nil, errSegment
		}
		if i == len(wanted) || uint64(wanted[i]) != doc {
			if places, err = places.skip(n); err != nil {
				return nil, err
			}
			continue
		}
		ps := make([]uint32, 0, n)
		at := uint64(0)
		for range n {
			distance, err := places.number()
			if err != nil {
				return nil, err
			}
			at += distance
			ps = append(ps, uint32(at))
		}
		out[i] = ps
	}
	return out, nil
}

// skip passes over n numbers.
func (r bytesReader) skip(n uint64) (bytesReader, error) {
	i := 0
	for n > 0 && i < len(r) {
		if r[i] < 0x80 {
			n--
		}
		i++
	}
	if n > 0 {
		return nil, errSegment
	}
	return r[i:], nil
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
