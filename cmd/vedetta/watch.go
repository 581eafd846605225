package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
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
}

// newWatcher begins to watch. The folder is watched, not the file, because
// editors and configuration managers replace files and links.
func newWatcher(path string, log *slog.Logger) (*watcher, error) {
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", path, err)
	}
	if err := watchFolders(files, path); err != nil {
		_ = files.Close()
		return nil, fmt.Errorf("watch %s: %w", path, err)
	}
	w := &watcher{
		path: path, log: log, files: files,
		hup: make(chan os.Signal, 1), changes: make(chan struct{}, 1), last: contentOf(path),
	}
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
			if w.concerns(ev.Name) {
				quiet.Reset(settle)
			}
		case err := <-w.files.Errors:
			w.log.Warn("some changes of the configuration's folder were not seen", "err", err)
			quiet.Reset(settle)
		case <-quiet.C:
			if err := watchFolders(w.files, w.path); err != nil {
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

// concerns reports whether a change of a file can change what the path leads
// to: the file itself, or a link on the way. Names that begin with two dots
// are what configuration managers swap.
func (w *watcher) concerns(name string) bool {
	base := filepath.Base(name)
	if base == filepath.Base(w.path) || strings.HasPrefix(base, "..") {
		return true
	}
	target, err := filepath.EvalSymlinks(w.path)
	return err != nil || base == filepath.Base(target)
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

// watchFolders watches the folder of the file and, where the file is a link,
// the folder that it leads to.
func watchFolders(w *fsnotify.Watcher, path string) error {
	if err := w.Add(filepath.Dir(path)); err != nil {
		return err
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil // between two states of a replacement
	}
	return w.Add(filepath.Dir(target))
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
