package main

import (
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
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
	return &gate{Listener: in, places: make(chan struct{}, l.connections), closed: make(chan struct{})}
}

// gate is a listener with a number of places. It is netutil.LimitListener, but
// for half-closing: without that the server cannot tell clients what was wrong
// with a request that it did not read to the end.
type gate struct {
	net.Listener
	places chan struct{} // holds a value for each place taken
	once   sync.Once
	closed chan struct{}
}

// Accept implements net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	select {
	case g.places <- struct{}{}:
	case <-g.closed:
		return nil, net.ErrClosed
	}
	c, err := g.Listener.Accept()
	if err != nil {
		<-g.places
		return nil, err
	}
	return &admitted{Conn: c, leave: sync.OnceFunc(func() { <-g.places })}, nil
}

// Close implements net.Listener.
func (g *gate) Close() error {
	g.once.Do(func() { close(g.closed) })
	return g.Listener.Close()
}

// admitted is a connection that holds a place until it is closed.
type admitted struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *admitted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

// CloseWrite ends what is sent, and leaves open what is received.
func (c *admitted) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
