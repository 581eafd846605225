package htmltree

import "strings"

// maxTag is how long a tag is compared with others, in bytes.
const maxTag = 512

// maxMultiplied is how many elements html.Parse may open again, 150 bytes each.
const maxMultiplied = 1_000_000

// maxRoots is how many tags of html and body html.Parse may read: at each it looks
// through the attributes of all before.
const maxRoots = 16

// multiplies reports whether html.Parse might make far more of a page than it
// holds, or take time by its square. Only a page that Parse finds odd can be one
// of these.
func multiplies(page []byte) bool {
	n, roots := reopened(page)
	return n > maxMultiplied || roots > maxRoots
}

// reopened bounds how many elements html.Parse opens again for a page, which it
// does before each text and element with all formatting that was not closed, but
// of equal elements with three. What only looks like a tag, as in scripts, counts.
// roots are the tags of html and body.
func reopened(page []byte) (n, roots int) {
	s := copied(page)
	seen := map[string]int{}
	active := 1 // of links there is one at a time
	for i := 0; ; i++ {
		j := strings.IndexByte(s[i:], '<')
		if j < 0 {
			break
		}
		i += j
		if i+1 == len(s) || !asciiLetter(s[i+1]) {
			continue
		}
		b := builder{s: s[i:min(len(s), i+maxTag)], at: 1}
		switch e, _ := b.tagName(); e.kind {
		case htmlTag, bodyTag:
			roots++
			continue
		case formatting, nobr:
		default:
			continue
		}
		if b.attributes(false); b.odd != "" {
			active++ // equal to none
			continue
		}
		if key := b.s[:b.at]; seen[key] < 3 {
			seen[key]++
			active++
		}
	}
	return active * (2*strings.Count(s, "<") + 1), roots
}
