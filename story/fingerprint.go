package story

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vedetta/news"
	"vedetta/prose"
)

const (
	maxTerms  = 3000 // of a text that are compared; the rest of a very long one is not looked at
	leadTerms = 45   // at the front of a text that tell what it is about
	sketchLen = 40   // heaviest terms kept for comparing events
	keyLen    = 12   // of these, those that find candidates
)

// fingerprint is all that is remembered of an article's text.
type fingerprint struct {
	brief
	terms  []term   // of the body, in order, without stop words
	ends   []uint16 // ends of the sentences in terms
	title  []term
	filing filing
	serial uint64 // tells this fingerprint from all others
}

// reader turns articles into fingerprints.
type reader struct {
	lex     *lexicon
	memo    map[uint64]*lexeme // by prose.Hash of the folded word, bounded
	read    uint32             // articles so far
	lexemes []*lexeme          // of the words at hand
	cases   []letterCase       // of those of the sentence at hand
	weights weighing
	hashes  []uint32 // of the shingles at hand

	// The article that was read last: its text and title, and where the terms
	// of either stand in them.
	text                prose.Text
	title               prose.Text
	inText, inTitle     []span
	terms, titleOfTerms []term
}

// span is a place in a text, in bytes.
type span struct{ start, end int32 }

// lexeme is a folded word, and how the article at hand writes it.
type lexeme struct {
	fold   string
	term   term
	opens  bool // a known expression may begin with it
	counts bool // a number may begin with it

	read         uint32 // the article of which this holds:
	upper, lower bool   // it stands with a capital where no sentence begins; in lower case
}

const maxMemo = 1 << 17

func newReader() *reader {
	return &reader{lex: loadLexicon(), memo: make(map[uint64]*lexeme, 1<<12)}
}

// fingerprint takes an article's fingerprint.
func (r *reader) fingerprint(a news.Article) *fingerprint {
	text := a.Text
	if strings.TrimSpace(text) == "" {
		text = a.Summary
	}
	title := withoutSite(a.Title)
	text = body(text)
	if repeats(text, a.Title) {
		text = ""
	}
	f := &fingerprint{}
	bare, numbered := withoutTake(title)
	r.begin(text, bare)
	for _, s := range r.text.Sentences {
		r.look(text, r.text.Of(s))
	}
	inTitle := len(r.lexemes)
	r.look(bare, r.title.Words)
	at := 0
	for _, s := range r.text.Sentences {
		words := r.text.Of(s)
		r.takeTerms(&r.terms, &r.inText, text, words, r.lexemes[at:at+len(words)])
		at += len(words)
		if len(r.terms) > maxTerms {
			r.terms = r.terms[:maxTerms]
		}
		if n := uint16(len(r.terms)); len(f.ends) == 0 && n > 0 || len(f.ends) > 0 && n > f.ends[len(f.ends)-1] {
			f.ends = append(f.ends, n)
		}
		if len(r.terms) == maxTerms {
			break
		}
	}
	r.takeTerms(&r.titleOfTerms, &r.inTitle, bare, r.title.Words, r.lexemes[inTitle:])
	f.terms = slices.Clone(r.terms)
	f.title = slices.Clone(r.titleOfTerms)
	f.length = uint16(len(f.terms))
	f.text = hashTerms(f.terms)
	if numbered {
		f.series = hashTerms(f.title)
	}
	r.weigh(f)
	r.file(f)
	return f
}

// begin starts a new article.
func (r *reader) begin(text, title string) {
	if len(r.memo) >= maxMemo {
		clear(r.memo)
	}
	r.read++
	r.text.Read(text)
	r.title.Read(title)
	r.lexemes = r.lexemes[:0]
	r.terms, r.titleOfTerms = r.terms[:0], r.titleOfTerms[:0]
	r.inText, r.inTitle = r.inText[:0], r.inTitle[:0]
}

// basis is the time by which an article is placed.
func basis(a news.Article) time.Time {
	if a.Published.IsZero() {
		return a.Seen
	}
	return a.Published
}

