package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"vedetta/archive"
	"vedetta/config"
	"vedetta/engine"

	"github.com/spf13/cobra"
)

func newImport(a *app) *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "import FILE.opml|FILE.jsonl|-",
		Short: "Adds the sources of an OPML file to feeds.yaml, or brings an exported archive back",
		Long: `OPML: adds each feed that is not there yet at the end of the list of sources; every other byte
of feeds.yaml stays as it is. Folders and categories become tags. A running daemon takes the
new sources up by itself.

JSON Lines, as "vedetta export --format jsonl" writes it: adds the articles that the database
does not have, with their verdicts, stories and threads under their ids. The whole file is
checked before anything is written, and importing it again changes nothing. The daemon holds
the database while it runs: stop it first.

With "-" the kind is told from how the input begins.`,
		Example: `  vedetta import --dry-run lettore.opml
  vedetta import archivio.jsonl`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			im := importer{importOptions: o, app: a, cfg: cfg, name: args[0], out: c.OutOrStdout(), notes: c.ErrOrStderr()}
			return im.run(c.Context(), c.InOrStdin())
		},
	}
	jsonFlag(c, &o.asJSON)
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would be done and change nothing")
	return c
}

type importOptions struct{ asJSON, dryRun bool }

// importer is what an import needs.
type importer struct {
	importOptions
	app        *app
	cfg        *config.Config
	name       string // of the file, in messages
	out, notes io.Writer
}

func (im importer) run(ctx context.Context, stdin io.Reader) error {
	f, done, err := im.open(stdin)
	if err != nil {
		return err
	}
	defer done()
	xml, err := beginsWith(f, '<')
	if err != nil {
		return fmt.Errorf("read %s: %w", im.name, err)
	}
	if xml {
		return im.sources(f)
	}
	return im.archive(ctx, f)
}

// open opens the file; standard input is kept in a temporary one, as it is gone
// through more than once.
func (im *importer) open(stdin io.Reader) (f *os.File, done func(), err error) {
	if im.name != "-" {
		if f, err = os.Open(im.name); err != nil {
			return nil, nil, errUsage{err}
		}
		return f, func() { _ = f.Close() }, nil
	}
	im.name = "standard input"
	if f, err = os.CreateTemp("", "vedetta-import-*"); err != nil {
		return nil, nil, err
	}
	done = func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	if _, err = io.Copy(f, stdin); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("read standard input: %w", err)
	}
	return f, done, nil
}

// beginsWith reports whether the first character of a file, white space and a
// byte order mark aside, is c, and goes back to its beginning.
func beginsWith(f io.ReadSeeker, c byte) (bool, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	_, err = f.Seek(0, io.SeekStart)
	text := strings.TrimLeft(strings.TrimPrefix(string(head[:n]), "\uFEFF"), " \t\r\n")
	return text != "" && text[0] == c, err
}

// archive brings articles back.
func (im importer) archive(ctx context.Context, f io.ReadSeeker) error {
	read := func(each func(engine.Imported) error) error {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return archive.Read(im.name, f, func(l archive.Line) error {
			it := engine.Imported{Article: l.Article}
			if l.Founds != nil {
				it.Story, it.Thread = l.Founds.Story, l.Founds.Thread
				it.FormerStories, it.FormerThreads = l.Founds.FormerStories, l.Founds.FormerThreads
			}
			return each(it)
		})
	}
	p, err := engine.NewPlan(im.cfg, nil, nil)
	if err != nil {
		return err
	}
	if im.dryRun {
		n := 0
		if err := read(func(engine.Imported) error { n++; return nil }); err != nil {
			return err
		}
		_, err := fmt.Fprintf(im.out, "%s: %d articles, no faults; nothing was changed\n", im.name, n)
		return err
	}
	s, err := im.app.openStore(false)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	n, err := engine.New(s, im.app.logger(im.notes), nil).Import(ctx, p, read)
	if errors.Is(err, engine.ErrStopped) {
		return fmt.Errorf("interrupted after %d articles; the same command goes on from there", n.Articles)
	}
	if err != nil {
		return err
	}
	if im.asJSON {
		return printJSON(im.out, map[string]int{"added": n.Articles, "known": n.Known, "stories": n.Stories, "placed": n.Placed})
	}
	_, err = fmt.Fprintf(im.out, "%d articles added, %d were there already; %d stories restored, %d articles placed anew\n", n.Articles, n.Known, n.Stories, n.Placed)
	return err
}
