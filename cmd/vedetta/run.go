package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/fetcher"
	"vedetta/monitor"
	"vedetta/publish"
	"vedetta/search"
	"vedetta/store"
	"vedetta/websub"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"
)

func newRun(a *app) *cobra.Command {
	var listen, profiles string
	c := &cobra.Command{
		Use:   "run",
		Short: "The daemon: polls on schedule and serves feeds and pages (the default)",
		Long: `Polls the sources of feeds.yaml on schedule and serves the feeds and pages. A changed
feeds.yaml, or SIGHUP, is taken over without a restart; a faulty one is reported and the
last good one stays. SIGUSR1 logs everything, SIGUSR2 what --log-level says. A socket
handed over by systemd is used instead of --listen.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			tuneThreads(os.Getenv)
			log := a.logger(c.ErrOrStderr())
			defer switchLevel(&a.logLevel, log)()
			noProfiles, err := serveProfiles(c.Context(), profiles, log)
			if err != nil {
				return err
			}
			defer noProfiles()
			w, err := newWatcher(a.configPath(), log) // before the file is read, so that no change is missed
			if errors.Is(err, fs.ErrNotExist) {
				_, err = a.load() // says what to do
			}
			if err != nil {
				return err
			}
			defer w.close()
			cfg, err := a.load()
			if err != nil {
				return err
			}
			m := newMeasures()
			s, err := a.openStoreWith(store.Options{Wrote: m.counts.Wrote})
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			if listen == "" {
				listen = cfg.Server.Listen
			}
			l, handed, err := listener(listen)
			if err != nil {
				return err
			}
			address := l.Addr().String()
			if handed && l.Addr().Network() == "unix" {
				address = listen // readers cannot be told of a socket in the file system
			} else if handed && listen != config.Default().Server.Listen && !sameListen(listen, l.Addr()) {
				log.Warn("systemd's socket is used, not the address asked for: change ListenStream= of the socket unit", "address", address, "asked_for", listen)
			}
			d := newService(w, address, s, m, log)
			d.patience = servedLonger
			defer d.serveAdmin(s.Folder())()
			now, err := d.prepare(cfg, nil)
			if err != nil {
				return errors.Join(err, l.Close())
			}
			return d.run(c.Context(), l, now)
		},
	}
	c.Flags().StringVar(&listen, "listen", "", "`address` to serve on (default: server.listen of feeds.yaml, else 127.0.0.1:8417)")
	c.Flags().StringVar(&profiles, "pprof", "", "loopback `address` to serve the runtime's profiles on, such as 127.0.0.1:6060 (default: nowhere)")
	return c
}

// listener is the socket that systemd handed over, else one of our own.
func listener(address string) (l net.Listener, handed bool, err error) {
	sockets, err := activation.Listeners()
	if err != nil {
		return nil, false, fmt.Errorf("take over systemd's socket: %w", err)
	}
	if len(sockets) > 0 && sockets[0] != nil {
		return sockets[0], true, nil
	}
	l, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, false, fmt.Errorf("serve: %w; another program may hold the port: choose one with --listen or server.listen", err)
	}
	return l, false, nil
}

// sameListen reports whether a socket listens where an address asks for.
func sameListen(address string, l net.Addr) bool {
	asked, err := net.ResolveTCPAddr("tcp", address)
	has, ok := l.(*net.TCPAddr)
	if err != nil || !ok || asked.Port != has.Port {
		return false
	}
	all := func(ip net.IP) bool { return len(ip) == 0 || ip.IsUnspecified() }
	return all(asked.IP) && all(has.IP) || asked.IP.Equal(has.IP)
}

// service is the daemon: what lives as long as the process.
type service struct {
	watch   *watcher // of the configuration file
	address string   // that it serves on
	store   *store.Store
	index   *search.Index
	engine  *engine.Engine
	hubs    *websub.Subscriber
	log     *slog.Logger
	measure *measures
	counted http.Handler // answers requests, and counts them
	started time.Time

	transport http.RoundTripper // to sites; nil but in tests
	patience  time.Duration     // publish.Site.Patience

	serving atomic.Pointer[setup] // the configuration whose site answers requests
	refused atomic.Pointer[error] // why feeds.yaml as it stands was not taken over; nil when it was
}

// setup is a configuration ready to run.
type setup struct {
	cfg     *config.Config
	fetch   *fetcher.Fetcher
	plan    *engine.Plan
	site    *publish.Handler
	static  *publish.Handler // the site as files; nil for none
	handler http.Handler     // the site, what the command line asks the daemon, and what hubs send it
}

func newService(w *watcher, address string, s *store.Store, m *measures, log *slog.Logger) *service {
	d := &service{
		watch: w, address: address, store: s, log: log, measure: m, started: time.Now(),
		engine: engine.New(s, log, m.counts),
		hubs:   websub.New(s, log),
		index:  newIndex(s),
	}
	d.engine.KeepStories(storiesPath(s))
	m.registry.MustRegister(monitor.NewState(s, d.engine, d.sources, d.hubs.Pushing))
	d.counted = m.counts.Handler(http.HandlerFunc(d.answer), d.class)
	return d
}

// sources are those that are polled now.
func (d *service) sources() []config.Source {
	if now := d.serving.Load(); now != nil {
		return now.plan.Sources
	}
	return nil
}

// prepare does all of a configuration that can fail, touching nothing that
// runs. The fetcher outlives a reload that does not change how to poll,
// and another takes over what it remembers of hosts.
func (d *service) prepare(cfg *config.Config, old *setup) (*setup, error) {
	n := &setup{cfg: cfg}
	if old != nil && samePolling(old.cfg.Poll, cfg.Poll) {
		n.fetch = old.fetch
	} else {
		o, err := remembering(fetcherOptions(cfg.Poll, d.log), d.store, d.log)
		if err != nil {
			return nil, err
		}
		o.Observe, o.Transport = d.measure.counts.Fetched, d.transport
		if old != nil {
			o.Before = old.fetch
		}
		f, err := fetcher.New(o)
		if err != nil {
			return nil, err
		}
		n.fetch = f
	}
	var err error
	if n.plan, err = newPlan(cfg, n.fetch); err != nil {
		return nil, err
	}
	n.plan = n.plan.WithHubs(d.hubs)
	if n.site, err = publish.New(d.store, d.newSite(cfg), d.log); err != nil {
		return nil, err
	}
	if old != nil {
		n.site.Inherit(old.site)
	}
	if n.static, err = d.staticSite(cfg); err != nil {
		return nil, err
	}
	n.handler = d.withCallbacks(cfg, withSources(d.serveSources(cfg.Sources), n.site))
	return n, nil
}

// run serves and polls until ctx ends, taking over each configuration that
// the file comes to hold.
func (d *service) run(ctx context.Context, l net.Listener, now *setup) error {
	limits := defaultLimits()
	d.measure.counts.Limit(limits.connections)
	srv := d.server(limits)
	d.serving.Store(now)
	d.subscribe(now)
	back := &behind{}
	d.engine.ReadBehind(back.run)
	ctx, stopServing := context.WithCancelCause(ctx)
	var beside sync.WaitGroup
	defer func() { _ = d.index.Close() }() // is read only, and derived
	defer beside.Wait()
	defer stopServing(nil)
	beside.Go(func() { d.watch.run(ctx) })
	beside.Go(func() { d.feedWatchdog(ctx) })
	beside.Go(func() { d.tellStatus(ctx) })
	beside.Go(func() { d.hubs.Run(ctx) })
	beside.Go(func() {
		back.run(func() { d.index.Follow(ctx, indexed{d.store}, indexInterval, d.log) })
	})
	beside.Go(func() {
		publish.NewAnnouncer(&http.Client{Timeout: hubTimeout}).Run(ctx, func() *publish.Handler { return d.serving.Load().site })
	})
	beside.Go(func() { d.keepWarm(ctx) })
	beside.Go(func() { giveBack(ctx, d.store.Release, d.log) })
	beside.Go(func() {
		back.run(func() { d.keepStatic(ctx) })
	})
	gate, open, served := limits.gate(l), countConnections(srv), make(chan struct{})
	go func() {
		defer close(served)
		if err := srv.Serve(gate); !errors.Is(err, net.ErrClosed) {
			stopServing(fmt.Errorf("serve: %w", err))
		}
	}()
	d.log.Info("serving", "address", "http://"+l.Addr().String()+"/", "sources", len(now.plan.Sources), "topics", enabledTopics(now.cfg))
	d.notify(daemon.SdNotifyReady + "\nSTATUS=" + d.status(time.Now()))
	err := d.follow(ctx, now)
	d.notify(daemon.SdNotifyStopping)
	if err := d.engine.SaveStories(); err != nil {
		d.log.Warn("cannot keep the index of stories: the next start makes it anew", "err", err)
	}
	bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	err = errors.Join(err, drain(bye, srv, gate, open, served))
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, cause)
	}
	d.log.Info("stopped", "dur", time.Since(d.started).Round(time.Second))
	return err
}

// keepWarm has the pages' counts made before anybody asks for them: after a
// reload and after midnight.
func (d *service) keepWarm(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := d.serving.Load().site.Warm(); err != nil {
			d.log.Error("prepare the pages", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// servedLonger is how long after a change a document is served as it was at
// most: far less than readers are told that they may keep it.
const servedLonger = 10 * time.Second

// How long answers under way may take at the end, and a hub to answer.
const (
	shutdownTime = 8 * time.Second
	hubTimeout   = 30 * time.Second
)

// follow runs one setup after the other until ctx ends. A new one serves at
// once, and polls when the visits under way have come to a point where they
// can be left.
func (d *service) follow(ctx context.Context, now *setup) error {
	for {
		d.measure.counts.Keep(named(now))
		stop := make(chan struct{})
		done := make(chan error, 1)
		go func(p *engine.Plan) { done <- d.engine.Run(ctx, stop, p) }(now.plan)
		next := d.await(ctx, now, done)
		if next != nil {
			d.serving.Store(next)
			d.subscribe(next)
			d.log.Info("configuration taken over", "sources", len(next.plan.Sources), "topics", enabledTopics(next.cfg))
			d.notify(daemon.SdNotifyReady + "\nSTATUS=" + d.status(time.Now()))
		}
		close(stop)
		if err := <-done; err != nil {
			return err
		}
		if next == nil {
			return nil
		}
		now = next
	}
}

// await returns the next good configuration, or nil when ctx or the engine
// ends. A faulty file is reported, once a change, and the running one stays.
func (d *service) await(ctx context.Context, now *setup, done chan error) *setup {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-done:
			done <- err // the engine ended by itself: only our own database makes it
			return nil
		case <-d.watch.changes:
		}
		d.notify(daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec())
		next, err := d.reload(now)
		d.measure.counts.Reloaded(err)
		if err == nil {
			d.refused.Store(nil)
			return next
		}
		d.refused.Store(&err)
		d.log.Error("configuration not taken over: the last good one stays", "err", err)
		d.notify(daemon.SdNotifyReady + "\nSTATUS=" + d.status(time.Now()))
	}
}

// reload reads the file and prepares what it holds.
func (d *service) reload(now *setup) (*setup, error) {
	cfg, err := config.Load(d.watch.path)
	if err != nil {
		return nil, err
	}
	if cfg.Server.Listen != now.cfg.Server.Listen {
		d.log.Warn("server.listen changed: it takes a restart", "address", cfg.Server.Listen)
	}
	return d.prepare(cfg, now)
}

// ServeHTTP implements http.Handler.
func (d *service) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.counted.ServeHTTP(w, r) }

// answer hands a request to the running configuration.
func (d *service) answer(w http.ResponseWriter, r *http.Request) {
	d.serving.Load().handler.ServeHTTP(w, r)
}
