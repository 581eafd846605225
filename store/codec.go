package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"vedetta/news"
)

// maxUnpacked bounds what a value may unpack to. A page is at most 5 MB, and
// an article keeps its text, its HTML and earlier texts.
const maxUnpacked = 256 << 20

// minPacked is the length of a value below which packing it is not tried.
const minPacked = 200

// maxOften is that for what is written often: two thirds of a page.
const maxOften = 2700

// codec turns values into bytes and back. It is safe for concurrent use.
type codec struct {
	enc *zstd.Encoder // EncodeAll only
	dec *zstd.Decoder // DecodeAll only

	rooms rooms
}

// room is what packing bundles takes, to be used again.
type room struct {
	bodies, plain, packed []byte
}

// rooms keeps rooms between their uses.
type rooms struct{ pool sync.Pool }

// mostRoom is the size of a room that is kept. Larger ones are rare.
const mostRoom = 4 * maxBundle

func (p *rooms) take() *room {
	if r, ok := p.pool.Get().(*room); ok {
		return r
	}
	return new(room)
}

func (p *rooms) giveBack(r *room) {
	if cap(r.bodies)+cap(r.plain)+cap(r.packed) <= mostRoom {
		p.pool.Put(r)
	}
}

func newCodec() (*codec, error) {
	// The level is the fastest that is not much larger than the best. The
	// checksum tells a rotten disk from a bug.
	enc, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedDefault),
		zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(512<<10),
		zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderCRC(true),
	)
	if err != nil {
		return nil, fmt.Errorf("set up compression: %w", err)
	}
	dec, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(0),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(maxUnpacked),
	)
	if err != nil {
		return nil, fmt.Errorf("set up decompression: %w", err)
	}
	return &codec{enc: enc, dec: dec}, nil
}

func (c *codec) close() {
	_ = c.enc.Close() // nothing is buffered: only EncodeAll is used
	c.dec.Close()
}

// marshal appends v as JSON.
func marshal(b []byte, v any) ([]byte, error) {
	buf := bytes.NewBuffer(b)
	e := json.NewEncoder(buf)
	e.SetEscapeHTML(false) // HTML would grow by a third
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// encodeJSON returns v as JSON, packed where that is shorter.
func (c *codec) encodeJSON(v any) ([]byte, error) {
	plain, err := marshal(nil, v)
	return c.pack(plain), err
}

// encode returns a record in wire form, packed where that is shorter.
func (c *codec) encode(r record) []byte {
	return c.pack(r.appendTo([]byte{wireForm}))
}

// encodeOften is encode for records that are written again and again: packing
// takes most of the time, and is done where it saves pages.
func (c *codec) encodeOften(r record) []byte {
	plain := r.appendTo([]byte{wireForm})
	if len(plain) < maxOften {
		return plain
	}
	return c.pack(plain)
}

func (c *codec) pack(plain []byte) []byte {
	if len(plain) >= minPacked {
		if packed := c.enc.EncodeAll(plain, nil); len(packed) < len(plain) {
			return packed
		}
	}
	return plain
}

// decode reads what encode or encodeJSON wrote into the value that v points to,
// a record or what is kept as JSON. It keeps nothing of b.
func (c *codec) decode(b []byte, v any) error {
	if len(b) == 0 {
		return errors.New("empty value")
	}
	if b[0] != '{' && b[0] != wireForm {
		plain, err := c.unpack(b)
		if err != nil {
			return err
		}
		b = plain
	}
	if r, ok := v.(record); ok && len(b) > 0 && b[0] == wireForm {
		return takeAll(r, b[1:])
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("decode value: %w", err)
	}
	return nil
}

func (c *codec) unpack(b []byte) ([]byte, error) {
	plain, err := c.dec.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack value: %w", err)
	}
	return plain, nil
}

// encodeSighting packs all but the key. The lengths of the two ids come first,
// as neither is the last part.
func encodeSighting(s news.Sighting) ([]byte, error) {
	digest, article := idKey(s.Digest), idKey(s.Article)
	if len(digest) > 255 || len(article) > 255 {
		return nil, errors.New("digest or article id too long")
	}
	b := make([]byte, 0, 2+len(digest)+len(article)+timeLen)
	b = append(b, byte(len(digest)))
	b = append(b, digest...)
	b = append(b, byte(len(article)))
	b = append(b, article...)
	return appendTime(b, s.First), nil
}

func decodeSighting(key string, b []byte) (news.Sighting, error) {
	s := news.Sighting{Key: key}
	for _, p := range []*string{&s.Digest, &s.Article} {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return s, errKey
		}
		id, err := cutID(b[1 : 1+int(b[0])])
		if err != nil {
			return s, err
		}
		*p, b = id, b[1+int(b[0]):]
	}
	first, rest, err := cutTime(b)
	if err != nil || len(rest) > 0 {
		return s, errKey
	}
	s.First = first
	return s, nil
}
