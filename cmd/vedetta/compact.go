package main

import (
	"context"
	"errors"
	"fmt"

	"vedetta/store"

	"github.com/spf13/cobra"
)

func newCompact(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "compact",
		Short: "Gives back the room that the database does not use",
		Long: `Writes the database anew without the room that nothing uses, compares the two, and puts the
new file in the place of the old. A running daemon does it when asked: it goes on serving, and
polls when it is done. The disk needs room for a second database meanwhile. After an
interruption the old file is as it was.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := a.dataDir()
			if err != nil {
				return err
			}
			done, err := a.compact(c.Context(), dir)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), done)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s, was %s\n", megabytes(done.After), megabytes(done.Before))
			return err
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func (a *app) compact(ctx context.Context, dir string) (done compacted, err error) {
	s, err := a.openExisting()
	if locked, ok := errors.AsType[*store.LockedError](err); ok {
		return compactDaemon(ctx, dir, locked)
	}
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	done.Before, done.After, err = s.Compact(ctx, func() {})
	return done, err
}
