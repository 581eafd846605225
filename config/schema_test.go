package config

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestGenerated compares what is generated from the types with the files.
func TestGenerated(t *testing.T) {
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../feeds.schema.json", string(schema))
	golden(t, docFile, fillTables(t, readDoc(t)))
}

// types are all structures that feeds.yaml is read into, by name.
func types() map[string]reflect.Type {
	all := map[string]reflect.Type{}
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if fs := fields(t); len(fs) > 0 && all[t.Name()] == nil {
			all[t.Name()] = t
			for _, f := range fs {
				walk(f.typ)
			}
		}
	}
	walk(reflect.TypeFor[Config]())
	return all
}

// TestKeys holds keys.yaml against the types.
func TestKeys(t *testing.T) {
	docs, err := keyDocs()
	if err != nil {
		t.Fatal(err)
	}
	all := types()
	for name := range docs {
		if all[name] == nil {
			t.Errorf("keys.yaml describes %s, which is no type of feeds.yaml", name)
		}
	}
	for name, typ := range all {
		for k := range docs[name] {
			if !slices.Contains(keys(typ), k) {
				t.Errorf("keys.yaml: %s has no key %q", name, k)
			}
		}
		for _, f := range fields(typ) {
			k, ok := docs[name][f.key]
			if !ok || k.Doc == "" || k.Example == "" {
				t.Errorf("keys.yaml: %s.%s needs a description and an example", name, f.key)
				continue
			}
			if k.Required == (k.Default != "") && !slices.Contains([]string{"url", "page", "sitemap", "list"}, f.key) && name != "Config" {
				t.Errorf("keys.yaml: %s.%s needs a default, or is required", name, f.key)
			}
			example(t, name+"."+f.key, k.Example, f.typ)
		}
	}
}

// example decodes an example into the type of its key.
func example(t *testing.T, name, text string, typ reflect.Type) {
	t.Helper()
	r := newReport(name)
	if root := parseDocument(r, []byte(text)); root != nil {
		decode(r, root, reflect.New(typ).Interface())
	}
	if err := r.err(); err != nil {
		t.Errorf("example: %v", err)
	}
}

// TestKeyDefaults reads the defaults that keys.yaml tells, and finds those of
// a file that says nothing.
func TestKeyDefaults(t *testing.T) {
	docs, err := keyDocs()
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]any{"Server": defaults().Server, "Polling": defaults().Poll, "Keep": defaults().Keep, "Extract": defaults().Extract} {
		v := reflect.ValueOf(got)
		for _, f := range fields(v.Type()) {
			told := docs[name][f.key].Default
			if told == "none" || strings.Contains(told, " and ") {
				if !v.FieldByIndex(f.index).IsZero() {
					t.Errorf("%s.%s: told to have no default", name, f.key)
				}
				continue
			}
			want := reflect.New(f.typ)
			r := newReport(name + "." + f.key)
			text, err := yaml.Marshal(told)
			if err != nil {
				t.Fatal(err)
			}
			if f.typ.Kind() == reflect.Int {
				text = []byte(told)
			}
			decode(r, parseDocument(r, text), want.Interface())
			if err := r.err(); err != nil {
				t.Error(err)
			}
			if !reflect.DeepEqual(want.Elem().Interface(), v.FieldByIndex(f.index).Interface()) {
				t.Errorf("%s.%s is told to be %s, but is %v", name, f.key, told, v.FieldByIndex(f.index))
			}
		}
	}
}

// TestSchemaAgrees holds the schema against the decoder: good files pass it,
// and so do files whose faults a schema cannot see; the others do not.
func TestSchemaAgrees(t *testing.T) {
	data, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	shipped, err := os.ReadFile("../feeds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{shipped, []byte(whole)} {
		for _, fault := range validate(schema, schema, document(t, text), "") {
			t.Error(fault)
		}
	}
	for _, name := range []string{
		"unknown-key", "unknown-key-top", "not-a-list", "text-for-list", "list-for-text", "text-for-mapping",
		"no-name", "no-address", "two-addresses", "page-without-list", "bad-kind", "bad-full-text", "bad-enabled",
		"duration", "numbers", "workers-range", "threshold", "no-relations", "empty-topic", "bad-scheme", "no-scheme", "bad-id",
	} {
		data, err := os.ReadFile("testdata/bad/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if len(validate(schema, schema, document(t, data), "")) == 0 {
			t.Errorf("the schema finds nothing wrong with %s.yaml", name)
		}
	}
}

// document is a YAML text as JSON sees it.
func document(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	var out any
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// validate is the part of JSON Schema that the schema uses.
func validate(root, s map[string]any, v any, path string) []string {
	if ref, ok := s["$ref"].(string); ok {
		def := root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")]
		return validate(root, def.(map[string]any), v, path)
	}
	var faults []string
	fail := func(what string) { faults = append(faults, path+": "+what) }
	if want, ok := s["type"].(string); ok && want != typeName(v) && (want != "number" || typeName(v) != "integer") {
		fail("is " + typeName(v) + ", not " + want)
		return faults
	}
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, v) {
		fail("not one of the words")
	}
	if one, ok := s["oneOf"].([]any); ok {
		n := 0
		for _, o := range one {
			if len(validate(root, o.(map[string]any), v, path)) == 0 {
				n++
			}
		}
		if n != 1 {
			fail("not exactly one of several")
		}
	}
	switch v := v.(type) {
	case string:
		if p, ok := s["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v) {
			fail("does not match " + p)
		}
	case float64:
		if low, ok := s["minimum"].(float64); ok && v < low {
			fail("too small")
		}
		if high, ok := s["maximum"].(float64); ok && v > high {
			fail("too large")
		}
	case []any:
		for _, item := range v {
			if items, ok := s["items"].(map[string]any); ok {
				faults = append(faults, validate(root, items, item, path+"[]")...)
			}
		}
	case map[string]any:
		required, _ := s["required"].([]any)
		for _, r := range required {
			if _, ok := v[r.(string)]; !ok {
				fail("lacks " + r.(string))
			}
		}
		properties, _ := s["properties"].(map[string]any)
		for k, item := range v {
			if p, ok := properties[k].(map[string]any); ok {
				faults = append(faults, validate(root, p, item, join(path, k))...)
				continue
			}
			switch more := s["additionalProperties"].(type) {
			case bool:
				fail("unknown key " + k)
			case map[string]any:
				faults = append(faults, validate(root, more, item, join(path, k))...)
			}
		}
	}
	return faults
}

func typeName(v any) string {
	switch v := v.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if v == float64(int(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "null"
}
