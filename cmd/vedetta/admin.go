package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"vedetta/store"

	"github.com/coreos/go-systemd/v22/daemon"
)

// The running daemon alone has the database open. What other commands want of
// it they ask over a socket in the data directory, which only the directory's
// owner and root can reach. The public listener copies and changes nothing.
const adminSocket = "vedetta.sock"

// stallTime is how long the reader of a snapshot may take nothing before it is
// given up: the snapshot keeps room in the file from being used again.
const stallTime = 30 * time.Second

// serveAdmin answers other commands until stop is called. The caller holds the
// lock of the database, so a socket that is there is a dead daemon's. Without
// one the daemon runs all the same.
func (d *service) serveAdmin(dir string) (stop func()) {
	l, err := listenAdmin(filepath.Join(dir, adminSocket))
	if err != nil {
		d.log.Warn("no socket for commands: backup, compact and verify need the daemon stopped", "err", err)
		return func() {}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /snapshot", d.serveSnapshot)
	mux.HandleFunc("POST /compact", d.serveCompact)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			d.log.Error("socket for commands ended", "err", err)
		}
	})
	return func() {
		_ = srv.Close() // what is under way is cut off, and its client says so
		serving.Wait()
	}
}

func listenAdmin(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// serveSnapshot sends the database as of the last commit.
func (d *service) serveSnapshot(w http.ResponseWriter, _ *http.Request) {
	start, total := time.Now(), int64(0)
	err := d.store.Snapshot(stallWriter{w, http.NewResponseController(w)}, func(size int64) {
		total = size
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	})
	if err != nil {
		d.log.Error("snapshot for a command failed", "err", err)
		if total == 0 {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
		return // short of its length: the client sees that it is cut off
	}
	d.log.Info("snapshot for a command", "bytes", total, "dur", time.Since(start).Round(time.Millisecond))
}

// stallWriter gives up when nothing is taken for stallTime.
type stallWriter struct {
	w    io.Writer
	conn *http.ResponseController
}

func (s stallWriter) Write(b []byte) (int, error) {
	if err := s.conn.SetWriteDeadline(time.Now().Add(stallTime)); err != nil {
		return 0, err
	}
	return s.w.Write(b)
}

// compacted is what compacting did, in bytes of the file.
type compacted struct {
	Before int64 `json:"before"`
	After  int64 `json:"after"`
}

// serveCompact compacts the database. Visits wait for it, so the watchdog is
// told that it goes on.
func (d *service) serveCompact(w http.ResponseWriter, r *http.Request) {
	start, last := time.Now(), time.Time{}
	before, after, err := d.store.Compact(r.Context(), func() {
		if time.Since(last) > time.Second {
			last = time.Now()
			d.notify(daemon.SdNotifyWatchdog)
		}
	})
	if err != nil {
		d.log.Error("cannot compact", "err", err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	d.log.Info("compacted", "before", before, "after", after, "dur", time.Since(start).Round(time.Millisecond))
	w.Header().Set("Content-Type", "application/json")
	if err := printJSON(w, compacted{before, after}); err != nil {
		d.log.Debug("client went away", "err", err)
	}
}

// askAdmin asks the daemon that holds the data directory, and gives its answer
// to read. locked is why it has to be asked.
func askAdmin(ctx context.Context, dir, method, what string, locked *store.LockedError, read func(*http.Response) error) error {
	path := filepath.Join(dir, adminSocket)
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", path)
		},
	}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, method, "http://vedetta"+what, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w; only its user and root may ask it: %w", locked, fs.ErrPermission)
	case err != nil && ctx.Err() == nil:
		return fmt.Errorf("%w, which does not answer on %s (%w): wait until it has ended, or stop it", locked, path, errors.Unwrap(err))
	case err != nil:
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		reason, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
		return errors.Join(fmt.Errorf("the daemon could not do it: %s", strings.TrimSpace(string(reason))), err)
	}
	return read(resp)
}

// snapshotTo writes the running daemon's database to w.
func snapshotTo(ctx context.Context, dir string, locked *store.LockedError, w io.Writer) error {
	return askAdmin(ctx, dir, http.MethodGet, "/snapshot", locked, func(resp *http.Response) error {
		if _, err := io.Copy(w, resp.Body); err != nil {
			return fmt.Errorf("the daemon's copy was cut off: %w", err)
		}
		return nil
	})
}

// compactDaemon has the running daemon compact its database.
func compactDaemon(ctx context.Context, dir string, locked *store.LockedError) (c compacted, err error) {
	err = askAdmin(ctx, dir, http.MethodPost, "/compact", locked, func(resp *http.Response) error {
		return json.NewDecoder(io.LimitReader(resp.Body, 4<<10)).Decode(&c)
	})
	return c, err
}

// openToRead opens the database for reading: the file itself or, while the
// daemon has it, a copy of it as of now.
func (a *app) openToRead(ctx context.Context) (*store.Store, error) {
	s, err := a.openStore(true)
	locked, ok := errors.AsType[*store.LockedError](err)
	if !ok {
		return s, err
	}
	dir, err := a.dataDir()
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, store.SnapshotPattern(databaseName))
	if err != nil {
		return nil, fmt.Errorf("copy the daemon's database: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // what has it open goes on reading it
	if err := errors.Join(snapshotTo(ctx, dir, locked, f), f.Close()); err != nil {
		return nil, err
	}
	return store.Open(f.Name(), store.Options{ReadOnly: true})
}
