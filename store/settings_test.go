package store

import (
	"path/filepath"
	"testing"
)

func TestSettingsOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	for _, step := range []struct{ want, set string }{{"", "rules 1"}, {"rules 1", "rules 2"}, {"rules 2", ""}} {
		s, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Setting("topics")
		if err != nil || got != step.want {
			t.Errorf("Setting = %q, %v; want %q", got, err, step.want)
		}
		if err := s.SetSetting("topics", step.set); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
