package config

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/cpuguy83/go-md2man/v2/md2man"
)

var manualDir = flag.String("man", "", "directory to write the manual page to")

var (
	comment = regexp.MustCompile(`(?s)<!--.*?-->\n?`)
	docLink = regexp.MustCompile(`\[([^\]]*)\]\(([a-z]+)\.md[^)]*\)`)
)

// TestManual makes feeds.yaml(5) of docs/feeds.md, its tables as lists. With
// -man it writes the page.
func TestManual(t *testing.T) {
	docs, err := keyDocs()
	if err != nil {
		t.Fatal(err)
	}
	text := keyTable.ReplaceAllStringFunc(readDoc(t), func(mark string) string {
		name := keyTable.FindStringSubmatch(mark)[1]
		return list(types()[name], docs[name])
	})
	text = comment.ReplaceAllString(text, "")
	text = docLink.ReplaceAllString(text, "/usr/share/doc/vedetta/$2.md")
	text = strings.ReplaceAll(text, "docs/topics.md", "/usr/share/doc/vedetta/topics.md")
	_, text, _ = strings.Cut(text, "\n") // its title
	head := "feeds.yaml 5 \"\" vedetta Vedetta\n====\n\n# NAME\n\nfeeds.yaml - what Vedetta reads, what it looks for and how it serves it\n\n# DESCRIPTION\n"
	tail := "\n# SEE ALSO\n\n**vedetta**(1), **vedetta-check**(1), **vedetta-add**(1)\n"
	page := md2man.Render([]byte(head + text + tail))
	for name, keys := range docs {
		for key := range keys {
			if !bytes.Contains(page, []byte("\n\\fB"+key+"\\fP\n")) {
				t.Errorf("the page does not name %s.%s", name, key)
			}
		}
	}
	if *manualDir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*manualDir, "feeds.yaml.5"), page, 0o644); err != nil {
		t.Fatal(err)
	}
}

// list is the reference of a type's keys as a list of definitions.
func list(typ reflect.Type, docs map[string]key) string {
	var b strings.Builder
	for _, f := range fields(typ) {
		k := docs[f.key]
		fmt.Fprintf(&b, "**%s**\n: %s", f.key, k.Doc)
		switch {
		case k.Required:
			b.WriteString(" Required.")
		case k.Default != "":
			fmt.Fprintf(&b, " Default: %s.", k.Default)
		}
		fmt.Fprintf(&b, " Example: `%s: %s`\n\n", f.key, k.Example)
	}
	return b.String()
}
