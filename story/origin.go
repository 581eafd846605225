package story

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"vedetta/news"
)

// agencies are the wires, as they are named, by their folded name.
var agencies = map[string]string{
	"ansa": "ANSA", "adnkronos": "Adnkronos", "adn kronos": "Adnkronos", "italpress": "Italpress", "askanews": "askanews", "agi": "AGI",
	"lapresse": "LaPresse", "la presse": "LaPresse", "nova": "Agenzia Nova", "agenzia nova": "Agenzia Nova", "agenzianova": "Agenzia Nova", "agenzia dire": "Dire", "dire": "Dire", "9colonne": "9Colonne",
	"agenparl": "Agenparl", "radiocor": "Radiocor", "il sole 24 ore radiocor": "Radiocor", "mf-dj": "MF-DJ", "mf dow jones": "MF-DJ", "teleborsa": "Teleborsa",
	"reuters": "Reuters", "afp": "AFP", "ap": "AP", "associated press": "AP", "bloomberg": "Bloomberg", "dpa": "dpa", "efe": "EFE", "tass": "TASS",
	"xinhua": "Xinhua", "kyodo": "Kyodo", "jiji": "Jiji", "sir": "SIR", "aise": "AISE", "inform": "Inform", "public policy": "Public Policy", "labitalia": "Labitalia", "agenzia fides": "Fides", "asianews": "AsiaNews", "dire.it": "Dire", "comunicato stampa": "",
}

var (
	credit = regexp.MustCompile(`(?i)(?:^|\n)\s*(?:fonte|source|copyright|©|© copyright|a cura d(?:i|ell')|di redazione)\s*:?\s*(?:l'agenzia |agenzia )?©?\s*(ansa|adnkronos|italpress|askanews|agi|lapresse|agenzia nova|nova|dire|9colonne|agenparl|radiocor|reuters|afp|ap)\b`)
	signed = regexp.MustCompile(`\(([A-Za-zÀ-ÿ0-9. -]{2,24})(?:/[A-Za-z0-9. ]{2,24})?\)\.?\s*$`)
)

// Origin names the agency that an article credits: in the dateline, the
// signature, a credit line or the byline. ok tells whether it does. An agency
// not known by name is taken from a dateline only: YOKOSUKA (AGS) –.
func Origin(a news.Article) (agency string, ok bool) {
	text := strings.TrimSpace(a.Text)
	first := text
	if len(first) > 1200 {
		first = first[:1200]
	}
	n := 0
	for p := range strings.SplitSeq(first, "\n") {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		if len(p) > 160 {
			p = p[:160]
		}
		if name, ok := datelineAgency(p); ok {
			return name, true
		}
		if n++; n == 4 {
			break
		}
	}
	last := text
	if len(last) > 600 {
		last = last[len(last)-600:]
	}
	for p := range strings.SplitSeq(last, "\n") {
		if !strings.HasSuffix(strings.TrimRight(p, " ."), ")") {
			continue
		}
		if m := signed.FindStringSubmatch(strings.TrimSpace(p)); m != nil {
			if name, ok := agencyIn(m[1:], false); ok {
				return name, true
			}
		}
	}
	if name, ok := creditLine(last); ok {
		return name, true
	}
	for _, author := range a.Authors {
		author = strings.ToLower(strings.TrimSpace(author))
		for _, prefix := range []string{"redazione ", "di ", "agenzia "} {
			author = strings.TrimPrefix(author, prefix)
		}
		if name, ok := agencyIn([]string{author}, false); ok {
			return name, true
		}
	}
	return "", false
}

// creditWords are in every credit line; they spare the others the search.
var creditWords = []string{"onte", "ource", "opyright", "©", "cura d", "edazione"}

// creditLine is the agency that a credit line names: Fonte: Italpress.
func creditLine(text string) (string, bool) {
	if !mayCredit(text) || !slices.ContainsFunc(creditWords, func(w string) bool { return strings.Contains(text, w) }) {
		return "", false
	}
	m := credit.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return agencyIn(m[1:], false)
}

// mayCredit reports whether a line of a text begins as credit lines do, by its
// first two characters.
func mayCredit(text string) bool {
	for rest := text; ; {
		rest = strings.TrimLeft(rest, "\t\n\f\r ")
		if len(rest) < 2 {
			return false
		}
		switch first, second := rest[0]|0x20, rest[1]|0x20; {
		case rest[0] >= utf8.RuneSelf,
			(first == 'f' || first == 's' || first == 'c') && second == 'o', first == 'a' && second == ' ', first == 'd' && second == 'i':
			return true
		}
		_, after, more := strings.Cut(rest, "\n")
		if !more {
			return false
		}
		rest = after
	}
}

// datelineAgency is the agency in the dateline that opens a paragraph.
func datelineAgency(p string) (string, bool) {
	if !strings.Contains(p[:min(len(p), 90)], "(") {
		return "", false
	}
	if m := dateline.FindStringSubmatch(p); m != nil {
		return agencyIn(m[1:], true)
	}
	if m := headmark.FindStringSubmatch(p); m != nil {
		return agencyIn(m[1:], false)
	}
	return "", false
}

// agencyIn returns the first agency among names. An unknown name counts where
// unknown is allowed and it looks like one: an acronym.
func agencyIn(names []string, unknown bool) (string, bool) {
	for _, s := range names {
		s = strings.TrimSpace(s)
		if s == "" {
			continue
		}
		key := strings.ToLower(s)
		if name, ok := agencies[key]; ok && name != "" {
			return name, true
		}
		if head, _, ok := strings.Cut(key, "/"); ok && agencies[head] != "" {
			return agencies[head], true
		}
		if unknown && len(s) >= 3 && len(s) <= 6 && strings.ToUpper(s) == s && !notAgency[s] {
			return strings.Clone(s), true // the text itself must not live on
		}
	}
	return "", false
}

// notAgency are capitals in parentheses after a place that name no agency:
// provinces are two letters, states may be more.
var notAgency = map[string]bool{"USA": true, "EAU": true, "RDC": true, "URSS": true, "NATO": true, "ONU": true, "ITA": true}
