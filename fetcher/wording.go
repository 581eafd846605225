package fetcher

import "encoding/binary"

// wording finds phrases in a page, whatever the case of their ASCII letters,
// all in one pass: it looks at four bytes of each three, since wherever a phrase
// stands, four of its first six bytes are looked at.
type wording struct {
	phrases []string // in lower case, of six bytes and more
	may     [1 << 13]bool
	grams   map[uint32][]gram
}

// gram is where four bytes stand in a phrase.
type gram struct{ phrase, offset int }

// stride is how far apart what is looked at stands.
const stride = 3

func newWording(phrases []string) *wording {
	w := &wording{phrases: phrases, grams: map[uint32][]gram{}}
	for n, p := range phrases {
		for offset := range stride {
			g := gramOf([]byte(p[offset:]))
			w.may[slotOf(g)] = true
			w.grams[g] = append(w.grams[g], gram{n, offset})
		}
	}
	return w
}

// gramOf is the first four bytes of a text, letters of either case alike.
func gramOf(text []byte) uint32 { return binary.LittleEndian.Uint32(text) | 0x20202020 }

func slotOf(gram uint32) uint32 { return gram * 0x9E3779B1 >> (32 - 13) }

// in reports for each phrase whether a text has it.
func (w *wording) in(text []byte) []bool {
	found := make([]bool, len(w.phrases))
	for rest := text; len(rest) >= 4; rest = rest[stride:] {
		g := gramOf(rest)
		if !w.may[slotOf(g)] {
			continue
		}
		i := len(text) - len(rest)
		for _, at := range w.grams[g] {
			if start := i - at.offset; start >= 0 {
				found[at.phrase] = found[at.phrase] || opens(text[start:], w.phrases[at.phrase])
			}
		}
	}
	return found
}

// opens reports whether a text begins with a phrase in lower case.
func opens(text []byte, phrase string) bool {
	if len(text) < len(phrase) {
		return false
	}
	for i := range len(phrase) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != phrase[i] {
			return false
		}
	}
	return true
}
