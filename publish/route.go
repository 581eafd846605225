package publish

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"vedetta/news"
)

//go:embed assets
var assetFiles embed.FS

// asset is an embedded file; its address holds a digest of its content, so it
// may be kept for ever.
type asset struct {
	path string // on our site
	data []byte
	kind string
}

// loadAssets indexes the embedded files by name.
func loadAssets() map[string]asset {
	out := map[string]asset{}
	entries, _ := assetFiles.ReadDir("assets") // unreachable error: embedded
	for _, e := range entries {
		data, _ := assetFiles.ReadFile("assets/" + e.Name())
		a := asset{data: bytes.TrimSpace(data), kind: "image/svg+xml"}
		if path.Ext(e.Name()) == ".css" {
			a.kind = "text/css; charset=utf-8"
		}
		sum := sha256.Sum256(data)
		name, ext, _ := strings.Cut(e.Name(), ".")
		a.path = "/assets/" + name + "-" + hex.EncodeToString(sum[:5]) + "." + ext
		out[e.Name()] = a
	}
	return out
}

// route finds the document that a path and its parameters ask for.
func (h *Handler) route(at string, r *http.Request, now time.Time) (resource, error) {
	if rest, ok := strings.CutPrefix(at, "/feeds/"); ok {
		return h.routeFeed(at, rest, r, now)
	}
	switch at {
	case "/feeds.opml":
		return resource{name: at, build: h.feedsOPML}, nil
	case "/sources.opml":
		return resource{name: at, build: func() (document, error) { return opmlDocument(h.SourcesOPML()) }}, nil
	case "/opensearch.xml":
		if h.site.Searcher != nil {
			return resource{name: at, build: h.openSearch}, nil
		}
	case "/sources.atom":
		return resource{name: at, dated: true, build: func() (document, error) { return h.healthFeed(now) }}, nil
	case "/favicon.svg", "/favicon.ico":
		a := h.assets["favicon.svg"]
		return resource{name: "/favicon.svg", build: func() (document, error) {
			return document{data: a.data, ctype: a.kind, ccont: keepArchive, vary: "Accept-Encoding"}, nil
		}}, nil
	case "/robots.txt":
		return resource{name: at, build: func() (document, error) {
			return document{data: []byte("User-agent: *\nDisallow: /metrics\nDisallow: /search\n"), ctype: "text/plain; charset=utf-8", ccont: keepArchive, vary: "Accept-Encoding"}, nil
		}}, nil
	}
	for _, a := range h.assets {
		if at == a.path {
			return resource{name: at, build: func() (document, error) {
				return document{data: a.data, ctype: a.kind, ccont: keepAsset, vary: "Accept-Encoding"}, nil
			}}, nil
		}
	}
	return h.routePage(at, r, now)
}

func (h *Handler) routeFeed(at, rest string, r *http.Request, now time.Time) (resource, error) {
	fr, err := h.parseFeed(rest)
	if err != nil {
		return resource{}, err
	}
	name := at
	if v := r.URL.Query().Get("limit"); v != "" && fr.month.IsZero() {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return resource{}, &queryError{"limit", v}
		}
		fr.limit = min(n, h.site.Limits.MaxEntries)
		name += "?limit=" + strconv.Itoa(fr.limit)
	}
	return resource{name: name, listed: true, build: func() (document, error) { return h.feedDocument(fr, now) }}, nil
}

// pageQuery is what the parameters of a page's address say.
type pageQuery struct {
	topic    string
	facet    string
	month    string // yyyy-mm
	before   string // yyyy-mm-dd
	lang     lang
	explicit bool // the language was asked for in the address
}

