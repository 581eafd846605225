package fetcher

// wording finds phrases in a page, whatever the case of their ASCII letters,
// all in one pass: it looks at two bytes, and skips as many as cannot be within
// a phrase when it sees these (Wu and Manber, 1994).
type wording struct {
	phrases []string // in lower case, not shorter than window
	skip    [1 << 12]uint8
	ends    map[uint16][]int // the phrases whose first window ends in a pair of bytes
}

// window is the length of the shortest phrase.
const window = 6

func newWording(phrases []string) *wording {
	w := &wording{phrases: phrases, ends: map[uint16][]int{}}
	for i := range w.skip {
		w.skip[i] = window - 1
	}
	for n, p := range phrases {
		for i := 1; i < window; i++ {
			h := pairOf(p[i-1], p[i])
			w.skip[h] = min(w.skip[h], uint8(window-1-i))
		}
		h := pairOf(p[window-2], p[window-1])
		w.ends[h] = append(w.ends[h], n)
	}
	return w
}

// pairOf numbers two bytes, letters of either case alike; others may share
// their number.
func pairOf(a, b byte) uint16 { return (uint16(a|0x20)<<5 ^ uint16(b|0x20)) & (1<<12 - 1) }

// in reports for each phrase whether a text has it.
func (w *wording) in(text []byte) []bool {
	found := make([]bool, len(w.phrases))
	for i := window - 1; i < len(text); {
		h := pairOf(text[i-1], text[i])
		if skip := w.skip[h]; skip > 0 {
			i += int(skip)
			continue
		}
		for _, n := range w.ends[h] {
			found[n] = found[n] || opens(text[i-window+1:], w.phrases[n])
		}
		i++
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
