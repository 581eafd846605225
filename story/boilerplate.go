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

// mayOpenAside spares most paragraphs a closer look at how they begin.
func mayOpenAside(p string) bool {
	if len(p) < 2 || p[0] >= utf8.RuneSelf || p[1] >= utf8.RuneSelf || !asciiLetterOrDigit(p[0]) {
		return true
	}
	return asideHeads[p[0]|0x20]>>(p[1]&63)&1 != 0
}

func asciiLetterOrDigit(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
}

// asideHeads has, by the first letter of what opens asides and lists, a bit for
// each second one in either case, modulo 64.
var asideHeads = func() (heads [256]uint64) {
	add := func(words []string) {
		for _, w := range words {
			for _, second := range []byte{w[1], w[1] &^ 0x20} {
				heads[w[0]] |= 1 << (second & 63)
			}
		}
	}
	for i := range 256 {
		add(asides[i])
		add(listHeads[i])
	}
	add(wholeAsides)
	return heads
}()

// consents are roots of words of which a consent or subscription notice holds
// several.
var consents = []string{"ookie", "onsenso", "rofilazione", "terze parti", "racciamento", "rivacy", "nformativa", "ccetta", "bbonat", "referenze", "ubblicit", "evocabil", "ersonalizza"}

// body returns an article's own text: no dateline, signature, consent notice,
// credits, related links, biography.
func body(text string) string {
	if provenances.in(text) {
		text = provenance.ReplaceAllString(text, "")
	}
	var out strings.Builder
	kept := 0
	skipping := false // within a list of other articles
	for left := len(text); left >= 0; {
		p := text[len(text)-left:]
		if i := strings.IndexByte(p, '\n'); i >= 0 {
			p = p[:i]
		}
		left -= len(p) + 1
		p = strings.TrimSpace(p)
		if p == "" {
			continue
		}
		head := ""
		if len(p) < longestAside && mayOpenAside(p) {
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
		if asideParagraph(p, head) || (kept < 2 || left < noticeTail) && noticed(p) {
			continue
		}
		if kept == 0 {
			p = withoutDateline(p)
		}
		if p = withoutTail(p); p == "" {
			continue
		}
		if kept++; kept == 1 {
			out.Grow(len(p) + 1 + max(left, 0))
		} else {
			out.WriteByte('\n')
		}
		out.WriteString(p)
	}
	return out.String()
}

// provenanceWords are what every provenance holds one of.
var (
	provenanceWords = []string{"proviene da ", "essere il primo su "}
	provenances     = rootsOf(provenanceWords)
)

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

// notices are roots of words in which a publisher speaks of itself and to its
// readers.
var notices = []string{
	"testata registrata", "testata giornalistica", "Tribunale di", "irettore responsabile", "P.IVA", "artita IVA", "contenuti disponibili in rete", "rimozioni", "egnalazion", "hatsApp", "elegram",
	"nostra app", "notifiche", "treaming", "digitale terrestre", "canale ", "Iscriviti", "iscriviti", "eguici", "abuse@", "redazione@", "abbonamenti@", "Scrivi a", "scrivi a", "scrivici", "riproduzione", "iritti riservati", "lettori", "sostienici", "bbonamento", "isdici", "bbonato",
}

// wordings are the roots of notices, and those of consents.
var wordings = rootsOf(notices, consents)

// noticed reports whether a paragraph is a notice, or asks for consent or a
// subscription.
func noticed(p string) bool {
	if len(p) > longestConsent {
		return false
	}
	hits := wordings.count(p)
	return len(p) <= longestNotice && hits[0] >= 2 ||
		hits[1] >= 3 || hits[1] == 2 && len(p) < 240 && strings.Contains(p, "ookie")
}

// The longest paragraphs that are taken for notices, and for consents.
const longestNotice, longestConsent = 500, 900

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
	if !strings.Contains(p[max(0, len(p)-40):], "(") {
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

// roots are parts of words, of shortestRoot bytes at least, in two groups. Only
// each third place of a text is looked at: one of the first three groups of three
// bytes of each root stands there.
type roots struct {
	at     [1 << rootBits]uint16 // by three bytes: a place in places, 0 for none
	places [][]rootPlace
}

// rootPlace is a root of a group, some bytes of which stand before a place.
type rootPlace struct {
	root   string
	group  int
	before int
}

const (
	shortestRoot = 5
	rootBits     = 12
)

func rootsOf(groups ...[]string) *roots {
	r := roots{places: make([][]rootPlace, 1)}
	for group, words := range groups {
		for _, w := range words {
			for before := range 3 {
				at := &r.at[threeBytes(w, before)]
				if *at == 0 {
					*at = uint16(len(r.places))
					r.places = append(r.places, nil)
				}
				r.places[*at] = append(r.places[*at], rootPlace{w, group, before})
			}
		}
	}
	return &r
}

// threeBytes is a hash of s[i:i+3].
func threeBytes(s string, i int) uint32 {
	s = s[i : i+3]
	return (uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16) * 0x9e3779b1 >> (32 - rootBits)
}

// in reports whether a text holds a root.
func (r *roots) in(p string) bool { return r.count(p) != [2]int{} }

// count returns how many different roots of either group a text holds, three at
// most.
func (r *roots) count(p string) (n [2]int) {
	var found [2][3]string
	for i := 0; i+3 <= len(p); i += 3 {
		at := r.at[threeBytes(p, i)]
		if at == 0 {
			continue
		}
		for _, c := range r.places[at] {
			of := found[c.group][:n[c.group]]
			if c.before <= i && len(of) < len(found[0]) && strings.HasPrefix(p[i-c.before:], c.root) && !slices.Contains(of, c.root) {
				found[c.group][len(of)] = c.root
				n[c.group]++
			}
		}
	}
	return n
}
