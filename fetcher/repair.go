package fetcher

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a document. They are far above what real feeds hold, and keep the
// work of the parser behind linear.
const (
	maxItems      = 2000
	maxDepth      = 200
	maxAttributes = 50
	maxPrefixes   = 64     // distinct namespace prefixes
	maxNamespaces = 20_000 // declarations of any
	maxName       = 256
	maxProlog     = 64 << 10 // before the root element
	maxReference  = 40       // bytes from "&" to ";"
	maxElements   = 400_000
	maxValue      = 16 << 10 // bytes of an attribute's value
	maxResolved   = 2 << 20  // bytes of a document in which xml:base counts
	maxNested     = 1000     // sections within sections
	nestedWindow  = 64 << 10
	maxChildren   = 2000 // of an element that holds no items
)

var (
	errTooDeep = errors.New("elements are nested too deep")
	errTooMany = errors.New("too many elements")
	errEscapes = errors.New("too many characters to escape")
)

// repaired is a document that an XML parser will take.
type repaired struct {
	text []byte
	root string // local name of the root element, lower case
	cut  bool   // the document breaks off inside an item, which is dropped
	more int    // items beyond the limit, which are not in text
}

// repair makes well-formed XML of what sites send as a feed: it begins at the
// root element whatever stands before it, drops comments, processing
// instructions and document types (and with them every entity declaration),
// resolves HTML's entities, escapes stray "&" and "<", drops characters that
// XML forbids, closes what was left open, drops end tags of nothing, and ends
// a document that breaks off after its last whole item. It is one pass over
// the text, which must be UTF-8.
func repair(text []byte, roots ...string) (repaired, error) {
	return repairFrom(text, 0, roots...)
}

// repairFrom is repair without the first items.
func repairFrom(text []byte, skip int, roots ...string) (repaired, error) {
	start, root, err := findRoot(text, roots)
	if err != nil {
		return repaired{}, err
	}
	r := repairer{in: text, at: start, skip: skip, prefixes: map[string]bool{}}
	r.plainTypes = root == "feed" && (len(text) > maxResolved || !bytes.Contains(text, []byte("xml:base")))
	r.limit = len(text) + len(text)/2 + 64<<10
	r.out = make([]byte, 0, len(text)-start+len(text)/32+64)
	if err := r.run(); err != nil {
		return repaired{}, err
	}
	return repaired{text: r.out, root: root, cut: r.cut, more: r.more()}, nil
}

// findRoot returns where the root element begins.
func findRoot(text []byte, roots []string) (int, string, error) {
	limit := min(len(text), maxProlog)
	for i := 0; i < limit; {
		j := bytes.IndexByte(text[i:limit], '<')
		if j < 0 {
			break
		}
		i += j
		rest := text[i:]
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			i += skipTo(rest, "-->")
			continue
		case bytes.HasPrefix(rest, []byte("<?")):
			i += skipTo(rest, "?>")
			continue
		case bytes.HasPrefix(rest, []byte("<!")):
			if len(rest) > 14 && strings.EqualFold(string(rest[:14]), "<!doctype html") {
				return 0, "", ErrNotFeed
			}
			i += skipDeclaration(rest)
			continue
		}
		name := strings.ToLower(local(string(rest[1 : 1+nameLength(rest[1:])])))
		if name == "html" || name == "head" || name == "body" {
			return 0, "", ErrNotFeed
		}
		for _, root := range roots {
			if name == root {
				return i, root, nil
			}
		}
		i++
	}
	return 0, "", ErrNotFeed
}

