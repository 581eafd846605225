package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/extractor"
	"vedetta/fetcher"
	"vedetta/store"
)

// newFetcher returns the fetcher that the configuration asks for.
func newFetcher(p config.Polling, log *slog.Logger) (*fetcher.Fetcher, error) {
	return fetcher.New(fetcherOptions(p, log))
}

func fetcherOptions(p config.Polling, log *slog.Logger) fetcher.Options {
	return fetcher.Options{
		Version: buildInfo().Version,
		Contact: p.Contact,
		Timeout: time.Duration(p.Timeout),
		PerHost: time.Duration(p.PerHost),
		Floor:   time.Duration(p.Floor),
		Ceiling: time.Duration(p.Ceiling),
		Allow:   p.Allow,
		Log:     log,
	}
}

// waitsSetting is the name under which is stored what sites asked to wait.
const waitsSetting = "waits"

// remembering returns options for a fetcher that waits for what sites asked an
// earlier process to wait, and keeps it for the next one.
func remembering(o fetcher.Options, s *store.Store, log *slog.Logger) (fetcher.Options, error) {
	text, err := s.Setting(waitsSetting)
	if err != nil {
		return o, err
	}
	if text != "" && json.Unmarshal([]byte(text), &o.Waits) != nil {
		o.Waits = fetcher.Waits{} // what sites asked for is asked for again
	}
	o.OnWait = func(w fetcher.Waits) {
		text, err := json.Marshal(w)
		if err == nil {
			err = s.SetSetting(waitsSetting, string(text))
		}
		if err != nil {
			log.Error("cannot store what sites asked to wait", "err", err)
		}
	}
	return o, nil
}

// pages makes package extractor what the engine needs.
type pages struct{ *extractor.Extractor }

// Feed implements engine.Extractor.
func (pages) Feed(fragment, base string) (text, html string) { return extractor.Feed(fragment, base) }

// newPlan makes a configuration ready to run.
func newPlan(cfg *config.Config, f *fetcher.Fetcher) (*engine.Plan, error) {
	return engine.NewPlan(cfg, f, newPages(cfg))
}

func newPages(cfg *config.Config) pages {
	return pages{extractor.New(cfg.Extract.Sites)}
}

// databaseName is the database's name in the data directory.
const databaseName = "vedetta.db"

// storiesPath is the file beside the database in which the index of stories is
// kept while nothing runs. It can be made again.
func storiesPath(s *store.Store) string { return filepath.Join(s.Folder(), "stories.idx") }

// openStore opens the database in the data directory.
func (a *app) openStore(readOnly bool) (*store.Store, error) {
	return a.openStoreWith(store.Options{ReadOnly: readOnly})
}

func (a *app) openStoreWith(o store.Options) (*store.Store, error) {
	dir, err := a.dataDir()
	if err != nil {
		return nil, err
	}
	if !o.ReadOnly {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the data directory: %w; name another one with --data", err)
		}
	}
	s, err := store.Open(filepath.Join(dir, databaseName), o)
	if _, locked := errors.AsType[*store.LockedError](err); locked {
		return nil, fmt.Errorf("%w; stop it first, or name another directory with --data", err)
	}
	if _, damaged := errors.AsType[*store.DamagedError](err); damaged {
		return nil, fmt.Errorf("%w; %s", err, howToRestore(a, dir))
	}
	return s, err
}

// openExisting opens the database for writing, and makes none.
func (a *app) openExisting() (*store.Store, error) {
	dir, err := a.dataDir()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, databaseName)
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return a.openStore(false)
}

// howToRestore is the command that brings the newest backup back.
func howToRestore(a *app, dir string) string {
	newest := newestBackup(dir)
	if newest == "" {
		return fmt.Sprintf("no backup was found in %s: `vedetta restore FILE` puts one back that lies elsewhere", dir)
	}
	command := "vedetta restore "
	if a.data != "" {
		command += "--data " + a.data + " "
	}
	return fmt.Sprintf("the newest backup found comes back by `%s%s`", command, newest)
}

// choose enables the named sources of a configuration, by id or by name, and
// no others; with no names it changes nothing. All sources stay in it: what
// is stored of the others is still judged by what they are.
func choose(cfg *config.Config, names []string) (*config.Config, error) {
	if len(names) == 0 {
		return cfg, nil
	}
	wanted := make(map[string]bool)
	for _, name := range names {
		s, ok := findSource(cfg, name)
		if !ok {
			return nil, errUsage{fmt.Errorf("no source %q in the configuration; `vedetta sources` lists them", name)}
		}
		wanted[s.ID] = true
	}
	out := *cfg
	out.Sources = slices.Clone(cfg.Sources)
	for i := range out.Sources {
		out.Sources[i].Enabled = wanted[out.Sources[i].ID]
	}
	return &out, nil
}

func findSource(cfg *config.Config, name string) (config.Source, bool) {
	for _, s := range cfg.Sources {
		if s.ID == name || s.Name == name {
			return s, true
		}
	}
	return config.Source{}, false
}
