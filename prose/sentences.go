package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentence is a sentence of a text, with its closing marks and without the
// blanks around it.
type Sentence struct {
	Start, End int    // bytes of the text
	Paragraph  int    // counted from 0
	Words      []Word // spans are of the whole text
}

// Sentences returns the sentences of text in order.
//
// A line break ends a sentence and a paragraph, unless the line looks wrapped
// by hand: it does not end in a stop and the next one goes on in lower case.
// Abbreviations (gen., on., S.E.), initials (J. Biden), datelines (Roma, 22
// apr. (askanews) –) and figures do not end a sentence; a stop glued to the
// next capital (Tokyo.Il) does.
func Sentences(text string) []Sentence {
	words := Words(text)
	sentences := make([]Sentence, 0, len(text)/120+1)
	w := 0
	divide(text, nil, func(start, end, paragraph int) {
		from := w
		for w < len(words) && words[w].Start < end {
			w++
		}
		sentences = append(sentences, Sentence{start, end, paragraph, words[from:w:w]})
	})
	return sentences
}

// divide finds the sentences of a text. Where its words are given, it does not
// look for marks within them.
func divide(text string, words []Token, sentence func(start, end, paragraph int)) {
	paragraph := 0
	emit := func(start, end int) bool {
		start, end = trim(text, start, end)
		if start == end {
			return false
		}
		sentence(start, end, paragraph)
		return true
	}
	marks := markFinder{text, words}
	start := 0
	filled := false // the paragraph holds a sentence
	for i := marks.next(0); i < len(text); i = marks.next(i) {
		switch c := text[i]; {
		case c == '\n' || c == '\r':
			if wrapped(text, i) {
				i++
				continue
			}
			filled = emit(start, i) || filled
			if filled {
				paragraph++
			}
			filled = false
			i++
			start = i
		case c != ellipsis || strings.HasPrefix(text[i:], "…"):
			end := stop(text, start, i)
			if end == 0 {
				_, n := utf8.DecodeRuneInString(text[i:])
				i += n
				continue
			}
			filled = emit(start, end) || filled
			i = end
			start = end
		default:
			i++
		}
	}
	emit(start, len(text))
}

// markFinder finds what may end a sentence or a paragraph, in one run through a
// text.
type markFinder struct {
	text  string
	words []Token // still ahead
}

// next returns where the first mark from i on stands, the text's length when none
// does. Words hold no mark that ends a sentence, but for acronyms.
func (m *markFinder) next(i int) int {
	for {
		for len(m.words) > 0 && int(m.words[0].End) <= i {
			m.words = m.words[1:]
		}
		gap := len(m.text)
		if len(m.words) > 0 {
			gap = int(m.words[0].Start)
		}
		for ; i < gap; i++ {
			if classes[m.text[i]]&mark != 0 {
				return i
			}
		}
		if len(m.words) == 0 {
			return i
		}
		word := m.words[0]
		if !acronymic(m.text[word.Start:word.End]) {
			i = int(word.End)
			continue
		}
		for ; i < int(word.End); i++ {
			if classes[m.text[i]]&mark != 0 {
				return i
			}
		}
	}
}

// trim takes blanks from both ends of text[start:end].
func trim(text string, start, end int) (from, to int) {
	for start < end && text[start] == ' ' {
		start++
	}
	if start < end && !graphic(text[start]) {
		start += len(text[start:end]) - len(strings.TrimLeftFunc(text[start:end], blank))
	}
	if start < end && !graphic(text[end-1]) {
		end -= len(text[start:end]) - len(strings.TrimRightFunc(text[start:end], blank))
	}
	return start, end
}

// graphic reports whether c is an ASCII character that shows.
func graphic(c byte) bool { return ' ' < c && c < utf8.RuneSelf }

func blank(r rune) bool { return unicode.IsSpace(r) || invisible(r) }

// wrapped reports whether the line break at i only wraps a line of a longer
// paragraph.
func wrapped(text string, i int) bool {
	if i == 0 || closes(text[i-1]) {
		return false
	}
	before := strings.TrimRightFunc(text[strings.LastIndexByte(text[:i], '\n')+1:i], blank)
	if len(before) < 30 {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	if !unicode.IsLetter(last) && !unicode.IsDigit(last) && last != ',' && last != '\'' && last != '’' {
		return false
	}
	rest := text[i:]
	for n, r := range rest {
		switch {
		case n > 3:
			return false
		case r == '\n':
			if n > 0 && (n != 1 || text[i] != '\r') {
				return false // an empty line
			}
		case r == '\r' || r == ' ':
		default:
			return unicode.IsLower(r)
		}
	}
	return false
}

// closes reports whether c is an ASCII character that ends no line which is
// wrapped.
func closes(c byte) bool {
	return graphic(c) && classes[c]&alphanumeric == 0 && c != ',' && c != '\''
}

// stop returns the end of the sentence that the mark at i closes; 0 when it
// closes none.
func stop(text string, start, i int) int {
	if plainStop(text, start, i) {
		return i + 1
	}
	return anyStop(text, start, i)
}

// anyStop is stop for all marks and texts.
func anyStop(text string, start, i int) int {
	end := i
	full := true // nothing but one full stop
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if r != '.' && r != '!' && r != '?' && r != '…' {
			break
		}
		full = full && r == '.' && end == i
		end += n
	}
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if strings.ContainsRune("»”\"’')]", r) && (!apostrophe(r) || !wordAt(text, end+n)) {
			end += n
			continue
		}
		break
	}
	if end >= len(text) || text[end] == '\n' || text[end] == '\r' {
		return end
	}
	r, n := utf8.DecodeRuneInString(text[end:])
	if !unicode.IsSpace(r) {
		// "Tokyo.Il ministro": the blank is lost.
		if full && end == i+1 && glued(text, i) {
			return end
		}
		return 0
	}
	next := end + n
	for next < len(text) {
		r, n := utf8.DecodeRuneInString(text[next:])
		if !blank(r) && !strings.ContainsRune("«“\"‘'([–—-", r) {
			break
		}
		if r == '\n' || r == '\r' {
			return end
		}
		next += n
	}
	if next >= len(text) {
		return end
	}
	r, _ = utf8.DecodeRuneInString(text[next:])
	if unicode.IsLower(r) || !unicode.IsLetter(r) && !unicode.IsNumber(r) {
		return 0
	}
	if full && end == i+1 && abbreviated(text, start, i, next) {
		return 0
	}
	return end
}

