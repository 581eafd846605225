package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// countConnections keeps the number of connections that a server has open. It
// is for a server that does not serve yet.
func countConnections(srv *http.Server) *atomic.Int64 {
	var open atomic.Int64
	before := srv.ConnState
	srv.ConnState = func(c net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		}
		if before != nil {
			before(c, state)
		}
	}
	return &open
}

// silentTime is how long a connection may be open at the end without asking
// for anything.
const silentTime = time.Second

// drain ends a server: it accepts nothing more, so that what comes waits for
// the next process where the socket is systemd's, and answers what it has
// accepted. Shutdown alone would drop a request whose connection was accepted
// a moment before it.
func drain(ctx context.Context, srv *http.Server, l net.Listener, open *atomic.Int64, served <-chan struct{}) error {
	if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return errors.Join(fmt.Errorf("close the socket: %w", err), srv.Close())
	}
	<-served
	srv.SetKeepAlivesEnabled(false) // each connection ends with its answer
	silent, cancel := context.WithTimeout(ctx, silentTime)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for open.Load() > 0 && silent.Err() == nil {
		select {
		case <-silent.Done():
		case <-tick.C:
		}
	}
	if err := srv.Shutdown(ctx); err != nil {
		return srv.Close() // what takes longer is cut off
	}
	return nil
}
