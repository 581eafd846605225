// Package static writes the site as plain files, which any server or content
// delivery network can carry.
//
// It makes no document itself: it asks package publish for each, follows their
// links, and sees to the files. A file whose content is as it was is not
// touched, so that synchronising moves what changed and nothing else.
//
// # In the folder
//
//	stories/3f9c…/index.html, .gz, .br   a document and its compressed forms
//	.vedetta-static.json                 what we wrote: nothing else is ever replaced or removed
//	.vedetta-new-*                       documents on their way, gone when a writing ends
//
// # Order
//
// All documents are made before the first is put in its place, the list of what
// we wrote is extended before that, and each is put there by a rename. New
// documents come before those that existed, pages before lists, lists before
// feeds, and what is no more is removed last: whoever reads meanwhile follows
// no link into the void.
package static

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"vedetta/publish"
)

// Site is what is written; publish.Handler is one.
type Site interface {
	// Roots are addresses from which all others can be reached.
	Roots() []string
	File(at string) (publish.File, error)
}

// Count says what a writing did.
type Count struct {
	Documents int      // of the site
	Written   int      // new or changed
	Removed   int      // no longer of the site
	Kept      []string // files that somebody else put where a document belongs; they stay
}

// Writer writes a site to a folder, any number of times.
type Writer struct {
	dir   string
	links map[string][]string // of the documents of the last writing, by address
}

// NewWriter returns a writer. The folder need not exist.
func NewWriter(dir string) *Writer { return &Writer{dir: dir} }

// ErrForeign says that a folder holds files of somebody else.
var ErrForeign = errors.New("the folder is not empty, and was not written by vedetta: name an empty one")

// Write brings the folder to what the site is now. changed says which documents
// have to be made anew; it is asked only of those that this writer has written
// before, and nil means all.
func (w *Writer) Write(ctx context.Context, site Site, changed func(at string) bool) (Count, error) {
	c, err := w.write(ctx, site, changed)
	switch {
	case err == nil:
		return c, nil
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return c, fmt.Errorf("write site to %s as user %d: %w: give that user the folder; a systemd unit needs ReadWritePaths=%s besides", w.dir, os.Getuid(), err, w.dir)
	}
	return c, fmt.Errorf("write site to %s: %w", w.dir, err)
}

func (w *Writer) write(ctx context.Context, site Site, changed func(at string) bool) (Count, error) {
	f, err := openFolder(w.dir)
	if err != nil {
		return Count{}, err
	}
	defer f.close()
	p := pass{site: site, folder: f, known: w.links, changed: changed, links: map[string][]string{}, now: time.Now()}
	if changed == nil {
		p.known = nil
	}
	if err := p.crawl(ctx); err != nil {
		return p.count, err
	}
	p.count.Documents = len(p.links)
	if err := p.publish(); err != nil {
		return p.count, err
	}
	w.links = p.links
	return p.count, nil
}

// pass is one writing.
type pass struct {
	site    Site
	folder  *folder
	known   map[string][]string
	changed func(at string) bool
	now     time.Time

	links  map[string][]string // by address, of what the site has
	staged []staged
	count  Count
}

// crawl makes all documents that can be reached, and those that could be when
// the folder was last written and are still there: a link to one may be
// anywhere.
func (p *pass) crawl(ctx context.Context) error {
	var queue []string
	seen := map[string]bool{}
	add := func(at string) {
		if !seen[at] {
			seen[at] = true
			queue = append(queue, at)
		}
	}
	for _, at := range p.site.Roots() {
		add(at)
	}
	for _, name := range p.folder.names() {
		add(addressOf(name))
	}
	for len(queue) > 0 {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		at := queue[0]
		queue = queue[1:]
		links, err := p.document(at)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		for _, to := range links {
			add(to)
		}
	}
	return nil
}

// document makes a document, stages it if it changed, and returns its links.
func (p *pass) document(at string) ([]string, error) {
	if links, ok := p.known[at]; ok && !p.changed(at) {
		p.links[at] = links
		return links, nil
	}
	doc, err := p.site.File(at)
	if err != nil {
		return nil, err
	}
	p.links[at] = doc.Links
	name := nameOf(at)
	sum := digest(doc.Data)
	switch same, err := p.folder.has(name, sum, doc.Data); {
	case err != nil:
		return nil, err
	case same == foreign:
		p.count.Kept = append(p.count.Kept, name)
		return doc.Links, nil
	case same == current:
		return doc.Links, nil
	}
	s, err := p.folder.stage(len(p.staged), name, sum, doc)
	if err != nil {
		return nil, err
	}
	p.staged = append(p.staged, s)
	return doc.Links, nil
}

// publish puts what was staged in its place, and removes what is no more.
func (p *pass) publish() error {
	slices.SortStableFunc(p.staged, func(a, b staged) int {
		return cmp.Or(cmp.Compare(a.isOld(), b.isOld()), cmp.Compare(rank(a.name), rank(b.name)))
	})
	var gone []string
	for _, name := range p.folder.names() {
		if _, ok := p.links[addressOf(name)]; !ok {
			gone = append(gone, name)
		}
	}
	if len(p.staged)+len(gone) == 0 {
		return nil
	}
	if err := p.folder.announce(p.staged); err != nil {
		return err
	}
	for _, s := range p.staged {
		if err := p.folder.place(s, p.now); err != nil {
			return err
		}
		p.count.Written++
	}
	for _, name := range gone {
		if err := p.folder.remove(name); err != nil {
			return err
		}
		p.count.Removed++
	}
	return p.folder.save()
}

// rank orders documents so that each comes after what it mostly points to.
func rank(name string) int {
	switch first, rest, _ := strings.Cut(strings.TrimPrefix(name, "en/"), "/"); {
	case first == "assets":
		return 0
	case first == "stories" || strings.HasPrefix(rest, "stories/"):
		return 1
	case first == "threads" || strings.HasPrefix(rest, "threads/"):
		return 2
	case first != "feeds" && strings.HasSuffix(name, ".html"):
		return 3
	case strings.Contains(name, "/archive/"):
		return 4
	}
	return 5
}

// nameOf is the name of the file of an address.
func nameOf(at string) string {
	at = strings.TrimPrefix(at, "/")
	if at == "" || strings.HasSuffix(at, "/") {
		return at + indexFile
	}
	return at
}

// addressOf is the address of a file.
func addressOf(name string) string {
	if name == indexFile || strings.HasSuffix(name, "/"+indexFile) {
		name = strings.TrimSuffix(name, indexFile)
	}
	return "/" + name
}

const indexFile = "index.html"

// folder modes: what is written is for everybody to read, whatever the umask.
const (
	dirMode  os.FileMode = 0o755
	fileMode os.FileMode = 0o644
)
