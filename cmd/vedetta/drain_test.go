package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestRestartLosesNoRequest runs one server after the other on a socket that
// stays open, as systemd keeps it, and asks all the while.
func TestRestartLosesNoRequest(t *testing.T) {
	first, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := first.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = kept.Close() }()
	address := "http://" + first.Addr().String() + "/"
	_ = first.Close()

	stop := make(chan struct{})
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			for n := 0; ; n++ {
				select {
				case <-stop:
					if n < 10 {
						t.Errorf("only %d requests", n)
					}
					return
				default:
				}
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
				if err != nil {
					t.Error(err)
					return
				}
				resp, err := client.Do(req)
				if err != nil {
					t.Errorf("a request was lost: %v", err)
					return
				}
				_ = resp.Body.Close()
			}
		})
	}
	for range 30 {
		l, err := net.FileListener(kept)
		if err != nil {
			t.Fatal(err)
		}
		asked := make(chan struct{}, 1000)
		srv := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			select {
			case asked <- struct{}{}:
			default:
			}
			_, _ = fmt.Fprintln(w, "qui")
		})}
		open, served := countConnections(srv), make(chan struct{})
		go func() { defer close(served); _ = srv.Serve(l) }()
		for range 10 { // well under way
			<-asked
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if err := drain(ctx, srv, l, open, served); err != nil {
			t.Error(err)
		}
		cancel()
		_ = srv.Close() // as the end of the process does
	}
	l, err := net.FileListener(kept)
	if err != nil {
		t.Fatal(err)
	}
	last := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.NotFoundHandler()}
	go func() { _ = last.Serve(l) }()
	close(stop)
	clients.Wait()
	_ = last.Close()
}
