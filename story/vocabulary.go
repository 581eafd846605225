package story

import (
	"math/rand/v2"
	"strings"

	"vedetta/prose"
)

// lexeme is a folded word, and how the article at hand writes it.
type lexeme struct {
	hash     uint64 // prose.Hash of the word
	fold     string
	value    float64 // of a numeral, or of what is one with the words after it
	term     term
	number   term   // of a numeral
	read     uint32 // the article of which upper and lower hold
	opens    bool   // a known expression may begin with it
	counts   bool   // a number may begin with it
	numeral  bool   // it is a number by itself
	particle bool   // it stands between the words of one name
	upper    bool   // it stands with a capital where no sentence begins
	lower    bool   // it stands in lower case
}

// isName reports whether the article at hand writes a word as a proper name:
// with a capital where no sentence begins, and nowhere in lower case.
func (l *lexeme) isName() bool { return l.upper && !l.lower }

// vocabulary keeps the lexemes of the words that were read: a hash table. Words
// are spread by a number that nobody knows, since feeds choose the words
// (Dietzfelbinger and others, "A Reliable Randomized Algorithm for the
// Closest-Pair Problem", 1997: multiply and shift).
type vocabulary struct {
	slots  []*lexeme // a power of two, at least half of them free
	n      int
	secret uint64 // odd
	shift  int    // leaves of 64 bits those of a slot
}

// maxVocabulary is how many words are kept; then all are begun anew.
const maxVocabulary = 1 << 17

// slot is where the lexeme of a word is, by its hash, or where it belongs.
func (v *vocabulary) slot(hash uint64) **lexeme {
	mask := uint64(len(v.slots) - 1)
	i := hash * v.secret >> v.shift
	for v.slots[i] != nil && v.slots[i].hash != hash {
		i = (i + 1) & mask
	}
	return &v.slots[i]
}

// add takes in a lexeme that is not there yet.
func (v *vocabulary) add(l *lexeme) {
	if v.n++; 2*v.n > len(v.slots) {
		old := v.slots
		v.slots = make([]*lexeme, 2*len(old))
		v.shift--
		for _, l := range old {
			if l != nil {
				*v.slot(l.hash) = l
			}
		}
	}
	*v.slot(l.hash) = l
}

func newVocabulary() vocabulary {
	const bits = 10
	return vocabulary{slots: make([]*lexeme, 1<<bits), secret: rand.Uint64() | 1, shift: 64 - bits}
}

// lexeme is what is known of a word of text. How the article at hand writes it
// is begun anew with each.
func (r *reader) lexeme(text string, w prose.Token) *lexeme {
	l := *r.words.slot(w.Hash)
	if l == nil {
		l = r.learn(strings.Clone(w.Fold(text)), w.Hash)
	}
	if l.read != r.read {
		l.read, l.upper, l.lower = r.read, false, false
	}
	return l
}

// learn takes a folded word into the vocabulary.
func (r *reader) learn(fold string, hash uint64) *lexeme {
	l := &lexeme{hash: hash, fold: fold, term: r.term(fold), opens: len(r.lex.phrases[fold]) > 0, particle: particles[fold]}
	if l.value, l.numeral = numeral(fold); !l.numeral {
		if l.value, l.numeral = r.lex.values[fold]; !l.numeral {
			l.value = partial[fold]
		}
	}
	if l.counts = l.value != 0 || l.numeral; l.numeral {
		l.number = numberTerm(l.value)
	}
	r.words.add(l)
	return l
}

// particles stand between the words of one name.
var particles = map[string]bool{"von": true, "der": true, "van": true, "den": true, "de": true, "di": true, "el": true, "al": true, "bin": true, "ben": true, "la": true}

// term is the term of a folded word.
func (r *reader) term(fold string) term {
	fold = unscanned(fold)
	t, ok := r.lex.words[fold]
	if !ok {
		stem := prose.Stem(fold, "it")
		t, ok = r.lex.stems[stem]
		if !ok {
			t = hashTerm(stem, word)
		}
		if len(fold) < 2 || strings.HasSuffix(fold, "'") && len(fold) < 7 {
			t = term(stop)
		}
	}
	return t
}

// unscanned reads a word as it was before a scanner took letters for ones and
// noughts: mi1itari, strern0. Codes have fewer letters or other figures.
func unscanned(fold string) string {
	if !strings.ContainsAny(fold, "01") {
		return fold
	}
	letters := 0
	for i := range len(fold) {
		switch c := fold[i]; {
		case c >= '2' && c <= '9':
			return fold
		case c != '0' && c != '1':
			letters++
		}
	}
	if letters < 3 {
		return fold
	}
	return strings.NewReplacer("1", "l", "0", "o").Replace(fold)
}
