package static

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// snippet is a fenced block of docs/export.md.
func snippet(t *testing.T, language string) string {
	t.Helper()
	doc, err := os.ReadFile("../docs/export.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(doc), "```"+language+"\n")
	text, _, closed := strings.Cut(after, "```")
	if !ok || !closed {
		t.Fatalf("docs/export.md has no block of %s", language)
	}
	return text
}

// swap replaces what the documentation has by what the test has.
func swap(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("no %q in\n%s", pairs[i], text)
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// The documented configurations carry a site as it should be.
func TestServers(t *testing.T) {
	servers := map[string]func(t *testing.T, work, site, socket string) *exec.Cmd{
		"nginx": func(t *testing.T, work, site, socket string) *exec.Cmd {
			conf := "daemon off; worker_processes 1; error_log stderr; pid " + work + "/pid;\nevents {}\nhttp {\naccess_log off;\n"
			for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
				conf += fmt.Sprintf("%s_temp_path %s/%s;\n", kind, work, kind)
			}
			conf += swap(t, snippet(t, "nginx"), "listen 80;", "listen unix:"+socket+";", "root /srv;", "root "+site+";") + "}\n"
			return exec.CommandContext(t.Context(), "nginx", "-p", work, "-c", file(t, work, "nginx.conf", conf))
		},
		"caddy": func(t *testing.T, work, site, socket string) *exec.Cmd {
			conf := "{\n\tadmin off\n\tstorage file_system " + work + "\n}\n" + swap(t, snippet(t, "caddy"), "esempio.it {", "http://esempio.it {\n\tbind unix/"+socket, "/srv/vedetta", site+"/vedetta")
			cmd := exec.CommandContext(t.Context(), "caddy", "run", "--adapter", "caddyfile", "--config", file(t, work, "Caddyfile", conf))
			cmd.Env = append(os.Environ(), "HOME="+work, "XDG_CONFIG_HOME="+work, "XDG_DATA_HOME="+work)
			return cmd
		},
	}
	for name, command := range servers {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(name); err != nil {
				t.Skip(name, " is not installed")
			}
			work, site := t.TempDir(), openDir(t)
			socket := filepath.Join(work, "socket") // no port, which another program may take
			p := testPages()
			p.docs["/404.html"] = "text/html||Qui non c’è nulla."
			p.docs["/feeds.opml"] = "text/x-opml||<opml/>"
			p.roots = append(p.roots, "/404.html", "/feeds.opml")
			do(t, NewWriter(filepath.Join(site, "vedetta")), p, nil)
			cmd := command(t, work, site, socket)
			var log strings.Builder
			cmd.Stderr = &log
			cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
			cmd.WaitDelay = time.Minute
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			go func() {
				_ = cmd.Wait() // it is told to end
				stop()
				close(ended)
			}()
			t.Cleanup(func() {
				_ = cmd.Process.Signal(os.Interrupt)
				<-ended
			})
			checkServer(ctx, t, socket, "http://esempio.it/vedetta")
			if t.Failed() {
				t.Log(log.String())
			}
		})
	}
}

// openDir is a folder that a server with an account of its own may read.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for at := dir; at != filepath.Dir(os.TempDir()) && at != os.TempDir(); at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func file(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkServer asks for what is at an address, over a socket.
func checkServer(ctx context.Context, t *testing.T, socket, base string) {
	t.Helper()
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		}},
	}
	ask := func(path, encoding, tag string) (status int, header http.Header) {
		t.Helper()
		for {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept-Encoding", encoding)
			if tag != "" {
				req.Header.Set("If-None-Match", tag)
			}
			resp, err := client.Do(req)
			if err == nil {
				_ = resp.Body.Close()
				return resp.StatusCode, resp.Header
			}
			if ctx.Err() != nil {
				t.Fatalf("the server ended: %v", err)
			}
			select { // it is starting
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	for _, tt := range []struct {
		path, kind string
		status     int
	}{
		{"/", "text/html; charset=utf-8", 200},
		{"/stories/a/", "text/html; charset=utf-8", 200},
		{"/feeds/patto.atom", "application/atom+xml; charset=utf-8", 200},
		{"/feeds.opml", "text/x-opml; charset=utf-8", 200},
		{"/assets/s.css", "text/css; charset=utf-8", 200},
		{"/nulla", "text/html; charset=utf-8", 404},
		{"/" + manifestName, "", 404},
	} {
		status, header := ask(tt.path, "identity", "")
		if status != tt.status || tt.kind != "" && header.Get("Content-Type") != tt.kind {
			t.Errorf("%s: %d, %s; want %d, %s", tt.path, status, header.Get("Content-Type"), tt.status, tt.kind)
		}
		if tt.status == 200 && !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: no policy", tt.path)
		}
	}
	_, header := ask("/", "gzip", "")
	if header.Get("Content-Encoding") != "gzip" {
		t.Errorf("not precompressed: %v", header)
	}
	if status, _ := ask("/", "gzip", header.Get("Etag")); status != http.StatusNotModified {
		t.Errorf("with its tag: %d", status)
	}
	if _, header := ask("/assets/s.css", "identity", ""); !strings.Contains(header.Get("Cache-Control"), "immutable") {
		t.Errorf("assets: %v", header)
	}
	if status, header := ask("/stories/a", "identity", ""); status/100 != 3 || !strings.HasSuffix(header.Get("Location"), "/stories/a/") {
		t.Errorf("without a slash: %d %s", status, header.Get("Location"))
	}
}
