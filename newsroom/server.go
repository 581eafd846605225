package newsroom

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"time"
)

// robots closes what no article lives in.
const robots = "User-agent: *\nDisallow: /affari/riservato/\nDisallow: /tuttolampo/cerca\n"

// answer is what a request gets.
type answer struct {
	contentType string
	body        []byte
	modified    time.Time
}

// ServeHTTP serves feeds, pages and pictures, with strong validators.
func (n *Newsroom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "metodo non ammesso", http.StatusMethodNotAllowed)
		return
	}
	a, ok := n.answer(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	sum := sha256.Sum256(a.body)
	w.Header().Set("Content-Type", a.contentType)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	http.ServeContent(w, r, "", a.modified, bytes.NewReader(a.body))
}

// answer finds what a request is for.
func (n *Newsroom) answer(r *http.Request) (answer, bool) {
	now := n.now()
	switch r.URL.Path {
	case "/robots.txt":
		return answer{"text/plain; charset=utf-8", []byte(robots), n.start}, true
	case "/":
		return n.index(), true
	}
	id, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	for _, o := range n.outlets {
		if o.id == id {
			return n.ofOutlet(o, rest, r, now)
		}
	}
	return answer{}, false
}

// ofOutlet finds what of an outlet the path below it names.
func (n *Newsroom) ofOutlet(o *outlet, rest string, r *http.Request, now time.Time) (answer, bool) {
	switch {
	case rest == "":
		return n.front(o, now), true
	case rest == o.feed && o.feed != "":
		return n.feed(o, now), true
	case rest == o.listPath && o.listPath != "":
		return n.listPage(o, now), true
	case rest == "logo.svg":
		return answer{"image/svg+xml", logo(o.name), n.start}, true
	case strings.HasPrefix(rest, "img/") && path.Ext(rest) == ".png":
		return answer{"image/png", photograph(rest), n.start}, true
	}
	key, isAMP := strings.CutSuffix(r.URL.Path, "amp/")
	if q := r.URL.Query().Get("id"); q != "" {
		key += "?id=" + q
	}
	a, ok := n.byPath[key]
	if !ok || a.published.After(now) || (isAMP && o.id != ampOutlet) {
		return answer{}, false
	}
	return n.page(a, now, isAMP), true
}

// latest is the time of the last change among the articles of an outlet, the
// start when there is none.
func latest(articles []*article, now, start time.Time) time.Time {
	t := time.Time{}
	for _, a := range articles {
		if _, changed := a.asOf(now); changed.After(t) {
			t = changed
		}
	}
	if t.IsZero() {
		return start
	}
	return t
}
