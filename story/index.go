// Package story recognises which articles are the same text and which tell of
// the same event.
//
// A story is one text with its copies, cuts, extensions and rewritings; a
// thread is the stories on one event. Both are functions of the set of
// articles: whether two articles are copies, or tell of one event, depends on
// these two alone, and stories and threads are made from these relations in an
// order of publication, not of arrival. So any order of arrival, any batches
// and any restart in between give the same stories. Only the identities depend
// on who came first, since an identity once given must stay; those of an
// archive's first hour depend on who came out first.
//
// It stores nothing and reads no clock. The caller decides, commits, and then
// lets the index remember: Place changes nothing, Apply follows the commit.
package story

import (
	"time"

	"vedetta/news"
	"vedetta/weblink"
)

// Options are the choices of an index. The zero value is good.
type Options struct {
	Rules news.StoryRules               // corrections by hand
	Kind  func(source string) news.Kind // decides which copy is shown; nil takes every source for an outlet
}

// Index holds the fingerprints of recent articles and the stories and threads
// that they form. It is not safe for concurrent use.
type Index struct {
	opts     Options
	apart    map[[2]string]bool  // canonical addresses, both ways
	together map[string][]string // canonical address to those joined with it by hand
	reader   *reader
	scratch  scratch

	nodes      []*node          // by number; nil where forgotten or replaced
	byID       map[string]*node // by Article.ID
	byURL      map[string]*node // by canonical address, articles named in the rules only
	postings   postings
	seq        uint64    // arrivals so far
	begun      time.Time // when the first arrived, of those known at the start or since
	hits       tally
	dictionary dictionary
	opened     fingerprint // of the text opened last
	found      found       // of the article at hand
	rest       []kindred   // of the article at hand
	unknown    []term      // of its heavy terms, how they look
	spare      standings
	ties       tieRoom
	room       batchRoom       // for the next batch
	blocks     *blocks         // of the batch at hand
	round      uint32          // runs through stories so far
	placing    *pending        // the batch begun last
	surface    map[term]string // how the terms look that were evidence
}

// node is an article in the index.
type node struct {
	num       uint32
	seq       uint64 // order of arrival
	id        string
	source    string
	url       string // canonical address, kept only when the rules name it
	published instant
	changed   instant // when its publisher or we last saw it change
	brief
	packed  string       // the text, for open
	print   *fingerprint // the same while the article is placed
	storied bool         // the article is known from its story only
	origin  string
	relay   *news.Relay // what another daemon says of it; nil when none brought it
	copies  []copyLink
	events  []eventLink
	story   *cluster
	next    *cluster // the story that it is put into by the run at hand
	added   *links   // by the batch at hand
}

// copyLink says that two articles are copies.
type copyLink struct {
	to          *node
	resemblance float32
	containment float32 // of the shorter in the longer
	sentences   uint16  // that have a counterpart
	larger      bool    // to is the longer text, and mostly something else
	smaller     bool    // to is the shorter text, and only a part
	firm        bool    // it holds by itself; see blocks
	why         string
}

// eventLink says that two articles tell of one event. Most links are of this
// kind: the other is named by its number, which takes half of the room, and which
// the garbage collector need not follow.
type eventLink struct {
	to    uint32
	score float32
}

// strand is a thread as last decided.
type strand struct {
	value   news.Thread
	stories []*cluster
}

// NewIndex returns an empty index.
func NewIndex(opts Options) *Index {
	x := &Index{
		opts:       opts,
		apart:      make(map[[2]string]bool),
		together:   make(map[string][]string),
		reader:     newReader(),
		byID:       make(map[string]*node),
		byURL:      make(map[string]*node),
		postings:   newPostings(),
		dictionary: newDictionary(),
		surface:    make(map[term]string),
		found:      newFound(),
		blocks:     newBlocks(),
	}
	for _, group := range opts.Rules.Apart {
		x.eachPair(group, func(a, b string) { x.apart[[2]string{a, b}] = true })
	}
	for _, group := range opts.Rules.Together {
		x.eachPair(group, func(a, b string) { x.together[a] = append(x.together[a], b) })
	}
	return x
}

func (x *Index) eachPair(group []string, do func(a, b string)) {
	for i, a := range group {
		for j, b := range group {
			if a, b := weblink.Canonical(a), weblink.Canonical(b); i != j && a != b {
				do(a, b)
			}
		}
	}
}

// named reports whether the rules name an address.
func (x *Index) named(url string) bool {
	if len(x.together[url]) > 0 {
		return true
	}
	for pair := range x.apart {
		if pair[0] == url {
			return true
		}
	}
	return false
}

// Len returns the number of articles in the index.
func (x *Index) Len() int { return len(x.byID) }

// newNode takes an article's fingerprint.
func (x *Index) newNode(a news.Article) *node {
	n := &node{id: a.ID, source: a.Source, published: instantOf(basis(a)), print: x.reader.fingerprint(a), relay: a.Relay}
	n.print.prints = uint16(len(n.print.filing.prints))
	n.print.serial = x.scratch.newSerial()
	n.print.pairs = uint16(x.scratch.enterPairs(n.print.terms))
	x.scratch.paired = n.print.serial // it is to be compared with others now
	n.print.sign()
	n.brief = n.print.brief
	n.changed = instantOf(a.Updated)
	if k := len(a.Versions); k > 0 && instantOf(a.Versions[k-1].Until) > n.changed {
		n.changed = instantOf(a.Versions[k-1].Until)
	}
	n.origin, _ = Origin(a)
	if len(x.together)+len(x.apart) > 0 {
		if u := weblink.Canonical(a.URL); x.named(u) {
			n.url = u
		}
	}
	return n
}

// kindOf is the kind of an article's source.
func (x *Index) kindOf(n *node) news.Kind {
	switch {
	case n.relay != nil:
		return n.relay.Kind
	case x.opts.Kind == nil:
		return news.Outlet
	}
	return x.opts.Kind(n.source)
}
