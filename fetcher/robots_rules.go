package fetcher

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// robotsName is our product token (RFC 9309 §2.2.1).
const robotsName = "vedetta"

// robotsRule is a line of a robots.txt that allows or forbids what a pattern
// matches.
type robotsRule struct {
	pattern string
	allow   bool
}

// parseRobots reads the rules that are for us (RFC 9309): those of all groups
// that name us, else those of all groups for everybody; and their Crawl-delay.
// What is not understood is passed over.
func parseRobots(body []byte) (rules []robotsRule, delay time.Duration) {
	var ours, everybodys robotsGroup
	var named, in []*robotsGroup // by the current group's agents; where its rules go
	naming := false              // the line before named an agent too
	text := bytes.ReplaceAll(toUTF8(body, ""), []byte{'\r'}, []byte{'\n'})
	for line := range bytes.Lines(text) {
		said, _, _ := strings.Cut(string(line), "#")
		name, value, found := strings.Cut(said, ":")
		if !found {
			continue
		}
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch name {
		case "user-agent", "useragent":
			if !naming {
				named, naming = nil, true
			}
			switch token := productToken(value); {
			case strings.EqualFold(token, robotsName):
				named = append(named, &ours)
				ours.there = true
			case token == "*":
				named = append(named, &everybodys)
			}
			in = named
		case "allow", "disallow":
			naming = false
			for _, g := range in {
				g.add(value, name == "allow")
			}
		case "crawl-delay":
			if d, err := time.ParseDuration(value + "s"); err == nil && d > 0 {
				for _, g := range in {
					g.delay = max(g.delay, d)
				}
			}
		}
	}
	if ours.there {
		return ours.rules, ours.delay
	}
	return everybodys.rules, everybodys.delay
}

// robotsGroup is what is said to one agent, in however many groups.
type robotsGroup struct {
	there bool
	rules []robotsRule
	delay time.Duration
}

func (g *robotsGroup) add(path string, allow bool) {
	if path == "" {
		return // says nothing
	}
	if path[0] != '/' && path[0] != '*' {
		path = "/" + path
	}
	g.rules = append(g.rules, robotsRule{percentEncoded(path, "*$"), allow})
}

// productToken is the name in a User-agent line, without what some add to it
// ("Vedetta/1.0").
func productToken(value string) string {
	if strings.HasPrefix(value, "*") {
		return "*"
	}
	end := strings.IndexFunc(value, func(r rune) bool {
		return r != '-' && r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if end < 0 {
		return value
	}
	return value[:end]
}

// permits reports whether rules let us ask for a path with its query: the rule
// with the longest pattern decides, of equals the one that allows.
func permits(rules []robotsRule, path string) bool {
	path = percentEncoded(path, "")
	longest, allowed := -1, true
	for _, r := range rules {
		n := len(r.pattern)
		if n < longest || n == longest && !r.allow || !robotsMatch(r.pattern, path) {
			continue
		}
		longest, allowed = n, r.allow
	}
	return allowed
}

// robotsMatch reports whether a path begins with a pattern, in which "*" is
// any text and "$" at its end the end of the path.
func robotsMatch(pattern, path string) bool {
	pattern, anchored := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(path, parts[0])
	if !ok {
		return false
	}
	for i, part := range parts[1:] {
		if anchored && i == len(parts)-2 {
			return strings.HasSuffix(rest, part)
		}
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return !anchored || rest == ""
}

// percentEncoded writes a path in the one form in which paths can be compared
// (RFC 9309 §2.2.2): letters, digits and "-._~" as they are, what is not
// ASCII, and "*" and "$" unless they are plain, as %XX.
func percentEncoded(path, plain string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		c, escaped := path[i], false
		if c == '%' && i+2 < len(path) {
			if hi, lo := unhex(path[i+1]), unhex(path[i+2]); hi >= 0 && lo >= 0 {
				c, escaped = byte(hi<<4|lo), true
				i += 2
			}
		}
		switch {
		case isUnreserved(c), !escaped && c > ' ' && c < 0x7f && (c != '*' && c != '$' || strings.IndexByte(plain, c) >= 0):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func isUnreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
