package store

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Records are written in the wire format of Protocol Buffers behind a byte
// that tells them from JSON and from what zstd packed, as older versions wrote
// them. A field that is zero is left out, and one that is not known is passed
// over, so that a new field needs no migration.

// wireForm is the first byte of a record. JSON begins with "{", zstd with "(".
const wireForm = 0x01

var errRecord = errors.New("malformed record")

type fieldNumber = protowire.Number

func appendUint(b []byte, n fieldNumber, v uint64) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), v)
}

func appendInt[T ~int | ~int64](b []byte, n fieldNumber, v T) []byte {
	return appendUint(b, n, protowire.EncodeZigZag(int64(v)))
}

// appendIntItem appends one of several numbers, which may be 0.
func appendIntItem[T ~int](b []byte, n fieldNumber, v T) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), protowire.EncodeZigZag(int64(v)))
}

func appendBool(b []byte, n fieldNumber, v bool) []byte {
	return appendUint(b, n, protowire.EncodeBool(v))
}

// appendFloat appends a number, as thousandths where it is that.
func appendFloat(b []byte, n fieldNumber, v float64) []byte {
	switch thousandths := math.Round(v * 1000); {
	case v == 0 && !math.Signbit(v):
		return b
	case math.Abs(thousandths) < 1<<40 && thousandths != 0 && thousandths/1000 == v:
		return appendInt(b, n, int64(thousandths))
	}
	return protowire.AppendFixed64(protowire.AppendTag(b, n, protowire.Fixed64Type), math.Float64bits(v))
}

func appendText(b []byte, n fieldNumber, v string) []byte {
	if v == "" {
		return b
	}
	return appendItem(b, n, v)
}

// appendItem appends one of several texts, which may be empty.
func appendItem(b []byte, n fieldNumber, v string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), v)
}

func appendItems(b []byte, n fieldNumber, vs []string) []byte {
	for _, v := range vs {
		b = appendItem(b, n, v)
	}
	return b
}

// appendHex appends an id, hexadecimal digits in half their length.
func appendHex(b []byte, n fieldNumber, id string) []byte {
	if id == "" {
		return b
	}
	return appendHexItem(b, n, id)
}

func appendHexItem(b []byte, n fieldNumber, id string) []byte {
	return appendRecord(b, n, func(b []byte) []byte { return appendID(b, id) })
}

// appendMoment appends a time with its zone's offset, to the nanosecond.
func appendMoment(b []byte, n fieldNumber, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	return appendMomentItem(b, n, t)
}

// appendMomentItem appends a time that may be zero.
func appendMomentItem(b []byte, n fieldNumber, t time.Time) []byte {
	return appendRecord(b, n, func(b []byte) []byte {
		b = binary.AppendVarint(b, t.Unix())
		_, offset := t.Zone()
		if t.Nanosecond() != 0 || offset != 0 {
			b = binary.AppendUvarint(b, uint64(t.Nanosecond()))
		}
		if offset != 0 {
			b = binary.AppendVarint(b, int64(offset))
		}
		return b
	})
}

func moment(b []byte) (time.Time, error) {
	seconds, n := binary.Varint(b)
	if n <= 0 {
		return time.Time{}, errRecord
	}
	var nanoseconds uint64
	var offset int64
	if b = b[n:]; len(b) > 0 {
		if nanoseconds, n = binary.Uvarint(b); n <= 0 || nanoseconds >= uint64(time.Second) {
			return time.Time{}, errRecord
		}
		b = b[n:]
	}
	if len(b) > 0 {
		if offset, n = binary.Varint(b); n <= 0 || n < len(b) || offset < -24*3600 || offset > 24*3600 {
			return time.Time{}, errRecord
		}
	}
	t := time.Unix(seconds, int64(nanoseconds)).UTC()
	if offset != 0 {
		t = t.In(time.FixedZone("", int(offset)))
	}
	return t, nil
}

func momentField(f field) (*time.Time, error) {
	t, err := moment(f.bytes)
	return &t, err
}

func idField(f field) (*string, error) {
	id, err := cutID(f.bytes)
	return &id, err
}

// appendRecord appends a record within a record. What put appends is kept
// short: its length is made room for in one byte, and moved where that is not
// enough.
func appendRecord(b []byte, n fieldNumber, put func([]byte) []byte) []byte {
	b = append(protowire.AppendTag(b, n, protowire.BytesType), 0)
	start := len(b)
	b = put(b)
	size := len(b) - start
	if size < 0x80 {
		b[start-1] = byte(size)
		return b
	}
	var head [binary.MaxVarintLen64]byte
	w := binary.PutUvarint(head[:], uint64(size))
	b = append(b, head[:w-1]...) // room
	copy(b[start-1+w:], b[start:start+size])
	copy(b[start-1:], head[:w])
	return b
}

// field is a field of a record: a number, or bytes that are the record's own.
type field struct {
	number fieldNumber
	fixed  bool // uint is that of 64 bits, as of a float
	uint   uint64
	bytes  []byte
}

func (f field) int() int64 { return protowire.DecodeZigZag(f.uint) }

func (f field) text() string { return string(f.bytes) }

func (f field) float() float64 {
	if f.fixed {
		return math.Float64frombits(f.uint)
	}
	return float64(f.int()) / 1000
}

func (f field) bool() bool { return f.uint != 0 }

// fields calls f with the fields of a record, in their order.
func fields(b []byte, f func(field) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errRecord
		}
		b = b[n:]
		is := field{number: number}
		switch kind {
		case protowire.VarintType:
			is.uint, n = protowire.ConsumeVarint(b)
		case protowire.Fixed64Type:
			is.fixed = true
			is.uint, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			is.bytes, n = protowire.ConsumeBytes(b)
		default:
			n = -1
		}
		if n < 0 {
			return errRecord
		}
		b = b[n:]
		if err := f(is); err != nil {
			return err
		}
	}
	return nil
}
