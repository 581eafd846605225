package config

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"vedetta/news"
)

// Addition is a configuration file with one more source.
type Addition struct {
	Data  []byte // the whole file
	Added string // the lines of the new source, as they stand in it
	Line  int    // where they begin, from 1
}

// Append adds a source at the end of the list of a configuration file and
// leaves every other byte as it is: comments, order, indentation, line ends.
// The lines are written as the list's last entry is. name is what messages
// call the file.
//
// The result has been read again and says what the old file said and the new
// source; a file with faults, or one that would have some, gives Faults. A
// layout that cannot be extended in this way gives a Fault whose hint holds
// the lines to add by hand.
func Append(name string, data []byte, s news.Source) (Addition, error) {
	s.Name = strings.TrimSpace(s.Name)
	before, root, err := read(name, data)
	if err != nil {
		return Addition{}, err
	}
	text, hadMark := bytes.CutPrefix(data, []byte("\uFEFF"))
	p := newPage(text)
	for change := range p.places(root, s) {
		out := change.apply(text)
		after, _, err := read(name, out)
		if err != nil || !sameBut(before, after, s) {
			continue
		}
		if _, err := Parse(name, out); err != nil {
			return Addition{}, err
		}
		line := 1 + newPage(text[:change.edits[0].at]).breaks() + change.skip
		if hadMark {
			out = append([]byte("\uFEFF"), out...)
		}
		return Addition{Data: out, Added: change.shown, Line: line}, nil
	}
	at := locate(before.at, "sources")
	return Addition{}, Fault{
		name, at.line, at.column, "sources", "a layout that only a person can add to",
		"add these lines to the list:\n" + strings.Join(blockLines(s, "  ", 2), "\n"),
	}
}

// read decodes a file without the checks of what its values mean.
func read(name string, data []byte) (*Config, *yaml.Node, error) {
	r := newReport(name)
	c := defaults()
	c.file, c.at = name, r.at
	root := parseDocument(r, data)
	if root != nil {
		decode(r, root, c)
	}
	return c, root, r.err()
}

// sameBut reports whether after says what before says, and the source s after
// the others.
func sameBut(before, after *Config, s news.Source) bool {
	want, got := *before, *after
	added := Source{Source: s}
	added.setDefaults()
	want.Sources = append(slices.Clip(before.Sources), added)
	want.at, got.at = nil, nil
	return reflect.DeepEqual(want, got)
}

// Conflict reports a source of the file that already has the name or the
// address of s, as a Fault at its place. A name or an address that is empty
// is not compared.
func (c *Config) Conflict(s news.Source) error {
	for i, old := range c.Sources {
		path := fmt.Sprintf("sources[%d]", i)
		if s.Address() != "" && sameDocument(old.Address(), s.Address()) {
			hint := ""
			if !old.Enabled {
				hint = "it is disabled there: remove \"enabled: false\""
			}
			return c.Fault(path, "the address "+quote(s.Address())+" is there already, as "+quote(old.Name), hint)
		}
		if s.Name != "" && (strings.EqualFold(old.Name, strings.TrimSpace(s.Name)) || old.ID == cmp.Or(s.ID, slug(s.Name))) {
			return c.Fault(path+".name", "the name "+quote(old.Name)+" is taken, by "+old.Address(), "give the new source another name")
		}
	}
	return nil
}

// sameDocument compares addresses as far as can be told without asking; www
// and the scheme say nothing.
func sameDocument(a, b string) bool {
	u, errU := url.Parse(a)
	v, errV := url.Parse(b)
	if errU != nil || errV != nil {
		return a == b
	}
	bare := func(u *url.URL) string { return strings.TrimPrefix(sameAddress(u), "www.") }
	return bare(u) == bare(v)
}

// change is a way to add to a text.
type change struct {
	edits []edit // by place, not overlapping
	shown string // the lines to show of it
	skip  int    // line breaks between the place of the first edit and those lines
}

// edit replaces the bytes from at to end.
type edit struct {
	at, end int
	text    string
}

func (c change) apply(text []byte) []byte {
	var out []byte
	from := 0
	for _, e := range c.edits {
		out = append(append(out, text[from:e.at]...), e.text...)
		from = e.end
	}
	return append(out, text[from:]...)
}

// places are the ways to add s, best first. Which of them is right is for the
// caller to try: block scalars, for one, can hold what looks like a comment.
func (p page) places(root *yaml.Node, s news.Source) iter.Seq[change] {
	return func(yield func(change) bool) {
		at := -1
		for i := 0; i+1 < len(root.Content); i += 2 {
			if root.Content[i].Value == "sources" {
				at = i
			}
		}
		if at < 0 {
			p.newList(root, s, yield)
			return
		}
		key, list := root.Content[at], root.Content[at+1]
		next := p.lines() + 1 // line of the key after the list
		if at+2 < len(root.Content) {
			next = root.Content[at+2].Line
		}
		inFlow := root.Style&yaml.FlowStyle != 0
		switch {
		case list.Kind == yaml.ScalarNode && !inFlow:
			p.replaceNothing(key, list, len(list.Value), s, yield)
		case list.Kind == yaml.SequenceNode && list.Style&yaml.FlowStyle != 0:
			open := p.offset(list)
			if end, _, ok := p.closing(open); ok && !inFlow && len(list.Content) == 0 && p.oneLine(open, end) {
				p.replaceNothing(key, list, end+1-open, s, yield)
				return
			}
			p.intoBrackets(open, list.Content, flowItem(s), yield)
		case list.Kind == yaml.SequenceNode && len(list.Content) > 0:
			p.afterLast(list, next, s, yield)
		}
	}
}
