package publish

import (
	"slices"
	"strings"
	"unicode"
)

// change is a paragraph of a comparison: kept, or with what was removed and
// added in it. Kept paragraphs come as a count.
type change struct {
	Same int // paragraphs left as they were; Runs is empty then
	Runs []run
}

// run is a stretch of words.
type run struct {
	Text string
	Op   byte // '=' kept, '-' removed, '+' added
}

// Bounds of the work of one comparison: what is left when the cells are used
// up is shown as wholly replaced.
const (
	maxParagraphs = 600
	maxCells      = 4_000_000
)

// differ compares within a budget.
type differ struct{ cells int }

// compare tells how the first text became the second: by paragraphs, and by
// words within those that changed.
func compare(before, after string) []change {
	d := &differ{cells: maxCells}
	a, b := paragraphs(before), paragraphs(after)
	var out []change
	var gone, came []string
	flush := func() {
		n := min(len(gone), len(came))
		for i := range n {
			out = append(out, change{Runs: d.words(gone[i], came[i])})
		}
		for _, p := range gone[n:] {
			out = append(out, change{Runs: []run{{p, '-'}}})
		}
		for _, p := range came[n:] {
			out = append(out, change{Runs: []run{{p, '+'}}})
		}
		gone, came = nil, nil
	}
	for _, e := range d.script(a, b) {
		switch e.op {
		case '-':
			gone = append(gone, e.text)
		case '+':
			came = append(came, e.text)
		default:
			flush()
			if n := len(out); n > 0 && out[n-1].Same > 0 {
				out[n-1].Same++
			} else {
				out = append(out, change{Same: 1})
			}
		}
	}
	flush()
	return out
}

// changed reports whether a comparison found anything.
func changed(cs []change) bool {
	for _, c := range cs {
		if c.Same == 0 {
			return true
		}
	}
	return false
}

func paragraphs(text string) []string {
	var out []string
	for p := range strings.SplitSeq(strip(cut(text, maxBody)), "\n\n") {
		p = strings.Join(strings.Fields(p), " ")
		if p == "" {
			continue
		}
		if len(out) == maxParagraphs {
			out[len(out)-1] += " " + p
			continue
		}
		out = append(out, p)
	}
	return out
}

// words compares two paragraphs by words. Two that share little are shown
// one after the other, which reads better than confetti.
func (d *differ) words(before, after string) []run {
	var runs []run
	var group []string
	same, op := 0, byte(0)
	flush := func() {
		if len(group) > 0 {
			runs = append(runs, run{strings.Join(group, ""), op})
			group = group[:0]
		}
	}
	for _, e := range d.script(tokens(before), tokens(after)) {
		if e.op == '=' {
			same += len(e.text)
		}
		if e.op != op {
			flush()
			op = e.op
		}
		group = append(group, e.text)
	}
	flush()
	runs = unpad(runs)
	if 3*same < max(len(before), len(after)) {
		return []run{{before, '-'}, {" ", '='}, {after, '+'}}
	}
	return runs
}

// unpad takes the white space at the end of what changed out of it, so that it
// is neither struck out nor underlined.
func unpad(runs []run) []run {
	out := make([]run, 0, len(runs))
	for _, r := range runs {
		if trimmed := strings.TrimRightFunc(r.Text, unicode.IsSpace); r.Op != '=' && len(trimmed) < len(r.Text) {
			out = append(out, run{trimmed, r.Op}, run{r.Text[len(trimmed):], '='})
			continue
		}
		out = append(out, r)
	}
	return out
}

// tokens cuts a text into words, each with the white space after it.
func tokens(s string) []string {
	var out []string
	start, space := 0, false
	for i, r := range s {
		if unicode.IsSpace(r) {
			space = true
			continue
		}
		if space {
			out = append(out, s[start:i])
			start, space = i, false
		}
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

type edit struct {
	text string
	op   byte
}

// script is a shortest edit from a to b by longest common subsequence, after
// what the two begin and end with alike is set aside.
func (d *differ) script(a, b []string) []edit {
	var head, tail []edit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, edit{a[0], '='})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, edit{a[len(a)-1], '='})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	out := append(head, d.middle(a, b)...)
	for _, e := range slices.Backward(tail) {
		out = append(out, e)
	}
	return out
}

func (d *differ) middle(a, b []string) []edit {
	var out []edit
	if d.cells -= len(a) * len(b); d.cells < 0 {
		for _, s := range a {
			out = append(out, edit{s, '-'})
		}
		for _, s := range b {
			out = append(out, edit{s, '+'})
		}
		return out
	}
	// longest[i*w+j] is the length of the longest common subsequence of a[i:]
	// and b[j:].
	w := len(b) + 1
	longest := make([]uint16, (len(a)+1)*w)
	for i, word := range slices.Backward(a) {
		for j, other := range slices.Backward(b) {
			if word == other {
				longest[i*w+j] = longest[(i+1)*w+j+1] + 1
			} else {
				longest[i*w+j] = max(longest[(i+1)*w+j], longest[i*w+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, edit{a[i], '='})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && longest[(i+1)*w+j] >= longest[i*w+j+1]:
			out = append(out, edit{a[i], '-'})
			i++
		default:
			out = append(out, edit{b[j], '+'})
			j++
		}
	}
	return out
}
