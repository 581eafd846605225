package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSecretsComeFromCredentialsFirst(t *testing.T) {
	creds := t.TempDir()
	if err := os.WriteFile(filepath.Join(creds, "secrets_esempio"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	const text = `
sources:
  - name: Prova
    url: https://prova.example/feed
    request: {header_files: {X-Uno: secrets/esempio, X-Due: secrets/altro, X-Tre: /srv/chiave}}
`
	for dir, want := range map[string]map[string]string{
		"":    {"X-Uno": "/etc/v/secrets/esempio", "X-Due": "/etc/v/secrets/altro", "X-Tre": "/srv/chiave"},
		creds: {"X-Uno": filepath.Join(creds, "secrets_esempio"), "X-Due": "/etc/v/secrets/altro", "X-Tre": "/srv/chiave"},
	} {
		t.Setenv("CREDENTIALS_DIRECTORY", dir)
		c, err := Parse("/etc/v/feeds.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for name, path := range want {
			if got := c.Sources[0].Request.HeaderFiles[name]; got != path {
				t.Errorf("with credentials in %q, %s is read from %s, want %s", dir, name, got, path)
			}
		}
	}
}
