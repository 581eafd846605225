package story

import (
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

	signature signature
	signed    bool // it has one
}

// reader turns articles into fingerprints.
type reader struct {
	lex     *lexicon
	words   vocabulary
	read    uint32    // articles so far
	lexemes []*lexeme // of the words at hand
	weights weighing
	hashes  []uint32       // of the shingles at hand
	blanks  []*fingerprint // to be used again

	// The article that was read last: its text and title, and where the terms
	// of either stand in them.
	text                prose.Text
	title               prose.Text
	inText, inTitle     []span
	terms, titleOfTerms []term
}

// span is a place in a text, in bytes.
type span struct{ start, end int32 }

func newReader() *reader {
	return &reader{lex: loadLexicon(), words: newVocabulary()}
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
	f := r.blank()
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
		r.terms, r.inText = r.takeTerms(r.terms, r.inText, text, words, r.lexemes[at:at+len(words)])
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
	r.titleOfTerms, r.inTitle = r.takeTerms(r.titleOfTerms, r.inTitle, bare, r.title.Words, r.lexemes[inTitle:])
	f.terms = append(f.terms[:0], r.terms...)
	f.title = append(f.title[:0], r.titleOfTerms...)
	f.length = uint16(len(f.terms))
	f.text = hashTerms(f.terms)
	if numbered {
		f.series = hashTerms(f.title)
	}
	r.weigh(f)
	r.file(f)
	return f
}

// maxBlank is how many fingerprints are kept to be used again, and maxBlankTerms
// how long their texts may be.
const maxBlank, maxBlankTerms = 256, 512

// blank returns a fingerprint of nothing.
func (r *reader) blank() *fingerprint {
	n := len(r.blanks)
	if n == 0 {
		return &fingerprint{}
	}
	f := r.blanks[n-1]
	r.blanks = r.blanks[:n-1]
	f.brief, f.ends, f.signed = brief{}, f.ends[:0], false
	return f
}

// release takes back a fingerprint that nobody needs any more.
func (r *reader) release(f *fingerprint) {
	if len(r.blanks) < maxBlank && cap(f.terms) <= maxBlankTerms {
		r.blanks = append(r.blanks, f)
	}
}

// begin starts a new article.
func (r *reader) begin(text, title string) {
	if r.words.n >= maxVocabulary {
		r.words = newVocabulary()
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
func (r *reader) takeTerms(terms []term, spans []span, text string, words []prose.Token, lexemes []*lexeme) ([]term, []span) {
	for i := 0; i < len(words); i++ {
		w, l := words[i], lexemes[i]
		t, more := l.term, 1
		if l.opens {
			if phrase, n := r.lex.phraseAt(lexemes[i:]); n > 0 {
				i += n - 1
				terms, spans = append(terms, phrase), append(spans, span{w.Start, words[i].End})
				continue
			}
		}
		if l.counts {
			switch v, n, ok := quantity(lexemes[i:]); {
			case ok && n == 1:
				t = l.number
			case ok:
				t, more = numberTerm(v), n
			}
		}
		i += more - 1
		switch t.kind() {
		case stop:
			continue
		case word:
			if !l.isName() {
				break
			}
			at := i - (more - 1)
			if t = t.as(name); inName(text, words[at:], lexemes[at:]) {
				t = t.as(given)
			}
		}
		terms, spans = append(terms, t), append(spans, span{w.Start, w.End})
	}
	return terms, spans
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
		if n > 1 || !lexemes[n+1].particle {
			return false
		}
		end = w.End
	}
	return false
}

// look finds the lexemes of the words of a sentence, and notes which stand
// with a capital and which without.
func (r *reader) look(text string, words []prose.Token) {
	upper := 0
	for _, w := range words {
		if caseOf(text[w.Start:]) == capital {
			upper++
		}
	}
	shouted := upper > 3 && upper*10 > len(words)*7 // a line in capitals tells nothing
	for i, w := range words {
		l := r.lexeme(text, w)
		r.lexemes = append(r.lexemes, l)
		if shouted {
			continue
		}
		switch caseOf(text[w.Start:]) {
		case lowerCase:
			l.lower = true
		case capital:
			if !l.upper && i > 0 && !opens(text[words[i-1].End:w.Start]) {
				l.upper = true
			}
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
	if s[0] < utf8.RuneSelf {
		return asciiCases[s[0]]
	}
	return anyCase(s)
}

var asciiCases = func() (cases [utf8.RuneSelf]letterCase) {
	for c := range cases {
		cases[c] = anyCase(string(rune(c)))
	}
	return cases
}()

func anyCase(s string) letterCase {
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
	for i := range len(between) {
		switch c := between[i]; {
		case c == ':', c == '"', c == '(', c == '.', c == '!', c == '?':
			return true
		case c >= utf8.RuneSelf:
			return strings.ContainsAny(between[i:], ":\"“«–—(.!?")
		}
	}
	return false
}
