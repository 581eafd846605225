// Package archive writes and reads the archive as JSON Lines: one article a
// line, with all that is kept of it.
//
// It knows the format only: what is written comes from a store and goes to one
// by the hands of others. docs/export.md describes each field.
package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"vedetta/news"
)

// Line is an article and its place among the others. The story and the thread
// are written once each, on the line of the article that founded them.
type Line struct {
	news.Article
	CopyOf string  `json:"copy_of,omitempty"` // Article.ID that it was found to copy
	Thread string  `json:"thread,omitempty"`  // Thread.ID, also where the story is alone
	Founds *Founds `json:"founds,omitempty"`
}

// Founds is what an article's line carries for its whole story or thread.
type Founds struct {
	Story         *news.Story  `json:"story,omitempty"`
	Thread        *news.Thread `json:"thread,omitempty"`
	FormerStories []string     `json:"former_stories,omitempty"` // ids that lead to the story since a merge
	FormerThreads []string     `json:"former_threads,omitempty"`
}

// Source is what writing needs of a store.
type Source interface {
	Since(t time.Time, f func(news.Article) error) error
	Story(id string) (news.Story, error)
	Thread(id string) (news.Thread, error)
	// Merged returns the stories and threads that are no more, by id, and the
	// ids of those that they went into at last.
	Merged() (stories, threads map[string]string, err error)
}

// Selection says which articles are written; its zero value is all.
type Selection struct {
	Topic string    // those on the topic
	Facet string    // those for which this relation of the topic holds
	After time.Time // published at or after
	Until time.Time // published before
}

func (s Selection) has(a news.Article) bool {
	if !s.After.IsZero() && a.Published.Before(s.After) || !s.Until.IsZero() && !a.Published.Before(s.Until) {
		return false
	}
	if s.Topic == "" {
		return true
	}
	v, ok := a.Verdict(s.Topic)
	if !ok || !v.On {
		return false
	}
	return s.Facet == "" || slices.Contains(v.Facets, s.Facet)
}

// ahead is how far an article's date may be ahead of when it was fetched:
// clocks differ. The walk for a period begins so much before it.
const ahead = 48 * time.Hour

// Write writes the selected articles in the order in which they were fetched,
// and returns their number. It holds a few megabytes at a time, whatever the
// size of the archive.
func Write(w io.Writer, from Source, sel Selection) (n int, err error) {
	stories, threads, err := from.Merged()
	if err != nil {
		return 0, err
	}
	wr := writer{from: from, formerStories: inverse(stories), formerThreads: inverse(threads)}
	b := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	start := sel.After
	if !start.IsZero() {
		start = start.Add(-ahead)
	}
	err = from.Since(start, func(a news.Article) error {
		if !sel.has(a) {
			return nil
		}
		l, err := wr.line(a)
		if err != nil {
			return err
		}
		if err := enc.Encode(l); err != nil {
			return fmt.Errorf("write article %s: %w", a.ID, err)
		}
		n++
		return nil
	})
	if err != nil {
		return n, err
	}
	if err := b.Flush(); err != nil {
		return n, fmt.Errorf("write archive: %w", err)
	}
	return n, nil
}

type writer struct {
	from                         Source
	formerStories, formerThreads map[string][]string
}

func (w writer) line(a news.Article) (Line, error) {
	l := Line{Article: a}
	st, err := w.from.Story(a.Story)
	if err != nil {
		return l, err
	}
	for _, m := range st.Members {
		if m.Article == a.ID {
			l.CopyOf = m.Of
		}
	}
	l.Thread = st.Thread
	if founder(st) != a.ID {
		return l, nil
	}
	l.Founds = &Founds{Story: &st, FormerStories: w.formerStories[st.ID]}
	if st.Thread == st.ID {
		l.Founds.FormerThreads = w.formerThreads[st.ID]
	}
	th, err := w.from.Thread(st.Thread)
	switch {
	case isNotExist(err): // the story is alone
	case err != nil:
		return l, err
	case first(th) == st.ID:
		l.Founds.Thread, l.Founds.FormerThreads = &th, w.formerThreads[th.ID]
	}
	return l, nil
}

