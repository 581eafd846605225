package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"vedetta/store"

	"github.com/spf13/cobra"
)

func newRestore(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "restore FILE|DIRECTORY",
		Short: "Puts a backup in the place of the database",
		Long: `Checks a copy of the backup and puts it in the place of the database; of a directory the
newest backup is taken. The daemon must not run. What was there is kept beside it, under a
name that ends with "replaced-" and the date. A backup of an older version is brought up to
date by the next start of the daemon, one of a newer version is refused.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := a.dataDir()
			if err != nil {
				return err
			}
			from := args[0]
			if info, err := os.Stat(from); err == nil && info.IsDir() {
				paths, err := store.Backups(from)
				if err != nil {
					return err
				}
				if len(paths) == 0 {
					return fmt.Errorf("no backups in %s: name a file", from)
				}
				from = paths[len(paths)-1]
			}
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return fmt.Errorf("make the data directory: %w; name another one with --data", err)
			}
			kept, st, err := store.Restore(c.Context(), from, filepath.Join(dir, databaseName), time.Now())
			if _, locked := errors.AsType[*store.LockedError](err); locked {
				return fmt.Errorf("%w; stop it first", err)
			}
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), restored{st, from, kept})
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s is now %s: %s\n", st.Path, from, contents(st))
			if kept != "" {
				_, _ = fmt.Fprintf(c.OutOrStdout(), "what was there is kept as %s; remove it when all is well\n", kept)
			}
			return err
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// restored is what restoring has come to.
type restored struct {
	store.Stats
	From string `json:"from"`
	Kept string `json:"kept,omitempty"`
}

// contents says what a checked store holds.
func contents(st store.Stats) string {
	if st.Size == 0 {
		return fmt.Sprintf("of the older version %d, which the daemon's next start brings up to date", st.Version)
	}
	return fmt.Sprintf("%d articles, %s, checked", st.Articles, megabytes(st.Size))
}
