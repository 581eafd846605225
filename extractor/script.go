package extractor

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"vedetta/news"
)

// rescue replaces a body that is not in the markup by the one that scripts
// carry: JSON-LD's articleBody, or the data of a page that is drawn by script.
func (l *layout) rescue(e *news.Extract, m *meta, base *url.URL) {
	have, _ := measure(e.Text)
	if body := m.ld.body; body != "" {
		text, html := fromBody(body, base)
		n, _ := measure(text)
		same := contentOverlap(prefix(text, 2000), e.Text)
		if n > 200 && (have < 200 || 5*n > 7*have || same < otherText) {
			e.Text, e.HTML, e.Method, e.Confidence = text, html, byLinked, 0.8
			return
		}
		if have > 0 && same > 0.9 {
			e.Confidence = min(1, e.Confidence+0.15)
		}
	}
	if have >= 250 {
		return
	}
	best := ""
	size := 0
	for _, s := range l.head.data {
		if size += len(s); size > maxData {
			break
		}
		if b := longestBody(s); len(b) > len(best) {
			best = b
		}
	}
	if best == "" {
		return
	}
	text, html := fromBody(best, base)
	if n, _ := measure(text); n > 300 && n > 2*have {
		e.Text, e.HTML, e.Method, e.Confidence = text, html, byScript, 0.6
	}
}

// otherText is the share of articleBody's words below which what the markup
// gave is another text.
const otherText = 0.35

// maxData bounds the script data that is read, in bytes.
const maxData = 4 << 20

// fromBody turns a body string, HTML or plain, into text and sanitised HTML.
func fromBody(body string, base *url.URL) (text, html string) {
	if !strings.Contains(body, "</") && !strings.Contains(body, "<br") && !strings.Contains(body, "<p>") {
		var sb strings.Builder
		for line := range strings.Lines(body) {
			if line = clean(line); line != "" {
				sb.WriteString("<p>" + escape(line) + "</p>")
			}
		}
		body = sb.String()
	}
	l := lay(parse([]byte(body)))
	defer l.release()
	return l.whole(base)
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// bodyKeys are the names under which page data keep an article's text.
var bodyKeys = set("articlebody\nbody\ncontent\nbodyhtml\nhtml\ntext\nfulltext\ncontenthtml\nbodytext\ncontenuto\ntesto\ncorpo\nparagraphs\nblocks\nvalue\nrendered\ndescription")

// longestBody returns the longest text under a body key in script data.
func longestBody(s string) string {
	start := strings.IndexAny(s, "{[")
	if start < 0 {
		return ""
	}
	var v any
	if json.NewDecoder(strings.NewReader(s[start:])).Decode(&v) != nil {
		return ""
	}
	best := ""
	var walk func(v any, key string, depth int)
	walk = func(v any, key string, depth int) {
		if depth > 40 {
			return
		}
		switch v := v.(type) {
		case string:
			if bodyKeys[lettersOf(key)] && len(v) > len(best) && strings.Count(v, " ") > 30 {
				best = v
			}
		case []any:
			joined := joinTexts(v)
			if bodyKeys[lettersOf(key)] && len(joined) > len(best) {
				best = joined
			}
			for _, e := range v {
				walk(e, key, depth+1)
			}
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				walk(v[k], k, depth+1)
			}
		}
	}
	walk(v, "", 0)
	return best
}

// lettersOf writes a key without case, hyphens and underscores.
func lettersOf(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' {
			return -1
		}
		return unicode.ToLower(r)
	}, key)
}

// joinTexts joins the texts of an array of paragraphs.
func joinTexts(v []any) string {
	var sb strings.Builder
	for _, e := range v {
		s := ""
		switch e := e.(type) {
		case string:
			s = e
		case map[string]any:
			for _, k := range []string{"text", "html", "content", "body", "value", "paragraph"} {
				if t, ok := e[k].(string); ok && t != "" {
					s = t
					break
				}
			}
		}
		if strings.Count(s, " ") >= 2 {
			if !strings.HasPrefix(s, "<") {
				s = "<p>" + s + "</p>"
			}
			sb.WriteString(s)
		}
	}
	return sb.String()
}

// isFeedTail tells the lines that publishing systems append to a feed's text.
func isFeedTail(text string, b *block) bool {
	if b.chars > 240 {
		return false
	}
	f := fold(text)
	return strings.HasPrefix(f, "l articolo ") && (strings.Contains(f, " proviene da ") || strings.Contains(f, " sembra essere il primo su ")) ||
		strings.HasPrefix(f, "the post ") && strings.Contains(f, " appeared first on ") || f == "read more" || f == "leggi tutto" || f == "continua a leggere"
}
