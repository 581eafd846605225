package story

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// dated is the date of a dateline: ", 3 apr. ", " 12 MAR - ".
const dated = `(?:,? ?\d{1,2}°? ?[A-Za-z]{3,9}\.?(?: \d{4})?)?,?\s*[-–—]?\s*`

// What pages leave around an article's text. It is set aside before texts are
// compared: two articles of one outlet share it, and two copies of one article
// do not.
var (
	// A dateline with its agency: ROMA (ITALPRESS) –, Roma, 3 apr. (askanews) -
	// A place not in capitals needs the dash: "Il ministro (PD)" is none.
	dateline = regexp.MustCompile(`^\s*(?:[A-ZÀ-Ý][A-ZÀ-Ý'’ ./]{1,30}` + dated + `\(([A-Za-zÀ-ÿ0-9. /-]{2,24})\)\s*[-–—]*|[A-ZÀ-Ý][\pL'’.]{1,20}(?: [\pL'’.]{1,20}){0,3}` + dated + `\(([A-Za-zÀ-ÿ0-9. /-]{2,24})\)\s*[-–—]+)\s*`)
	// The same without agency: TOKYO – …; capitals only, since "Tokyo - " may begin a sentence.
	placeline = regexp.MustCompile(`^\s*[A-ZÀ-Ý][A-ZÀ-Ý'’ ]{2,30}(?:,? ?\d{1,2} ?[A-Za-z]{3,9}\.?)?\s*[-–—]\s+`)
	// (ANSA) - at the very beginning.
	headmark = regexp.MustCompile(`^\s*\(([A-Za-zÀ-ÿ0-9. /-]{2,24})\)\s*[-–—]\s*`)
	// (ITALPRESS). (Segue) (Red) (abc/xyz) at the end.
	tailmark = regexp.MustCompile(`(?i)\s*\(?(?:\((?:segue|fine|red|[a-zà-ÿ]{2,14}(?:[/-][a-zà-ÿ0-9]{2,14})*)\)|\bsegue\b\s*\)?)\s*[.…]*\s*$`)

	// L'articolo … proviene da …: what WordPress feeds add.
	provenance = regexp.MustCompile(`L['’]articolo [^\n]{5,250}? (?:proviene da|sembra essere il primo su) [^\n.]{2,60}\.`)

	// take marks numbered parts of one wire: (1), (2), (segue), - 2 -
	take = regexp.MustCompile(`(?i)[\s:;,.–—-]*(?:\((?:\d{1,2}|segue|fine|agg(?:iornamento)?|corretto|rpt|bis|ter|rettifica|foto|video|\d{1,2} di \d{1,2})\)|[-–—] ?\d{1,2} ?[-–—]?|\b(?:rpt|bis|ter)\b)\s*$`)
)

// asides begin paragraphs that are no part of the article, in lower case.
var asides = prefixesOf(
	"leggi anche", "leggi tutto", "leggi di più", "leggi l'articolo", "vedi anche", "guarda anche", "per approfondire", "approfondisci", "approfondimenti",
	"articoli correlati", "correlati", "potrebbe interessarti", "potrebbero interessarti", "ti potrebbe interessare", "ti potrebbero interessare",
	"condividi", "seguici", "iscriviti", "abbonati", "scarica l'app", "clicca qui", "continua a leggere", "continua...", "continua…", "(segue", "segue...",
	"foto:", "foto di ", "foto d'archivio", "foto d’archivio", "(foto", "fotografia di ", "video:", "credits:", "credit:", "crediti:", "fonte:", "fonte foto", "copyright", "©", "riproduzione riservata",
	"© riproduzione", "tutti i diritti", "ultimo aggiornamento", "ultima modifica", "aggiornato il ", "aggiornato alle ", "pubblicato il ", "pubblicato alle ", "tempo di lettura",
	"nota biografica", "l'autore", "l’autore", "chi è l'autore", "chi è l’autore", "commenti", "lascia un commento", "tag:", "tags:", "argomenti:", "in copertina", "immagine di copertina", "immagine in evidenza",
	"guarda la gallery", "guarda il video", "guarda le foto", "gallery:", "contenuto riservato", "contenuto esclusivo", "articolo riservato", "per continuare a leggere", "sei già abbonato", "già abbonato", "accedi", "sostienici", "scarica la nostra app",
	"inserito da ", "scritto da ", "a cura della redazione", "read also", "share this", "advertisement", "(si corregge", "(correzione", "stampa l'articolo", "stampa l’articolo", "newsletter",
)

// wholeAsides are such paragraphs only when they hold nothing else.
var wholeAsides = []string{"continua", "segue", "pubblicità", "redazione", "di redazione", "foto", "video", "correlati", "commenti"}

// listHeads open a list of other articles, or a biography, that runs to the
// end.
var listHeads = prefixesOf(
	"leggi anche", "vedi anche", "guarda anche", "articoli correlati", "ti potrebbero interessare", "ti potrebbe interessare", "potrebbero interessarti",
	"potrebbe interessarti", "potrebbe interessare", "correlati", "altri articoli", "altre notizie", "le ultime notizie", "più letti", "i più letti", "per approfondire", "commenti",
)

// consents are roots of words of which a consent or subscription notice holds
// several.
var consents = rootsOf("ookie", "onsenso", "rofilazione", "terze parti", "racciamento", "rivacy", "nformativa", "ccetta", "bbonat", "referenze", "ubblicit", "evocabil", "ersonalizza")

