//go:build clients

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html/charset"
)

// TestReaders subscribes with the readers that Debian has, as people would:
// they visit the feed when it is new to them, when nothing has happened, and
// after the press has gone on for some minutes, with new stories, a corrected
// article and a late copy.
func TestReaders(t *testing.T) {
	w := newWorld(t)
	w.round(t)
	var readers []*subscription
	for _, format := range []string{"atom", "rss"} {
		for _, r := range []*subscription{
			{name: "newsboat", visit: newsboat, conditional: true},
			{name: "feedparser", visit: feedparser, conditional: true},
			{name: "rss2email", visit: rss2email, conditional: true},
			{name: "sfeed", visit: sfeed},
		} {
			r.format, r.dir = format, t.TempDir()
			r.listen(t, w)
			readers = append(readers, r)
		}
	}
	path := "/feeds/" + topicID + ".atom"
	before := w.feed(t, path)
	for _, r := range readers {
		r.expect(t, "at first", titles(before.Items))
		for range 2 { // newsboat keeps validators from its second visit on
			r.expect(t, "when nothing has happened", nil)
		}
		if got := r.last(); r.conditional && got != http.StatusNotModified {
			t.Errorf("%s, %s: answered %d to a later visit, want 304", r.name, r.format, got)
		}
	}
	w.now.Add(int64(9 * time.Minute))
	w.round(t)
	later := w.feed(t, path)
	fresh := titles(slices.DeleteFunc(slices.Clone(later.Items), func(it *gofeed.Item) bool {
		return slices.ContainsFunc(before.Items, func(old *gofeed.Item) bool { return old.GUID == it.GUID })
	}))
	if len(fresh) == 0 || !slices.ContainsFunc(later.Items, func(it *gofeed.Item) bool { return it.UpdatedParsed.After(it.PublishedParsed.Add(time.Minute)) }) {
		t.Fatalf("%d new entries, or none was updated: nothing to try", len(fresh))
	}
	for _, r := range readers {
		r.expect(t, "later", fresh)
	}
}

func titles(items []*gofeed.Item) []string {
	var out []string
	for _, it := range items {
		out = append(out, it.Title)
	}
	return out
}

// subscription is one reader's subscription to one feed.
type subscription struct {
	name        string
	conditional bool // it keeps validators
	visit       func(*testing.T, *subscription) []string
	format      string
	dir         string // its home
	address     string

	mu       sync.Mutex // guards statuses
	statuses []int
	seen     []string // titles of all entries that it showed
}

// python is Debian's, which has Debian's feedparser.
const python = "/usr/bin/python3"

// listen serves the site for this reader alone, and notes its answers.
func (s *subscription) listen(t *testing.T, w *world) {
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		n := &noted{ResponseWriter: rw, status: http.StatusOK}
		w.service.ServeHTTP(n, r)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.statuses = append(s.statuses, n.status)
	}))
	t.Cleanup(srv.Close)
	s.address = srv.URL + "/feeds/" + topicID + "." + s.format
}

type noted struct {
	http.ResponseWriter
	status int
}

func (n *noted) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

func (s *subscription) last() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.statuses) == 0 {
		return 0
	}
	return s.statuses[len(s.statuses)-1]
}

// expect visits and compares what the reader took for new.
func (s *subscription) expect(t *testing.T, when string, want []string) {
	t.Helper()
	got := s.visit(t, s)
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s, %s: %s it took for new\n %q\nwant\n %q", s.name, s.format, when, got, want)
		return
	}
	t.Logf("%s, %s: %d new %s (answered %d)", s.name, s.format, len(got), when, s.last())
}

// command runs a program in the reader's home.
func (s *subscription) command(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "HOME="+s.dir, "LC_ALL=C.UTF-8", "XDG_CONFIG_HOME="+s.dir, "XDG_DATA_HOME="+s.dir, "no_proxy=*")
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s%s", name, args, err, out, failed.String())
	}
	return out
}

// showed returns those titles that were not shown before: a reader that lists
// all it has takes the others for known.
func (s *subscription) showed(all []string) []string {
	fresh := slices.Clone(all)
	for _, old := range s.seen {
		if i := slices.Index(fresh, old); i >= 0 {
			fresh = slices.Delete(fresh, i, i+1)
		}
	}
	s.seen = append(s.seen, fresh...)
	return fresh
}

