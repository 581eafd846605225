package extractor

import (
	"html"
	"strings"
)

// Reasons why a page holds no article. Some are followed by a colon and
// detail.
const (
	noContent   = "no content"
	consentWall = "consent wall"
	paywallStub = "paywall stub"
	botWall     = "bot challenge"
	loginWall   = "login"
	errorPage   = "error page"
	listPage    = "list page"
	wrongPage   = "wrong article"
)

// sign is a phrase that gives away what a page is. Phrases are folded.
type sign struct {
	phrase string
	reason string
}

// botSigns are looked for in the title and the raw page of short pages.
var botSigns = []sign{
	{"just a moment", botWall + ": Cloudflare"},
	{"un momento", botWall + ": Cloudflare"},
	{"attention required cloudflare", botWall + ": Cloudflare"},
	{"checking your browser", botWall},
	{"verifica che tu sia umano", botWall},
	{"verify you are human", botWall},
	{"are you a robot", botWall},
	{"access denied", errorPage + ": access denied"},
	{"pardon our interruption", botWall + ": Imperva"},
	{"enable javascript and cookies to continue", botWall + ": Cloudflare"},
	{"please enable js and disable any ad blocker", botWall + ": DataDome"},
	{"ddos protection by", botWall},
	{"sei un robot", botWall},
	{"non sono un robot", botWall},
}

// rawSigns are looked for in the markup.
var rawSigns = []sign{
	{"captcha-delivery.com", botWall + ": DataDome"},
	{"/cdn-cgi/challenge-platform/", botWall + ": Cloudflare"},
	{"_cf_chl_opt", botWall + ": Cloudflare"},
	{"_Incapsula_Resource", botWall + ": Imperva"},
	{"px-captcha", botWall + ": PerimeterX"},
	{"awswaf.com", botWall + ": AWS"},
	{"ak_bmsc", botWall + ": Akamai"},
}

// errorSigns stand in titles and headings.
var errorSigns = []string{
	"404", "pagina non trovata", "page not found", "not found", "errore 404", "error 404", "contenuto non disponibile",
	"la pagina richiesta non esiste", "pagina inesistente", "500 internal server error", "503 service unavailable", "403 forbidden", "forbidden",
	"articolo non trovato", "seite nicht gefunden", "page introuvable", "oops", "errore del server", "sito in manutenzione", "site under maintenance",
}

// wallSigns stand in the text of walls.
var consentSigns = []string{
	"accetta e continua", "consenso ai cookie", "accetta i cookie", "rifiuta e abbonati", "continua senza accettare", "gestisci le preferenze",
	"cookie di profilazione", "fornitori selezionati", "revocare il consenso", "trattiamo dati personali", "abbonati e rifiuta",
	"accept all cookies", "we value your privacy", "la tua privacy", "noi e i nostri partner", "we and our partners", "utilizziamo i cookie", "informativa sui cookie",
}

var paySigns = []string{
	"riservato agli abbonati", "riservata agli abbonati", "abbonati per leggere", "abbonati per continuare", "sei già abbonato", "per continuare a leggere",
	"contenuto riservato", "subscribe to continue", "subscribe to read", "already a subscriber", "this content is for subscribers", "sottoscrivi un abbonamento",
	"continua a leggere con", "subscribers only", "solo per abbonati", "attiva l abbonamento", "leggi tutto l articolo", "questo articolo è riservato",
	"sblocca l accesso", "become a subscriber", "subscribe now to", "scegli il tuo abbonamento", "abbonarsi", "riservato ai sostenitori",
}

var loginSigns = []string{
	"accedi per leggere", "accedi per continuare", "effettua il login", "inserisci le tue credenziali", "registrati per leggere", "registrati per continuare", "registrati gratis",
	"log in to continue", "please log in", "sign in to continue", "register to read", "password dimenticata", "hai dimenticato la password", "forgot your password",
}

// How many letters an article has that is taken without question, and from
// how many on nothing on the page can make a wall of it.
const (
	minText  = 350
	longText = 1500
)

// A text of fewer letters than shortText has to be found with more confidence
// than doubtful.
const (
	shortText = 200
	doubtful  = 0.4
)

// noticeSigns stand in what remains of a page behind a wall, beside the signs
// of the walls.
var noticeSigns = []string{"sono riservati", "riproduzione riservata", "vietata la riproduzione", "tutti i diritti riservati", "all rights reserved"}

// withoutNotices is the text without the paragraphs that speak of
// subscriptions, consent and rights instead of the matter.
func withoutNotices(text string) string {
	var kept []string
	for p := range strings.SplitSeq(text, "\n\n") {
		f := fold(p)
		if len(p) < 700 && (containsAny(f, paySigns) || containsAny(f, consentSigns) || containsAny(f, loginSigns) || containsAny(f, noticeSigns)) {
			continue
		}
		kept = append(kept, p)
	}
	return strings.Join(kept, "\n\n")
}

// stubOf is what is worth keeping of a refused page's text: the beginning of
// an article, where there is one.
func stubOf(reason, text string) string {
	switch reason {
	case paywallStub, loginWall, noContent:
	default:
		return "" // another page's text
	}
	text = withoutNotices(text)
	if letters, _ := measure(text); letters < 60 {
		return ""
	}
	return text
}

