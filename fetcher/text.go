package fetcher

import (
	"regexp"
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

// languageTag makes a BCP 47 tag of what feeds write ("it_IT", "IT-it").
func languageTag(s string) string {
	tag, err := language.Parse(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"))
	if err != nil || tag == language.Und {
		return ""
	}
	return tag.String()
}

// cutOff matches the ends of texts that go on elsewhere.
var cutOff = regexp.MustCompile(`(?i)(?:\[(?:…|&hellip;|&#8230;|\.\.\.)\]|…|&hellip;|&#8230;|\.\.\.|(?:continua a leggere|leggi tutto|leggi di più|continua|read more|continue reading)[^<]{0,80})(?:\s|</?[a-z][^>]*>|»|&raquo;|→|&rarr;)*$`)

// isPartial reports whether a feed's text says that it is not the whole.
func isPartial(content string) bool {
	if content == "" {
		return false
	}
	tail := content[max(0, len(content)-400):]
	if i := strings.LastIndex(tail, "<p>The post <a"); i >= 0 { // WordPress appends where it came from
		tail = tail[:i]
	}
	return cutOff.MatchString(strings.TrimSpace(tail))
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
