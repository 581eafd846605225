package config

import (
	"testing"
)

// TestShipped reads the feeds.yaml of the repository.
func TestShipped(t *testing.T) {
	c, err := Load("../feeds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, s := range c.Sources {
		count["all"]++
		count["kind "+string(s.Kind)]++
		switch {
		case s.Enabled && s.Lang != "":
			t.Errorf("%s is enabled, but not Italian", s.Name)
		case s.Enabled && s.Page != "":
			t.Errorf("%s is enabled, but its selectors were never tried", s.Name)
		case s.Enabled:
			count["enabled"]++
		}
		if len(s.Tags) == 0 {
			t.Errorf("%s has no tags", s.Name)
		}
	}
	t.Logf("%v", count)
}
