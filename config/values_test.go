package config

import (
	"encoding"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]struct {
		d    time.Duration
		text string
	}{
		"30s":     {30 * time.Second, "30s"},
		"0":       {0, "0s"},
		"90m":     {90 * time.Minute, "1h30m"},
		"1d":      {24 * time.Hour, "1d"},
		"24h":     {24 * time.Hour, "1d"},
		"1d12h":   {36 * time.Hour, "1d12h"},
		"400d":    {9600 * time.Hour, "400d"},
		"1.5h":    {90 * time.Minute, "1h30m"},
		"10h0m1s": {10*time.Hour + time.Second, "10h0m1s"},
		"250ms":   {250 * time.Millisecond, "250ms"},
	} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if time.Duration(d) != want.d || d.String() != want.text {
			t.Errorf("%s is %d, %s; want %d, %s", text, d, d, want.d, want.text)
		}
	}
	for text, want := range map[string]string{
		"":              `not a duration: ""`,
		"d":             `not a duration: "d"`,
		"1h 30m":        `not a duration: "1h 30m"`,
		"12":            `duration without a unit: "12"`,
		"-5":            `negative duration: "-5"`,
		"-5m":           `negative duration: "-5m"`,
		"1d-5m":         `negative duration: "1d-5m"`,
		"106752d":       `too long a duration: "106752d"`,
		"106751d2562h":  `too long a duration: "106751d2562h"`,
		"99999999999d":  `too long a duration: "99999999999d"`,
		"1e400":         `not a duration: "1e400"`,
		"99999999h1d1h": `not a duration: "99999999h1d1h"`,
	} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestSchedule(t *testing.T) {
	from := time.Date(2026, 3, 27, 10, 0, 0, 0, time.UTC) // two days before the clocks change in Rome
	for text, want := range map[string]string{
		"@every 90m":                         "2026-03-27T11:30:00Z",
		"@every 1d":                          "2026-03-28T10:00:00Z",
		"@every  15m":                        "2026-03-27T10:15:00Z",
		"CRON_TZ=UTC @hourly":                "2026-03-27T11:00:00Z",
		"CRON_TZ=Europe/Rome 0 7 * * *":      "2026-03-28T06:00:00Z",
		"TZ=Europe/Rome 0 7 * * SUN":         "2026-03-29T05:00:00Z",
		"CRON_TZ=UTC */30 6-22 * * *":        "2026-03-27T10:30:00Z",
		"CRON_TZ=UTC 0 0 29 2 *":             "2028-02-29T00:00:00Z",
		"CRON_TZ=Asia/Tokyo   0 9 * * MON ":  "2026-03-30T00:00:00Z",
		"CRON_TZ=Europe/Rome @every 1h30m0s": "2026-03-27T11:30:00Z",
	} {
		var s Schedule
		if err := s.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := s.Next(from).UTC().Format(time.RFC3339); got != want || s.String() != strings.TrimSpace(text) {
			t.Errorf("%s comes at %s, want %s", s, got, want)
		}
	}
	for _, text := range []string{"", "@every", "@every x", "CRON_TZ= 0 7 * * *", "CRON_TZ=UTC ", "0 7 * *", "* * * * FUN", strings.Repeat("*", 300)} {
		var s Schedule
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for a schedule", text)
		}
	}
}

// TestMarshal writes values as they are read.
func TestMarshal(t *testing.T) {
	for want, v := range map[string]encoding.TextMarshaler{
		"1d12h":     Duration(36 * time.Hour),
		"@every 1h": everyHour(),
		"":          Schedule{},
	} {
		if text, err := v.MarshalText(); err != nil || string(text) != want {
			t.Errorf("%v is written %q, want %q: %v", v, text, want, err)
		}
	}
}

