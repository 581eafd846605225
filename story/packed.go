package story

import (
	"encoding/binary"
	"maps"
	"slices"
	"sort"
)

// brief is what every look at a candidate needs of its text.
type brief struct {
	text   uint64  // hash of the terms: equal for equal texts
	series uint64  // hash of the title of a numbered take; 0 when it is none
	total  float32 // weight of the sketch
	length uint16  // number of terms in the body
	pairs  uint16  // different pairs of adjacent ones
	prints uint16  // sampled shingles
	sketch sketch
}

// sketch is the heaviest terms of a text in the order of their ids, five bytes
// each: the term, and how often and where it stands.
type sketch string

const heavyBytes = 5

func (s sketch) len() int { return len(s) / heavyBytes }

// at is the heavy term at a position.
func (s sketch) at(i int) heavy {
	b := s[i*heavyBytes : i*heavyBytes+heavyBytes]
	t := term(b[0]) | term(b[1])<<8 | term(b[2])<<16 | term(b[3])<<24
	return heavy{t, parts[b[4]]}
}

// has reports whether a term stands in the sketch, of whatever kind.
func (s sketch) has(t term) bool {
	i := sort.Search(s.len(), func(i int) bool { return s.id(i) >= t.id() })
	return i < s.len() && s.id(i) == t.id()
}

// id is that of the term at a position.
func (s sketch) id(i int) term {
	b := s[i*heavyBytes : i*heavyBytes+4]
	return (term(b[0]) | term(b[1])<<8 | term(b[2])<<16 | term(b[3])<<24).id()
}

func (h heavy) append(dst []byte, stands uint8) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(h.term)), stands)
}

// standsOf counts how often a term stands in a text: five for each time, and
// eight in title and lead, where it tells what the text is about.
func standsOf(front, behind uint16) uint8 {
	return uint8(min(8*int(front)+5*int(behind), 255))
}

// parts is how much a term stands out by how often it stands: the first time
// counts most.
var parts = func() (p [256]float32) {
	for n := range p {
		sum := float32(n) / 5
		p[n] = sum / (sum + 0.6) * 1.6
	}
	return p
}()

// maxDictionary is how many terms have a number; the others, which only a flood
// of new words brings about, are written out.
const maxDictionary = 1 << 18

// dictionary numbers the terms by when they were met first, which makes those
// of every day short, and packs texts by these numbers: a third of their size.
type dictionary struct {
	numbers map[term]uint32 // from 1
	terms   []term
}

func newDictionary() dictionary { return dictionary{numbers: make(map[term]uint32)} }

// pack writes a text's terms, sentences and title, for unpack.
func (d *dictionary) pack(f *fingerprint) string {
	b := make([]byte, 0, 2*len(f.terms)+2*len(f.ends)+2*len(f.title)+8)
	b = binary.AppendUvarint(b, uint64(len(f.ends)))
	start := uint16(0)
	for _, end := range f.ends {
		b = binary.AppendUvarint(b, uint64(end-start))
		start = end
	}
	b = d.appendTerms(b, f.terms)
	b = d.appendTerms(b, f.title)
	return string(b)
}

func (d *dictionary) appendTerms(b []byte, terms []term) []byte {
	b = binary.AppendUvarint(b, uint64(len(terms)))
	for _, t := range terms {
		n, ok := d.numbers[t]
		if !ok && len(d.terms) < maxDictionary {
			d.terms = append(d.terms, t)
			n = uint32(len(d.terms))
			d.numbers[t] = n
		}
		b = binary.AppendUvarint(b, uint64(n))
		if n == 0 {
			b = binary.LittleEndian.AppendUint32(b, uint32(t))
		}
	}
	return b
}

// unpack reads what pack wrote into f.
func (d *dictionary) unpack(packed string, f *fingerprint) {
	r := unpacker{rest: packed}
	f.ends = f.ends[:0]
	end := uint16(0)
	for range r.number() {
		end += uint16(r.number())
		f.ends = append(f.ends, end)
	}
	f.terms = d.unpackTerms(f.terms[:0], &r)
	f.title = d.unpackTerms(f.title[:0], &r)
}

func (d *dictionary) unpackTerms(dst []term, r *unpacker) []term {
	n := int(r.number())
	dst = slices.Grow(dst, n)
	for range n {
		var number uint32
		switch s := r.rest; { // most numbers take one byte or two
		case len(s) > 0 && s[0] < 0x80:
			number, r.rest = uint32(s[0]), s[1:]
		case len(s) > 1 && s[1] < 0x80:
			number, r.rest = uint32(s[0]&0x7f)|uint32(s[1])<<7, s[2:]
		default:
			number = r.number()
		}
		if number > 0 {
			dst = append(dst, d.terms[number-1])
			continue
		}
		b := r.rest[:4]
		dst = append(dst, term(b[0])|term(b[1])<<8|term(b[2])<<16|term(b[3])<<24)
		r.rest = r.rest[4:]
	}
	return dst
}

// unpacker reads the numbers of a packed text.
type unpacker struct {
	rest string
	cut  bool // it ended within a number
}

func (r *unpacker) number() uint32 {
	n, shift := uint32(0), 0
	for i := range len(r.rest) {
		c := r.rest[i]
		n |= uint32(c&0x7f) << shift
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
		shift += 7
	}
	r.rest, r.cut = "", true
	return 0
}

// pack leaves of a node's text what a look at a candidate needs, and the rest
// for open.
func (x *Index) pack(n *node) {
	n.packed = x.dictionary.pack(n.print)
	x.reader.release(n.print)
	n.print = nil
}

// open returns the whole fingerprint of a node. It holds until the next call.
func (x *Index) open(n *node) *fingerprint {
	if n.print != nil {
		return n.print
	}
	f := &x.opened
	f.brief = n.brief
	x.dictionary.unpack(n.packed, f)
	f.serial = x.scratch.newSerial()
	return f
}

// repack packs all texts anew, without the words that are in none any more.
func (x *Index) repack(do func(*node, *fingerprint)) {
	old := x.dictionary
	x.dictionary = newDictionary()
	f := &fingerprint{}
	for _, n := range x.nodes {
		if n.storied {
			continue
		}
		f.brief = n.brief
		old.unpack(n.packed, f)
		n.packed = x.dictionary.pack(f)
		do(n, f)
	}
	x.dictionary.numbers = maps.Clone(x.dictionary.numbers) // without the room of growing
}

// fits reports whether unpack can read a text: all numbers in it are known.
func (d *dictionary) fits(packed string) bool {
	r := unpacker{rest: packed}
	for n := r.number(); n > 0 && !r.cut; n-- {
		r.number()
	}
	for range 2 {
		for left := r.number(); left > 0 && !r.cut; left-- {
			n := r.number()
			if n > uint32(len(d.terms)) || n == 0 && len(r.rest) < 4 {
				return false
			}
			if n == 0 {
				r.rest = r.rest[4:]
			}
		}
	}
	return r.rest == "" && !r.cut
}
