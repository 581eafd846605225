package story

import "slices"

// filing is by what an article is found: sampled shingles, and the heaviest
// terms. It is not kept, as it can be found again.
type filing struct {
	prints []uint32 // sorted
	keys   []term
	series uint64
}

// shingleLen is the number of terms in a shingle.
const shingleLen = 4

// window is how many shingles share at least one sampled one: a run of
// shingleLen+window-1 terms that two texts have in common is always found
// (winnowing: Schleimer, Wilkerson, Aiken, 2003).
const window = leastTerms - shingleLen + 1

// shingles appends a sample of the hashes of the runs of shingleLen terms: of each
// window the least.
func (r *reader) shingles(dst []uint32, terms []term) []uint32 {
	n := len(terms) - shingleLen + 1
	if n <= 0 {
		if len(terms) == 0 {
			return dst
		}
		return append(dst, uint32(hashTerms(terms)))
	}
	hashes := slices.Grow(r.hashes[:0], n)[:n]
	r.hashes = hashes
	for i := range hashes {
		h := uint64(shingleLen + 1)
		for _, t := range terms[i : i+shingleLen] { // as hashTerms does
			h = mix(h ^ uint64(t.id())*0x9e3779b97f4a7c15)
		}
		hashes[i] = uint32(h)
	}
	least, sampled := -1, -1
	for i := 0; i+window <= n || i == 0; i++ {
		end := min(i+window, n)
		from := end - 1 // the only one that the window before had not
		if least < i {
			least, from = i, i+1
		}
		for j := from; j < end; j++ {
			if hashes[j] <= hashes[least] {
				least = j
			}
		}
		if least != sampled {
			dst = append(dst, hashes[least])
			sampled = least
		}
	}
	slices.Sort(dst)
	return slices.Compact(dst)
}

func hashTerms(terms []term) uint64 {
	h := uint64(len(terms)) + 1
	for _, t := range terms {
		h = mix(h ^ uint64(t.id())*0x9e3779b97f4a7c15)
	}
	return h
}

// file finds by what a text is found. Daily words are keys of the kind common.
func (r *reader) file(f *fingerprint) {
	out := &f.filing
	out.prints, out.keys, out.series = r.shingles(out.prints[:0], f.terms), out.keys[:0], f.series
	var room [sketchLen]uint64
	ranks := room[:f.sketch.len()]
	for i := range ranks {
		ranks[i] = f.sketch.at(i).rank()
	}
	slices.Sort(ranks)
	for _, rank := range slices.Backward(ranks) {
		switch t := ranked(rank); {
		case len(out.keys) == keyLen:
			return
		case t.kind() == common, t.kind() == digit, t.kind() == date:
		case t.kind() == word && r.lex.daily[t.id()]:
			out.keys = append(out.keys, t.as(common))
		default:
			out.keys = append(out.keys, t)
		}
	}
}
