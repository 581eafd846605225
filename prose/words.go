package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word is a word of a text.
type Word struct {
	Start, End int    // bytes of the text
	Fold       string // lower case, without accents or invisible characters; empty never
}

// Words returns the words of text in order.
//
// A word is a run of letters and digits. An elided word keeps its apostrophe
// and stands alone: "dell’Alleanza" is dell' and alleanza; so does the English
// genitive: nato, 's. Accents typed as apostrophes are not part of the word
// (perche' is perche, as perché is). Points inside an acronym belong to it
// (N.A.T.O. is nato), as do points, commas and plus signs inside numbers
// (1.300, 3,5, 2+2). Web and mail addresses are no words.
func Words(text string) []Word {
	words := make([]Word, 0, len(text)/6+1)
	s := scanner{text: text}
	for s.next() {
		if f := foldWord(text[s.start:s.end]); f != "" {
			words = append(words, Word{s.start, s.end, f})
		}
	}
	return words
}

// scanner finds the words of a text, one after the other.
type scanner struct {
	text       string
	start, end int  // of the word found
	ended      bool // an English ending may follow it
	plain      bool // it is ASCII letters and digits, and nothing else
}

// next finds the next word, and reports whether there is one. It may be one
// that folds to nothing.
func (s *scanner) next() bool {
	text, i := s.text, s.end
	if s.ended {
		s.ended = false
		if end := genitive(text, i); end > i {
			s.start, s.end, s.plain = i, end, false
			return true
		}
	}
	for i < len(text) {
		switch c := classes[text[i]]; {
		case c&alphanumeric != 0:
			if c&opensAddress != 0 {
				if end := address(text, i); end > i {
					i = end
					continue
				}
			}
		case c&beyondASCII == 0:
			i++
			continue
		default:
			if r, n := utf8.DecodeRuneInString(text[i:]); !wordRune(r) {
				i += n
				continue
			}
		}
		s.start = i
		for i < len(text) && classes[text[i]]&alphanumeric != 0 {
			i++
		}
		s.end, s.plain = i, true
		if i == len(text) {
			return true
		}
		switch c := classes[text[i]]; {
		case c&(beyondASCII|apostrophic) != 0, c&separator != 0 && (i-s.start == 1 || digitAt(text, i-1)):
			s.extend()
		}
		return true
	}
	s.end = i
	return false
}

// extend goes on with a word of which the ASCII letters and digits have been
// read, by what may follow them.
func (s *scanner) extend() {
	s.plain = false
	text := s.text
	i := letters(text, s.end)
	if s.end = acronym(text, s.start, i); s.end > i {
		return
	}
	switch {
	case digitAt(text, i-1):
		i = number(text, i)
	case elided(text, s.start, i):
		_, n := utf8.DecodeRuneInString(text[i:])
		i += n
	}
	s.end, s.ended = i, i < len(text) && mayBeApostrophe(text[i])
}

// What a byte may be in a word.
const (
	alphanumeric = 1 << iota // ASCII letter or digit
	opensAddress             // the first letter of one
	separator                // may stand inside numbers and acronyms
	apostrophic              // ASCII character typed for an apostrophe
	beyondASCII
	mark // may end a sentence or a paragraph
)

// ellipsis is the first byte of "…".
const ellipsis = 0xE2

var classes = func() (c [256]uint8) {
	for b := range c {
		switch b := byte(b); {
		case b >= utf8.RuneSelf:
			c[b] = beyondASCII
		case asciiLetter(b), '0' <= b && b <= '9':
			c[b] = alphanumeric
		case b == '.', b == ',', b == '+':
			c[b] = separator
		case apostrophe(rune(b)):
			c[b] = apostrophic
		}
	}
	for _, b := range "hHwW" {
		c[b] |= opensAddress
	}
	for _, b := range [...]byte{'\n', '\r', '.', '!', '?', ellipsis} {
		c[b] |= mark
	}
	return c
}()

// mayBeApostrophe tells the first bytes of what is typed for an apostrophe.
func mayBeApostrophe(c byte) bool { return classes[c]&(apostrophic|beyondASCII) != 0 }

// Between these, all but two signs are letters.
const firstLatin, lastLatin = 'À', 'ɏ'

// wordRune reports whether r may begin a word.
func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return classes[r]&alphanumeric != 0
	}
	if firstLatin <= r && r <= lastLatin {
		return r != '×' && r != '÷'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) && !apostrophe(r) || unicode.IsNumber(r))
}

