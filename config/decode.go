package config

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"vedetta/news"
)

// maxAliased bounds the values that aliases repeat, maxDepth how deep they
// and merge keys nest: "billion laughs" ends there.
const (
	maxAliased = 100_000
	maxDepth   = 32
)

// choices are the words that a type can be.
var choices = map[reflect.Type][]string{
	reflect.TypeFor[news.Kind]():     {string(news.Institution), string(news.Agency), string(news.Outlet), string(news.Aggregator)},
	reflect.TypeFor[news.FullText](): {string(news.FullTextAuto), string(news.FullTextAlways), string(news.FullTextNever)},
}

// forms say how the scalars of package news are written, whose errors know no
// hint.
var forms = map[reflect.Type]struct{ what, hint string }{
	reflect.TypeFor[*news.Date](): {"a date", "write 2025-10-21, 2025-10 or 2025"},
}

// decoder fills a value from a document. Unlike yaml.v3's it tells the place
// of every fault and goes on after it.
type decoder struct {
	*report
	depth   int
	aliases int // aliases being followed
	aliased int // values read through aliases
	gaveUp  bool
}

// decode fills what a pointer points to with what root says, and leaves the
// rest as it is. It reports whether all of the document was read.
func decode(r *report, root *yaml.Node, into any) bool {
	d := &decoder{report: r}
	r.at[""] = place{root.Line, root.Column}
	d.value(root, "", reflect.ValueOf(into).Elem())
	return !d.gaveUp && !d.full()
}

// enter follows an alias and keeps count; the caller leaves when ok.
func (d *decoder) enter(n *yaml.Node, path string) (to *yaml.Node, leave func(), ok bool) {
	isAlias := n.Kind == yaml.AliasNode
	if isAlias {
		d.aliases++
	}
	d.depth++
	leave = func() {
		d.depth--
		if isAlias {
			d.aliases--
		}
	}
	if d.aliases > 0 {
		d.aliased++
	}
	if d.gaveUp || d.full() || d.depth > maxDepth || d.aliased > maxAliased {
		if !d.gaveUp {
			d.gaveUp = true
			msg, hint := "nested too deep", "no key needs so many levels"
			if d.aliases > 0 {
				msg, hint = "aliases that repeat too much", "write out what they stand for"
			}
			d.add(placeOf(n), path, msg, hint)
		}
		leave()
		return nil, nil, false
	}
	if isAlias {
		n = n.Alias
	}
	return n, leave, true
}

// value fills v from a node. Nothing given leaves v as it is.
func (d *decoder) value(n *yaml.Node, path string, v reflect.Value) {
	n, leave, ok := d.enter(n, path)
	if !ok {
		return
	}
	defer leave()
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		if n.Anchor != "" {
			d.wrong(n, path, "an anchor without a value", "put a text that begins with & in quotes")
		}
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if def, ok := reflect.TypeAssert[interface{ setDefaults() }](v.Addr()); ok {
		def.setDefaults()
	}
	if u, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); ok && (n.Kind == yaml.ScalarNode || len(fields(v.Type())) == 0) {
		d.text(n, path, u)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, path, v)
	case reflect.Map:
		d.table(n, path, v)
	case reflect.Slice:
		d.list(n, path, v)
	default:
		d.scalar(n, path, v)
	}
}

// field is a key of a structure.
type field struct {
	key   string
	typ   reflect.Type
	index []int // for reflect.Value.FieldByIndex
}

// fields are the keys of a structure, those of inlined structures among them;
// none for other types.
func fields(t reflect.Type) []field {
	if t.Kind() != reflect.Struct {
		return nil
	}
	var out []field
	for f := range t.Fields() {
		tag, isKey := f.Tag.Lookup("yaml")
		key, opts, _ := strings.Cut(tag, ",")
		switch {
		case !isKey || key == "-":
		case key == "" && opts == "inline":
			for _, in := range fields(f.Type) {
				out = append(out, field{in.key, in.typ, append(slices.Clone(f.Index), in.index...)})
			}
		default:
			out = append(out, field{key, f.Type, f.Index})
		}
	}
	return out
}

