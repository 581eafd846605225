package config

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"vedetta/news"
)

// maxPlaces bounds how many places in a file are tried.
const maxPlaces = 40

// page is a text and where its lines begin, counted as YAML does.
type page struct {
	text   []byte
	starts []int
}

func newPage(text []byte) page {
	p := page{text: text, starts: []int{0}}
	for i := 0; i < len(text); {
		n := breakAt(text[i:])
		if n == 0 {
			i++
			continue
		}
		i += n
		p.starts = append(p.starts, i)
	}
	return p
}

// breakAt is the length of the line break that a text begins with, or 0.
func breakAt(text []byte) int {
	for _, b := range []string{"\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.HasPrefix(text, []byte(b)) {
			return len(b)
		}
	}
	return 0
}

// breaks is the number of line breaks.
func (p page) breaks() int { return len(p.starts) - 1 }

// lines is the number of lines; nothing after the last break is none.
func (p page) lines() int {
	if p.starts[len(p.starts)-1] == len(p.text) {
		return len(p.starts) - 1
	}
	return len(p.starts)
}

// end is the offset after a line, its break included; lines count from 1.
func (p page) end(line int) int {
	if line < len(p.starts) {
		return p.starts[line]
	}
	return len(p.text)
}

// line is the text of a line without its break.
func (p page) line(n int) string {
	if n < 1 || n > len(p.starts) {
		return ""
	}
	return strings.TrimRight(string(p.text[p.starts[n-1]:p.end(n)]), "\r\n\u0085\u2028\u2029")
}

