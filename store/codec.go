package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"vedetta/news"
)

// maxValue bounds what a value may unpack to: a page is at most 5 MB, and an
// article keeps its text, its HTML and some earlier texts.
const maxValue = 256 << 20

// codec turns values into bytes and back. It is safe for concurrent use.
type codec struct {
	enc *zstd.Encoder // EncodeAll only
	dec *zstd.Decoder // DecodeAll only
}

// newCodec returns a codec that writes with the dictionary of the highest id
// and reads with all of them. Without any it writes plain frames.
func newCodec(dicts map[uint32][]byte) (*codec, error) {
	// The values are a few kilobytes: a small window keeps the pooled
	// encoders small. The checksum tells a rotten disk from a bug.
	eo := []zstd.EOption{
		zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
		zstd.WithEncoderConcurrency(2),
		zstd.WithWindowSize(256 << 10),
		zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderCRC(true),
	}
	do := []zstd.DOption{
		zstd.WithDecoderConcurrency(0),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(maxValue),
	}
	var newest uint32
	for id, d := range dicts {
		newest = max(newest, id)
		do = append(do, zstd.WithDecoderDictRaw(id, d))
	}
	if newest > 0 {
		eo = append(eo, zstd.WithEncoderDictRaw(newest, dicts[newest]))
	}
	enc, err := zstd.NewWriter(nil, eo...)
	if err != nil {
		return nil, fmt.Errorf("set up compression: %w", err)
	}
	dec, err := zstd.NewReader(nil, do...)
	if err != nil {
		return nil, fmt.Errorf("set up decompression: %w", err)
	}
	return &codec{enc: enc, dec: dec}, nil
}

func (c *codec) close() {
	_ = c.enc.Close() // nothing is buffered: only EncodeAll is used
	c.dec.Close()
}

// encode returns v as JSON, compressed where that is shorter.
func (c *codec) encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false) // the HTML of articles would grow by a third
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	plain := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if packed := c.enc.EncodeAll(plain, nil); len(packed) < len(plain) {
		return packed, nil
	}
	return plain, nil
}

// decode reads what encode wrote into the value that v points to. It keeps
// nothing of b.
func (c *codec) decode(b []byte, v any) error {
	if len(b) == 0 {
		return errors.New("empty value")
	}
	if b[0] != '{' {
		plain, err := c.dec.DecodeAll(b, nil)
		if err != nil {
			return fmt.Errorf("decompress value: %w", err)
		}
		b = plain
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("decode value: %w", err)
	}
	return nil
}

// texts is the bulky part of an article.
type texts struct {
	Text     string         `json:"text"`
	HTML     string         `json:"html,omitempty"`
	Versions []news.Version `json:"versions,omitempty"`
}

// split parts an article from its texts.
func split(a news.Article) (news.Article, texts) {
	t := texts{Text: a.Text, HTML: a.HTML, Versions: a.Versions}
	a.Text, a.HTML, a.Versions = "", "", nil
	return a, t
}

func (t texts) empty() bool { return t.Text == "" && t.HTML == "" && len(t.Versions) == 0 }

// join is the reverse of split.
func (t texts) join(a news.Article) news.Article {
	a.Text, a.HTML, a.Versions = t.Text, t.HTML, t.Versions
	return a
}

// encodeSighting packs all but the key. The lengths of the two ids come first,
// as neither is the last part.
func encodeSighting(s news.Sighting) ([]byte, error) {
	digest, article := idKey(s.Digest), idKey(s.Article)
	if len(digest) > 255 || len(article) > 255 {
		return nil, fmt.Errorf("sighting %s: digest or article id too long", s.Key)
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
