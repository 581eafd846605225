package fetcher

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// markup takes what begins with "<".
func (r *repairer) markup() error {
	rest := r.in[r.at:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		r.at += skipTo(rest, "-->")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		r.cdata(rest)
	case bytes.HasPrefix(rest, []byte("<!")):
		r.at += skipDeclaration(rest)
	case bytes.HasPrefix(rest, []byte("<?")):
		r.at += skipTo(rest, "?>")
	case bytes.HasPrefix(rest, []byte("</")):
		r.endTag(rest)
	default:
		return r.startTag(rest)
	}
	return nil
}

const cdataOpen, cdataEnd = "<![CDATA[", "]]>"

func (r *repairer) cdata(rest []byte) {
	rest = rest[len(cdataOpen):]
	i := bytes.Index(rest, []byte(cdataEnd))
	if i < 0 { // breaks off
		r.at = len(r.in)
		return
	}
	content := rest[:i]
	nested := bytes.Contains(content, []byte(cdataOpen[1:])) // "<" is everywhere
	if nested {
		i = r.nestedEnd(rest, i)
		content = bytes.ReplaceAll(rest[:i], []byte(cdataOpen), nil)
		content = bytes.ReplaceAll(content, []byte(cdataEnd), nil)
	}
	content = r.shortened(content)
	r.out = append(r.out, cdataOpen...)
	start := len(r.out)
	if r.clean {
		r.out = append(r.out, content...)
	} else {
		r.out = appendLegal(r.out, content)
	}
	if nested || !r.clean {
		r.replaceEnds(start, cdataEnd[:2]+cdataEnd+cdataOpen+cdataEnd[2:])
	}
	r.out = append(r.out, cdataEnd...)
	r.at += len(cdataOpen) + i + len(cdataEnd)
}

// nestedEnd returns where a section ends that holds others, which XML does not
// know and template engines write; first, where that does not come out even.
func (r *repairer) nestedEnd(rest []byte, first int) int {
	if r.nested++; r.nested > maxNested {
		return first
	}
	window := rest[:min(len(rest), nestedWindow)]
	for i, depth := 0, 1; ; {
		end := bytes.Index(window[i:], []byte(cdataEnd))
		if end < 0 {
			return first
		}
		depth += bytes.Count(window[i:i+end], []byte(cdataOpen)) - 1
		i += end
		if depth == 0 {
			return i
		}
		i += len(cdataEnd)
	}
}

func (r *repairer) endTag(rest []byte) {
	n := nameLength(rest[2:])
	end := bytes.IndexByte(rest, '>')
	if n == 0 || end < 0 {
		r.literal(end)
		return
	}
	r.at += end + 1
	name := string(rest[2 : 2+n])
	for i, open := range slices.Backward(r.open) {
		if open == name || strings.EqualFold(open, name) {
			if i > 0 && i == r.itemOpen && r.inItem && r.recollection != nil && r.namespaces == r.itemNamespaces {
				r.recollection.whole(r.in[r.itemFrom:r.at])
			}
			r.closeTo(i)
			return
		}
	}
}

// closeTo closes elements until n are left open.
func (r *repairer) closeTo(n int) {
	for len(r.open) > n {
		last := len(r.open) - 1
		if r.child.role != noRole && last == r.child.open {
			if r.closeChild() {
				r.open = r.open[:last]
				continue
			}
		}
		r.out = append(r.out, "</"...)
		r.out = append(r.out, r.open[last]...)
		r.out = append(r.out, '>')
		r.open = r.open[:last]
		if last == r.itemOpen && last > 0 {
			r.itemOpen = 0
			if r.items <= r.skip {
				r.out = r.out[:r.itemAt]
			}
		}
	}
	r.children = r.children[:n]
}

// more estimates how many items there are beyond the limit.
func (r *repairer) more() int {
	if r.items < r.skip+maxItems || r.at >= len(r.in) {
		return 0
	}
	rest := r.in[r.at:]
	return bytes.Count(rest, []byte("</item>")) + bytes.Count(rest, []byte("</entry>")) + bytes.Count(rest, []byte("</url>"))
}

