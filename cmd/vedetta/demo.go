package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"vedetta"
	"vedetta/config"
	"vedetta/newsroom"
	"vedetta/store"

	"github.com/spf13/cobra"
)

func newDemo(a *app) *cobra.Command {
	var (
		listen string
		once   bool
	)
	c := &cobra.Command{
		Use:   "demo",
		Short: "The whole daemon over a small invented newsroom on loopback, with no network",
		Long: `Serves an invented newsroom on loopback and runs the whole daemon over it, in a temporary
directory: real feeds and pages, polled, extracted, judged, stored and served. It prints what
the first round brought and where to look, and goes on until it is interrupted.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := os.MkdirTemp("", "vedetta-demo-")
			if err != nil {
				return fmt.Errorf("make a temporary directory: %w", err)
			}
			defer func() { _ = os.RemoveAll(dir) }()
			log := a.logger(c.ErrOrStderr())
			if !c.Flags().Changed("log-level") {
				// The round's table says it better than a line a source.
				log = slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelError}))
			}
			return demo(c.Context(), demoOptions{dir: dir, listen: listen, once: once, out: c.OutOrStdout(), progress: c.ErrOrStderr(), log: log})
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8417", "`address` to serve on; another port is taken when it is in use")
	c.Flags().BoolVar(&once, "once", false, "stop after the first round")
	return c
}

type demoOptions struct {
	dir, listen   string
	once          bool
	out, progress io.Writer
	log           *slog.Logger
}

// demo runs the newsroom and the daemon until ctx ends.
func demo(ctx context.Context, o demoOptions) error {
	press, err := freeListener(ctx, "127.0.0.1:8418")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	room := newsroom.New("http://"+press.Addr().String(), time.Now)
	wg.Go(func() { serveUntil(ctx, press, room, o.log) })

	l, err := freeListener(ctx, o.listen)
	if err != nil {
		return err
	}
	path := filepath.Join(o.dir, "feeds.yaml")
	if err := os.WriteFile(path, demoConfig(room, l.Addr().String(), press.Addr().String()), 0o600); err != nil {
		return fmt.Errorf("write the demo's configuration: %w", err)
	}
	w, err := newWatcher(path, o.log)
	if err != nil {
		return err
	}
	defer w.close()
	cfg, err := config.Load(path)
	if err != nil {
		return err
	}
	m := newMeasures()
	s, err := store.Open(filepath.Join(o.dir, "vedetta.db"), store.Options{Wrote: m.counts.Wrote})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	d := newService(w, l.Addr().String(), s, m, o.log)
	now, err := d.prepare(cfg, nil)
	if err != nil {
		return err
	}
	outcomes, err := round(ctx, d.engine, now.plan, false, o.progress)
	if err != nil {
		return err
	}
	if err := printRound(o.out, outcomes, false); err != nil {
		return err
	}
	if err := printWhere(o.out, s, cfg, path, press.Addr().String()); err != nil || o.once {
		return err
	}
	_, _ = fmt.Fprintln(o.out, "\nThe daemon goes on polling every half minute; Ctrl-C ends it and removes everything.")
	return d.run(ctx, l, now)
}

// freeListener listens on the address or, if it is taken, on another port of
// the same host.
func freeListener(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	host, _, bad := net.SplitHostPort(address)
	if bad != nil {
		return nil, errUsage{fmt.Errorf("--listen %s: %w", address, bad)}
	}
	if l, err = lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0")); err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	return l, nil
}

// serveUntil serves the newsroom until ctx ends.
func serveUntil(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		log.Error("newsroom ended", "err", err)
	}
}

// demoConfig is a feeds.yaml with the newsroom's outlets and the topics that
// ship with the program. It asks far more often than anyone should ask a real
// site, so that a minute shows what a day would.
func demoConfig(room *newsroom.Newsroom, listen, press string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# The demo's configuration: change it while the demo runs and see it taken over.
server: {listen: %q, title: "Vedetta (dimostrazione)"}
poll:   {per_host: 0s, allow: [%q]}
`, listen, press)
	b.Write(room.Config("@every 30s"))
	topics := bytes.Index(vedetta.Feeds, []byte("\ntopics:"))
	b.Write(vedetta.Feeds[topics:])
	return b.Bytes()
}

// printWhere says what there is now and where to look at it.
func printWhere(w io.Writer, s *store.Store, cfg *config.Config, path, press string) error {
	var b strings.Builder
	base := cfg.Server.BaseURL
	for _, t := range cfg.Topics {
		if t.Disabled {
			continue
		}
		sum, err := summarise(s, t.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n%s: %s\n", t.Title, sum)
		fmt.Fprintf(&b, "  page       %s/\n", base)
		fmt.Fprintf(&b, "  feeds      %s/feeds/%s.atom  (.rss, .json)\n", base, t.ID)
		for _, r := range t.Relations {
			fmt.Fprintf(&b, "             %s/feeds/%s/%s.atom\n", base, t.ID, r.ID)
		}
		fmt.Fprintf(&b, "  near       %s/feeds/%s/near-misses.atom\n", base, t.ID)
	}
	fmt.Fprintf(&b, "  sources    %s/sources\n", base)
	fmt.Fprintf(&b, "  newsroom   http://%s/  (the invented press itself)\n", press)
	fmt.Fprintf(&b, "  rules      %s  (edit it while the demo runs)\n", path)
	_, err := io.WriteString(w, b.String())
	return err
}
