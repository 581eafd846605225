package config

import (
	"os"
	"strings"
	"testing"
)

const shipped = "../feeds.yaml"

// TestShipped reads the feeds.yaml of the repository.
func TestShipped(t *testing.T) {
	c, err := Load(shipped)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, s := range c.Sources {
		count["all"]++
		count[string(s.Kind)]++
		if !s.Enabled {
			count["disabled"]++
			continue
		}
		if s.Lang != "" {
			t.Errorf("%s is enabled, but not Italian", s.Name)
		}
		if s.Page != "" {
			t.Errorf("%s is enabled, but its selectors were never tried", s.Name)
		}
	}
	for what, atLeast := range map[string]int{"all": 94, "institution": 16, "agency": 14, "outlet": 60} {
		if count[what] < atLeast {
			t.Errorf("%d sources are %s, want %d", count[what], what, atLeast)
		}
	}
	if on := count["all"] - count["disabled"]; on < 50 {
		t.Errorf("%d sources are enabled", on)
	}
	if len(c.Topics) == 0 || c.Topics[0].ID != "nato-giappone-italia" {
		t.Error("the topic is missing")
	}
}

// TestShippedReasons finds a reason beside everything that is turned off.
func TestShippedReasons(t *testing.T) {
	data, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(string(data), "\n"); first != "# yaml-language-server: $schema=feeds.schema.json" {
		t.Errorf("the first line is %q", first)
	}
	c, err := Load(shipped)
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range c.Sources {
		if !src.Enabled && src.Reason == "" {
			t.Errorf("%s is disabled without a reason", src.Name)
		}
	}
}