// plainStop reports whether the mark at i ends a sentence as most do: a full stop
// after a word that is no abbreviation and before a line break, or a blank and a
// capital. It knows ASCII only.
func plainStop(text string, start, i int) bool {
	if text[i] != '.' || i+2 >= len(text) {
		return false
	}
	if text[i+1] == '\n' {
		return true
	}
	if text[i+1] != ' ' || text[i+2] < 'A' || 'Z' < text[i+2] {
		return false
	}
	from := i
	for from > start && i-from < longestLookedAt && classes[text[from-1]]&alphanumeric != 0 {
		from--
	}
	if from == i || from > start && (text[from-1] == '.' || text[from-1] >= utf8.RuneSelf) {
		return false
	}
	word := text[from:i]
	return len(word) > 1 && (abbreviationLengths[word[0]|0x20]>>len(word)&1 == 0 || !has(abbreviations, word))
}

// longestLookedAt is how many bytes before a full stop are looked at for an
// abbreviation.
const longestLookedAt = 12

// abbreviationLengths has, by first letter, a bit for each length of an
// abbreviation.
var abbreviationLengths = func() (lengths [256]uint16) {
	for a := range abbreviations {
		lengths[a[0]] |= 1 << len(a)
	}
	return lengths
}()

// glued reports whether the full stop at i stands between the end of a word
// and a capitalised word, without a blank.
func glued(text string, i int) bool {
	before, n := utf8.DecodeLastRuneInString(text[:i])
	prior, _ := utf8.DecodeLastRuneInString(text[:i-n])
	after, m := utf8.DecodeRuneInString(text[i+1:])
	beyond, _ := utf8.DecodeRuneInString(text[i+1+m:])
	return unicode.IsLower(before) && unicode.IsLower(prior) &&
		unicode.IsUpper(after) && (unicode.IsLower(beyond) || beyond == '\'' || beyond == '’' || beyond == ' ')
}

// abbreviations stand before a name or a number and do not end a sentence.
var abbreviations = set(`
	dott dr prof profssa dottssa ing avv arch geom rag sig sigra sigg on onn sen min pres cons comm cav uff
	gen amm col magg cap ten serg mar brig cte cdr capt adm lt sgt maj gov rep
	mons card don fra rev sua em ecc
	art artt nn nr num no pag pagg pp par cap vol voll fig tab cfr vd vs v ss segg
	st ste s sta sto mr mrs ms jr sr
	feb febbr mar apr mag giu giugn lug ago sett set ott nov dic
	jan jun jul aug sep sept oct dec
	lun mart merc giov ven sab dom
	tel fax ca circa mln mld km kg h min sec
	co inc ltd corp dept u us av ave
	es ex op cit ibid ed edd trad a d m n p c`)

// endings may end a sentence as well: only a name or number after them tells.
var endings = set(`ecc etc co inc ltd corp spa srl ca us usa uk eu ue onu nato no don par min sec mar ten cap tab fra sua par ago set dom sto em d m`)

// openers are words with which sentences begin, capitalised.
var openers = set(`
	il lo la i gli le l un una uno in nel nella nello nei nelle negli per ma e ed o se non da dal dalla con su sul sulla a ad al alla
	anche poi secondo dopo prima durante mentre quando come cosi inoltre infine intanto tra fra questo questa questi queste
	quello quella si ci è e' ha hanno sono era the a an in on at it he she they we but and this that for from with as`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// abbreviated reports whether the full stop at i belongs to an abbreviation
// or an initial; the next sentence would begin at next.
func abbreviated(text string, start, i, next int) bool {
	from := i
	for from > start && i-from < longestLookedAt {
		r, n := utf8.DecodeLastRuneInString(text[start:from])
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			break
		}
		from -= n
	}
	word := text[from:i]
	if word == "" {
		return false
	}
	if unicode.IsNumber(rune(word[0])) {
		return false
	}
	if from > start && text[from-1] == '.' || utf8.RuneCountInString(word) == 1 {
		// An initial, or the end of an acronym with points.
		first, _ := utf8.DecodeRuneInString(word)
		if next, _ := utf8.DecodeRuneInString(text[next:]); unicode.IsNumber(next) {
			return has(abbreviations, word)
		}
		return (unicode.IsUpper(first) || from > start && text[from-1] == '.') && !opens(text, next)
	}
	if !has(abbreviations, word) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(text[next:])
	return !has(endings, word) || unicode.IsNumber(first) || unicode.IsUpper(first) && !opens(text, next) && capital(word)
}

// capital reports whether word begins with a capital: "Mar. Rossi" is a
// title, "mar." ends a sentence as the sea.
func capital(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r)
}

// opens reports whether the word that begins at i is an opener.
func opens(text string, i int) bool {
	end := letters(text, i)
	return end-i <= 12 && has(openers, text[i:end])
}

// has reports whether a set of folded words has a word of letters and digits.
func has(folded map[string]bool, word string) bool {
	var short [32]byte
	if len(word) > len(short) {
		return folded[fold(word)]
	}
	return folded[string(appendFold(short[:0], word))]
}
