package crash

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"vedetta/store"
)

// Files of all earlier versions come up to date under a daemon that is killed
// again and again, and are restored like any other.
func TestOldVersions(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../store/testdata/*.db.zst")
	if err != nil || len(files) == 0 {
		t.Fatalf("no old files: %v", err)
	}
	for _, file := range files {
		packed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dec, err := zstd.NewReader(nil)
		if err != nil {
			t.Fatal(err)
		}
		old, err := dec.DecodeAll(packed, nil)
		dec.Close()
		if err != nil {
			t.Fatal(err)
		}
		pl := newPlace(t, newPress(t))
		backup := filepath.Join(pl.dir, "old.db")
		if err := os.WriteFile(backup, old, 0o600); err != nil {
			t.Fatal(err)
		}
		for wait := time.Duration(0); wait <= 200*time.Millisecond; wait += 25 * time.Millisecond {
			pl.run(t, 0, "restore", backup)
			daemon := start(t, pl.command(t.Context(), "run"))
			time.Sleep(wait)
			daemon.kill()
			if _, err := store.Check(t.Context(), pl.db()); err != nil {
				t.Fatalf("%s, killed after %v: %v", file, wait, err)
			}
		}
		daemon := start(t, pl.command(t.Context(), "run"))
		daemon.get(t, "/healthz")
		daemon.stop(t)
		pl.verify(t)
		if f := read(t, pl.db()); len(f.articles) != 2 {
			t.Errorf("%s: %d articles, want 2", file, len(f.articles))
		}
	}
}
