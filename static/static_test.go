package static

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vedetta/publish"

	"github.com/andybalholm/brotli"
)

// pages is a site of documents by address, "type|link link|content".
type pages struct {
	docs  map[string]string
	roots []string
	asked []string
	fail  string // the address that cannot be made
}

func (p *pages) Roots() []string { return p.roots }

func (p *pages) File(at string) (publish.File, error) {
	p.asked = append(p.asked, at)
	if at == p.fail {
		return publish.File{}, errors.New("the store is out of order")
	}
	doc, ok := p.docs[at]
	if !ok {
		return publish.File{}, fmt.Errorf("build %s: %w", at, fs.ErrNotExist)
	}
	parts := strings.SplitN(doc, "|", 3)
	return publish.File{Type: parts[0], Links: strings.Fields(parts[1]), Data: []byte(parts[2])}, nil
}

func testPages() *pages {
	long := strings.Repeat("L’ammiraglio guarda le rotte artiche. ", 50)
	return &pages{roots: []string{"/", "/feeds/patto.atom"}, docs: map[string]string{
		"/":                 "text/html|/stories/a/ /en/ /assets/s.css /nulla|" + long,
		"/en/":              "text/html|/|In breve.",
		"/stories/a/":       "text/html|/stories/b/ /|La prima." + long,
		"/stories/b/":       "text/html|/stories/a/|La seconda.",
		"/assets/s.css":     "text/css||" + strings.Repeat("body{margin:0}", 60),
		"/feeds/patto.atom": "application/atom+xml|/stories/a/|<feed/>" + long,
	}}
}

func do(t *testing.T, w *Writer, s Site, changed func(string) bool) Count {
	t.Helper()
	c, err := w.Write(t.Context(), s, changed)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tree is all there is in a folder, each file with its time.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = info.ModTime().String() + " " + string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sito", "vedetta")
	p := testPages()
	if c := do(t, NewWriter(dir), p, nil); c.Documents != 6 || c.Written != 6 || c.Removed != 0 {
		t.Errorf("first: %+v", c)
	}
	var names []string
	for name := range tree(t, dir) {
		names = append(names, name)
	}
	slices.Sort(names)
	want := ".vedetta-static.json assets/s.css assets/s.css.br assets/s.css.gz en/index.html feeds/patto.atom feeds/patto.atom.br feeds/patto.atom.gz " +
		"index.html index.html.br index.html.gz stories/a/index.html stories/a/index.html.br stories/a/index.html.gz stories/b/index.html"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("files: %s\nwant   %s", got, want)
	}
	plain, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for suffix, open := range map[string]func(io.Reader) (io.Reader, error){
		".gz": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		".br": func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	} {
		packed, err := os.ReadFile(filepath.Join(dir, "index.html"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		r, err := open(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) || len(packed) >= len(plain) {
			t.Errorf("%s: %d bytes of %d, %v", suffix, len(packed), len(plain), err)
		}
	}
	for _, name := range []string{"index.html", "index.html.gz", "stories/a/index.html"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "stories")); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("stories: %v, %v", info.Mode(), err)
	}
}

func TestUnchangedIsNotTouched(t *testing.T) {
	dir := t.TempDir()
	p := testPages()
	w := NewWriter(dir)
	do(t, w, p, nil)
	past := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	before := tree(t, dir)
	for _, again := range []*Writer{w, NewWriter(dir)} {
		if c := do(t, again, p, nil); c.Written+c.Removed != 0 || c.Documents != 6 {
			t.Errorf("again: %+v", c)
		}
	}
	if after := tree(t, dir); !equal(before, after) {
		t.Errorf("touched: %v\n%v", before, after)
	}
	// One that somebody touched, one that somebody took the compressed form of:
	// both are made good.
	if err := os.Chtimes(filepath.Join(dir, "stories/b/index.html"), past, past); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "index.html.br")); err != nil {
		t.Fatal(err)
	}
	if c := do(t, w, p, nil); c.Written != 2 {
		t.Errorf("made good: %+v", c)
	}
	// What gets short loses its compressed forms; only that is written.
	p.docs["/"] = "text/html|/stories/a/ /en/ /assets/s.css|Corta."
	if c := do(t, w, p, nil); c.Written != 1 {
		t.Errorf("changed: %+v", c)
	}
	if after := tree(t, dir); after["index.html.gz"] != "" || after["index.html.br"] != "" || !strings.HasSuffix(after["index.html"], " Corta.") {
		t.Errorf("%v", after)
	}
}

