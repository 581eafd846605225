package main

import (
	"testing"
	"time"
)

// An article whose text was dropped is not news when its feed still has it.
func TestPrunedArticlesAreNotAnnouncedAgain(t *testing.T) {
	w := newWorld(t)
	w.round(t)
	const path = "/feeds/nato-giappone-italia.atom"
	before, archived := w.feed(t, path), len(w.archive(t))
	n, err := w.store.Prune(time.Now().Add(time.Hour))
	if err != nil || n != archived {
		t.Fatalf("dropped the texts of %d articles, want %d, %v", n, archived, err)
	}
	for _, o := range w.round(t) {
		if o.New > 0 {
			t.Errorf("%s: %d articles came again", o.Name, o.New)
		}
	}
	after := w.feed(t, path)
	if len(after.Items) != len(before.Items) || len(w.archive(t)) != archived {
		t.Fatalf("%d entries of %d articles, had %d of %d", len(after.Items), len(w.archive(t)), len(before.Items), archived)
	}
	for i, it := range after.Items {
		if was := before.Items[i]; it.GUID != was.GUID || it.Published != was.Published {
			t.Errorf("entry %d: %s of %s, was %s of %s", i, it.GUID, it.Published, was.GUID, was.Published)
		}
	}
}
