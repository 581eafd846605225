package story

import (
	"regexp"
	"strings"
	"unicode"
)

// What pages leave around an article's text. It is set aside before texts are
// compared: two articles of one outlet share it, and two copies of one article
// do not.
var (
	// A dateline with or without agency: ROMA (ITALPRESS) –, Roma, 3 apr. (askanews) -
	dateline = regexp.MustCompile(`^\s*(?:\(([A-Za-zÀ-ÿ0-9. /-]{2,24})\)\s*[-–—]?\s*)?[A-ZÀ-Ý][A-Za-zÀ-ÿ'’ ./]{1,30}(?:,? ?\d{1,2}°? ?[A-Za-z]{3,9}\.?(?: \d{4})?)?,?\s*[-–—]?\s*\(([A-Za-zÀ-ÿ0-9. /-]{2,24})\)\s*[-–—]*\s*`)
	// The same without agency: TOKYO – …; capitals only, since "Tokyo - " may begin a sentence.
	placeline = regexp.MustCompile(`^\s*[A-ZÀ-Ý][A-ZÀ-Ý'’ ]{2,30}(?:,? ?\d{1,2} ?[A-Za-z]{3,9}\.?)?\s*[-–—]\s+`)
	// (ANSA) - at the very beginning.
	headmark = regexp.MustCompile(`^\s*\(([A-Za-zÀ-ÿ0-9. /-]{2,24})\)\s*[-–—]\s*`)
	// (ITALPRESS). (Segue) (Red) (abc/xyz) at the end.
	tailmark = regexp.MustCompile(`(?i)\s*\(?(?:\((?:segue|fine|red|[a-zà-ÿ]{2,14}(?:[/-][a-zà-ÿ0-9]{2,14})*)\)|\bsegue\b\s*\)?)\s*[.…]*\s*$`)

	aside = regexp.MustCompile(`(?i)^(?:leggi anche|leggi tutto|leggi di più|vedi anche|guarda anche|per approfondire|approfondisci|articoli correlati|potrebbe(?:ro)? interessarti|(?:ti )?potrebbero? interessar(?:e|ti)|correlati|condividi|seguici|iscriviti|abbonati|scarica l.app|clicca qui|continua(?: a leggere)?(?:\.\.\.|…|$)|segue\b.{0,3}$|foto(?:grafia)?(?: d.archivio)?(?::|$| di | d.archivio)|foto d|video:|credits?:|fonte:|fonte foto|crediti|copyright|©|riproduzione riservata|tutti i diritti|ultimo aggiornamento|ultima modifica|aggiornato (?:il|alle)|pubblicato (?:il|alle)|tempo di lettura|nota biografica|l.autore\b|chi è l.autore|commenti|lascia un commento|tags?:|argomenti:|in copertina|immagine (?:di copertina|in evidenza)|inserito da|scritto da|di redazione$|redazione$|a cura della redazione|read also|share this|advertisement|pubblicità$|\(si corregge|\(correzione|stampa l.articolo|newsletter|l.articolo .{5,200} proviene da )`)

	// L'articolo … proviene da …: what WordPress feeds add.
	provenance = regexp.MustCompile(`L['’]articolo [^\n]{5,250}? (?:proviene da|sembra essere il primo su) [^\n.]{2,60}\.`)

	// listHead opens a list of other articles that runs to the end.
	listHead = regexp.MustCompile(`(?i)^(?:leggi anche|vedi anche|guarda anche|articoli correlati|(?:ti )?potrebbero? interessar(?:e|ti).*|potrebbe(?:ro)? interessarti.*|correlati|altri articoli|altre notizie|le ultime notizie|più letti|i più letti|per approfondire|nota biografica.*|commenti)\s*:?\s*$`)
	listItem = regexp.MustCompile(`^\s*(?:[>•*»·\-–—]|\d+[.)])\s*\S`)

	consent = regexp.MustCompile(`(?i)\bcookies?\b|\bconsenso\b|profilazione|terze parti|tracciamento|\bprivacy\b|informativa|accett[aio]|abbonati|preferenze|pubblicitari|revocabile|personalizzat`)

	// take marks numbered parts of one wire: (1), (2), (segue), - 2 -
	take = regexp.MustCompile(`(?i)[\s:;,.–—-]*(?:\((?:\d{1,2}|segue|fine|agg(?:iornamento)?|corretto|rpt|bis|ter|rettifica|foto|video|\d{1,2} di \d{1,2})\)|[-–—] ?\d{1,2} ?[-–—]?|\b(?:rpt|bis|ter)\b)\s*$`)
)

// body returns an article's own text: no dateline, signature, consent notice,
// credits, related links, biography.
func body(text string) string {
	text = provenance.ReplaceAllString(text, "")
	var kept []string
	skipping := false // within a list of other articles
	for p := range strings.SplitSeq(text, "\n") {
		p = strings.TrimSpace(p)
		if p == "" {
			continue
		}
		if listHead.MatchString(p) {
			skipping = true
			continue
		}
		if skipping && (listItem.MatchString(p) || len(p) < 90 && !strings.HasSuffix(p, ".")) {
			continue
		}
		skipping = false
		if asideParagraph(p) {
			continue
		}
		if len(kept) == 0 {
			p = withoutDateline(p)
		}
		if p = withoutTail(p); p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n")
}

// asideParagraph reports whether a whole paragraph is no part of the article.
func asideParagraph(p string) bool {
	if len(p) < 320 && aside.MatchString(p) {
		return true
	}
	if len(p) > 900 {
		return false
	}
	hits := consent.FindAllStringIndex(p, 8)
	return len(hits) >= 3 || len(hits) == 2 && len(p) < 240 && strings.Contains(strings.ToLower(p), "cookie")
}

// withoutDateline takes the dateline from a first paragraph.
func withoutDateline(p string) string {
	for _, re := range []*regexp.Regexp{dateline, headmark, placeline} {
		if m := re.FindStringIndex(p); m != nil {
			return strings.TrimSpace(p[m[1]:])
		}
	}
	return p
}

// withoutTail takes signatures such as (ITALPRESS) from a paragraph's end.
func withoutTail(p string) string {
	if i := strings.LastIndexByte(p, '('); i < 0 || len(p)-i > 40 {
		return p
	}
	return strings.TrimSpace(tailmark.ReplaceAllString(p, ""))
}

// withoutTake returns a title without the number of a wire's part, and whether
// it had one.
func withoutTake(title string) (string, bool) {
	m := take.FindStringIndex(title)
	if m == nil || m[0] == 0 {
		return title, false
	}
	return strings.TrimSpace(title[:m[0]]), true
}

// site is the end of a title that names the publisher: " | Il Faro", " - Eco".
var site = regexp.MustCompile(`\s+[|–—-]\s+(?:[A-ZÀ-Ý0-9][\pL\pN.'’]*(?:\s+(?:di|del|della|dell.|e|24|[A-ZÀ-Ý0-9][\pL\pN.'’]*)){0,3})$`)

// withoutSite returns a title without the publisher's name at its end.
func withoutSite(title string) string {
	for range 2 {
		m := site.FindStringIndex(title)
		if m == nil || m[0] < 20 {
			break
		}
		title = title[:m[0]]
	}
	return title
}

// repeats reports whether a text is no more than its title again, as feeds
// give it that have no description.
func repeats(text, title string) bool {
	if len(text) > len(title)+60 || strings.Contains(text, "\n") {
		return false
	}
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	t, head := letters(text), letters(withoutSite(title))
	return strings.HasPrefix(t, head) && len(t) < len(head)+40
}
