package news

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Item is an article as a feed announced it. Addresses are absolute; Summary
// and Content are the feed's HTML, not sanitised.
type Item struct {
	Source     string // Source.ID
	GUID       string // as given; empty when the feed has none
	URL        string // link to the article's page
	Title      string // plain text
	Summary    string // HTML
	Content    string // HTML, the whole text where the feed carries it
	Authors    []string
	Categories []string
	Published  time.Time // zero when the feed does not say
	Updated    time.Time
	Lang       string // BCP 47, as the feed declares
	Image      string
	Partial    bool // the feed says that Content is not the whole text

	Relayed *Relayed `json:",omitempty"` // what another daemon says of it; nil from any other feed

	// Known marks an item that stood in the answer before as it does now, to the
	// byte. But for Source and Published nothing else of it is filled in.
	Known bool `json:"-"`
}

// Key identifies the item among all items of all sources, over any number of
// visits: the GUID where there is one, else the address, the title, the
// text.
func (it Item) Key() string {
	return digest(it.Source, cmp.Or(it.GUID, it.URL, it.Title, it.Summary, it.Content))
}

// Digest changes when the feed changed what it says of the item: the title,
// the summary or the content; of a relayed one also when its place in its
// story did.
func (it Item) Digest() string {
	if r := it.Relayed; r != nil {
		return digest(it.Title, it.Summary, r.Text, it.URL, r.Story, r.Of)
	}
	return digest(it.Title, it.Summary, it.Content, it.URL)
}

// digest is the first 128 bits of the parts' SHA-256, in hexadecimal.
func digest(parts ...string) string {
	size := len(parts)
	for _, p := range parts {
		size += len(p)
	}
	var room [256]byte // for most, without an allocation
	if size > len(room) {
		return longDigest(parts)
	}
	text := room[:0]
	for i, p := range parts {
		if i > 0 {
			text = append(text, 0)
		}
		text = append(text, p...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// longDigest is digest for parts that are long, bit by bit.
func longDigest(parts []string) string {
	h, room := sha256.New(), make([]byte, 0, 512)
	for i, p := range parts {
		if i > 0 {
			h.Write([]byte{0}) // hash.Hash never returns an error
		}
		for len(p) > 0 {
			n := copy(room[:cap(room)], p)
			h.Write(room[:n])
			p = p[n:]
		}
	}
	return hex.EncodeToString(h.Sum(room[:0])[:16])
}

// Sighting remembers an item for ever, also after its article is gone: it is
// the tombstone that keeps old items from coming back as new.
type Sighting struct {
	Key     string    // Item.Key
	Digest  string    // Item.Digest when last read
	Article string    // Article.ID
	First   time.Time // first seen
}

// Page is an answer to a request for an article's page.
type Page struct {
	URL         string // after redirects
	ContentType string // header, as received
	Body        []byte // decompressed, not decoded
}

// Extract is what the extractor reads from a page. Text and HTML are empty
// when Refused is set and nothing worth keeping was found.
type Extract struct {
	URL        string    // canonical address as the page states it; empty when it does not
	Title      string    // without the site's name
	Authors    []string  // people, else the newsroom
	Published  time.Time // zero when the page does not say
	Updated    time.Time
	Lang       string  // BCP 47; declared, else detected
	Site       string  // the site's name
	Image      string  // lead image, absolute
	Caption    string  // of Image
	Summary    string  // standfirst or description, plain text
	Text       string  // paragraphs separated by a blank line; list items begin with "- "
	HTML       string  // sanitised
	Method     string  // which way won: rule, site, json-ld, dom, feed, …
	Confidence float64 // 0..1
	Refused    string  // why the page holds no article; empty when it does
}

// Article is an item with its body and what was decided about it.
// It is a value: a stage returns a new one, nobody edits another's.
type Article struct {
	ID        string    `json:"id"`             // ArticleID of URL
	Source    string    `json:"source"`         // Source.ID that brought it first, or RelayedSource
	URL       string    `json:"url"`            // canonical address: identity
	Link      string    `json:"link,omitempty"` // address to open, where it differs from URL
	GUID      string    `json:"guid,omitempty"`
	Title     string    `json:"title"`
	Authors   []string  `json:"authors,omitempty"`
	Published time.Time `json:"published"`        // the page's or the feed's date, never in the future; else Seen
	Updated   time.Time `json:"updated,omitzero"` // as the publisher says
	Seen      time.Time `json:"seen"`             // first fetched
	Lang      string    `json:"lang,omitempty"`
	Site      string    `json:"site,omitempty"`
	Image     string    `json:"image,omitempty"`
	Caption   string    `json:"caption,omitempty"`
	Summary   string    `json:"summary,omitempty"` // plain text
	Text      string    `json:"text"`
	HTML      string    `json:"html,omitempty"`
	Tags      []string  `json:"tags,omitempty"` // the publisher's categories

	Method     string  `json:"method,omitempty"` // how the body was found; "feed" for the feed's own text
	Confidence float64 `json:"confidence,omitempty"`
	Refused    string  `json:"refused,omitempty"` // why the page did not serve, where the feed's text stands in

	Relay    *Relay    `json:"relay,omitempty"`    // what another daemon says of it; nil when read at its outlet's
	Verdicts []Verdict `json:"verdicts,omitempty"` // one a topic
	Story    string    `json:"story,omitempty"`    // Story.ID
	Versions []Version `json:"versions,omitempty"` // earlier texts, oldest first
	Pruned   bool      `json:"pruned,omitempty"`   // the store has dropped Text, HTML and Versions, as the configuration's keep.text asks
}

// Version is a text that the publisher has since changed.
type Version struct {
	Until time.Time `json:"until"` // when the change was seen
	Title string    `json:"title"`
	Text  string    `json:"text"`
}

// ArticleID names the article at a canonical address: 96 bits of its SHA-256,
// in hexadecimal. It depends on nothing else, so it survives a lost database.
func ArticleID(canonical string) string {
	return digest(canonical)[:24]
}

// On reports whether the article is on the topic, or on any topic when id is
// empty.
func (a Article) On(id string) bool {
	for _, v := range a.Verdicts {
		if v.On && (id == "" || v.Topic == id) {
			return true
		}
	}
	return false
}

// Verdict returns the article's verdict on a topic.
func (a Article) Verdict(topic string) (Verdict, bool) {
	for _, v := range a.Verdicts {
		if v.Topic == topic {
			return v, true
		}
	}
	return Verdict{}, false
}