// letters returns the end of the run of word characters that begins at i.
// Combining and invisible characters belong to it unless they end it.
func letters(text string, i int) int {
	end := i
	for i < len(text) {
		if c := text[i]; c < utf8.RuneSelf {
			if classes[c]&alphanumeric == 0 {
				return end
			}
			i++
			end = i
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case '‐' <= r && r <= '…':
			return end // dashes, quotation marks, apostrophes
		case wordRune(r):
			i += n
			end = i
		case unicode.Is(unicode.Mn, r):
			i += n
			end = i
		case invisible(r):
			i += n
		default:
			return end
		}
	}
	return end
}

func digitAt(text string, i int) bool {
	return i >= 0 && i < len(text) && '0' <= text[i] && text[i] <= '9'
}

// number extends a word that ends in a digit at i over separators and further
// digits.
func number(text string, i int) int {
	for i+1 < len(text) && strings.IndexByte(".,+", text[i]) >= 0 && digitAt(text, i+1) {
		for i++; digitAt(text, i); i++ {
		}
	}
	return i
}

// acronym returns the end of an acronym with points (N.A.T.O., S.p.A.) whose
// first letter is text[start:i]; i when there is none. It takes two letters
// at least.
func acronym(text string, start, i int) int {
	if i-start != 1 || !unicode.IsLetter(rune(text[start])) {
		return i
	}
	end := i
	for n := 1; ; n++ {
		if i >= len(text) || text[i] != '.' {
			// "U.S.A": the last point may lack.
			if n >= 3 && i > end {
				end = i
			}
			return end
		}
		i++
		if n >= 2 {
			end = i
		}
		if i+1 < len(text) && asciiLetter(text[i]) && !wordByte(text[i+1]) {
			i++
			continue
		}
		if i+1 == len(text) && asciiLetter(text[i]) {
			return len(text)
		}
		return end
	}
}

func asciiLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// wordByte reports whether c may continue a word; every byte of a longer
// character counts.
func wordByte(c byte) bool { return asciiLetter(c) || '0' <= c && c <= '9' || c >= utf8.RuneSelf }

// elisions are the words that lose their vowel also before a stray space
// ("dell’ Alleanza"), as scanned and pasted texts have it.
var elisions = map[string]bool{
	"l": true, "un": true, "d": true, "dell": true, "all": true, "dall": true, "nell": true, "sull": true,
	"coll": true, "quell": true, "quest": true, "c": true, "n": true, "anch": true, "sant": true, "tutt": true,
	"senz": true, "bell": true, "mezz": true, "com": true, "dov": true, "quand": true, "nessun": true, "alcun": true,
}

// elided reports whether the word text[start:i] is followed by an apostrophe
// that stands for a lost vowel and not for an accent, a quotation mark or an
// English genitive.
func elided(text string, start, i int) bool {
	if i == len(text) || !mayBeApostrophe(text[i]) {
		return false
	}
	r, n := utf8.DecodeRuneInString(text[i:])
	if !apostrophe(r) || r == '`' && !wordAt(text, i+n) {
		return false
	}
	if wordAt(text, i+n) {
		return !clitic(text, i+n) || has(elisions, text[start:i])
	}
	next, _ := utf8.DecodeRuneInString(text[i+n:])
	return next == ' ' && has(elisions, text[start:i])
}

func wordAt(text string, i int) bool {
	r, _ := utf8.DecodeRuneInString(text[i:])
	return wordRune(r)
}

// clitics are the English endings after an apostrophe.
var clitics = map[string]bool{"s": true, "t": true, "re": true, "ve": true, "ll": true, "d": true, "m": true}

// clitic reports whether an English ending stands at i, right after an
// apostrophe.
func clitic(text string, i int) bool {
	end := i
	for end < len(text) && end-i < 3 && asciiLetter(text[end]) {
		end++
	}
	return end > i && (end == len(text) || !wordByte(text[end])) && clitics[strings.ToLower(text[i:end])]
}

// genitive returns the end of the English ending that follows a word ending at
// i; i when there is none.
func genitive(text string, i int) int {
	r, n := utf8.DecodeRuneInString(text[i:])
	if i == 0 || !apostrophe(r) || !wordByte(text[i-1]) || !clitic(text, i+n) {
		return i
	}
	end := i + n
	for end < len(text) && asciiLetter(text[end]) {
		end++
	}
	return end
}

// address returns the end of the web or mail address that begins at i; i when
// there is none.
func address(text string, i int) int {
	if c := text[i] | 0x20; c != 'h' && c != 'w' {
		return i
	}
	rest := text[i:]
	switch {
	case hasFold(rest, "http://"), hasFold(rest, "https://"), hasFold(rest, "www."):
		return i + len(rest) - len(strings.TrimLeftFunc(rest, func(r rune) bool {
			return !unicode.IsSpace(r) && r != ')' && r != '>' && r != '"' && r != '»'
		}))
	}
	return i
}

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