// literal takes a "<" that begins no tag. Without a ">" after it the document
// breaks off here.
func (r *repairer) literal(end int) {
	if end < 0 {
		r.at = len(r.in)
		return
	}
	r.out = append(r.out, "&lt;"...)
	r.at++
}

func (r *repairer) startTag(rest []byte) error {
	n := nameLength(rest[1:])
	if n == 0 || n > maxName || !oneColon(rest[1:1+n]) {
		r.literal(0)
		return nil
	}
	name := string(rest[1 : 1+n])
	begins := r.itemOpen == 0 && len(r.open) > 0 && len(r.open) <= 2 && isItem(name)
	if begins {
		r.inItem = r.amongItems()
	}
	if begins && r.recollection != nil && !r.inItem {
		r.recollection.mixed = true
	} else if begins && r.recollection != nil {
		if n := r.recollection.known(rest, len(r.open), len(r.in)); n > 0 {
			r.at += n
			r.items++
			return r.count()
		}
		r.itemFrom, r.itemNamespaces = r.at, r.namespaces
	}
	before := len(r.out)
	if r.child.role != unread {
		r.child.role = noRole // it holds more than text
	}
	r.textKind = textKind{}
	r.out = append(r.out, '<')
	r.out = append(r.out, name...)
	used, closed, ok := r.attributes(rest[1+n:])
	if !ok { // breaks off inside the tag
		r.out = r.out[:before]
		r.at = len(r.in)
		return nil
	}
	r.at += 1 + n + used
	if err := r.count(); err != nil {
		return err
	}
	if closed || isVoid(name) {
		r.out = append(r.out, "/>"...)
		return nil
	}
	r.out = append(r.out, '>')
	if begins {
		r.items++
		r.itemAt, r.itemOpen = before, len(r.open)
	}
	if r.marks && r.child.role == noRole {
		r.child = child{role: r.roleOf(name), open: len(r.open), tagAt: before, textAt: len(r.out)}
	}
	r.open = append(r.open, name)
	r.children = append(r.children, 0)
	if n := len(r.open); r.recollection != nil && (n == 1 || n == 2 && r.amongItems()) {
		r.recollection.around(r.out[before:], n == 1, r.plainTypes)
	}
	if len(r.open) > maxDepth {
		return fmt.Errorf("%w: %w", ErrNotFeed, errTooDeep)
	}
	return nil
}

// count bounds the elements of a document, and of an element: the parser behind
// joins the pieces of text between them one by one. Only the root and an RSS
// channel hold many.
func (r *repairer) count() error {
	r.elements++
	n := len(r.open)
	if n > 0 {
		r.children[n-1]++
	}
	holdsItems := n <= 1 || n == 2 && local(r.open[1]) == "channel" && local(r.open[0]) != "feed"
	if r.elements > maxElements || !holdsItems && r.children[n-1] > maxChildren {
		return fmt.Errorf("%w: %w", ErrNotFeed, errTooMany)
	}
	return nil
}

// amongItems reports whether what is open is what holds a feed's items.
func (r *repairer) amongItems() bool {
	return len(r.open) == 1 || len(r.open) == 2 && r.root != "feed" && strings.EqualFold(local(r.open[1]), "channel")
}

func isItem(name string) bool {
	switch strings.ToLower(local(name)) {
	case "item", "entry", "url", "sitemap":
		return true
	}
	return false
}

// isVoid reports whether a name is an HTML element without content, as stands
// unclosed in descriptions that nobody escaped.
func isVoid(name string) bool {
	switch name {
	case "br", "hr", "img", "wbr", "BR", "HR", "IMG":
		return true
	}
	return false
}

