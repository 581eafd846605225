package dossier

import (
	"fmt"
	"io"
	"strings"

	"vedetta/news"
)

// WriteBibTeX writes the dossier for biblatex and biber, in UTF-8: an @article
// an entry, or an @online for what an institution published.
func WriteBibTeX(w io.Writer, d Dossier) error {
	var b strings.Builder
	keys, l := d.keys(), d.labels()
	for i, e := range d.Entries {
		kind, outlet := "article", "journaltitle"
		if e.Kind == news.Institution {
			kind, outlet = "online", "organization"
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "@%s{%s", kind, keys[i])
		field := func(name, value string) {
			if value != "" {
				fmt.Fprintf(&b, ",\n  %-12s = {%s}", name, value)
			}
		}
		authors := texNames(e.Authors)
		if authors == "" { // biblatex wants one: what nobody signed is the outlet's
			authors = "{" + tex(e.Outlet) + "}"
		}
		field("author", authors)
		field("title", "{"+tex(e.Title)+"}") // braced twice: no style may change its capitals
		field(outlet, "{"+tex(e.Outlet)+"}")
		field("date", e.Published.Format("2006-01-02"))
		field("url", texURL(e.Link))
		field("urldate", d.Accessed.In(e.Published.Location()).Format("2006-01-02"))
		field("langid", languages[e.Lang])
		if kind == "article" {
			field("entrysubtype", "newspaper")
		}
		field("abstract", tex(e.Summary))
		field("keywords", tex(strings.ReplaceAll(strings.Join(e.Facets, "\x00"), ",", "")))
		if others := d.carried(e); len(others) > 0 {
			field("annotation", tex(l.copies+": "+strings.Join(others, "; ")))
		}
		b.WriteString("\n}\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write BibTeX: %w", err)
	}
	return nil
}

// languages are babel's names.
var languages = map[string]string{"it": "italian", "en": "english", "ja": "japanese", "fr": "french", "de": "german", "es": "spanish"}

// texNames joins authors as BibTeX wants them. One who is named as a whole is
// braced, so that no word of it is taken for a given name, or "and" for the
// next author.
func texNames(authors []string) string {
	var out []string
	for _, a := range authors {
		if n := parseName(a); n.Literal != "" {
			out = append(out, "{"+tex(n.Literal)+"}")
		} else {
			out = append(out, texName(n.Family)+", "+texName(n.Given))
		}
	}
	return strings.Join(out, " and ")
}

// texName keeps a part of a name whole where it has several words.
func texName(s string) string {
	if strings.Contains(s, " ") {
		return "{" + tex(s) + "}"
	}
	return tex(s)
}

// tex writes a text so that TeX prints it and runs nothing. Braces are written
// by name, because BibTeX counts escaped ones too. A NUL parts keywords.
func tex(s string) string { return texEscaper.Replace(s) }

var texEscaper = strings.NewReplacer(
	`\`, `\textbackslash{}`, `{`, `\textbraceleft{}`, `}`, `\textbraceright{}`,
	`$`, `\$`, `&`, `\&`, `#`, `\#`, `_`, `\_`, `%`, `\%`,
	`~`, `\textasciitilde{}`, `^`, `\textasciicircum{}`, `"`, `\textquotedbl{}`,
	"\n", " ", "\r", " ", "\x00", ", ",
)

// texURL leaves an address as it is, as biber takes it verbatim, but for what
// would end the field.
func texURL(s string) string { return urlEscaper.Replace(s) }

var urlEscaper = strings.NewReplacer(`{`, `%7B`, `}`, `%7D`, `\`, `%5C`)
