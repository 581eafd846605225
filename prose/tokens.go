package prose

import (
	"math/bits"
	"unicode/utf8"
)

// Token is a word of a text as [Words] finds it, by the hash of its folded form
// instead of the form itself: enough to look a word up, and next to nothing to
// make. Texts with tokens are shorter than 2 GiB.
type Token struct {
	Start, End int32  // bytes of the text
	Hash       uint64 // Hash of the folded word
}

// Fold returns the folded form of a token of text. It is a part of the text
// where that is in lower case and plain.
func (t Token) Fold(text string) string { return foldWord(text[t.Start:t.End]) }

// AppendFold appends the folded form of a token of text to dst.
func (t Token) AppendFold(dst []byte, text string) []byte {
	span := text[t.Start:t.End]
	if !isASCII(span) {
		return appendFold(dst, span)
	}
	if span[0] == '`' || acronymic(span) {
		return append(dst, foldWord(span)...)
	}
	for i := range len(span) {
		dst = append(dst, span[i]|byte(lowered&0xff))
	}
	return dst
}

// Tokens appends the words of a text to dst: those that [Words] returns, with
// the same spans.
func Tokens(dst []Token, text string) []Token {
	s := scanner{text: text}
	var short [64]byte
	for {
		if !s.ended {
			dst = s.plainWords(dst)
		}
		if !s.next() {
			return dst
		}
		span := text[s.start:s.end]
		t := Token{Start: int32(s.start), End: int32(s.end)}
		switch {
		case s.plain:
			t.Hash = hashASCII(text, s.start, s.end)
		case span[0] == '`', acronymic(span):
			t.Hash = Hash(foldWord(span))
		case isASCII(span):
			t.Hash = hashASCII(text, s.start, s.end)
		default:
			folded := appendFold(short[:0], span)
			if len(folded) == 0 {
				continue
			}
			t.Hash = hash(folded)
		}
		dst = append(dst, t)
	}
}

// plainWords appends the words from where the scanner stands up to the first
// that is not ASCII letters and digits alone, or that something stands beside
// which may belong to it. Those it leaves to next. It looks at eight bytes at
// once.
func (s *scanner) plainWords(dst []Token) []Token {
	text, i := s.text, s.end
	for i+8 <= len(text) {
		c := classes[text[i]]
		if c&(alphanumeric|beyondASCII) == 0 {
			i++
			continue
		}
		if c&alphanumeric == 0 || c&opensAddress != 0 && address(text, i) > i {
			break
		}
		x, start := load8(text[i:]), i
		var hash uint64
		beyond := notAlphanumeric(x)
		if beyond != 0 {
			n := bits.TrailingZeros64(beyond) / 8
			i += n
			hash = stir(stir(uint64(n+1)*hashSeed, (x|lowered)&(1<<(8*n)-1)), hashSeed)
		} else {
			for i += 8; i+8 <= len(text); i += 8 {
				if beyond = notAlphanumeric(load8(text[i:])); beyond != 0 {
					i += bits.TrailingZeros64(beyond) / 8
					break
				}
			}
			for beyond == 0 && i < len(text) && classes[text[i]]&alphanumeric != 0 {
				i++
			}
			hash = hashASCII(text, start, i)
		}
		if i < len(text) {
			if c := classes[text[i]]; c&(beyondASCII|apostrophic) != 0 || c&separator != 0 && (i-start == 1 || digitAt(text, i-1)) {
				i = start
				break
			}
		}
		dst = append(dst, Token{Start: int32(start), End: int32(i), Hash: hash})
	}
	s.end = i
	return dst
}

// notAlphanumeric has the highest bit of each of eight bytes set that is no ASCII
// letter or digit.
func notAlphanumeric(x uint64) uint64 {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	low := x &^ high
	small := low | lowered
	letter := (small + (0x80-'a')*ones) &^ (small + (0x7f-'z')*ones)
	digit := (low + (0x80-'0')*ones) &^ (low + (0x7f-'9')*ones)
	return high &^ ((letter | digit) &^ x)
}

// Text is a text cut into sentences and words, for all who read it after. Read
// fills it, and takes the room of what it held before: one Text serves for many
// articles, one after the other.
type Text struct {
	Text      string
	Words     []Token
	Sentences []Span
}

// Span is a sentence of a Text: of its bytes those from Start, of its words
// those from First, up to but not with the ends.
type Span struct {
	Start, End  int32
	First, Last int32 // Words[First:Last]
	Paragraph   int32 // counted from 0
}

// Read cuts a text as [Sentences] and [Tokens] do.
func (t *Text) Read(text string) {
	t.Text, t.Words, t.Sentences = text, Tokens(t.Words[:0], text), t.Sentences[:0]
	w := int32(0)
	divide(text, t.Words, func(start, end, paragraph int) {
		s := Span{Start: int32(start), End: int32(end), First: w, Paragraph: int32(paragraph)}
		for int(w) < len(t.Words) && t.Words[w].Start < s.End {
			w++
		}
		s.Last = w
		t.Sentences = append(t.Sentences, s)
	})
}

// Of returns the words of a sentence.
func (t *Text) Of(s Span) []Token { return t.Words[s.First:s.Last] }

// Hash is the hash of a folded word. It is the same in every process, and no
// protection against words made to collide.
func Hash(fold string) uint64 { return hash(fold) }

// The golden ratio and an odd number with as many ones as noughts.
const (
	hashSeed   = 0x9e3779b97f4a7c15
	hashFactor = 0xe7037ed1a0b428db
)

// stir takes eight bytes into a hash (the folded product of wyhash).
func stir(h, x uint64) uint64 {
	hi, lo := bits.Mul64(h^x, hashFactor)
	return hi ^ lo
}

func hash[T string | []byte](s T) uint64 {
	h := uint64(len(s)+1) * hashSeed
	for len(s) > 8 {
		h = stir(h, load(s, 8))
		s = s[8:]
	}
	return stir(stir(h, load(s, len(s))), hashSeed)
}

// load reads the first n bytes of s, eight at most, the first as the lowest.
func load[T string | []byte](s T, n int) (x uint64) {
	for i := n - 1; i >= 0; i-- {
		x = x<<8 | uint64(s[i])
	}
	return x
}

// lowered are the bits that make capitals of ASCII small letters, and leave the
// other characters of a word as they are.
const lowered = 0x2020202020202020

// hashASCII is the hash of the folded form of text[start:end], which is all
// ASCII.
func hashASCII(text string, start, end int) uint64 {
	n := end - start
	h := uint64(n+1) * hashSeed
	for ; n > 8; n -= 8 {
		h = stir(h, load8(text[start:])|lowered)
		start += 8
	}
	var x uint64
	if start+8 <= len(text) {
		x = load8(text[start:])
	} else {
		x = load(text[start:end], n)
	}
	x = (x | lowered) & (1<<(8*n) - 1) // all bits for n = 8, as 1<<64 is 0
	return stir(stir(h, x), hashSeed)
}

// load8 reads the first eight bytes of s.
func load8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