// takeTerms appends the terms of words and where they stand.
func (r *reader) takeTerms(terms *[]term, spans *[]span, text string, words []prose.Token, lexemes []*lexeme) {
	for i := 0; i < len(words); i++ {
		w, l := words[i], lexemes[i]
		t, more := l.term, 1
		if l.opens {
			if phrase, n := r.lex.phraseAt(lexemes[i:]); n > 0 {
				*terms = append(*terms, phrase)
				i += n - 1
				*spans = append(*spans, span{w.Start, words[i].End})
				continue
			}
		}
		if l.counts {
			if v, n, ok := r.quantity(lexemes[i:]); ok {
				t, more = numberTerm(v), n
			}
		}
		if t.kind() == stop {
			i += more - 1
			continue
		}
		if t.kind() == word && l.isName() {
			t = t.as(name)
			if inName(text, words[i:], lexemes[i:]) {
				t = t.as(given)
			}
		}
		*terms = append(*terms, t)
		*spans = append(*spans, span{w.Start, w.End})
		i += more - 1
	}
}

// surface is how a term looks in the article that was read last: as it stands
// first in the text, else in the title.
func (r *reader) surface(id term) string {
	for i, t := range r.terms {
		if t.id() == id {
			return r.text.Text[r.inText[i].start:r.inText[i].end]
		}
	}
	for i, t := range r.titleOfTerms {
		if t.id() == id {
			return r.title.Text[r.inTitle[i].start:r.inTitle[i].end]
		}
	}
	return ""
}

// particles stand between the words of one name.
var particles = map[string]bool{"von": true, "der": true, "van": true, "den": true, "de": true, "di": true, "el": true, "al": true, "bin": true, "ben": true, "la": true}

// inName reports whether the first of words is followed by the rest of its
// name: Mark Rutte, Ursula von der Leyen, Crans-Montana. The last word of a
// name is the one that tells; weighing each would count one name many times.
func inName(text string, words []prose.Token, lexemes []*lexeme) bool {
	end := words[0].End
	for n, w := range words[1:] {
		if gap := text[end:w.Start]; gap != " " && gap != "-" {
			return false
		}
		if lexemes[n+1].isName() {
			return true
		}
		if n > 1 || !particles[lexemes[n+1].fold] {
			return false
		}
		end = w.End
	}
	return false
}

// lexeme is what is known of a folded word. How the article at hand writes it
// is begun anew with each.
func (r *reader) lexeme(text string, w prose.Token) *lexeme {
	l, ok := r.memo[w.Hash]
	if !ok {
		fold := strings.Clone(w.Fold(text))
		t := r.term(fold)
		first := fold[0]
		l = &lexeme{
			fold:   fold,
			term:   t,
			opens:  len(r.lex.phrases[fold]) > 0,
			counts: t.numeric() || partial[fold] > 0 || '0' <= first && first <= '9',
		}
		r.memo[w.Hash] = l
	}
	if l.read != r.read {
		l.read, l.upper, l.lower = r.read, false, false
	}
	return l
}

// isName reports whether the article at hand writes a word as a proper name:
// with a capital where no sentence begins, and nowhere in lower case.
func (l *lexeme) isName() bool { return l.upper && !l.lower }

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

// look finds the lexemes of the words of a sentence, and notes which stand
// with a capital and which without.
func (r *reader) look(text string, words []prose.Token) {
	from := len(r.lexemes)
	upper := 0
	r.cases = r.cases[:0]
	for _, w := range words {
		r.lexemes = append(r.lexemes, r.lexeme(text, w))
		c := caseOf(text[w.Start:])
		r.cases = append(r.cases, c)
		if c == capital {
			upper++
		}
	}
	if upper > 3 && upper*10 > len(words)*7 {
		return // a line in capitals tells nothing
	}
	for i, l := range r.lexemes[from:] {
		switch {
		case r.cases[i] == lowerCase:
			l.lower = true
		case r.cases[i] == capital && !l.upper && i > 0 && !opens(text[words[i-1].End:words[i].Start]):
			l.upper = true
		}
	}
}

// letterCase is how a word begins.
type letterCase uint8

const (
	noLetter letterCase = iota
	lowerCase
	capital
)

func caseOf(s string) letterCase {
	switch c := s[0]; {
	case 'a' <= c && c <= 'z':
		return lowerCase
	case 'A' <= c && c <= 'Z':
		return capital
	case c < utf8.RuneSelf:
		return noLetter
	}
	r, _ := utf8.DecodeRuneInString(s)
	switch {
	case unicode.IsLower(r):
		return lowerCase
	case unicode.IsUpper(r):
		return capital
	}
	return noLetter
}

// opens reports whether what stands between two words begins a new sentence
// or a quotation.
func opens(between string) bool {
	return between != " " && strings.ContainsAny(between, ":\"“«–—(.!?")
}
