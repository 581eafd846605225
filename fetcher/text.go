package fetcher

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/text/language"
)

// plainText reads a text that may hold markup and references, once more than
// the format asks for: many sites escape twice.
func plainText(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return strings.Join(strings.Fields(s), " ")
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			b.Write(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); string(name) == "br" || string(name) == "p" {
				b.WriteByte(' ')
			}
		}
	}
}

const maxShort = 4 << 10 // bytes of a title, a name, a category

// shortText is plainText of what is a line by its nature.
func shortText(s string) string {
	if len(s) > maxShort {
		s = strings.ToValidUTF8(s[:maxShort], "")
	}
	return plainText(s)
}

// languageTag makes a BCP 47 tag of what feeds write ("it_IT", "IT-it").
func languageTag(s string) string {
	tag, err := language.Parse(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"))
	if err != nil || tag == language.Und {
		return ""
	}
	return tag.String()
}

const (
	tailSize   = 600 // bytes of a content's end in which it may say that it goes on
	phraseTail = 120 // bytes of text at most after "continua a leggere"
)

// isPartial reports whether a feed's text says that it is not the whole.
func isPartial(content string) bool {
	if content == "" {
		return false
	}
	tail := content[max(0, len(content)-tailSize):]
	if !hints(tail) {
		return false
	}
	if i := strings.LastIndex(tail, "<p>The post <a"); i >= 0 { // WordPress appends where it came from
		tail = tail[:i]
	}
	if i := strings.IndexByte(tail, '>'); len(content) > tailSize && i >= 0 && !strings.Contains(tail[:i], "<") {
		tail = tail[i+1:] // the rest of a tag
	}
	text := strings.ToLower(strings.TrimRight(plainText(tail), " »→>)]"))
	if strings.HasSuffix(text, "…") || strings.HasSuffix(text, "...") {
		return true
	}
	for _, phrase := range [...]string{"continua a leggere", "leggi tutto", "leggi di più", "leggi l'articolo completo", "read more", "continue reading"} {
		if i := strings.LastIndex(text, phrase); i >= 0 && len(text)-i <= phraseTail {
			return true
		}
	}
	return false
}

// hints is a quick look for what isPartial reads with care.
func hints(tail string) bool {
	for _, sign := range [...]string{"…", "...", "ontinu", "eggi ", "ead more", "ONTINU", "EGGI ", "EAD MORE"} {
		if strings.Contains(tail, sign) {
			return true
		}
	}
	return strings.IndexByte(tail, '&') >= 0 &&
		(strings.Contains(tail, "hellip") || strings.Contains(tail, "#8230") || strings.Contains(tail, "#x2026"))
}

// paragraphs makes HTML of a plain text.
func paragraphs(text string) string {
	var b strings.Builder
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			b.WriteString("<p>" + html.EscapeString(p) + "</p>\n")
		}
	}
	return strings.TrimSpace(b.String())
}
