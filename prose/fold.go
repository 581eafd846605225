package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// invisible reports whether r shows nothing and may stand inside a word: soft
// hyphen, zero-width characters, joiners, directional marks.
func invisible(r rune) bool {
	switch {
	case r == '\u00AD', r == '\uFEFF', r == '\u2060', r == '\u180E':
		return true
	case r >= '\u200B' && r <= '\u200F', r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return false
}

// apostrophe reports whether r is typed for an apostrophe.
func apostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', '‛', 'ʼ', 'ʹ', '`', '´', '′', '＇':
		return true
	}
	return false
}

// fold returns the form in which a word compares with others: lower case,
// without accents, ligatures and widths resolved, nothing invisible.
func fold(s string) string {
	lower := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			var short [64]byte
			return string(appendFold(short[:0], s))
		}
		if 'A' <= c && c <= 'Z' {
			lower = false
		}
	}
	if lower {
		return s
	}
	return strings.ToLower(s)
}

// appendFold appends the folded form of a word that is not all ASCII.
func appendFold(dst []byte, s string) []byte {
	from := len(dst)
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '`':
				c = '\''
			case 'A' <= c && c <= 'Z':
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case firstFold <= r && r <= lastFold:
			dst = append(dst, folds[r-firstFold]...)
		case r == '’', r == '‘':
			dst = append(dst, '\'')
		default:
			return append(dst[:from], foldAny(s)...)
		}
		i += n
	}
	return dst
}

// foldWord is the folded form of a word as the scanner cuts it.
func foldWord(span string) string {
	switch {
	case acronymic(span):
		return fold(strings.ReplaceAll(span, ".", ""))
	case span[0] == '`':
		return "'" + fold(span[1:]) // an English ending
	}
	return fold(span)
}

// acronymic reports whether a word is an acronym with points.
func acronymic(span string) bool { return len(span) > 1 && span[1] == '.' && asciiLetter(span[0]) }

// folds are the folded forms of the letters of Western languages, the looks of
// which do not depend on what stands beside them.
const firstFold, lastFold = 'À', 'ž'

var folds = func() (f [lastFold - firstFold + 1]string) {
	for i := range f {
		f[i] = foldAny(string(firstFold + rune(i)))
	}
	return f
}()

// foldAny is fold of any characters.
func foldAny(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r), invisible(r), r == utf8.RuneError:
		case apostrophe(r):
			b.WriteByte('\'')
		default:
			switch r = unicode.ToLower(r); r {
			case 'ß':
				b.WriteString("ss")
			case 'ø':
				b.WriteByte('o')
			case 'ł':
				b.WriteByte('l')
			case 'đ':
				b.WriteByte('d')
			case 'ı':
				b.WriteByte('i')
			case 'æ':
				b.WriteString("ae")
			case 'œ':
				b.WriteString("oe")
			default:
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}
