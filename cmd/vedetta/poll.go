package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"vedetta/engine"
	"vedetta/fetcher"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

func newPoll(a *app) *cobra.Command {
	var asJSON, force bool
	c := &cobra.Command{
		Use:   "poll [SOURCE…]",
		Short: "Polls every source, or the named ones, once and now",
		Long: `Polls once, the schedule aside. A source that asked to be left alone until later, or that
is in back-off after failures, is named and left alone; --force asks it all the same.
Exit code 1 if every source failed.`,
		Example: `  vedetta poll
  vedetta poll "Analisi Difesa" --force`,
		RunE: func(c *cobra.Command, names []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			if cfg, err = choose(cfg, names); err != nil {
				return err
			}
			log := a.logger(c.ErrOrStderr())
			s, err := a.openStore(false)
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			o := fetcherOptions(cfg.Poll, log)
			if !force {
				if o, err = remembering(o, s, log); err != nil {
					return err
				}
			}
			f, err := fetcher.New(o)
			if err != nil {
				return err
			}
			p, err := newPlan(cfg, f)
			if err != nil {
				return err
			}
			e := engine.New(s, log, nil)
			e.KeepStories(storiesPath(s))
			outcomes, err := round(c.Context(), e, p, force, c.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := e.SaveStories(); err != nil {
				log.Warn("cannot keep the index of stories: the next poll makes it anew", "err", err)
			}
			if err := printRound(c.OutOrStdout(), outcomes, asJSON); err != nil {
				return err
			}
			return allFailed(outcomes)
		},
	}
	jsonFlag(c, &asJSON)
	c.Flags().BoolVar(&force, "force", false, "also ask sources that are to be left alone until later")
	return c
}

// round polls every source once, with a bar on a terminal.
func round(ctx context.Context, e *engine.Engine, p *engine.Plan, force bool, progressTo io.Writer) ([]engine.Outcome, error) {
	bar := progress(progressTo, len(p.Sources))
	defer func() { _ = bar.Clear() }()
	return e.Round(ctx, p, force, func(o engine.Outcome) {
		bar.Describe(o.Name)
		_ = bar.Add(1)
	})
}

// progress is a bar on a terminal, nothing elsewhere.
func progress(w io.Writer, n int) *progressbar.ProgressBar {
	return progressbar.NewOptions(n,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetVisibility(isTerminal(w)),
		progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(30),
		progressbar.OptionClearOnFinish(),
	)
}

// printRound writes a line a source and a sum, or JSON lines.
func printRound(w io.Writer, outcomes []engine.Outcome, asJSON bool) error {
	if asJSON {
		for _, o := range outcomes {
			if err := printJSON(w, o); err != nil {
				return err
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "SOURCE\tSTATUS\tITEMS\tNEW\tON TOPIC\tCOPIES\tTOOK\tNOTE")
	var sum engine.Outcome
	for _, o := range outcomes {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%d\t%s\t%s\n",
			o.Name, o.Status, o.Items, o.New, o.OnTopic, o.Copies, o.Took.Round(10*time.Millisecond), note(o))
		sum.Items += o.Items
		sum.New += o.New
		sum.OnTopic += o.OnTopic
		sum.Copies += o.Copies
	}
	_, _ = fmt.Fprintf(t, "%d sources\t\t%d\t%d\t%d\t%d\t\t\n", len(outcomes), sum.Items, sum.New, sum.OnTopic, sum.Copies)
	return t.Flush()
}

// note says what a status leaves open.
func note(o engine.Outcome) string {
	var notes []string
	if o.Status == engine.Waiting {
		notes = append(notes, "not before "+o.NotBefore.Local().Format("2 Jan 15:04")+" (--force asks now)")
	}
	if o.Err != "" {
		notes = append(notes, o.Err)
	}
	if o.Refused > 0 {
		notes = append(notes, counted(o.Refused, "page")+" held no whole article")
	}
	if o.Left > 0 {
		notes = append(notes, counted(o.Left, "item")+" left for the next visit")
	}
	return strings.Join(notes, "; ")
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// allFailed is an error when there were sources and every one failed.
func allFailed(outcomes []engine.Outcome) error {
	for _, o := range outcomes {
		if o.Status != engine.Failed {
			return nil
		}
	}
	if len(outcomes) == 0 {
		return nil
	}
	return fmt.Errorf("every source failed (%d of %d); is this machine online?", len(outcomes), len(outcomes))
}