// skipTo returns the length of text up to and including end, or all of it.
func skipTo(text []byte, end string) int {
	if i := bytes.Index(text, []byte(end)); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

// skipDeclaration returns the length of "<!…>", with an internal subset.
func skipDeclaration(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"', '\'':
			if depth > 0 {
				if j := bytes.IndexByte(text[i+1:], text[i]); j >= 0 {
					i += j + 1
				}
			}
		case '[':
			depth++
		case ']':
			depth--
		case '>':
			if depth <= 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == ':' || c == '_' || c == '-' || c == '.'
}

// nameLength returns the length of the name at the start of text; 0 if none.
// Names outside ASCII are none: no feed uses them.
func nameLength(text []byte) int {
	if len(text) == 0 || text[0] >= '0' && text[0] <= '9' || text[0] == '-' || text[0] == '.' {
		return 0
	}
	n := 0
	for n < len(text) && n <= maxName && isNameByte(text[n]) {
		n++
	}
	return n
}

// oneColon reports whether a name has a prefix at most.
func oneColon(name []byte) bool { return bytes.Count(name, []byte{':'}) <= 1 }

func local(name string) string {
	return name[strings.LastIndexByte(name, ':')+1:]
}

type repairer struct {
	in    []byte
	at    int
	out   []byte
	limit int // of out: what real documents need escaped is a small part of them

	open     []string // names of the open elements
	children []int    // of each of them
	elements int
	nested   int
	items    int
	skip     int // items that are left out
	itemAt   int // length of out before the item that is open
	itemOpen int // length of open before it; 0 outside of items
	cut      bool

	prefixes   map[string]bool
	namespaces int

	plainTypes bool // see textType
}

func (r *repairer) run() error {
	for r.at < len(r.in) {
		i := bytes.IndexByte(r.in[r.at:], '<')
		if i < 0 {
			r.text(r.in[r.at:])
			break
		}
		r.text(r.shortened(r.in[r.at : r.at+i]))
		r.at += i
		if err := r.markup(); err != nil {
			return err
		}
		if len(r.out) > r.limit {
			return fmt.Errorf("%w: %w", ErrNotFeed, errEscapes)
		}
		if len(r.open) == 0 || r.items > r.skip+maxItems {
			break // what follows the root element, or the last item that counts, is not read
		}
	}
	if len(r.out) > r.limit {
		return fmt.Errorf("%w: %w", ErrNotFeed, errEscapes)
	}
	if r.itemOpen > 0 {
		r.cut = r.items <= r.skip+maxItems
		r.items--
		r.out = r.out[:r.itemAt]
		r.open, r.children = r.open[:r.itemOpen], r.children[:r.itemOpen]
	}
	r.closeTo(0)
	return nil
}

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
	if bytes.Contains(content, []byte(cdataOpen)) {
		i = r.nestedEnd(rest, i)
		content = bytes.ReplaceAll(rest[:i], []byte(cdataOpen), nil)
		content = bytes.ReplaceAll(content, []byte(cdataEnd), nil)
	}
	content = r.shortened(content)
	r.out = append(r.out, cdataOpen...)
	r.out = appendLegal(r.out, content)
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
			r.closeTo(i)
			return
		}
	}
}

// closeTo closes elements until n are left open.
func (r *repairer) closeTo(n int) {
	for len(r.open) > n {
		last := len(r.open) - 1
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
	before := len(r.out)
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
	if isItem(name) && r.itemOpen == 0 && len(r.open) > 0 && len(r.open) <= 2 {
		r.items++
		r.itemAt, r.itemOpen = before, len(r.open)
	}
	r.open = append(r.open, name)
	r.children = append(r.children, 0)
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

// text copies character data.
func (r *repairer) text(s []byte) {
	for len(s) > 0 && len(r.out) <= r.limit {
		i := bytes.IndexByte(s, '&')
		plain := s
		if i >= 0 {
			plain = s[:i]
		}
		if bytes.Contains(plain, []byte("]]>")) {
			plain = bytes.ReplaceAll(plain, []byte("]]>"), []byte("]]&gt;"))
		}
		r.out = appendLegal(r.out, plain)
		if i < 0 {
			return
		}
		n := r.reference(s[i:])
		s = s[i+n:]
	}
}

// shortened cuts what stands in for a date but is none: the parser behind
// tries a hundred layouts on it.
func (r *repairer) shortened(s []byte) []byte {
	if len(s) <= maxDateText || len(r.open) == 0 {
		return s
	}
	switch strings.ToLower(local(r.open[len(r.open)-1])) {
	case "pubdate", "date", "lastbuilddate", "published", "updated", "issued", "modified", "created":
		return bytes.ToValidUTF8(s[:maxDateText], nil)
	}
	return s
}

// reference copies what begins with "&", and returns how much it took.
func (r *repairer) reference(s []byte) int {
	end := bytes.IndexByte(s[:min(len(s), maxReference)], ';')
	if end < 0 || bytes.IndexByte(s[1:end], '&') >= 0 {
		r.out = append(r.out, "&amp;"...)
		return 1
	}
	ref := string(s[:end+1])
	switch ref {
	case "&lt;", "&gt;", "&amp;", "&quot;", "&apos;":
		r.out = append(r.out, ref...)
		return end + 1
	}
	text := html.UnescapeString(ref)
	// "&copy=1;" and "&notanentity;" are not references as a whole.
	if strings.HasSuffix(text, ";") {
		r.out = append(r.out, "&amp;"...)
		return 1
	}
	for _, c := range text {
		switch {
		case c == '<':
			r.out = append(r.out, "&lt;"...)
		case c == '&':
			r.out = append(r.out, "&amp;"...)
		case c == '>':
			r.out = append(r.out, "&gt;"...)
		case legal(c) && (c != utf8.RuneError):
			r.out = utf8.AppendRune(r.out, c)
		}
	}
	return end + 1
}

// legal reports whether XML 1.0 has the character.
func legal(c rune) bool {
	return c >= 0x20 && c < 0xfffe || c == '\t' || c == '\n' || c == '\r' || c > 0xffff
}

// appendLegal copies text without the characters that XML forbids: controls,
// U+FFFE and U+FFFF.
func appendLegal(out, text []byte) []byte {
	start := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		n := 0
		switch {
		case c < 0x20 && c != '\t' && c != '\n' && c != '\r':
			n = 1
		case c == 0xef && i+2 < len(text) && text[i+1] == 0xbf && (text[i+2] == 0xbe || text[i+2] == 0xbf):
			n = 3
		default:
			continue
		}
		out = append(out, text[start:i]...)
		start = i + n
		i += n - 1
	}
	return append(out, text[start:]...)
}
