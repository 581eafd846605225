package extractor

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean squashes blanks and removes what is not to be seen: soft hyphens,
// zero-width marks, control characters. Line breaks that stand for a br are
// the caller's to keep; here they are blanks.
func clean(s string) string {
	if ok, _ := plain(s); ok {
		return strings.TrimSpace(s)
	}
	var sb strings.Builder
	sb.Grow(len(s))
	blank := true
	for _, r := range s {
		switch {
		case r == 0xAD, r == 0xFEFF, r == 0x200B, r == 0x2060, r == utf8.RuneError:
		case unicode.IsSpace(r), r == 0x2028, r == 0x2029:
			if !blank {
				sb.WriteByte(' ')
				blank = true
			}
		case unicode.IsControl(r):
		default:
			sb.WriteRune(r)
			blank = false
		}
	}
	return strings.TrimSuffix(sb.String(), " ")
}

// appendEscaped appends a text as HTML has it.
func appendEscaped[T string | []byte](dst []byte, s T) []byte {
	from := 0
	for i := range len(s) {
		if escapes[s[i]] != "" {
			dst = append(append(dst, s[from:i]...), escapes[s[i]]...)
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

// escapes are what html.EscapeString writes for a character.
var escapes = [256]string{'&': "&amp;", '\'': "&#39;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\r': "&#13;"}

// plain reports whether a text needs no cleaning but at its ends, and whether it
// has not even characters near those that are cleaned away.
func plain(s string) (ok, bare bool) {
	s = strings.TrimSpace(s)
	bare = true
	for i := 0; i < len(s); i++ {
		switch rough[s[i]] {
		case smooth:
		case space:
			if s[i+1] == ' ' { // there is more: s was trimmed
				return false, false
			}
		case leads:
			if bare && (strings.Contains(s, "\u1680") || !utf8.ValidString(s)) {
				return false, false
			}
			if bare = false; !harmless(s[i:]) {
				return false, false
			}
		default:
			return false, false
		}
	}
	return true, bare
}

// harmless tells the characters that stay as they are among those that begin
// with the same byte as blanks and marks: quotation marks, dashes, the euro.
func harmless(s string) bool {
	switch r, _ := utf8.DecodeRuneInString(s); {
	case r < 0x100:
		return r > 0xA0 && r != 0xAD
	case r >= 0x2010 && r < 0x2028, r >= 0x2030 && r < 0x205F, r > 0x2060 && r < 0x3000:
		return true
	}
	return false
}

// What a byte of a text is for plain.
const (
	smooth = iota
	space
	leads // may lead a character that is cleaned away
	other
)

var rough = func() (of [256]uint8) {
	for c := range ' ' {
		of[c] = other
	}
	for _, c := range []byte{0x7f, 0xE3, 0xEF} {
		of[c] = other
	}
	of[' '], of[0xC2], of[0xE2] = space, leads, leads
	return of
}()

// fold lower-cases a text and drops what is neither letter nor digit, so that
// phrases compare whatever their punctuation.
func fold(s string) string {
	var sb strings.Builder
	sb.Grow(len(s))
	foldTo(&sb, s)
	return strings.TrimSuffix(sb.String(), " ")
}

// foldTo writes a folded text, and reports whether it ends in a blank.
func foldTo(sb *strings.Builder, s string) bool {
	blank, from := true, sb.Len()
	for _, r := range s {
		if r < utf8.RuneSelf {
			switch {
			case 'A' <= r && r <= 'Z':
				r += 'a' - 'A'
			case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			case !blank:
				r = ' '
			default:
				continue
			}
			sb.WriteByte(byte(r))
			blank = r == ' '
			continue
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			sb.WriteRune(unicode.ToLower(r))
			blank = false
		} else if !blank {
			sb.WriteByte(' ')
			blank = true
		}
	}
	return blank && sb.Len() > from
}
