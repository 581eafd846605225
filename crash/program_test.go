package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	kills = flag.Int("kills", 20, "how often to kill the program")
	seed  = flag.Uint64("seed", 1, "what the instants are drawn from")
)

// binary is the built program.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "vedetta-crash-")
	if err == nil {
		binary = filepath.Join(dir, "vedetta")
		var out []byte
		if out, err = exec.CommandContext(context.Background(), "go", "build", "-o", binary, "vedetta/cmd/vedetta").CombinedOutput(); err != nil {
			err = fmt.Errorf("build: %w\n%s", err, out)
		}
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// place is a configuration and a data directory.
type place struct {
	dir    string
	listen string // address of the daemon
	press  *press
}

func newPlace(t *testing.T, p *press) *place {
	t.Helper()
	pl := &place{dir: t.TempDir(), listen: freeAddress(t), press: p}
	pl.configure(t, false)
	return pl
}

// freeAddress is one of loopback whose port nobody has, and nobody is given:
// systems hand out those from 32768 on, and a daemon may start late.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(15_000+rand.IntN(15_000)))
		if l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address); err == nil {
			_ = l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

func (pl *place) config() string { return filepath.Join(pl.dir, "feeds.yaml") }
func (pl *place) data() string   { return filepath.Join(pl.dir, "data") }
func (pl *place) db() string     { return filepath.Join(pl.data(), "vedetta.db") }

// configure writes feeds.yaml, by one of two sets of rules, in the way that
// editors do: a new file in the place of the old.
func (pl *place) configure(t *testing.T, otherRules bool) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "server: {listen: %q, title: Prova}\npoll: {per_host: 0s, allow: [%q]}\nsources:\n", pl.listen, strings.TrimPrefix(pl.press.URL, "http://"))
	for _, o := range pl.press.outlets {
		fmt.Fprintf(&b, "  - {name: %s, url: \"%s/%s/feed.xml\", schedule: \"@every 1s\"}\n", o.id, pl.press.URL, o.id)
	}
	terms := "[Giappone, Tokyo]"
	if otherRules {
		terms = "[Tokyo]"
	}
	fmt.Fprintf(&b, `topics:
  - id: patto
    title: Patto
    actors:
      nato:     {label: NATO, terms: [NATO]}
      giappone: {label: Giappone, terms: %s}
    relations:
      - {id: nato-giappone, between: [nato, giappone]}
`, terms)
	temp := pl.config() + ".new"
	if err := os.WriteFile(temp, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(temp, pl.config()); err != nil {
		t.Fatal(err)
	}
}

// command is the program with the place's flags.
func (pl *place) command(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, binary, append(args, "--config", pl.config(), "--data", pl.data(), "--log-format", "json")...)
}

// process is the program while it runs.
type process struct {
	*exec.Cmd
	output bytes.Buffer
	ended  chan struct{}
	err    error // how it ended
}

func start(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{Cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	return p
}

// kill ends the process, and any that it started, at once, if it has not ended.
func (p *process) kill() {
	_ = syscall.Kill(-p.Process.Pid, syscall.SIGKILL) // it may have ended
	<-p.ended
}

// stop ends the process in good order, and returns how long that took.
func (p *process) stop(t *testing.T) time.Duration {
	t.Helper()
	begin := time.Now()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("it has ended already: %v\n%s", err, p.log())
	}
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		p.kill()
		t.Fatalf("SIGTERM did not end it within 20 s:\n%s", p.log())
	}
	if p.err != nil {
		t.Errorf("after SIGTERM: %v\n%s", p.err, p.log())
	}
	return time.Since(begin)
}

// log is what it has written; only after it has ended.
func (p *process) log() string {
	<-p.ended
	return p.output.String()
}

// run runs a command to its end and returns what it printed; it must exit with
// the code.
func (pl *place) run(t *testing.T, code int, args ...string) string {
	t.Helper()
	out, err := pl.command(t.Context(), args...).CombinedOutput()
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if got != code {
		t.Fatalf("vedetta %v: exit %d, want %d\n%s", args, got, code, out)
	}
	return string(out)
}

// verify runs the command of that name.
func (pl *place) verify(t *testing.T, args ...string) {
	t.Helper()
	var v struct{ Faults []string }
	out := pl.run(t, 0, append([]string{"verify", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &v); err != nil || len(v.Faults) > 0 {
		t.Fatalf("verify %v: %s, %v", args, out, err)
	}
}
