package monitor

import (
	"slices"
	"sync"

	"vedetta/engine"
	"vedetta/fetcher"

	"github.com/prometheus/client_golang/prometheus"
)

// bySource is what is counted of each source. A counter of the client's takes
// 450 bytes, and a source needs a dozen: of many sources they would be most of
// what lies in memory while nothing comes. So they are numbers here, and become
// series when a scrape comes. It implements prometheus.Collector.
type bySource struct {
	mu sync.Mutex // guards the rest
	of map[string]*counts
}

// counts is what is counted of a source.
type counts struct {
	polls    [len(statuses)]uint64
	visited  bool // some visit has ended
	items    uint64
	fresh    uint64
	changed  uint64
	onTopic  uint64
	copies   uint64
	backlog  int // that the latest visit left
	requests []requests
	bodies   []bodies
}

// requests are those for a kind of document that ended in the same way.
type requests struct {
	kind, result string
	n            uint64
}

// bodies are the bytes that requests for a kind of document brought.
type bodies struct {
	kind       string
	wire, body uint64
}

// statuses are how visits end. A source has series of the first three from the
// beginning, so that the first visit is an increase.
var statuses = [...]engine.Status{engine.Polled, engine.Unchanged, engine.Failed, engine.Pushed}

const statusesAtOnce = 3

// The series of bySource.
var (
	descPolls    = desc("vedetta_polls_total", "Visits to sources, by how they ended: polled, unchanged, failed.", "source", "status")
	descItems    = desc("vedetta_items_total", "Items in the answers of sources, known ones included.", "source")
	descArticles = desc("vedetta_articles_total", "Articles stored: new, or changed by their publisher.", "source", "as")
	descOnTopic  = desc("vedetta_articles_on_topic_total", "Articles stored that are on some topic, new and changed.", "source")
	descCopies   = desc("vedetta_copies_total", "New articles whose text another outlet had already.", "source")
	descBacklog  = desc("vedetta_source_backlog_items", "Items that the latest visit left for the next.", "source")
	descRequests = desc("vedetta_fetch_requests_total", "Requests to sites, by what was asked for (feed, page, robots) and the answer: its status class, 304, 429, or why there was none.", "source", "kind", "result")
	descWire     = desc("vedetta_fetch_wire_bytes_total", "Bytes of bodies as sites sent them, compressed.", "source", "kind")
	descBody     = desc("vedetta_fetch_body_bytes_total", "Bytes of bodies after decompression.", "source", "kind")
)

// at returns the counts of a source. The caller holds mu.
func (b *bySource) at(source string) *counts {
	c, ok := b.of[source]
	if !ok {
		c = &counts{}
		b.of[source] = c
	}
	return c
}

// keep drops the counts of the sources that are not named, and begins those of
// new ones.
func (b *bySource) keep(sources []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.of
	b.of = make(map[string]*counts, len(sources))
	for _, s := range sources {
		if c, ok := before[s]; ok {
			b.of[s] = c
		} else {
			b.at(s)
		}
	}
}

// visited counts a visit.
func (b *bySource) visited(o engine.Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.at(o.Source)
	if i := slices.Index(statuses[:], o.Status); i >= 0 {
		c.polls[i]++
	}
	c.visited = true
	c.items += uint64(o.Items)
	c.fresh += uint64(o.New)
	c.changed += uint64(o.Changed)
	c.onTopic += uint64(o.OnTopic)
	c.copies += uint64(o.Copies)
	c.backlog = o.Left
}

// fetched counts a request.
func (b *bySource) fetched(x fetcher.Exchange) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, how := b.at(x.Source), result(x.Status, x.Fault)
	i := slices.IndexFunc(c.requests, func(r requests) bool { return r.kind == x.Kind && r.result == how })
	if i < 0 {
		i = len(c.requests)
		c.requests = append(slices.Clip(c.requests), requests{kind: x.Kind, result: how})
	}
	c.requests[i].n++
	if i = slices.IndexFunc(c.bodies, func(s bodies) bool { return s.kind == x.Kind }); i < 0 {
		i = len(c.bodies)
		c.bodies = append(slices.Clip(c.bodies), bodies{kind: x.Kind})
	}
	c.bodies[i].wire += uint64(x.Wire)
	c.bodies[i].body += uint64(x.Body)
}

// Describe implements prometheus.Collector.
func (*bySource) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descPolls, descItems, descArticles, descOnTopic, descCopies, descBacklog, descRequests, descWire, descBody,
	} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (b *bySource) Collect(out chan<- prometheus.Metric) {
	for source, c := range b.snapshot() {
		c.collect(source, func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
			out <- prometheus.MustNewConstMetric(d, kind, v, labels...)
		})
	}
}

// snapshot returns the counts as they are now.
func (b *bySource) snapshot() map[string]counts {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make(map[string]counts, len(b.of))
	for source, c := range b.of {
		now := *c
		now.requests, now.bodies = slices.Clone(c.requests), slices.Clone(c.bodies)
		all[source] = now
	}
	return all
}

func (c *counts) collect(source string, series func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string)) {
	count := func(d *prometheus.Desc, n uint64, labels ...string) {
		series(d, prometheus.CounterValue, float64(n), append([]string{source}, labels...)...)
	}
	for i, n := range c.polls {
		if i < statusesAtOnce || n > 0 {
			count(descPolls, n, string(statuses[i]))
		}
	}
	for _, r := range c.requests {
		count(descRequests, r.n, r.kind, r.result)
	}
	for _, s := range c.bodies {
		count(descWire, s.wire, s.kind)
		count(descBody, s.body, s.kind)
	}
	if !c.visited {
		return
	}
	count(descItems, c.items)
	count(descArticles, c.fresh, "new")
	count(descArticles, c.changed, "changed")
	count(descOnTopic, c.onTopic)
	count(descCopies, c.copies)
	series(descBacklog, prometheus.GaugeValue, float64(c.backlog), source)
}
