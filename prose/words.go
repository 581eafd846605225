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
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if !alphanumeric[c] {
				i++
				continue
			}
		} else if r, n := utf8.DecodeRuneInString(text[i:]); !wordRune(r) {
			i += n
			continue
		}
		if end := address(text, i); end > i {
			i = end
			continue
		}
		start := i
		i = letters(text, i)
		switch end := acronym(text, start, i); {
		case end > i:
			i = end
			words = append(words, Word{start, i, fold(strings.ReplaceAll(text[start:i], ".", ""))})
			continue
		case digitAt(text, i-1):
			i = number(text, i)
		case elided(text, start, i):
			_, n := utf8.DecodeRuneInString(text[i:])
			i += n
		}
		if f := fold(text[start:i]); f != "" {
			words = append(words, Word{start, i, f})
		}
		if i < len(text) && mayBeApostrophe[text[i]] {
			i = genitive(text, i, &words)
		}
	}
	return words
}

// alphanumeric tells ASCII letters and digits, mayBeApostrophe the first bytes
// of what is typed for an apostrophe.
var alphanumeric, mayBeApostrophe = func() (alnum, apo [256]bool) {
	for c := range utf8.RuneSelf {
		alnum[c] = asciiLetter(byte(c)) || '0' <= c && c <= '9'
		apo[c] = apostrophe(rune(c))
	}
	for c := utf8.RuneSelf; c < len(apo); c++ {
		apo[c] = true // told by apostrophe itself
	}
	return alnum, apo
}()

// wordRune reports whether r may begin a word.
func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) && !apostrophe(r) || unicode.IsNumber(r))
}

// letters returns the end of the run of word characters that begins at i.
// Combining and invisible characters belong to it unless they end it.
func letters(text string, i int) int {
	end := i
	for i < len(text) {
		if c := text[i]; c < utf8.RuneSelf {
			if !alphanumeric[c] {
				return end
			}
			i++
			end = i
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
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
	if i == len(text) || !mayBeApostrophe[text[i]] {
		return false
	}
	r, n := utf8.DecodeRuneInString(text[i:])
	if !apostrophe(r) || r == '`' && !wordAt(text, i+n) {
		return false
	}
	if wordAt(text, i+n) {
		return !clitic(text, i+n) || elisions[fold(text[start:i])]
	}
	next, _ := utf8.DecodeRuneInString(text[i+n:])
	return next == ' ' && elisions[fold(text[start:i])]
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

// genitive appends the English ending that follows a word ending at i, if
// there is one, and returns where to go on.
func genitive(text string, i int, words *[]Word) int {
	r, n := utf8.DecodeRuneInString(text[i:])
	if i == 0 || !apostrophe(r) || !wordByte(text[i-1]) || !clitic(text, i+n) {
		return i
	}
	end := i + n
	for end < len(text) && asciiLetter(text[end]) {
		end++
	}
	*words = append(*words, Word{i, end, "'" + strings.ToLower(text[i+n:end])})
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
