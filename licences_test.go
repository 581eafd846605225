package vedetta_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/licences.md anew")

const licencesHead = `# Licences

Of every module that is linked into the binary, by the text in its own licence
file. Made, and held against what is linked, by ` + "`go test -run Licences -update .`" + `

| module | licence |
|---|---|
`

// licenceSigns tell licences by what their texts hold, the more particular
// ones first.
var licenceSigns = []struct{ name, sign string }{
	{"Apache-2.0", "Apache License Version 2.0"},
	{"MPL-2.0", "Mozilla Public License Version 2.0"},
	{"BSD-3-Clause", "nor the names of"},
	{"BSD-3-Clause", "Neither the name of"},
	{"BSD-2-Clause", "Redistributions in binary form must reproduce"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"ISC", "Permission to use, copy, modify, and/or distribute"},
}

// TestLicences holds docs/licences.md against the modules that are linked, and
// refuses licences that ask for more than a notice.
func TestLicences(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", `{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}{{end}}{{end}}`, "./cmd/vedetta")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var table strings.Builder
	table.WriteString(licencesHead)
	modules := slices.Compact(slices.Sorted(strings.Lines(string(out))))
	for _, line := range modules {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		if path != "" {
			fmt.Fprintf(&table, "| `%s` | %s |\n", path, licenceOf(t, path, dir))
		}
	}
	const file = "docs/licences.md"
	if *update {
		if err := os.WriteFile(file, []byte(table.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(file); err != nil || string(have) != table.String() {
		t.Errorf("%s is not of what is linked (%v): go test -run Licences -update .", file, err)
	}
}

var spaces = regexp.MustCompile(`\s+`)

// licenceOf reads the licence files of a module.
func licenceOf(t *testing.T, path, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := strings.ToUpper(e.Name()); !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") || e.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		plain := spaces.ReplaceAllString(string(text), " ")
		for _, l := range licenceSigns {
			if strings.Contains(plain, l.sign) {
				return l.name
			}
		}
	}
	t.Errorf("%s: no licence that is known", path)
	return "unknown"
}