func TestBaseURL(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8417": "http://127.0.0.1:8417",
		":8417":          "http://localhost:8417",
		"0.0.0.0:80":     "http://localhost",
		"[::]:8417":      "http://localhost:8417",
		"[::1]:8417":     "http://[::1]:8417",
		"[::1]:80":       "http://[::1]",
		"esempio.it:80":  "http://esempio.it",
		"esempio.it":     "",
	} {
		if got := baseURL(listen); got != want {
			t.Errorf("%s is reached at %q, want %q", listen, got, want)
		}
	}
	derived := Server{Listen: ":1", BaseURL: baseURL(":1")}.WithListen("127.0.0.1:2")
	given := Server{Listen: ":1", BaseURL: "https://esempio.it"}.WithListen("127.0.0.1:2")
	if derived.BaseURL != "http://127.0.0.1:2" || given.BaseURL != "https://esempio.it" || given.Listen != "127.0.0.1:2" {
		t.Errorf("derived %+v, given %+v", derived, given)
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"Il Caffè Geopolitico":        "il-caffe-geopolitico",
		"RID – Rivista Italiana":      "rid-rivista-italiana",
		"Caffe\u0300 d'Italia":        "caffe-d-italia",
		"  Difesa & Sicurezza!  ":     "difesa-sicurezza",
		"È l’Ora (24)":                "e-l-ora-24",
		"ﬁne":                         "fine",
		"日本":                          "",
		"ANSA – Mondo":                "ansa-mondo",
		"Consiglio dell'Unione":       "consiglio-dell-unione",
		"\u00a0Spazio\u00a0non rotto": "spazio-non-rotto",
	} {
		if got := slug(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

// TestAliases reads a file that repeats itself by anchors and merge keys.
func TestAliases(t *testing.T) {
	c, err := Parse("feeds.yaml", []byte(`
sources:
  - &a
    name: A
    url: https://a.example/feed
    tags: &tags [uno, due]
    site: "" #none
    kind: agency
  - <<: *a
    name: B
    url: https://b.example/feed
  - <<: [{lang: en}, *a]
    name: C
    url: https://c.example/feed
    tags: *tags
`))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"a agency  uno", "b agency  uno", "c agency en uno"} {
		s := c.Sources[i]
		if got := strings.Join([]string{s.ID, string(s.Kind), s.Lang, s.Tags[0]}, " "); got != want {
			t.Errorf("source %d is %q, want %q", i, got, want)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "feeds.yaml")
	text := "\uFEFFsources:\r\n  - name: A\r\n    url: https://a.example/feed\r\n    request: {ca: ca.pem}\r\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Sources[0].Request.CA, filepath.Join(dir, "ca.pem"); got != want {
		t.Errorf("certificates are at %s, want %s", got, want)
	}
	if _, err := Load(dir); err == nil {
		t.Error("a directory is read as a file")
	}
}

// spot is written as one word or as keys.
type spot struct {
	X    int              `yaml:"x"`
	More *float64         `yaml:"more"`
	By   map[string][]int `yaml:"by"`
	skip int
}

func (s *spot) UnmarshalText(text []byte) error {
	s.X, s.skip = len(text), 1
	return nil
}

// TestDecodeWordOrKeys reads a type that is either a word or keys.
func TestDecodeWordOrKeys(t *testing.T) {
	var spots []spot
	r := newReport("spots")
	if !decode(r, parseDocument(r, []byte("[abc, {x: 7, more: 0.5, by: {a: [1, 2]}}, {skip: 1}, [x]]")), &spots) {
		t.Fatal("not read to its end")
	}
	if spots[0].X != 3 || spots[0].skip != 1 || spots[1].X != 7 || *spots[1].More != 0.5 || spots[1].By["a"][1] != 2 {
		t.Errorf("spots = %+v", spots)
	}
	want := "spots:1:44: [2]: unknown key \"skip\"; known here: x, more, by\n" +
		"spots:1:54: [3]: expected keys and values, not a list; write \"x: …\""
	if err := r.err(); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile(shipped)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(shipped, data); err != nil {
			b.Fatal(err)
		}
	}
}
