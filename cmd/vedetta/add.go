package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"vedetta/config"
	"vedetta/fetcher"
	"vedetta/news"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func newAdd(a *app) *cobra.Command {
	var o addOptions
	c := &cobra.Command{
		Use:   "add URL",
		Short: "Finds the feed behind an address, shows what it brings, and adds it to feeds.yaml",
		Long: `Asks an address and looks for a way to read the site: the address itself when it is a feed,
else a feed that the page names, else a news sitemap that robots.txt names, else a list of
articles on the page, for which it proposes selectors. It takes three articles through the
whole pipeline, shows them with their verdicts and the lines to be added, asks, and adds
them at the end of the list of sources; every other byte of the file stays as it is.

Without a terminal to ask on nothing is added unless --yes is given; the exit code is then 1.`,
		Example: `  vedetta add https://www.esempio.it/
  vedetta add --yes --name "Esempio" --tag difesa https://www.esempio.it/feed/`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkAddress(args[0]); err != nil {
				return err
			}
			cfg, err := a.load()
			if err != nil {
				return err
			}
			f, err := newFetcher(cfg.Poll, a.logger(c.ErrOrStderr()))
			if err != nil {
				return err
			}
			ad := adder{
				addOptions: o, path: a.configPath(), cfg: cfg, fetch: f,
				out: c.OutOrStdout(), notes: c.ErrOrStderr(), in: bufio.NewReader(c.InOrStdin()),
				mayAsk: !o.asJSON && !o.yes && canAsk(c.InOrStdin(), c.ErrOrStderr()),
			}
			return ad.add(c.Context(), args[0])
		},
	}
	jsonFlag(c, &o.asJSON)
	c.Flags().StringVar(&o.name, "name", "", "`name` of the source (default: what the site calls itself)")
	c.Flags().StringArrayVar(&o.tags, "tag", nil, "`tag` of the source; may be repeated")
	c.Flags().IntVar(&o.choice, "feed", 0, "take the feed or list with this `number` among those found (default: the most general)")
	c.Flags().BoolVar(&o.yes, "yes", false, "add without asking")
	return c
}

type addOptions struct {
	name        string
	tags        []string
	choice      int // from 1; 0 when it is left to us
	yes, asJSON bool
}

// adder is what adding a source needs.
type adder struct {
	addOptions
	path   string
	cfg    *config.Config
	fetch  *fetcher.Fetcher
	out    io.Writer
	notes  io.Writer // questions and progress
	in     *bufio.Reader
	mayAsk bool
}

func checkAddress(address string) error {
	switch {
	case isAddress(address):
		return nil
	case strings.Contains(address, "://"):
		return errUsage{fmt.Errorf("%q is no web address; write http://… or https://…", address)}
	}
	return errUsage{fmt.Errorf("%q is no web address; write https://%s", address, strings.TrimLeft(address, "/"))}
}

// canAsk reports whether a person sees a question and can answer it.
func canAsk(in io.Reader, questions io.Writer) bool {
	f, ok := in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && isTerminal(questions)
}

// errNotAdded says that all is well but the file is as it was.
var errNotAdded = errors.New("nothing was added")

func (ad adder) add(ctx context.Context, address string) error {
	if err := ad.cfg.Conflict(news.Source{URL: address}); err != nil {
		return err
	}
	found, err := ad.find(ctx, address)
	if err != nil {
		return err
	}
	src := ad.describe(found.way())
	if err := ad.cfg.Conflict(src); err != nil {
		return fmt.Errorf("%w%s", err, found.others(src.Name, ad.name))
	}
	data, err := os.ReadFile(ad.path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	lines, err := config.Append(ad.path, data, src)
	if err != nil {
		return err
	}
	articles, err := ad.preview(ctx, lines.Data, found.way().Items)
	if err != nil {
		return err
	}
	r := newAddReport(address, found, src, articles, lines, ad.path)
	if !ad.asJSON {
		if err := r.print(ad.out, ad.cfg); err != nil {
			return err
		}
	}
	refused := ad.confirm(ctx)
	if refused == nil {
		if lines, err = config.AppendFile(ad.path, src); err != nil {
			return err
		}
		r.Added, r.Line = true, lines.Line
	}
	if ad.asJSON {
		return errors.Join(printJSON(ad.out, r), refused)
	}
	if refused != nil {
		return refused
	}
	_, err = fmt.Fprintf(ad.out, "Added: %s:%d. A running daemon takes it up by itself.\n", ad.path, lines.Line)
	return err
}

// confirm is nil when the lines are to be added.
func (ad adder) confirm(ctx context.Context) error {
	switch {
	case ad.yes:
		return nil
	case !ad.mayAsk:
		return fmt.Errorf("%w to %s: there is no terminal to ask on; --yes adds the lines", errNotAdded, ad.path)
	}
	answer, err := ad.ask(ctx, "Add it? [y/N] ")
	if err != nil {
		return err
	}
	switch strings.ToLower(answer) {
	case "y", "yes", "s", "sì", "si":
		return nil
	}
	return fmt.Errorf("%w to %s", errNotAdded, ad.path)
}

// ask puts a question; the end of the input is an empty answer.
func (ad adder) ask(ctx context.Context, question string) (string, error) {
	if _, err := io.WriteString(ad.notes, question); err != nil {
		return "", err
	}
	type reply struct {
		text string
		err  error
	}
	got := make(chan reply, 1)
	go func() { // left behind at an interrupt: nothing can end a read from a terminal
		text, err := ad.in.ReadString('\n')
		got <- reply{strings.TrimSpace(text), err}
	}()
	select {
	case r := <-got:
		if errors.Is(r.err, io.EOF) {
			r.err = nil
		}
		return r.text, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// askNumber asks for one of n; an empty answer is the first.
func (ad adder) askNumber(ctx context.Context, what string, n int) (int, error) {
	for {
		answer, err := ad.ask(ctx, fmt.Sprintf("Which %s? [1] ", what))
		if err != nil || answer == "" {
			return 1, err
		}
		if i, err := strconv.Atoi(answer); err == nil && i >= 1 && i <= n {
			return i, nil
		}
		_, _ = fmt.Fprintf(ad.notes, "write a number from 1 to %d\n", n)
	}
}
