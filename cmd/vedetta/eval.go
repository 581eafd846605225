package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/news"
	"vedetta/story/bench"
	topicbench "vedetta/topic/bench"
)

func newEval(a *app) *cobra.Command {
	var (
		asJSON bool
		topic  string
	)
	c := &cobra.Command{
		Use:   "eval FILE.jsonl",
		Short: "Judges labelled articles: precision, recall, F1, each mistake with its evidence",
		Long: `Reads articles as "judge" does, with the labels "label" (on, off, borderline), "facets" and
"kind" for the topic, and "copy" and "thread" for stories, and holds the verdicts against
them. Given another configuration with --config, it says as well what changes against the
one that would be used without the flag ("+14 −3").`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			lines, err := readArticles(inputs{stdin: c.InOrStdin()}, args[0])
			if err != nil {
				return err
			}
			e, err := evaluate(cfg, topic, lines)
			if err != nil {
				return err
			}
			if base, err := a.baseline(); err != nil {
				return err
			} else if base != nil && e.Topic != nil {
				before, err := evaluate(base, e.Topic.ID, lines)
				if err != nil {
					return err
				}
				e.compare(before)
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), e)
			}
			return printEvaluation(c.OutOrStdout(), e)
		},
	}
	jsonFlag(c, &asJSON)
	c.Flags().StringVar(&topic, "topic", "", "`id` of the topic that the labels are about (default: the first)")
	return c
}

// baseline is the configuration to compare with: the default one, when
// --config names another; nil when there is none.
func (a *app) baseline() (*config.Config, error) {
	path := defaultConfig()
	if a.config == "" || sameFile(path, a.config) {
		return nil, nil
	}
	cfg, err := (&app{config: path}).load()
	if _, missing := errors.AsType[errUsage](err); missing {
		return nil, nil
	}
	return cfg, err
}

func sameFile(a, b string) bool {
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	return errX == nil && errY == nil && x == y
}

// evaluation is what eval reports. Topic and Stories are nil where the file
// has no labels for them.
type evaluation struct {
	Articles int            `json:"articles"`
	Topic    *topicReport   `json:"topic,omitempty"`
	Stories  *storiesReport `json:"stories,omitempty"`

	cases []topicbench.Case
}

// quality is precision and recall with the counts they come from.
type quality struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	Right     int     `json:"right"`
	Wrong     int     `json:"wrong"`
	Missed    int     `json:"missed"`
	Neither   int     `json:"neither,omitempty"`
}

type topicReport struct {
	ID string `json:"id"`
	quality
	Facets     map[string]quality `json:"facets"`
	Kinds      map[string]quality `json:"kinds"`
	Mistakes   []mistake          `json:"mistakes"`
	Borderline map[string]bool    `json:"borderline"` // id: judged on
	Compared   *compared          `json:"compared,omitempty"`
}

type mistake struct {
	ID      string       `json:"id"`
	Title   string       `json:"title"`
	Kind    string       `json:"kind,omitempty"`
	Label   string       `json:"label"`
	Verdict news.Verdict `json:"verdict"`
}

// compared is what changes against the default configuration.
type compared struct {
	On     []titled `json:"on"`
	Off    []titled `json:"off"`
	Before quality  `json:"before"`
}

type titled struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Label string `json:"label"`
}

type storiesReport struct {
	Copies    quality       `json:"copies"`  // pairs
	Threads   quality       `json:"threads"` // pairs
	ThreadsB3 quality       `json:"threads_b3"`
	Mistakes  []pairMistake `json:"mistakes"`
}

type pairMistake struct {
	Of     string `json:"of"` // copies or threads
	Missed bool   `json:"missed"`
	A      string `json:"a"`
	B      string `json:"b"`
	TitleA string `json:"title_a"`
	TitleB string `json:"title_b"`
}

