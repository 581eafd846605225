package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func TestProfilesAreForThisMachine(t *testing.T) {
	for address, ok := range map[string]bool{
		"127.0.0.1:6060": true, "[::1]:6060": true, "localhost:6060": true, "127.3.2.1:0": true,
		":6060": false, "0.0.0.0:6060": false, "[::]:6060": false, "192.0.2.1:6060": false, "10.0.0.1:1": false,
		"example.org:6060": false, "localhost.example:1": false, "6060": false, "127.0.0.1": false, "[::ffff:10.0.0.1]:1": false, "0:6060": false,
	} {
		if err := loopbackOnly(address); (err == nil) != ok {
			t.Errorf("loopbackOnly(%q) = %v", address, err)
		}
	}
	path := write(t, "feeds.yaml", minimal)
	code, _, stderr := vedettaRun(t, "", "run", "--config", path, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--pprof", ":6060")
	if code != exitUsage || !strings.Contains(stderr, "127.0.0.1:6060") {
		t.Errorf("exit %d, %q", code, stderr)
	}
}

func TestServeProfiles(t *testing.T) {
	var log bytes.Buffer
	stop, err := serveProfiles(t.Context(), "127.0.0.1:0", slog.New(slog.NewJSONHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	var said struct{ Address string }
	if err := json.Unmarshal(log.Bytes(), &said); err != nil {
		t.Fatal(err)
	}
	defer stop()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, said.Address+"goroutine?debug=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(body), "TestServeProfiles") {
		t.Errorf("%v %.200s", err, body)
	}
}

// TestProfilesAreNotServedToReaders asks the site for them.
func TestProfilesAreNotServedToReaders(t *testing.T) {
	_, address := serveEmpty(t, defaultLimits())
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/vars"} {
		if code, _, _ := status(t, address, strings.Replace(healthy, "/healthz", path, 1)); code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
}
