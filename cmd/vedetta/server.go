package main

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
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
	perAddress  int           // of these from one address; more are refused
}

// maxConnections is enough for every reader of a newsroom, and at some 20 KiB
// each bounds what they cost.
const maxConnections = 2048

// defaultLimits are the daemon's own.
func defaultLimits() serverLimits {
	connections := connectionsFor(descriptors())
	return serverLimits{
		request:     10 * time.Second,
		answer:      time.Minute,
		idle:        30 * time.Second,
		headerBytes: 16 << 10,
		connections: connections,
		perAddress:  max(connections/8, 16),
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
// they wait until one ends, which the time limits see to. From one address only
// some are let in, or it alone could keep all others waiting; the rest is told to
// come back later.
func (l serverLimits) gate(in net.Listener) net.Listener {
	return &gate{
		Listener: in, places: make(chan struct{}, l.connections), closed: make(chan struct{}),
		perAddress: l.perAddress, open: map[netip.Prefix]int{},
	}
}

// gate is a listener with a number of places. It is netutil.LimitListener, but
// for half-closing, without which the server cannot tell clients what was wrong
// with a request that it did not read to the end, and for counting by address.
type gate struct {
	net.Listener
	places chan struct{} // holds a value for each place taken
	once   sync.Once
	closed chan struct{}

	perAddress int
	mu         sync.Mutex           // guards open
	open       map[netip.Prefix]int // places taken, by address
}

// Accept implements net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	select {
	case g.places <- struct{}{}:
	case <-g.closed:
		return nil, net.ErrClosed
	}
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			<-g.places
			return nil, err
		}
		from := addressOf(c)
		if !g.enter(from) {
			refuse(c)
			continue
		}
		return &admitted{Conn: c, leave: sync.OnceFunc(func() { g.leave(from); <-g.places })}, nil
	}
}

// addressOf is whom a connection counts for: an IPv4 address or, of IPv6, the
// network of a subscriber. It is not valid for this machine itself, from which a
// proxy brings everybody's requests, and for a socket in the file system.
func addressOf(c net.Conn) netip.Prefix {
	tcp, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := tcp.AddrPort().Addr().Unmap()
	if ip == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || ip == netip.IPv6Loopback() {
		return netip.Prefix{}
	}
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	p, _ := ip.WithZone("").Prefix(bits) // unreachable error: the length fits
	return p
}

// enter counts a connection; false means that there are enough from there.
func (g *gate) enter(from netip.Prefix) bool {
	if !from.IsValid() || g.perAddress <= 0 {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open[from] >= g.perAddress {
		return false
	}
	g.open[from]++
	return true
}

func (g *gate) leave(from netip.Prefix) {
	if !from.IsValid() || g.perAddress <= 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open[from]--; g.open[from] == 0 {
		delete(g.open, from)
	}
}

// refuse tells a client that it has too many connections, as far as that needs no
// waiting.
func refuse(c net.Conn) {
	_ = c.SetDeadline(time.Now().Add(time.Millisecond))
	_, _ = io.WriteString(c, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nConnection: close\r\nContent-Length: 31\r\nContent-Type: text/plain\r\n\r\ntoo many connections from here\n")
	_ = c.Close()
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