// evaluate judges the lines and holds the result against their labels.
func evaluate(cfg *config.Config, topic string, lines []articleLine) (*evaluation, error) {
	judged, err := engine.Judge(cfg, articles(cfg, lines))
	if err != nil {
		return nil, err
	}
	e := &evaluation{Articles: len(lines)}
	if slices.ContainsFunc(lines, func(l articleLine) bool { return l.Label != "" }) {
		if err := e.scoreTopic(cfg, topic, lines, judged); err != nil {
			return nil, err
		}
	}
	if slices.ContainsFunc(lines, func(l articleLine) bool { return l.Copy != nil || l.Thread != nil }) {
		e.scoreStories(lines, judged)
	}
	if e.Topic == nil && e.Stories == nil {
		return nil, errUsage{fmt.Errorf(`no article has a "label", "copy" or "thread"; there is nothing to hold the verdicts against`)}
	}
	return e, nil
}

func (e *evaluation) scoreTopic(cfg *config.Config, topic string, lines []articleLine, judged []engine.Judgement) error {
	if topic == "" {
		topic = firstTopic(cfg)
	}
	for i, l := range lines {
		v, ok := (news.Article{Verdicts: judged[i].Topics}).Verdict(topic)
		if !ok {
			return errUsage{fmt.Errorf("no topic %q is enabled in the configuration", topic)}
		}
		e.cases = append(e.cases, topicbench.Case{ID: l.ID, Title: l.Title, Kind: l.Kind, Label: topicbench.Label(l.Label), Facets: l.Facets, Verdict: v})
	}
	s := topicbench.Score(e.cases)
	e.Topic = &topicReport{ID: topic, quality: qualityOf(s.Overall), Facets: qualities(s.Facets), Kinds: qualities(s.Kinds), Borderline: map[string]bool{}, Mistakes: []mistake{}}
	for _, it := range s.Mistakes {
		e.Topic.Mistakes = append(e.Topic.Mistakes, mistake{ID: it.ID, Title: it.Title, Kind: it.Kind, Label: string(it.Label), Verdict: it.Verdict})
	}
	for _, it := range s.Borderline {
		e.Topic.Borderline[it.ID] = it.Verdict.On
	}
	return nil
}

func firstTopic(cfg *config.Config) string {
	for _, t := range cfg.Topics {
		if !t.Disabled {
			return t.ID
		}
	}
	return ""
}

func qualityOf(c topicbench.Count) quality {
	return quality{
		Precision: c.Precision(), Recall: c.Recall(), F1: c.F1(),
		Right: c.TruePositive, Wrong: c.FalsePositive, Missed: c.FalseNegative, Neither: c.TrueNegative,
	}
}

func qualities(groups []topicbench.Group) map[string]quality {
	m := make(map[string]quality, len(groups))
	for _, g := range groups {
		m[g.Name] = qualityOf(g.Count)
	}
	return m
}

func (e *evaluation) scoreStories(lines []articleLine, judged []engine.Judgement) {
	items := make([]bench.Item, len(lines))
	titles := make(map[string]string, len(lines))
	for i, l := range lines {
		items[i] = bench.Item{ID: l.ID, Story: judged[i].Story, Strand: judged[i].Thread}
		if l.Copy != nil {
			items[i].Copy = *l.Copy
		}
		if l.Thread != nil {
			items[i].Thread = *l.Thread
		}
		titles[l.ID] = l.Title
	}
	s := bench.Run(items)
	e.Stories = &storiesReport{
		Copies:    pairQuality(s.Copies),
		Threads:   pairQuality(s.Threads),
		ThreadsB3: quality{Precision: s.ThreadPrecision, Recall: s.ThreadRecall, F1: s.ThreadF1()},
		Mistakes:  []pairMistake{},
	}
	for _, m := range s.Mistakes {
		of := "copies"
		if m.Thread {
			of = "threads"
		}
		e.Stories.Mistakes = append(e.Stories.Mistakes, pairMistake{Of: of, Missed: m.Missed, A: m.A, B: m.B, TitleA: titles[m.A], TitleB: titles[m.B]})
	}
}

