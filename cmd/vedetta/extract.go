package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"vedetta/extractor"
	"vedetta/news"

	"github.com/spf13/cobra"
)

func newExtract(a *app) *cobra.Command {
	var (
		asJSON  bool
		address string
	)
	c := &cobra.Command{
		Use:   "extract FILE|URL|-…",
		Short: "Extracts articles from pages, one JSON line each, in order",
		Long: `Reads each page and prints what the extractor makes of it: one JSON line an input, in
the order given, whatever the number of inputs; on a terminal a view for people.
An input that cannot be read has its reason in "refused", and the exit code is then 1.`,
		Example: `  vedetta extract pagina.html
  vedetta extract --json https://example.org/articolo`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			in, err := a.newInputs(c.InOrStdin(), c.ErrOrStderr())
			if err != nil {
				return err
			}
			x := extractor.New(in.cfg.Extract.Sites)
			out := c.OutOrStdout()
			printOne := printJSONLine
			if isTerminal(out) && !asJSON {
				printOne = printReadable
			}
			return extractAll(c.Context(), out, args, printOne, func(ctx context.Context, arg string) extracted {
				page, src, err := in.page(ctx, arg)
				if err != nil {
					return extracted{Input: arg, Refused: err.Error(), unread: true}
				}
				if address != "" {
					page.URL = address
				}
				return newExtracted(arg, page.URL, x.Extract(page, src.Extract, ""))
			})
		},
	}
	jsonFlag(c, &asJSON)
	c.Flags().StringVar(&address, "url", "", "`address` that the files come from, for links and site rules")
	return c
}

// extracted is a line of the command's output.
type extracted struct {
	Input      string  `json:"input"`
	URL        string  `json:"url"`
	Title      string  `json:"title"`
	Author     string  `json:"author"`
	Published  string  `json:"published"` // RFC 3339
	Lang       string  `json:"lang"`
	Site       string  `json:"site"`
	Image      string  `json:"image"`
	Text       string  `json:"text"`
	HTML       string  `json:"html"`
	Method     string  `json:"method"`
	Confidence float64 `json:"confidence"`
	Refused    string  `json:"refused"`

	unread bool
}

func newExtracted(input, address string, x news.Extract) extracted {
	e := extracted{
		Input: input, URL: address, Title: x.Title, Author: strings.Join(x.Authors, ", "),
		Lang: x.Lang, Site: x.Site, Image: x.Image, Text: x.Text, HTML: x.HTML,
		Method: x.Method, Confidence: x.Confidence, Refused: x.Refused,
	}
	if x.URL != "" {
		e.URL = x.URL
	}
	if !x.Published.IsZero() {
		e.Published = x.Published.Format(time.RFC3339)
	}
	return e
}

func printJSONLine(w io.Writer, e extracted) error { return printJSON(w, e) }

// printReadable shows an article to a person.
func printReadable(w io.Writer, e extracted) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", e.Title, strings.Repeat("─", min(72, max(8, len([]rune(e.Title))))))
	for _, f := range [][2]string{
		{"input", e.Input},
		{"url", e.URL},
		{"author", e.Author},
		{"published", e.Published},
		{"site", e.Site},
		{"language", e.Lang},
		{"refused", e.Refused},
	} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%-10s %s\n", f[0], f[1])
		}
	}
	if e.Method != "" {
		fmt.Fprintf(&b, "%-10s %s, confidence %.2f\n", "method", e.Method, e.Confidence)
	}
	fmt.Fprintf(&b, "\n%s\n\n", e.Text)
	_, err := io.WriteString(w, b.String())
	return err
}

// extractAll reads the inputs in parallel and prints them in order. What
// waits to be printed is bounded by the number of workers.
func extractAll(ctx context.Context, w io.Writer, args []string, print func(io.Writer, extracted) error, do func(context.Context, string) extracted) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan chan extracted, runtime.GOMAXPROCS(0))
	go func() {
		defer close(queue)
		for _, arg := range args {
			result := make(chan extracted, 1)
			select {
			case queue <- result:
			case <-ctx.Done():
				return
			}
			go func() { result <- do(ctx, arg) }()
		}
	}()
	unread := 0
	for result := range queue {
		e := <-result
		if e.unread {
			unread++
		}
		if err := print(w, e); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if unread > 0 {
		return fmt.Errorf("%d of %d inputs could not be read", unread, len(args))
	}
	return nil
}
