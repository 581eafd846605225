package search

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"slices"
)

// segmentWriter writes a segment: terms in their order, then the documents.
type segmentWriter struct {
	file   *os.File
	out    *bufio.Writer
	sum    uint32
	at     uint64
	dict   []byte
	blocks []byte
	terms  int
	last   string
}

func createSegment(path string) (*segmentWriter, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	return &segmentWriter{file: f, out: bufio.NewWriterSize(f, 1<<16)}, nil
}

func (w *segmentWriter) write(b []byte) error {
	w.sum = crc32.Update(w.sum, castagnoli, b)
	w.at += uint64(len(b))
	_, err := w.out.Write(b)
	return err
}

// term writes the next term.
func (w *segmentWriter) term(key string, df int, docs, places []byte) error {
	shared := 0
	if w.terms%blockTerms == 0 {
		w.blocks = binary.AppendUvarint(w.blocks, uint64(len(key)))
		w.blocks = append(w.blocks, key...)
		w.blocks = binary.AppendUvarint(w.blocks, uint64(len(w.dict)))
		w.blocks = binary.AppendUvarint(w.blocks, w.at)
	} else {
		for shared < len(key) && shared < len(w.last) && key[shared] == w.last[shared] {
			shared++
		}
	}
	w.dict = binary.AppendUvarint(w.dict, uint64(shared))
	w.dict = binary.AppendUvarint(w.dict, uint64(len(key)-shared))
	w.dict = append(w.dict, key[shared:]...)
	for _, n := range []int{df, len(docs), len(places)} {
		w.dict = binary.AppendUvarint(w.dict, uint64(n))
	}
	w.terms++
	w.last = key
	if err := w.write(docs); err != nil {
		return err
	}
	return w.write(places)
}

// abandon closes a file that is of no use, after an error.
func (w *segmentWriter) abandon(err error) error { return errors.Join(err, w.file.Close()) }

// document is what is kept of a story beside its words.
type document struct {
	id      string
	minutes uint32
	length  byte
	digest  uint64
}

// close writes the documents, of which there were so many words, and puts all
// on the disk.
func (w *segmentWriter) close(docs []document, words uint64) error {
	err := w.finish(docs, words)
	if err == nil {
		err = w.out.Flush()
	}
	if err == nil {
		err = w.file.Sync()
	}
	return errors.Join(err, w.file.Close())
}

func (w *segmentWriter) finish(docs []document, words uint64) error {
	f := footer{Terms: w.at, N: uint64(len(docs)), Words: words}
	if err := w.write(w.dict); err != nil {
		return err
	}
	f.Blocks = w.at
	if err := w.write(w.blocks); err != nil {
		return err
	}
	f.Docs = w.at
	order := make([]uint32, len(docs))
	var b []byte
	for i, d := range docs {
		order[i] = uint32(i)
		f.IDLen = max(f.IDLen, uint64(len(d.id)))
		b = binary.LittleEndian.AppendUint32(b, d.minutes)
	}
	for _, d := range docs {
		b = append(b, d.length)
	}
	if err := w.write(b); err != nil {
		return err
	}
	slices.SortFunc(order, func(x, y uint32) int { return bytes.Compare([]byte(docs[x].id), []byte(docs[y].id)) })
	b = b[:0]
	place := make([]uint32, len(docs))
	for i, doc := range order {
		d := docs[doc]
		place[doc] = uint32(i)
		b = append(b, d.id...)
		b = append(b, make([]byte, int(f.IDLen)-len(d.id))...)
		b = binary.LittleEndian.AppendUint32(b, doc)
		b = binary.LittleEndian.AppendUint64(b, d.digest)
	}
	for _, p := range place {
		b = binary.LittleEndian.AppendUint32(b, p)
	}
	if err := w.write(b); err != nil {
		return err
	}
	f.End = w.at
	end, err := binary.Append(nil, binary.LittleEndian, f)
	if err != nil {
		return err
	}
	if err := w.write(end); err != nil {
		return err
	}
	end = binary.LittleEndian.AppendUint32(nil, w.sum)
	_, err = w.out.Write(append(end, segmentMagic...))
	return err
}
