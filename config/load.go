package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxSize bounds the file: some hundred thousand sources.
const maxSize = 16 << 20

// Load reads a configuration file. Its mistakes are returned as Faults.
func Load(path string) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a configuration; name is what faults call the file. Its mistakes
// are returned as Faults.
func Parse(name string, data []byte) (*Config, error) {
	r := newReport(name)
	c := defaults()
	c.file, c.at = name, r.at
	if root := parseDocument(r, data); root != nil {
		if decode(r, root, c) {
			check(r, c)
		}
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// parseDocument returns the root of the file's only document, or nil after
// reporting why there is none.
func parseDocument(r *report, data []byte) *yaml.Node {
	if !plainText(r, data) {
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	err := dec.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		r.add(place{1, 1}, "", "the file is empty", "start with a line \"sources:\"")
		return nil
	case err != nil:
		syntaxFault(r, data, err)
		return nil
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		r.add(place{second.Line, second.Column}, "", "second document in the file", "leave out the line \"---\"; a file is one document")
	case !errors.Is(err, io.EOF):
		syntaxFault(r, data, err)
		return nil
	}
	if len(doc.Content) == 0 || doc.Content[0].ShortTag() == "!!null" {
		r.add(place{1, 1}, "", "the file is empty", "start with a line \"sources:\"")
		return nil
	}
	return doc.Content[0]
}

// plainText reports what keeps the bytes from being YAML text at all, and
// what people trip over most often: tabs.
func plainText(r *report, data []byte) bool {
	if len(data) > maxSize {
		r.add(place{}, "", fmt.Sprintf("the file is larger than %d MB", maxSize>>20), "is it a feeds.yaml?")
		return false
	}
	if bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF")) {
		r.add(place{1, 1}, "", "the file is UTF-16", "save it as UTF-8")
		return false
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	at, indent := place{1, 1}, true
	for i := 0; i < len(data); {
		c, n := utf8.DecodeRune(data[i:])
		switch {
		case c == utf8.RuneError && n == 1:
			r.add(at, "", fmt.Sprintf("byte 0x%02X is not UTF-8", data[i]), "save the file as UTF-8")
			return false
		case c == '\t' && indent && !blank(data[i:]):
			r.add(at, "", "tab before the text of the line", "indent with spaces")
			return false
		case c == '\u00A0' && indent && !blank(data[i:]):
			r.add(at, "", "no-break space before the text of the line", "indent with ordinary spaces")
			return false
		case c < ' ' && c != '\t' && c != '\n' && c != '\r', c == 0x7F:
			r.add(at, "", fmt.Sprintf("control character U+%04X", c), "remove it")
			return false
		}
		at.column++
		if c == '\n' {
			at = place{at.line + 1, 1}
		}
		indent = c == '\n' || indent && (c == ' ' || c == '\t')
		i += n
	}
	return true
}

// blank reports whether the rest of the line has nothing in it.
func blank(rest []byte) bool {
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	return len(bytes.TrimSpace(line)) == 0
}

var (
	syntaxLine    = regexp.MustCompile(`^yaml: line ([0-9]+): (.*)$`)
	reserved      = regexp.MustCompile("(?:^|[:,\\[{-]) *([@%`])") // no value can begin so
	anchored      = regexp.MustCompile(`(?:^|[:,\[{-]) *([*&])`)
	quoted        = regexp.MustCompile(`(?:^|[:,\[{-]) *(["'])`)
	unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
)

// syntaxFault reports what the YAML parser says, at the line where it is.
func syntaxFault(r *report, data []byte, err error) {
	msg, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if m := syntaxLine.FindStringSubmatch(err.Error()); m != nil {
		msg = m[2]
		line, _ = strconv.Atoi(m[1]) // digits only
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	if m := unknownAnchor.FindStringSubmatch(msg); m != nil {
		r.add(find(lines, "*"+m[1]), "", "unknown anchor "+quote(m[1]), "define it before with &"+m[1])
		return
	}
	if strings.HasPrefix(msg, "did not find expected") {
		// The parser names the line where the collection began.
		line = firstFailure(lines, err.Error())
	}
	line = min(max(line, 1), len(lines))
	for line > 1 && len(bytes.TrimSpace(lines[line-1])) == 0 {
		line-- // noticed at the end of the file
	}
	text := string(lines[line-1])
	column := len(text) - len(strings.TrimLeft(text, " \t")) + 1
	hint := ""
	after := func(value *regexp.Regexp) {
		if m := value.FindStringSubmatchIndex(text); m != nil {
			column = utf8.RuneCountInString(text[:m[2]]) + 1
		}
	}
	switch {
	case strings.HasPrefix(msg, "mapping values are not allowed"):
		msg, hint = "a colon where none can be", "look at the indentation and at blanks missing after \"-\" or \":\"; a text with \": \" needs quotes"
		if i := strings.Index(text, ": "); i >= 0 {
			if j := strings.Index(text[i+2:], ": "); j >= 0 {
				column = utf8.RuneCountInString(text[:i+2+j]) + 1
			}
		}
	case strings.HasPrefix(msg, "found character that cannot start any token"):
		msg, hint = "a character that no text can begin with", "put the text in quotes"
		after(reserved)
	case strings.HasPrefix(msg, "could not find expected ':'"):
		msg, hint = "a key without a colon", "write \"key: value\""
	case strings.HasPrefix(msg, "found unexpected end of stream"):
		msg, hint = "a quote that is not closed", "close it on this line"
		after(quoted)
	case strings.HasPrefix(msg, "did not find expected key"), strings.HasPrefix(msg, "did not find expected '-'"):
		msg, hint = "a line that does not fit the ones before it", "look at its indentation and the quotes before it"
	case strings.HasPrefix(msg, "did not find expected <document start>"):
		msg, hint = "text after the end of what came before", "look at its indentation"
	case strings.HasPrefix(msg, "exceeded max depth"):
		msg, hint = "nested too deep", "is a bracket not closed?"
	case strings.HasPrefix(msg, "did not find expected alphabetic"):
		msg, hint = "a value that begins with * or &", "put it in quotes"
		after(anchored)
	case strings.HasPrefix(msg, "found unknown escape character"):
		msg, hint = "a backslash that means nothing in double quotes", "use single quotes"
		after(quoted)
	case strings.HasPrefix(msg, "did not find expected node content"):
		msg, hint = "a value that ends or begins wrongly", "look for a bracket not closed, a comma too much or a \"#\"; put the text in quotes"
	case strings.HasPrefix(msg, "did not find expected ',' or"):
		msg, hint = "a bracket that is not closed, or a comma missing", "close it, or put the text in quotes"
	}
	r.add(place{line, column}, "", msg, hint)
}

// firstFailure is the number of lines that are needed to make the parser say
// msg: the last of them is at fault.
func firstFailure(lines [][]byte, msg string) int {
	n := sort.Search(len(lines), func(i int) bool {
		var doc yaml.Node
		err := yaml.Unmarshal(bytes.Join(lines[:i+1], nil), &doc)
		return err != nil && err.Error() == msg
	})
	return n + 1
}

// find is the place of the first occurrence of a text.
func find(lines [][]byte, text string) place {
	for i, line := range lines {
		if before, _, ok := bytes.Cut(line, []byte(text)); ok {
			return place{i + 1, utf8.RuneCount(before) + 1}
		}
	}
	return place{1, 1}
}
