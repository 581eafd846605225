package story

import "math/bits"

// signature tells at a glance what two texts cannot have in common. A text has
// one while it is being placed: most of those that it is compared with then are
// of the same batch.
type signature struct {
	pairs [1 << pairBits / 64]uint64 // a bit for each pair of adjacent terms
	terms [1 << termBits / 64]uint64 // a bit for each term
	slack int                        // pairs that share their bit with another
	exact []term                     // names and numbers, in order
}

const pairBits, termBits = 12, 11

// sign gives a text its signature.
func (f *fingerprint) sign() {
	s := &f.signature
	*s = signature{exact: s.exact[:0]}
	for i, t := range f.terms {
		at := termBit(t.id())
		s.terms[at/64] |= 1 << (at % 64)
		if t.exact() {
			s.exact = append(s.exact, t)
		}
		if i > 0 {
			at := pairKey(f.terms[i-1], t) * pairMix >> (64 - pairBits)
			s.pairs[at/64] |= 1 << (at % 64)
		}
	}
	s.slack = int(f.pairs)
	for _, word := range s.pairs {
		s.slack -= bits.OnesCount64(word)
	}
	f.signed = true
}

func termBit(id term) uint32 { return uint32(id) * 0x9e3779b1 >> (32 - termBits) }

// mayShare is how many pairs of adjacent terms two texts have in common at most.
func (s *signature) mayShare(t *signature) int {
	n := min(s.slack, t.slack)
	for i := range s.pairs {
		n += bits.OnesCount64(s.pairs[i] & t.pairs[i])
	}
	return n
}

// mayHave is the share of the names and numbers of another text that this one
// has at most.
func (s *signature) mayHave(exact []term) float32 {
	var all, found float32
	for _, t := range exact {
		w := textWeights[t.kind()]
		all += w
		if at := termBit(t.id()); s.terms[at/64]>>(at%64)&1 != 0 {
			found += w
		}
	}
	return part(found, all)
}

// mayShareFacts reports whether two texts may have enough names and numbers in
// common for one to be the other reworded.
func mayShareFacts(a, b *fingerprint) bool {
	if !a.signed || !b.signed {
		return true
	}
	inA := a.signature.mayHave(b.signature.exact)
	return inA >= leastFacts && sharedFacts{inA: inA, inB: b.signature.mayHave(a.signature.exact)}.enough()
}

// differInWords reports whether two texts have certainly so few pairs of adjacent
// terms in common that they are not even one form.
func differInWords(a, b *fingerprint) bool {
	if !a.signed || !b.signed {
		return false
	}
	s, _ := byLength(a, b)
	return float64(a.signature.mayShare(&b.signature)) < leastForm*float64(s.pairs)
}
