package extractor

import (
	"slices"
	"strings"
)

var phraseLists = sections(phrasesFile)

var (
	wholePhrases  = foldedSet(phraseLists["whole"])
	tailPhrases   = openings(phraseLists["tail"])
	teaserPhrases = openings(phraseLists["teaser"])
	callPhrases   = openings(phraseLists["call"])
	bioPhrases    = openings(phraseLists["bio"])
	creditPhrases = openings(phraseLists["credit"])
	linePhrases   = openings(phraseLists["line"])
	commentHeads  = foldedSet(phraseLists["comments head"])
	sectionHeads  = foldedSet(phraseLists["section head"])
)

func foldedSet(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, p := range list {
		m[fold(p)] = true
	}
	return m
}

// phraseIndex holds folded phrases by their first word.
type phraseIndex map[string][]string

func openings(list []string) phraseIndex {
	m := phraseIndex{}
	for _, p := range list {
		p = fold(p)
		first, _, _ := strings.Cut(p, " ")
		m[first] = append(m[first], p)
	}
	return m
}

// opens reports whether a folded text begins with one of the phrases.
func (m phraseIndex) opens(s string) bool {
	first, _, _ := strings.Cut(s, " ")
	return slices.ContainsFunc(m[first], func(p string) bool { return startsWith(s, p) })
}

// in reports whether a folded text has one of the phrases anywhere.
func (m phraseIndex) in(s string) bool {
	for s != "" {
		if m.opens(s) {
			return true
		}
		_, s, _ = strings.Cut(s, " ")
	}
	return false
}

// startsWith reports whether s begins with the words of p.
func startsWith(s, p string) bool {
	return strings.HasPrefix(s, p) && (len(s) == len(p) || s[len(p)] == ' ')
}

func isPhrase(folded string) bool { return folded == "" || wholePhrases[folded] }

func opensTeaser(folded string) bool { return teaserPhrases.opens(folded) }

func isTail(folded string) bool { return folded == "" || tailPhrases.opens(folded) }

func isCallText(folded string) bool { return callPhrases.in(folded) }
