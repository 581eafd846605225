package crash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// onSmallDisk puts the place's data on a small disk of its own, which only root can
// make.
func (pl *place) onSmallDisk(t *testing.T, size string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root can mount a small disk")
	}
	if err := os.MkdirAll(pl.data(), 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "mode=0700,size="+size, "vedetta-test", pl.data()).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: cannot mount a small disk here: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "umount", "-l", pl.data()).CombinedOutput(); err != nil {
			t.Errorf("umount: %s", out)
		}
	})
}

// complete polls once more, faults aside, and sees that nothing is missing.
func (pl *place) complete(t *testing.T) {
	t.Helper()
	pl.run(t, 0, "poll", "--force")
	pl.verify(t)
	f := read(t, pl.db())
	f.accountsFor(t, pl.press)
	counts := pl.press.counts()
	want := 0
	for id, n := range counts {
		if id != resting {
			want += n
		}
	}
	if len(f.articles) < want {
		t.Errorf("%d articles, want %d", len(f.articles), want)
	}
}

// A full disk stops writing, not serving; what could not be written comes when
// there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	pl := newPlace(t, newPress(t))
	pl.onSmallDisk(t, "2m")
	filler := filepath.Join(pl.data(), "filler")
	if err := os.WriteFile(filler, make([]byte, 1800<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := pl.command(t.Context(), "poll").CombinedOutput(); !strings.Contains(string(out), "no space left on device") {
		t.Errorf("the message does not say why: %v\n%s", err, out)
	}
	pl.verify(t)
	read(t, pl.db()).accountsFor(t, pl.press)
	daemon := start(t, pl.command(t.Context(), "run"))
	if status, _ := daemon.get(t, "/feeds/patto.atom"); status != http.StatusOK {
		t.Errorf("feed on a full disk: %d", status)
	}
	daemon.stop(t)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	pl.complete(t)
}

// A disk that became read-only is told at the start; reading goes on.
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	pl := newPlace(t, newPress(t))
	pl.onSmallDisk(t, "8m")
	pl.run(t, 0, "poll")
	remount := func(mode string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), "mount", "-o", "remount,"+mode, pl.data()).CombinedOutput(); err != nil {
			t.Fatalf("remount: %s", out)
		}
	}
	remount("ro")
	if out := pl.run(t, 1, "run"); !strings.Contains(out, "read-only file system") {
		t.Errorf("the message does not say why:\n%s", out)
	}
	pl.verify(t)
	pl.run(t, 0, "sources")
	remount("rw")
	pl.complete(t)
}

// strace is a command that has the system calls of what it traces fail as told,
// in the syntax of its inject. It writes what it traced into a file.
func strace(t *testing.T, inject, file string, target ...string) *exec.Cmd {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "strace", "-f", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: strace cannot be used here: %v %s", err, out)
	}
	calls, _, _ := strings.Cut(inject, ":")
	options := []string{"-f", "-qq", "-o", file, "-e", "trace=" + calls, "-e", "signal=none", "-e", "inject=" + inject}
	return exec.CommandContext(t.Context(), "strace", append(options, target...)...)
}

// struck reports whether strace had a call fail.
func struck(t *testing.T, file string) bool {
	t.Helper()
	trace, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return bytes.Contains(trace, []byte("(INJECTED)"))
}

// Writes and syncs that fail, once or for good, lose what was being written
// and nothing else.
func TestFailingDisk(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		calls, fault string
		first        int    // the call that fails, counted by thread
		rest         string // which ones after it
		want         string
	}{
		{"fdatasync", "EIO", 3, "", "input/output error"},
		{"fdatasync", "EIO", 4, "", "input/output error"},
		{"fdatasync", "EIO", 4, "..7", "input/output error"},
		{"fdatasync,fsync", "EIO", 4, "+", "input/output error"}, // also while the failed write is undone
		{"pwrite64", "EIO", 11, "", "input/output error"},
		{"pwrite64", "EROFS", 12, "+", "read-only file system"}, // as the kernel remounts a faulty disk
		{"pwrite64", "ENOSPC", 13, "..40", "no space left on device"},
	} {
		t.Run(fmt.Sprintf("%s:error=%s:when=%d%s", tt.calls, tt.fault, tt.first, tt.rest), func(t *testing.T) {
			t.Parallel()
			// The runtime spreads the calls over threads as it likes: where none made
			// so many, an earlier one fails.
			for first := tt.first; ; first-- {
				if first == 0 {
					t.Fatal("no call failed")
				}
				pl := newPlace(t, newPress(t))
				pl.run(t, 0, "poll", "alfa")
				before := read(t, pl.db())
				trace := filepath.Join(pl.dir, "trace")
				inject := fmt.Sprintf("%s:error=%s:when=%d%s", tt.calls, tt.fault, first, tt.rest)
				out, err := strace(t, inject, trace, pl.command(t.Context(), "poll", "--force").Args...).CombinedOutput()
				if !struck(t, trace) {
					continue
				}
				if !strings.Contains(string(out), tt.want) || strings.Contains(string(out), "panic") {
					t.Errorf("call %d: %v\n%s", first, err, out)
				}
				pl.verify(t)
				after := read(t, pl.db())
				after.follows(t, before)
				after.accountsFor(t, pl.press)
				pl.complete(t)
				read(t, pl.db()).follows(t, after)
				return
			}
		})
	}
}

