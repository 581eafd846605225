package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestIdentitiesSurviveALostDatabase loses the database and reads the press
// again: readers know every entry that they had.
func TestIdentitiesSurviveALostDatabase(t *testing.T) {
	w := newWorld(t)
	w.round(t)
	const path = "/feeds/" + topicID + ".atom"
	before := w.feed(t, path)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(w.dir, "vedetta.db")); err != nil {
		t.Fatal(err)
	}
	w.open(t, filepath.Join(w.dir, "feeds.yaml"), strings.TrimPrefix(w.site.URL, "http://"))
	w.round(t)
	known := make(map[string]string)
	for _, it := range before.Items {
		known[it.GUID] = it.Title
	}
	after := w.feed(t, path)
	for _, it := range after.Items {
		if known[it.GUID] != it.Title {
			t.Errorf("%s %q was not there, or as %q", it.GUID, it.Title, known[it.GUID])
		}
	}
	if len(before.Items) == 0 || len(after.Items) != len(before.Items) {
		t.Errorf("%d entries, %d before the loss", len(after.Items), len(before.Items))
	}
}
