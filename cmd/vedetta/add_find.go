package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vedetta/fetcher"
	"vedetta/news"
	"vedetta/weblink"
)

// found is the ways in which a site can be read, and the one that is taken.
type found struct {
	how   string // feed, sitemap or list
	ways  []fetcher.Way
	taken int
	notes []string // what was tried in vain
}

func (f found) way() fetcher.Way { return f.ways[f.taken] }

// others says how to get past a conflict.
func (f found) others(name, given string) string {
	switch {
	case len(f.ways) > 1:
		return fmt.Sprintf("; --feed N takes another of the %d found", len(f.ways))
	case given == "" && name != "":
		return "; --name gives the new source another"
	}
	return ""
}

// find looks for a way to read what stands at an address: the feeds it names,
// else a news sitemap, else a list.
func (ad adder) find(ctx context.Context, address string) (found, error) {
	front, err := ad.fetch.Look(ctx, address)
	if err != nil {
		return found{}, asked(address, err)
	}
	f := found{how: "feed", ways: front.Feeds}
	if len(f.ways) > 0 {
		if f.ways[0].Source.Sitemap != "" {
			f.how = "sitemap"
		}
		if err := ad.takeFeed(ctx, &f); err == nil || ad.choice != 0 || ctx.Err() != nil {
			return f, err
		}
	}
	maps, err := ad.fetch.Sitemaps(ctx, front)
	switch {
	case ctx.Err() != nil:
		return f, ctx.Err()
	case err != nil:
		f.notes = append(f.notes, "robots.txt cannot be read: "+err.Error())
	case len(maps) > 0:
		f.how, f.ways = "sitemap", maps
		return f, ad.take(ctx, &f)
	}
	lists, err := ad.fetch.Lists(ctx, front)
	if err != nil {
		return f, fmt.Errorf("%s cannot be read: it names no feed that works, robots.txt names no news sitemap, and for a list of articles: %w%s",
			front.Address, err, inBrackets(f.notes))
	}
	f.how, f.ways = "list", lists
	return f, ad.take(ctx, &f)
}

// asked is the failure of the first request, with what to do about it.
func asked(address string, err error) error {
	hint := ""
	status, isStatus := errors.AsType[*fetcher.StatusError](err)
	switch {
	case isStatus && status.Blocked != "":
		hint = "; the site refuses programs"
	case isStatus && (status.Code == 404 || status.Code == 410):
		hint = "; look for the address in a browser"
	case errors.Is(err, fetcher.ErrPrivate):
		hint = "; an address of your own network can be allowed with poll.allow in feeds.yaml"
	case errors.Is(err, fetcher.ErrNotFeed):
		hint = ", nor a page"
	}
	return fmt.Errorf("ask %s: %w%s", address, err, hint)
}

