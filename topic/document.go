package topic

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vedetta/news"
	"vedetta/prose"
)

// document is an article cut into sentences and words.
type document struct {
	lang       string
	parts      map[news.Place]string
	words      []word
	sentences  []sentence
	title      int     // sentences of the title, which come first
	body       int     // sentences of the body, tails not counted
	past       float64 // share of the body that tells of years long gone
	digest     bool    // many unrelated notices under one title
	definition bool    // says what the title's thing is, as encyclopedias do
}

// word is a word of any part of the article.
type word struct {
	prose.Word
	capital bool // begins with a capital
	upper   bool // two letters or more, all of them capitals
	shout   bool // stands among words in capitals
	opens   bool // begins a sentence, a quotation or what follows a colon
	pause   bool // punctuation other than a hyphen stands before it
}

// sentence is the words first to end, and the bytes from to to of its part.
type sentence struct {
	where      news.Place
	from, to   int
	paragraph  int
	first, end int32
	tail       bool    // related headlines, tags, credits, biographies: counts nothing
	weight     float64 // by position
}

// Weights of the first sentences of the body against the rest.
var leadWeights = [...]float64{1.6, 1.3, 1.1}

// headingWeight is that of a heading inside the text, and headingWords is how
// long one may be.
const (
	headingWeight = 0.3
	headingWords  = 8
)

// heading reports whether a line of the body is a heading.
func (d *document) heading(s sentence) bool {
	return s.end-s.first <= headingWords && !d.stopped(s) && d.body > 0
}

// shortText is the number of bytes below which the summary is read as well.
const shortText = 200

// readsSummary reports whether an article's summary is read beside its text.
func readsSummary(a news.Article) bool {
	return len(a.Text) < shortText && a.Summary != "" && !strings.Contains(a.Text, strings.TrimSpace(a.Summary))
}

// newDocument reads an article in the language lang.
func newDocument(a news.Article, lang string) *document {
	d := &document{lang: lang, parts: map[news.Place]string{}}
	d.add(news.InTitle, a.Title)
	d.title = len(d.sentences)
	if readsSummary(a) {
		d.add(news.InSummary, a.Summary)
	}
	d.add(news.InText, a.Text)
	d.markTails()
	for i := range d.sentences {
		s := &d.sentences[i]
		switch {
		case i < d.title || s.tail:
		case d.heading(*s):
			s.weight = headingWeight
		case d.body < len(leadWeights):
			s.weight = leadWeights[d.body]
			d.body++
		default:
			s.weight = 1
			d.body++
		}
	}
	d.digest, d.definition = d.isDigest(), d.isDefinition()
	d.past = d.pastShare(a.Published)
	return d
}

// add appends a part of the article.
func (d *document) add(where news.Place, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	d.parts[where] = text
	paragraph := 0
	if n := len(d.sentences); n > 0 {
		paragraph = d.sentences[n-1].paragraph + 1
	}
	for _, s := range prose.Sentences(text) {
		first := int32(len(d.words))
		at := s.Start
		for _, w := range s.Words {
			d.words = append(d.words, newWord(text, at, w))
			at = w.End
		}
		end := int32(len(d.words))
		markShouting(d.words[first:end])
		d.sentences = append(d.sentences, sentence{
			where: where, from: s.Start, to: s.End, paragraph: paragraph + s.Paragraph, first: first, end: end,
		})
		if first < end {
			d.words[first].opens = true
		}
	}
}

// newWord looks at a word's letters and at what stands between it and the
// word before, which ends at byte at.
func newWord(text string, at int, w prose.Word) word {
	out := word{Word: w}
	letters, uppers := 0, 0
	for _, r := range text[w.Start:w.End] {
		if !unicode.IsLetter(r) {
			continue
		}
		if unicode.IsUpper(r) {
			uppers++
			if letters == 0 {
				out.capital = true
			}
		}
		letters++
	}
	out.upper = letters > 1 && uppers == letters
	for _, r := range text[at:w.Start] {
		switch r {
		case ' ', '\u00a0', '-', '‐', '\'', '’', '\u00ad', '(', '[', '/':
		case '«', '“', '"', ':', '–', '—':
			out.opens, out.pause = true, true
		default:
			out.pause = out.pause || !unicode.IsSpace(r)
		}
	}
	return out
}

// markShouting marks words that stand among words in capitals, where a
// capital tells nothing.
func markShouting(words []word) {
	for i := range words {
		if !words[i].upper {
			continue
		}
		loud := func(j int) bool { return j >= 0 && j < len(words) && words[j].upper && words[j].End-words[j].Start > 3 }
		near := func(j int) bool {
			return j >= 0 && j < len(words) && (words[j].upper || words[j].End-words[j].Start < 3)
		}
		words[i].shout = loud(i-1) || loud(i+1) || near(i-1) && loud(i-2) || near(i+1) && loud(i+2)
	}
}

// text returns the bytes of a span of words of one sentence.
func (d *document) text(s sentence, first, last int32) (string, int, int) {
	from, to := d.words[first].Start, d.words[last].End
	return d.parts[s.where][from:to], from, to
}

// sentenceText returns the sentence as it stands in the article.
func (d *document) sentenceText(s sentence) string {
	return d.parts[s.where][s.from:s.to]
}

// Limits on the sentence shown with a term.
const (
	maxSentence = 800 // bytes
	context     = 300 // bytes on each side of the term in a longer one
)

// shown returns the sentence around the bytes from to to of its part; what
// is left of it where it is longer than any sentence ought to be.
func (d *document) shown(s sentence, from, to int) string {
	if s.to-s.from <= maxSentence {
		return d.sentenceText(s)
	}
	part := d.parts[s.where]
	from, to = max(s.from, from-context), min(s.to, to+context)
	for from > s.from && !utf8.RuneStart(part[from]) {
		from--
	}
	for to < s.to && !utf8.RuneStart(part[to]) {
		to++
	}
	return part[from:to]
}

// folds returns at most n folded words of a sentence, joined by blanks.
func (d *document) folds(s sentence, n int) string {
	var b strings.Builder
	for i := s.first; i < s.end && int(i-s.first) < n; i++ {
		if i > s.first {
			b.WriteByte(' ')
		}
		b.WriteString(d.words[i].Fold)
	}
	return b.String()
}

// stopped reports whether the sentence ends as running text does.
func (d *document) stopped(s sentence) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(d.sentenceText(s), "»”\"’')"))
	return strings.ContainsRune(".!?…", r)
}

// longAgo is how many years back a year must lie to be history.
const longAgo = 20

// pastShare returns the share of the body's sentences that name a year long
// before the article's.
func (d *document) pastShare(published time.Time) float64 {
	last := 1990
	if !published.IsZero() {
		last = published.Year() - longAgo
	}
	past, total := 0.0, 0.0
	for _, s := range d.sentences[d.title:] {
		total += s.weight
		for _, w := range d.words[s.first:s.end] {
			if len(w.Fold) != 4 {
				continue
			}
			if year, err := strconv.Atoi(w.Fold); err == nil && year >= 1000 && year <= last {
				past += s.weight
				break
			}
		}
	}
	return past / max(1, total)
}
