package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/fetcher"
	"vedetta/news"
	"vedetta/store"
	"vedetta/weblink"
)

// previewed is how many articles are shown of a source.
const previewed = 3

// sampled is a fetcher that gives what has been fetched already as the feed.
type sampled struct {
	*fetcher.Fetcher
	items []news.Item
	step  func()
}

// Feed implements engine.Fetcher.
func (s sampled) Feed(context.Context, news.Source, news.Poll) ([]news.Item, news.Poll, error) {
	return s.items, news.Poll{}, nil
}

// Page implements engine.Fetcher.
func (s sampled) Page(ctx context.Context, src news.Source, address string) (news.Page, error) {
	defer s.step()
	return s.Fetcher.Page(ctx, src, address)
}

// preview takes the newest items through the whole pipeline, as the daemon
// will, into a store that is thrown away. data is the file with the new
// source at the end.
func (ad adder) preview(ctx context.Context, data []byte, items []news.Item) ([]news.Article, error) {
	cfg, err := config.Parse(ad.path, data)
	if err != nil {
		return nil, err
	}
	src := cfg.Sources[len(cfg.Sources)-1]
	cfg.Sources = []config.Source{src}
	items = newest(items, src.ID)
	if len(items) == 0 {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "vedetta-add-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := store.Open(filepath.Join(dir, "vedetta.db"), store.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	bar := progress(ad.notes, len(items))
	bar.Describe("reading articles")
	defer func() { _ = bar.Clear() }()
	p, err := engine.NewPlan(cfg, sampled{ad.fetch, items, func() { _ = bar.Add(1) }}, newPages(cfg))
	if err != nil {
		return nil, err
	}
	outcomes, err := engine.New(s, slog.New(slog.DiscardHandler), nil).Round(ctx, p, true, func(engine.Outcome) {})
	if err != nil {
		return nil, err
	}
	if o := outcomes[0]; o.Status == engine.Failed {
		return nil, fmt.Errorf("read three articles of %s: %s", src.Name, o.Err)
	}
	return articlesOf(s, items)
}

// articlesOf are the articles that the items became, in their order.
func articlesOf(s *store.Store, items []news.Item) ([]news.Article, error) {
	var keys, ids []string
	for _, it := range items {
		keys = append(keys, it.Key())
	}
	known, err := s.Known(keys)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if id := known[k].Article; id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return s.Articles(ids...)
}

// newest are the newest items, as ones of a source; those without a date keep
// their place.
func newest(items []news.Item, source string) []news.Item {
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b news.Item) int {
		if a.Published.IsZero() || b.Published.IsZero() {
			return 0
		}
		return b.Published.Compare(a.Published)
	})
	shown := map[string]bool{}
	items = slices.DeleteFunc(items, func(it news.Item) bool { // some feeds give an article twice
		key := weblink.Canonical(it.URL)
		again := it.URL != "" && shown[key]
		shown[key] = true
		return again
	})
	items = items[:min(len(items), previewed)]
	for i := range items {
		items[i].Source = source
	}
	return items
}

// addReport is what the command found and did: its JSON.
type addReport struct {
	Asked   string       `json:"asked"`
	How     string       `json:"how"` // feed, sitemap or list
	Found   []addFound   `json:"found"`
	Notes   []string     `json:"notes,omitempty"`
	Source  news.Source  `json:"source"`
	Items   int          `json:"items"`
	Dated   int          `json:"dated"`
	Newest  time.Time    `json:"newest,omitzero"`
	Preview []addPreview `json:"preview"`
	File    string       `json:"file"`
	Line    int          `json:"line"`
	Lines   string       `json:"lines"`
	Added   bool         `json:"added"`

	ways []fetcher.Way
}

// addFound is one way to read the site.
type addFound struct {
	Address string        `json:"address"`
	Label   string        `json:"label,omitempty"`
	List    news.ListRule `json:"list,omitzero"`
	Taken   bool          `json:"taken"`
}

// addPreview is an article as the daemon would keep it.
type addPreview struct {
	URL        string         `json:"url"`
	Title      string         `json:"title"`
	Published  time.Time      `json:"published"`
	Begins     string         `json:"begins"` // first lines of the text
	Characters int            `json:"characters"`
	Method     string         `json:"method"`
	Confidence float64        `json:"confidence"`
	Refused    string         `json:"refused,omitempty"`
	Topics     []news.Verdict `json:"topics"`
}

