package news

import "time"

// Story is one text with its copies and rewrites on other outlets: one entry
// of the feed.
type Story struct {
	ID      string    `json:"id"`               // Article.ID of the article that founded it; stands from the archive's second hour on
	Members []Member  `json:"members"`          // by time of publication
	Shown   string    `json:"shown"`            // Article.ID of the copy to show
	Origin  string    `json:"origin,omitempty"` // agency credited in the text, as named ("Italpress")
	Thread  string    `json:"thread"`           // Thread.ID; the story's own ID when alone
	First   time.Time `json:"first"`            // publication of the earliest member
	Updated time.Time `json:"updated"`          // when the shown text last changed so that readers should know; a late copy does not move it
}

// Member is an article's place in a story, and why it is there.
type Member struct {
	Article     string    `json:"article"` // Article.ID
	Source      string    `json:"source"`
	Published   time.Time `json:"published"`
	Of          string    `json:"of,omitempty"`          // Article.ID it was found to copy; empty for the founder
	Resemblance float64   `json:"resemblance,omitempty"` // Jaccard of the two texts' shingles (Broder 1997)
	Containment float64   `json:"containment,omitempty"` // share of the smaller text found in the larger
	Sentences   int       `json:"sentences,omitempty"`   // sentences of the shorter text that have a counterpart in the longer
	Why         string    `json:"why,omitempty"`         // rule that joined it: same text, contained, edited, rewritten, editor
}

// Thread is the stories on one event. A story without company is its own
// thread and is not stored as one.
type Thread struct {
	ID      string    `json:"id"`      // Story.ID of the founding story
	Stories []string  `json:"stories"` // by time
	Links   []Link    `json:"links"`   // why each joined
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
}

// Link is the reason why two stories are in one thread.
type Link struct {
	A      string   `json:"a"` // Story.ID
	B      string   `json:"b"`
	Score  float64  `json:"score"`
	Shared []string `json:"shared"` // people, places, numbers, rare words in both, strongest first
}

// StoryRules is what the configuration says about stories: hand-made
// corrections, by addresses of articles, and whose copy is shown.
type StoryRules struct {
	Apart    [][]string `json:"apart,omitempty" yaml:"apart"`       // never in one story or thread
	Together [][]string `json:"together,omitempty" yaml:"together"` // always in one story
	Prefer   []Kind     `json:"prefer,omitempty" yaml:"prefer"`     // whose copy is shown, first choice first; kinds not named follow in their own order
}

// Visit is everything that one poll wants written. It is committed whole or
// not at all.
type Visit struct {
	Source    string
	Poll      Poll
	Sightings []Sighting
	Articles  []Article
	Backlog   []Item // the items of the source that are still to be read; nil leaves what is stored
	Placement
}

// Placement is what placing articles in stories changes. Stories and threads
// are whole values that replace what is stored under their id.
type Placement struct {
	Stories []Story
	Threads []Thread
	// Merged maps the id of a story or thread that is no more to the one it
	// went into; an empty target means that a thread of one dissolved.
	MergedStories map[string]string
	MergedThreads map[string]string
	// StoryOf maps each placed article, and each that has come to another story,
	// to its story.
	StoryOf map[string]string
}

// Query selects stories for a feed or a page, newest first.
type Query struct {
	Topic  string    // required
	Facet  string    // relation id; empty for all
	Near   bool      // the near misses instead
	Before time.Time // exclusive; zero for no bound
	After  time.Time // inclusive; zero for no bound
	Limit  int       // at most this many; 0 means 100
}
