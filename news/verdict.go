package news

// Verdict says whether an article is on a topic, and why.
type Verdict struct {
	Topic    string     `json:"topic"`
	On       bool       `json:"on"`
	Near     bool       `json:"near,omitempty"`   // off, but not by much: served among the near misses
	Score    float64    `json:"score"`            // 0..1, held against the topic's threshold
	Facets   []string   `json:"facets"`           // ids of the relations that hold, in the topic's order
	Evidence []Evidence `json:"evidence"`         // for, strongest first
	Against  []Against  `json:"against"`          // against, strongest first
	Reason   string     `json:"reason,omitempty"` // one line, where no sentence tells: another language, too short, …
}

// Evidence is a term of an actor or a theme in a sentence that ties it to
// another. The bytes Start to End of the place named by Where are exactly
// Term.
type Evidence struct {
	Relation string  `json:"relation,omitempty"` // Relation.ID it speaks for
	Actor    string  `json:"actor"`              // actor's or theme's id
	Person   string  `json:"person,omitempty"`   // full name and office, where Term is a person
	Term     string  `json:"term"`               // as it stands in the text
	Sentence string  `json:"sentence"`           // as it stands in the text
	Where    Place   `json:"where"`
	Start    int     `json:"start"` // byte offset of Term in the title, summary or text
	End      int     `json:"end"`
	Weight   float64 `json:"weight"`
}

// Against is what speaks against the topic. Term and Sentence are empty where
// it is a property of the whole article.
type Against struct {
	Theme    string  `json:"theme"`            // id of the theme against, or of a built-in reason
	Detail   string  `json:"detail,omitempty"` // what a built-in reason found, for people
	Term     string  `json:"term,omitempty"`
	Sentence string  `json:"sentence,omitempty"`
	Where    Place   `json:"where,omitempty"`
	Start    int     `json:"start,omitempty"`
	End      int     `json:"end,omitempty"`
	Weight   float64 `json:"weight"`
}

// Place is the part of an article in which a term stands.
type Place string

// The places.
const (
	InTitle   Place = "title"
	InSummary Place = "summary" // only where the article has no text of its own
	InText    Place = "text"
)
