package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"vedetta/config"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // wrong usage or invalid configuration
)

// run executes one command line and returns the exit code. It is main
// without the operating system, so that tests can call it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	text := message(err)
	if toJournal(stderr) {
		text = asErrors(text)
	}
	_, _ = fmt.Fprintln(stderr, text)
	if _, usage := errors.AsType[errUsage](err); usage {
		return exitUsage
	}
	if _, faulty := errors.AsType[config.Faults](err); faulty {
		return exitUsage
	}
	return exitFailed
}

// message is what a person reads of an error. Faults of feeds.yaml stand by
// themselves, each on its line, as compilers print them.
func message(err error) string {
	if faults, ok := errors.AsType[config.Faults](err); ok {
		return faults.Error()
	}
	return "vedetta: " + err.Error()
}

// errUsage is a wrong command line.
type errUsage struct{ error }

func (e errUsage) Unwrap() error { return e.error }

// app is what the common flags say.
type app struct {
	config    string
	data      string
	logLevel  slog.LevelVar
	logFormat string
}

func newRoot() *cobra.Command {
	a := &app{}
	root := &cobra.Command{
		Use:   "vedetta",
		Short: "Watches the Italian press on NATO, Japan and Italy and serves what matters as a feed",
		Long: `Vedetta polls news sources, extracts each article, recognises copies of the same
story and serves what is on topic as feeds for any reader. Without a command it runs
as the daemon.`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	f := root.PersistentFlags()
	f.StringVar(&a.config, "config", "", "configuration `file` (default $CONFIGURATION_DIRECTORY/feeds.yaml, else ./feeds.yaml, else /etc/vedetta/feeds.yaml)")
	f.StringVar(&a.data, "data", "", "`directory` of vedetta.db (default $STATE_DIRECTORY, else $XDG_STATE_HOME/vedetta, else ~/.local/state/vedetta)")
	f.TextVar(&a.logLevel, "log-level", &slog.LevelVar{}, "least `level` that is logged: debug, info, warn or error")
	f.StringVar(&a.logFormat, "log-format", "text", "text or json")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if a.logFormat != "text" && a.logFormat != "json" {
			return errUsage{fmt.Errorf("--log-format %q: text or json is wanted", a.logFormat)}
		}
		return nil
	}

	daemon := newRun(a)
	root.RunE = daemon.RunE
	root.Flags().AddFlagSet(daemon.Flags())
	root.AddCommand(
		daemon, newDemo(a), newPoll(a), newCheck(a), newSources(a),
		newExtract(a), newExplain(a), newJudge(a), newEval(a), newReplay(a), newVersion(),
	)
	root.AddCommand(newAdd(a), newSearch(a), newExport(a), newImport(a))
	root.AddCommand(newBackup(a), newRestore(a), newCompact(a), newVerify(a))
	wrongUsage(root)
	return root
}

// wrongUsage marks errors in flags and arguments of all commands as usage
// errors.
func wrongUsage(c *cobra.Command) {
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return errUsage{fmt.Errorf("%w (see %s -h)", err, c.CommandPath())}
	})
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return errUsage{fmt.Errorf("%w (see %s -h)", err, c.CommandPath())}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrongUsage(sub)
	}
}

// logger writes to w as the flags say.
func (a *app) logger(w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: &a.logLevel}
	format := func(w io.Writer) slog.Handler {
		if a.logFormat == "json" {
			return slog.NewJSONHandler(w, o)
		}
		return slog.NewTextHandler(w, o)
	}
	if toJournal(w) {
		o.ReplaceAttr = withoutTime
		return slog.New(newJournalHandler(w, format))
	}
	return slog.New(format(w))
}

// withoutTime leaves out the time of a line, where the journal stamps it.
func withoutTime(groups []string, at slog.Attr) slog.Attr {
	if len(groups) == 0 && at.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return at
}

// configPath is the configuration file to read.
func (a *app) configPath() string {
	if a.config != "" {
		return a.config
	}
	return defaultConfig()
}

// defaultConfig is the file that is read when --config does not name one.
func defaultConfig() string {
	if dir := os.Getenv("CONFIGURATION_DIRECTORY"); dir != "" {
		return filepath.Join(dir, "feeds.yaml")
	}
	if _, err := os.Stat("feeds.yaml"); err == nil {
		return "feeds.yaml"
	}
	return "/etc/vedetta/feeds.yaml"
}

// load reads the configuration.
func (a *app) load() (*config.Config, error) {
	path := a.configPath()
	cfg, err := config.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errUsage{fmt.Errorf("no configuration: %s does not exist; name one with --config, or start from the feeds.yaml that ships with vedetta", path)}
	}
	return cfg, err
}

// dataDir is the directory of the database.
func (a *app) dataDir() (string, error) {
	switch {
	case a.data != "":
		return a.data, nil
	case os.Getenv("STATE_DIRECTORY") != "":
		return os.Getenv("STATE_DIRECTORY"), nil
	case os.Getenv("XDG_STATE_HOME") != "":
		return filepath.Join(os.Getenv("XDG_STATE_HOME"), "vedetta"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errUsage{fmt.Errorf("no place for the data: %w; name a directory with --data", err)}
	}
	return filepath.Join(home, ".local", "state", "vedetta"), nil
}

// isTerminal reports whether a person is looking at w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
