package news

import "time"

// Search is a question to the archive. It selects stories for which all
// clauses hold and that were first published in its time.
type Search struct {
	Clauses []Clause
	After   time.Time // inclusive; zero for no bound
	Before  time.Time // exclusive; zero for no bound
	Newest  bool      // newest first; else those that match best
	Offset  int       // stories to pass over
	Limit   int       // at most this many
}

// Clause is words that a story has to contain or, where Field is set, what has
// to be known of it.
type Clause struct {
	Text   string      // as typed; several words have to stand side by side
	Prefix bool        // the last word may go on
	Field  SearchField // instead of Text
	Values []string    // of the field, one of which has to hold
	Not    bool        // must not hold
}

// SearchField is something known of a story.
type SearchField string

// The fields.
const (
	SearchSource   SearchField = "source"   // Source.ID of one of its articles
	SearchTopic    SearchField = "topic"    // Topic.ID that one of them is on
	SearchRelation SearchField = "relation" // Topic.ID, a slash, Relation.ID
)

// Found is what a search found.
type Found struct {
	Stories []string // Story.ID of those asked for, in order
	Total   int      // of all that match
	Missing []int    // clauses, by their place, that match nothing in the whole archive
	Share   float64  // of the archive that can be searched already; 1 for all
}

// StoryChange is the stories that one write to the archive concerned: placed,
// judged or pruned, merged away or taken out.
type StoryChange struct {
	Revision uint64   // after the write
	Stories  []string // Story.ID, in their order
}