func pairQuality(p bench.Pairs) quality {
	return quality{Precision: p.Precision(), Recall: p.Recall(), F1: p.F1(), Right: p.Right, Wrong: p.Wrong, Missed: p.Missed}
}

// compare notes what changed since the verdicts before.
func (e *evaluation) compare(before *evaluation) {
	changes := make([]topicbench.Change, len(e.cases))
	for i, c := range e.cases {
		changes[i] = topicbench.Change{ID: c.ID, Title: c.Title, Label: c.Label, Old: before.cases[i].Verdict, New: c.Verdict}
	}
	c := topicbench.Compare(changes)
	e.Topic.Compared = &compared{On: titlesOf(c.Added), Off: titlesOf(c.Removed), Before: before.Topic.quality}
}

func titlesOf(changes []topicbench.Change) []titled {
	out := []titled{}
	for _, c := range changes {
		out = append(out, titled{ID: c.ID, Title: c.Title, Label: string(c.Label)})
	}
	return out
}

// printEvaluation shows the tables to a person.
func printEvaluation(w io.Writer, e *evaluation) error {
	var b strings.Builder
	if t := e.Topic; t != nil {
		fmt.Fprintf(&b, "topic %s: %d articles, %d borderline ones not scored\n", t.ID, e.Articles, len(t.Borderline))
		writeTable(&b, []row{{"all", t.quality}})
		b.WriteString("\nby facet, of the articles rightly on\n")
		writeTable(&b, rows(t.Facets))
		b.WriteString("\nby kind\n")
		writeTable(&b, rows(t.Kinds))
		writeMistakes(&b, t.Mistakes)
		writeCompared(&b, t)
	}
	if s := e.Stories; s != nil {
		fmt.Fprintf(&b, "stories: %d articles\n", e.Articles)
		writeTable(&b, []row{{"copies (pairs)", s.Copies}, {"threads (pairs)", s.Threads}, {"threads (B³)", s.ThreadsB3}})
		for _, m := range s.Mistakes {
			what := "wrongly joined"
			if m.Missed {
				what = "missed"
			}
			fmt.Fprintf(&b, "%s, %s: %s %q, %s %q\n", m.Of, what, m.A, m.TitleA, m.B, m.TitleB)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type row struct {
	name string
	quality
}

func rows(m map[string]quality) []row {
	var out []row
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, row{name, m[name]})
	}
	return out
}

func writeTable(w io.Writer, rows []row) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "  \tprecision\trecall\tF1\tright\twrong\tmissed\toff")
	for _, r := range rows {
		_, _ = fmt.Fprintf(t, "  %s\t%.3f\t%.3f\t%.3f\t%d\t%d\t%d\t%d\n", r.name, r.Precision, r.Recall, r.F1, r.Right, r.Wrong, r.Missed, r.Neither)
	}
	_ = t.Flush()
}

func writeMistakes(b *strings.Builder, mistakes []mistake) {
	for _, m := range mistakes {
		what := "missed"
		if m.Verdict.On {
			what = "wrongly on"
		}
		fmt.Fprintf(b, "\n%s %s (%s, score %.2f) %s\n", what, m.ID, m.Kind, m.Verdict.Score, m.Title)
		writeReasons(b, m.Verdict)
	}
}

func writeCompared(b *strings.Builder, t *topicReport) {
	if t.Compared == nil {
		return
	}
	c := t.Compared
	fmt.Fprintf(b, "\nagainst the default configuration: +%d −%d, F1 %.3f before\n", len(c.On), len(c.Off), c.Before.F1)
	for _, it := range c.On {
		fmt.Fprintf(b, "  + %s (%s) %s\n", it.ID, it.Label, it.Title)
	}
	for _, it := range c.Off {
		fmt.Fprintf(b, "  − %s (%s) %s\n", it.ID, it.Label, it.Title)
	}
}
