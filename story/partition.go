package story

import (
	"cmp"
	"slices"
	"strings"
)

// earlier orders nodes by publication: the order in which stories and threads
// are made.
func earlier(a, b *node) int {
	if a.published != b.published {
		return cmp.Compare(a.published, b.published)
	}
	return strings.Compare(a.id, b.id)
}

// reach returns all nodes whose story may be another now that the given ones have
// changed or come, in order of publication: what is linked to them, as whether
// its links hold may have changed, and all that is in one story with any of these
// or was.
func (x *Index) reach(p *pending, from []*node) []*node {
	bs := x.blocks
	seen := bs.seen
	var out []*node
	visit := func(nodes ...*node) {
		for _, n := range nodes {
			if !seen[n] && !p.isReplaced(n) {
				seen[n] = true
				out = append(out, n)
			}
		}
	}
	visit(from...)
	for i := range len(out) {
		b := bs.block(out[i])
		if b.passed {
			continue
		}
		b.passed = true
		for _, c := range bs.near(b) {
			visit(c.nodes[0]) // its links lead to the others
		}
	}
	for old := range p.replaced {
		p.copyLinks(old, func(l copyLink) { visit(l.to) })
	}
	round := x.newRound()
	for i := 0; i < len(out); i++ {
		n := out[i]
		if c := n.story; c != nil && c.round != round {
			c.round = round
			visit(c.members...)
		}
		p.copyLinks(n, func(l copyLink) {
			if !seen[l.to] && (!l.whole() || bs.joins(n, l.to)) {
				visit(l.to)
			}
		})
	}
	slices.SortFunc(out, earlier)
	return out
}

// sets is a union-find over nodes in order of publication. Two sets that hold
// articles which the editor wants apart never become one.
type sets struct {
	x      *Index
	nodes  []*node
	parent []int
	ruled  [][]string // by root: addresses of its members that the rules name
}

func newSets(x *Index, nodes []*node) *sets {
	s := &sets{x: x, nodes: nodes, parent: make([]int, len(nodes))}
	for i := range s.parent {
		s.parent[i] = i
	}
	if len(x.apart) > 0 {
		s.ruled = make([][]string, len(nodes))
		for i, n := range nodes {
			if n.url != "" {
				s.ruled[i] = []string{n.url}
			}
		}
	}
	return s
}

func (s *sets) find(i int) int {
	for s.parent[i] != i {
		s.parent[i] = s.parent[s.parent[i]]
		i = s.parent[i]
	}
	return i
}

func (s *sets) union(i, j int) {
	i, j = s.find(i), s.find(j)
	if i == j {
		return
	}
	if i > j {
		i, j = j, i
	}
	if s.ruled != nil {
		for _, a := range s.ruled[i] {
			for _, b := range s.ruled[j] {
				if s.x.apart[[2]string{a, b}] {
					return
				}
			}
		}
		s.ruled[i] = append(s.ruled[i], s.ruled[j]...)
	}
	s.parent[j] = i
}

// groups returns the sets, each in order of publication, by their first node.
func (s *sets) groups() [][]*node {
	at := make(map[int]int)
	var out [][]*node
	for i, n := range s.nodes {
		root := s.find(i)
		g, ok := at[root]
		if !ok {
			g = len(out)
			at[root] = g
			out = append(out, nil)
		}
		out[g] = append(out[g], n)
	}
	return out
}

// edge is a copy link between two nodes by position.
type edge struct {
	a, b     int
	strength float32
	hand     bool
}

// storiesOf divides nodes, with all their copies, into stories.
//
// Links between whole texts make the cores, where they hold. A text in which
// another stands as a part joins its core, unless it holds parts on different
// events: then it is a digest of the news, a story by itself, and must not make
// one story of all that it quotes.
func (x *Index) storiesOf(p *pending, nodes []*node) (stories [][]*node, digests map[*node]bool) {
	at := make(map[*node]int, len(nodes))
	for i, n := range nodes {
		at[n] = i
	}
	var full, parts []edge // of parts, a is the larger
	for i, n := range nodes {
		p.copyLinks(n, func(l copyLink) {
			j, ok := at[l.to]
			switch {
			case l.whole() && ok && i < j:
				full = append(full, edge{i, j, l.resemblance, l.why == Editor})
			case !l.whole() && l.smaller:
				parts = append(parts, edge{a: i, b: j, strength: l.containment})
			}
		})
	}
	s := newSets(x, nodes)
	if s.ruled != nil {
		slices.SortFunc(full, func(e, f edge) int {
			if e.hand != f.hand {
				return cmp.Compare(strong(f), strong(e))
			}
			return cmp.Or(cmp.Compare(f.strength, e.strength), cmp.Compare(e.a, f.a), cmp.Compare(e.b, f.b))
		})
	}
	for _, e := range full {
		if s.find(e.a) != s.find(e.b) && x.blocks.joins(nodes[e.a], nodes[e.b]) {
			s.union(e.a, e.b)
		}
	}
	if len(parts) == 0 {
		return s.groups(), nil
	}
	core := make([]int, len(nodes))
	for i := range nodes {
		core[i] = s.find(i)
	}
	slices.SortFunc(parts, func(e, f edge) int {
		return cmp.Or(cmp.Compare(core[e.a], core[f.a]), cmp.Compare(f.strength, e.strength), cmp.Compare(e.a, f.a), cmp.Compare(e.b, f.b))
	})
	for from := 0; from < len(parts); {
		to := from
		for to < len(parts) && core[parts[to].a] == core[parts[from].a] {
			to++
		}
		run := parts[from:to]
		from = to
		if p.oneEvent(nodes, at, core, run) {
			for _, e := range run {
				s.union(e.a, e.b)
			}
			continue
		}
		if digests == nil {
			digests = make(map[*node]bool)
		}
		for i, n := range nodes {
			if core[i] == core[run[0].a] {
				digests[n] = true
			}
		}
	}
	return s.groups(), digests
}

func strong(e edge) int {
	if e.hand {
		return 1
	}
	return 0
}

// oneEvent reports whether the parts of one larger text belong together: their
// cores are linked as copies or by event, directly or through each other.
func (p *pending) oneEvent(nodes []*node, at map[*node]int, core []int, parts []edge) bool {
	group := make(map[int]int) // core to group
	for _, e := range parts {
		group[core[e.b]] = core[e.b]
	}
	if len(group) < 2 {
		return true
	}
	find := func(c int) int {
		for group[c] != c {
			c = group[c]
		}
		return c
	}
	for i, n := range nodes {
		if _, ok := group[core[i]]; !ok {
			continue
		}
		unite := func(m *node) {
			j, ok := at[m]
			if !ok {
				return
			}
			if _, ok := group[core[j]]; ok {
				group[find(core[i])] = find(core[j])
			}
		}
		p.copyLinks(n, func(l copyLink) { unite(l.to) })
		p.eventLinks(n, func(to *node, _ float32) { unite(to) })
	}
	root := -1
	for c := range group {
		if r := find(c); root >= 0 && r != root {
			return false
		} else if root < 0 {
			root = r
		}
	}
	return true
}
