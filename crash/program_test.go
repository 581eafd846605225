package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	kills = flag.Int("kills", 20, "how often to kill the program")
	seed  = flag.Uint64("seed", 1, "what the instants are drawn from")
)

// patience is how long a test waits for what has to come: longer than a busy
// machine takes, so that only what never comes exceeds it.
const patience = 5 * time.Minute

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
	dir   string
	press *press
}

func newPlace(t *testing.T, p *press) *place {
	t.Helper()
	pl := &place{dir: t.TempDir(), press: p}
	pl.configure(t, false)
	return pl
}

func (pl *place) config() string { return filepath.Join(pl.dir, "feeds.yaml") }
func (pl *place) data() string   { return filepath.Join(pl.dir, "data") }
func (pl *place) db() string     { return filepath.Join(pl.data(), "vedetta.db") }

// configure writes feeds.yaml, by one of two sets of rules, in the way that
// editors do: a new file in the place of the old. The daemon takes a port that
// is free. A site that hangs is waited for longer than any test lasts.
func (pl *place) configure(t *testing.T, otherRules bool) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "server: {listen: \"127.0.0.1:0\", title: Prova}\npoll: {per_host: 0s, timeout: 1h, allow: [%q]}\nsources:\n", strings.TrimPrefix(pl.press.URL, "http://"))
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
	output output
	ended  chan struct{}
	err    error // how it ended
}

// output is what a process has written. It notes where a daemon serves.
type output struct {
	text bytes.Buffer
	read int // bytes of whole lines that were looked at

	serving chan struct{} // closed when the daemon says that it serves
	address string        // http://127.0.0.1:port
	since   time.Time     // before the first poll
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.text.Write(p)
	for o.address == "" {
		line, _, whole := bytes.Cut(o.text.Bytes()[o.read:], []byte("\n"))
		if !whole {
			break
		}
		o.read += len(line) + 1
		var said struct {
			Time         time.Time
			Msg, Address string
		}
		if json.Unmarshal(line, &said) == nil && said.Msg == "serving" {
			o.address, o.since = strings.TrimSuffix(said.Address, "/"), said.Time
			close(o.serving)
		}
	}
	return len(p), nil
}

func start(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{Cmd: cmd, output: output{serving: make(chan struct{})}, ended: make(chan struct{})}
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

// stop ends the process in good order.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("it has ended already: %v\n%s", err, p.log())
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.kill()
		t.Fatalf("SIGTERM did not end it within %v:\n%s", patience, p.log())
	}
	if p.err != nil {
		t.Errorf("after SIGTERM: %v\n%s", p.err, p.log())
	}
}

// serves waits until the daemon serves, and returns where.
func (p *process) serves(t *testing.T) (address string) {
	t.Helper()
	select {
	case <-p.output.serving:
	case <-p.ended:
		t.Fatalf("it ended before it served: %v\n%s", p.err, p.log())
	case <-time.After(patience):
		p.kill()
		t.Fatalf("it does not serve:\n%s", p.log())
	}
	return p.output.address
}

// client asks each time over a connection of its own.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}

// get asks the daemon until it gives an answer.
func (p *process) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	address := p.serves(t)
	for until := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err == nil {
			b, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode, string(b)
		}
		if time.Now().After(until) {
			t.Fatalf("no answer from %s: %v", path, err)
		}
	}
}

// await asks the daemon whether it is ready until it answers with the status.
func (p *process) await(t *testing.T, want int) {
	t.Helper()
	for until := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		status, body := p.get(t, "/readyz")
		if status == want {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("readyz: %d, want %d: %s", status, want, body)
		}
	}
}

// log is what it has written; only after it has ended.
func (p *process) log() string {
	<-p.ended
	return p.output.text.String()
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
