package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"

	"vedetta/config"

	"github.com/fsnotify/fsnotify"
)

// settle is how long a file must be left alone before it is read: editors
// write in several steps.
const settle = 300 * time.Millisecond

// watcher reports that the configuration is to be read again.
type watcher struct {
	path    string
	log     *slog.Logger
	files   *fsnotify.Watcher
	hup     chan os.Signal
	changes chan struct{} // one value for any number of changes not yet taken
	last    []byte        // digest of the content that was reported last
	way     []string      // what leads to the content, as wayTo has it
}

// newWatcher begins to watch. Folders are watched, not files, because editors
// and configuration managers replace files and links.
func newWatcher(path string, log *slog.Logger) (*watcher, error) {
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", path, err)
	}
	w := &watcher{
		path: path, log: log, files: files,
		hup: make(chan os.Signal, 1), changes: make(chan struct{}, 1),
	}
	if err := w.follow(); err != nil {
		_ = files.Close()
		return nil, fmt.Errorf("watch %s: %w", path, err)
	}
	w.last = contentOf(path)
	signal.Notify(w.hup, syscall.SIGHUP)
	return w, nil
}

// run posts to w.changes on every SIGHUP and when the file's content changed,
// until ctx ends. A file that was only touched is no change.
func (w *watcher) run(ctx context.Context) {
	quiet := time.NewTimer(settle)
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.hup:
			w.last = contentOf(w.path)
			w.post()
		case ev := <-w.files.Events:
			if slices.Contains(w.way, ev.Name) {
				quiet.Reset(settle)
			}
		case err := <-w.files.Errors:
			w.log.Warn("some changes of the configuration's folder were not seen", "err", err)
			quiet.Reset(settle)
		case <-quiet.C:
			if err := w.follow(); err != nil {
				w.log.Warn("cannot watch the configuration; SIGHUP still reloads it", "err", err)
			}
			// No content is the moment between two states of a replacement.
			if now := contentOf(w.path); now != nil && !bytes.Equal(now, w.last) {
				w.last = now
				w.post()
			}
		}
	}
}

func (w *watcher) close() {
	signal.Stop(w.hup)
	_ = w.files.Close()
}

func (w *watcher) post() {
	select {
	case w.changes <- struct{}{}:
	default:
	}
}

// follow watches the folders of the file, and of each link that leads to it,
// as they are now, and no others.
func (w *watcher) follow() error {
	way, err := wayTo(w.path)
	if err != nil {
		return err
	}
	w.way = way
	var folders []string
	for _, step := range way {
		folders = append(folders, filepath.Dir(step))
	}
	for _, f := range folders {
		if err := w.files.Add(f); err != nil {
			return err
		}
	}
	for _, f := range w.files.WatchList() {
		if !slices.Contains(folders, f) {
			_ = w.files.Remove(f) // it may be gone already
		}
	}
	return nil
}

// maxLinks is how many links are followed, as by the kernel.
const maxLinks = 40

// wayTo returns every link that a path leads through and the file at its end,
// each by its place in a real folder. It ends early at what is not there.
func wayTo(path string) ([]string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	const sep = string(filepath.Separator)
	root := filepath.VolumeName(abs) + sep
	at, rest := root, strings.Split(strings.TrimPrefix(abs, root), sep)
	var way []string
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		here := filepath.Join(at, name)
		info, err := os.Lstat(here)
		if err != nil {
			return append(way, here), nil // between two states of a replacement
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			if at = here; len(rest) == 0 {
				way = append(way, here)
			}
			continue
		}
		if way = append(way, here); len(way) > maxLinks {
			return nil, fmt.Errorf("%s: more than %d links", path, maxLinks)
		}
		target, err := os.Readlink(here)
		if err != nil {
			return way, nil
		}
		if filepath.IsAbs(target) {
			at = root
		}
		rest = append(strings.Split(strings.TrimPrefix(target, root), sep), rest...)
	}
	return way, nil
}

// contentOf is a digest of the file, nil while it cannot be read.
func contentOf(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(data)
	return sum[:]
}

// samePolling reports whether two configurations poll in the same way.
func samePolling(a, b config.Polling) bool {
	a.Schedule, b.Schedule = config.Schedule{}, config.Schedule{}
	return reflect.DeepEqual(a, b)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
