package crash

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTable sees that the tests that docs/durability.md names are there.
func TestTable(t *testing.T) {
	doc, err := os.ReadFile("../docs/durability.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(?:([a-z/]+): )?(Test[A-Za-z]+)`").FindAllStringSubmatch(string(doc), -1)
	if len(named) < 20 {
		t.Fatalf("only %d tests are named", len(named))
	}
	sources := map[string]string{}
	pkg := ""
	for _, n := range named {
		if n[1] != "" {
			pkg = n[1]
		}
		if sources[pkg] == "" {
			files, err := filepath.Glob(filepath.Join("..", pkg, "*_test.go"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				b, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				sources[pkg] += string(b)
			}
		}
		if !strings.Contains(sources[pkg], "func "+n[2]+"(t *testing.T)") {
			t.Errorf("there is no %s in %s", n[2], pkg)
		}
	}
}
