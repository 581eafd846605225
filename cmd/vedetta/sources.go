package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"text/tabwriter"
	"time"

	"vedetta/config"
	"vedetta/news"
	"vedetta/store"
	"vedetta/websub"

	"github.com/spf13/cobra"
)

func newSources(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "sources",
		Short: "Table of sources: last success, rhythm, items, on-topic share, state and reason",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			rows, err := a.sourceRows(c.Context(), cfg)
			if err != nil {
				return err
			}
			return printSources(c.OutOrStdout(), rows, asJSON)
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// sourceRow is a line of the table.
type sourceRow struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	Address      string    `json:"address"`
	State        string    `json:"state"`
	Reason       string    `json:"reason,omitempty"`
	LastSuccess  time.Time `json:"last_success,omitzero"`
	Rhythm       string    `json:"rhythm,omitempty"` // mean time between items
	Items        int       `json:"items"`
	OnTopic      int       `json:"on_topic"`
	OnTopicShare float64   `json:"on_topic_share"`
	NotBefore    time.Time `json:"not_before,omitzero"`
	Hub          string    `json:"hub,omitempty"`   // that pushes what is new
	Pushed       time.Time `json:"pushed,omitzero"` // its latest delivery
}

// sourceRows reads the state of the sources from the store or, while the
// daemon holds it, asks the daemon.
func (a *app) sourceRows(ctx context.Context, cfg *config.Config) ([]sourceRow, error) {
	s, err := a.openStore(true)
	_, locked := errors.AsType[*store.LockedError](err)
	switch {
	case locked:
		return askDaemon(ctx, cfg, err)
	case errors.Is(err, fs.ErrNotExist):
		return rowsOf(cfg.Sources, nil, nil), nil // nothing polled yet
	case err != nil:
		return nil, err
	}
	defer func() { _ = s.Close() }()
	polls, err := s.Polls()
	if err != nil {
		return nil, err
	}
	subscriptions, err := websub.Load(s)
	if err != nil {
		return nil, err
	}
	return rowsOf(cfg.Sources, polls, websub.Pushing(subscriptions, time.Now())), nil
}

// rowsOf describes the sources; hubs are those that push, by source.
func rowsOf(sources []config.Source, polls map[string]news.Poll, hubs map[string]string) []sourceRow {
	rows := make([]sourceRow, len(sources))
	for i, s := range sources {
		rows[i] = newSourceRow(s, polls[s.ID], time.Now())
		rows[i].Hub = hubs[s.ID]
	}
	return rows
}

// askDaemon gets the table from the daemon that holds the store.
func askDaemon(ctx context.Context, cfg *config.Config, locked error) ([]sourceRow, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+cfg.Server.Listen+sourcesPath, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w; and its daemon does not answer: %w", locked, err)
	}
	defer func() { _ = resp.Body.Close() }()
	var rows []sourceRow
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxInput)).Decode(&rows); err != nil || resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w; and what listens on %s is another program (%s)", locked, cfg.Server.Listen, resp.Status)
	}
	return rows, nil
}

// withSources puts what the command line asks before a site. A ServeMux would
// take a twentieth of the time of an answer 304 to tell the two apart.
func withSources(sources, site http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == sourcesPath && r.Method == http.MethodGet {
			sources.ServeHTTP(w, r)
			return
		}
		site.ServeHTTP(w, r)
	})
}

// sourcesPath is where the daemon tells how its sources are doing.
const sourcesPath = "/sources.json"

// serveSources answers askDaemon, and any program that watches the sources.
func (d *service) serveSources(sources []config.Source) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		polls, err := d.store.Polls()
		if err != nil {
			d.log.Error("cannot read the sources' state", "err", err)
			http.Error(w, "the store cannot be read", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-cache")
		if err := printJSON(w, rowsOf(sources, polls, d.hubs.Pushing())); err != nil {
			d.log.Debug("client went away", "err", err)
		}
	}
}

func newSourceRow(s config.Source, p news.Poll, now time.Time) sourceRow {
	state, reason := p.Health(s.Enabled, now)
	if !s.Enabled {
		reason = s.Reason
	}
	r := sourceRow{
		ID: s.ID, Name: s.Name, Address: s.Address(),
		State: string(state), Reason: reason, LastSuccess: p.Success,
		Items: p.Items, OnTopic: p.OnTopic, NotBefore: p.NotBefore, Pushed: p.Pushed,
	}
	if p.Items > 0 {
		r.OnTopicShare = float64(p.OnTopic) / float64(p.Items)
	}
	if p.Gap > 0 {
		r.Rhythm = p.Gap.Round(time.Minute).String()
	}
	return r
}

func printSources(w io.Writer, rows []sourceRow, asJSON bool) error {
	if asJSON {
		for _, r := range rows {
			if err := printJSON(w, r); err != nil {
				return err
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "SOURCE\tSTATE\tLAST SUCCESS\tRHYTHM\tITEMS\tON TOPIC\tREASON")
	for _, r := range rows {
		last := "never"
		if !r.LastSuccess.IsZero() {
			last = r.LastSuccess.Local().Format("2006-01-02 15:04")
		}
		rhythm := "–"
		if r.Rhythm != "" {
			rhythm = "1 in " + r.Rhythm
		}
		reason := r.Reason
		if reason == "" && r.Hub != "" {
			reason = "pushed by " + r.Hub
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d (%.1f%%)\t%s\n",
			r.Name, r.State, last, rhythm, r.Items, r.OnTopic, 100*r.OnTopicShare, reason)
	}
	return t.Flush()
}
