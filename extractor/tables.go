package extractor

import (
	_ "embed" // the tables
	"strings"
)

//go:embed traits.txt
var traitsFile string

//go:embed phrases.txt
var phrasesFile string

// sections reads a table: lines under heads in brackets, comments after a
// number sign.
func sections(file string) map[string][]string {
	out := map[string][]string{}
	head := ""
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			head = strings.Trim(line, "[]")
		default:
			out[head] = append(out[head], line)
		}
	}
	return out
}

// set makes a set of the lines of a list.
func set(list string) map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(list) {
		if line = strings.TrimSpace(line); line != "" {
			m[line] = true
		}
	}
	return m
}