// judge decides whether what was found is an article. all is the page's text
// outside the article, folded on demand.
func (l *layout) judge(raw []byte, m *meta, title, found, text, item string) string {
	letters, _ := measure(text)
	if letters < longText {
		letters, _ = measure(withoutNotices(text))
	}
	short := letters < minText
	if short {
		if r := botReason(raw, title, l); r != "" {
			return r
		}
	}
	if r := errorReason(title, l); r != "" && letters < 1200 {
		return r
	}
	page := ""
	if letters < longText {
		page = l.pageText()
	}
	switch {
	case short && containsAny(page, loginSigns) && !containsAny(page, paySigns):
		return loginWall
	case short && (letters < 60 || containsAny(fold(text), consentSigns)) && count(page, consentSigns) > count(page, paySigns):
		return consentWall
	case letters < 900 && (m.ld.paid || containsAny(page, paySigns)) && (short || m.ld.paid || endsCut(text)):
		return paywallStub
	}
	if item != "" && !sameArticle(item, title, found, m, text) {
		return wrongPage + ": " + cut(orElse(found, title), 80)
	}
	if l.isList(m, letters) {
		return listPage
	}
	if letters < 40 {
		return noContent
	}
	return ""
}

func botReason(raw []byte, title string, l *layout) string {
	ft := fold(title)
	for _, s := range botSigns {
		if strings.Contains(ft, s.phrase) {
			return s.reason
		}
	}
	s := string(raw[:min(len(raw), 64<<10)])
	for _, sg := range rawSigns {
		if strings.Contains(s, sg.phrase) && len(l.blocks) < 30 {
			return sg.reason
		}
	}
	if len(l.blocks) < 30 {
		text := l.pageText()
		for _, sg := range botSigns {
			if strings.Contains(text, sg.phrase) {
				return sg.reason
			}
		}
	}
	return ""
}

func errorReason(title string, l *layout) string {
	heads := []string{fold(l.head.title), fold(title)}
	for _, h := range l.head.h1 {
		heads = append(heads, fold(l.inlineText(h)))
	}
	for _, h := range heads {
		if len(h) > 60 {
			continue
		}
		for _, s := range errorSigns {
			if h == s || strings.HasPrefix(h, s+" ") || len(s) > 8 && strings.Contains(h, s) {
				return errorPage + ": " + s
			}
		}
	}
	return ""
}

// pageText is all the page's text, folded, up to a bound.
func (l *layout) pageText() string {
	var sb strings.Builder
	for i := range l.blocks {
		sb.WriteString(fold(l.text(i)))
		sb.WriteByte(' ')
		if sb.Len() > 40000 {
			break
		}
	}
	return sb.String()
}

func containsAny(s string, list []string) bool {
	for _, p := range list {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// count is how many of the phrases stand in s.
func count(s string, list []string) int {
	n := 0
	for _, p := range list {
		if strings.Contains(s, p) {
			n++
		}
	}
	return n
}

// endsCut reports whether a text stops in mid-sentence.
func endsCut(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasSuffix(s, "…") || strings.HasSuffix(s, "...") || strings.HasSuffix(s, "[…]") || s != "" && !strings.ContainsAny(s[len(s)-1:], ".!?\"'»”)")
}

// sameArticle compares the item's title with what the page calls itself. A
// title that was rewritten still shares words with title or text.
func sameArticle(item, title, found string, m *meta, text string) bool {
	if len(strings.Fields(item)) < 3 {
		return true
	}
	for _, t := range []string{found, title, m.first("og:title"), m.ld.headline} {
		if t != "" && contentOverlap(item, t) >= 0.34 {
			return true
		}
	}
	return contentOverlap(item, prefix(text, 3000)) >= 0.5
}

// contentOverlap is the share of a's longer words that b has, up to inflection.
func contentOverlap(a, b string) float64 {
	have := map[string]bool{}
	for w := range strings.FieldsSeq(fold(b)) {
		have[stub(w)] = true
	}
	n, hit := 0, 0
	for w := range strings.FieldsSeq(fold(a)) {
		if len(w) < 4 {
			continue
		}
		n++
		if have[stub(w)] {
			hit++
		}
	}
	if n == 0 {
		return 1
	}
	return float64(hit) / float64(n)
}

// stub cuts a word to the part that inflection leaves alone.
func stub(w string) string {
	r := []rune(w)
	return string(r[:min(len(r), 5)])
}

func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimSpace(string(r[:n])) + "…"
}

// A list page is one on which linked headings stand close together.
const (
	minHeads   = 6
	perHead    = 260 // most letters of text for each
	shortList  = 700
	maxListing = 4000
)

// isList reports whether the page is a home page or a list of articles.
func (l *layout) isList(m *meta, letters int32) bool {
	if letters > maxListing || strings.HasSuffix(m.ld.kind, "Article") || m.ld.kind == "BlogPosting" || m.first("og:type") == "article" {
		return false
	}
	heads, kept := 0, 0
	for i := range l.blocks {
		b := &l.blocks[i]
		if b.heading == 0 || 2*b.links <= b.chars || b.chars <= 12 || b.why&(isNav|isComments) != 0 {
			continue
		}
		heads++
		if !b.drop {
			kept++
		}
	}
	switch {
	case kept >= minHeads && letters < int32(kept)*perHead:
		return true
	case m.ld.list:
		return heads >= minHeads && letters < shortList
	}
	return heads >= 2*minHeads && letters < shortList
}

// paragraphs is plain text as HTML.
func paragraphs(text string) string {
	if text == "" {
		return ""
	}
	return "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n\n", "</p><p>") + "</p>"
}