func keys(t reflect.Type) []string {
	var names []string
	for _, f := range fields(t) {
		names = append(names, f.key)
	}
	return names
}

// commented is a comment that was likely meant as a value, a selector or a
// tag. Other keys without a value are as good as absent.
var commented = regexp.MustCompile(`^#[A-Za-z]`)

func (d *decoder) structure(n *yaml.Node, path string, v reflect.Value) {
	fs := fields(v.Type())
	for _, e := range d.entries(n, path, fs) {
		if d.full() {
			return
		}
		i := slices.IndexFunc(fs, func(f field) bool { return f.key == e.key })
		if i < 0 {
			meant, hint := unknownKey(e.key, v.Type())
			d.add(placeOf(e.node), path, "unknown key "+quote(e.key), hint)
			if meant != "" {
				d.excused[join(path, meant)] = true
			}
			continue
		}
		p := join(path, e.key)
		d.at[p] = e.place()
		if e.value.ShortTag() == "!!null" && commented.MatchString(e.node.LineComment) {
			d.wrong(e.node, p, "nothing but a comment", "put a value that begins with # in quotes")
			continue
		}
		d.value(e.value, p, v.FieldByIndex(fs[i].index))
	}
}

func (d *decoder) table(n *yaml.Node, path string, v reflect.Value) {
	m := reflect.MakeMap(v.Type())
	for _, e := range d.entries(n, path, nil) {
		p := join(path, e.key)
		d.at[p] = e.place()
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(e.value, p, item)
		m.SetMapIndex(reflect.ValueOf(e.key).Convert(v.Type().Key()), item)
	}
	v.Set(m)
}

func (d *decoder) list(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		hint := "write a list: lines that begin with \"- \""
		if n.Kind == yaml.ScalarNode {
			hint = "write [" + shorten(n.Value) + "]"
		}
		d.wrong(n, path, "expected a list, not "+describe(n), hint)
		return
	}
	items := reflect.MakeSlice(v.Type(), 0, len(n.Content))
	for i, c := range n.Content {
		if d.full() {
			return
		}
		p := fmt.Sprintf("%s[%d]", path, i)
		d.at[p] = placeOf(c)
		item := reflect.New(v.Type().Elem()).Elem()
		if c.Kind == yaml.ScalarNode && c.ShortTag() == "!!null" {
			d.add(placeOf(c), p, "nothing after the dash", "fill it or remove the line")
			d.excused[p] = true
		} else {
			d.value(c, p, item)
		}
		items = reflect.Append(items, item) // also after a fault: the indices stay those of the file
	}
	v.Set(items)
}

func (d *decoder) text(n *yaml.Node, path string, u encoding.TextUnmarshaler) {
	if !d.isText(n, path) {
		return
	}
	if err := u.UnmarshalText([]byte(n.Value)); err != nil {
		msg, hint := explain(err)
		if f, ok := forms[reflect.TypeOf(u)]; ok {
			msg, hint = "not "+f.what+": "+quote(n.Value), f.hint
		}
		d.wrong(n, path, msg, hint)
	}
}

// wrong reports a value that cannot be read.
func (d *decoder) wrong(n *yaml.Node, path, msg, hint string) {
	d.add(placeOf(n), path, msg, hint)
	d.excused[path] = true
}

// isText reports whether the node is a scalar, and a fault if it is not.
func (d *decoder) isText(n *yaml.Node, path string) bool {
	if n.Kind != yaml.ScalarNode {
		d.wrong(n, path, "expected text, not "+describe(n), "write one value after the colon")
		return false
	}
	if n.Style&yaml.TaggedStyle != 0 {
		d.wrong(n, path, "tag "+quote(n.Tag), "tags have no use here; remove it")
		return false
	}
	return true
}

