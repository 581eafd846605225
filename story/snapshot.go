package story

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"vedetta/news"
)

// snapshotVersion changes whenever the recognition or the form of a snapshot
// does: a snapshot by another version is not read.
const snapshotVersion = 4

// ErrSnapshot says that a snapshot is damaged, of another version, or of an
// index with other options.
var ErrSnapshot = errors.New("not a snapshot of this index")

// header is what a snapshot begins with. Options decide what an index finds, so
// a snapshot belongs to them. label is for what the caller wants to tell apart
// besides.
func (o Options) header(label string) ([]byte, error) {
	rules, err := json.Marshal(o.Rules)
	if err != nil {
		return nil, fmt.Errorf("encode the rules: %w", err)
	}
	h := binary.AppendUvarint([]byte("vedetta stories "), snapshotVersion)
	for _, s := range []string{string(rules), label} {
		h = append(binary.AppendUvarint(h, uint64(len(s))), s...)
	}
	return h, nil
}

// Save writes the index as it is, for Restore. Anything whose change would make
// the index another one belongs into label.
func (x *Index) Save(w io.Writer, label string) error {
	header, err := x.opts.header(label)
	if err != nil {
		return err
	}
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	out := &snapshotWriter{w: bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10), numbers: make(map[string]uint64)}
	out.raw(header)
	x.save(out)
	if out.err == nil {
		out.err = out.w.Flush()
	}
	if out.err == nil {
		_, out.err = w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
	}
	if out.err != nil {
		return fmt.Errorf("write stories: %w", out.err)
	}
	return nil
}

// Fits reports whether what r begins with was written by Save under these
// options and the label. It takes no index, and so no lexicon.
func (o Options) Fits(r io.Reader, label string) bool {
	header, err := o.header(label)
	if err != nil {
		return false
	}
	got := make([]byte, len(header))
	_, err = io.ReadFull(r, got)
	return err == nil && bytes.Equal(got, header)
}

// Restore fills an empty index with what Save wrote under the same options and
// label. After an error, which is an ErrSnapshot where the data are not what
// Save writes, the index is as empty as before.
func (x *Index) Restore(data []byte, label string) error {
	header, err := x.opts.header(label)
	if err != nil {
		return err
	}
	body := len(data) - crc32.Size
	if body < len(header) || string(data[:len(header)]) != string(header) {
		return ErrSnapshot
	}
	if crc32.Checksum(data[:body], crc32.MakeTable(crc32.Castagnoli)) != binary.LittleEndian.Uint32(data[body:]) {
		return fmt.Errorf("%w: checksum differs", ErrSnapshot)
	}
	y := NewIndex(x.opts)
	in := &snapshotReader{rest: data[len(header):body]}
	y.restoreFrom(in)
	if in.err != nil {
		return in.err
	}
	*x = *y
	return nil
}

// flags of a node and of a story.
const (
	flagStoried = 1 << iota
	flagRelayed
	flagNamed
)

const (
	flagDigest = 1 << iota
	flagAnchored
)

const (
	flagLarger = 1 << iota
	flagSmaller
	flagFirm
)

// save writes what the index consists of. Nodes are named by their place, what
// was dropped leaves no gap.
func (x *Index) save(w *snapshotWriter) {
	nodes := slices.DeleteFunc(slices.Clone(x.nodes), func(n *node) bool { return n == nil })
	at := make(map[*node]uint64, len(nodes))
	for i, n := range nodes {
		at[n] = uint64(i)
	}
	w.number(x.seq)
	w.time(instantOf(x.begun))
	w.number(uint64(len(x.dictionary.terms)))
	for _, t := range x.dictionary.terms {
		w.number(uint64(t))
	}
	w.number(uint64(len(nodes)))
	var clusters []*cluster
	var strands []*strand
	place := make(map[*cluster]uint64)
	known := make(map[*strand]bool)
	for _, n := range nodes {
		w.node(n)
		if c := n.story; place[c] == 0 {
			clusters = append(clusters, c)
			place[c] = uint64(len(clusters))
			if s := c.thread; s != nil && !known[s] {
				known[s] = true
				strands = append(strands, s)
			}
		}
	}
	for _, n := range nodes {
		w.number(uint64(len(n.copies)))
		for _, l := range n.copies {
			w.copyLink(l, at[l.to])
		}
		w.number(uint64(len(n.events)))
		for _, l := range n.events {
			w.number(at[x.nodes[l.to]])
			w.float(l.score)
		}
	}
	w.number(uint64(len(clusters)))
	for _, c := range clusters {
		w.cluster(c, at)
	}
	w.number(uint64(len(strands)))
	for _, s := range strands {
		w.number(uint64(len(s.stories)))
		for _, c := range s.stories {
			w.number(place[c])
		}
		w.json(s.value)
	}
	w.number(uint64(len(x.surface)))
	for t, s := range x.surface {
		w.number(uint64(t))
		w.bytes(s)
	}
}

func (w *snapshotWriter) node(n *node) {
	flags := uint64(0)
	if n.storied {
		flags |= flagStoried
	}
	if n.relay != nil {
		flags |= flagRelayed
	}
	if n.url != "" {
		flags |= flagNamed
	}
	w.number(flags)
	w.number(n.seq)
	w.bytes(n.id)
	w.name(n.source)
	w.name(n.origin)
	w.time(n.published)
	w.time(n.changed)
	if n.relay != nil {
		w.json(n.relay)
	}
	if n.url != "" {
		w.bytes(n.url)
	}
	if n.storied {
		return
	}
	w.fixed(n.text)
	w.number(n.series)
	w.float(n.total)
	w.number(uint64(n.length))
	w.number(uint64(n.pairs))
	w.number(uint64(n.prints))
	w.bytes(string(n.sketch))
	w.bytes(n.packed)
}

