package search

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sort"
	"time"
)

// A segment is a file of four parts and a footer:
//
//	postings   of each term its list of documents, then its positions
//	terms      in blocks of blockTerms: a block is, of each term, the length of
//	           what it shares with the one before, the rest with its length in
//	           front, the number of documents, and the lengths of the two lists
//	blocks     of each block its first term with its length in front, and where
//	           the block begins among the terms, and its first list in the file
//	documents  minutes since 1970 of each, uint32; lengths of each, one byte;
//	           then, in the order of their ids, id, number and digest; then the
//	           place of each in that order, uint32
//	footer     see below
//
// Numbers are varints unless said. A list of documents is, of each, the
// distance from the one before and twice the number of its positions, plus one
// if the term stands in a title. Positions are distances too, and begin anew
// with each document. Terms that are no words begin with a zero byte and have
// no positions.
const (
	segmentMagic = "VEDSEG\x00\x01"
	blockTerms   = 32
	footerLen    = 7*8 + 4 + len(segmentMagic)
	maxTerm      = 200
)

var errSegment = errors.New("malformed segment")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// footer ends a segment. All are uint64, little-endian; then come the CRC-32C
// of all before it, and the magic.
type footer struct {
	Terms  uint64 // offset of the parts
	Blocks uint64
	Docs   uint64
	End    uint64
	N      uint64 // documents
	IDLen  uint64 // bytes of an id; shorter ones are filled with zeros
	Words  uint64 // of all documents
}

// block is where a block of terms begins.
type block struct {
	first    string
	at       uint64 // in the file
	postings uint64 // of its first term
}

// segment is an open segment. It may be read concurrently.
type segment struct {
	footer
	file   *os.File
	blocks []block
}

// openSegment opens a file after checking all of it.
func openSegment(path string) (*segment, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s := &segment{file: f}
	if err := s.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("open segment %s: %w", path, err), f.Close())
	}
	return s, nil
}

func (s *segment) load() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	size := info.Size() - int64(footerLen)
	if size < 0 {
		return errSegment
	}
	end := make([]byte, footerLen)
	if _, err := s.file.ReadAt(end, size); err != nil {
		return err
	}
	if string(end[footerLen-len(segmentMagic):]) != segmentMagic {
		return errSegment
	}
	sum := crc32.New(castagnoli)
	if _, err := io.Copy(sum, io.NewSectionReader(s.file, 0, size+7*8)); err != nil {
		return err
	}
	if sum.Sum32() != binary.LittleEndian.Uint32(end[7*8:]) {
		return fmt.Errorf("%w: wrong checksum", errSegment)
	}
	if s.footer, err = readFooter(end); err != nil {
		return err
	}
	if err := s.check(size); err != nil {
		return err
	}
	return s.loadBlocks()
}

// readFooter reads the numbers of the footer that ends b.
func readFooter(b []byte) (f footer, err error) {
	_, err = binary.Decode(b[len(b)-footerLen:], binary.LittleEndian, &f)
	return f, err
}

// check sees that the parts are where they can be.
func (s *segment) check(end int64) error {
	if s.Terms > s.Blocks || s.Blocks > s.Docs || s.Docs > s.End || s.End != uint64(end) ||
		s.IDLen > maxTerm || s.N > s.End || s.End-s.Docs != s.N*(4+1+s.entryLen()+4) {
		return errSegment
	}
	return nil
}

func (s *segment) loadBlocks() error {
	b, err := s.read(s.Blocks, s.Docs-s.Blocks)
	if err != nil {
		return err
	}
	r := bytesReader(b)
	for len(r) > 0 {
		first, err := r.bytes()
		if err != nil {
			return err
		}
		at, err := r.number()
		if err != nil {
			return err
		}
		postings, err := r.number()
		if err != nil {
			return err
		}
		s.blocks = append(s.blocks, block{string(first), s.Terms + at, postings})
	}
	return nil
}

func (s *segment) close() error { return s.file.Close() }

func (s *segment) entryLen() uint64 { return s.IDLen + 4 + 8 }

// read reads n bytes; nothing outside of the parts.
func (s *segment) read(at, n uint64) ([]byte, error) {
	if at > s.End || n > s.End-at {
		return nil, errSegment
	}
	b := make([]byte, n)
	if _, err := s.file.ReadAt(b, int64(at)); err != nil {
		return nil, err
	}
	return b, nil
}

// term is what a segment knows of a term: in how many documents it is, and
// where its two lists are.
type term struct {
	key       string
	df        uint64
	docsAt    uint64
	docsLen   uint64
	placesLen uint64
}

// terms calls f with the terms from one on, in order, for as long as f returns
// true.
func (s *segment) terms(from string, f func(term) bool) error {
	i := sort.Search(len(s.blocks), func(i int) bool { return s.blocks[i].first > from })
	for i = max(i-1, 0); i < len(s.blocks); i++ {
		ts, err := s.block(i)
		if err != nil {
			return err
		}
		for _, t := range ts {
			if t.key >= from && !f(t) {
				return nil
			}
		}
	}
	return nil
}

