package store

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"
)

// timeLen is the length of an encoded time.
const timeLen = 12

// Tags in front of an encoded id. A tag below idPlain is the number of bytes
// that follow, each two hexadecimal digits of the id.
const (
	idPlain  = 0xff
	maxHexID = 32 // bytes
)

var errKey = errors.New("malformed key")

// appendTime appends t so that byte order is order in time, for all times.
func appendTime(b []byte, t time.Time) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(t.Unix())^(1<<63))
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}

// cutTime takes an encoded time off the front of b.
func cutTime(b []byte) (t time.Time, rest []byte, err error) {
	if len(b) < timeLen {
		return time.Time{}, nil, errKey
	}
	sec := int64(binary.BigEndian.Uint64(b) ^ (1 << 63))
	return time.Unix(sec, int64(binary.BigEndian.Uint32(b[8:]))).UTC(), b[timeLen:], nil
}

// appendTimeDown appends t so that byte order is the reverse of order in time.
func appendTimeDown(b []byte, t time.Time) []byte {
	n := len(b)
	b = appendTime(b, t)
	for i := n; i < len(b); i++ {
		b[i] = ^b[i]
	}
	return b
}

// appendID appends an id, which has to be the last part of its key. Ids of the
// same form keep their order.
func appendID(b []byte, id string) []byte {
	if n := len(id); n > 0 && n%2 == 0 && n <= 2*maxHexID {
		from := len(b)
		b = append(b, byte(n/2))
		var odd byte
		for i := 0; i < n; i += 2 {
			high, low := hexDigits[id[i]], hexDigits[id[i+1]]
			odd |= high | low
			b = append(b, high<<4|low)
		}
		if odd < 16 {
			return b
		}
		b = b[:from]
	}
	return append(append(b, idPlain), id...)
}

// hexDigits are the values of hexadecimal digits, in lower case; 16 are no digits.
var hexDigits = func() (values [256]byte) {
	for i := range values {
		values[i] = 16
	}
	for i, c := range "0123456789abcdef" {
		values[c] = byte(i)
	}
	return values
}()

// cutID decodes what appendID wrote.
func cutID(b []byte) (string, error) {
	switch {
	case len(b) == 0:
		return "", errKey
	case b[0] == idPlain:
		return string(b[1:]), nil
	case b[0] == 0 || b[0] > maxHexID || len(b)-1 != int(b[0]):
		return "", errKey
	}
	var room [2 * maxHexID]byte
	return string(hex.AppendEncode(room[:0], b[1:])), nil
}

func idKey(id string) []byte { return appendID(make([]byte, 0, 1+len(id)), id) }

// articleKey is the key of an article and of its texts.
func articleKey(seen time.Time, id string) []byte {
	return appendID(appendTime(make([]byte, 0, timeLen+1+len(id)), seen), id)
}

func cutArticleKey(b []byte) (seen time.Time, id string, err error) {
	seen, rest, err := cutTime(b)
	if err != nil {
		return time.Time{}, "", err
	}
	id, err = cutID(rest)
	return seen, id, err
}

// timelinePrefix begins the keys of all stories on a topic's facet (the whole
// topic when facet is empty), or of its near misses.
func timelinePrefix(near bool, topic, facet string) []byte {
	b := make([]byte, 0, 5+len(topic)+len(facet)+timeLen+13)
	kind := byte('o')
	if near {
		kind = 'n'
	}
	b = append(b, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(topic)))
	b = append(b, topic...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(facet)))
	return append(b, facet...)
}

// timelineKey puts a story in its place among those of prefix.
func timelineKey(prefix []byte, first time.Time, story string) []byte {
	b := append(make([]byte, 0, len(prefix)+timeLen+1+len(story)), prefix...)
	return appendID(appendTimeDown(b, first), story)
}

// after is the first key behind all those that begin with prefix; nil when
// there is none.
func after(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			b := append([]byte(nil), prefix[:i+1]...)
			b[i]++
			return b
		}
	}
	return nil
}

// cutTimeline decodes what timelineKey appended to its prefix.
func cutTimeline(b []byte) (first time.Time, story string, err error) {
	if len(b) < timeLen {
		return time.Time{}, "", errKey
	}
	up := make([]byte, timeLen)
	for i := range up {
		up[i] = ^b[i]
	}
	if first, _, err = cutTime(up); err != nil {
		return time.Time{}, "", err
	}
	story, err = cutID(b[timeLen:])
	return first, story, err
}
