package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vedetta/store"
)

// TestCommandsBesideTheDaemon backs up, verifies and compacts a database that
// a daemon has open, and restores the backup when it has ended.
func TestCommandsBesideTheDaemon(t *testing.T) {
	w := newWorld(t)
	stopAdmin := w.service.serveAdmin(w.dir)
	w.round(t)
	before := w.archive(t)
	if info, err := os.Stat(filepath.Join(w.dir, adminSocket)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v", info, err)
	}
	vedetta := func(want int, args ...string) string {
		t.Helper()
		code, out, stderr := vedettaRun(t, "", append(args, "--data", w.dir)...)
		if code != want {
			t.Fatalf("%v: exit %d: %s%s", args, code, out, stderr)
		}
		return out + stderr
	}
	var b backup
	if err := json.Unmarshal([]byte(vedetta(exitDone, "backup", "--json")), &b); err != nil || b.Articles != len(before) {
		t.Errorf("backup: %+v, %v; want %d articles", b, err, len(before))
	}
	if out := vedetta(exitDone, "verify"); !strings.Contains(out, "no fault") {
		t.Errorf("verify: %s", out)
	}
	var c compacted
	if err := json.Unmarshal([]byte(vedetta(exitDone, "compact", "--json")), &c); err != nil || c.After == 0 || c.After > c.Before {
		t.Errorf("compact: %+v, %v", c, err)
	}
	if got := w.archive(t); len(got) != len(before) {
		t.Errorf("%d articles after compacting, want %d", len(got), len(before))
	}
	if out := vedetta(exitFailed, "restore", b.Path); !strings.Contains(out, "is held by process") || !strings.Contains(out, "stop it first") {
		t.Errorf("restore beside the daemon: %s", out)
	}
	if rests, err := filepath.Glob(filepath.Join(w.dir, "vedetta.db.*")); err != nil || len(rests) != 1 { // the holder's note
		t.Errorf("left behind: %v, %v", rests, err)
	}

	stopAdmin()
	if out := vedetta(exitFailed, "backup"); !strings.Contains(out, "does not answer") {
		t.Errorf("backup without the socket: %s", out)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	spoil(t, filepath.Join(w.dir, databaseName))
	if out := vedetta(exitFailed, "verify"); !strings.Contains(out, "vedetta restore --data "+w.dir+" "+b.Path) {
		t.Errorf("verify of a damaged file does not say how to restore: %s", out)
	}
	vedetta(exitDone, "restore", filepath.Join(w.dir, backupsFolder))
	if out := vedetta(exitDone, "verify"); !strings.Contains(out, "no fault") {
		t.Errorf("after restoring: %s", out)
	}
	if kept, err := filepath.Glob(filepath.Join(w.dir, "vedetta.db.replaced-*")); err != nil || len(kept) != 1 {
		t.Errorf("kept: %v, %v", kept, err)
	}
	s, err := store.Open(filepath.Join(w.dir, databaseName), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.store = s // closed at the end
	if got := w.archive(t); len(got) != len(before) {
		t.Errorf("%d articles after restoring, want %d", len(got), len(before))
	}
}

// spoil overwrites the pages in the middle of a file.
func spoil(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 3 * 4096; i < len(b)/2; i++ {
		b[i] ^= 0xa5
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNewestBackup(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vedetta")
	for i, folder := range []string{dir, dir + "-backup", filepath.Join(dir, backupsFolder)} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, store.BackupName(time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC)))
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := newestBackup(dir); got != path {
			t.Errorf("got %s, want %s", got, path)
		}
	}
	if got := newestBackup(t.TempDir()); got != "" {
		t.Errorf("got %s, want none", got)
	}
}

func TestBackupRotation(t *testing.T) {
	data, folder := t.TempDir(), t.TempDir()
	s, err := store.Open(filepath.Join(data, databaseName), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"vedetta-20260101T000000Z.db", "vedetta-20260102T000000Z.db", "vedetta-20260103T000000Z.db", "other.db", "vedetta-notes.db"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, stderr := vedettaRun(t, "", "backup", "--keep", "2", folder, "--data", data)
	if code != exitDone || !strings.Contains(out, "removed "+filepath.Join(folder, "vedetta-20260102T000000Z.db")) {
		t.Errorf("exit %d: %s%s", code, out, stderr)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != 4 { // two backups, and what is none
		t.Errorf("left: %v, %v", files, err)
	}
	for _, tt := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"backup", "--keep", "2", filepath.Join(folder, "one.db")}, "name a directory", exitUsage},
		{[]string{"backup", "--keep", "0", folder}, "at least 1", exitUsage},
		{[]string{"backup", filepath.Join(folder, "none", "x.db")}, "no such file or directory", exitFailed},
		{[]string{"restore", filepath.Join(folder, "none.db")}, "no such file or directory", exitFailed},
		{[]string{"restore", filepath.Join(folder, "other.db")}, "is damaged", exitFailed},
		{[]string{"restore", t.TempDir()}, "no backups in", exitFailed},
		{[]string{"verify", filepath.Join(folder, "other.db")}, "it is empty", exitFailed},
	} {
		code, out, stderr := vedettaRun(t, "", append(tt.args, "--data", data)...)
		if code != tt.code || !strings.Contains(out+stderr, tt.want) {
			t.Errorf("%v: exit %d, %s%s; want %d, … %s …", tt.args, code, out, stderr, tt.code, tt.want)
		}
	}
	for _, command := range []string{"backup", "compact", "verify"} {
		if code, _, stderr := vedettaRun(t, "", command, "--data", t.TempDir()); code != exitFailed || !strings.Contains(stderr, databaseName) {
			t.Errorf("%s of nothing: exit %d, %s", command, code, stderr)
		}
	}
}
