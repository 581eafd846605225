package dossier

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// WriteMarkdown writes the dossier as a document (CommonMark): what and when,
// the months, and each story with its evidence, who else has it, and how to
// cite it.
func WriteMarkdown(w io.Writer, d Dossier) error {
	var b strings.Builder
	l := d.labels()
	fmt.Fprintf(&b, "# %s\n\n", markdown(d.Title))
	if d.Period != "" {
		fmt.Fprintf(&b, "%s: %s  \n", l.period, markdown(d.Period))
	}
	fmt.Fprintf(&b, "%s: %s, %s  \n", l.made, markdown(d.Site), markdown(d.Calendar.Day(d.Accessed)))
	fmt.Fprintf(&b, "%s\n", count(len(d.Entries), l.stories))
	if len(d.Entries) == 0 {
		fmt.Fprintf(&b, "\n%s\n", l.none)
	}
	months := d.months()
	if len(months) > 1 {
		fmt.Fprintf(&b, "\n## %s\n\n", l.contents)
		for _, m := range months {
			fmt.Fprintf(&b, "- [%s](#%s) (%s)\n", m.name, strings.ReplaceAll(m.name, " ", "-"), count(len(m.entries), l.stories))
		}
	}
	keys := d.keys()
	for _, m := range months {
		fmt.Fprintf(&b, "\n## %s\n", m.name)
		for _, i := range m.entries {
			d.writeEntry(&b, d.Entries[i], keys[i], l)
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write Markdown: %w", err)
	}
	return nil
}

func count(n int, of [2]string) string {
	if n == 1 {
		return "1 " + of[0]
	}
	return strconv.Itoa(n) + " " + of[1]
}

// month is a chapter: the places of its entries.
type month struct {
	name    string
	entries []int
}

func (d Dossier) months() []month {
	var out []month
	for i, e := range d.Entries {
		name := d.Calendar.Month(e.Story.First) // by which they are in order
		if n := len(out); n == 0 || out[n-1].name != name {
			out = append(out, month{name: name})
		}
		m := &out[len(out)-1]
		m.entries = append(m.entries, i)
	}
	return out
}

func (d Dossier) writeEntry(b *strings.Builder, e Entry, key string, l labels) {
	fmt.Fprintf(b, "\n### %s\n\n", markdown(e.Title))
	parts := []string{"**" + markdown(e.Outlet) + "**"}
	if len(e.Authors) > 0 {
		parts = append(parts, l.by+" "+markdown(strings.Join(e.Authors, ", ")))
	}
	parts = append(parts, d.Calendar.Minute(e.Published))
	for _, f := range e.Facets {
		parts = append(parts, "*"+markdown(f)+"*")
	}
	if e.Origin != "" {
		parts = append(parts, l.origin+": "+markdown(e.Origin))
	}
	fmt.Fprintf(b, "%s\n", strings.Join(parts, " · "))
	if e.Summary != "" {
		fmt.Fprintf(b, "\n%s\n", paragraph(e.Summary))
	}
	if len(e.Reasons) > 0 {
		fmt.Fprintf(b, "\n%s:\n\n", l.why)
		for _, r := range e.Reasons {
			b.WriteString("- «")
			for _, p := range r {
				if p.Mark {
					b.WriteString(strong(p.Text))
				} else {
					b.WriteString(markdown(p.Text))
				}
			}
			b.WriteString("»\n")
		}
	}
	if len(e.Copies) > 0 {
		fmt.Fprintf(b, "\n%s:\n\n", l.copies)
		for _, c := range e.Copies {
			fmt.Fprintf(b, "- %s, %s\n", hyperlink(c.Outlet, c.Link), d.Calendar.Minute(c.Published))
		}
	}
	b.WriteByte('\n')
	if e.Link != "" {
		fmt.Fprintf(b, "<%s>, %s %s  \n", angled(e.Link), l.accessed, d.Calendar.Day(d.Accessed))
	}
	fmt.Fprintf(b, "%s: `%s`\n", l.cite, key)
}

func hyperlink(text, address string) string {
	if address == "" {
		return markdown(text)
	}
	return "[" + markdown(text) + "](<" + angled(address) + ">)"
}

// angled is an address fit to stand between angle brackets.
func angled(address string) string {
	return strings.NewReplacer("<", "%3C", ">", "%3E", " ", "%20", "\n", "").Replace(address)
}

// strong marks a text; spaces at its ends would keep the marks from working.
func strong(s string) string {
	body := strings.TrimSpace(s)
	if body == "" {
		return s
	}
	before, after, _ := strings.Cut(s, body)
	return before + "**" + markdown(body) + "**" + after
}

// markdown escapes a text within a line: what CommonMark, and pandoc beyond
// it, would take for markup.
func markdown(s string) string { return markdownEscaper.Replace(s) }

var markdownEscaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`,
	`&`, `\&`, `~`, `\~`, `^`, `\^`, `$`, `\$`, `|`, `\|`, `@`, `\@`, `{`, `\{`, `}`, `\}`,
	"\n", " ", "\r", " ",
)

// paragraph escapes a text that begins a line, where more is markup: lists,
// headings, rules.
func paragraph(s string) string {
	s = markdown(s)
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	switch {
	case s == "":
		return s
	case strings.ContainsRune("#+-=:!%", rune(s[0])):
		return `\` + s
	case digits > 0 && digits < len(s) && (s[digits] == '.' || s[digits] == ')'):
		return s[:digits] + `\` + s[digits:]
	}
	return s
}
