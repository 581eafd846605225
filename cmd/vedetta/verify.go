package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"vedetta/store"

	"github.com/spf13/cobra"
)

func newVerify(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Checks every page and every index of the database, or of a backup, against its records",
		Long: `Reads the whole database, computes each index anew from its records and prints what does
not agree, a line each. The daemon may run: then a copy of its database as of now is looked at.
With FILE it looks at a backup. Exit status 1 when there are faults.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			v, err := a.verify(c.Context(), args)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(c.OutOrStdout(), v)
			} else {
				for _, f := range v.Faults {
					_, _ = fmt.Fprintln(c.OutOrStdout(), f)
				}
				if len(v.Faults) == 0 {
					_, err = fmt.Fprintf(c.OutOrStdout(), "%s: no fault; %s\n", v.Path, contents(v.Stats))
				}
			}
			if err == nil && len(v.Faults) > 0 {
				err = fmt.Errorf("%s is faulty; %s", v.Path, howToRestore(a, filepath.Dir(v.Path)))
			}
			return err
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// verified is what verifying found.
type verified struct {
	store.Stats
	Faults []string `json:"faults"`
}

// verify checks the named file, else the database, else the daemon's.
func (a *app) verify(ctx context.Context, args []string) (v verified, err error) {
	v.Faults = []string{}
	var path string
	if len(args) > 0 {
		path = args[0]
	} else {
		dir, err := a.dataDir()
		if err != nil {
			return v, err
		}
		path = filepath.Join(dir, databaseName)
	}
	v.Stats, err = store.Check(ctx, path)
	if _, locked := errors.AsType[*store.LockedError](err); locked && len(args) == 0 {
		err = a.checkRunning(ctx, &v.Stats)
	}
	v.Path = path
	if faulty, ok := errors.AsType[*store.FaultyError](err); ok {
		v.Faults, err = faulty.Faults, nil
	}
	if damaged, ok := errors.AsType[*store.DamagedError](err); ok {
		v.Faults, err = []string{damaged.Reason}, nil
	}
	return v, err
}

// checkRunning checks a copy of the running daemon's database.
func (a *app) checkRunning(ctx context.Context, st *store.Stats) error {
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	faults, err := s.Verify(ctx)
	if err == nil && len(faults) > 0 {
		err = &store.FaultyError{Faults: faults}
	}
	if err == nil {
		*st, err = s.Stats()
	}
	return err
}
