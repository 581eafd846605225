package newsroom

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed data
var dataFiles embed.FS

// errData marks a fault in the embedded articles.
var errData = errors.New("newsroom data")

// entry is one data file as written.
type entry struct {
	outlet, slug string
	age          time.Duration // before the start; negative for what comes later
	head         map[string]string
	replace      [][2]string
	blocks       []string
}

// ref names the entry as others refer to it.
func (e *entry) ref() string { return e.outlet + "/" + e.slug }

// headerKeys are the keys that a data file may have.
var headerKeys = strings.Fields("title age author section tags summary image facets label trap copy thread why of replace corrects")

// readEntries reads all data files below root.
func readEntries(files fs.FS, root string) ([]*entry, error) {
	var all []*entry
	err := fs.WalkDir(files, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		e, err := parseEntry(string(raw))
		if err != nil {
			return fmt.Errorf("%w: %s: %w", errData, name, err)
		}
		e.outlet = path.Base(path.Dir(name))
		e.slug = strings.TrimSuffix(path.Base(name), ".md")
		all = append(all, e)
		return nil
	})
	return all, err
}

// parseEntry reads one data file.
func parseEntry(raw string) (*entry, error) {
	head, body, ok := strings.Cut(strings.TrimSpace(raw), "\n\n")
	if !ok {
		return nil, errors.New("no empty line after the header")
	}
	e := &entry{head: map[string]string{}}
	for line := range strings.SplitSeq(head, "\n") {
		key, value, ok := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch {
		case !ok || !slices.Contains(headerKeys, key):
			return nil, fmt.Errorf("bad header line %q", line)
		case key == "replace":
			from, to, ok := strings.Cut(value+" ", " => ")
			if !ok {
				return nil, fmt.Errorf("bad replacement %q", value)
			}
			e.replace = append(e.replace, [2]string{strings.TrimSpace(from), strings.TrimSpace(to)})
		case e.head[key] != "":
			return nil, fmt.Errorf("key %q given twice", key)
		default:
			e.head[key] = value
		}
	}
	age, err := parseAge(e.head["age"])
	if err != nil {
		return nil, err
	}
	e.age = age
	for b := range strings.SplitSeq(body, "\n\n") {
		if b = strings.TrimSpace(b); b != "" {
			e.blocks = append(e.blocks, b)
		}
	}
	return e, nil
}

// parseAge reads "2d4h", an age, or "+2m", a delay, which is a negative age.
func parseAge(s string) (time.Duration, error) {
	rest, later := strings.CutPrefix(s, "+")
	days, tail, ok := strings.Cut(rest, "d")
	if !ok {
		days, tail = "0", rest
	}
	if tail == "" {
		tail = "0s"
	}
	n, err := strconv.Atoi(days)
	if err != nil {
		return 0, fmt.Errorf("bad age %q", s)
	}
	d, err := time.ParseDuration(tail)
	if err != nil {
		return 0, fmt.Errorf("bad age %q", s)
	}
	d += time.Duration(n) * 24 * time.Hour
	if later {
		return -d, nil
	}
	return d, nil
}

// resolver turns entries into blocks, following references.
type resolver struct {
	start   time.Time
	entries map[string]*entry
	done    map[string][]block
	open    map[string]bool // being resolved, to find circles
}

// blocks returns the resolved body of the entry named ref.
func (r *resolver) blocks(ref string) ([]block, error) {
	if b, ok := r.done[ref]; ok {
		return b, nil
	}
	e, ok := r.entries[ref]
	if !ok {
		return nil, fmt.Errorf("%w: no article %q", errData, ref)
	}
	if r.open[ref] {
		return nil, fmt.Errorf("%w: %s refers to itself", errData, ref)
	}
	r.open[ref] = true
	defer delete(r.open, ref)
	out, err := r.resolve(e)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errData, ref, err)
	}
	r.done[ref] = out
	return out, nil
}

// resolve makes the blocks of e, taking what it takes from elsewhere.
func (r *resolver) resolve(e *entry) ([]block, error) {
	var out []block
	used := make([]bool, len(e.replace))
	published := func(ref string) time.Time {
		x := e
		if ref != "" {
			x = r.entries[ref]
		}
		if x == nil {
			return time.Time{}
		}
		return r.start.Add(-x.age)
	}
	pairs := make([][2]string, len(e.replace))
	for i, p := range e.replace {
		pairs[i] = [2]string{p[0], fillDates(p[1], published)}
	}
	for _, raw := range e.blocks {
		spec, ok := strings.CutPrefix(raw, "@take ")
		if !ok {
			b, err := parseBlock(fillDates(raw, published))
			if err != nil {
				return nil, err
			}
			out = append(out, b)
			continue
		}
		origin, err := r.blocks(e.head["of"])
		if err != nil {
			return nil, err
		}
		taken, err := take(origin, spec)
		if err != nil {
			return nil, err
		}
		for _, b := range taken {
			out = append(out, b.replaced(pairs, used))
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		return nil, fmt.Errorf("nothing to replace for %q", e.replace[i][0])
	}
	return out, nil
}

// take picks paragraphs by "1-3,5", numbered from 1 among those of the text,
// and with "cut n" makes one paragraph of them that breaks off after n
// characters.
func take(from []block, spec string) ([]block, error) {
	spec, limit, cut := strings.Cut(spec, " cut ")
	text := slices.DeleteFunc(slices.Clone(from), func(b block) bool { return !b.kind.isText() })
	var out []block
	for part := range strings.SplitSeq(spec, ",") {
		first, last, ok := strings.Cut(part, "-")
		if !ok {
			last = first
		}
		a, err1 := strconv.Atoi(first)
		b, err2 := strconv.Atoi(last)
		if err1 != nil || err2 != nil || a < 1 || b < a || b > len(text) {
			return nil, fmt.Errorf("bad selection %q of %d paragraphs", part, len(text))
		}
		out = append(out, text[a-1:b]...)
	}
	if !cut {
		return out, nil
	}
	n, err := strconv.Atoi(limit)
	if err != nil {
		return nil, fmt.Errorf("bad cut %q", limit)
	}
	var all []string
	for _, b := range out {
		all = append(all, b.text())
	}
	whole := strings.Join(all, " ")
	short := shorten(whole, n)
	if short == whole {
		return nil, fmt.Errorf("cut %d leaves all of the %d paragraphs", n, len(out))
	}
	return []block{{kind: paragraph, lines: []string{short + "..."}}}, nil
}