// founder is the article whose line carries the story: the one that founded
// it, if it is still in it.
func founder(st news.Story) string {
	for _, m := range st.Members {
		if m.Article == st.ID {
			return st.ID
		}
	}
	if len(st.Members) == 0 {
		return ""
	}
	return st.Members[0].Article
}

// first is the story that carries the thread.
func first(t news.Thread) string {
	for _, id := range t.Stories {
		if id == t.ID {
			return id
		}
	}
	if len(t.Stories) == 0 {
		return ""
	}
	return t.Stories[0]
}

// maxLine bounds one article of a file.
const maxLine = 128 << 20

// LineError is a fault of a file, with its place.
type LineError struct {
	File string
	Line int // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// Read calls f with each line of a file, and stops at the first fault, which is
// a LineError, or at f's first error. name is what messages call the file.
func Read(name string, r io.Reader, f func(Line) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	n := 0
	for sc.Scan() {
		n++
		text := bytes.TrimSpace(sc.Bytes())
		if len(text) == 0 {
			continue
		}
		l, err := parse(text)
		if err == nil {
			err = l.check()
		}
		if err == nil {
			err = f(l)
		}
		if err != nil {
			return &LineError{name, n, err}
		}
	}
	if errors.Is(sc.Err(), bufio.ErrTooLong) {
		return &LineError{name, n + 1, errors.New("the line is longer than 128 MiB")}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

func parse(text []byte) (l Line, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		if te, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return l, fmt.Errorf("field %q: a JSON %s does not fit there", strings.TrimPrefix(te.Field, "Article."), te.Value)
		}
		if m := unknown.FindStringSubmatch(err.Error()); m != nil {
			return l, fmt.Errorf("field %s is not known: the file was written by a newer version, or is no archive of `vedetta export --format jsonl`", m[1])
		}
		return l, fmt.Errorf("not a JSON object: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return l, errors.New("something follows the object: one a line is wanted")
	}
	return l, nil
}

var unknown = regexp.MustCompile(`unknown field ("[^"]*")`)

// id is what an article, a story or a thread may be named: it stands in
// addresses.
var id = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$`)

// check refuses a line that no export would have written.
func (l Line) check() error {
	switch {
	case l.URL == "":
		return errors.New("no url")
	case l.ID != news.ArticleID(l.URL):
		return fmt.Errorf("id %q is not that of url %q: want %q", clip(l.ID), clip(l.URL), news.ArticleID(l.URL))
	case l.Source == "":
		return errors.New("no source")
	case l.Seen.IsZero():
		return errors.New("no seen: the time when the article was fetched")
	case l.Published.IsZero():
		return errors.New("no published")
	case !id.MatchString(l.Story):
		return fmt.Errorf("story %q is no id", clip(l.Story))
	}
	for _, v := range l.Verdicts {
		if v.Topic == "" {
			return errors.New("a verdict has no topic")
		}
	}
	if l.Founds == nil {
		return nil
	}
	if st := l.Founds.Story; st != nil {
		if st.ID != l.Story {
			return fmt.Errorf("founds story %q, but is in story %q", clip(st.ID), l.Story)
		}
		for _, m := range st.Members {
			if !id.MatchString(m.Article) {
				return fmt.Errorf("story %s: member %q is no id", st.ID, clip(m.Article))
			}
		}
	}
	if th := l.Founds.Thread; th != nil {
		if !id.MatchString(th.ID) {
			return fmt.Errorf("thread %q is no id", clip(th.ID))
		}
		for _, s := range th.Stories {
			if !id.MatchString(s) {
				return fmt.Errorf("thread %s: story %q is no id", th.ID, clip(s))
			}
		}
	}
	for _, former := range slices.Concat(l.Founds.FormerStories, l.Founds.FormerThreads) {
		if !id.MatchString(former) {
			return fmt.Errorf("former id %q is no id", clip(former))
		}
	}
	return nil
}

// clip shortens what a message quotes.
func clip(s string) string { return fmt.Sprintf("%.80s", s) }

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// inverse maps each target to what leads to it, sorted.
func inverse(m map[string]string) map[string][]string {
	out := map[string][]string{}
	for _, from := range slices.Sorted(maps.Keys(m)) {
		out[m[from]] = append(out[m[from]], from)
	}
	return out
}
