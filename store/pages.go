package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	bolt "go.etcd.io/bbolt"
)

// bbolt trusts its pages: one that leads back to itself makes it read for ever,
// and one that claims four billion more makes it count them. So the form of the
// tree is looked at before bbolt sees more of it than its root. The layout is
// that of bbolt's file format 2, in the byte order of the machine.
const (
	pageHead    = 16 // id, flags, count, overflow
	pageElement = 16
	bucketHead  = 16 // root, sequence

	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagMeta     = 0x04
	flagFreelist = 0x10
	flagBucket   = 0x01 // of a leaf's element

	maxDepth = 64 // of a tree; four billion pages need a tenth
)

// checkTree follows the pages from the root, each of which must be there once,
// say who it is and keep to itself; all of them, or only those that name the
// buckets.
func checkTree(tx *bolt.Tx, file io.ReaderAt, all bool) error {
	size := tx.DB().Info().PageSize
	w := &treeWalk{file: file, size: size, all: all, end: uint64(tx.Size()) / uint64(size), seen: make([]bool, tx.Size()/int64(size))}
	meta, err := w.read(uint64(tx.ID()) % 2)
	if err != nil {
		return err
	}
	if meta.flags != flagMeta || len(meta.body) < 48 {
		return errors.New("page of the latest state is none")
	}
	root, freelist := number64(meta.body[16:]), number64(meta.body[32:])
	if p, err := w.read(freelist); err != nil {
		return err
	} else if p.flags != flagFreelist {
		return fmt.Errorf("page %d: not a list of free pages", freelist)
	}
	return w.walk(root, 0)
}

func number64(b []byte) uint64 { return binary.NativeEndian.Uint64(b) }

// treeWalk is one run of checkTree.
type treeWalk struct {
	file io.ReaderAt
	size int    // of a page
	end  uint64 // the first page that is not there
	all  bool
	seen []bool
}

// page is a page with those that belong to it.
type page struct {
	id           uint64
	flags, count uint16
	body         []byte // behind the head
}

// read reads a page that nobody else has.
func (w *treeWalk) read(id uint64) (p page, err error) {
	fault := func(what string) (page, error) { return p, fmt.Errorf("page %d: %s", id, what) }
	if id >= w.end {
		return fault("beyond the end")
	}
	head := make([]byte, pageHead)
	if _, err := w.file.ReadAt(head, int64(id)*int64(w.size)); err != nil {
		return p, err
	}
	more := uint64(binary.NativeEndian.Uint32(head[12:]))
	switch {
	case number64(head) != id:
		return fault("says that it is another")
	case id+more >= w.end:
		return fault("reaches beyond the end")
	}
	for i := id; i <= id+more; i++ {
		if w.seen[i] {
			return fault("is used twice")
		}
		w.seen[i] = true
	}
	p = page{id, binary.NativeEndian.Uint16(head[8:]), binary.NativeEndian.Uint16(head[10:]), make([]byte, (more+1)*uint64(w.size)-pageHead)}
	_, err = w.file.ReadAt(p.body, int64(id)*int64(w.size)+pageHead)
	return p, err
}

// walk looks at a page and all below it.
func (w *treeWalk) walk(id uint64, depth int) error {
	p, err := w.read(id)
	if err != nil {
		return err
	}
	if depth > maxDepth {
		return fmt.Errorf("page %d: too deep", id)
	}
	below, buckets, err := p.elements()
	if err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	if w.all {
		below = append(below, buckets...)
	}
	for _, id := range below {
		if err := w.walk(id, depth+1); err != nil {
			return err
		}
	}
	return nil
}

var errElement = errors.New("malformed")

// elements returns the pages that a page leads to, and the roots of the buckets
// that it names.
func (p page) elements() (below, buckets []uint64, err error) {
	if p.flags != flagBranch && p.flags != flagLeaf || len(p.body) < int(p.count)*pageElement {
		return nil, nil, errElement
	}
	for i := range int(p.count) {
		e := p.body[i*pageElement:]
		if p.flags == flagBranch {
			if _, ok := part(e, binary.NativeEndian.Uint32(e), binary.NativeEndian.Uint32(e[4:])); !ok {
				return nil, nil, errElement
			}
			below = append(below, number64(e[8:]))
			continue
		}
		at, key, val := binary.NativeEndian.Uint32(e[4:]), binary.NativeEndian.Uint32(e[8:]), binary.NativeEndian.Uint32(e[12:])
		pair, ok := part(e, at, key, val)
		if !ok {
			return nil, nil, errElement
		}
		if binary.NativeEndian.Uint32(e)&flagBucket == 0 {
			continue
		}
		root, err := bucketRoot(pair[key:])
		if err != nil {
			return nil, nil, err
		}
		if root != 0 {
			buckets = append(buckets, root)
		}
	}
	return below, buckets, nil
}

// part returns the bytes that an element names, which follow each other from a
// place that is counted from the element.
func part(e []byte, at uint32, lengths ...uint32) ([]byte, bool) {
	end := uint64(at)
	for _, n := range lengths {
		end += uint64(n)
	}
	if end > uint64(len(e)) {
		return nil, false
	}
	return e[at:end], true
}

// bucketRoot returns the root page of a bucket, 0 for a small one that lies in
// the element itself.
func bucketRoot(b []byte) (uint64, error) {
	if len(b) < bucketHead {
		return 0, errElement
	}
	root := number64(b)
	if root != 0 {
		return root, nil
	}
	if b = b[bucketHead:]; len(b) < pageHead {
		return 0, errElement
	}
	inside := page{flags: binary.NativeEndian.Uint16(b[8:]), count: binary.NativeEndian.Uint16(b[10:]), body: b[pageHead:]}
	if _, buckets, err := inside.elements(); err != nil || inside.flags != flagLeaf || len(buckets) > 0 {
		return 0, errElement
	}
	return 0, nil
}

// checkPages reads all there is, and returns the first fault in the structure
// of pages.
func checkPages(tx *bolt.Tx, file io.ReaderAt) error {
	if err := checkTree(tx, file, true); err != nil {
		return err
	}
	// bbolt's own check runs in a goroutine, where guard does not help: so
	// touch everything before.
	touched := 0
	err := tx.ForEach(func(_ []byte, b *bolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			for _, s := range [][]byte{k, v} {
				for i := 0; i < len(s); i += 512 {
					touched += int(s[i])
				}
			}
			return nil
		})
	})
	if err != nil || touched < 0 {
		return err
	}
	var first error
	for err := range tx.Check() { // to the end, or its goroutine stays
		if first == nil {
			first = err
		}
	}
	return first
}
