package main

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// serverLimits bound what readers of the site can hold: time, memory and
// connections. docs/security.md says what each is against.
type serverLimits struct {
	request     time.Duration // from a request's first byte to its end
	answer      time.Duration // from the end of the header until the answer is taken
	idle        time.Duration // between two requests of a connection
	headerBytes int           // of the header, request line included; net/http adds 4 KiB
	connections int           // at the same time; more wait in the kernel's queue
}

// maxConnections is enough for every reader of a newsroom, and at some 20 KiB
// each bounds what they cost.
const maxConnections = 2048

// defaultLimits are the daemon's own.
func defaultLimits() serverLimits {
	return serverLimits{
		request:     10 * time.Second,
		answer:      time.Minute,
		idle:        30 * time.Second,
		headerBytes: 16 << 10,
		connections: connectionsFor(descriptors()),
	}
}

// connectionsFor is the number of connections that leaves half of the
// descriptors to polling and the store.
func connectionsFor(descriptors uint64) int {
	if descriptors == 0 {
		return maxConnections
	}
	return int(min(max(descriptors/2, 16), maxConnections))
}

// server is the HTTP server of the site, within limits.
func (d *service) server(l serverLimits) *http.Server {
	return &http.Server{
		Handler:           d,
		ReadHeaderTimeout: l.request,
		ReadTimeout:       l.request, // the same: one deadline is set a request, not two
		WriteTimeout:      l.answer,
		IdleTimeout:       l.idle,
		MaxHeaderBytes:    l.headerBytes,
		ConnState:         d.measure.counts.ConnState,
		ErrorLog:          slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
}

// gate lets so many connections in at a time. The others are not refused:
// they wait until one ends, which the time limits see to.
func (l serverLimits) gate(in net.Listener) net.Listener {
	return netutil.LimitListener(in, l.connections)
}
