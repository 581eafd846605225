package fetcher

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
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

	usualPart = 6       // a document is about so many times what the parser gets of it
	usualRest = 4 << 10 // bytes that it gets where items are known
)

var (
	errTooDeep = errors.New("elements are nested too deep")
	errTooMany = errors.New("too many elements")
	errEscapes = errors.New("too many characters to escape")
	errMark    = errors.New("a character that marks use")
)

// repaired is a document that an XML parser will take.
type repaired struct {
	text  []byte
	root  string // local name of the root element, lower case
	cut   bool   // the document breaks off; an item that it breaks off in is dropped
	more  int    // items beyond the limit, which are not in text
	texts texts  // that marks stand for

	nested bool // it holds sections within sections
}

// repair makes well-formed XML of what sites send as a feed: it begins at the
// root element whatever stands before it, drops comments, processing
// instructions and document types (and with them every entity declaration),
// resolves HTML's entities, escapes stray "&" and "<", drops characters that
// XML forbids, closes what was left open, drops end tags of nothing, and ends
// a document that breaks off after its last whole item. It is one pass over
// the text, which must be UTF-8.
func repair(text []byte, roots ...string) (repaired, error) {
	return repairing{}.repair(text, roots...)
}

// repairing is how a document is repaired.
type repairing struct {
	skip  int  // items that are left out at its beginning
	marks bool // long texts pass the parser by

	recollection *recollection // nil for none; items that it knows are left out
}

func (how repairing) repair(text []byte, roots ...string) (repaired, error) {
	start, root, err := findRoot(text, roots)
	if err != nil {
		return repaired{}, err
	}
	r := repairer{in: text, at: start, root: root, repairing: how, prefixes: map[string]bool{}}
	r.plainTypes = root == "feed" && (len(text) > maxResolved || !bytes.Contains(text, []byte("xml:base")))
	r.clean = isLegal(text)
	r.limit = len(text) + len(text)/2 + 64<<10
	r.marks = how.marks && !bytes.Contains(text, []byte(markSign))
	size := len(text) - start + len(text)/32 + 64
	if r.marks {
		size /= usualPart
	}
	if c := how.recollection; c != nil && c.before != nil {
		size = min(size, usualRest)
	}
	r.out = make([]byte, 0, size)
	if err := r.run(); errors.Is(err, errMark) {
		how.marks = false
		if c := how.recollection; c != nil {
			c.restart(c.before)
		}
		return how.repair(text, roots...)
	} else if err != nil {
		return repaired{}, err
	}
	return repaired{text: r.out, root: root, cut: r.cut, more: r.more(), texts: r.texts, nested: r.nested > 0}, nil
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
	repairing
	in    []byte
	at    int
	root  string
	out   []byte
	limit int // of out: what real documents need escaped is a small part of them

	open           []string // names of the open elements
	children       []int    // of each of them
	elements       int
	nested         int
	items          int
	itemNamespaces int  // declared before the item that is open
	itemFrom       int  // where in in the item that is open begins
	itemAt         int  // length of out before the item that is open
	itemOpen       int  // length of open before it; 0 outside of items
	inItem         bool // it stands among the items of the feed
	cut            bool

	prefixes   map[string]bool
	namespaces int

	plainTypes bool // see textType
	clean      bool // in holds no character that XML forbids

	texts    texts // that marks stand for
	forged   bool  // a reference made the sign of marks
	passed   int   // bytes of out that were taken out of it again
	child    child // that is open
	textKind textKind
}

func (r *repairer) run() error {
	for r.at < len(r.in) {
		i := bytes.IndexByte(r.in[r.at:], '<')
		if i < 0 {
			r.text(r.in[r.at:])
			break
		}
		if text := r.in[r.at : r.at+i]; !r.marks || !r.blank(text) {
			r.text(r.shortened(text))
		}
		r.at += i
		if err := r.markup(); err != nil {
			return err
		}
		if len(r.out)+r.passed > r.limit {
			return fmt.Errorf("%w: %w", ErrNotFeed, errEscapes)
		}
		if len(r.open) == 0 || r.items > r.skip+maxItems {
			break // what follows the root element, or the last item that counts, is not read
		}
	}
	if len(r.out)+r.passed > r.limit {
		return fmt.Errorf("%w: %w", ErrNotFeed, errEscapes)
	}
	r.cut = len(r.open) > 0 && r.items <= r.skip+maxItems
	if r.forged {
		return errMark
	}
	if r.itemOpen > 0 {
		r.items--
		r.out, r.child = r.out[:r.itemAt], child{}
		r.open, r.children = r.open[:r.itemOpen], r.children[:r.itemOpen]
	}
	r.closeTo(0)
	return nil
}
