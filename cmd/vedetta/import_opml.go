package main

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"slices"

	"vedetta/config"
	"vedetta/news"
	"vedetta/opml"
)

// listed is what becomes of a feed of an OPML file.
type listed struct {
	Name   string `json:"name"`
	URL    string `json:"url"`
	Line   int    `json:"line"` // in the OPML file
	Added  bool   `json:"added"`
	Reason string `json:"reason,omitempty"` // why not
}

// sources adds the feeds of an OPML file to the configuration.
func (im importer) sources(f io.Reader) error {
	feeds, err := opml.Read(f)
	if err != nil {
		return fmt.Errorf("%s: %w", im.name, err)
	}
	path := im.app.configPath()
	var list []listed
	add := func(data []byte) ([]byte, error) {
		data, list = im.addAll(path, data, feeds)
		return data, nil
	}
	before, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	after, _ := add(before)
	if !im.dryRun && !bytes.Equal(before, after) {
		if err := config.Rewrite(path, add); err != nil {
			return err
		}
	}
	if im.asJSON {
		return printJSON(im.out, list)
	}
	return im.printListed(list, path)
}

// addAll adds what can be added to the text of a configuration.
func (im importer) addAll(path string, data []byte, feeds []opml.Feed) ([]byte, []listed) {
	cfg := *im.cfg
	list := make([]listed, 0, len(feeds))
	for _, f := range feeds {
		src := sourceOf(f)
		l := listed{Name: src.Name, URL: f.URL, Line: f.Line}
		u, err := url.Parse(f.URL)
		switch {
		case err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https":
			l.Reason = "no web address"
		default:
			l.Reason = im.add(path, &data, &cfg, &src)
		}
		l.Name, l.Added = src.Name, l.Reason == ""
		list = append(list, l)
	}
	return data, list
}

// add adds one source, and says why it did not. A name that is taken gets the
// host behind it.
func (im importer) add(path string, data *[]byte, cfg *config.Config, src *news.Source) string {
	if err := cfg.Conflict(news.Source{URL: src.URL}); err != nil {
		return "there already"
	}
	if err := cfg.Conflict(*src); err != nil {
		u, _ := url.Parse(src.URL) // checked by the caller
		src.Name += " (" + u.Hostname() + ")"
		if err := cfg.Conflict(*src); err != nil {
			return "its name is taken"
		}
	}
	lines, err := config.Append(path, *data, *src)
	if err != nil {
		return err.Error()
	}
	*data = lines.Data
	cfg.Sources = append(slices.Clip(cfg.Sources), config.Source{Source: *src, Enabled: true})
	return ""
}

// maxTags is how many folders and categories become tags.
const maxTags = 8

var language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// sourceOf is the source that an OPML feed describes.
func sourceOf(f opml.Feed) news.Source {
	s := news.Source{Name: f.Name, URL: f.URL}
	if u, err := url.Parse(f.URL); s.Name == "" && err == nil {
		s.Name = u.Hostname()
	}
	if r := []rune(s.Name); len(r) > 120 {
		s.Name = string(r[:120])
	}
	for _, tag := range slices.Concat(f.Folders, f.Tags) {
		if len(s.Tags) < maxTags && !slices.Contains(s.Tags, tag) {
			s.Tags = append(s.Tags, tag)
		}
	}
	if language.MatchString(f.Lang) {
		s.Lang = f.Lang
	}
	home, err := url.Parse(f.Site)
	if feed, bad := url.Parse(f.URL); err == nil && bad == nil && (home.Scheme == "http" || home.Scheme == "https") && home.Host != "" && home.User == nil &&
		f.Site != feed.Scheme+"://"+feed.Host+"/" {
		s.Site = f.Site // else it is what is derived anyway
	}
	return s
}

func (im importer) printListed(list []listed, path string) error {
	added := 0
	for _, l := range list {
		sign, reason := "+", ""
		if l.Added {
			added++
		} else {
			sign, reason = "=", "  ("+l.Reason+")"
		}
		if _, err := fmt.Fprintf(im.out, "%s %s  %s%s\n", sign, l.Name, l.URL, reason); err != nil {
			return err
		}
	}
	what := "added to " + path
	switch {
	case im.dryRun:
		what = "would be " + what + "; nothing was changed"
	case added > 0:
		what += "; a running daemon takes them up by itself"
	}
	_, err := fmt.Fprintf(im.out, "%d of %d feeds %s\n", added, len(list), what)
	return err
}
