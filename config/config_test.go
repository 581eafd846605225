package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

var update = flag.Bool("update", false, "write what is generated, and what is found in place of what is expected")

// TestFaults reads each testdata/bad/NAME.yaml and compares its faults with
// NAME.txt beside it.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse("feeds.yaml", data)
			faults, ok := errors.AsType[Faults](err)
			if !ok {
				t.Fatalf("error is %T %v, want Faults", err, err)
			}
			for _, f := range faults {
				if f.Hint == "" || f.Line == 0 || f.Column == 0 {
					t.Errorf("no hint or place: %v", f)
				}
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", faults.Error()+"\n")
		})
	}
}

// golden compares with a file, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

const whole = `
server: {listen: ":9000", base_url: "https://esempio.it/vedetta/", title: Prova, language: en, hub: "https://hub.example/"}
poll: {schedule: "CRON_TZ=Europe/Rome 0 7 * * *", timeout: 10s, per_host: 0s, workers: 2, floor: 5m, ceiling: 1d, contact: "mailto:io@esempio.it", allow: ["127.0.0.1:8181", 10.1.0.0/16]}
keep: {text: 30d}
extract:
  full_text: never
  sites:
    www.esempio.it: {body: .testo, remove: [.correlati]}
stories:
  apart: [[https://a.example/1, https://b.example/1]]
sources:
  - name: Il Caffè dell'Ammiraglio
    url: https://Caffe.example/feed/
    tags: [difesa]
    extract: {full_text: always}
  - id: mindifesa
    name: Ministero
    page: https://difesa.example/comunicati/
    list: {item: article, link: "a[href]", date: time}
    schedule: "@every 1d"
    kind: institution
    lang: IT
    enabled: false
topics:
  - id: prova
    title: Prova
    languages: [it]
    actors:
      a: {label: A, terms: [alfa]}
      b: {label: B, terms: [beta]}
    themes: {x: {terms: [icse]}}
    against: {y: {terms: [ipsilon]}}
    relations:
      - {id: a-b, label: A e B, between: [a, b], theme: [x]}
    threshold: 0.25
`

func TestParse(t *testing.T) {
	c, err := Parse("feeds.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	wantServer := Server{Listen: ":9000", BaseURL: "https://esempio.it/vedetta", Title: "Prova", Language: "en", Hub: "https://hub.example/"}
	if diff := cmp.Diff(wantServer, c.Server); diff != "" {
		t.Errorf("server (-want +got):\n%s", diff)
	}
	if c.Poll.PerHost != 0 || time.Duration(c.Poll.Ceiling) != 24*time.Hour || c.Poll.Workers != 2 || len(c.Poll.Allow) != 2 {
		t.Errorf("poll = %+v", c.Poll)
	}
	at := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	if next := c.Poll.Schedule.Next(at).UTC(); next.Hour() != 5 {
		t.Errorf("7:00 in Rome is %s, want 5:00 UTC", next)
	}
	if diff := cmp.Diff(map[string]news.ExtractRule{"esempio.it": {Body: ".testo", Remove: []string{".correlati"}}}, c.Extract.Sites); diff != "" {
		t.Errorf("sites (-want +got):\n%s", diff)
	}
	want := []news.Source{
		{
			ID: "il-caffe-dell-ammiraglio", Name: "Il Caffè dell'Ammiraglio", URL: "https://Caffe.example/feed/",
			Site: "https://Caffe.example/", Tags: []string{"difesa"}, Kind: news.Outlet,
			Extract: news.ExtractRule{FullText: news.FullTextAlways},
		},
		{
			ID: "mindifesa", Name: "Ministero", Page: "https://difesa.example/comunicati/", Site: "https://difesa.example/",
			List: news.ListRule{Item: "article", Link: "a[href]", Date: "time"}, Kind: news.Institution, Lang: "it",
			Extract: news.ExtractRule{FullText: news.FullTextNever},
		},
	}
	for i, s := range c.Sources {
		if diff := cmp.Diff(want[i], s.Source); diff != "" {
			t.Errorf("source %d (-want +got):\n%s", i, diff)
		}
	}
	if c.Sources[0].Schedule.Spec != "" || c.Sources[0].Schedule.Schedule != nil || c.Sources[1].Schedule.Next(at) != at.Add(24*time.Hour) {
		t.Errorf("schedules = %v, %v", c.Sources[0].Schedule, c.Sources[1].Schedule)
	}
	if on := c.EnabledSources(); len(on) != 1 || on[0].ID != "il-caffe-dell-ammiraglio" {
		t.Errorf("enabled = %v", on)
	}
	if len(c.Topics) != 1 || c.Topics[0].Relations[0].Theme[0] != "x" || c.Topics[0].Threshold != 0.25 {
		t.Errorf("topics = %+v", c.Topics)
	}
}

func TestDefaults(t *testing.T) {
	c, err := Parse("feeds.yaml", []byte("server:\nsources:\n  - name: A\n    url: https://a.example/feed\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Server{Listen: "127.0.0.1:8417", BaseURL: "http://127.0.0.1:8417", Title: "Vedetta", Language: "it"}
	if diff := cmp.Diff(want, c.Server); diff != "" {
		t.Errorf("server (-want +got):\n%s", diff)
	}
	if c.Poll.Schedule.Spec != "@every 1h" || c.Poll.Floor.String() != "15m" || c.Keep.Text.String() != "400d" {
		t.Errorf("poll = %v, keep = %v", c.Poll, c.Keep)
	}
	if s := c.Sources[0]; !s.Enabled || s.Kind != news.Outlet || s.Extract.FullText != news.FullTextAuto {
		t.Errorf("source = %+v", s)
	}
}

func TestFault(t *testing.T) {
	c, err := Parse("feeds.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"topics[0].relations[0].between[1]": "feeds.yaml:34:46: topics[0].relations[0].between[1]: m; h",
		"topics[0].actors.a.terms[0]":       "feeds.yaml:29:29: topics[0].actors.a.terms[0]: m; h",
		"topics[0].actors.a.terms[7].x":     "feeds.yaml:29:21: topics[0].actors.a.terms[7].x: m; h",
		"nowhere":                           "feeds.yaml:2:1: nowhere: m; h",
	} {
		if got := c.Fault(path, "m", "h").Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestLoadMissing(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "feeds.yaml"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error = %v, want not exist", err)
	}
}
