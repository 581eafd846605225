package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/extractor"
	"vedetta/news"

	"github.com/spf13/cobra"
)

func newExplain(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "explain FILE|URL|-",
		Short: "Says why an article is on or off topic, sentence by sentence",
		Long: `Reads one article and prints its verdict on every topic with the sentences, terms and
weights that speak for and against it. The article may be a page (HTML), a JSON object with
title and text as "judge" reads it, or plain text with the headline on the first line.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			in := inputs{stdin: c.InOrStdin(), cfg: cfg}
			if in.fetch, err = newFetcher(cfg.Poll, a.logger(c.ErrOrStderr())); err != nil {
				return err
			}
			page, src, err := in.page(c.Context(), args[0])
			if err != nil {
				return err
			}
			art, err := articleIn(cfg, page, src, args[0])
			if err != nil {
				return err
			}
			js, err := engine.Judge(cfg, []news.Article{art})
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), js[0])
			}
			return printVerdicts(c.OutOrStdout(), cfg, art, js[0])
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// articleIn makes an article of what was read: JSON, a page, or plain text.
func articleIn(cfg *config.Config, page news.Page, src news.Source, name string) (news.Article, error) {
	body := bytes.TrimSpace(page.Body)
	switch {
	case bytes.HasPrefix(body, []byte("{")):
		var l articleLine
		if err := json.Unmarshal(body, &l); err != nil {
			return news.Article{}, fmt.Errorf("%s: %w", name, err)
		}
		return articles(cfg, []articleLine{l})[0], nil
	case isAddress(name) || bytes.HasPrefix(body, []byte("<")):
		x := newPages(cfg).Extract(page, src.Extract, "")
		if x.Text == "" {
			return news.Article{}, fmt.Errorf("%s holds no article: %s", name, x.Refused)
		}
		return news.Article{
			ID: name, URL: page.URL, Title: x.Title, Text: x.Text, Summary: x.Summary,
			Lang: x.Lang, Published: x.Published, Refused: x.Refused,
		}, nil
	default:
		title, text, _ := strings.Cut(string(body), "\n")
		text, _ = extractor.Feed(text, "")
		return news.Article{ID: name, Title: strings.TrimSpace(title), Text: text}, nil
	}
}

// printVerdicts shows an article's verdicts to a person.
func printVerdicts(w io.Writer, cfg *config.Config, a news.Article, j engine.Judgement) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", a.Title)
	if a.Refused != "" {
		fmt.Fprintf(&b, "(the page gave only part of it: %s)\n", a.Refused)
	}
	for _, v := range j.Topics {
		fmt.Fprintf(&b, "\n%s: %s, score %.2f against %.2f", v.Topic, verdictWord(v), v.Score, threshold(cfg, v.Topic))
		if len(v.Facets) > 0 {
			fmt.Fprintf(&b, ", %s", strings.Join(v.Facets, " + "))
		}
		b.WriteString("\n")
		writeReasons(&b, v)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeReasons writes what speaks for and against, sentence by sentence in the
// order of the article, and last what is said of the article as a whole.
func writeReasons(b *strings.Builder, v news.Verdict) {
	if v.Reason != "" {
		fmt.Fprintf(b, "  %s\n", v.Reason)
	}
	for _, s := range bySentence(v) {
		if s.text != "" {
			mark := ""
			if s.where != news.InText {
				mark = string(s.where) + ": "
			}
			fmt.Fprintf(b, "  %s%s\n", mark, s.text)
		}
		for _, line := range s.lines {
			fmt.Fprintf(b, "    %s\n", line)
		}
	}
}

// reasoned is a sentence with the terms in it; no text for the article as a
// whole.
type reasoned struct {
	where news.Place
	text  string
	start int // of its first term
	lines []string
}

// places are the parts of an article as they are read.
func places() []news.Place { return []news.Place{news.InTitle, news.InSummary, news.InText} }

// bySentence groups a verdict's evidence. A term that speaks for several
// relations is written once for each.
func bySentence(v news.Verdict) []*reasoned {
	var out []*reasoned
	at := func(where news.Place, text string, start int) *reasoned {
		text = strings.TrimSpace(text)
		for _, r := range out {
			if r.where == where && r.text == text {
				r.start = min(r.start, start)
				return r
			}
		}
		r := &reasoned{where: where, text: text, start: start}
		out = append(out, r)
		return r
	}
	for _, e := range v.Evidence {
		r := at(e.Where, e.Sentence, e.Start)
		r.lines = append(r.lines, fmt.Sprintf("+ %-5.2f %s: “%s”%s", e.Weight, e.Actor, e.Term, inRelation(e.Relation)))
	}
	for _, g := range v.Against {
		r := at(g.Where, g.Sentence, g.Start)
		r.lines = append(r.lines, fmt.Sprintf("− %-5.2f %s%s", g.Weight, cmp.Or(g.Detail, g.Theme), quoted(g.Term)))
	}
	whole := func(r *reasoned) int { return 1 - min(len(r.text), 1) }
	slices.SortStableFunc(out, func(a, b *reasoned) int {
		return cmp.Or(
			cmp.Compare(whole(a), whole(b)),
			cmp.Compare(slices.Index(places(), a.where), slices.Index(places(), b.where)),
			cmp.Compare(a.start, b.start),
		)
	})
	return out
}

func verdictWord(v news.Verdict) string {
	switch {
	case v.On:
		return "on topic"
	case v.Near:
		return "off topic, nearly on"
	default:
		return "off topic"
	}
}

func inRelation(id string) string {
	if id == "" {
		return ""
	}
	return " (" + id + ")"
}

func quoted(term string) string {
	if term == "" {
		return ""
	}
	return ": “" + term + "”"
}

// threshold is the score that the topic demands.
func threshold(cfg *config.Config, topic string) float64 {
	for _, t := range cfg.Topics {
		if t.ID == topic && t.Threshold > 0 {
			return t.Threshold
		}
	}
	return 0.5
}