// parsePage reads the parameters; those it does not know are ignored.
func (h *Handler) parsePage(r *http.Request) (pageQuery, error) {
	v := r.URL.Query()
	q := pageQuery{topic: v.Get("topic"), facet: v.Get("facet"), month: v.Get("month"), before: v.Get("before")}
	if q.month != "" {
		if _, err := time.Parse("2006-01", q.month); err != nil {
			return q, &queryError{"month", q.month}
		}
	}
	if q.before != "" {
		if _, err := time.Parse("2006-01-02", q.before); err != nil {
			return q, &queryError{"before", q.before}
		}
	}
	switch l := lang(v.Get("lang")); l {
	case italian, english:
		q.lang, q.explicit = l, true
	default:
		q.lang = preferred(r.Header.Get("Accept-Language"), lang(h.site.Language))
	}
	return q, nil
}

// preferred chooses between our two languages by Accept-Language (RFC 9110
// §12.5.4).
func preferred(header string, fallback lang) lang {
	best, bestQ := fallback, 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, params, _ := strings.Cut(part, ";")
		l := lang(languageTag(tag))
		if l != italian && l != english {
			continue
		}
		q := 1.0
		if k, v, ok := strings.Cut(strings.TrimSpace(params), "="); ok && strings.TrimSpace(k) == "q" {
			if f, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil {
				q = f
			}
		}
		if q > bestQ {
			best, bestQ = l, q
		}
	}
	return best
}

func (h *Handler) routePage(at string, r *http.Request, now time.Time) (resource, error) {
	if to, ok := h.fromStatic(at, r.URL.RawQuery); ok {
		return resource{}, &movedError{to: to}
	}
	q, err := h.parsePage(r)
	if err != nil {
		return resource{}, err
	}
	fr := &frame{h: h, words: h.speak(q.lang, now), At: at, query: q}
	res := resource{dated: true}
	parts := strings.Split(strings.Trim(at, "/"), "/")
	for _, p := range parts {
		if at != "/" && !pathSafe(p) {
			return res, fs.ErrNotExist
		}
	}
	switch {
	case at == "/":
		if err := h.checkStories(q); err != nil {
			return res, err
		}
		if q.topic == h.site.firstTopic() {
			q.topic = ""
		}
		fr.Params = params("topic", q.topic, "facet", q.facet, "month", q.month, "before", q.before)
		// An empty list tells of polls as long as none has succeeded. An error
		// shows where it matters: when the page is built.
		res.listed, _ = h.everRead()
		res.build = func() (document, error) { return h.storiesPage(fr) }
	case at == "/search" || at == "/search.atom" || at == "/search.json":
		return h.routeSearch(fr, r)
	case at == "/sources":
		res.build = func() (document, error) { return h.sourcesPage(fr) }
	case at == "/subscribe":
		res.build = func() (document, error) { return h.subscribePage(fr) }
	case len(parts) == 2 && at == "/stories/"+parts[1]:
		res.build = func() (document, error) { return h.storyPage(fr, parts[1]) }
	case len(parts) == 3 && at == "/stories/"+parts[1]+"/"+parts[2]:
		res.build = func() (document, error) { return h.comparePage(fr, parts[1], parts[2]) }
	case len(parts) == 2 && at == "/threads/"+parts[1]:
		res.build = func() (document, error) { return h.threadPage(fr, parts[1]) }
	default:
		return res, fs.ErrNotExist
	}
	res.name = at + "?" + fr.Params + "|" + string(q.lang) + strconv.FormatBool(q.explicit) + strconv.FormatBool(res.listed)
	return res, nil
}

// checkStories refuses a topic or a facet that is not there.
func (h *Handler) checkStories(q pageQuery) error {
	if q.topic == "" && q.facet == "" {
		return nil
	}
	i := 0
	if q.topic != "" {
		i = slices.IndexFunc(h.site.Topics, func(t news.Topic) bool { return t.ID == q.topic })
	}
	if i < 0 || i >= len(h.site.Topics) {
		return fs.ErrNotExist
	}
	if q.facet == "" || q.facet == nearMisses {
		return nil
	}
	if _, ok := relation(h.site.Topics[i], q.facet); !ok {
		return fs.ErrNotExist
	}
	return nil
}

// params writes those of the parameters that have a value, in the order given.
func params(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(pairs[i] + "=" + url.QueryEscape(pairs[i+1]))
	}
	return b.String()
}
