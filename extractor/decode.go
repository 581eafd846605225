package extractor

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// sniffLen is how far into a page the declaration of its charset is looked
// for. The standard says 1,024 bytes; pages put it later.
const sniffLen = 8 << 10

// decode returns the page as UTF-8. The order is that of what proved right:
// byte-order mark, validity as UTF-8 (whatever the page declares), the header,
// the page's own declaration, Windows-1252.
func decode(body []byte, contentType string) []byte {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return bytes.ToValidUTF8(body[3:], []byte("\uFFFD"))
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		return transcode(body, "utf-16")
	case utf8.Valid(body):
		if label := declared(body); strings.HasPrefix(label, "iso-2022") || label == "utf-7" {
			return transcode(body, label) // seven-bit charsets are valid UTF-8 too
		}
		return body
	case mostlyUTF8(body):
		return bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		if !isUTF8(params["charset"]) {
			return transcode(body, params["charset"])
		}
	}
	if label := declared(body); label != "" && !isUTF8(label) {
		return transcode(body, label)
	}
	return transcode(body, "windows-1252")
}

func isUTF8(label string) bool {
	label = strings.ToLower(strings.TrimSpace(label))
	return label == "utf-8" || label == "utf8"
}

// mostlyUTF8 tells a UTF-8 page with a few broken bytes (a cut comment, a
// pasted advertisement) from one in another charset.
func mostlyUTF8(body []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(body); {
		if body[i] < utf8.RuneSelf {
			i++
			continue
		}
		if r, n := utf8.DecodeRune(body[i:]); r == utf8.RuneError && n == 1 {
			bad++
			i++
		} else {
			good++
			i += n
		}
	}
	return good > 20*bad
}

// declared returns the charset that the head of the page names, in lower case.
func declared(body []byte) string {
	const name = "charset"
	head := body[:min(len(body), sniffLen)]
	for {
		for len(head) >= len(name) && !sameLetters(head, name) {
			head = head[1:]
		}
		if len(head) < len(name) {
			return ""
		}
		head = head[len(name):]
		rest := bytes.TrimLeft(head, " \t\r\n")
		if !bytes.HasPrefix(rest, []byte("=")) {
			continue
		}
		rest = bytes.TrimLeft(rest[1:], " \t\r\n\"'")
		end := bytes.IndexAny(rest, " \t\r\n\"';/>")
		if end > 0 {
			return strings.ToLower(string(rest[:end]))
		}
	}
}

// sameLetters reports whether a text begins with a name in either case.
func sameLetters(text []byte, name string) bool {
	for i := range len(name) {
		if text[i]|0x20 != name[i] {
			return false
		}
	}
	return true
}

func transcode(body []byte, label string) []byte {
	enc := lookup(label)
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	return bytes.TrimPrefix(out, []byte("\xef\xbb\xbf"))
}

func lookup(label string) encoding.Encoding {
	if enc, err := htmlindex.Get(strings.TrimSpace(label)); err == nil {
		return enc
	}
	enc, _ := charset.Lookup("windows-1252")
	return enc
}
