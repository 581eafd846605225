package fetcher

import (
	"bytes"
	"encoding/binary"
	"mime"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
)

const declarationSize = 1024 // where an encoding may be declared

var (
	xmlEncoding  = regexp.MustCompile(`^[^<]*<\?xml[^>]*?encoding\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)`)
	htmlEncoding = regexp.MustCompile(`(?i)<meta[^>]+charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)`)
)

// toUTF8 decodes a text whose encoding is told in several places that may
// contradict each other. What the bytes show beats what anyone says of them:
// byte order mark, then valid UTF-8, then the header, then the document, then
// Windows-1252. The result is valid UTF-8 without a mark.
func toUTF8(body []byte, contentType string) []byte {
	if text, ok := marked(body); ok {
		return text
	}
	head := body[:min(len(body), declarationSize)]
	valid := utf8.Valid(body)
	if valid && !bytes.Contains(head, []byte(sevenBitSign)) && !strings.Contains(contentType, sevenBitSign) {
		return body
	}
	header := headerCharset(contentType)
	declared := ""
	if g := xmlEncoding.FindSubmatch(head); g != nil {
		declared = string(g[1])
	} else if g := htmlEncoding.FindSubmatch(head); g != nil {
		declared = string(g[1])
	}
	if valid {
		if sevenBit(header) || sevenBit(declared) {
			return decodeAs(body, header, declared)
		}
		return body
	}
	if mostlyUTF8(body) {
		return mixed(body)
	}
	return decodeAs(body, header, declared)
}

// marked decodes by a byte order mark, or by the zeros that UTF-16 puts beside
// the first "<".
func marked(body []byte) ([]byte, bool) {
	switch {
	case bytes.HasPrefix(body, []byte{0xef, 0xbb, 0xbf}):
		body = body[3:]
		if utf8.Valid(body) {
			return body, true
		}
		return mixed(body), true
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}):
		return fromUTF16(body[2:], binary.LittleEndian), true
	case bytes.HasPrefix(body, []byte{0xfe, 0xff}):
		return fromUTF16(body[2:], binary.BigEndian), true
	case bytes.HasPrefix(body, []byte{'<', 0}):
		return fromUTF16(body, binary.LittleEndian), true
	case bytes.HasPrefix(body, []byte{0, '<'}):
		return fromUTF16(body, binary.BigEndian), true
	}
	return nil, false
}

func fromUTF16(b []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	return []byte(string(utf16.Decode(units)))
}

const sevenBitSign = "2022" // in the names of such encodings

// sevenBit reports whether an encoding hides other letters in ASCII bytes.
func sevenBit(label string) bool {
	return strings.EqualFold(label, "iso-2022-jp") || strings.EqualFold(label, "csiso2022jp")
}

// headerCharset reads the charset of a Content-Type, also of a broken one.
func headerCharset(contentType string) string {
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		return params["charset"]
	}
	_, label, found := strings.Cut(strings.ToLower(contentType), "charset=")
	if !found {
		return ""
	}
	label, _, _ = strings.Cut(label, ";")
	return strings.Trim(label, ` "'`)
}

// decodeAs decodes by the first label that is known and is not UTF-8, which
// the bytes have shown not to be.
func decodeAs(body []byte, labels ...string) []byte {
	for _, label := range labels {
		enc, name := charset.Lookup(label)
		if enc == nil || name == "utf-8" || name == "replacement" || strings.HasPrefix(name, "utf-16") {
			continue
		}
		if text, err := enc.NewDecoder().Bytes(body); err == nil {
			return text
		}
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(body)
	if err != nil {
		return bytes.ToValidUTF8(body, []byte("\uFFFD")) // unreachable: every byte is a character
	}
	return text
}

// mostlyUTF8 reports whether a text is UTF-8 with some bytes broken: no other
// encoding makes so many valid sequences by chance.
func mostlyUTF8(body []byte) bool {
	good, bad := 0, 0
	for len(body) > 0 {
		if body[0] < utf8.RuneSelf {
			body = body[1:]
			continue
		}
		r, n := utf8.DecodeRune(body)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		body = body[n:]
	}
	return good > bad
}

// mixed reads UTF-8 in which some bytes are of Windows-1252, as a text pasted
// from elsewhere leaves them.
func mixed(body []byte) []byte {
	out := make([]byte, 0, len(body)+len(body)/16)
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(body[0])
		}
		out = utf8.AppendRune(out, r)
		body = body[n:]
	}
	return out
}
