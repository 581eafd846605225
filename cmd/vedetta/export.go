package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vedetta/archive"
	"vedetta/config"
	"vedetta/dossier"
	"vedetta/news"
	"vedetta/publish"
	"vedetta/static"
	"vedetta/store"

	"github.com/spf13/cobra"
)

func newExport(a *app) *cobra.Command {
	var o exportOptions
	c := &cobra.Command{
		Use:   "export --format FORMAT | --static DIR",
		Short: "Takes sources, the archive, or a dossier of a topic and period out, for other programs and people",
		Long: `Writes one of

  opml      the sources that have a feed, for any reader
  jsonl     the archive, one article a line with all that is kept of it; "vedetta import"
            brings it back
  md        a dossier of a topic: its stories in a period with outlet, authors, evidence,
            who else carried them, and how to cite them
  csl-json  the same as citations for Zotero, pandoc and citeproc
  bibtex    the same for biblatex and biber

or, with --static, the whole site as plain files that any web server can carry: feeds, pages
in both languages, lists of sources, each with its compressed forms. Files whose content is as
it was are not touched.

A period is a day (2026-03-15), a month (2026-03), a year (2026), an instant
(2026-03-15T08:00:00Z) or a time before now (30d); --until counts to the end of what it names.
docs/export.md describes the formats field by field.`,
		Example: `  vedetta export --format md --topic nato-giappone-italia --since 2026-03 --until 2026-03 -o marzo.md
  vedetta export --format bibtex --topic nato-giappone-italia --facet gcap --since 90d > gcap.bib
  vedetta export --format jsonl -o archivio.jsonl
  vedetta export --static /srv/vedetta`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			e := exporter{exportOptions: o, app: a, cfg: cfg, notes: c.ErrOrStderr(), now: time.Now()}
			if err := e.check(); err != nil {
				return errUsage{err}
			}
			if o.static != "" {
				return e.writeSite(c.Context(), c.OutOrStdout())
			}
			if o.output == "" || o.output == "-" {
				return e.write(c.Context(), c.OutOrStdout())
			}
			return writeWhole(o.output, func(w io.Writer) error { return e.write(c.Context(), w) })
		},
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "", "opml, jsonl, md, csl-json or bibtex")
	f.StringVar(&o.static, "static", "", "write the site to this `directory`, which is empty or from an earlier export")
	f.StringVar(&o.topic, "topic", "", "`id` of the topic (default: the only one)")
	f.StringVar(&o.facet, "facet", "", "`id` of one of the topic's relations, or near-misses")
	f.StringVar(&o.since, "since", "", "what was published from this `time` on")
	f.StringVar(&o.until, "until", "", "what was published up to the end of this `time`")
	f.StringVar(&o.lang, "lang", "", "`language` of a dossier's own words: it or en (default: server.language)")
	f.StringVar(&o.from, "from", "", "read this `file`, a backup, instead of the database")
	f.StringVarP(&o.output, "output", "o", "", "write to this `file`, which is replaced only by a whole one (default: standard output)")
	return c
}

type exportOptions struct {
	format, static, topic, facet, since, until, lang, from, output string
}

// exporter is what an export needs.
type exporter struct {
	exportOptions
	app   *app
	cfg   *config.Config
	notes io.Writer
	now   time.Time

	after, before time.Time // the period; zero for no bound
}

var exportFormats = []string{"opml", "jsonl", "md", "csl-json", "bibtex"}

// check reads the options; its errors are wrong usage.
func (e *exporter) check() error {
	if e.static != "" {
		for _, other := range []string{e.format, e.topic, e.facet, e.since, e.until, e.lang, e.output} {
			if other != "" {
				return errors.New("--static writes the whole site: of the other flags only --from goes with it")
			}
		}
		return nil
	}
	switch {
	case e.format == "":
		return fmt.Errorf("--format or --static is wanted; formats are %s", strings.Join(exportFormats, ", "))
	case !slices.Contains(exportFormats, e.format):
		return fmt.Errorf("--format %q: one of %s is wanted", e.format, strings.Join(exportFormats, ", "))
	case e.lang != "" && e.lang != "it" && e.lang != "en":
		return fmt.Errorf("--lang %q: it or en is wanted", e.lang)
	}
	if e.lang == "" {
		e.lang = e.cfg.Server.Language
	}
	var err error
	if e.after, _, err = period("--since", e.since, e.now, pressZone()); err != nil {
		return err
	}
	if _, e.before, err = period("--until", e.until, e.now, pressZone()); err != nil {
		return err
	}
	if !e.after.IsZero() && !e.before.IsZero() && !e.after.Before(e.before) {
		return fmt.Errorf("--since %s is not before --until %s", e.since, e.until)
	}
	return e.chooseTopic()
}

