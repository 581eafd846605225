package news

import "time"

// Source is one place that publishes: a feed, or a page that lists articles.
// Exactly one of URL, Page and Sitemap is set.
type Source struct {
	ID      string      `json:"id" yaml:"id"`                     // stable slug; derived from Name when not given
	Name    string      `json:"name" yaml:"name"`                 // as people know the outlet
	URL     string      `json:"url,omitempty" yaml:"url"`         // RSS, Atom or JSON feed
	Page    string      `json:"page,omitempty" yaml:"page"`       // HTML page with a list of articles, read by List
	Sitemap string      `json:"sitemap,omitempty" yaml:"sitemap"` // Google News sitemap
	List    ListRule    `json:"list,omitzero" yaml:"list"`
	Site    string      `json:"site,omitempty" yaml:"site"` // home page for people; derived from the address when empty
	Tags    []string    `json:"tags,omitempty" yaml:"tags"`
	Kind    Kind        `json:"kind,omitempty" yaml:"kind"` // decides which copy of a story is shown
	Lang    string      `json:"lang,omitempty" yaml:"lang"` // BCP 47 tag, where the feed and its pages do not tell
	Extract ExtractRule `json:"extract,omitzero" yaml:"extract"`
}

// Kind says what sort of publisher a source is.
type Kind string

// The kinds, best origin of a story first.
const (
	Institution Kind = "institution" // ministry, armed force, NATO, embassy, company press office
	Agency      Kind = "agency"      // wire service
	Outlet      Kind = "outlet"      // newspaper, magazine, think tank; the default
	Aggregator  Kind = "aggregator"  // re-publishes others' texts
)

// ListRule finds articles on a page that has no feed. All are CSS selectors;
// Link, Title, Date and Summary are looked up inside each Item.
type ListRule struct {
	Item    string `json:"item,omitempty" yaml:"item"`
	Link    string `json:"link,omitempty" yaml:"link"`   // default: the first link
	Title   string `json:"title,omitempty" yaml:"title"` // default: the link's text
	Date    string `json:"date,omitempty" yaml:"date"`   // datetime attribute or text, Italian included
	Summary string `json:"summary,omitempty" yaml:"summary"`
}

// FullText says when an article's page is fetched for its body.
type FullText string

// The choices for ExtractRule.FullText. The zero value takes the default of
// the configuration.
const (
	FullTextAuto   FullText = "auto" // when the feed's own text is short or looks cut
	FullTextAlways FullText = "always"
	FullTextNever  FullText = "never"
)

// ExtractRule is what a source, or a rule for a site, says about its pages.
// All are CSS selectors; the zero value leaves everything to the extractor.
type ExtractRule struct {
	Body     string   `json:"body,omitempty" yaml:"body"`
	Title    string   `json:"title,omitempty" yaml:"title"`
	Author   string   `json:"author,omitempty" yaml:"author"`
	Date     string   `json:"date,omitempty" yaml:"date"`
	Remove   []string `json:"remove,omitempty" yaml:"remove"`
	FullText FullText `json:"full_text,omitempty" yaml:"full_text"`
}

// Poll is all that is remembered of a source between two visits. It is
// written in the transaction that writes the items it vouches for.
type Poll struct {
	// Validators of the last complete answer, byte for byte (RFC 9110 §8.8),
	// and the address that gave them.
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	Address      string `json:"address,omitempty"`

	Last      time.Time `json:"last,omitzero"`       // last attempt
	Success   time.Time `json:"success,omitzero"`    // last good answer, 304 included
	NotBefore time.Time `json:"not_before,omitzero"` // the site or a failure asks to wait until then

	Failures     int       `json:"failures,omitempty"` // in a row
	FailingSince time.Time `json:"failing_since,omitzero"`
	Err          string    `json:"err,omitempty"`    // of the last attempt
	Status       int       `json:"status,omitempty"` // HTTP status of the last attempt; 0 if none came

	Moved      string    `json:"moved,omitempty"` // permanent redirect seen, to be confirmed
	MovedSince time.Time `json:"moved_since,omitzero"`
	MovedCount int       `json:"moved_count,omitempty"`
	GoneCount  int       `json:"gone_count,omitempty"` // 410s in a row

	Newest time.Time     `json:"newest,omitzero"` // date of the newest item seen
	Gap    time.Duration `json:"gap,omitempty"`   // mean time between items

	// Totals since the source is known.
	Polls     int `json:"polls,omitempty"`
	Unchanged int `json:"unchanged,omitempty"` // answered 304
	Items     int `json:"items,omitempty"`     // new items
	OnTopic   int `json:"on_topic,omitempty"`  // articles on some topic
	Copies    int `json:"copies,omitempty"`    // articles that were copies
	Refused   int `json:"refused,omitempty"`   // pages that held no article
	Pages     int `json:"pages,omitempty"`     // pages fetched

	Lengths        []int    `json:"lengths,omitempty"`         // characters of the latest bodies, oldest first, for the alarm on a broken extraction
	RecentRefusals []string `json:"recent_refusals,omitempty"` // reasons, "" for a page that gave its article; latest 20, oldest first
}

// Failed reports whether the last attempt failed.
func (p Poll) Failed() bool { return p.Err != "" }
