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
	ascii, lower := true, true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
		if 'A' <= c && c <= 'Z' {
			lower = false
		}
	}
	switch {
	case ascii && lower:
		return s
	case ascii:
		return strings.ToLower(s)
	}
	var short [64]byte
	out := short[:0]
	for _, r := range s {
		switch {
		case r == '`':
			out = append(out, '\'')
		case 'A' <= r && r <= 'Z':
			out = append(out, byte(r)+'a'-'A')
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		default:
			f, ok := folds[r]
			if !ok {
				return foldAny(s)
			}
			out = append(out, f...)
		}
	}
	return string(out)
}

// folds are the folded forms of the letters and apostrophes of Western
// languages; the looks of these do not depend on what stands beside them.
var folds = func() map[rune]string {
	m := make(map[rune]string)
	for r := 'À'; r <= 'ž'; r++ {
		m[r] = foldAny(string(r))
	}
	for _, r := range "’‘" {
		m[r] = foldAny(string(r))
	}
	return m
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