// What a daemon that runs reports as stored stays stored when the disk fails
// under it, and it goes on when the disk does.
func TestDaemonOnFailingDisk(t *testing.T) {
	t.Parallel()
	pl := newPlace(t, newPress(t))
	pl.run(t, 0, "poll")
	before := read(t, pl.db())
	daemon := start(t, pl.command(t.Context(), "run"))
	daemon.await(t, http.StatusOK)
	trace := filepath.Join(pl.dir, "trace")
	fault := start(t, strace(t, "fdatasync:error=EIO", trace, "-p", strconv.Itoa(daemon.Process.Pid)))
	for !struck(t, trace) {
		select {
		case <-fault.ended:
			t.Skipf("SKIPPED: strace cannot be used on a process that runs: %s", fault.log())
		case <-time.After(10 * time.Millisecond):
		}
	}
	daemon.await(t, http.StatusServiceUnavailable)
	if status, _ := daemon.get(t, "/feeds/patto.atom"); status != http.StatusOK {
		t.Errorf("feed with a failing disk: %d", status)
	}
	fault.kill()
	pl.configure(t, true) // a reload tries again at once
	daemon.await(t, http.StatusOK)
	daemon.stop(t)
	pl.verify(t)
	read(t, pl.db()).follows(t, before)
}

// A file that is cut short while it is mapped makes the kernel signal whoever
// reads it: that reading fails, the daemon goes on, and the next start says
// what to do.
func TestFileCutUnderTheDaemon(t *testing.T) {
	t.Parallel()
	pl := newPlace(t, newPress(t))
	pl.run(t, 0, "poll")
	pl.run(t, 0, "backup")
	polls := make(chan struct{}, 1000)
	pl.press.follow(func(int) { polls <- struct{}{} })
	daemon := start(t, pl.command(t.Context(), "run"))
	select { // it has read what it needs in memory
	case <-polls:
	case <-time.After(patience):
		t.Fatal("it does not poll")
	}
	if err := os.Truncate(pl.db(), 3*4096); err != nil {
		t.Fatal(err)
	}
	if status, _ := daemon.get(t, "/feeds/patto.atom?limit=7"); status != http.StatusInternalServerError && status != http.StatusServiceUnavailable {
		t.Errorf("feed of a file that was cut short: %d", status)
	}
	if status, _ := daemon.get(t, "/healthz"); status != http.StatusOK {
		t.Errorf("healthz afterwards: %d", status)
	}
	daemon.kill()
	if t.Failed() {
		t.Log(daemon.log())
	}
	out := pl.run(t, 1, "run")
	if !strings.Contains(out, "is damaged") || !strings.Contains(out, "vedetta restore --data "+pl.data()) {
		t.Errorf("the message does not say what to do:\n%s", out)
	}
	pl.run(t, 0, "restore", filepath.Join(pl.data(), "backups"))
	pl.complete(t)
}

// Two daemons on one database: the second says who has it.
func TestLockHeld(t *testing.T) {
	t.Parallel()
	pl := newPlace(t, newPress(t))
	daemon := start(t, pl.command(t.Context(), "run"))
	daemon.serves(t)
	if out := pl.run(t, 1, "run"); !strings.Contains(out, "is held by process") || !strings.Contains(out, "vedetta run") {
		t.Errorf("the message does not say who:\n%s", out)
	}
	daemon.stop(t)
}

// Readers who hold all the connections that the descriptors allow keep each
// other out while it lasts, and neither polling nor what is stored.
func TestDescriptorsExhausted(t *testing.T) {
	t.Parallel()
	pl := newPlace(t, newPress(t))
	pl.run(t, 0, "poll")
	before := read(t, pl.db())
	c := pl.command(t.Context(), "run")
	c.Args = append([]string{"sh", "-c", `ulimit -n 40; exec "$@"`, "sh", binary}, c.Args[1:]...)
	c.Path = "/bin/sh"
	daemon := start(t, c)
	address := strings.TrimPrefix(daemon.serves(t), "http://")
	pl.press.takeRequests()
	var conns []net.Conn
	for range 60 {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			break
		}
		conns = append(conns, conn)
	}
	asked := false
	for deadline := time.Now().Add(patience); !asked && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		asked = len(pl.press.takeRequests()) > 0
	}
	if !asked {
		t.Error("no poll while readers hold their connections")
	}
	for _, conn := range conns {
		_ = conn.Close()
	}
	if status, _ := daemon.get(t, "/feeds/patto.atom"); status != http.StatusOK {
		t.Errorf("feed afterwards: %d", status)
	}
	daemon.stop(t)
	pl.verify(t)
	after := read(t, pl.db())
	after.follows(t, before)
	for id, poll := range after.polls {
		if poll.Failures > 0 && id != resting {
			t.Errorf("%s is blamed: %s", id, poll.Err)
		}
	}
}

// Little memory makes it slow, not wrong.
func TestLittleMemory(t *testing.T) {
	t.Parallel()
	pl := newPlace(t, newPress(t))
	c := pl.command(t.Context(), "poll")
	c.Env = append(os.Environ(), "GOMEMLIMIT=16MiB")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	pl.complete(t)
}

// SIGTERM in the middle of a big poll of sites that hang ends the daemon while
// they do, and nothing is lost.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	pl := newPlace(t, p)
	pl.run(t, 0, "poll")
	before := read(t, pl.db())
	hang, release := context.WithCancel(t.Context())
	defer release()
	waiting := make(chan struct{}, 1000)
	p.follow(func(int) {
		waiting <- struct{}{}
		<-hang.Done()
	})
	defer p.follow(nil)
	daemon := start(t, pl.command(t.Context(), "run"))
	select { // one asks, the others wait for their turn at the host
	case <-waiting:
	case <-time.After(patience):
		t.Fatal("it does not poll")
	}
	daemon.stop(t)
	p.follow(nil)
	release()
	pl.verify(t)
	read(t, pl.db()).follows(t, before)
	pl.complete(t)
}
