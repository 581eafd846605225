package news

import (
	"strings"
	"time"
)

// Namespace names our extension to feeds: the XML namespace in Atom and RSS,
// and the value of ns in JSON Feed, by which another daemon knows that a feed
// is one of ours.
const Namespace = "urn:uuid:36659d47-eaea-4e58-b19a-a464d735c4a0"

// Relay is what another daemon, whose feed is one of our sources, says of an
// article that it passed on. An article without it was read at its outlet's.
type Relay struct {
	Kind  Kind   `json:"kind,omitempty"` // of the outlet
	Story string `json:"story"`          // Story.ID that the article is in there
	// Member says by which copy it came to be in that story; Article and
	// Published are left out.
	Of          string  `json:"of,omitempty"`
	Resemblance float64 `json:"resemblance,omitempty"`
	Containment float64 `json:"containment,omitempty"`
	Sentences   int     `json:"sentences,omitempty"`
	Why         string  `json:"why,omitempty"`
}

// Relayed is an article as another daemon passes it on. The item around it has
// what feeds have of any.
type Relayed struct {
	Relay
	Outlet   string    `json:"outlet"` // Source.ID of the outlet there
	Name     string    `json:"name"`   // of the outlet
	Text     string    `json:"text"`   // paragraphs separated by a blank line
	Caption  string    `json:"caption,omitempty"`
	Seen     time.Time `json:"seen,omitzero"`      // when it came there
	Pruned   bool      `json:"pruned,omitempty"`   // the text is kept there no more
	Verdicts []Verdict `json:"verdicts,omitempty"` // reached there, where there is no text to judge
}

// KeyedPrefix begins the Article.URL of an article without an address of its
// own; the Item.Key follows.
const KeyedPrefix = "urn:vedetta:item:"

// relayMark stands between the source that a relayed article came by and its
// outlet. No Source.ID has it.
const relayMark = "/"

// RelayedSource is the Article.Source of an article of an outlet that came by
// a source. An outlet that was relayed to that source too keeps its own name.
func RelayedSource(source, outlet string) string {
	return source + relayMark + OutletOf(outlet)
}

// Upstream is the Source.ID by which a relayed article came, given its
// Article.Source; "" for one that was read at its outlet's.
func Upstream(source string) string {
	up, _, relayed := strings.Cut(source, relayMark)
	if !relayed {
		return ""
	}
	return up
}

// OutletOf is the outlet of an Article.Source, whichever way it came by.
func OutletOf(source string) string {
	return source[strings.LastIndex(source, relayMark)+1:]
}
