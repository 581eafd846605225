package fetcher

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Limits of a body, after decompression.
const (
	maxFeed   = 8 << 20
	maxPage   = 5 << 20
	maxRobots = 500 << 10 // RFC 9309 §2.5

	usualRatio  = 4         // of a feed or page to what it is compressed to
	maxForeseen = 256 << 10 // bytes of a body that room is made for before they are there

	acceptEncoding = "gzip, br, zstd"
	maxCodings     = 2
	zstdWindow     = 8 << 20 // RFC 9659
)

// readBody reads and decompresses a body of at most limit bytes, into room if
// there is any. Of a longer one it returns the beginning, with ErrTooLarge.
func readBody(resp *http.Response, limit int64, room *bytes.Buffer) ([]byte, error) {
	r, done, err := decoded(resp)
	if err != nil {
		return nil, err
	}
	defer done()
	size := min(max(resp.ContentLength, 0), maxForeseen)
	if r != io.Reader(resp.Body) {
		size *= usualRatio
	}
	body, err := readLimited(r, size, limit, room)
	if err != nil {
		return body, err
	}
	// A feed kept as feed.xml.gz is sent as what it is.
	if isGzip(body) {
		zr, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errBroken, err)
		}
		return readLimited(zr, usualRatio*int64(len(body)), limit, nil)
	}
	return body, nil
}

// readLimited reads what probably has this size, of which no more is believed
// than maxForeseen.
func readLimited(r io.Reader, size, limit int64, room *bytes.Buffer) ([]byte, error) {
	buf := cmp.Or(room, new(bytes.Buffer))
	buf.Reset()
	buf.Grow(int(min(size, limit, maxForeseen)) + bytes.MinRead)
	n, err := buf.ReadFrom(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if n > limit {
		return buf.Bytes()[:limit], tooLarge(limit)
	}
	return buf.Bytes(), nil
}

// room returns room for a body.
func (f *Fetcher) room() *bytes.Buffer {
	if room, ok := f.rooms.Get().(*bytes.Buffer); ok {
		return room
	}
	return new(bytes.Buffer)
}

// giveBack keeps room of the usual size for the next body.
func (f *Fetcher) giveBack(room *bytes.Buffer) {
	if room.Cap() <= maxForeseen+bytes.MinRead {
		f.rooms.Put(room)
	}
}

func tooLarge(limit int64) error {
	if limit < 1<<20 {
		return fmt.Errorf("%w: more than %d KB", ErrTooLarge, limit>>10)
	}
	return fmt.Errorf("%w: more than %d MB", ErrTooLarge, limit>>20)
}

func isGzip(b []byte) bool { return len(b) > 2 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8 }

// decoded undoes Content-Encoding, last coding first.
func decoded(resp *http.Response) (io.Reader, func(), error) {
	var r io.Reader = resp.Body
	done := func() {}
	codings := strings.Split(strings.Join(resp.Header.Values("Content-Encoding"), ","), ",")
	if len(codings) > maxCodings {
		return nil, nil, fmt.Errorf("%w: %d codings", errBroken, len(codings))
	}
	for _, coding := range slices.Backward(codings) {
		next, stop, err := decoder(strings.ToLower(strings.TrimSpace(coding)), r)
		if err != nil {
			done()
			return nil, nil, fmt.Errorf("%w: %w", errBroken, err)
		}
		before := done
		r, done = next, func() { stop(); before() }
	}
	return r, done, nil
}

// decoder returns a reader that undoes one coding. Servers that name a coding
// and do not apply it are common enough to look first.
func decoder(coding string, r io.Reader) (io.Reader, func(), error) {
	none := func() {}
	if coding == "" || coding == "identity" {
		return r, none, nil
	}
	br := bufio.NewReader(r)
	switch coding {
	case "gzip", "x-gzip":
		if head, _ := br.Peek(3); !isGzip(head) {
			return br, none, nil
		}
		zr, err := gzip.NewReader(br)
		return zr, none, err
	case "deflate":
		head, err := br.Peek(2)
		if err == nil && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
			zr, err := zlib.NewReader(br)
			return zr, none, err
		}
		return flate.NewReader(br), none, nil // raw, as some servers send it
	case "br":
		return brotli.NewReader(br), none, nil
	case "zstd":
		if head, _ := br.Peek(4); !bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
			return br, none, nil
		}
		zr, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, nil, err
		}
		return zr, zr.Close, nil
	}
	return nil, nil, errors.New("unknown coding " + coding)
}
