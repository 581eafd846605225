package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/fetcher"
	"vedetta/news"

	"github.com/spf13/cobra"
)

func newCheck(a *app) *cobra.Command {
	var asJSON, live bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Validates feeds.yaml; with --live also asks each source once",
		Long: `Reports every fault of the configuration with its file:line:column and a hint. With
--live each enabled source is fetched once, without storing anything.

Exit codes: 0 all is well; 1 with --live, a source does not answer with items; 2 the file
is faulty or is not there, or the command line is wrong.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			p, err := engine.NewPlan(cfg, nil, nil)
			if err != nil {
				return err
			}
			out := c.OutOrStdout()
			if !live {
				return printValid(out, a.configPath(), cfg, len(p.Sources), asJSON)
			}
			f, err := newFetcher(cfg.Poll, a.logger(c.ErrOrStderr()))
			if err != nil {
				return err
			}
			answers := askAll(c.Context(), f, p.Sources, cfg.Poll.Workers, c.ErrOrStderr())
			return printAnswers(out, answers, asJSON)
		},
	}
	jsonFlag(c, &asJSON)
	c.Flags().BoolVar(&live, "live", false, "also fetch each source once")
	return c
}

func printValid(w io.Writer, path string, cfg *config.Config, enabled int, asJSON bool) error {
	if asJSON {
		return printJSON(w, map[string]any{
			"file": path, "valid": true, "sources": len(cfg.Sources), "enabled": enabled, "topics": len(cfg.Topics), "topics_enabled": enabledTopics(cfg),
		})
	}
	_, err := fmt.Fprintf(w, "%s is valid: %s, %d of them enabled; %s, %d of them enabled\n",
		path, counted(len(cfg.Sources), "source"), enabled, counted(len(cfg.Topics), "topic"), enabledTopics(cfg))
	return err
}

func enabledTopics(cfg *config.Config) int {
	n := 0
	for _, t := range cfg.Topics {
		if !t.Disabled {
			n++
		}
	}
	return n
}

// answer is what a source said to one request.
type answer struct {
	Source string    `json:"source"`
	Name   string    `json:"name"`
	OK     bool      `json:"ok"`
	Items  int       `json:"items"`
	Newest time.Time `json:"newest,omitzero"`
	Moved  string    `json:"moved,omitempty"`
	Err    string    `json:"error,omitempty"`
}

// askAll fetches each source once, several at a time, and keeps their order.
func askAll(ctx context.Context, f *fetcher.Fetcher, sources []config.Source, workers int, progressTo io.Writer) []answer {
	bar := progress(progressTo, len(sources))
	slots := make(chan struct{}, workers)
	out := make([]answer, len(sources))
	var wg sync.WaitGroup
	for i, s := range sources {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			out[i] = ask(ctx, f, s.Source)
			bar.Describe(s.Name)
			_ = bar.Add(1)
		})
	}
	wg.Wait()
	_ = bar.Clear()
	return out
}

func ask(ctx context.Context, f *fetcher.Fetcher, s news.Source) answer {
	items, poll, err := f.Feed(ctx, s, news.Poll{})
	r := answer{Source: s.ID, Name: s.Name, OK: err == nil && len(items) > 0, Items: len(items), Moved: poll.Moved}
	for _, it := range items {
		if it.Published.After(r.Newest) {
			r.Newest = it.Published
		}
	}
	switch {
	case err != nil:
		r.Err = err.Error()
	case len(items) == 0:
		r.Err = "the answer holds no items"
	}
	return r
}

func printAnswers(w io.Writer, answers []answer, asJSON bool) error {
	silent := 0
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if !asJSON {
		_, _ = fmt.Fprintln(t, "SOURCE\tITEMS\tNEWEST\tNOTE")
	}
	for _, r := range answers {
		if !r.OK {
			silent++
		}
		if asJSON {
			if err := printJSON(w, r); err != nil {
				return err
			}
			continue
		}
		newest := "–"
		if !r.Newest.IsZero() {
			newest = r.Newest.Local().Format("2006-01-02 15:04")
		}
		text := r.Err
		if r.Moved != "" {
			text += " moved to " + r.Moved
		}
		_, _ = fmt.Fprintf(t, "%s\t%d\t%s\t%s\n", r.Name, r.Items, newest, text)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if silent > 0 {
		return fmt.Errorf("%d of %d sources gave no items", silent, len(answers))
	}
	return nil
}
