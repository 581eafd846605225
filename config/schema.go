package config

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"vedetta/news"
)

//go:generate go test -run TestGenerated -update .

//go:embed keys.yaml
var keysFile []byte

// key is what is said about a key of feeds.yaml besides its type.
type key struct {
	Doc      string   `yaml:"doc"`      // a sentence or two
	Default  string   `yaml:"default"`  // in words
	Example  string   `yaml:"example"`  // YAML
	Required bool     `yaml:"required"` // the file has a fault without it
	Choices  []string `yaml:"choices"`
	Pattern  string   `yaml:"pattern"` // ECMA 262
	Min      *float64 `yaml:"min"`
	Max      *float64 `yaml:"max"`
}

// keyDocs reads keys.yaml: what is said about each key, by type.
func keyDocs() (map[string]map[string]key, error) {
	var docs map[string]map[string]key
	r := newReport("keys.yaml")
	if root := parseDocument(r, keysFile); root != nil {
		decode(r, root, &docs)
	}
	return docs, r.err()
}

// Schema returns a JSON Schema (draft 2020-12) of feeds.yaml, with which
// editors complete and check the file. It is generated from the types that the
// file is read into.
func Schema() ([]byte, error) {
	docs, err := keyDocs()
	if err != nil {
		return nil, fmt.Errorf("describe keys: %w", err)
	}
	r := jsonschema.Reflector{
		Anonymous:                  true,
		ExpandedStruct:             true,
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		Mapper:                     scalarSchema,
	}
	s := r.Reflect(&Config{})
	s.Title = "feeds.yaml of Vedetta"
	annotate(s, docs["Config"])
	for name, def := range s.Definitions {
		annotate(def, docs[name])
	}
	source := s.Definitions["Source"]
	source.OneOf = []*jsonschema.Schema{
		{Required: []string{"url"}},
		{Required: []string{"page", "list"}},
		{Required: []string{"sitemap"}},
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	return b.Bytes(), nil
}

// scalarSchema describes the types that are one word in the file; nil leaves
// a type to its structure.
func scalarSchema(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Duration]():
		return &jsonschema.Schema{Type: "string", Pattern: `^0$|^[0-9]+d([0-9.]+(h|m|s|ms))*$|^([0-9.]+(h|m|s|ms))+$`}
	case reflect.TypeFor[Schedule]():
		return &jsonschema.Schema{Type: "string"}
	case reflect.TypeFor[news.Date]():
		// Editors read 2024 as a number and 2024-05-01 as text.
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "string", Pattern: `^[0-9]{4}(-[0-9]{2}){0,2}$`},
			{Type: "integer"},
		}}
	}
	if words := choices[t]; words != nil {
		return &jsonschema.Schema{Type: "string", Enum: anys(words)}
	}
	return nil
}

// annotate adds what is said about the keys of a type.
func annotate(s *jsonschema.Schema, docs map[string]key) {
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		k := docs[p.Key]
		p.Value.Description = k.Doc
		if k.Default != "" {
			p.Value.Description += " Default: " + k.Default + "."
		}
		p.Value.Enum = append(p.Value.Enum, anys(k.Choices)...)
		p.Value.Pattern = cmp.Or(k.Pattern, p.Value.Pattern)
		p.Value.Minimum, p.Value.Maximum = number(k.Min), number(k.Max)
		if k.Required {
			s.Required = append(s.Required, p.Key)
		}
	}
}

func anys(words []string) []any {
	var out []any
	for _, w := range words {
		out = append(out, w)
	}
	return out
}

func number(f *float64) json.Number {
	if f == nil {
		return ""
	}
	return json.Number(strings.TrimSuffix(fmt.Sprintf("%g", *f), ".0"))
}