// eol is the line break that is used at a line, "\n" where there is none.
func (p page) eol(line int) string {
	for n := min(line, len(p.starts)); n >= 1; n-- {
		if strings.HasSuffix(string(p.text[:p.end(n)]), "\r\n") {
			return "\r\n"
		}
		if strings.HasSuffix(string(p.text[:p.end(n)]), "\n") {
			return "\n"
		}
	}
	if bytes.Contains(p.text, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// offset is where a node begins. YAML counts columns in characters.
func (p page) offset(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(p.starts) {
		return len(p.text)
	}
	i := p.starts[n.Line-1]
	for c := 1; c < n.Column && i < len(p.text); c++ {
		_, size := utf8.DecodeRune(p.text[i:])
		i += size
	}
	return i
}

func (p page) oneLine(from, to int) bool { return !bytes.ContainsAny(p.text[from:to], "\r\n") }

// indent is the number of blanks before the text of a line; -1 for a line
// without text.
func indent(line string) int {
	rest := strings.TrimLeft(line, " ")
	if strings.TrimSpace(rest) == "" {
		return -1
	}
	return len(line) - len(rest)
}

func isComment(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "#") }

// insertAfter makes a change of whole lines after a line; 0 is the beginning.
func (p page) insertAfter(line int, lines []string, blankBefore, blankAfter bool) change {
	eol := p.eol(max(line, 1))
	at := 0
	if line > 0 {
		at = p.end(line)
	}
	shown := strings.Join(lines, eol)
	c := change{shown: strings.ReplaceAll(shown, "\r\n", "\n")}
	text := shown + eol
	if blankAfter {
		text += eol
	}
	if blankBefore {
		text, c.skip = eol+text, c.skip+1
	}
	if at > 0 && p.line(len(p.starts)) != "" && at == len(p.text) {
		text, c.skip = eol+text, c.skip+1 // the last line has no break
	}
	c.edits = []edit{{at, at, text}}
	return c
}

// afterLast adds after the last item of a block list. next is the line of the
// key that follows.
func (p page) afterLast(list *yaml.Node, next int, s news.Source, yield func(change) bool) {
	last := list.Content[len(list.Content)-1]
	dash, ok := p.dash(list)
	if !ok {
		return
	}
	margin := strings.Repeat(" ", dash)
	lines := blockLines(s, margin, p.gap(last, dash))
	if last.Kind == yaml.MappingNode && last.Style&yaml.FlowStyle != 0 {
		lines = []string{margin + "- " + flowItem(s)}
	}
	content := lastLine(last)
	for n := content + 1; n < next && !endsDocument(p.line(n)); n++ {
		if in := indent(p.line(n)); in > dash && !isComment(p.line(n)) {
			content = n // of a text or a bracket that goes on
		}
	}
	spaced := p.spaced(list)
	tried := map[int]bool{}
	try := func(line int) bool {
		if tried[line] || len(tried) > maxPlaces {
			return true
		}
		tried[line] = true
		return yield(p.insertAfter(line, lines, spaced, false))
	}
	if !try(p.withComments(content, dash)) {
		return
	}
	for n := content; n < min(next, p.lines()+1); n++ {
		if !try(n) {
			return
		}
	}
}

// dash is the indentation of a block list's dashes.
func (p page) dash(list *yaml.Node) (int, bool) {
	if at := p.offset(list); at < len(p.text) && p.text[at] == '-' {
		return list.Column - 1, true
	}
	// The place of a list with an anchor is the anchor's.
	item := list.Content[0]
	line := p.line(item.Line)
	if in := indent(line); in >= 0 && line[in] == '-' {
		return in, true
	}
	return 0, false
}

// gap is how far the keys of an item stand from its dash.
func (p page) gap(item *yaml.Node, dash int) int {
	line := p.line(item.Line)
	if item.Kind == yaml.MappingNode && indent(line) == dash && line[dash] == '-' && item.Column-1 > dash {
		return item.Column - 1 - dash
	}
	return 2
}

// lastLine is the last line on which something of a node begins.
func lastLine(n *yaml.Node) int {
	line := n.Line
	for _, c := range n.Content {
		line = max(line, lastLine(c))
	}
	return line
}

// spaced reports whether an empty line stands before the last item.
func (p page) spaced(list *yaml.Node) bool {
	if len(list.Content) < 2 {
		return false
	}
	n := list.Content[len(list.Content)-1].Line - 1
	for n > 0 && isComment(p.line(n)) {
		n--
	}
	return n > 0 && indent(p.line(n)) < 0
}

// withComments is the last of the comment lines that follow a list's last
// line without an empty line between. At the margin of the file, comments
// that touch the next key belong to that.
func (p page) withComments(line, dash int) int {
	n := line
	for n < p.lines() && isComment(p.line(n+1)) && indent(p.line(n+1)) >= dash && (dash > 0 || indent(p.line(n+1)) > 0) {
		n++
	}
	if dash > 0 || n > line {
		return n
	}
	for n < p.lines() && isComment(p.line(n+1)) {
		n++
	}
	if n < p.lines() && indent(p.line(n+1)) >= 0 {
		return line
	}
	return n
}

func endsDocument(line string) bool {
	return strings.HasPrefix(line, "...") || strings.HasPrefix(line, "---")
}

// replaceNothing writes the first item in the place of an empty value of so
// many bytes.
func (p page) replaceNothing(key, value *yaml.Node, size int, s news.Source, yield func(change) bool) {
	lines := blockLines(s, strings.Repeat(" ", key.Column+1), 2)
	c := p.insertAfter(key.Line, lines, false, false)
	if size > 0 {
		from := p.offset(value)
		to := min(from+size, len(p.text))
		for from > 0 && p.text[from-1] == ' ' {
			from--
		}
		if from > c.edits[0].at {
			return
		}
		if c.edits[0].at > p.starts[key.Line-1] && breakAt([]byte(c.edits[0].text)) == 0 {
			c.skip++ // the added lines begin on the line after the value
		}
		c.edits = append([]edit{{from, to, ""}}, c.edits...)
	}
	yield(c)
}

// newList adds the list itself, before the topics or at the end.
func (p page) newList(root *yaml.Node, s news.Source, yield func(change) bool) {
	if root.Style&yaml.FlowStyle != 0 {
		p.intoBrackets(p.offset(root), root.Content, "sources: ["+flowItem(s)+"]", yield)
		return
	}
	margin := strings.Repeat(" ", max(root.Column-1, 0))
	lines := append([]string{margin + "sources:"}, blockLines(s, margin+"  ", 2)...)
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != "topics" {
			continue
		}
		line := root.Content[i].Line - 1
		for line > 0 && isComment(p.line(line)) {
			line--
		}
		if line == 0 { // what the file begins with is about the file
			line = root.Content[i].Line - 1
		}
		if !yield(p.insertAfter(line, lines, false, true)) {
			return
		}
	}
	end := p.lines()
	for end > 1 && indent(p.line(end)) < 0 {
		end--
	}
	if !yield(p.insertAfter(end, lines, true, false)) {
		return
	}
	for n := end - 1; n > max(0, end-maxPlaces); n-- { // before what ends the document
		if !yield(p.insertAfter(n, lines, false, false)) {
			return
		}
	}
}
