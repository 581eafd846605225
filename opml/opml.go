// Package opml writes and reads lists of feeds as OPML 2.0.
//
// It knows nothing of what the lists are for. What it reads is hostile: it
// bounds size, depth and number, resolves no entities but XML's own, and loads
// nothing.
package opml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
)

// Type is the media type of what Marshal writes.
const Type = "text/x-opml; charset=utf-8"

// Outline is a feed, or a folder with feeds in it.
type Outline struct {
	Text     string    `xml:"text,attr"`
	Title    string    `xml:"title,attr,omitempty"`
	Type     string    `xml:"type,attr,omitempty"`
	XMLURL   string    `xml:"xmlUrl,attr,omitempty"`
	HTMLURL  string    `xml:"htmlUrl,attr,omitempty"`
	Language string    `xml:"language,attr,omitempty"`
	Category string    `xml:"category,attr,omitempty"` // comma-separated
	Outlines []Outline `xml:"outline"`
}

// document is the file as it is written.
type document struct {
	XMLName xml.Name  `xml:"opml"`
	Version string    `xml:"version,attr"`
	Title   string    `xml:"head>title"`
	Docs    string    `xml:"head>docs"`
	Body    []Outline `xml:"body>outline"`
}

// Marshal writes a list. Characters that XML cannot hold are replaced.
func Marshal(title string, body []Outline) ([]byte, error) {
	data, err := xml.MarshalIndent(document{Version: "2.0", Title: title, Docs: "http://opml.org/spec2.opml", Body: body}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write OPML: %w", err)
	}
	return append([]byte(xml.Header), append(data, '\n')...), nil
}

// Bounds of what is read.
const (
	MaxBytes = 8 << 20
	maxDepth = 32
	maxFeeds = 20_000
	maxValue = 4096 // bytes of an attribute
)

// Feed is an outline with a feed.
type Feed struct {
	Line    int      // where it begins
	Name    string   // title, else text; may be empty
	URL     string   // as it stands there, nothing checked
	Site    string   // home page; may be empty
	Lang    string   // may be empty
	Folders []string // names of the folders that it is in, outermost first
	Tags    []string // its categories
}

// Read returns the feeds of a file in their order, those in folders included.
// Outlines without a feed of their own are folders. A file that is not OPML,
// or is beyond the bounds, is an error that says where.
func Read(r io.Reader) ([]Feed, error) {
	in := &io.LimitedReader{R: r, N: MaxBytes + 1}
	d := xml.NewDecoder(in)
	d.Strict = false // attributes without quotes and the like are common
	d.CharsetReader = charset.NewReaderLabel
	var feeds []Feed
	var folders []string // by depth of the outlines that are open; "" for feeds
	var open []string    // elements
	begun := false
	for {
		tok, err := d.Token()
		line, _ := d.InputPos()
		switch {
		case in.N <= 0:
			return nil, fmt.Errorf("larger than %d MiB", MaxBytes>>20)
		case errors.Is(err, io.EOF) && !begun:
			return nil, errors.New("line 1: not OPML: there is no <opml> element")
		case errors.Is(err, io.EOF):
			return feeds, nil
		case err != nil:
			return nil, fmt.Errorf("line %d: not OPML: %w", line, plainError(err))
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if !begun && t.Name.Local != "opml" {
				return nil, fmt.Errorf("line %d: not OPML: it begins with <%.40s>", line, t.Name.Local)
			}
			if len(open) >= maxDepth {
				return nil, fmt.Errorf("line %d: nested deeper than %d", line, maxDepth)
			}
			open = append(open, t.Name.Local)
			begun = true
			if t.Name.Local != "outline" {
				continue
			}
			f, name := readOutline(t, line)
			if f.URL != "" {
				if len(feeds) == maxFeeds {
					return nil, fmt.Errorf("line %d: more than %d feeds", line, maxFeeds)
				}
				for _, folder := range folders {
					if folder != "" {
						f.Folders = append(f.Folders, folder)
					}
				}
				feeds = append(feeds, f)
				name = ""
			}
			folders = append(folders, name)
		case xml.EndElement:
			if len(open) == 0 {
				continue
			}
			open = open[:len(open)-1]
			if t.Name.Local == "outline" && len(folders) > 0 {
				folders = folders[:len(folders)-1]
			}
			if len(open) == 0 {
				return feeds, nil
			}
		}
	}
}

// readOutline reads an outline's attributes, whose names programs write in any
// case.
func readOutline(t xml.StartElement, line int) (f Feed, name string) {
	f.Line = line
	var title, text string
	for _, a := range t.Attr {
		v := clean(a.Value)
		switch strings.ToLower(a.Name.Local) {
		case "title":
			title = v
		case "text":
			text = v
		case "xmlurl":
			f.URL = v
		case "htmlurl":
			f.Site = v
		case "language":
			f.Lang = v
		case "category":
			f.Tags = append(f.Tags, categories(v)...)
		}
	}
	f.Name = title
	if f.Name == "" {
		f.Name = text
	}
	return f, f.Name
}

// categories are the words of a category attribute: parted by commas, levels
// by slashes (OPML 2.0).
func categories(s string) []string {
	var out []string
	for c := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == '/' }) {
		if c = strings.TrimSpace(c); c != "" {
			out = append(out, c)
		}
	}
	return out
}

// clean makes one line of a value, without control characters and those that
// reorder text.
func clean(s string) string {
	if len(s) > maxValue {
		s = s[:maxValue]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < 0x20, r >= 0x7f && r <= 0x9f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffd:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// plainError strips the decoder's own prefix and line from an error.
func plainError(err error) error {
	if se, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return errors.New(se.Msg)
	}
	return err
}