// newsboat reloads and looks into its cache: its own command prints numbers only.
func newsboat(t *testing.T, s *subscription) []string {
	urls, cache := filepath.Join(s.dir, "urls"), filepath.Join(s.dir, "cache.db")
	if err := os.WriteFile(urls, []byte(s.address+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.command(t, "newsboat", "-u", urls, "-c", cache, "-C", os.DevNull, "-x", "reload")
	out := s.command(t, python, "-c", `
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
rows = db.execute("SELECT title, content, pubDate FROM rss_item WHERE unread = 1").fetchall()
db.execute("UPDATE rss_item SET unread = 0")
db.commit()
json.dump([{"title": t, "content": c, "date": d} for t, c, d in rows], sys.stdout)`, cache)
	var rows []struct {
		Title, Content string
		Date           int64
	}
	if err := json.Unmarshal(out, &rows); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var fresh []string
	for _, r := range rows {
		if !strings.Contains(r.Content, foot) || time.Since(time.Unix(r.Date, 0)) > 365*24*time.Hour {
			t.Errorf("newsboat, %s: %q has the date %d and the content %.200q", s.format, r.Title, r.Date, r.Content)
		}
		fresh = append(fresh, r.Title)
	}
	return fresh
}

// foot is what every entry's content has.
const foot = "Perché è qui"

// feedparser reads with the validators that it was given the last time.
func feedparser(t *testing.T, s *subscription) []string {
	script, err := filepath.Abs("testdata/readfeed.py")
	if err != nil {
		t.Fatal(err)
	}
	out := s.command(t, python, script, s.address, filepath.Join(s.dir, "state.json"))
	var f struct {
		Status          int
		Faults          []string
		Title, Language string
		Entries         []struct {
			ID, Title, Link, Author, Content string
			Published                        bool
		}
	}
	if err := json.Unmarshal(out, &f); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(f.Faults) > 0 || f.Status == http.StatusOK && (f.Title == "" || f.Language != "it") {
		t.Errorf("feedparser, %s: %d, faults %q, %q in %q", s.format, f.Status, f.Faults, f.Title, f.Language)
	}
	var all []string
	for _, e := range f.Entries {
		if !strings.HasPrefix(e.ID, "urn:uuid:") || !strings.HasPrefix(e.Link, "http") || e.Author == "" || !e.Published || !strings.Contains(e.Content, foot) {
			t.Errorf("feedparser, %s: entry is incomplete: %.400v", s.format, e)
		}
		all = append(all, e.Title)
	}
	return s.showed(all)
}

// rss2email delivers into a mail directory, which is emptied after each visit.
func rss2email(t *testing.T, s *subscription) []string {
	inbox := filepath.Join(s.dir, "Maildir")
	config, data := filepath.Join(s.dir, "rss2email.cfg"), filepath.Join(s.dir, "rss2email.json")
	if _, err := os.Stat(config); err != nil {
		for _, d := range []string{"new", "cur", "tmp"} {
			if err := os.MkdirAll(filepath.Join(inbox, d), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		text := "[DEFAULT]\nto = analista@esempio.example\nemail-protocol = maildir\nmaildir-path = " + s.dir + "\nmaildir-mailbox = Maildir\ndate-header = True\n"
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.command(t, "r2e", "-c", config, "-d", data, "add", "vedetta", s.address)
	}
	s.command(t, "r2e", "-c", config, "-d", data, "run")
	letters, err := filepath.Glob(filepath.Join(inbox, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var fresh []string
	for _, name := range letters {
		fresh = append(fresh, s.letter(t, name))
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	return fresh
}

// letter reads a mail, checks it, and returns its subject.
func (s *subscription) letter(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	body := m.Body
	switch strings.ToLower(m.Header.Get("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if body, err = charset.NewReaderLabel(params["charset"], body); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Header.Date(); err != nil || !bytes.Contains(text, []byte(foot)) || bytes.Contains(text, []byte("<p>")) {
		t.Errorf("rss2email, %s: %q, %v:\n%.600s", s.format, subject, err, text)
	}
	return subject
}

// sfeed merges what it fetches into a file of one line an entry.
func sfeed(t *testing.T, s *subscription) []string {
	config := filepath.Join(s.dir, "sfeedrc")
	text := "sfeedpath='" + s.dir + "'\nfeeds() {\n\tfeed vedetta '" + s.address + "'\n}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.command(t, "sfeed_update", config)
	file, err := os.ReadFile(filepath.Join(s.dir, "vedetta"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(file)) {
		fields := strings.Split(line, "\t") // time, title, link, content, its type, id, author, …
		if len(fields) < 7 || fields[0] == "" || !strings.HasPrefix(fields[2], "http") || !strings.Contains(fields[3], foot) || !strings.HasPrefix(fields[5], "urn:uuid:") {
			t.Errorf("sfeed, %s: line is incomplete: %.300q", s.format, line)
			continue
		}
		all = append(all, fields[1])
	}
	return s.showed(all)
}
