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
	Request RequestRule `json:"request,omitzero" yaml:"request"`
}

// Address returns the address that is polled: that of the feed, the page or
// the sitemap.
func (s Source) Address() string {
	switch {
	case s.URL != "":
		return s.URL
	case s.Page != "":
		return s.Page
	default:
		return s.Sitemap
	}
}

// RequestRule says how a source's site wants to be asked. The zero value is
// right for nearly all.
type RequestRule struct {
	Headers map[string]string `json:"headers,omitempty" yaml:"headers"` // added to requests to the source's own host, e.g. a key that the site gave
	// HeaderFiles are headers whose value, a secret, is in a file.
	HeaderFiles map[string]string `json:"header_files,omitempty" yaml:"header_files"`
	Proxy       string            `json:"proxy,omitempty" yaml:"proxy"` // address of an HTTP, HTTPS or SOCKS5 proxy
	CA          string            `json:"ca,omitempty" yaml:"ca"`       // PEM file with certificates to trust besides the system's
	HTTP1       bool              `json:"http1,omitempty" yaml:"http1"` // never HTTP/2
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

// Kinds returns all kinds, best origin of a story first.
func Kinds() []Kind { return []Kind{Institution, Agency, Outlet, Aggregator} }

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

	Configured string `json:"configured,omitempty"` // what all this is about: Source.Address, and for a page its ListRule; another starts anew
	Found      string `json:"found,omitempty"`      // feed that the HTML page at that address advertises
	Body       string `json:"body,omitempty"`       // digest of the last complete body
	Bytes      int64  `json:"bytes,omitempty"`      // length of that body
	Cut        string `json:"cut,omitempty"`        // digest of the last body, if it broke off

	Last      time.Time `json:"last,omitzero"`       // last attempt
	Success   time.Time `json:"success,omitzero"`    // last good answer, 304 included
	NotBefore time.Time `json:"not_before,omitzero"` // the site or a failure asks to wait until then

	Failures     int       `json:"failures,omitempty"` // in a row
	FailingSince time.Time `json:"failing_since,omitzero"`
	// The latest run of failures that ended: when, and how long it had lasted.
	Recovered time.Time     `json:"recovered,omitzero"`
	Outage    time.Duration `json:"outage,omitempty"`

	Err    string `json:"err,omitempty"`    // of the last attempt
	Fault  Fault  `json:"fault,omitempty"`  // kind of Err
	Status int    `json:"status,omitempty"` // HTTP status of the last attempt; 0 if none came

	Moved      string    `json:"moved,omitempty"` // permanent redirect seen, to be confirmed
	MovedSince time.Time `json:"moved_since,omitzero"`
	MovedCount int       `json:"moved_count,omitempty"`
	GoneCount  int       `json:"gone_count,omitempty"` // 410s in a row

	Newest time.Time     `json:"newest,omitzero"` // date of the newest item seen
	Gap    time.Duration `json:"gap,omitempty"`   // mean time between items

	// What the feed says of itself, kept because a 304 does not repeat it.
	Rhythm    time.Duration  `json:"rhythm,omitempty"`     // least time between two visits (ttl, sy:updatePeriod)
	SkipHours []int          `json:"skip_hours,omitempty"` // UTC hours without visits
	SkipDays  []time.Weekday `json:"skip_days,omitempty"`  // UTC days without visits
	Hub       string         `json:"hub,omitempty"`        // WebSub hub
	Self      string         `json:"self,omitempty"`       // the feed's own address, as it states it
	BadGUIDs  bool           `json:"bad_guids,omitempty"`  // its GUIDs do not tell items apart: addresses serve instead
	Pushed    time.Time      `json:"pushed,omitzero"`      // latest delivery by the hub

	Left int `json:"left,omitempty"` // items still to be read, which the store keeps

	CatchUp CatchUp `json:"catch_up,omitzero"` // of a feed by another daemon of ours

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

// CatchUp is how far the older pages of a feed have been read.
type CatchUp struct {
	Next   string    `json:"next,omitempty"`  // page to go on with; empty when all is read
	Until  time.Time `json:"until,omitzero"`  // what is older than that is known
	Page   time.Time `json:"page,omitzero"`   // since when the last page that was read is complete
	Looked time.Time `json:"looked,omitzero"` // when the older pages were last looked at for what came late
}

// Delivery is what the hub of a source's feed sent, unasked: the feed, or the
// part of it that is new. It is authentic.
type Delivery struct {
	Source      string // Source.ID
	ContentType string
	Body        []byte
}

// A permanent redirect is believed when it was met so often over so long.
const (
	movedTimes = 3
	movedAfter = 48 * time.Hour
)

// HasMoved reports whether the source has moved to Moved for good: one
// misrouted redirect is not enough.
func (p Poll) HasMoved() bool {
	return p.Moved != "" && p.MovedCount >= movedTimes && p.Last.Sub(p.MovedSince) >= movedAfter
}

// Failed reports whether the last attempt failed.
func (p Poll) Failed() bool { return p.Err != "" }

// Silent reports whether the source answers, but has had nothing new for much
// longer than its own rhythm lets expect: ten mean gaps, at least a week.
func (p Poll) Silent(now time.Time) bool {
	return !p.Failed() && !p.Newest.IsZero() && p.Gap > 0 &&
		now.Sub(p.Newest) > max(10*p.Gap, 7*24*time.Hour)
}

// WithValidators returns p with the validators of last instead of its own: for
// a visit that did not take all the items that p's validators vouch for, which
// would else be lost behind a 304.
func (p Poll) WithValidators(last Poll) Poll {
	p.ETag, p.LastModified, p.Address, p.Body, p.Bytes = last.ETag, last.LastModified, last.Address, last.Body, last.Bytes
	p.CatchUp = last.CatchUp
	return p
}

// Fault is the kind of a source's failure.
type Fault string

// The kinds of failure.
const (
	FaultDNS     Fault = "dns"      // the name does not resolve
	FaultConnect Fault = "connect"  // no connection
	FaultTLS     Fault = "tls"      // certificate or handshake
	FaultTimeout Fault = "timeout"  // no whole answer in time
	FaultClient  Fault = "http-4xx" // refused or not there
	FaultServer  Fault = "http-5xx" // the server's own failure
	FaultLimited Fault = "limited"  // 429, or 503 with Retry-After: asked to wait
	FaultBlocked Fault = "blocked"  // a bot wall stands before the site
	FaultGone    Fault = "gone"     // 410
	FaultFormat  Fault = "format"   // an answer that is not a feed, or too large
	FaultRobots  Fault = "robots"   // robots.txt forbids it
	FaultAddress Fault = "address"  // an address that must not be asked
	FaultOffline Fault = "offline"  // our own connection is down: nobody's failure
)