func (d *decoder) scalar(n *yaml.Node, path string, v reflect.Value) {
	if !d.isText(n, path) {
		return
	}
	wrong := func(what, hint string) {
		d.wrong(n, path, "expected "+what+", not "+quote(n.Value), hint)
	}
	switch v.Kind() {
	case reflect.String:
		if words := choices[v.Type()]; words != nil && !slices.Contains(words, n.Value) {
			d.wrong(n, path, "unknown "+last(path)+" "+quote(n.Value), choiceHint(n.Value, words))
			return
		}
		v.SetString(n.Value)
	case reflect.Bool:
		if n.ShortTag() != "!!bool" || n.Value != "true" && n.Value != "false" {
			wrong("true or false", "write true or false")
			return
		}
		v.SetBool(n.Value == "true")
	case reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if err != nil {
			wrong("a whole number", "write digits only")
			return
		}
		v.SetInt(int64(i))
	case reflect.Float64:
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			hint := "write 0.5"
			if strings.Contains(n.Value, ",") {
				hint = "write " + strings.Replace(n.Value, ",", ".", 1)
			}
			wrong("a number", hint)
			return
		}
		v.SetFloat(f)
	default: // unreachable: a test decodes a file with every key of the types
		panic("config: cannot decode " + v.Type().String())
	}
}

// entry is a key of a mapping and its value.
type entry struct {
	key         string
	node, value *yaml.Node
}

// place is where faults of the value are shown: at a scalar itself, at the key
// of a collection.
func (e entry) place() place {
	if e.value.Kind == yaml.ScalarNode || e.value.Kind == yaml.AliasNode {
		return placeOf(e.value)
	}
	return placeOf(e.node)
}

// entries are the keys of a mapping in order, merged ones last.
func (d *decoder) entries(n *yaml.Node, path string, fs []field) []entry {
	if n.Kind != yaml.MappingNode {
		hint := "write \"key: value\""
		if path == "" {
			hint = "start with a line \"sources:\""
		} else if len(fs) > 0 {
			hint = "write \"" + fs[0].key + ": …\""
		}
		d.wrong(n, path, "expected keys and values, not "+describe(n), hint)
		return nil
	}
	var out []entry
	var merged []*yaml.Node
	lines := map[string]int{} // of each key
	for i := 0; i+1 < len(n.Content) && !d.full(); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind == yaml.ScalarNode && k.ShortTag() == "!!merge" {
			merged = append(merged, v)
			continue
		}
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		if k.Kind != yaml.ScalarNode || k.Style&yaml.TaggedStyle != 0 {
			d.add(placeOf(n.Content[i]), path, "a key that is not plain text", "write a word before the colon")
			continue
		}
		if k.Value == "" {
			d.add(placeOf(n.Content[i]), path, "an empty key", "write a word before the colon")
			continue
		}
		if line, twice := lines[k.Value]; twice {
			d.add(placeOf(n.Content[i]), path, "duplicate key "+quote(k.Value), fmt.Sprintf("the first is on line %d", line))
			continue
		}
		lines[k.Value] = n.Content[i].Line
		out = append(out, entry{k.Value, n.Content[i], v})
	}
	for _, m := range merged {
		for _, e := range d.merge(m, path) {
			if _, own := lines[e.key]; !own {
				lines[e.key] = e.node.Line
				out = append(out, e)
			}
		}
	}
	return out
}

// merge are the entries that a merge key "<<" brings: those of one mapping, or
// of each of a list.
func (d *decoder) merge(n *yaml.Node, path string) []entry {
	n, leave, ok := d.enter(n, path)
	if !ok {
		return nil
	}
	defer leave()
	switch n.Kind {
	case yaml.MappingNode:
		// Merged values count as aliased, or chains of merges could grow without bound.
		d.aliased += len(n.Content)
		return d.entries(n, path, nil)
	case yaml.SequenceNode:
		var out []entry
		for _, c := range n.Content {
			out = append(out, d.merge(c, path)...)
		}
		return out
	}
	d.add(placeOf(n), path, "\"<<\" needs keys and values, not "+describe(n), "write \"<<: *anchor\"")
	return nil
}

func placeOf(n *yaml.Node) place { return place{n.Line, n.Column} }

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// last is the last key of a path.
func last(path string) string {
	return path[strings.LastIndexByte(path, '.')+1:]
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "keys and values"
	}
	return quote(n.Value)
}
