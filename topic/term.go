package topic

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"vedetta/prose"
)

// Limits on one term, so that a rule cannot blow up the automaton.
const (
	maxTermBytes    = 2000
	maxTermWords    = 12
	maxTermVariants = 2000
	shortestStem    = 4 // bytes; shorter words are not inflected
)

// match says how a word of a term compares with a word of a text.
type match uint8

const (
	exactly   match = iota // the folded word
	inflected              // the stem, in the term's language
	beginning              // the folded word begins with it
)

// pattern is one word of a term.
type pattern struct {
	match match
	key   string // folded word, stem or beginning
	caps  bool   // the text's word must have a capital
}

// parseTerm reads a term in the notation of news.Wording and returns its
// variants. Lower-case words are inflected in lang.
func parseTerm(term, lang string) ([][]pattern, error) {
	if len(term) > maxTermBytes {
		return nil, fmt.Errorf("is longer than %d bytes", maxTermBytes)
	}
	if !utf8.ValidString(term) {
		return nil, fmt.Errorf("is not valid UTF-8")
	}
	exact := strings.HasPrefix(term, "=")
	variants, err := alternatives(strings.TrimPrefix(term, "="))
	if err != nil {
		return nil, err
	}
	var out [][]pattern
	for _, v := range variants {
		p, err := patterns(v, lang, exact)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// alternatives expands (a|b) in term; brackets may stand inside brackets.
func alternatives(term string) ([]string, error) {
	p := expander{rest: term}
	out, err := p.sequence(0)
	if err == nil && p.rest != "" {
		err = fmt.Errorf("has %q without a bracket before it", p.rest[0])
	}
	return out, err
}

// deepest nesting of brackets in a term.
const deepest = 4

// expander reads a term from left to right.
type expander struct{ rest string }

// sequence reads texts and choices up to the end or to a | or ) at its level.
func (p *expander) sequence(depth int) ([]string, error) {
	out := []string{""}
	for p.rest != "" {
		i := strings.IndexAny(p.rest, "()|")
		if i < 0 {
			i = len(p.rest)
		}
		parts := []string{p.rest[:i]}
		p.rest = p.rest[i:]
		switch {
		case i > 0:
		case p.rest[0] != '(':
			return out, nil
		default:
			var err error
			if parts, err = p.choice(depth + 1); err != nil {
				return nil, err
			}
		}
		if len(out)*len(parts) > maxTermVariants {
			return nil, fmt.Errorf("has more than %d variants", maxTermVariants)
		}
		next := make([]string, 0, len(out)*len(parts))
		for _, o := range out {
			for _, part := range parts {
				next = append(next, o+part)
			}
		}
		out = next
	}
	return out, nil
}

// choice reads a bracket and returns what may stand in its place.
func (p *expander) choice(depth int) ([]string, error) {
	if depth > deepest {
		return nil, fmt.Errorf("has brackets more than %d deep", deepest)
	}
	var out []string
	for {
		p.rest = p.rest[1:]
		parts, err := p.sequence(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, parts...)
		switch {
		case p.rest == "":
			return nil, fmt.Errorf("has a bracket that is not closed")
		case len(out) > maxTermVariants:
			return nil, fmt.Errorf("has more than %d variants", maxTermVariants)
		case p.rest[0] == ')':
			p.rest = p.rest[1:]
			return out, nil
		}
	}
}

// patterns reads one variant of a term.
func patterns(term, lang string, exact bool) ([]pattern, error) {
	words := prose.Words(term)
	if len(words) == 0 {
		return nil, fmt.Errorf("holds no word")
	}
	if len(words) > maxTermWords {
		return nil, fmt.Errorf("has more than %d words", maxTermWords)
	}
	out := make([]pattern, len(words))
	for i, w := range words {
		first, _ := utf8.DecodeRuneInString(term[w.Start:])
		p := pattern{key: w.Fold, caps: unicode.IsUpper(first)}
		switch {
		case strings.HasPrefix(term[w.End:], "*"):
			p.match = beginning
			if len(p.key) < 3 {
				return nil, fmt.Errorf("has fewer than 3 letters before *")
			}
		case !exact && !p.caps && len(p.key) >= shortestStem && !strings.ContainsAny(p.key, "'0123456789"):
			if stem := root(w.Fold, lang); len(stem) >= headBytes {
				p.match, p.key = inflected, stem
			}
		}
		out[i] = p
	}
	return out, nil
}
