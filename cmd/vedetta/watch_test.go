package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// watched is a configuration file under watch. Its methods act in its folder.
type watched struct {
	t    *testing.T
	dir  string
	path string
	w    *watcher
}

func (f watched) in(name string) string { return filepath.Join(f.dir, name) }

func (f watched) write(name, content string) {
	f.t.Helper()
	if err := os.WriteFile(f.in(name), []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f watched) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// changed waits until the change is reported.
func (f watched) changed() {
	f.t.Helper()
	select {
	case <-f.w.changes:
	case <-time.After(patience):
		f.t.Fatal("the change was not noticed")
	}
}

// swap points a link elsewhere in one step, as configuration managers do.
func (f watched) swap(target, link string) {
	f.t.Helper()
	tmp := f.in(link + "_tmp")
	f.must(os.Symlink(target, tmp))
	f.must(os.Rename(tmp, f.in(link)))
}

// TestWatcher changes a file in all the ways in which editors, administrators
// and configuration managers do.
func TestWatcher(t *testing.T) {
	plain := func(f watched) { f.write("feeds.yaml", "uno") }
	for name, c := range map[string]struct {
		set    func(watched) // the state before
		change func(watched)
	}{
		"written over (nano, cp, shell)": {plain, func(f watched) { f.write("feeds.yaml", "due") }},
		"appended to (vedetta add, >>)": {plain, func(f watched) {
			w, err := os.OpenFile(f.path, os.O_APPEND|os.O_WRONLY, 0)
			f.must(err)
			_, err = w.WriteString(" e due")
			f.must(err)
			f.must(w.Close())
		}},
		"written in steps": {plain, func(f watched) {
			w, err := os.Create(f.path)
			f.must(err)
			for range 5 {
				_, err = w.WriteString("due ")
				f.must(err)
				f.must(w.Sync())
			}
			f.must(w.Close())
		}},
		"a new file renamed over it (sed -i, rsync, ansible, gedit)": {plain, func(f watched) {
			f.write(".feeds.yaml.Xq2", "due")
			f.must(os.Rename(f.in(".feeds.yaml.Xq2"), f.path))
		}},
		"renamed to a backup and written anew (vim, emacs)": {plain, func(f watched) {
			f.must(os.Rename(f.path, f.in("feeds.yaml~")))
			f.write("feeds.yaml", "due")
			f.must(os.Remove(f.in("feeds.yaml~")))
		}},
		"removed and written anew (git checkout)": {plain, func(f watched) {
			f.must(os.Remove(f.path))
			f.write("feeds.yaml", "due")
		}},
		"a link to a file elsewhere, which is written (stow)": {func(f watched) {
			f.must(os.Mkdir(f.in("stow"), 0o700))
			f.write("stow/feeds.yaml", "uno")
			f.must(os.Symlink(filepath.Join("stow", "feeds.yaml"), f.path))
		}, func(f watched) { f.write("stow/feeds.yaml", "due") }},
		"a link that is pointed elsewhere (puppet, nix)": {func(f watched) {
			f.must(os.Mkdir(f.in("a"), 0o700))
			f.must(os.Mkdir(f.in("b"), 0o700))
			f.write("a/feeds.yaml", "uno")
			f.write("b/feeds.yaml", "due")
			f.must(os.Symlink(filepath.Join("a", "feeds.yaml"), f.path))
		}, func(f watched) { f.swap(filepath.Join("b", "feeds.yaml"), "feeds.yaml") }},
		"a link to a link to a folder that is swapped (Kubernetes)": {func(f watched) {
			f.must(os.Mkdir(f.in("..2026_11_21"), 0o700))
			f.write("..2026_11_21/feeds.yaml", "uno")
			f.must(os.Symlink("..2026_11_21", f.in("..data")))
			f.must(os.Symlink(filepath.Join("..data", "feeds.yaml"), f.path))
		}, func(f watched) {
			f.must(os.Mkdir(f.in("..2026_11_22"), 0o700))
			f.write("..2026_11_22/feeds.yaml", "due")
			f.swap("..2026_11_22", "..data")
			f.must(os.RemoveAll(f.in("..2026_11_21")))
		}},
		"a folder in a folder of releases that is swapped": {func(f watched) {
			f.must(os.MkdirAll(f.in("releases/1"), 0o700))
			f.must(os.MkdirAll(f.in("releases/2"), 0o700))
			f.write("releases/1/feeds.yaml", "uno")
			f.write("releases/2/feeds.yaml", "due")
			f.must(os.Symlink(filepath.Join("releases", "1"), f.in("current")))
			f.must(os.Symlink(filepath.Join("current", "feeds.yaml"), f.path))
		}, func(f watched) { f.swap(filepath.Join("releases", "2"), "current") }},
		"links in other folders, absolute": {func(f watched) {
			f.must(os.MkdirAll(f.in("srv/1"), 0o700))
			f.must(os.MkdirAll(f.in("srv/2"), 0o700))
			f.write("srv/1/feeds.yaml", "uno")
			f.write("srv/2/feeds.yaml", "due")
			f.must(os.Symlink(f.in("srv/1"), f.in("srv/now")))
			f.must(os.Symlink(f.in("srv/now/feeds.yaml"), f.path))
		}, func(f watched) { f.swap(f.in("srv/2"), "srv/now") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			f := watched{t: t, dir: dir, path: filepath.Join(dir, "feeds.yaml")}
			c.set(f)
			w, err := newWatcher(f.path, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			f.w = w
			t.Cleanup(w.close)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); w.run(ctx) }()
			t.Cleanup(func() { cancel(); <-done })
			// The watcher looks once when it begins. What comes after a first
			// change it has to notice by itself.
			overwrite := func(content string) {
				target, err := filepath.EvalSymlinks(f.path)
				f.must(err)
				f.must(os.WriteFile(target, []byte(content), 0o600))
				f.changed()
			}
			overwrite("zero")
			c.change(f)
			f.changed()
			content, err := os.ReadFile(f.path)
			if err != nil || string(content) == "zero" {
				t.Errorf("reported when the file held %q, %v", content, err)
			}
			// Once noticed, the file is watched as it is now.
			overwrite("tre")
		})
	}
}

func TestWayTo(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := watched{t: t, dir: dir}
	f.must(os.MkdirAll(f.in("a/b"), 0o700))
	f.write("a/b/file", "")
	f.must(os.Symlink("b", f.in("a/c")))
	f.must(os.Symlink("../a/c/file", f.in("a/d")))
	f.must(os.Symlink("nowhere", f.in("broken")))
	f.must(os.Symlink("round", f.in("round")))
	for path, want := range map[string][]string{
		"a/b/file":   {"a/b/file"},
		"a/c/file":   {"a/c", "a/b/file"},
		"a/d":        {"a/d", "a/c", "a/b/file"},
		"a/../a/d":   {"a/d", "a/c", "a/b/file"},
		"a/b/none":   {"a/b/none"},
		"none/below": {"none"},
		"broken":     {"broken", "nowhere"},
	} {
		got, err := wayTo(f.in(path))
		for i := range want {
			want[i] = f.in(want[i])
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", path, got, err, want)
		}
	}
	if _, err := wayTo(f.in("round")); err == nil {
		t.Error("a link to itself was followed to its end")
	}
}
