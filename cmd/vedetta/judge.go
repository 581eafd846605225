package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/extractor"
	"vedetta/news"

	"github.com/spf13/cobra"
)

func newJudge(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "judge [FILE.jsonl|-]",
		Short: "Articles in, verdicts out: topic, story and thread of each, one JSON line each",
		Long: `Reads articles, one JSON object a line with the fields id, url, title, text or html,
published (RFC 3339) and source, and prints for each, in order, its verdict on every topic
with the evidence, and its story and thread among the articles given. It uses neither the
network nor the database.`,
		Example: `  vedetta judge articoli.jsonl | jq 'select(.topics[].on)'`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			lines, err := readArticles(inputs{stdin: c.InOrStdin()}, fileOrStdin(args))
			if err != nil {
				return err
			}
			judgements, err := engine.Judge(cfg, articles(cfg, lines))
			if err != nil {
				return err
			}
			w := bufio.NewWriter(c.OutOrStdout())
			for _, j := range judgements {
				if err := printJSON(w, j); err != nil {
					return err
				}
			}
			return w.Flush()
		},
	}
}

func fileOrStdin(args []string) string {
	if len(args) == 0 {
		return "-"
	}
	return args[0]
}

// articleLine is an article as `judge` and `eval` read it; the labels are
// eval's.
type articleLine struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	Title     string    `json:"title"`
	Text      string    `json:"text"`
	HTML      string    `json:"html"`
	Lang      string    `json:"lang"`
	Published time.Time `json:"published"`
	Source    string    `json:"source"`
	Outlet    string    `json:"outlet"`

	Label  string   `json:"label"`
	Facets []string `json:"facets"`
	Kind   string   `json:"kind"`
	Copy   *string  `json:"copy"`
	Thread *string  `json:"thread"`
}

// maxLine bounds one article of a JSONL file.
const maxLine = 16 << 20

// readArticles reads a JSONL file; a fault names its line. Articles without
// an id get their number, so that answers can be told apart.
func readArticles(in inputs, name string) ([]articleLine, error) {
	body, err := in.open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	var out []articleLine
	seen := make(map[string]int)
	sc := bufio.NewScanner(body)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; sc.Scan(); n++ {
		line := bytes.TrimSpace(sc.Bytes())
		if len(line) == 0 {
			continue
		}
		var l articleLine
		if err := json.Unmarshal(line, &l); err != nil {
			return nil, fmt.Errorf("%s:%d: %w; one JSON object a line is wanted", name, n, err)
		}
		if l.ID == "" {
			l.ID = fmt.Sprintf("line-%d", n)
		}
		if first, twice := seen[l.ID]; twice {
			return nil, fmt.Errorf("%s:%d: id %q stands on line %d already; ids must differ", name, n, l.ID, first)
		}
		seen[l.ID] = n
		out = append(out, l)
	}
	if errors.Is(sc.Err(), bufio.ErrTooLong) {
		return nil, fmt.Errorf("%s: a line is longer than 16 MiB", name)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return out, nil
}

// articles makes articles of the lines, under their own ids.
func articles(cfg *config.Config, lines []articleLine) []news.Article {
	out := make([]news.Article, len(lines))
	for i, l := range lines {
		a := news.Article{
			ID: l.ID, URL: l.URL, Title: l.Title, Text: l.Text, HTML: l.HTML,
			Lang: l.Lang, Published: l.Published, Source: l.Source, Site: l.Outlet,
		}
		if a.Text == "" && l.HTML != "" {
			a.Text, a.HTML = extractor.Feed(l.HTML, l.URL)
		}
		if a.Source == "" {
			a.Source = l.Outlet
		}
		if s, ok := findSource(cfg, a.Source); ok {
			a.Source = s.ID
		}
		out[i] = a
	}
	return out
}
