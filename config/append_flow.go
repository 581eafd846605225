package config

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// intoBrackets adds an item to a list or mapping in brackets.
func (p page) intoBrackets(open int, items []*yaml.Node, item string, yield func(change) bool) {
	closing, last, ok := p.closing(open)
	if !ok {
		return
	}
	shown := change{shown: item}
	if len(items) == 0 || last == open {
		shown.edits = []edit{{open + 1, open + 1, item}}
		yield(shown)
		return
	}
	comma, after := ",", ""
	if p.text[last] == ',' {
		comma, after = "", ","
	}
	first := items[len(items)-1]
	if len(items) > 1 && p.text[open] == '{' {
		first = items[len(items)-2] // the key
	}
	line := p.line(first.Line)
	if in := indent(line); in >= 0 && p.offset(first) == p.starts[first.Line-1]+in {
		at := p.lineAfter(last)
		if at <= closing { // each item on a line of its own
			eol := p.eol(first.Line)
			added := strings.Repeat(" ", in) + item + after
			shown.shown = added
			shown.skip = newPage(p.text[last+1 : at]).breaks()
			shown.edits = []edit{{last + 1, last + 1, comma}, {at, at, added + eol}}
			if !yield(shown) {
				return
			}
			shown.skip = 0
		}
	}
	shown.shown = item
	shown.edits = []edit{{last + 1, last + 1, comma + " " + item + after}}
	yield(shown)
}

// lineAfter is the beginning of the line after an offset.
func (p page) lineAfter(at int) int {
	for _, start := range p.starts {
		if start > at {
			return start
		}
	}
	return len(p.text)
}

// closing finds the bracket that closes the one at open, and the last byte
// before it that is neither blank nor comment.
func (p page) closing(open int) (at, last int, ok bool) {
	depth, fresh := 0, true // fresh: a quote here begins a text
	for i := open; i < len(p.text); i++ {
		c := p.text[i]
		switch {
		case c == '#' && i > open && strings.ContainsRune(" \t\r\n", rune(p.text[i-1])):
			for i < len(p.text) && p.text[i] != '\n' && p.text[i] != '\r' {
				i++
			}
			i--
			continue
		case strings.ContainsRune(" \t\r\n", rune(c)):
			continue
		case (c == '"' || c == '\'') && fresh:
			i = p.unquoted(i)
			fresh = false
		case c == '[' || c == '{':
			depth++
			fresh = true
		case c == ']' || c == '}':
			if depth--; depth == 0 {
				return i, last, true
			}
			fresh = false
		default:
			fresh = c == ',' || c == ':'
		}
		last = min(i, len(p.text)-1)
	}
	return 0, 0, false
}

// unquoted is the offset of the quote that closes the one at open.
func (p page) unquoted(open int) int {
	quote := p.text[open]
	for i := open + 1; i < len(p.text); i++ {
		switch {
		case quote == '"' && p.text[i] == '\\':
			i++
		case p.text[i] != quote:
		case quote == '\'' && i+1 < len(p.text) && p.text[i+1] == '\'':
			i++
		default:
			return i
		}
	}
	return len(p.text) - 1
}
