package publish

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// pagePolicy is the Content-Security-Policy of our pages: our own style sheet
// and icon, connections and forms to ourselves, nothing else, no script at all.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// Cache-Control by kind of document. Feeds may be kept for as long as hurts no
// one who polls hourly.
const (
	keepFeed    = "public, max-age=300"
	keepArchive = "public, max-age=86400"
	keepPage    = "public, max-age=60"
	keepAsset   = "public, max-age=31536000, immutable"
	keepNothing = "no-store"
)

// resource is a document that a request asks for: the name it is cached under
// and how to make it.
type resource struct {
	name   string
	dated  bool // names days: stale after midnight
	listed bool // says nothing of the store but what a timeline leads to
	search bool // depends on the index of the search
	build  func() (document, error)
}

// movedError says that what was asked for is now at another path of the site.
type movedError struct{ to string }

func (e *movedError) Error() string { return "moved to " + e.to }

// queryError says that a parameter of the request makes no sense.
type queryError struct{ name, value string }

func (e *queryError) Error() string { return "bad parameter " + e.name }

// ServeHTTP answers GET and HEAD requests; nothing on the site changes state.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header()["Allow"] = []string{"GET, HEAD"}
		h.fail(w, r, http.StatusMethodNotAllowed)
		return
	}
	path := h.local(r.URL.Path)
	// Most requests are for feeds, which are known by their path alone.
	if r.URL.RawQuery == "" && strings.HasPrefix(path, "/feeds/") {
		if b := h.cache.fresh(path, edition{revision: h.reader.ListedRevision()}); b != nil {
			serve(w, r, b)
			return
		}
	}
	switch path {
	case "/healthz":
		probe(w, http.StatusOK, "ok\n")
	case "/readyz":
		h.ready(w, r)
	case "/metrics":
		if h.site.Metrics == nil {
			h.fail(w, r, http.StatusNotFound)
			return
		}
		h.site.Metrics.ServeHTTP(w, r)
	default:
		h.answer(w, r, path)
	}
}

// local strips the path of the base URL, which a proxy in front of us may have
// stripped already.
func (h *Handler) local(path string) string {
	if h.root != "" && (path == h.root || strings.HasPrefix(path, h.root+"/")) {
		path = path[len(h.root):]
	}
	if path == "" {
		return "/"
	}
	return path
}

// answer serves what is at the path.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, path string) {
	now := h.now()
	res, err := h.route(path, r, now)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	kept := h.cache
	if res.search {
		kept = h.answers
	}
	b, err := kept.get(res.name, recipe{
		edition: func() edition { return h.edition(res) },
		build: func() (document, error) {
			start := time.Now()
			d, err := res.build()
			h.site.Built(class(path), time.Since(start), err)
			return d, err
		},
		now: h.now,
	})
	switch {
	case b == nil:
		h.refuse(w, r, err)
		return
	case err != nil:
		h.log.Error("serve what was built before", "path", plain(r.URL.Path, maxName), "err", err)
	}
	serve(w, r, b)
}

// edition is what a document would stand for if it were made now.
func (h *Handler) edition(res resource) edition {
	ed := edition{revision: h.reader.Revision()}
	if res.listed {
		ed.revision = h.reader.ListedRevision()
	}
	if res.dated {
		y, m, d := h.now().In(h.site.Zone).Date()
		ed.day = y*10000 + int(m)*100 + d
	}
	if res.search {
		ed.index = h.site.Searcher.Generation()
	}
	return ed
}

// answers reports whether an error is the answer to a request, rather than a
// failure to find it.
func answers(err error) bool {
	var moved *movedError
	return errors.As(err, &moved) || errors.Is(err, fs.ErrNotExist)
}

// refuse answers a request that has no document.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var moved *movedError
	var query *queryError
	switch {
	case errors.As(err, &moved):
		w.Header()["Cache-Control"] = []string{keepPage}
		http.Redirect(w, r, h.root+moved.to, http.StatusMovedPermanently)
	case errors.As(err, &query):
		h.fail(w, r, http.StatusBadRequest)
	case errors.Is(err, fs.ErrNotExist):
		h.fail(w, r, http.StatusNotFound)
	case errors.Is(err, context.DeadlineExceeded):
		w.Header()["Retry-After"] = []string{"5"}
		h.fail(w, r, http.StatusServiceUnavailable)
	default:
		h.log.Error("serve", "path", plain(r.URL.Path, maxName), "err", err)
		w.Header()["Retry-After"] = []string{"60"}
		h.fail(w, r, http.StatusInternalServerError)
	}
}

// ready answers whether what is served is fresh.
func (h *Handler) ready(w http.ResponseWriter, r *http.Request) {
	if h.site.Ready == nil {
		probe(w, http.StatusOK, "ok\n")
		return
	}
	h.site.Ready.ServeHTTP(w, r)
}

func probe(w http.ResponseWriter, status int, text string) {
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", keepNothing)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// serve writes a body, or that the client has it already.
func serve(w http.ResponseWriter, r *http.Request, b *body) {
	f := b.form(accepted(r.Header["Accept-Encoding"]))
	header := w.Header()
	header["Etag"] = f.etag
	if b.held(r.Header) {
		maps.Copy(header, b.short)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	maps.Copy(header, b.header)
	if f.enc != nil {
		header["Content-Encoding"] = f.enc
	}
	header["Content-Length"] = f.clen
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(f.data) // the client may be gone: nothing to be done
}

// held reports whether the request's validators name this body (RFC 9110
// §13.2.2). A tag of any of its encodings will do: the content is the same.
func (b *body) held(request http.Header) bool {
	if tags := request["If-None-Match"]; len(tags) > 0 {
		for _, list := range tags {
			if strings.TrimSpace(list) == "*" || b.named(list) {
				return true
			}
		}
		return false
	}
	since := request["If-Modified-Since"]
	if len(since) != 1 {
		return false
	}
	t, err := http.ParseTime(since[0])
	return err == nil && !b.modified.After(t)
}

// named reports whether a list of entity tags holds one of the body's.
func (b *body) named(list string) bool {
	for {
		i := strings.Index(list, b.hash)
		if i < 0 {
			return false
		}
		rest := list[i+len(b.hash):]
		if i > 0 && list[i-1] == '"' && (strings.HasPrefix(rest, `"`) || strings.HasPrefix(rest, `-gzip"`) || strings.HasPrefix(rest, `-br"`)) {
			return true
		}
		list = rest
	}
}

// accepted chooses the encoding to answer with (RFC 9110 §12.5.3): brotli
// before gzip before none, among those that the client takes.
func accepted(lists []string) int {
	if len(lists) == 0 {
		return identity
	}
	best := identity
	for _, list := range lists {
		for part := range strings.SplitSeq(list, ",") {
			name, params, _ := strings.Cut(part, ";")
			enc := identity
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "br":
				enc = brotlied
			case "gzip", "x-gzip":
				enc = gzipped
			}
			if enc > best && !refused(params) {
				best = enc
			}
		}
	}
	return best
}

// refused reports whether the parameters give a quality of zero.
func refused(params string) bool {
	for p := range strings.SplitSeq(params, ";") {
		k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(strings.TrimSpace(k), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			return err == nil && q <= 0
		}
	}
	return false
}
