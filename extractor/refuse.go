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

// sign is a phrase that gives away what a page is.
type sign struct{ phrase, reason string }

var (
	botSigns     = signs("bot", fold)
	markupSigns  = signs("bot markup", strings.TrimSpace)
	errorSigns   = foldedList("error")
	consentSigns = foldedList("consent")
	paySigns     = foldedList("pay")
	loginSigns   = foldedList("login")
	noticeSigns  = foldedList("notice")
)

// signs reads the phrases of a section with the maker of the challenge.
func signs(section string, write func(string) string) []sign {
	var out []sign
	for _, line := range phraseLists[section] {
		phrase, maker, ok := strings.Cut(line, " | ")
		s := sign{write(phrase), botWall}
		if ok {
			s.reason += ": " + maker
		}
		out = append(out, s)
	}
	return out
}

func foldedList(section string) []string {
	var out []string
	for _, p := range phraseLists[section] {
		out = append(out, fold(p))
	}
	return out
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
	for _, sg := range markupSigns {
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
		if !foldTo(&sb, l.text(i)) {
			sb.WriteByte(' ')
		}
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
