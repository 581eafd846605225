package main

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"strings"
	"testing"

	"github.com/CycloneDX/cyclonedx-go"
)

// TestBillOfThisTest reads the bill of the test's own binary.
func TestBillOfThisTest(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	if err := run(&first, path, "1.2.3", "1700000000"); err != nil {
		t.Fatal(err)
	}
	if err := run(&second, path, "1.2.3", "1700000000"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two bills of one binary differ")
	}
	var b cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(&first, cyclonedx.BOMFileFormatJSON).Decode(&b); err != nil {
		t.Fatal(err)
	}
	if got, want := len(*b.Components), len(info.Deps)+1; got != want {
		t.Errorf("%d components, want %d", got, want)
	}
	if got := b.Metadata.Component.Version; got != "1.2.3" {
		t.Errorf("version %q", got)
	}
	if got, want := b.Metadata.Timestamp, "2023-11-14T22:13:20Z"; got != want {
		t.Errorf("dated %s, want %s", got, want)
	}
	for _, c := range *b.Components {
		if !strings.HasPrefix(c.PackageURL, "pkg:golang/") || c.Version == "" {
			t.Errorf("component %s has address %q and version %q", c.Name, c.PackageURL, c.Version)
		}
		if c.Name != "std" && c.Hashes == nil {
			t.Errorf("component %s has no hash", c.Name)
		}
	}
}

func TestWhatIsNoBinary(t *testing.T) {
	if err := run(&bytes.Buffer{}, "main.go", "1", ""); err == nil || !strings.Contains(err.Error(), "read build information") {
		t.Errorf("a bill of a source file: %v", err)
	}
}