func equal(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// A document stays for as long as the site has it, also when no link leads
// there any more; then it goes, and what is not ours stays.
func TestRemoval(t *testing.T) {
	dir := t.TempDir()
	p := testPages()
	do(t, NewWriter(dir), p, nil)
	foreignFile := filepath.Join(dir, "stories", "a", "appunti.txt")
	if err := os.WriteFile(foreignFile, []byte("miei"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.docs["/stories/a/"] = "text/html|/|La prima, senza rimandi."
	if c := do(t, NewWriter(dir), p, nil); c.Documents != 6 || c.Removed != 0 {
		t.Errorf("without a link: %+v", c)
	}
	delete(p.docs, "/stories/a/")
	delete(p.docs, "/stories/b/")
	if c := do(t, NewWriter(dir), p, nil); c.Removed != 2 || c.Documents != 4 {
		t.Errorf("gone: %+v", c)
	}
	left := tree(t, dir)
	if left["stories/a/appunti.txt"] == "" || left["stories/a/index.html.gz"] != "" {
		t.Errorf("%v", left)
	}
	if _, err := os.Stat(filepath.Join(dir, "stories", "b")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the empty folder stayed: %v", err)
	}
}

func TestForeignFiles(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "lettera.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewWriter(full).Write(t.Context(), testPages(), nil); !errors.Is(err, ErrForeign) {
		t.Errorf("into a folder of somebody: %v", err)
	}
	dir := t.TempDir()
	p := testPages()
	do(t, NewWriter(dir), p, nil)
	mine := filepath.Join(dir, "robots.txt")
	if err := os.WriteFile(mine, []byte("Disallow: /"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.docs["/robots.txt"] = "text/plain||Allow: /"
	p.roots = append(p.roots, "/robots.txt")
	if c := do(t, NewWriter(dir), p, nil); len(c.Kept) != 1 || c.Kept[0] != "robots.txt" || c.Written != 0 {
		t.Errorf("%+v", c)
	}
	if data, err := os.ReadFile(mine); err != nil || string(data) != "Disallow: /" {
		t.Errorf("%q, %v", data, err)
	}
}

// Nothing outside of the folder is reached, whatever the manifest or a link in
// the folder says.
func TestStaysInside(t *testing.T) {
	outside := t.TempDir()
	secret := filepath.Join(outside, "index.html")
	if err := os.WriteFile(secret, []byte("segreto"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := testPages()
	do(t, NewWriter(dir), p, nil)
	manifestPath := filepath.Join(dir, manifestName)
	data, err := os.ReadFile(manifestPath)
	if err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(dir, secret)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte(`"files": {`), []byte(`"files": {"`+rel+`": {}, "`+secret+`": {}, "fuori/index.html": {},`), 1)
	if err := os.WriteFile(manifestPath, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "fuori")); err != nil {
		t.Fatal(err)
	}
	_, _ = NewWriter(dir).Write(t.Context(), p, nil) // may refuse
	if got, err := os.ReadFile(secret); err != nil || string(got) != "segreto" {
		t.Errorf("%q, %v", got, err)
	}
}

// A writing that fails leaves the site as it was, and the next one is whole.
func TestHalfIsNotSeen(t *testing.T) {
	dir := t.TempDir()
	p := testPages()
	do(t, NewWriter(dir), p, nil)
	before := tree(t, dir)
	for at := range p.docs {
		p.docs[at] += " Nuovo."
	}
	p.fail = "/stories/b/"
	if _, err := NewWriter(dir).Write(t.Context(), p, nil); err == nil || !strings.Contains(err.Error(), "out of order") {
		t.Errorf("%v", err)
	}
	if after := tree(t, dir); !equal(before, after) {
		t.Errorf("%v", after)
	}
	// Killed with documents on their way and the manifest extended.
	if err := os.MkdirAll(filepath.Join(dir, stagingPrefix+"1"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.fail = ""
	if c := do(t, NewWriter(dir), p, nil); c.Written != 6 {
		t.Errorf("%+v", c)
	}
	if _, err := os.Stat(filepath.Join(dir, stagingPrefix+"1")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}

// Feeds come after pages, new before old.
func TestOrder(t *testing.T) {
	dir := t.TempDir()
	p := testPages()
	w := NewWriter(dir)
	do(t, w, p, nil)
	for at := range p.docs {
		p.docs[at] += " Nuovo."
	}
	p.docs["/stories/c/"] = "text/html||La terza."
	p.docs["/"] = strings.Replace(p.docs["/"], "/nulla", "/stories/c/", 1)
	f, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	ps := pass{site: p, folder: f, links: map[string][]string{}, now: time.Now()}
	if err := ps.crawl(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := ps.publish(); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, s := range ps.staged {
		order = append(order, s.name)
	}
	if got := strings.Join(order, " "); !strings.HasPrefix(got, "stories/c/index.html assets/s.css stories/") || !strings.HasSuffix(got, " feeds/patto.atom") {
		t.Errorf("order: %s", got)
	}
}

// A writer that has written before makes anew only what changed.
func TestOnlyWhatChanged(t *testing.T) {
	dir := t.TempDir()
	p := testPages()
	w := NewWriter(dir)
	do(t, w, p, nil)
	p.asked = nil
	p.docs["/stories/b/"] = "text/html|/stories/a/|La seconda, corretta."
	c := do(t, w, p, func(at string) bool { return at == "/stories/b/" })
	if c.Written != 1 || c.Documents != 6 || len(p.asked) != 2 { // /nulla is asked each time
		t.Errorf("%+v, asked %v", c, p.asked)
	}
}

func TestNames(t *testing.T) {
	for at, name := range map[string]string{
		"/": "index.html", "/en/": "en/index.html", "/stories/a/": "stories/a/index.html", "/feeds/x.atom": "feeds/x.atom", "/404.html": "404.html",
	} {
		if got := nameOf(at); got != name {
			t.Errorf("%s: %s", at, got)
		}
		if got := addressOf(name); got != at {
			t.Errorf("%s: %s", name, got)
		}
	}
}
