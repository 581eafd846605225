package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vedetta/engine"
)

func newReplay(a *app) *cobra.Command {
	var (
		asJSON, apply bool
		since         string
	)
	c := &cobra.Command{
		Use:   "replay",
		Short: "Judges the archive by today's feeds.yaml and shows what would change",
		Long: `Judges every stored article again and lists those that would come onto a topic or fall
off it ("+14 −3"). Nothing is changed unless --apply is given. A running daemon does this by
itself when feeds.yaml changes; while it runs, it holds the database.`,
		Example: `  vedetta replay --since 30d
  vedetta replay --since 2026-01-01 --apply`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			from, _, err := period("--since", since, time.Now(), time.Local)
			if err != nil {
				return errUsage{err}
			}
			cfg, err := a.load()
			if err != nil {
				return err
			}
			p, err := engine.NewPlan(cfg, nil, nil)
			if err != nil {
				return err
			}
			s, err := a.openStore(!apply)
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			r, err := engine.New(s, a.logger(c.ErrOrStderr()), nil).Rejudge(c.Context(), nil, p, from, apply)
			if errors.Is(err, engine.ErrStopped) {
				return errors.New("interrupted; what was judged before stays as it is")
			}
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), map[string]any{"articles": r.Articles, "on": orEmpty(r.On), "off": orEmpty(r.Off), "applied": apply})
			}
			return printReplay(c.OutOrStdout(), r, apply)
		},
	}
	jsonFlag(c, &asJSON)
	c.Flags().BoolVar(&apply, "apply", false, "write the new verdicts")
	c.Flags().StringVar(&since, "since", "", "only articles fetched since a `date` (2026-01-31, 2026-01) or for a time (30d)")
	return c
}

func orEmpty(c []engine.Change) []engine.Change {
	if c == nil {
		return []engine.Change{}
	}
	return c
}

func printReplay(w io.Writer, r engine.Rejudged, applied bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d articles judged: +%d −%d\n", r.Articles, len(r.On), len(r.Off))
	for _, list := range []struct {
		sign    string
		changes []engine.Change
	}{{"+", r.On}, {"−", r.Off}} {
		for _, c := range list.changes {
			fmt.Fprintf(&b, "  %s %s %.2f  %s  %s (%s)\n", list.sign, c.Verdict.Topic, c.Verdict.Score, c.Published.Local().Format(time.DateOnly), c.Title, c.Source)
		}
	}
	if !applied && len(r.On)+len(r.Off) > 0 {
		b.WriteString("nothing was changed; --apply does it\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
