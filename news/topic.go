package news

import (
	"fmt"
	"time"
)

// Topic is a rule for what a feed carries, as data; package topic makes it
// work. docs/topics.md describes the language with examples.
type Topic struct {
	ID        string             `json:"id" yaml:"id"`
	Title     string             `json:"title" yaml:"title"`
	Disabled  bool               `json:"disabled,omitempty" yaml:"disabled"`
	Languages []string           `json:"languages,omitempty" yaml:"languages"` // judged; others are off. The first is that of the plain terms. Empty: it
	Actors    map[string]Actor   `json:"actors" yaml:"actors"`
	Others    map[string]Wording `json:"others,omitempty" yaml:"others"`   // third parties: who else an actor may be dealing with
	Themes    map[string]Theme   `json:"themes,omitempty" yaml:"themes"`   // fields of matters that a relation may ask for
	Against   map[string]Theme   `json:"against,omitempty" yaml:"against"` // fields of matters that weigh against
	Bonds     Wording            `json:"bonds,omitzero" yaml:"bonds"`      // what two parties do with each other: meet, sign, train
	Relations []Relation         `json:"relations" yaml:"relations"`
	Threshold float64            `json:"threshold,omitempty" yaml:"threshold"` // 0..1; 0 means 0.5
	Near      float64            `json:"near,omitempty" yaml:"near"`           // verdicts from here to Threshold are near misses; 0 means half of Threshold
}

// Wording is lists of terms.
//
// A term is one word or several. Lower-case words match in any case and
// inflection; a word with a capital demands a capital and stands as it is; a
// word that ends in * matches whatever begins so; a term that begins with =
// is not inflected; (della|alla) means either, (|di) may lack.
type Wording struct {
	Terms []string           `json:"terms,omitempty" yaml:"terms"`
	Weak  []string           `json:"weak,omitempty" yaml:"weak"` // say little alone
	Not   []string           `json:"not,omitempty" yaml:"not"`   // phrases in which a term means something else
	In    map[string]Wording `json:"in,omitempty" yaml:"in"`     // the same in another language, by BCP 47 tag
}

// Actor is a party to a relation: a state, an alliance, a programme.
type Actor struct {
	Label     string             `json:"label,omitempty" yaml:"label"`
	Theme     string             `json:"theme,omitempty" yaml:"theme"` // theme that its mere name brings with it: an alliance is about defence
	Terms     []string           `json:"terms,omitempty" yaml:"terms"`
	Weak      []string           `json:"weak,omitempty" yaml:"weak"`
	Own       []string           `json:"own,omitempty" yaml:"own"`             // institutions that are this actor's unless another party's name follows ("ministro della Difesa")
	Unclear   []string           `json:"unclear,omitempty" yaml:"unclear"`     // names that are also common words ("Nato", "Draghi"): count where the capital tells
	Yardstick []string           `json:"yardstick,omitempty" yaml:"yardstick"` // words that make it a mere measure in their sentence ("il 2 per cento della Nato")
	Not       []string           `json:"not,omitempty" yaml:"not"`
	People    []Person           `json:"people,omitempty" yaml:"people"`
	In        map[string]Wording `json:"in,omitempty" yaml:"in"`
}

// Person is somebody who stands for an actor. The full name always counts;
// the surname alone counts while in office, or when the full name stands in
// the same article.
type Person struct {
	Name    string `json:"name" yaml:"name"`                 // as written in full: "Shigeru Ishiba"
	Surname string `json:"surname,omitempty" yaml:"surname"` // default: the last word of Name
	Office  string `json:"office,omitempty" yaml:"office"`   // shown as the reason: "ministro della Difesa"
	Theme   string `json:"theme,omitempty" yaml:"theme"`     // theme that the office brings with it
	From    Date   `json:"from,omitzero" yaml:"from"`        // first day in office
	Until   Date   `json:"until,omitzero" yaml:"until"`      // last day in office; a month or a year counts to its end
	Unclear bool   `json:"unclear,omitempty" yaml:"unclear"` // the surname is also a common word
}

// Theme is a field of matters, for or against.
type Theme struct {
	Label string             `json:"label,omitempty" yaml:"label"`
	Terms []string           `json:"terms" yaml:"terms"`
	Weak  []string           `json:"weak,omitempty" yaml:"weak"`
	Not   []string           `json:"not,omitempty" yaml:"not"`
	Soft  bool               `json:"soft,omitempty" yaml:"soft"` // goes with any matter ("accordo", "ambasciatore"), so it does not outweigh a theme against
	In    map[string]Wording `json:"in,omitempty" yaml:"in"`
}

// Relation is a facet of the topic: two actors tied together, on a theme.
type Relation struct {
	ID      string             `json:"id" yaml:"id"`
	Label   string             `json:"label,omitempty" yaml:"label"`
	Between []string           `json:"between" yaml:"between"`         // two actors
	Theme   []string           `json:"theme,omitempty" yaml:"theme"`   // any of these; empty: whatever the matter
	Ties    []string           `json:"ties,omitempty" yaml:"ties"`     // phrases that name both at once ("italo-giapponese")
	With    []string           `json:"with,omitempty" yaml:"with"`     // third parties that belong to it, so that a list of them is no list
	Needs   []string           `json:"needs,omitempty" yaml:"needs"`   // themes without which it does not hold
	Also    []string           `json:"also,omitempty" yaml:"also"`     // relations that hold where this one does
	Within  []string           `json:"within,omitempty" yaml:"within"` // holds too where one of these does and the first of Between is a real part of the text
	In      map[string]Wording `json:"in,omitempty" yaml:"in"`         // Ties in another language, under terms
}

// Date is a day, or a month or a year as a whole: "2025-10-21", "2025-10",
// "2025".
type Date struct {
	First time.Time // first instant, UTC
	After time.Time // first instant that is past it, UTC
}

// IsZero reports whether no date is given.
func (d Date) IsZero() bool { return d.First.IsZero() }

// String returns the date as it was written.
func (d Date) String() string {
	switch days := d.After.Sub(d.First).Hours() / 24; {
	case d.IsZero():
		return ""
	case days <= 1:
		return d.First.Format(time.DateOnly)
	case days <= 31:
		return d.First.Format("2006-01")
	}
	return d.First.Format("2006")
}

// MarshalText writes the date as UnmarshalText reads it.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a day, a month or a year.
func (d *Date) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "" {
		*d = Date{}
		return nil
	}
	for _, form := range []struct {
		layout              string
		years, months, days int
	}{{time.DateOnly, 0, 0, 1}, {"2006-01", 0, 1, 0}, {"2006", 1, 0, 0}} {
		if t, err := time.Parse(form.layout, s); err == nil {
			*d = Date{t, t.AddDate(form.years, form.months, form.days)}
			return nil
		}
	}
	return fmt.Errorf("read date %q: want 2025-10-21, 2025-10 or 2025", s)
}
