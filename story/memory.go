package story

import (
	"maps"
	"slices"
	"strings"
	"time"

	"vedetta/news"
)

// surfaceOf is how a term looks in a text, as far as it was ever evidence.
func (x *Index) surfaceOf(p *pending, t term) string {
	if t == 0 {
		return ""
	}
	if s, ok := x.surface[t.id()]; ok {
		return s
	}
	return p.surface[t.id()]
}

// unseen are the heavy terms of a text of which is not known yet how they look.
func (x *Index) unseen(p *pending, n *node) []term {
	x.unknown = x.unknown[:0]
	for i := range n.sketch.len() {
		if t := n.sketch.at(i).term; x.surfaceOf(p, t) == "" {
			x.unknown = append(x.unknown, t)
		}
	}
	return x.unknown
}

// noteSurfaces keeps how that looks which speaks for one event in the article
// that was read last. unseen are its terms that are not known yet: if none is
// another's, neither is one that both have.
func (x *Index) noteSurfaces(p *pending, o *node, unseen []term) {
	if !slices.ContainsFunc(unseen, o.sketch.has) {
		return
	}
	for _, t := range x.scratch.sketched.evidence(o.sketch) {
		if t == 0 || x.surfaceOf(p, t) != "" {
			continue
		}
		if s := x.reader.surface(t.id()); s != "" {
			p.surface[t.id()] = strings.Clone(s)
		}
	}
}

// Loading fills an empty index from the store: first the articles of the
// window in the order in which they came, then the stories and threads that
// they are in. The index is then as if all had been placed one after the other.
type Loading struct {
	x    *Index
	p    *pending
	said map[string]string // the story of each article, as it says itself
}

// Load begins to fill an empty index.
func (x *Index) Load() *Loading {
	return &Loading{x: x, p: x.begin(), said: make(map[string]string)}
}

// Add takes the next article. It does not keep the text.
func (l *Loading) Add(a news.Article) {
	if l.p.byID[a.ID] != nil {
		return
	}
	if len(l.p.nodes) == 0 {
		l.p.begun = a.Seen
	}
	n := l.x.newNode(a)
	n.seq = uint64(len(l.p.nodes)) + 1
	l.x.link(l.p, n)
	l.x.linkRelayed(l.p, n)
	l.x.pack(n)
	l.said[a.ID] = a.Story
}

// Stories are the stories that the articles so far are in, as they say.
func (l *Loading) Stories() []string {
	var ids []string
	listed := map[string]bool{"": true}
	for _, n := range l.p.nodes {
		if id := l.said[n.id]; !listed[id] {
			listed[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// Done ends the loading. What it returns is for the store and is empty, unless
// the rules or the recognition have changed since: the index already knows of
// it.
func (l *Loading) Done(stories []news.Story, threads []news.Thread) news.Placement {
	x, p := l.x, l.p
	x.postings, p.postings = p.postings, newPostings() // numbers stay as they are
	for _, v := range stories {
		p.restore(v)
	}
	p.restoreThreads(threads)
	out := x.settle(p, slices.Clone(p.nodes))
	maps.DeleteFunc(out.StoryOf, func(article, story string) bool {
		said, ok := l.said[article]
		return !ok && p.byID[article].story.id() == story || said == story
	})
	x.Apply(out)
	return out.Placement
}

// restore gives nodes the story that they were in. Members whose articles are
// not at hand stay in it by name; links that held before hold still, also when
// they came from a version that is no more; those made by hand hold as long as
// the rules say so.
func (p *pending) restore(v news.Story) {
	c := &cluster{kept: &v, updated: instantOf(v.Updated)}
	for _, m := range v.Members {
		n := p.byID[m.Article]
		if n == nil {
			n = &node{id: m.Article, source: m.Source, published: instantOf(m.Published), storied: true}
			n.seq = uint64(len(p.nodes)) + 1
			p.add(n)
		}
		n.story = c
		c.members = append(c.members, n)
	}
	if len(c.members) > 0 {
		c.first = c.members[0].published
	}
	for _, m := range v.Members {
		n, o := p.byID[m.Article], p.byID[m.Of]
		if o == nil || m.Why == Editor || slices.ContainsFunc(n.copies, func(l copyLink) bool { return l.to == o }) ||
			n.added != nil && slices.ContainsFunc(n.added.copies, func(l copyLink) bool { return l.to == o }) {
			continue
		}
		link := copyLink{resemblance: float32(m.Resemblance), containment: float32(m.Containment), sentences: uint16(m.Sentences), why: m.Why, firm: true}
		p.connect(n, o, link, !n.storied && !o.storied && ofPart(m))
	}
}

// ofPart reports whether a member was linked as a part, or to one: see whole. What
// share of the longer text is in both follows from the other two.
func ofPart(m news.Member) bool {
	if m.Resemblance <= 0 || m.Containment <= 0 {
		return false
	}
	inverse := 1 / (1/m.Resemblance - 1/m.Containment + 1)
	return !whole(likeness{inverse: inverse}, m.Why)
}

// restoreThreads gives stories the threads that they were in.
func (p *pending) restoreThreads(threads []news.Thread) {
	for _, v := range threads {
		t := &strand{value: v}
		for _, id := range v.Stories {
			if n := p.byID[id]; n != nil && n.story != nil && n.story.thread == nil {
				n.story.thread = t
				t.stories = append(t.stories, n.story)
			}
		}
		slices.SortFunc(t.stories, inTime)
	}
}

// Forget drops the threads, and the stories that are in none, all of whose
// articles were published before a time. What is left of the index is as if
// they had never been.
func (x *Index) Forget(before time.Time) {
	limit := instantOf(before)
	old := func(c *cluster) bool {
		return !slices.ContainsFunc(c.members, func(n *node) bool { return n.published >= limit })
	}
	if !slices.ContainsFunc(x.nodes, func(n *node) bool { return n != nil && n.published < limit }) {
		return
	}
	kept := make([]*node, 0, len(x.nodes))
	for _, n := range x.nodes {
		if n == nil {
			continue
		}
		gone := n.published < limit && old(n.story)
		if gone && n.story.thread != nil {
			gone = !slices.ContainsFunc(n.story.thread.stories, func(c *cluster) bool { return !old(c) })
		}
		if !gone {
			kept = append(kept, n)
			continue
		}
		delete(x.byID, n.id)
		x.forgetLinks(n)
	}
	numbers := make([]uint32, len(x.nodes)) // new ones, by the old
	x.nodes = make([]*node, 0, len(kept))
	x.postings = newPostings()
	clear(x.byURL)
	for _, n := range kept {
		was := n.num
		x.insert(n)
		numbers[was] = n.num
	}
	for _, n := range kept {
		for i := range n.events {
			n.events[i].to = numbers[n.events[i].to]
		}
	}
	x.repack(func(n *node, f *fingerprint) {
		x.reader.file(f)
		x.postings.insert(&f.filing, n.published, n.num)
	})
	x.forgetWords()
}

// forgetWords drops the words that are evidence for nothing any more.
func (x *Index) forgetWords() {
	used := make(map[term]string, len(x.surface))
	for _, n := range x.nodes {
		for _, l := range n.events {
			if l.to < n.num {
				continue // both have the link
			}
			for _, t := range evidence(&n.brief, &x.nodes[l.to].brief) {
				if s, ok := x.surface[t.id()]; ok {
					used[t.id()] = s
				}
			}
		}
	}
	x.surface = used
}