// attributes copies the attributes of a tag, in order, without repetition. It
// returns how many bytes the tag has after its name, and whether it closes
// itself; it is not ok when the text ends first.
func (r *repairer) attributes(rest []byte) (used int, closed, ok bool) {
	var seen [maxAttributes]string
	count := 0
	for i := 0; i < len(rest); {
		switch rest[i] {
		case '>':
			return i + 1, closed, true
		case '/':
			closed = true
			i++
			continue
		case '<': // a tag that was never closed: the next one begins
			return i, closed, true
		}
		n := nameLength(rest[i:])
		if n == 0 {
			i++
			continue
		}
		closed = false
		name := string(rest[i : i+n])
		value, m := attributeValue(rest[i+n:])
		i += n + m
		if i > len(rest) || m < 0 {
			return 0, false, false
		}
		if oneColon([]byte(name)) && len(value) <= maxValue && count < maxAttributes && !slices.Contains(seen[:count], name) && r.admit(name) {
			seen[count] = name
			count++
			switch {
			case name == "xml:base":
				value = directory(value)
			case name == "type" && r.plainTypes:
				value = textType(value)
			}
			r.textKind.read(name, value)
			r.attribute(name, value)
		}
	}
	return 0, false, false
}

// textType stands in for a type of Atom text that would make the parser behind
// read and write the whole text as an HTML document, only to resolve links
// against an xml:base that this document does not have. What comes out is the
// same markup.
func textType(value []byte) []byte {
	switch string(value) {
	case "html":
		return []byte("text")
	case "xhtml":
		return []byte("as-is")
	}
	return value
}

// directory is a base address up to its last "/". The parser behind takes the
// whole of it for a directory, RFC 3986 §5.2.3 only this part.
func directory(base []byte) []byte {
	path := base
	if i := bytes.Index(path, []byte("://")); i >= 0 {
		path = path[i+3:]
	}
	if i := bytes.IndexAny(path, "?#"); i >= 0 {
		base = base[:len(base)-len(path)+i]
		path = path[:i]
	}
	if i := bytes.LastIndexByte(path, '/'); i >= 0 {
		return base[:len(base)-len(path)+i+1]
	}
	return base
}

// admit bounds the namespaces of a document: a parser copies those in scope
// for each element that adds one.
func (r *repairer) admit(name string) bool {
	prefix, isNamespace := strings.CutPrefix(name, "xmlns")
	if !isNamespace {
		return true
	}
	r.namespaces++
	if r.namespaces > maxNamespaces || len(r.prefixes) >= maxPrefixes && !r.prefixes[prefix] {
		return false
	}
	r.prefixes[prefix] = true
	return true
}

// attributeValue reads `="value"` and its careless forms. It returns -1 when
// the text ends inside.
func attributeValue(rest []byte) (value []byte, used int) {
	i := blanks(rest, 0)
	if i >= len(rest) || rest[i] != '=' {
		return nil, 0
	}
	i = blanks(rest, i+1)
	if i >= len(rest) {
		return nil, -1
	}
	if q := rest[i]; q == '"' || q == '\'' {
		end := bytes.IndexByte(rest[i+1:], q)
		if end < 0 {
			return nil, -1
		}
		return rest[i+1 : i+1+end], i + end + 2
	}
	start := i
	for i < len(rest) && rest[i] != '>' && rest[i] != ' ' && rest[i] != '\t' && rest[i] != '\n' && rest[i] != '\r' {
		i++
	}
	return rest[start:i], i
}

func blanks(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

func (r *repairer) attribute(name string, value []byte) {
	r.out = append(r.out, ' ')
	r.out = append(r.out, name...)
	r.out = append(r.out, `="`...)
	for len(value) > 0 {
		i := bytes.IndexAny(value, `<"`)
		if i < 0 {
			r.text(value)
			break
		}
		r.text(value[:i])
		if value[i] == '<' {
			r.out = append(r.out, "&lt;"...)
		} else {
			r.out = append(r.out, "&quot;"...)
		}
		value = value[i+1:]
	}
	r.out = append(r.out, '"')
}
