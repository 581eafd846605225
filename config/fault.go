package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one mistake in a configuration file, with its place and a hint how
// to mend it.
type Fault struct {
	File   string
	Line   int    // from 1; 0 when the fault is of the file as a whole
	Column int    // in characters, from 1
	Path   string // "sources[3].url"; empty at the top
	Msg    string
	Hint   string // what to write instead; may be empty
}

// Error gives the fault as one line: file:line:column: path: message; hint.
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", f.Line, f.Column)
	}
	b.WriteString(": ")
	if f.Path != "" {
		b.WriteString(f.Path + ": ")
	}
	b.WriteString(f.Msg)
	if f.Hint != "" {
		b.WriteString("; " + f.Hint)
	}
	return b.String()
}

// Faults is every fault of a file, in the order of their places.
type Faults []Fault

// Error gives one fault a line.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Sort puts the faults in the order of their places.
func (fs Faults) Sort() {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// maxFaults bounds what a hostile or wholly foreign file can make us say.
const maxFaults = 500

// place is a position in the file, both from 1.
type place struct{ line, column int }

// report collects faults and remembers where each path of the file stands.
type report struct {
	file    string
	faults  Faults
	seen    map[string]bool // one fault is told once, also when an alias repeats it
	at      map[string]place
	excused map[string]bool // paths that a fault already tells why they are missing
}

func newReport(file string) *report {
	return &report{file: file, seen: map[string]bool{}, at: map[string]place{}, excused: map[string]bool{}}
}

// add reports a fault at a place.
func (r *report) add(p place, path, msg, hint string) {
	key := fmt.Sprintf("%d:%d:%s", p.line, p.column, msg)
	if r.seen[key] || r.full() {
		return
	}
	r.seen[key] = true
	r.faults = append(r.faults, Fault{r.file, p.line, p.column, path, msg, hint})
}

// full reports whether looking for more faults has no use.
func (r *report) full() bool { return len(r.faults) >= maxFaults }

// fault reports a fault of the value at a path.
func (r *report) fault(path, msg, hint string) {
	r.add(locate(r.at, path), path, msg, hint)
}

// missing reports that a value lacks all of some keys, unless another fault
// has told why.
func (r *report) missing(path string, keys []string, msg, hint string) {
	if r.excused[path] {
		return
	}
	for _, key := range keys {
		if r.excused[join(path, key)] {
			return
		}
	}
	r.fault(path, msg, hint)
}

// err is everything reported, sorted by place; nil when there is nothing.
func (r *report) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	r.faults.Sort()
	if r.full() {
		last := &r.faults[len(r.faults)-1]
		last.Path, last.Msg, last.Hint = "", "too many faults", "those after it are not shown"
	}
	return r.faults
}

// locate finds the place of a path, or of the nearest value around it.
func locate(at map[string]place, path string) place {
	for {
		if p, ok := at[path]; ok || path == "" {
			return p
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

// Fault makes a fault of the value at a path such as
// "topics[0].relations[1].between[0]". When the path does not stand in the
// file, the fault is placed at the nearest value around it.
func (c *Config) Fault(path, msg, hint string) Fault {
	p := locate(c.at, path)
	return Fault{c.file, p.line, p.column, path, msg, hint}
}