func newAddReport(asked string, f found, src news.Source, as []news.Article, lines config.Addition, path string) addReport {
	r := addReport{
		Asked: asked, How: f.how, Notes: f.notes, Source: src, Items: len(f.way().Items),
		File: path, Line: lines.Line, Lines: lines.Added, ways: f.ways,
	}
	for i, w := range f.ways {
		r.Found = append(r.Found, addFound{w.Source.Address(), w.Label, w.Source.List, i == f.taken})
	}
	for _, it := range f.way().Items {
		if !it.Published.IsZero() {
			r.Dated++
		}
		if it.Published.After(r.Newest) {
			r.Newest = it.Published
		}
	}
	for _, a := range as {
		r.Preview = append(r.Preview, addPreview{
			URL: weblink.Clean(cmp.Or(a.Link, a.URL)), Title: a.Title, Published: a.Published, Begins: beginning(a.Text), Characters: utf8.RuneCountInString(a.Text),
			Method: a.Method, Confidence: a.Confidence, Refused: a.Refused, Topics: a.Verdicts,
		})
	}
	return r
}

// beginning is the first lines of a text, on one.
func beginning(text string) string {
	const most = 240
	text = strings.Join(strings.Fields(text), " ")
	r := []rune(text)
	if len(r) <= most {
		return text
	}
	cut := string(r[:most])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + " …"
}

// print shows the report to a person.
func (r addReport) print(w io.Writer, cfg *config.Config) error {
	var b strings.Builder
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	taken := slices.IndexFunc(r.Found, func(f addFound) bool { return f.Taken })
	fmt.Fprintf(&b, "%s\n%s", r.headline(), listWays(r.ways, taken))
	if len(r.ways) > 1 {
		b.WriteString("  (* is taken; --feed N takes another)\n")
	}
	fmt.Fprintf(&b, "\n%s: %d items, %d of them dated", r.Source.Name, r.Items, r.Dated)
	if !r.Newest.IsZero() {
		fmt.Fprintf(&b, ", the newest of %s", r.Newest.Local().Format("2006-01-02 15:04"))
	}
	b.WriteString("\n")
	for i, p := range r.Preview {
		p.write(&b, i+1, cfg)
	}
	fmt.Fprintf(&b, "\nTo be added to %s, line %d:\n\n%s\n\n", r.File, r.Line, strings.TrimRight(r.Lines, "\n"))
	_, err := io.WriteString(w, printable(b.String()))
	return err
}

func (r addReport) headline() string {
	switch {
	case r.How == "list":
		return r.Asked + " names no feed and no news sitemap; articles are listed on the page:"
	case r.How == "sitemap" && r.Found[0].Address != r.Asked:
		return "robots.txt of " + r.Asked + " names a news sitemap:"
	case r.How == "sitemap":
		return r.Asked + " is a news sitemap:"
	case len(r.Found) == 1 && r.Found[0].Address == r.Asked:
		return r.Asked + " is a feed:"
	case len(r.Found) == 1:
		return r.Asked + " leads to a feed:"
	}
	return fmt.Sprintf("%s names %d feeds:", r.Asked, len(r.Found))
}

// evidenceShown is how many terms are shown of a verdict.
const evidenceShown = 3

func (p addPreview) write(b *strings.Builder, n int, cfg *config.Config) {
	fmt.Fprintf(b, "\n%d  %s\n   %s  %s\n", n, p.Title, p.Published.Local().Format("2006-01-02 15:04"), p.URL)
	fmt.Fprintf(b, "   %d characters, from %s", p.Characters, methodWord(p.Method))
	if p.Confidence > 0 {
		fmt.Fprintf(b, ", confidence %.2f", p.Confidence)
	}
	if p.Refused != "" {
		fmt.Fprintf(b, "; the page was not taken: %s", p.Refused)
	}
	fmt.Fprintf(b, "\n   %s\n", cmp.Or(p.Begins, "(no text)"))
	for _, v := range p.Topics {
		fmt.Fprintf(b, "   %s: %s, score %.2f against %.2f", v.Topic, verdictWord(v), v.Score, threshold(cfg, v.Topic))
		if len(v.Facets) > 0 {
			fmt.Fprintf(b, ", %s", strings.Join(v.Facets, " + "))
		}
		b.WriteString("\n")
		v.Evidence = v.Evidence[:min(len(v.Evidence), evidenceShown)]
		v.Against = v.Against[:min(len(v.Against), evidenceShown)]
		if v.On { // "vedetta explain" has it all
			v.Against = nil
		}
		var reasons strings.Builder
		writeReasons(&reasons, v)
		for line := range strings.Lines(reasons.String()) {
			b.WriteString("   " + line)
		}
	}
}

func methodWord(method string) string {
	if method == "feed" {
		return "the feed"
	}
	return "the page (" + method + ")"
}
