package publish

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"vedetta/news"
)

// Stories is what publish reads of stories. All answers are copies that the
// caller may keep. A story, thread or article that is not there is reported
// with an error that wraps fs.ErrNotExist.
type Stories interface {
	// Timeline returns the stories of a topic, newest first by Story.First.
	Timeline(news.Query) ([]news.Story, error)
	// Story follows merges: the answer's ID may differ from the one asked for.
	Story(id string) (news.Story, error)
	Thread(id string) (news.Thread, error)
	// Articles answers in the order asked and leaves out what is missing.
	Articles(ids ...string) ([]news.Article, error)
}

// Reader is what publish needs of the store.
type Reader interface {
	Stories
	// Polls returns what is known of each source, by Source.ID.
	Polls() (map[string]news.Poll, error)
	// Revision grows with every commit.
	Revision() uint64
	// ListedRevision grows with every commit that changes what a Timeline
	// leads to.
	ListedRevision() uint64
}

// Site is what the configuration says about what is served. Its zero value
// serves an empty site in Italian.
type Site struct {
	Title    string
	BaseURL  string // where readers find the site, without a slash at the end; a path in it is stripped from requests
	Language string // of pages and feeds: "it" (default) or "en"
	Hub      string // WebSub hub announced in the feeds; empty for none
	Topics   []news.Topic
	Sources  []SourceInfo
	Version  string    // of the program
	Started  time.Time // when the program started
	Zone     *time.Location
	Limits   Limits
	Static   bool     // is written as files (Handler.File) rather than served
	Searcher Searcher // nil: the site has no search
	// Patience is for how long after a change a document is served as it was
	// while it is made anew; 0: readers wait for the new one.
	Patience time.Duration

	Pushing func() map[string]string // hub by the source whose news it pushes; nil: none does
	Ready   http.Handler             // says on /readyz whether what is served is fresh; nil: that the program answers
	Metrics http.Handler             // nil: /metrics is not found
	// Built is told of every document that was built: its class (Class), how
	// long it took and how it ended. Nil: nobody is.
	Built func(class string, took time.Duration, err error)
}

// SourceInfo is a source and what the configuration says about reading it.
type SourceInfo struct {
	news.Source
	Enabled bool
	Reason  string // why it is not enabled
}

// Limits bound what is served. Zero fields take the defaults.
type Limits struct {
	Entries    int           // entries that a feed holds at least, where there are as many (100)
	Window     time.Duration // age up to which entries stay in the feed however many there are (14 days)
	MaxEntries int           // entries that a feed never exceeds (500)
	CacheBytes int64         // memory for documents served again (16 MiB)
}

func (l Limits) withDefaults() Limits {
	if l.Entries <= 0 {
		l.Entries = 100
	}
	if l.Window <= 0 {
		l.Window = 14 * 24 * time.Hour
	}
	if l.MaxEntries <= 0 {
		l.MaxEntries = 500
	}
	l.Entries = min(l.Entries, l.MaxEntries)
	if l.CacheBytes <= 0 {
		l.CacheBytes = 16 << 20
	}
	return l
}

// defaultBase is the address of a site that states none: the default
// listening address.
const defaultBase = "http://127.0.0.1:8417"

// Handler serves one configuration of the site. It is immutable but for what it
// remembers of the store; a reload makes another.
type Handler struct {
	reader  Reader
	site    Site
	log     *slog.Logger
	now     func() time.Time
	root    string                 // path of the base URL, without a slash at the end
	sources map[string]*SourceInfo // those of site, by id
	cache   *cache
	answers *cache // of searches, apart: nobody's questions push out the feeds
	names   names  // that a search can be narrowed to
	past    settled
	read    atomic.Bool // some source was read once
	clean   *cleaner
	pages   *pages
	assets  map[string]asset
}

