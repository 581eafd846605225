package fetcher

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	ext "github.com/mmcdole/gofeed/extensions"

	"vedetta/news"
)

const maxLabels = 50 // authors or categories of an item

// Meta is what a feed says of itself.
type Meta struct {
	Title     string
	Site      string // home page
	Lang      string // BCP 47
	Rhythm    time.Duration
	SkipHours []int // UTC
	SkipDays  []time.Weekday
	Hub       string // WebSub
	Self      string
	BadGUIDs  bool     // different items share a GUID
	Cut       bool     // the document breaks off: there may be more items
	Children  []string // of an index of sitemaps, newest first

	Relayed bool      // a feed of another daemon of ours
	Older   string    // address of the page with older items; of such a feed only
	Since   time.Time // no item since then is missing; zero when none is at all
}

// HTMLError is an HTML page where a feed was expected, with the feeds that it
// advertises. It is an ErrNotFeed.
type HTMLError struct{ Feeds []string }

func (e *HTMLError) Error() string {
	if len(e.Feeds) > 0 {
		return ErrNotFeed.Error() + " but a page, which advertises " + e.Feeds[0]
	}
	return ErrNotFeed.Error() + " but a page"
}

func (e *HTMLError) Unwrap() error { return ErrNotFeed }

// ParseFeed reads an RSS, Atom or JSON feed into items, in the feed's order,
// at most 2,000. base is the address that it came from; now bounds its dates.
func ParseFeed(src news.Source, body []byte, contentType, base string, now time.Time) ([]news.Item, Meta, error) {
	return repairing{marks: true}.parse(src, body, contentType, base, now)
}

func (how repairing) parse(src news.Source, body []byte, contentType, base string, now time.Time) (items []news.Item, meta Meta, err error) {
	// The parser behind is others' code on a hostile text.
	defer func() {
		if p := recover(); p != nil {
			items, err = nil, fmt.Errorf("%w: parser failed: %v", ErrNotFeed, p)
		}
	}()
	text := toUTF8(body, contentType)
	trimmed := bytes.TrimLeft(text, " \t\r\n\x00")
	switch {
	case len(trimmed) == 0:
		return nil, Meta{}, fmt.Errorf("%w: it is empty", ErrNotFeed)
	case trimmed[0] == '{':
		return parseJSON(src, trimmed, base, now)
	}
	if len(text) > maxKnownSize {
		how.recollection = nil
	}
	fixed, err := how.repair(text, "rss", "feed", "rdf")
	if errors.Is(err, ErrNotFeed) && looksHTML(text, contentType) {
		return nil, Meta{}, &HTMLError{Feeds: advertised(text, base)}
	}
	if err != nil {
		return nil, Meta{}, err
	}
	doc, err := parseXML(src, fixed, base, now)
	if c := how.recollection; c.skipped() && (err != nil || !c.holds(fixed, doc)) {
		c.restart(nil)
		return how.parse(src, body, contentType, base, now)
	}
	if err == nil && fixed.more > 0 && ascending(doc.items) {
		// The newest items stand last: the limit is to leave out the first.
		how.skip, how.recollection = fixed.more, nil
		if fixed, err = how.repair(text, "rss", "feed", "rdf"); err == nil {
			doc, err = parseXML(src, fixed, base, now)
		}
	}
	if err != nil {
		return nil, Meta{}, fmt.Errorf("%w: %w", ErrNotFeed, err)
	}
	items, meta = doc.items, doc.meta
	if fixed.cut && len(items) == 0 {
		return nil, Meta{}, fmt.Errorf("%w: it breaks off", ErrNotFeed)
	}
	meta.Cut = fixed.cut
	all := len(items)
	items, meta.BadGUIDs = distinct(items)
	if c := how.recollection; c != nil {
		if len(items) == all && !meta.BadGUIDs {
			c.remember(fixed, doc, now)
		}
		items = c.placeholders(src.ID, items)
	}
	return items, meta, nil
}

// parsed is what a parser read of a document.
type parsed struct {
	items []news.Item
	meta  Meta
	base  string // of the addresses in it
}

func parseXML(src news.Source, fixed repaired, base string, now time.Time) (parsed, error) {
	if fixed.root == "feed" {
		return parseAtom(src, fixed, base, now)
	}
	return parseRSS(src, fixed, base, now)
}

// ascending reports whether the oldest item stands first.
func ascending(items []news.Item) bool {
	var first, last time.Time
	for _, it := range items {
		if it.Published.IsZero() {
			continue
		}
		if first.IsZero() {
			first = it.Published
		}
		last = it.Published
	}
	return first.Before(last)
}

// syndication reads sy:updatePeriod and sy:updateFrequency (RSS 1.0).
func syndication(e ext.Extensions) time.Duration {
	periods := map[string]time.Duration{
		"hourly": time.Hour, "daily": 24 * time.Hour, "weekly": 7 * 24 * time.Hour,
		"monthly": 30 * 24 * time.Hour, "yearly": 365 * 24 * time.Hour,
	}
	period := periods[strings.ToLower(strings.TrimSpace(extension(e, "sy", "updatePeriod")))]
	times, err := strconv.Atoi(strings.TrimSpace(extension(e, "sy", "updateFrequency")))
	if err != nil || times < 1 {
		times = 1
	}
	return period / time.Duration(times)
}

// extension is the text of the first element of a name.
func extension(e ext.Extensions, prefix, name string) string {
	for _, x := range e[prefix][name] {
		return x.Value
	}
	return ""
}

