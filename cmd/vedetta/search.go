package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vedetta/config"
	"vedetta/publish"
	"vedetta/store"

	"github.com/spf13/cobra"
)

// searchOptions is what the flags of a search say.
type searchOptions struct {
	newest bool
	page   int
}

func newSearch(a *app) *cobra.Command {
	var o searchOptions
	var asJSON bool
	c := &cobra.Command{
		Use:   "search QUESTION…",
		Short: "Finds stories in the archive by their words",
		Long: `Finds stories in the archive as the page /search does. All words have to be there, in any
inflection; "words between quotation marks" stand side by side; -word excludes; begin* is
all that begins so. Fields: fonte:, relazione:, tema:, dopo:, prima:, data: (source:,
relation:, topic:, after:, before:, date:), with dates as 2026, 2026-03, 2026-03-15 or
15/3/2026. Put the question between single quotation marks, so that the shell leaves it as it
is, and -- before one that begins with a minus. While the daemon runs, the daemon is asked;
else the index that it left behind.`,
		Example: `  vedetta search 'missili Tokyo dopo:2026-03'
  vedetta search --newest 'relazione:gcap "ministro della Difesa"'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if o.page < 1 {
				return errUsage{fmt.Errorf("--page %d: pages begin with 1", o.page)}
			}
			r, err := a.search(c.Context(), strings.Join(args, " "), o)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), r)
			}
			for _, line := range r.Ignored {
				_, _ = fmt.Fprintln(c.ErrOrStderr(), line)
			}
			return printResults(c.OutOrStdout(), r)
		},
	}
	c.Flags().BoolVar(&o.newest, "newest", false, "newest first instead of best first")
	c.Flags().IntVar(&o.page, "page", 1, "`number` of the page of results")
	jsonFlag(c, &asJSON)
	return c
}

// search asks the index beside the store or, while the daemon holds them, the
// daemon.
func (a *app) search(ctx context.Context, question string, o searchOptions) (publish.Results, error) {
	cfg, err := a.load()
	if err != nil {
		return publish.Results{}, err
	}
	s, err := a.openStore(true)
	if _, locked := errors.AsType[*store.LockedError](err); locked {
		return askSearch(ctx, cfg, question, o, err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return publish.Results{}, fmt.Errorf("%w: nothing was polled yet; `vedetta run` begins", err)
	}
	if err != nil {
		return publish.Results{}, err
	}
	defer func() { _ = s.Close() }()
	index := newIndex(s)
	if err := index.Open(); err != nil {
		return publish.Results{}, fmt.Errorf("%w; the daemon makes the index: start it once with `vedetta run`", err)
	}
	defer func() { _ = index.Close() }()
	site := siteOf(cfg)
	site.Searcher = index
	h, err := publish.New(s, site, slog.New(slog.DiscardHandler))
	if err != nil {
		return publish.Results{}, err
	}
	return h.Search(ctx, question, o.newest, o.page)
}

// askSearch asks the daemon that holds the store.
func askSearch(ctx context.Context, cfg *config.Config, question string, o searchOptions, locked error) (r publish.Results, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	q := url.Values{"q": {question}, "page": {strconv.Itoa(o.page)}}
	if o.newest {
		q.Set("order", "newest")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+cfg.Server.Listen+"/search.json?"+q.Encode(), nil)
	if err != nil {
		return r, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return r, fmt.Errorf("%w; and its daemon does not answer: %w", locked, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return r, fmt.Errorf("the daemon on %s answers %s", cfg.Server.Listen, resp.Status)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxInput)).Decode(&r); err != nil {
		return r, fmt.Errorf("read the daemon's answer: %w", err)
	}
	return r, nil
}

func printResults(out io.Writer, r publish.Results) error {
	var b strings.Builder
	for _, h := range r.Hits {
		fmt.Fprintf(&b, "%s\n  %s, %s", h.Title, h.Outlet, h.Published.In(pressZone()).Format("2006-01-02 15:04"))
		if len(h.Relations) > 0 {
			fmt.Fprintf(&b, " · %s", strings.Join(h.Relations, ", "))
		}
		fmt.Fprintf(&b, "\n  %s\n", cmp.Or(h.Link, h.Page))
		if h.Text != "" {
			fmt.Fprintf(&b, "  %s\n", h.Text)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%d of %d stories", len(r.Hits), r.Total)
	if r.Share < 1 {
		fmt.Fprintf(&b, " (the index holds %.0f %% of the archive so far)", 100*r.Share)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(out, b.String())
	return err
}
