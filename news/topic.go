package news

// Topic is a rule for what a feed carries, as data; package topic makes it
// work. See docs/feeds.md for the language and its examples.
type Topic struct {
	ID        string           `json:"id" yaml:"id"`
	Title     string           `json:"title" yaml:"title"`
	Disabled  bool             `json:"disabled,omitempty" yaml:"disabled"`
	Languages []string         `json:"languages,omitempty" yaml:"languages"` // judged; others are off. Empty: all
	Actors    map[string]Actor `json:"actors" yaml:"actors"`
	Themes    map[string]Theme `json:"themes,omitempty" yaml:"themes"`
	Against   map[string]Theme `json:"against,omitempty" yaml:"against"`
	Relations []Relation       `json:"relations" yaml:"relations"`
	Threshold float64          `json:"threshold,omitempty" yaml:"threshold"` // 0..1; 0 means 0.5
}

// Actor is a party to a relation: a state, an alliance, a programme.
type Actor struct {
	Label string   `json:"label,omitempty" yaml:"label"`
	Terms []string `json:"terms,omitempty" yaml:"terms"`
}

// Theme is a field of matters, for or against.
type Theme struct {
	Label string   `json:"label,omitempty" yaml:"label"`
	Terms []string `json:"terms" yaml:"terms"`
}

// Relation is a facet of the topic: actors tied together, on a theme.
type Relation struct {
	ID      string   `json:"id" yaml:"id"`
	Label   string   `json:"label,omitempty" yaml:"label"`
	Between []string `json:"between" yaml:"between"`
	Theme   []string `json:"theme,omitempty" yaml:"theme"`
}
