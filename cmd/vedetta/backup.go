package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vedetta/store"

	"github.com/spf13/cobra"
)

// backupsFolder is where backups go, in the data directory, when no place is
// named.
const backupsFolder = "backups"

func newBackup(a *app) *cobra.Command {
	var (
		asJSON bool
		keep   int
	)
	c := &cobra.Command{
		Use:   "backup [FILE|DIRECTORY]",
		Short: "Copies the database, also while the daemon runs, and checks the copy",
		Long: `Copies the database as of its last write. The daemon may run: it is asked for the copy and
goes on. The copy is written aside, checked like verify does, and only then gets its name; a
file that had the name is replaced. In a directory the name is the date; without an argument
that is the directory "backups" in the data directory.`,
		Example: `  vedetta backup /mnt/backup/vedetta.db
  vedetta backup --keep 14 /mnt/backup/vedetta/`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := a.dataDir()
			if err != nil {
				return err
			}
			to := filepath.Join(dir, backupsFolder) + string(filepath.Separator)
			if len(args) > 0 {
				to = args[0]
			}
			folder, err := asFolder(to)
			if err != nil {
				return err
			}
			if folder == "" && c.Flags().Changed("keep") {
				return errUsage{fmt.Errorf("--keep: %s is a file; name a directory to keep several backups", to)}
			}
			if keep < 0 || keep == 0 && c.Flags().Changed("keep") {
				return errUsage{errors.New("--keep: at least 1 is wanted")}
			}
			if folder != "" {
				now := time.Now()
				to = filepath.Join(folder, store.BackupName(now))
				if err := store.RemoveUnfinished(folder, now); err != nil {
					return err
				}
			}
			b := backup{}
			if b.Stats, err = a.backup(c.Context(), dir, to); err != nil {
				return err
			}
			if keep > 0 {
				if b.Removed, err = store.KeepBackups(folder, keep); err != nil {
					return err
				}
			}
			return b.print(c.OutOrStdout(), asJSON)
		},
	}
	jsonFlag(c, &asJSON)
	c.Flags().IntVar(&keep, "keep", 0, "keep the newest `N` backups of the directory and remove older ones")
	return c
}

// asFolder returns the folder that a path names, made if it is missing, or ""
// when it names a file.
func asFolder(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return path, nil
	case !strings.HasSuffix(path, string(filepath.Separator)):
		return "", nil
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", fmt.Errorf("make the directory for backups: %w", err)
	}
	return filepath.Clean(path), nil
}

// backup copies the database to a file, be it the daemon's or not.
func (a *app) backup(ctx context.Context, dir, to string) (store.Stats, error) {
	s, err := a.openStore(true)
	locked, ok := errors.AsType[*store.LockedError](err)
	switch {
	case ok:
		return store.Receive(ctx, to, func(w io.Writer) error { return snapshotTo(ctx, dir, locked, w) })
	case err != nil:
		return store.Stats{}, err
	}
	defer func() { _ = s.Close() }()
	return store.Receive(ctx, to, func(w io.Writer) error { return s.Snapshot(w, func(int64) {}) })
}

// backup is what a backup has come to.
type backup struct {
	store.Stats
	Removed []string `json:"removed,omitempty"`
}

func (b backup) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return printJSON(w, b)
	}
	_, err := fmt.Fprintf(w, "%s: %d articles, %s, checked\n", b.Path, b.Articles, megabytes(b.Size))
	for _, path := range b.Removed {
		_, _ = fmt.Fprintf(w, "removed %s\n", path)
	}
	return err
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// newestBackup finds the newest backup beside the database, or where the backup
// unit puts them (/var/lib/vedetta-backup for /var/lib/vedetta), "" when there
// is none. Others may lie elsewhere.
func newestBackup(dir string) string {
	newest := ""
	for _, folder := range []string{dir, filepath.Join(dir, backupsFolder), filepath.Clean(dir) + "-backup"} {
		paths, err := store.Backups(folder)
		if err == nil && len(paths) > 0 && filepath.Base(paths[len(paths)-1]) > filepath.Base(newest) {
			newest = paths[len(paths)-1]
		}
	}
	return newest
}