// takeFeed chooses among the feeds and tries the choice. Where that was ours,
// the next one serves when it does not answer.
func (ad adder) takeFeed(ctx context.Context, f *found) error {
	if err := ad.take(ctx, f); err != nil {
		return err
	}
	chosen := ad.choice > 0 || ad.mayAsk && len(f.ways) > 1
	for {
		w, err := ad.fetch.Try(ctx, f.ways[f.taken])
		if err == nil {
			f.ways[f.taken] = w
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = fmt.Errorf("feed %s: %w", f.ways[f.taken].Source.Address(), err)
		f.notes = append(f.notes, err.Error())
		if chosen || f.taken+1 == len(f.ways) {
			return err
		}
		f.taken++
	}
}

// take chooses one of the ways: the one asked for by --feed, the one that a
// person picks, or the first.
func (ad adder) take(ctx context.Context, f *found) error {
	what := f.how
	switch {
	case ad.choice < 0 || ad.choice > len(f.ways):
		return errUsage{fmt.Errorf("--feed %d: there are %d to choose from\n%s", ad.choice, len(f.ways), strings.TrimRight(listWays(f.ways, -1), "\n"))}
	case ad.choice > 0:
		f.taken = ad.choice - 1
	case ad.mayAsk && len(f.ways) > 1:
		_, _ = fmt.Fprint(ad.notes, listWays(f.ways, -1))
		n, err := ad.askNumber(ctx, what, len(f.ways))
		if err != nil {
			return err
		}
		f.taken = n - 1
	}
	return nil
}

// listWays writes the ways one below the other, the taken one marked.
func listWays(ways []fetcher.Way, taken int) string {
	var b strings.Builder
	for i, w := range ways {
		mark := " "
		if i == taken {
			mark = "*"
		}
		fmt.Fprintf(&b, "%s %d  %s", mark, i+1, w.Source.Address())
		if l := w.Source.List; l.Item != "" {
			fmt.Fprintf(&b, "  %s", rulesOf(l))
		}
		if w.Label != "" {
			fmt.Fprintf(&b, "  (%s)", w.Label)
		}
		b.WriteString("\n")
		if w.Source.List.Item == "" {
			continue
		}
		for _, it := range w.Items[:min(3, len(w.Items))] {
			fmt.Fprintf(&b, "       %s  %s\n", dayOf(it), it.Title)
		}
	}
	return printable(b.String())
}

func dayOf(it news.Item) string {
	if it.Published.IsZero() {
		return "(no date) "
	}
	return it.Published.Local().Format("2006-01-02")
}

// rulesOf is a list's selectors on a line.
func rulesOf(l news.ListRule) string {
	parts := []string{"item " + l.Item}
	for _, p := range [][2]string{{"link", l.Link}, {"title", l.Title}, {"date", l.Date}} {
		if p[1] != "" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	return strings.Join(parts, ", ")
}

func inBrackets(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, "; ") + ")"
}

// describe is the source to be added.
func (ad adder) describe(w fetcher.Way) news.Source {
	s := news.Source{
		URL: w.Source.URL, Page: w.Source.Page, Sitemap: w.Source.Sitemap, List: w.Source.List, Site: w.Source.Site,
		Name: printable(strings.Join(strings.Fields(ad.name), " ")),
	}
	own := strings.Join([]string{w.Source.Name, ad.name}, " ")
	host := weblink.Host(s.Address())
	if s.Name == "" {
		s.Name = printable(w.Source.Name)
	}
	if s.Name == "" {
		s.Name = host
	}
	if !strings.ContainsFunc(s.Name, isLatin) { // no identifier can be made of it
		s.ID = strings.Trim(strings.Map(func(r rune) rune {
			if isLatin(r) {
				return unicode.ToLower(r)
			}
			return '-'
		}, host), "-")
	}
	s.Kind = kindOf(own, host)
	for _, t := range ad.tags {
		if t = strings.TrimSpace(t); t != "" && !slices.Contains(s.Tags, t) {
			s.Tags = append(s.Tags, t)
		}
	}
	if len(s.Tags) == 0 {
		s.Tags = ad.tagsFor(own, host, w.Items)
	}
	return s
}

// isLatin reports whether a letter or digit can stand in an identifier.
func isLatin(r rune) bool { return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// printable drops what could steer a terminal or turn the direction of a line:
// sites write what they like into titles.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar) {
			return -1
		}
		return r
	}, s)
}

// institutions and agencies are words that begin or make up the names of such
// publishers.
var (
	institutions = []string{"ministero", "ministry", "ambasciata", "embassy", "consolato", "governo", "government", "presidenza", "quirinale", "marina militare", "aeronautica militare", "esercito italiano", "stato maggiore", "nato", "commissione europea"}
	agencies     = []string{"agenzia di stampa", "agenzia", "news agency", "ansa", "adnkronos", "askanews", "italpress", "agi"}
	officialTLDs = []string{".gov.it", ".gov", ".mil", ".int", ".go.jp", "difesa.it", "esteri.it", "governo.it", "quirinale.it", "senato.it", "camera.it", "europa.eu"}
)

// kindOf is the kind of a publisher where its name or host shows it; "" leaves
// it at the default.
func kindOf(name, host string) news.Kind {
	words := " " + strings.Join(wordsOf(name), " ") + " "
	begins := func(w string) bool { return strings.HasPrefix(words, " "+w+" ") }
	switch {
	case host == "news.google.com":
		return news.Aggregator
	case slices.ContainsFunc(officialTLDs, func(d string) bool {
		return host == d || strings.HasSuffix(host, "."+strings.TrimPrefix(d, "."))
	}), slices.ContainsFunc(institutions, begins):
		return news.Institution
	case slices.ContainsFunc(agencies, begins), strings.Contains(words, " agenzia di stampa "):
		return news.Agency
	}
	return ""
}

// wordsOf are the words of a name or host, in small letters.
func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// tagsFor are the tags of the file that the source's name holds, or that at
// least half of its items carry as a category.
func (ad adder) tagsFor(name, host string, items []news.Item) []string {
	const most = 3
	words := append(wordsOf(name), wordsOf(host)...)
	var out []string
	for _, s := range ad.cfg.Sources {
		for _, t := range s.Tags {
			low := strings.ToLower(t)
			if len(out) == most || slices.Contains(out, t) {
				continue
			}
			if slices.Contains(words, low) || len(items) > 0 && 2*carrying(items, low) >= len(items) {
				out = append(out, t)
			}
		}
	}
	return out
}

// carrying counts the items of a category.
func carrying(items []news.Item, category string) int {
	n := 0
	for _, it := range items {
		if slices.ContainsFunc(it.Categories, func(c string) bool { return strings.EqualFold(c, category) }) {
			n++
		}
	}
	return n
}
