package vedetta_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// may is the map of the program: which of our packages each may import.
// A new edge is a decision about its shape; see docs/design.md.
var may = map[string]string{
	"":            "", // the shipped feeds.yaml
	"news":        "",
	"prose":       "",
	"weblink":     "",
	"config":      "news",
	"fetcher":     "news weblink htmltree",
	"htmltree":    "",
	"extractor":   "news weblink htmltree",
	"topic":       "news prose",
	"topic/bench": "news topic",
	"story":       "news prose weblink",
	"story/bench": "news story",
	"store":       "news",
	"archive":     "news",
	"dossier":     "news",
	"publish":     "dossier news opml prose",
	"opml":        "",
	"static":      "publish",
	"newsroom":    "news",
	"websub":      "news",
	"search":      "news prose",
	"engine":      "config news story topic weblink",
	"monitor":     "config engine fetcher news store", // is told by them, and they know nothing of it
	"cmd/vedetta": "* ",                               // meets them all
	"crash":       "",                                 // tests only, of the built program

	"internal/cputime": "", // tests only
	"packaging/sbom":   "", // a tool of the packages' build
}

func TestImports(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		pkg := ours(words[0])
		allowed, ok := may[pkg]
		if !ok {
			t.Errorf("package %q is not in the map", pkg)
			continue
		}
		seen++
		for _, path := range words[1:] {
			if first, _, _ := strings.Cut(path, "/"); pkg == "news" && strings.Contains(first, ".") {
				t.Errorf("news imports %s; it may import the standard library only", path)
			}
			if !strings.HasPrefix(path, "vedetta") || strings.HasPrefix(allowed, "*") {
				continue
			}
			if imp := ours(path); !slices.Contains(strings.Fields(allowed), imp) {
				t.Errorf("%s imports %s; it may import only: %s", pkg, imp, allowed)
			}
		}
	}
	if seen != len(may) {
		t.Errorf("the map names %d packages, the tree has %d of them", len(may), seen)
	}
}

// ours is an import path within the module.
func ours(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, "vedetta"), "/")
}

// TestDependenciesHaveAReason holds go.mod against docs/dependencies.md.
func TestDependenciesHaveAReason(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	direct := 0
	for _, r := range f.Require {
		if r.Indirect {
			continue
		}
		direct++
		if !strings.Contains(string(doc), "`"+r.Mod.Path+"`") {
			t.Errorf("docs/dependencies.md gives no reason for %s", r.Mod.Path)
		}
	}
	if rows := strings.Count(string(doc), "\n| `"); direct == 0 || rows > direct {
		t.Errorf("docs/dependencies.md has %d rows, go.mod %d direct requirements", rows, direct)
	}
}
