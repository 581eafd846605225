package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckExitCodes holds what a pipeline that guards a feeds.yaml relies on.
func TestCheckExitCodes(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/feed":
			fmt.Fprint(w, `<rss version="2.0"><channel><title>A</title><item><title>Uno</title><link>https://a.example/1</link></item></channel></rss>`)
		case "/empty":
			fmt.Fprint(w, `<rss version="2.0"><channel><title>A</title></channel></rss>`)
		default:
			http.NotFound(w, r)
		}
	}))
	defer site.Close()
	with := func(path string) string {
		allow := "poll: {per_host: 0s, allow: [\"" + strings.TrimPrefix(site.URL, "http://") + "\"]}\n"
		return write(t, "feeds.yaml", allow+strings.Replace(minimal, "http://127.0.0.1:9/feed", site.URL+path, 1))
	}
	for name, c := range map[string]struct {
		args           []string
		want           int
		stdout, stderr string
	}{
		"valid":                {[]string{"--config", with("/feed")}, exitDone, "is valid", ""},
		"valid, as JSON":       {[]string{"--config", with("/feed"), "--json"}, exitDone, `"valid":true`, ""},
		"answers":              {[]string{"--config", with("/feed"), "--live"}, exitDone, "Alfa", ""},
		"answers with nothing": {[]string{"--config", with("/empty"), "--live"}, exitFailed, "no items", "1 of 1 sources"},
		"does not answer":      {[]string{"--config", with("/gone"), "--live"}, exitFailed, "404", "1 of 1 sources"},
		"faulty":               {[]string{"--config", write(t, "f.yaml", strings.Replace(minimal, "url:", "ulr:", 1))}, exitUsage, "", "f.yaml:4:"},
		"faulty, live":         {[]string{"--config", write(t, "f.yaml", strings.Replace(minimal, "url:", "ulr:", 1)), "--live"}, exitUsage, "", "f.yaml:4:"},
		"faulty topic":         {[]string{"--config", write(t, "f.yaml", strings.Replace(minimal, "[nato, giappone]", "[nato, cina]", 1))}, exitUsage, "", "f.yaml:"},
		"empty":                {[]string{"--config", write(t, "f.yaml", "")}, exitUsage, "", "f.yaml"},
		"not there":            {[]string{"--config", filepath.Join(t.TempDir(), "no.yaml")}, exitUsage, "", "no.yaml does not exist"},
		"unknown flag":         {[]string{"--config", with("/feed"), "--lvie"}, exitUsage, "", "--lvie"},
		"too many arguments":   {[]string{"--config", with("/feed"), "feeds.yaml"}, exitUsage, "", "feeds.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := vedettaRun(t, "", append([]string{"check"}, c.args...)...)
			if code != c.want || !strings.Contains(out, c.stdout) || !strings.Contains(errs, c.stderr) {
				t.Errorf("exit %d; want %d with %q and %q:\n%s%s", code, c.want, c.stdout, c.stderr, out, errs)
			}
		})
	}
}