// body returns an article's own text: no dateline, signature, consent notice,
// credits, related links, biography.
func body(text string) string {
	if strings.Contains(text, "proviene da ") || strings.Contains(text, "essere il primo su ") {
		text = provenance.ReplaceAllString(text, "")
	}
	var kept []string
	skipping := false // within a list of other articles
	left := len(text)
	for p := range strings.SplitSeq(text, "\n") {
		left -= len(p) + 1
		p = strings.TrimSpace(p)
		if p == "" {
			continue
		}
		head := ""
		if len(p) < longestAside {
			head = strings.ToLower(p[:min(len(p), 40)])
		}
		if opensList(p, head) {
			skipping = true
			continue
		}
		if skipping && (listItem(p) || len(p) < 90 && !strings.HasSuffix(p, ".")) {
			continue
		}
		skipping = false
		// Notices stand before and after an article; looking for them all
		// along a long one would cost more than all the rest.
		if asideParagraph(p, head) || (len(kept) < 2 || left < noticeTail) && (notice(p) || consent(p)) {
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

// opensList reports whether a paragraph, whose lower-case beginning is head,
// is the heading of a list of other articles.
func opensList(p, head string) bool {
	return len(p) < 40 && !strings.HasSuffix(p, ".") && listHeads.begin(head)
}

// listItem reports whether a line begins with a bullet or a number.
func listItem(p string) bool {
	r, n := utf8.DecodeRuneInString(p)
	if strings.ContainsRune(">•*»·-–—", r) {
		return len(p) > n
	}
	rest := strings.TrimLeft(p, "0123456789")
	return len(rest) < len(p) && (strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, ")"))
}

// asideParagraph reports whether a whole paragraph is no part of the article.
func asideParagraph(p, head string) bool {
	if len(p) < longestAside && asides.begin(head) {
		return true
	}
	if len(p) < 24 && slices.Contains(wholeAsides, strings.Trim(head, " .:…")) {
		return true
	}
	return false
}

// longestAside is the length of the longest paragraph that is taken for an aside by
// its beginning, in bytes.
const longestAside = 320

// noticeTail is how many bytes at the end of a text may hold notices.
const noticeTail = 700

// consent reports whether a paragraph asks for consent or a subscription.
func consent(p string) bool {
	if len(p) > 900 {
		return false
	}
	hits := consents.count(p)
	return hits >= 3 || hits == 2 && len(p) < 240 && strings.Contains(p, "ookie")
}

// notices are roots of words in which a publisher speaks of itself and to its
// readers.
var notices = rootsOf(
	"testata registrata", "testata giornalistica", "Tribunale di", "irettore responsabile", "P.IVA", "artita IVA", "contenuti disponibili in rete", "rimozioni", "egnalazion", "hatsApp", "elegram",
	"nostra app", "notifiche", "treaming", "digitale terrestre", "canale ", "Iscriviti", "iscriviti", "eguici", "abuse@", "redazione@", "abbonamenti@", "Scrivi a", "scrivi a", "scrivici", "riproduzione", "iritti riservati", "lettori", "sostienici", "bbonamento", "isdici", "bbonato",
)

// notice reports whether a paragraph is such a notice.
func notice(p string) bool {
	return len(p) <= 500 && notices.count(p) >= 2
}

// prefixes are beginnings of texts, by their first byte.
type prefixes [256][]string

func prefixesOf(texts ...string) *prefixes {
	var p prefixes
	for _, t := range texts {
		p[t[0]] = append(p[t[0]], t)
	}
	return &p
}

// begin reports whether a text begins with one of them.
func (p *prefixes) begin(s string) bool {
	return s != "" && slices.ContainsFunc(p[s[0]], func(t string) bool { return strings.HasPrefix(s, t) })
}

// withoutDateline takes the dateline from a first paragraph.
func withoutDateline(p string) string {
	if !mayHaveDateline(p) {
		return p
	}
	for _, re := range []*regexp.Regexp{dateline, headmark, placeline} {
		if m := re.FindStringIndex(p); m != nil {
			p = strings.TrimSpace(p[m[1]:])
		}
	}
	return p
}

// mayHaveDateline spares the regular expressions most paragraphs: a dateline
// ends in a parenthesis or a dash.
func mayHaveDateline(p string) bool {
	return strings.ContainsAny(p[:min(len(p), 90)], "(–—-")
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
	if !strings.ContainsAny(title[max(0, len(title)-6):], "()-–—") && !hasSuffix(strings.ToLower(title[max(0, len(title)-4):]), " rpt", " bis", " ter") {
		return title, false
	}
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
		if !strings.Contains(title, " - ") && !strings.Contains(title, " | ") && !strings.Contains(title, " – ") && !strings.Contains(title, " — ") {
			break
		}
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

func hasSuffix(s string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(t string) bool { return strings.HasSuffix(s, t) })
}

// roots are parts of words, of three bytes at least.
type roots struct {
	words  [256][]string // by their first byte
	second [256]uint64   // by their first byte, the bit of each second one, modulo 64
	third  [256]uint64   // by their second byte, the bit of each third one
}

func rootsOf(words ...string) *roots {
	var r roots
	for _, w := range words {
		r.words[w[0]] = append(r.words[w[0]], w)
		r.second[w[0]] |= 1 << (w[1] % 64)
		r.third[w[1]] |= 1 << (w[2] % 64)
	}
	return &r
}

// count returns how many different roots a paragraph holds, three at most.
func (r *roots) count(p string) int {
	var found [3]string
	n := 0
	for i := range max(0, len(p)-2) {
		if (r.second[p[i]]>>(p[i+1]%64))&(r.third[p[i+1]]>>(p[i+2]%64))&1 == 0 {
			continue
		}
		for _, root := range r.words[p[i]] {
			if !strings.HasPrefix(p[i:], root) || slices.Contains(found[:n], root) {
				continue
			}
			found[n] = root
			if n++; n == len(found) {
				return n
			}
		}
	}
	return n
}