// chooseTopic finds the topic where one is needed, or asked for.
func (e *exporter) chooseTopic() error {
	var ids []string
	for _, t := range e.cfg.Topics {
		if !t.Disabled {
			ids = append(ids, t.ID)
		}
	}
	wanted := e.format != "opml" && e.format != "jsonl"
	switch {
	case e.topic == "" && e.facet == "" && !wanted:
		return nil
	case e.topic == "" && len(ids) == 1:
		e.topic = ids[0]
	case e.topic == "":
		return fmt.Errorf("--topic is wanted: one of %s", strings.Join(ids, ", "))
	case !slices.Contains(ids, e.topic):
		return fmt.Errorf("--topic %q is not in the configuration; there is %s", e.topic, strings.Join(ids, ", "))
	}
	if e.facet == "" || e.facet == "near-misses" && wanted {
		return nil
	}
	var facets []string
	for _, t := range e.cfg.Topics {
		for _, r := range t.Relations {
			if t.ID == e.topic {
				facets = append(facets, r.ID)
			}
		}
	}
	if !slices.Contains(facets, e.facet) {
		return fmt.Errorf("--facet %q is no relation of topic %s; there is %s", e.facet, e.topic, strings.Join(facets, ", "))
	}
	return nil
}

// write writes what was asked for.
func (e *exporter) write(ctx context.Context, w io.Writer) error {
	if e.format == "opml" {
		return e.writeSources(w)
	}
	s, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if e.format == "jsonl" {
		n, err := archive.Write(w, s, archive.Selection{Topic: e.topic, Facet: e.facet, After: e.after, Until: e.before})
		if err == nil && e.output != "" {
			_, err = fmt.Fprintf(e.notes, "%d articles written to %s\n", n, e.output)
		}
		return err
	}
	h, err := publish.New(s, siteOf(e.cfg), e.app.logger(e.notes))
	if err != nil {
		return err
	}
	d, err := h.Dossier(news.Query{Topic: e.topic, Facet: e.facet, After: e.after, Before: e.before}, e.lang)
	if err != nil {
		return err
	}
	switch e.format {
	case "md":
		err = dossier.WriteMarkdown(w, d)
	case "csl-json":
		err = dossier.WriteCSL(w, d)
	default:
		err = dossier.WriteBibTeX(w, d)
	}
	if err == nil && e.output != "" {
		_, err = fmt.Fprintf(e.notes, "%d stories written to %s\n", len(d.Entries), e.output)
	}
	return err
}

// writeSite writes the site as files.
func (e *exporter) writeSite(ctx context.Context, out io.Writer) error {
	s, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	site := siteOf(e.cfg)
	site.Static = true
	h, err := publish.New(s, site, e.app.logger(e.notes))
	if err != nil {
		return err
	}
	n, err := static.NewWriter(e.static).Write(ctx, h, nil)
	if err != nil {
		return err
	}
	for _, name := range n.Kept {
		_, _ = fmt.Fprintf(e.notes, "%s is not ours and was left as it is\n", filepath.Join(e.static, name))
	}
	_, err = fmt.Fprintf(out, "%d documents in %s: %d written, %d removed, the rest as they were\n", n.Documents, e.static, n.Written, n.Removed)
	return err
}

// open opens the database, also beside the daemon, or the backup that is named.
func (e *exporter) open(ctx context.Context) (*store.Store, error) {
	if e.from != "" {
		return store.Open(e.from, store.Options{ReadOnly: true})
	}
	return e.app.openToRead(ctx)
}

// writeSources writes the OPML of sources, and says which are not in it.
func (e *exporter) writeSources(w io.Writer) error {
	h, err := publish.New(nil, siteOf(e.cfg), e.app.logger(e.notes)) // the list is in the configuration alone
	if err != nil {
		return err
	}
	data, err := h.SourcesOPML()
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	out := 0
	for _, s := range e.cfg.Sources {
		if s.URL == "" || !s.Enabled {
			out++
		}
	}
	if out > 0 {
		_, err = fmt.Fprintf(e.notes, "%d sources are not in it: they are disabled, or have no feed (page, sitemap)\n", out)
	}
	return err
}

// writeWhole writes a file beside the named one and puts it in its place when
// it is whole. A file that was there keeps its mode.
func writeWhole(path string, write func(io.Writer) error) (err error) {
	mode := fs.FileMode(0o644)
	switch info, err := os.Stat(path); {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("write %s: it is not a regular file", path)
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("write: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	b := bufio.NewWriterSize(f, 64<<10)
	if err := write(b); err != nil {
		return err
	}
	for _, do := range []func() error{b.Flush, func() error { return f.Chmod(mode) }, f.Sync, f.Close} {
		if err := do(); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
