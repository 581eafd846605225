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
	if plain(s) {
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

// plain reports whether a text needs no cleaning but at its ends.
func plain(s string) bool {
	s = strings.TrimSpace(s)
	prev := byte('x')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c >= 0x7f && (c == 0x7f || c == 0xC2 || c == 0xE2 || c == 0xEF || c == 0xE3) || c == ' ' && prev == ' ' {
			return false
		}
		prev = c
	}
	return true
}

// fold lower-cases a text and drops what is neither letter nor digit, so that
// phrases compare whatever their punctuation.
func fold(s string) string {
	var sb strings.Builder
	sb.Grow(len(s))
	blank := true
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
	return strings.TrimSuffix(sb.String(), " ")
}
