package search

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"slices"
)

// Segments of about the same size are joined when there are fanout of them,
// so that there are never many and each document is written few times. One of
// which a third is deleted is written anew.
const (
	fanout = 8
	small  = 64 // documents; all segments of less are of one size
)

// level is the size of a segment.
func level(docs int) int { return (bits.Len(uint(max(docs, small)/small)) - 1) / 3 }

// tidy chooses segments to be joined, by their place in the manifest; none
// when all is well.
func (m *manifest) tidy() []int {
	byLevel := map[int][]int{}
	for i, s := range m.Segments {
		if s.Gone*3 > s.Docs {
			return []int{i}
		}
		l := level(s.Docs)
		if byLevel[l] = append(byLevel[l], i); len(byLevel[l]) == fanout {
			return byLevel[l]
		}
	}
	return nil
}

// merge joins segments until no more have to be.
func (x *Index) merge() error {
	for {
		which := x.state.tidy()
		if which == nil {
			return nil
		}
		m := *x.state
		var from []listed
		m.Segments = nil
		for i, s := range x.state.Segments {
			if slices.Contains(which, i) {
				from = append(from, s)
			} else {
				m.Segments = append(m.Segments, s)
			}
		}
		joined, err := x.join(from, m.Next)
		if err != nil {
			return fmt.Errorf("join segments: %w", err)
		}
		m.Next++
		if joined.Docs > 0 {
			m.Segments = append(m.Segments, joined)
		}
		if err := x.install(&m); err != nil {
			return err
		}
		if err := m.sweep(x.dir); err != nil {
			return fmt.Errorf("remove joined segments: %w", err)
		}
	}
}

// join writes what is not deleted of some segments as one.
func (x *Index) join(from []listed, number int) (listed, error) {
	joined := listed{Number: number}
	path := segmentPath(x.dir, number)
	w, err := createSegment(path)
	if err != nil {
		return joined, err
	}
	docs, words, err := joinInto(w, from)
	if err != nil {
		return joined, w.abandon(err)
	}
	if err := w.close(docs, words); err != nil || len(docs) == 0 {
		return joined, err
	}
	joined.Docs = len(docs)
	joined.open, err = openSegment(path)
	return joined, err
}

func joinInto(w *segmentWriter, from []listed) ([]document, uint64, error) {
	var docs []document
	var words uint64
	parts := make([]*part, 0, len(from))
	for _, s := range from {
		p, err := newPart(s)
		if err != nil {
			return nil, 0, err
		}
		if docs, err = p.documents(docs); err != nil {
			return nil, 0, err
		}
		if s.Docs > 0 {
			words += s.open.Words * uint64(s.Docs-s.Gone) / uint64(s.Docs)
		}
		parts = append(parts, p)
	}
	for {
		key, more := least(parts)
		if !more {
			return docs, words, nil
		}
		var l list
		for _, p := range parts {
			if p.done || p.term.key != key {
				continue
			}
			if err := p.appendTo(&l); err != nil {
				return nil, 0, err
			}
			if err := p.next(); err != nil {
				return nil, 0, err
			}
		}
		if l.df == 0 {
			continue
		}
		if err := w.term(key, l.df, l.docs, l.places); err != nil {
			return nil, 0, err
		}
	}
}

// least is the first term that any of the parts has still to come.
func least(parts []*part) (key string, more bool) {
	for _, p := range parts {
		if !p.done && (!more || p.term.key < key) {
			key, more = p.term.key, true
		}
	}
	return key, more
}

// part is a segment that is read from its first term to its last.
type part struct {
	listed
	numbers []uint32 // new, by old; those deleted have none
	lists   *bufio.Reader
	block   int
	terms   []term
	term    term
	done    bool
}

// deleted is the new number of documents that are no more.
const deleted = 1<<32 - 1

func newPart(s listed) (*part, error) {
	p := &part{listed: s, lists: bufio.NewReaderSize(io.NewSectionReader(s.open.file, 0, int64(s.open.Terms)), 1<<16)}
	return p, p.next()
}

// documents appends those that are not deleted, and gives them their numbers.
func (p *part) documents(docs []document) ([]document, error) {
	s := p.open
	ts, err := s.times()
	if err != nil {
		return nil, err
	}
	ls, err := s.lengthBytes()
	if err != nil {
		return nil, err
	}
	first := len(docs)
	p.numbers = make([]uint32, s.N)
	for i := range p.numbers {
		if p.Deleted.has(uint32(i)) {
			p.numbers[i] = deleted
			continue
		}
		p.numbers[i] = uint32(len(docs))
		docs = append(docs, document{minutes: ts.of(uint32(i)), length: ls[i]})
	}
	entries, err := s.read(s.entries(), s.N*s.entryLen())
	if err != nil {
		return nil, err
	}
	for i := range s.N {
		e, err := s.decodeEntry(entries[i*s.entryLen():])
		if err != nil {
			return nil, err
		}
		if n := p.numbers[e.doc]; n != deleted && int(n) >= first {
			docs[n].id, docs[n].digest = trimID(e.id), e.digest
		}
	}
	return docs, nil
}

// next goes on to the next term.
func (p *part) next() (err error) {
	for len(p.terms) == 0 {
		if p.block == len(p.open.blocks) {
			p.done = true
			return nil
		}
		if p.terms, err = p.open.block(p.block); err != nil {
			return err
		}
		p.block++
	}
	p.term, p.terms = p.terms[0], p.terms[1:]
	return nil
}

// appendTo appends the lists of the present term, which are the next in the
// file.
func (p *part) appendTo(to *list) error {
	b := make([]byte, p.term.docsLen+p.term.placesLen)
	if _, err := io.ReadFull(p.lists, b); err != nil {
		return err
	}
	docs, places := b[:p.term.docsLen], b[p.term.docsLen:]
	old, n, at := uint64(0), uint64(0), 0
	for i := 0; i < len(docs); {
		if old, n, i = posting(docs, i, old); i < 0 || old >= uint64(len(p.numbers)) {
			return errSegment
		}
		rest := skip(places, at, n>>1)
		if rest < 0 {
			return errSegment
		}
		if doc := p.numbers[old]; doc != deleted {
			to.docs = binary.AppendUvarint(to.docs, uint64(int(doc)-to.last))
			to.docs = binary.AppendUvarint(to.docs, n)
			to.places = append(to.places, places[at:rest]...)
			to.last = int(doc)
			to.df++
		}
		at = rest
	}
	return nil
}