// block reads a block of terms.
func (s *segment) block(i int) ([]term, error) {
	end := s.Blocks
	if i+1 < len(s.blocks) {
		end = s.blocks[i+1].at
	}
	if end < s.blocks[i].at {
		return nil, errSegment
	}
	b, err := s.read(s.blocks[i].at, end-s.blocks[i].at)
	if err != nil {
		return nil, err
	}
	r := bytesReader(b)
	ts := make([]term, 0, blockTerms)
	at, last := s.blocks[i].postings, ""
	for len(r) > 0 {
		shared, err := r.number()
		if err != nil || shared > uint64(len(last)) {
			return nil, errSegment
		}
		rest, err := r.bytes()
		if err != nil {
			return nil, err
		}
		t := term{key: last[:shared] + string(rest), docsAt: at}
		for _, p := range []*uint64{&t.df, &t.docsLen, &t.placesLen} {
			if *p, err = r.number(); err != nil {
				return nil, err
			}
		}
		at += t.docsLen + t.placesLen
		ts = append(ts, t)
		last = t.key
	}
	return ts, nil
}

// lookup returns a term; one that is not there has no documents.
func (s *segment) lookup(key string) (found term, err error) {
	err = s.terms(key, func(t term) bool {
		if t.key == key {
			found = t
		}
		return false
	})
	return found, err
}

// lengthOf packs the number of a document's words into a byte, in steps of a
// twelfth.
func lengthOf(words int) byte {
	n := 0
	for l := 8.0; l < float64(words) && n < 255; n++ {
		l *= 13.0 / 12
	}
	return byte(n)
}

// lengths are what the bytes of lengthOf stand for.
var lengths = func() (t [256]float64) {
	l := 8.0
	for i := range t {
		t[i] = l
		l *= 13.0 / 12
	}
	return t
}()

// minutes packs a time; all before 1970 are one.
func minutes(t time.Time) uint32 {
	return uint32(min(max(t.Unix()/60, 0), 1<<32-1))
}

// times are the minutes of all documents, as in the file.
type times []byte

func (t times) of(doc uint32) uint32 { return binary.LittleEndian.Uint32(t[4*doc:]) }

func (s *segment) times() (times, error) { return s.read(s.Docs, 4*s.N) }

// lengthBytes returns the lengths of all documents, packed.
func (s *segment) lengthBytes() ([]byte, error) { return s.read(s.Docs+4*s.N, s.N) }

// entry is a document's line in the order of ids.
type entry struct {
	id     []byte // with zeros
	doc    uint32
	digest uint64
}

func (s *segment) entries() uint64 { return s.Docs + 5*s.N }

func (s *segment) entry(i uint64) (entry, error) {
	if i >= s.N {
		return entry{}, errSegment
	}
	b, err := s.read(s.entries()+i*s.entryLen(), s.entryLen())
	if err != nil {
		return entry{}, err
	}
	return s.decodeEntry(b)
}

func (s *segment) decodeEntry(b []byte) (entry, error) {
	e := entry{id: b[:s.IDLen], doc: binary.LittleEndian.Uint32(b[s.IDLen:]), digest: binary.LittleEndian.Uint64(b[s.IDLen+4:])}
	if uint64(e.doc) >= s.N {
		return e, errSegment
	}
	return e, nil
}

// find looks for a document by its id.
func (s *segment) find(id string) (e entry, ok bool, err error) {
	want := []byte(id)
	lo, hi := uint64(0), s.N
	for lo < hi {
		mid := (lo + hi) / 2
		if e, err = s.entry(mid); err != nil {
			return e, false, err
		}
		switch bytes.Compare(bytes.TrimRight(e.id, "\x00"), want) {
		case 0:
			return e, true, nil
		case -1:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return entry{}, false, nil
}

func trimID(id []byte) string { return string(bytes.TrimRight(id, "\x00")) }

// id returns the id of a document.
func (s *segment) id(doc uint32) (string, error) {
	if uint64(doc) >= s.N {
		return "", errSegment
	}
	b, err := s.read(s.entries()+s.N*s.entryLen()+4*uint64(doc), 4)
	if err != nil {
		return "", err
	}
	e, err := s.entry(uint64(binary.LittleEndian.Uint32(b)))
	return trimID(e.id), err
}

// bytesReader reads what was appended.
type bytesReader []byte

func (r *bytesReader) number() (uint64, error) {
	if b := *r; len(b) > 0 && b[0] < 0x80 {
		*r = b[1:]
		return uint64(b[0]), nil
	}
	n, w := binary.Uvarint(*r)
	if w <= 0 {
		return 0, errSegment
	}
	*r = (*r)[w:]
	return n, nil
}

func (r *bytesReader) bytes() ([]byte, error) {
	n, err := r.number()
	if err != nil || n > uint64(len(*r)) || n > maxTerm {
		return nil, errSegment
	}
	b := (*r)[:n]
	*r = (*r)[n:]
	return b, nil
}