// New checks the site and prepares a handler. It reads nothing yet.
func New(r Reader, site Site, log *slog.Logger) (*Handler, error) {
	site.BaseURL = strings.TrimRight(site.BaseURL, "/")
	if site.BaseURL == "" {
		site.BaseURL = defaultBase
	}
	base, err := url.Parse(site.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("parse base URL: %w", err)
	}
	if base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("base URL %q is not an absolute http address", site.BaseURL)
	}
	if site.Hub != "" && link(site.Hub) == "" {
		return nil, fmt.Errorf("hub %q is not an absolute http address", site.Hub)
	}
	site.Hub = link(site.Hub)
	if site.Title == "" {
		site.Title = "Vedetta"
	}
	if site.Language != "en" {
		site.Language = "it"
	}
	if site.Zone == nil {
		site.Zone, err = time.LoadLocation("Europe/Rome")
		if err != nil {
			site.Zone = time.UTC
		}
	}
	site.Limits = site.Limits.withDefaults()
	if site.Built == nil {
		site.Built = func(string, time.Duration, error) {}
	}
	site.Topics, err = served(site.Topics)
	if err != nil {
		return nil, err
	}
	h := &Handler{
		reader:  r,
		site:    site,
		log:     log,
		now:     time.Now,
		root:    strings.TrimRight(base.Path, "/"),
		sources: make(map[string]*SourceInfo, len(site.Sources)),
		cache:   newCache(site.Limits.CacheBytes, site.Patience),
		answers: newCache(searchMemory, 0),
		names:   newNames(site),
		clean:   newCleaner(),
		assets:  loadAssets(),
	}
	for i := range site.Sources {
		h.sources[site.Sources[i].ID] = &site.Sources[i]
	}
	h.pages, err = parsePages()
	if err != nil {
		return nil, err // unreachable: the templates are embedded and tested
	}
	return h, nil
}

// Inherit lets readers have what another configuration served until this one has
// made its own, within Site.Patience. Only what this one serves too is asked
// for.
func (h *Handler) Inherit(from *Handler) { h.cache.inherit(from.cache) }

// served leaves out disabled topics and refuses ids that cannot stand in a
// path.
func served(all []news.Topic) ([]news.Topic, error) {
	var out []news.Topic
	for _, t := range all {
		if t.Disabled {
			continue
		}
		if !pathSafe(t.ID) {
			return nil, fmt.Errorf("topic %q: id cannot stand in an address", t.ID)
		}
		for _, r := range t.Relations {
			if !pathSafe(r.ID) {
				return nil, fmt.Errorf("topic %q, relation %q: id cannot stand in an address", t.ID, r.ID)
			}
			if r.ID == nearMisses {
				return nil, errors.New("relation id near-misses is taken by the feed of near misses")
			}
		}
		out = append(out, t)
	}
	return out, nil
}

func pathSafe(id string) bool {
	if id == "" || id[0] == '.' {
		return false
	}
	for _, r := range id {
		if r != '-' && r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

// firstTopic is the id of the topic that the page begins with.
func (s Site) firstTopic() string {
	if len(s.Topics) == 0 {
		return ""
	}
	return s.Topics[0].ID
}

func (h *Handler) topic(id string) (news.Topic, bool) {
	for _, t := range h.site.Topics {
		if t.ID == id {
			return t, true
		}
	}
	return news.Topic{}, false
}

// relation returns the label of one of a topic's relations.
func relation(t news.Topic, id string) (string, bool) {
	for _, r := range t.Relations {
		if r.ID == id {
			return cmp.Or(r.Label, r.ID), true
		}
	}
	return "", false
}

// sourceName is the name of an outlet as people know it.
func (h *Handler) sourceName(id, site string) string {
	if s, ok := h.sources[id]; ok && s.Name != "" {
		return title(s.Name, maxName)
	}
	return cmp.Or(title(site, maxName), title(news.OutletOf(id), maxName))
}

// feedOf is the source by which an article came.
func (h *Handler) feedOf(a news.Article) (SourceInfo, bool) {
	if s, ok := h.sources[cmp.Or(news.Upstream(a.Source), a.Source)]; ok {
		return *s, true
	}
	return SourceInfo{}, false
}

// via is the name of the daemon that passed an article on; "" for one that was
// read at its outlet's.
func (h *Handler) via(source string) string {
	up := news.Upstream(source)
	if up == "" {
		return ""
	}
	return h.sourceName(up, "")
}

// address is the absolute address of a path on the site.
func (h *Handler) address(path string) string { return h.site.BaseURL + h.at(path) }
