package dossier

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"vedetta/news"
)

// cslItem is an item of CSL-JSON (csl-data.json of the Citation Style
// Language, 1.0.2).
type cslItem struct {
	ID        string  `json:"id"`
	Type      string  `json:"type"`
	Title     string  `json:"title"`
	Author    []name  `json:"author,omitempty"`
	Container string  `json:"container-title,omitempty"`
	Issued    cslDate `json:"issued"`
	Accessed  cslDate `json:"accessed"`
	URL       string  `json:"URL,omitempty"`
	Language  string  `json:"language,omitempty"`
	Abstract  string  `json:"abstract,omitempty"`
	Keyword   string  `json:"keyword,omitempty"`
	Note      string  `json:"note,omitempty"`
	Source    string  `json:"source,omitempty"`
}

type cslDate struct {
	Parts [][3]int `json:"date-parts"`
}

func dateParts(t time.Time) cslDate {
	y, m, d := t.Date()
	return cslDate{[][3]int{{y, int(m), d}}}
}

// WriteCSL writes the dossier as a CSL-JSON array, as Zotero, pandoc and
// citeproc read it.
func WriteCSL(w io.Writer, d Dossier) error {
	items := make([]cslItem, 0, len(d.Entries))
	keys, l := d.keys(), d.labels()
	for i, e := range d.Entries {
		it := cslItem{
			ID: keys[i], Type: "article-newspaper", Title: e.Title, Container: e.Outlet,
			Issued: dateParts(e.Published), Accessed: dateParts(d.Accessed.In(e.Published.Location())), URL: e.Link, Language: e.Lang,
			Abstract: e.Summary, Keyword: strings.Join(e.Facets, ", "), Source: d.Site,
		}
		if e.Kind == news.Institution {
			it.Type = "webpage"
		}
		for _, a := range e.Authors {
			it.Author = append(it.Author, parseName(a))
		}
		if others := d.carried(e); len(others) > 0 {
			it.Note = l.copies + ": " + strings.Join(others, "; ")
		}
		items = append(items, it)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(items); err != nil {
		return fmt.Errorf("write CSL-JSON: %w", err)
	}
	return nil
}
