package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"vedetta/config"
	"vedetta/publish"
	"vedetta/static"
	"vedetta/store"
)

// When the daemon writes the site as files.
const (
	staticEvery   = 20 * time.Second // how often it looks for changes; those of one round go together
	staticSources = 15 * time.Minute // where only the state of the sources changed, which it does with every poll
	staticWhole   = 24 * time.Hour   // when everything is made anew, whatever is said to have changed
	staticAfter   = 5 * time.Minute  // after a failure
	staticShare   = 9                // a writing is followed by a pause so many times as long
)

// staticSite is the site that a configuration wants written as files; nil when
// it wants none.
func (d *service) staticSite(cfg *config.Config) (*publish.Handler, error) {
	if cfg.Server.Static == "" {
		return nil, nil
	}
	site := d.newSite(cfg)
	// A file does not know whether the daemon runs, and answers no question.
	site.Static, site.Started, site.Searcher = true, time.Time{}, nil
	return publish.New(d.store, site, d.log)
}

// keepStatic writes the site as files whenever it changed, until ctx ends.
func (d *service) keepStatic(ctx context.Context) {
	k := staticKeeper{service: d}
	for {
		pause := staticEvery
		start := time.Now()
		switch err := k.look(ctx, start); {
		case ctx.Err() != nil:
			return
		case err != nil:
			d.log.Error("cannot write the site as files", "err", err)
			pause = staticAfter
		default:
			pause = max(pause, staticShare*time.Since(start))
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// staticKeeper remembers what the files were made of.
type staticKeeper struct {
	service  *service
	site     *publish.Handler
	writer   *static.Writer
	revision uint64    // of the store, up to which stories are written
	polled   uint64    // the same for the state of the sources
	whole    time.Time // when all was made anew
	sources  time.Time // when the sources' pages were
}

// look writes what changed since the last time.
func (k *staticKeeper) look(ctx context.Context, now time.Time) error {
	setup := k.service.serving.Load()
	if setup.static == nil {
		*k = staticKeeper{service: k.service}
		return nil
	}
	revision := k.service.store.Revision()
	if setup.static != k.site || now.Sub(k.whole) >= staticWhole {
		w := static.NewWriter(setup.cfg.Server.Static)
		if err := k.write(ctx, w, setup.static, nil); err != nil {
			return err
		}
		*k = staticKeeper{service: k.service, site: setup.static, writer: w, revision: revision, polled: revision, whole: now, sources: now}
		return nil
	}
	if revision == k.revision && revision == k.polled {
		return nil
	}
	touched, err := k.service.touchedSince(k.revision)
	if errors.Is(err, store.ErrForgotten) {
		k.whole = time.Time{}
		return nil // the next look makes all anew
	}
	if err != nil {
		return err
	}
	if len(touched) == 0 {
		k.revision = revision
		if now.Sub(k.sources) < staticSources {
			return nil
		}
	}
	changed := func(at string) bool { return touched.document(at) }
	if err := k.write(ctx, k.writer, k.site, changed); err != nil {
		return err
	}
	k.revision, k.polled, k.sources = revision, revision, now
	return nil
}

func (k *staticKeeper) write(ctx context.Context, w *static.Writer, site *publish.Handler, changed func(string) bool) error {
	start := time.Now()
	n, err := w.Write(ctx, site, changed)
	if err != nil {
		return err
	}
	log := k.service.log.Debug
	if changed == nil {
		log = k.service.log.Info
	}
	log("site written as files", "n", n.Documents, "written", n.Written, "removed", n.Removed, "kept", len(n.Kept), "dur", time.Since(start).Round(time.Millisecond))
	return nil
}

// touched are the stories and threads whose pages changed, by id.
type touched map[string]bool

// touchedSince finds what the transactions after a revision changed. The page
// of a story shows its thread, so that changes with each of its stories.
func (d *service) touchedSince(revision uint64) (touched, error) {
	out := touched{}
	for {
		changes, err := d.store.Changes(revision, changesAtOnce)
		if err != nil || len(changes) == 0 {
			return out, err
		}
		for _, c := range changes {
			for _, id := range c.Stories {
				if err := d.touch(out, id); err != nil {
					return out, err
				}
			}
			revision = c.Revision
		}
	}
}

// changesAtOnce is how many changed stories are asked for at a time.
const changesAtOnce = 1000

func (d *service) touch(out touched, id string) error {
	if out[id] {
		return nil
	}
	out[id] = true
	st, err := d.store.Story(id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	out[st.ID], out[st.Thread] = true, true
	th, err := d.store.Thread(st.Thread)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("thread of story %s: %w", st.ID, err)
	}
	for _, s := range th.Stories {
		out[s] = true
	}
	return nil
}

// document reports whether a document of the site changed with them: the page
// of one of them, or any list. With none, only the state of the sources did.
func (t touched) document(at string) bool {
	parts := strings.Split(strings.Trim(at, "/"), "/")
	for i, part := range parts {
		if i+1 < len(parts) && (part == "stories" || part == "threads") {
			return t[parts[i+1]]
		}
	}
	return len(t) > 0 || strings.HasPrefix(parts[len(parts)-1], "sources")
}
