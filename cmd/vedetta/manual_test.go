package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cpuguy83/go-md2man/v2/md2man"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

var manualDir = flag.String("man", "", "directory to write the manual pages to")

// TestManual makes the manual pages of the commands, of what the commands say
// themselves and, for vedetta(1), of packaging/man/vedetta.md. With -man it
// writes them; SOURCE_DATE_EPOCH dates them.
func TestManual(t *testing.T) {
	root := newRoot()
	root.DisableAutoGenTag = true
	pages := map[string][]byte{}
	makePages(t, root, pages)
	pages["vedetta.1"] = withSections(t, root, pages["vedetta.1"])
	for name, page := range pages {
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SEE ALSO"} {
			if !bytes.Contains(page, []byte("\n.SH "+section+"\n")) {
				t.Errorf("%s has no section %s", name, section)
			}
		}
		if *manualDir != "" {
			if err := os.WriteFile(filepath.Join(*manualDir, name), page, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range available(root) {
		if pages["vedetta-"+c.Name()+".1"] == nil {
			t.Errorf("no page of %s", c.Name())
		}
	}
}

// available are the commands of our own below a command.
func available(c *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(c.Commands()), func(sub *cobra.Command) bool {
		return !sub.IsAvailableCommand() || sub.Name() == "help"
	})
}

var (
	option = regexp.MustCompile(`(?m)^(?:\.PP\n)?(\\fB-.*)\n\t(.*)$`)
	unset  = regexp.MustCompile(`(?m)(\\fP)(?:\[=false\]|=""|=\[\]|=0s?)$`)
)

// makePages adds the page of a command and those of the commands below it.
func makePages(t *testing.T, c *cobra.Command, pages map[string][]byte) {
	t.Helper()
	var b bytes.Buffer
	if err := doc.GenMan(c, &doc.GenManHeader{Section: "1", Source: "vedetta", Manual: "Vedetta"}, &b); err != nil {
		t.Fatal(err)
	}
	page := option.ReplaceAll(b.Bytes(), []byte(".TP\n$1\n$2"))
	pages[strings.ReplaceAll(c.CommandPath(), " ", "-")+".1"] = unset.ReplaceAll(page, []byte("$1"))
	for _, sub := range available(c) {
		makePages(t, sub, pages)
	}
}

// withSections adds what no command says of itself to the page of vedetta.
func withSections(t *testing.T, root *cobra.Command, page []byte) []byte {
	t.Helper()
	text, err := os.ReadFile("../../packaging/man/vedetta.md")
	if err != nil {
		t.Fatal(err)
	}
	var commands strings.Builder
	for _, c := range available(root) {
		fmt.Fprintf(&commands, "%s\n: %s\n\n", strings.TrimPrefix(c.Use, "vedetta "), c.Short)
	}
	text = bytes.Replace(text, []byte("{{commands}}"), []byte(commands.String()), 1)
	more := md2man.Render(append([]byte("# vedetta\n\n"), text...)) // the first heading is the page's
	more = more[bytes.Index(more, []byte(".SH ")):]
	page = bytes.Replace(page, []byte("vedetta [flags]"), []byte("vedetta [COMMAND] [flags]"), 1)
	before, after, ok := bytes.Cut(page, []byte("\n.SH SEE ALSO\n"))
	if !ok {
		t.Fatal("vedetta.1 has no section SEE ALSO")
	}
	return bytes.Join([][]byte{before, []byte("\n"), more, []byte("\n.SH SEE ALSO\n\\fBfeeds.yaml(5)\\fP, "), after}, nil)
}
