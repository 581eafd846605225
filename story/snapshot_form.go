package story

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// snapshotWriter writes numbers and strings. Names come again and again: each
// is written once.
type snapshotWriter struct {
	w       *bufio.Writer
	buf     [binary.MaxVarintLen64]byte
	numbers map[string]uint64
	err     error
}

func (w *snapshotWriter) raw(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
}

func (w *snapshotWriter) number(n uint64) { w.raw(binary.AppendUvarint(w.buf[:0], n)) }

func (w *snapshotWriter) fixed(n uint64) { w.raw(binary.LittleEndian.AppendUint64(w.buf[:0], n)) }

func (w *snapshotWriter) float(f float32) {
	w.raw(binary.LittleEndian.AppendUint32(w.buf[:0], math.Float32bits(f)))
}

func (w *snapshotWriter) time(i instant) { w.raw(binary.AppendVarint(w.buf[:0], int64(i))) }

func (w *snapshotWriter) bytes(s string) {
	w.number(uint64(len(s)))
	if w.err == nil {
		_, w.err = w.w.WriteString(s)
	}
}

func (w *snapshotWriter) name(s string) {
	n, ok := w.numbers[s]
	if !ok {
		n = uint64(len(w.numbers)) + 1
		w.numbers[s] = n
		w.number(0)
		w.bytes(s)
		return
	}
	w.number(n)
}

func (w *snapshotWriter) json(v any) {
	b, err := json.Marshal(v)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.bytes(string(b))
}

// snapshotReader reads what a snapshotWriter wrote. After the first error it
// reads nothing but zeros.
type snapshotReader struct {
	rest  []byte
	names []string
	err   error
}

func (r *snapshotReader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrSnapshot, what)
	}
	r.rest = nil
}

func (r *snapshotReader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail("it ends early")
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *snapshotReader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.fail("it ends early")
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// count reads how many things follow, each of least bytes at least.
func (r *snapshotReader) count(least int) int {
	n := r.number()
	if n > uint64(len(r.rest)/least) {
		r.fail("it ends early")
		return 0
	}
	return int(n)
}

func (r *snapshotReader) fixed() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *snapshotReader) float() float32 {
	if b := r.take(4); b != nil {
		return math.Float32frombits(binary.LittleEndian.Uint32(b))
	}
	return 0
}

func (r *snapshotReader) time() instant {
	i, size := binary.Varint(r.rest)
	if size <= 0 {
		r.fail("it ends early")
		return 0
	}
	r.rest = r.rest[size:]
	return instant(i)
}

func (r *snapshotReader) bytes() string { return string(r.take(r.number())) }

func (r *snapshotReader) name() string {
	n := r.number()
	if n == 0 {
		r.names = append(r.names, r.bytes())
		n = uint64(len(r.names))
	}
	if n > uint64(len(r.names)) {
		r.fail("a name is not there")
		return ""
	}
	return r.names[n-1]
}

// place reads the place of a node.
func (r *snapshotReader) place(nodes []*node) uint32 {
	n := r.number()
	if n >= uint64(len(nodes)) {
		r.fail("an article is not there")
		return 0
	}
	return uint32(n)
}

// one reads a node by its place.
func (r *snapshotReader) one(nodes []*node) *node {
	if at := r.place(nodes); r.err == nil {
		return nodes[at]
	}
	return nil
}

func (r *snapshotReader) json(v any) {
	if err := json.Unmarshal(r.take(r.number()), v); err != nil && r.err == nil {
		r.fail(err.Error())
	}
}
