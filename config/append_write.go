package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"vedetta/news"
)

// pair is a key and its value, as YAML.
type pair struct{ key, value string }

// pairs are the keys of a source that a person would write for it.
func pairs(s news.Source, inFlow bool) []pair {
	out := []pair{{"name", scalar(s.Name, inFlow)}}
	add := func(key, value string) {
		if value != "" {
			out = append(out, pair{key, scalar(value, inFlow)})
		}
	}
	add("id", s.ID)
	add("url", s.URL)
	add("page", s.Page)
	add("sitemap", s.Sitemap)
	if s.List != (news.ListRule{}) {
		out = append(out, pair{"list", selectors(s.List)})
	}
	add("site", s.Site)
	add("kind", string(s.Kind))
	if len(s.Tags) > 0 {
		var tags []string
		for _, t := range s.Tags {
			tags = append(tags, scalar(t, true))
		}
		out = append(out, pair{"tags", "[" + strings.Join(tags, ", ") + "]"})
	}
	add("lang", s.Lang)
	return out
}

func selectors(l news.ListRule) string {
	var parts []string
	for _, p := range []pair{{"item", l.Item}, {"link", l.Link}, {"title", l.Title}, {"date", l.Date}, {"summary", l.Summary}} {
		if p.value != "" {
			parts = append(parts, p.key+": "+quoteYAML(p.value))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// blockLines are the lines of a source: a dash at the margin and its keys so
// far from the dash.
func blockLines(s news.Source, margin string, gap int) []string {
	var lines []string
	before := margin + "-" + strings.Repeat(" ", gap-1)
	for _, p := range pairs(s, false) {
		lines = append(lines, before+p.key+": "+p.value)
		before = margin + strings.Repeat(" ", gap)
	}
	return lines
}

// flowItem is a source in braces.
func flowItem(s news.Source) string {
	var parts []string
	for _, p := range pairs(s, true) {
		parts = append(parts, p.key+": "+p.value)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// otherwise are words that some reader of YAML takes for something other than
// a text.
var otherwise = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null|nan|inf|[-+.0-9][-+.,:_0-9a-fox]*)$`)

// scalar writes a text, without quotes where it needs none.
func scalar(s string, inFlow bool) string {
	if inFlow && strings.Contains(s, "://") || otherwise.MatchString(s) || slices.ContainsFunc([]rune(s), unprintable) || !plain(s) {
		return quoteYAML(s)
	}
	return s
}

// plain reports whether a text reads the same without quotes, in brackets too.
func plain(s string) bool {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte("[{k: "+s+", l: x}]"), &doc); err != nil || len(doc.Content) != 1 {
		return false
	}
	list := doc.Content[0]
	if len(list.Content) != 1 || len(list.Content[0].Content) != 4 {
		return false
	}
	v := list.Content[0].Content[1]
	return v.Kind == yaml.ScalarNode && v.Style == 0 && v.Anchor == "" && v.ShortTag() == "!!str" && v.Value == s
}

func unprintable(c rune) bool { return !unicode.IsPrint(c) }

// quoteYAML writes a text in double quotes (YAML 1.2 §7.3.1).
func quoteYAML(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case unprintable(c) && c <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04X`, c)
		case unprintable(c):
			fmt.Fprintf(&b, `\U%08X`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
