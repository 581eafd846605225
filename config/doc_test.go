package config

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const docFile = "../docs/feeds.md"

func readDoc(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var keyTable = regexp.MustCompile(`(?s)<!-- keys: (\w+) -->\n.*?<!-- /keys -->`)

// fillTables writes the table of each type between its marks.
func fillTables(t *testing.T, doc string) string {
	t.Helper()
	docs, err := keyDocs()
	if err != nil {
		t.Fatal(err)
	}
	all := types()
	return keyTable.ReplaceAllStringFunc(doc, func(mark string) string {
		name := keyTable.FindStringSubmatch(mark)[1]
		if all[name] == nil {
			t.Errorf("%s has a table of %s, which is no type of feeds.yaml", docFile, name)
			return mark
		}
		return fmt.Sprintf("<!-- keys: %s -->\n%s<!-- /keys -->", name, table(all[name], docs[name]))
	})
}

// table is the reference of a type's keys in Markdown.
func table(typ reflect.Type, docs map[string]key) string {
	var b strings.Builder
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	b.WriteString("| key | | default | example |\n|---|---|---|---|\n")
	for _, f := range fields(typ) {
		k := docs[f.key]
		def := k.Default
		if k.Required {
			def = "**required**"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s: %s` |\n", f.key, cell.Replace(k.Doc), cell.Replace(def), f.key, cell.Replace(k.Example))
	}
	return b.String()
}

// TestDocComplete finds each type's keys in the reference.
func TestDocComplete(t *testing.T) {
	var told []string
	for _, m := range keyTable.FindAllStringSubmatch(readDoc(t), -1) {
		told = append(told, m[1])
	}
	for name := range types() {
		if !slices.Contains(told, name) {
			t.Errorf("%s has no table of %s: write <!-- keys: %s -->", docFile, name, name)
		}
	}
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestDocExamples reads every YAML example of the reference.
func TestDocExamples(t *testing.T) {
	blocks := yamlBlock.FindAllStringSubmatch(readDoc(t), -1)
	if len(blocks) < 10 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, m := range blocks {
		text := m[1]
		if !strings.Contains(text, "sources:\n") && !strings.Contains(text, "topics:\n") {
			text += "sources:\n  - {name: Prova, url: https://prova.example/feed}\n"
		}
		if _, err := Parse("example", []byte(text)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

var dotted = regexp.MustCompile("`([a-z_]+(?:\\.[a-z_]+)+)`")

// TestDocPaths finds the keys that the text of the reference names.
func TestDocPaths(t *testing.T) {
	for _, m := range dotted.FindAllStringSubmatch(readDoc(t), -1) {
		if m[1] == "feeds.yaml" {
			continue
		}
		if !known(reflect.TypeFor[Config](), strings.Split(m[1], ".")) {
			t.Errorf("%s names the key %s, which there is not", docFile, m[1])
		}
	}
}

var word = regexp.MustCompile("`([a-z_]+)(?:: [^`]*)?`")

// TestDocWords finds the keys that the text of the reference names alone.
func TestDocWords(t *testing.T) {
	words := []string{"check"} // a command
	for _, typ := range types() {
		words = append(words, keys(typ)...)
	}
	for _, m := range word.FindAllStringSubmatch(readDoc(t), -1) {
		if !slices.Contains(words, m[1]) {
			t.Errorf("%s names %s, which is no key", docFile, m[1])
		}
	}
}

// known reports whether a path leads from a type to a key.
func known(t reflect.Type, path []string) bool {
	for t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if len(path) == 0 {
		return true
	}
	if t.Kind() == reflect.Map {
		return known(t.Elem(), path[1:])
	}
	for _, f := range fields(t) {
		if f.key == path[0] {
			return known(f.typ, path[1:])
		}
	}
	return false
}
