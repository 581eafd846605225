// Package dossier writes the stories of a topic in a period for people who
// cite: as a Markdown document, as CSL-JSON and as BibTeX.
//
// It chooses nothing, reads no store and knows no clock: what is in a dossier
// comes in as a value whose texts are single lines of plain text. Each format
// escapes them by its own rules.
package dossier

import (
	"strings"
	"time"

	"vedetta/news"
)

// Dossier is stories ready to be cited, oldest first.
type Dossier struct {
	Title    string    // what it is about
	Period   string    // for people, in Lang: "dal 1º al 31 marzo 2026"; empty for all times
	Site     string    // title of the newsroom that made it
	Lang     string    // of our own words: it or en
	Accessed time.Time // when it was made: the access date of every citation
	Calendar Calendar
	Entries  []Entry
}

// Calendar tells times to people, in the dossier's language and in the zone of
// the press.
type Calendar struct {
	Day    func(time.Time) string // 21 novembre 2026
	Minute func(time.Time) string // 21 novembre 2026, 14:05
	Month  func(time.Time) string // novembre 2026
}

// Entry is a story as the article shown of it tells it. Times are in the zone
// of the press.
type Entry struct {
	Story     news.Story
	Kind      news.Kind // of the source; empty for an outlet
	Title     string
	Outlet    string
	Authors   []string
	Published time.Time
	Link      string // absolute address with nothing to escape in it; empty when there is none to follow
	Lang      string // BCP 47
	Summary   string // the publisher's, else how the text begins
	Origin    string // agency credited
	Facets    []string
	Reasons   [][]Piece // sentences of the text that put it on the topic
	Copies    []Copy    // of other outlets, or of other addresses of the same
}

// Piece is a run of a sentence; a marked one is a term that counted.
type Piece struct {
	Text string
	Mark bool
}

// Copy is another article of the story.
type Copy struct {
	Outlet    string
	Link      string // as in Entry
	Published time.Time
}

// Key is what a story is cited by: its founder's source and day, and the
// beginning of its id. The founder never changes, so neither does the key, also
// when another copy is shown or the title is corrected. It holds only ASCII
// letters, digits and hyphens.
func (e Entry) Key() string {
	founder := news.Member{Published: e.Published}
	for i, m := range e.Story.Members {
		if i == 0 || m.Article == e.Story.ID {
			founder = m
		}
	}
	day := founder.Published.In(e.Published.Location()).Format("20060102")
	return ascii(news.OutletOf(founder.Source), "fonte") + "-" + day + "-" + ascii(e.Story.ID[:min(len(e.Story.ID), 8)], "0")
}

// ascii keeps of an id what any program takes in a citation key.
func ascii(s, empty string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
			return r
		}
		return '-'
	}, s)
	if s = strings.Trim(s, "-"); s == "" {
		return empty
	}
	return s
}

// keys are the keys of the entries, in their order. Two that would be the same
// take the whole id.
func (d Dossier) keys() []string {
	count := map[string]int{}
	for _, e := range d.Entries {
		count[e.Key()]++
	}
	keys := make([]string, len(d.Entries))
	for i, e := range d.Entries {
		if keys[i] = e.Key(); count[keys[i]] > 1 {
			keys[i] += "-" + ascii(e.Story.ID, "0")
		}
	}
	return keys
}

// labels are our own words in a dossier.
type labels struct {
	why, copies, by, origin, read, cite, period, made, accessed, contents, none string
	stories                                                                     [2]string // one, more
}

func (d Dossier) labels() labels {
	if d.Lang == "en" {
		return labels{
			why: "Why it is here", copies: "Also carried by", by: "by", origin: "Origin", read: "Read the article", cite: "Cite as", period: "Period",
			made: "Made by", accessed: "accessed on", contents: "Contents", none: "No stories in this period.", stories: [2]string{"story", "stories"},
		}
	}
	return labels{
		why: "Perché è qui", copies: "Ripreso da", by: "di", origin: "Origine", read: "Leggi l’articolo", cite: "Chiave", period: "Periodo",
		made: "A cura di", accessed: "consultato il", contents: "Indice", none: "Nessuna notizia in questo periodo.", stories: [2]string{"notizia", "notizie"},
	}
}

// carried lists the other outlets that have the story, each once, with the
// day.
func (d Dossier) carried(e Entry) []string {
	var out []string
	seen := map[string]bool{e.Outlet: true}
	for _, c := range e.Copies {
		if c.Outlet == "" || seen[c.Outlet] {
			continue
		}
		seen[c.Outlet] = true
		at := c.Outlet
		if !c.Published.IsZero() {
			at += " (" + d.Calendar.Day(c.Published) + ")"
		}
		out = append(out, at)
	}
	return out
}
