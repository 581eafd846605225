// Package config reads feeds.yaml into an immutable, fully parsed value.
// It reports every fault of the file, each with its place and a hint, and
// after it nothing needs to be checked again but the topics' rules, which
// package topic compiles.
//
// It watches no file and applies nothing: a reload calls Load once more and
// keeps the old value when that fails.
//
// Files by kind of operation: config.go types and defaults, load.go from bytes
// to a document, decode.go from the document to the types, check.go and
// topics.go what the types cannot say, schedule.go, duration.go and address.go
// the scalars, fault.go and suggest.go what is said of a mistake, schema.go and
// keys.yaml what is said of each key.
package config

import (
	"time"

	"vedetta/news"
)

// Config is a whole feeds.yaml. It is a value that nobody changes.
type Config struct {
	Server  Server          `yaml:"server"`
	Poll    Polling         `yaml:"poll"`
	Keep    Keep            `yaml:"keep"`
	Extract Extract         `yaml:"extract"`
	Stories news.StoryRules `yaml:"stories"`
	Sources []Source        `yaml:"sources"`
	Topics  []news.Topic    `yaml:"topics"`

	file string
	at   map[string]place
}

// Server says where and how the feeds and pages are served.
type Server struct {
	Listen   string `yaml:"listen"`   // host:port
	BaseURL  string `yaml:"base_url"` // as readers reach it, without a slash at its end; derived from Listen when not given
	Title    string `yaml:"title"`
	Language string `yaml:"language"` // of pages and feeds: it or en
	Hub      string `yaml:"hub"`      // WebSub hub; empty for none
	Static   string `yaml:"static"`   // directory that the site is written to as files; empty for none
}

// Polling says how sources are asked.
type Polling struct {
	Schedule Schedule `yaml:"schedule"` // most often that a source without a schedule of its own is polled
	Timeout  Duration `yaml:"timeout"`  // of one request, redirects and body included
	PerHost  Duration `yaml:"per_host"` // least time between two requests to one host; 0 for none
	Workers  int      `yaml:"workers"`  // sources polled at the same time
	Floor    Duration `yaml:"floor"`    // shortest time between two polls of a source without its own schedule
	Ceiling  Duration `yaml:"ceiling"`  // longest
	Contact  string   `yaml:"contact"`  // mailto: or web address, told to sites in the User-Agent
	Allow    []string `yaml:"allow"`    // private addresses that may be asked: IP, IP:port or network
}

// Keep says for how long things are kept.
type Keep struct {
	Text Duration `yaml:"text"` // bodies of articles; a day at least
}

// Extract says how articles are read from pages.
type Extract struct {
	FullText news.FullText               `yaml:"full_text"` // for sources that do not say
	Sites    map[string]news.ExtractRule `yaml:"sites"`     // by host name without "www.", for pages of any source there and below
}

// Source is a source and when it is polled. Its ID is unique, its Site given
// or derived, and its Extract.FullText never empty.
type Source struct {
	news.Source `yaml:",inline"`
	Schedule    Schedule `yaml:"schedule"` // zero: by the rhythm in which the source publishes
	Enabled     bool     `yaml:"enabled"`
	Reason      string   `yaml:"reason"` // why it is not enabled, for people
	WebSub      bool     `yaml:"websub"` // whether to subscribe to the hub that its feed names, where we can be reached
}

// defaults is a configuration that says nothing.
func defaults() *Config {
	return &Config{
		Server: Server{Listen: "127.0.0.1:8417", Title: "Vedetta", Language: "it"},
		Poll: Polling{
			Schedule: everyHour(),
			Timeout:  Duration(30 * time.Second),
			PerHost:  Duration(5 * time.Second),
			Workers:  8,
			Floor:    Duration(15 * time.Minute),
			Ceiling:  Duration(24 * time.Hour),
		},
		Keep:    Keep{Text: Duration(400 * 24 * time.Hour)},
		Extract: Extract{FullText: news.FullTextAuto},
	}
}

// Default returns what an empty feeds.yaml would mean, were it allowed.
func Default() *Config { return defaults() }

// setDefaults is called by the decoder before it reads a source.
func (s *Source) setDefaults() { s.Enabled, s.WebSub = true, true }

// WithListen returns the server at another address. A base address that was
// derived follows it, one that was given stays.
func (s Server) WithListen(addr string) Server {
	if s.BaseURL == baseURL(s.Listen) {
		s.BaseURL = baseURL(addr)
	}
	s.Listen = addr
	return s
}

// EnabledSources returns the sources that are to be polled, in order. They are
// not to be changed.
func (c *Config) EnabledSources() []Source {
	n := 0
	for i := range c.Sources {
		if c.Sources[i].Enabled {
			n++
		}
	}
	if n == len(c.Sources) {
		return c.Sources[:n:n] // of many sources a copy would be a megabyte a thousand
	}
	on := make([]Source, 0, n)
	for _, s := range c.Sources {
		if s.Enabled {
			on = append(on, s)
		}
	}
	return on
}
