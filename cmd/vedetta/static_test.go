package main

import (
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The demo's site as files: every link of every document leads to a file, also
// under a path, and writing it again touches nothing.
func TestStaticExport(t *testing.T) {
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
	_, root, _ := strings.Cut(strings.TrimPrefix(base, "https://"), "/")
	root = "/" + root
	links, pages := 0, 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
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
			if strings.HasSuffix(link, "/") || strings.Contains(link, "/#") || link == root {
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
