package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"
)

// serveProfiles serves the runtime's profiles on an address of this machine
// alone, until the returned function is called. An empty address serves none.
func serveProfiles(ctx context.Context, address string, log *slog.Logger) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	if err := loopbackOnly(address); err != nil {
		return nil, errUsage{fmt.Errorf("--pprof %s: %w", address, err)}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve profiles: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("profiles are no longer served", "err", err)
		}
	})
	log.Info("serving profiles", "address", "http://"+l.Addr().String()+"/debug/pprof/")
	return func() {
		_ = srv.Close()
		serving.Wait()
	}, nil
}

// loopbackOnly refuses an address that others can reach. Names are refused
// too, but localhost: what they lead to is not ours to say.
func loopbackOnly(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%w; 127.0.0.1:6060 would do", err)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return errors.New("profiles hold what is in memory, and are served on a loopback address only: 127.0.0.1:6060")
}
