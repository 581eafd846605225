package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// LockedError says that another process has the file open. What is not known
// is zero.
type LockedError struct {
	Path    string
	PID     int
	Command string
	Since   time.Time
}

func (e *LockedError) Error() string {
	who := "another process"
	if e.PID > 0 {
		who = fmt.Sprintf("process %d", e.PID)
	}
	var more []string
	if e.Command != "" {
		more = append(more, e.Command)
	}
	if !e.Since.IsZero() {
		layout := "2006-01-02 15:04"
		if time.Since(e.Since) < 12*time.Hour {
			layout = "15:04"
		}
		more = append(more, "since "+e.Since.Local().Format(layout))
	}
	if len(more) > 0 {
		who += " (" + strings.Join(more, ", ") + ")"
	}
	return fmt.Sprintf("%s is held by %s", e.Path, who)
}

// holderNote is the file that tells who holds the store. The lock itself is
// bbolt's, on the store's file, and ends with the process; the note may be left
// behind by one that crashed. It is written and removed only under the lock.
type holderNote struct {
	path    string
	crashed bool // the last holder left its own: it did not close the store
}

// holder is what the note says.
type holder struct {
	PID     int       `json:"pid"`
	Started string    `json:"started,omitempty"` // identifies the process among those that had the PID
	Command string    `json:"command,omitempty"`
	Since   time.Time `json:"since"`
}

func notePath(path string) string { return path + ".holder" }

// leaveNote writes the note.
func leaveNote(path string, now time.Time) (*holderNote, error) {
	note := &holderNote{path: notePath(path)}
	if _, err := os.Lstat(note.path); err == nil {
		note.crashed = true
	}
	b, err := json.Marshal(holder{
		PID:     os.Getpid(),
		Started: processStart(os.Getpid()),
		Command: processCommand(os.Getpid()),
		Since:   now.Truncate(time.Second),
	})
	if err != nil {
		return nil, err // unreachable: the type has nothing that JSON lacks
	}
	// Written aside and renamed, so that readers never see half a note, and
	// a link planted under its name is replaced, not followed.
	part := note.path + ".part"
	err = os.RemoveAll(part)
	if err == nil {
		err = writeNew(part, b)
	}
	if err == nil {
		err = os.Rename(part, note.path)
	}
	if err != nil {
		return nil, unwritable(filepath.Dir(path), err)
	}
	return note, nil
}

// writeNew writes a file that must not exist.
func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

func (n *holderNote) remove() error {
	if n == nil {
		return nil
	}
	if err := os.Remove(n.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// lockedBy finds out who holds the file at path. The kernel's list of locks
// knows best, but shows neither processes outside our own namespace nor all
// file systems; the note counts when the process that wrote it still runs.
func lockedBy(path string) *LockedError {
	e := &LockedError{Path: path}
	var h holder
	if b, err := os.ReadFile(notePath(path)); err != nil || json.Unmarshal(b, &h) != nil || !h.alive() {
		h = holder{}
	}
	pid := lockHolder(path)
	if pid == 0 || pid == h.PID {
		e.PID, e.Command, e.Since = h.PID, h.Command, h.Since
		return e
	}
	e.PID, e.Command = pid, processCommand(pid)
	return e
}

// alive reports whether the process that wrote the note still runs. Without
// a start time it cannot be told from a later one of the same number.
func (h holder) alive() bool {
	return h.PID > 0 && h.Started != "" && processStart(h.PID) == h.Started
}

// processStart returns a process's start time in clock ticks since boot, which
// identifies it together with its number; empty where there is no /proc.
func processStart(pid int) string {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return ""
	}
	// The second field is the command in parentheses and may hold anything;
	// the start time is field 22 (proc_pid_stat(5)).
	s := string(b)
	fields := strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
	if len(fields) < 20 {
		return ""
	}
	return fields[19]
}

// processCommand returns a process's program and first argument ("vedetta
// run"): enough to recognise it, and no secret.
func processCommand(pid int) string {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return ""
	}
	args := strings.Split(strings.TrimRight(string(b), "\x00"), "\x00")
	cmd := filepath.Base(args[0])
	if len(args) > 1 && args[1] != "" && !strings.HasPrefix(args[1], "-") {
		cmd += " " + args[1]
	}
	return strings.ToValidUTF8(fmt.Sprintf("%.60s", cmd), "")
}
