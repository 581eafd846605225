package story

import "vedetta/news"

// relayedFounder is the article, of members given in order of publication,
// that another daemon named their story after; "" where none did. Readers of
// that daemon know the story by this name, and so shall ours.
func relayedFounder(members []*node) string {
	for _, n := range members {
		if n.relay != nil && n.relay.Story == n.id {
			return n.id
		}
	}
	return ""
}

// linkRelayed links a node to the one that it is a copy of by the word of the
// daemon that passed on both, where their texts do not show it by our own
// rules. Its word ties its own articles only, never one of another's to them.
func (x *Index) linkRelayed(p *pending, n *node) {
	r := n.relay
	if r == nil || r.Of == "" || r.Of == n.id {
		return
	}
	o := p.byID[r.Of]
	if o == nil {
		o = x.byID[r.Of]
	}
	if o == nil || p.replaced[o] != nil || o.relay == nil || news.Upstream(o.source) != news.Upstream(n.source) {
		return
	}
	if n.makeFirm(o) {
		return
	}
	link := copyLink{resemblance: float32(r.Resemblance), containment: float32(r.Containment), sentences: uint16(r.Sentences), why: r.Why, firm: true}
	p.connect(n, o, link, false)
}

// sameOutlet reports whether two articles are of one outlet, whichever way
// they came by.
func sameOutlet(n, o *node) bool {
	return n.source == o.source || (n.relay != nil || o.relay != nil) && news.OutletOf(n.source) == news.OutletOf(o.source)
}
