package config

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// lineBreaks are those of YAML.
var lineBreaks = regexp.MustCompile(`\r\n|[\n\r\x{85}\x{2028}\x{2029}]`)

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("feeds.yaml", data)
		if (c == nil) == (err == nil) {
			t.Fatalf("value %v with error %v", c, err)
		}
		if err != nil {
			faults, ok := errors.AsType[Faults](err)
			if !ok || len(faults) == 0 {
				t.Fatalf("error %T %v", err, err)
			}
			last, lines := place{}, 1+len(lineBreaks.FindAll(data, -1))
			for _, fault := range faults {
				p := place{fault.Line, fault.Column}
				if fault.Msg == "" || p.line < last.line || p.line > lines {
					t.Fatalf("%v after line %d of %d", fault, last.line, lines)
				}
				last = p
			}
			return
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for _, s := range c.Sources {
			if s.ID == "" || s.Name == "" || s.Address() == "" || s.Site == "" || s.Kind == "" || s.Extract.FullText == "" {
				t.Fatalf("source %+v", s)
			}
			if s.Schedule.Spec != "" && !s.Schedule.Next(now).After(now) {
				t.Fatalf("schedule %v does not go on", s.Schedule)
			}
		}
	})
}

func FuzzDuration(f *testing.F) {
	for _, s := range []string{"30s", "1d12h", "400d", "0", "106751d23h", "-1m", "5", "1.5h", "d", "1e9h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var d, again Duration
		if err := d.UnmarshalText([]byte(s)); err != nil {
			return
		}
		if d < 0 {
			t.Fatalf("%q is %d", s, d)
		}
		if err := again.UnmarshalText([]byte(d.String())); err != nil || again != d {
			t.Fatalf("%q is %s, which is %s: %v", s, d, again, err)
		}
	})
}

func FuzzSchedule(f *testing.F) {
	for _, s := range []string{"@every 1h", "@hourly", "*/30 6-22 * * *", "CRON_TZ=Europe/Rome 0 7 * * *", "TZ=UTC", "0 0 30 2 *", "0 0 * * 7", "@every 1d12h", "CRON_TZ=../x 0 * * * *"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s Schedule
		if s.UnmarshalText([]byte(text)) != nil {
			return
		}
		now := time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC)
		if !s.Next(now).After(now) {
			t.Fatalf("%q does not go on", text)
		}
	})
}
