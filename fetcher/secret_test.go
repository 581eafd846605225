package fetcher

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	for name, tc := range map[string]struct {
		content string
		want    string
		err     string
	}{
		"plain":         {"4f1c", "4f1c", ""},
		"with its line": {"Bearer 4f1c\r\n", "Bearer 4f1c", ""},
		"empty":         {"\n", "", "is empty"},
		"two lines":     {"a\nX-Altro: b", "", "holds more than a line"},
		"too long":      {strings.Repeat("a", maxSecret+1), "", "too large"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(tc.content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := secret(path)
		if got != tc.want || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := secret(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