func (w *snapshotWriter) copyLink(l copyLink, to uint64) {
	flags := uint64(0)
	if l.larger {
		flags |= flagLarger
	}
	if l.smaller {
		flags |= flagSmaller
	}
	if l.firm {
		flags |= flagFirm
	}
	w.number(to)
	w.number(flags)
	w.float(l.resemblance)
	w.float(l.containment)
	w.number(uint64(l.sentences))
	w.name(l.why)
}

func (w *snapshotWriter) cluster(c *cluster, at map[*node]uint64) {
	flags := uint64(0)
	if c.digest {
		flags |= flagDigest
	}
	if c.choice.anchored {
		flags |= flagAnchored
	}
	w.number(flags)
	w.float(c.choice.score)
	w.float(c.choice.refused)
	w.number(uint64(len(c.members)))
	for _, n := range c.members {
		w.number(at[n])
	}
	w.time(c.updated)
	if c.kept == nil {
		w.number(0)
		return
	}
	w.number(1)
	w.json(c.kept)
}

// restoreFrom reads what save wrote.
func (x *Index) restoreFrom(r *snapshotReader) {
	x.seq = r.number()
	x.begun = r.time().time()
	for range r.count(1) {
		t := term(r.number())
		x.dictionary.terms = append(x.dictionary.terms, t)
		x.dictionary.numbers[t] = uint32(len(x.dictionary.terms))
	}
	x.nodes = make([]*node, r.count(5))
	for i := range x.nodes {
		x.nodes[i] = &node{}
	}
	var whole fingerprint
	for i, n := range x.nodes {
		r.node(n)
		if r.err != nil {
			return
		}
		n.num = uint32(i)
		x.byID[n.id] = n
		if n.url != "" {
			x.byURL[n.url] = n
		}
		if n.storied {
			continue
		}
		whole.brief = n.brief
		if !x.dictionary.fits(n.packed) {
			r.fail("a text is damaged")
			return
		}
		x.dictionary.unpack(n.packed, &whole)
		x.reader.file(&whole)
		x.postings.insert(&whole.filing, n.published, n.num)
	}
	for _, n := range x.nodes {
		n.copies = make([]copyLink, r.count(12))
		for i := range n.copies {
			n.copies[i] = r.copyLink(x.nodes)
		}
		n.events = make([]eventLink, r.count(5))
		for i := range n.events {
			n.events[i] = eventLink{to: r.place(x.nodes), score: r.float()}
		}
	}
	clusters := make([]*cluster, r.count(3))
	for i := range clusters {
		clusters[i] = r.cluster(x.nodes)
	}
	for range r.count(2) {
		s := &strand{stories: make([]*cluster, r.count(1))}
		if len(s.stories) == 0 {
			r.fail("a thread has no story")
			return
		}
		for i := range s.stories {
			n := r.number()
			if n == 0 || n > uint64(len(clusters)) {
				r.fail("a thread names a story that is not there")
				return
			}
			s.stories[i] = clusters[n-1]
			s.stories[i].thread = s
		}
		r.json(&s.value)
	}
	for range r.count(2) {
		t := term(r.number())
		x.surface[t] = r.bytes()
	}
	if r.err == nil && len(r.rest) > 0 {
		r.fail("more than was expected")
	}
	if r.err == nil && slices.ContainsFunc(x.nodes, func(n *node) bool { return n.story == nil }) {
		r.fail("an article is in no story")
	}
}

func (r *snapshotReader) node(n *node) {
	flags := r.number()
	n.storied = flags&flagStoried != 0
	n.seq = r.number()
	n.id = r.bytes()
	n.source = r.name()
	n.origin = r.name()
	n.published = r.time()
	n.changed = r.time()
	if flags&flagRelayed != 0 {
		n.relay = new(news.Relay)
		r.json(n.relay)
	}
	if flags&flagNamed != 0 {
		n.url = r.bytes()
	}
	if n.storied {
		return
	}
	n.text = r.fixed()
	n.series = r.number()
	n.total = r.float()
	n.length = uint16(r.number())
	n.pairs = uint16(r.number())
	n.prints = uint16(r.number())
	n.sketch = sketch(r.bytes())
	n.packed = r.bytes()
	if len(n.sketch)%heavyBytes != 0 || n.sketch.len() > sketchLen {
		r.fail("a sketch is damaged")
	}
}

func (r *snapshotReader) copyLink(nodes []*node) copyLink {
	l := copyLink{to: r.one(nodes)}
	flags := r.number()
	l.larger, l.smaller, l.firm = flags&flagLarger != 0, flags&flagSmaller != 0, flags&flagFirm != 0
	l.resemblance, l.containment = r.float(), r.float()
	l.sentences = uint16(r.number())
	l.why = r.name()
	return l
}

func (r *snapshotReader) cluster(nodes []*node) *cluster {
	flags := r.number()
	c := &cluster{digest: flags&flagDigest != 0}
	c.choice = choice{anchored: flags&flagAnchored != 0, score: r.float(), refused: r.float()}
	c.members = make([]*node, r.count(1))
	if len(c.members) == 0 {
		r.fail("a story has no article")
		return c
	}
	for i := range c.members {
		n := r.one(nodes)
		if n == nil {
			return c
		}
		c.members[i], n.story = n, c
	}
	c.first = c.members[0].published
	c.updated = r.time()
	if r.number() == 1 {
		c.kept = new(news.Story)
		r.json(c.kept)
	} else if len(c.members) != 1 {
		r.fail("a story of one article has several")
	}
	return c
}