// skipHours reads hours of UTC. A feed that skips them all says nothing; some
// count from 1 to 24.
func skipHours(values []string) []int {
	var hours []int
	for _, v := range values {
		h, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil || h < 0 || h > 24 {
			continue
		}
		if h %= 24; !slices.Contains(hours, h) {
			hours = append(hours, h)
		}
	}
	if len(hours) >= 24 {
		return nil
	}
	return hours
}

func skipDays(values []string) []time.Weekday {
	var days []time.Weekday
	for _, v := range values {
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.EqualFold(strings.TrimSpace(v), d.String()) && !slices.Contains(days, d) {
				days = append(days, d)
			}
		}
	}
	if len(days) >= 7 {
		return nil
	}
	return days
}

// reader turns a parser's items into ours.
type reader struct {
	src   news.Source
	lang  string
	base  *url.URL
	now   time.Time // in the zone of dates that name none
	texts texts
}

// newReader takes the language that the document declares, and the addresses
// that its links may be relative to, best first.
func newReader(src news.Source, lang string, now time.Time, bases ...string) reader {
	if lang == "" {
		lang = src.Lang
	}
	r := reader{src: src, lang: lang, now: now.In(zoneOf(lang))}
	for _, base := range bases {
		if u, err := url.Parse(strings.TrimSpace(base)); err == nil && u.IsAbs() && u.Host != "" {
			r.base = u
			break
		}
	}
	return r
}

// address makes a link absolute; "" for what is no address of a page.
func (r reader) address(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxAddress {
		return ""
	}
	if strings.ContainsAny(s, "\n\r\t ") {
		s = strings.NewReplacer("\n", "", "\r", "", "\t", "", " ", "%20").Replace(s)
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	if r.base != nil {
		u = r.base.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return ""
	}
	u.User = nil
	return u.String()
}

// date is the first of the texts that is a date; one in the future is now.
func (r reader) date(texts ...string) time.Time {
	for _, s := range texts {
		if t, ok := ParseDate(s, r.now); ok {
			if t.After(r.now) {
				return r.now.UTC()
			}
			return t.UTC()
		}
	}
	return time.Time{}
}

// mediaImages are the images that Media RSS names.
func mediaImages(media map[string][]ext.Extension) []string {
	groups := []map[string][]ext.Extension{media}
	for _, g := range media["group"] {
		groups = append(groups, g.Children)
	}
	var out []string
	for _, g := range groups {
		for _, c := range g["content"] {
			if c.Attrs["medium"] == "image" || strings.HasPrefix(c.Attrs["type"], "image/") {
				out = append(out, c.Attrs["url"])
			}
			for _, t := range c.Children["thumbnail"] {
				out = append(out, t.Attrs["url"])
			}
		}
		for _, t := range g["thumbnail"] {
			out = append(out, t.Attrs["url"])
		}
	}
	return out
}

// baseText is the base of addresses; "" for none.
func (r reader) baseText() string {
	if r.base == nil {
		return ""
	}
	return r.base.String()
}

// firstAddress is the first that is one.
func (r reader) firstAddress(candidates []string) string {
	for _, c := range candidates {
		if u := r.address(c); u != "" {
			return u
		}
	}
	return ""
}

// isWeb reports whether a GUID looks like the address of a page.
func isWeb(guid string) bool {
	return strings.HasPrefix(guid, "http://") || strings.HasPrefix(guid, "https://")
}

// person reads "Mario Rossi", "posta@a.example (Mario Rossi)" and "Mario Rossi
// <posta@a.example>"; "" for an address alone.
func person(s string) string {
	s = strings.TrimSpace(s)
	if i, j := strings.IndexByte(s, '('), strings.LastIndexByte(s, ')'); i > 0 && j > i && strings.Contains(s[:i], "@") {
		s = s[i+1 : j]
	} else if i, j := strings.IndexByte(s, '<'), strings.LastIndexByte(s, '>'); i > 0 && j > i && strings.Contains(s[i:j], "@") {
		s = s[:i]
	}
	if s = shortText(s); strings.Contains(s, "@") {
		return ""
	}
	return s
}

// people reads authors, each once.
func people(list []string) []string {
	var out []string
	for _, s := range list {
		if s = person(s); s != "" && len(out) < maxLabels && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// labels reads categories, each once.
func labels(list []string) []string {
	var out []string
	for _, s := range list {
		if s = shortText(s); s != "" && len(out) < maxLabels && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// distinct drops items that are given twice, and the GUIDs of a feed in which
// they do not tell items apart.
func distinct(items []news.Item) ([]news.Item, bool) {
	address := make(map[string]string, len(items))
	bad := false
	for _, it := range items {
		if it.GUID == "" {
			continue
		}
		if known, ok := address[it.GUID]; ok && known != it.URL && it.URL != "" {
			bad = true
		}
		address[it.GUID] = it.URL
	}
	if bad {
		dropGUIDs(items)
	}
	seen := make(map[string]bool, len(items))
	kept := items[:0]
	for _, it := range items {
		key := cmp.Or(it.GUID, it.URL, it.Title, it.Summary, it.Content)
		if key != "" && !seen[key] { // else there is nothing to know it by, or it is known
			seen[key] = true
			kept = append(kept, it)
		}
	}
	return kept, bad
}

// dropGUIDs leaves items to be known by their addresses, where they have one.
func dropGUIDs(items []news.Item) {
	for i := range items {
		if items[i].URL != "" {
			items[i].GUID = ""
		}
	}
}
