package main

import (
	"html"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vedetta/news"
	"vedetta/static"
)

// awaitMidnight waits for the end of the day where that is near: the pages name
// days, and what is compared has to be of one.
func awaitMidnight() {
	now := time.Now().In(pressZone())
	y, m, d := now.Date()
	if left := time.Date(y, m, d+1, 0, 0, 0, 0, now.Location()).Sub(now); left < 5*time.Minute {
		time.Sleep(left)
	}
}

// The demo's site as files: every link of every document leads to a file, also
// under a path, and writing it again touches nothing.
func TestStaticExport(t *testing.T) {
	awaitMidnight()
	data, cfg := polled(t)
	text, err := os.ReadFile(cfg)
	if err != nil {
		t.Fatal(err)
	}
	const base = "https://esempio.example/rassegna"
	text = []byte(strings.Replace(string(text), "server: {", "server: {base_url: \""+base+"\", ", 1))
	if err := os.WriteFile(cfg, text, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "sito")
	if out := command(t, "", "export", "--config", cfg, "--data", data, "--static", dir); !strings.Contains(out, " documents in "+dir) {
		t.Errorf("printed %q", out)
	}
	checkLinks(t, dir, base)
	before := stamps(t, dir)
	if out := command(t, "", "export", "--config", cfg, "--data", data, "--static", dir); !strings.Contains(out, ": 0 written, 0 removed") {
		t.Errorf("again: %q", out)
	}
	if after := stamps(t, dir); after != before {
		t.Errorf("touched:\n%s\nwas\n%s", after, before)
	}
	code, _, stderr := vedettaRun(t, "", "export", "--config", cfg, "--static", dir, "--format", "md")
	if code != exitUsage || !strings.Contains(stderr, "--static writes the whole site") {
		t.Errorf("exit %d, %q", code, stderr)
	}
	code, _, stderr = vedettaRun(t, "", "export", "--config", cfg, "--data", data, "--static", data)
	if code != exitFailed || !strings.Contains(stderr, "was not written by vedetta") {
		t.Errorf("into the data directory: exit %d, %q", code, stderr)
	}
}

// stamps are the names and times of all files.
func stamps(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			b.WriteString(path + " " + info.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var namedLink = regexp.MustCompile(`(?:href|src|action|url)="([^"]+)"|"(?:url|feed_url|home_page_url|page)": ?"([^"]+)"`)

// checkLinks follows every link on the site in every file.
func checkLinks(t *testing.T, dir, base string) {
	t.Helper()
	at, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	root := at.Path
	links, pages := 0, 0
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".gz") || strings.HasSuffix(path, ".br") || strings.HasPrefix(e.Name(), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		pages++
		if strings.Contains(string(text), "<form") {
			t.Errorf("%s has a form, which no file can answer", path)
		}
		for _, m := range namedLink.FindAllStringSubmatch(string(text), -1) {
			link := html.UnescapeString(m[1] + m[2])
			link = strings.Replace(link, base, root, 1)
			target, _, _ := strings.Cut(link, "#")
			if target == "" || !strings.HasPrefix(target, root+"/") && target != root {
				continue
			}
			links++
			target = filepath.Join(dir, strings.TrimPrefix(target, root))
			if strings.HasSuffix(link, "/") || strings.Contains(link, "/#") || target == root {
				target = filepath.Join(target, "index.html")
			}
			if info, err := os.Stat(target); err != nil || info.IsDir() || strings.Contains(target, "?") {
				t.Errorf("%s: dead link %s", path, link)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if pages < 100 || links < 1000 {
		t.Errorf("only %d links in %d documents", links, pages)
	}
}

// The daemon keeps the files as the site is: what it mends after a change is
// what writing all anew would give.
func TestDaemonKeepsTheFiles(t *testing.T) {
	awaitMidnight()
	w := newWorld(t)
	w.round(t)
	cfg := *w.setup.cfg
	cfg.Server.Static = filepath.Join(t.TempDir(), "sito")
	set := func() {
		setup, err := w.service.prepare(&cfg, w.setup)
		if err != nil {
			t.Fatal(err)
		}
		w.service.serving.Store(setup)
	}
	set()
	k := staticKeeper{service: w.service}
	now := time.Now()
	look := func(after time.Duration) {
		t.Helper()
		now = now.Add(after)
		if err := k.look(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	look(0)
	checkLinks(t, cfg.Server.Static, cfg.Server.BaseURL)
	before := stamps(t, cfg.Server.Static)
	look(time.Minute)
	if err := w.store.SetSetting("prova", "1"); err != nil {
		t.Fatal(err)
	}
	look(time.Minute)
	if after := stamps(t, cfg.Server.Static); after != before {
		t.Errorf("nothing happened, and files changed:\n%s\nwas\n%s", after, before)
	}

	// An edit of an article that has company in its thread.
	stories, err := w.store.Timeline(news.Query{Topic: topicID})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(stories, func(st news.Story) bool { return st.Thread != st.ID })
	if i < 0 {
		t.Fatal("no thread in the demo")
	}
	a, err := w.store.Article(stories[i].Shown)
	if err != nil {
		t.Fatal(err)
	}
	a.Title = "Il titolo è stato corretto"
	if err := w.store.Commit(news.Visit{Articles: []news.Article{a}}); err != nil {
		t.Fatal(err)
	}
	look(time.Minute)
	for _, name := range []string{"index.html", "stories/" + stories[i].ID + "/index.html", "en/threads/" + stories[i].Thread + "/index.html", "stories/" + stories[i].Thread + "/index.html", "feeds/" + topicID + ".atom"} {
		if text, err := os.ReadFile(filepath.Join(cfg.Server.Static, name)); err != nil || !strings.Contains(string(text), a.Title) {
			t.Errorf("%s does not know of the correction (%v)", name, err)
		}
	}
	whole := filepath.Join(t.TempDir(), "intero")
	if _, err := static.NewWriter(whole).Write(t.Context(), w.service.serving.Load().static, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := siteContents(t, cfg.Server.Static), siteContents(t, whole); !maps.Equal(got, want) {
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s is not what it would be if all were written anew", name)
			}
		}
		t.Errorf("%d files; want %d", len(got), len(want))
	}

	cfg.Server.Static = ""
	set()
	look(time.Minute)
	if k.site != nil {
		t.Error("goes on writing after the configuration has it no more")
	}
}

// siteContents are the plain documents of a site.
func siteContents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		out[strings.TrimPrefix(path, dir)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTouchedDocuments(t *testing.T) {
	some, none := touched{"a": true}, touched{}
	for at, want := range map[string][2]bool{ // with a story touched, with none
		"/":                 {true, false},
		"/stories/a/":       {true, false},
		"/stories/b/":       {false, false},
		"/en/stories/a/x/":  {true, false},
		"/en/stories/b/a/":  {false, false},
		"/threads/a/":       {true, false},
		"/threads/b/":       {false, false},
		"/feeds/patto.atom": {true, false},
		"/sources/":         {true, true},
		"/en/sources/":      {true, true},
		"/sources.atom":     {true, true},
		"/facet=stories/":   {true, false},
	} {
		if got := [2]bool{some.document(at), none.document(at)}; got != want {
			t.Errorf("%s: %v; want %v", at, got, want)
		}
	}
}
