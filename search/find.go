package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"vedetta/news"
	"vedetta/prose"
)

// Bounds of a question.
const (
	maxClauses = 32
	maxPhrase  = 16   // words
	maxOpen    = 1000 // terms that a word with an open end stands for, in a segment
	leastOpen  = 2    // letters before an open end
	maxDepth   = 5000 // stories that can be paged through
)

// ErrTooMuch says that a question asks for more than is answered.
var ErrTooMuch = errors.New("question is too long")

// Search answers a question. It waits its turn where many ask, and stops when
// ctx ends.
func (x *Index) Search(ctx context.Context, q news.Search) (news.Found, error) {
	select {
	case x.slots <- struct{}{}:
		defer func() { <-x.slots }()
	case <-ctx.Done():
		return news.Found{}, fmt.Errorf("search: %w", ctx.Err())
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	f, err := x.state.search(ctx, q)
	if err != nil {
		return news.Found{}, fmt.Errorf("search: %w", err)
	}
	return f, nil
}

// share is how much of the archive is in the index.
func (m *manifest) share() float64 {
	switch f := m.Filling; {
	case m.Version == 0:
		return 0
	case f == nil:
		return 1
	case f.Total == 0:
		return 0
	default:
		return min(float64(f.Done)/float64(f.Total), 0.99)
	}
}

func (m *manifest) search(ctx context.Context, q news.Search) (news.Found, error) {
	found := news.Found{Share: m.share()}
	if len(q.Clauses) > maxClauses || q.Offset < 0 || q.Offset+q.Limit > maxDepth {
		return found, ErrTooMuch
	}
	question := newQuestion(q)
	parts := make([][]matched, len(m.Segments)) // of each segment, by clause
	docs, words := 0, uint64(1)
	for i, s := range m.Segments {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		var err error
		if parts[i], err = question.lookup(s.open); err != nil {
			return found, err
		}
		docs += s.Docs - s.Gone
		words += s.open.Words
	}
	df := make([]int, len(question.clauses))
	for _, part := range parts {
		for c, p := range part {
			df[c] += len(p.docs)
		}
	}
	for c, n := range df {
		if cl := question.clauses[c]; n == 0 && !cl.not && !cl.empty() {
			found.Missing = append(found.Missing, c)
		}
	}
	best := &ranking{newest: q.Newest || !question.scored(), limit: q.Offset + q.Limit}
	score := newScore(docs, words, df)
	for i, s := range slices.Backward(m.Segments) { // mostly the newest first
		if err := ctx.Err(); err != nil {
			return found, err
		}
		if err := question.rank(s, i, parts[i], score, best); err != nil {
			return found, err
		}
	}
	found.Total = best.total
	for _, h := range best.page(q.Offset) {
		id, err := m.Segments[h.segment].open.id(h.doc)
		if err != nil {
			return found, err
		}
		found.Stories = append(found.Stories, id)
	}
	return found, nil
}

// question is a search as the index sees it.
type question struct {
	news.Search
	clauses []clause
}

// clause is a clause analysed: words side by side, each with the terms that it
// may be, or else terms of which any will do.
type clause struct {
	words []word
	terms []string
	open  bool // the last word is only a beginning
	not   bool
}

// word is a word of a clause.
type word struct {
	terms []string
	place int // in its clause
}

func newQuestion(s news.Search) question {
	q := question{Search: s}
	prefix := map[news.SearchField]string{
		news.SearchSource: sourceTerm, news.SearchTopic: topicTerm, news.SearchRelation: relationTerm,
	}
	for _, c := range s.Clauses {
		out := clause{not: c.Not}
		if c.Field == "" {
			out.words, out.open = analyse(c.Text, c.Prefix)
		}
		for _, v := range c.Values {
			out.terms = append(out.terms, prefix[c.Field]+v)
		}
		q.clauses = append(q.clauses, out)
	}
	return q
}

// analyse cuts a clause into words. Those without a key only keep their place.
func analyse(text string, open bool) (words []word, stillOpen bool) {
	all := prose.Words(text)
	all = all[:min(len(all), maxPhrase)]
	for i, w := range all {
		if open && i == len(all)-1 && len(w.Fold) >= leastOpen {
			// The stem is in the index, which may be shorter than the beginning.
			words = append(words, word{terms: append([]string{w.Fold}, prose.KeysOpen(w.Fold)...), place: i})
			return words, true
		}
		if keys := prose.Keys(w.Fold); len(keys) > 0 {
			words = append(words, word{terms: keys, place: i})
		}
	}
	return words, false
}

// empty reports whether nothing is asked: a clause of words without keys.
func (c clause) empty() bool { return len(c.words) == 0 && len(c.terms) == 0 }

// scored reports whether some of the question tells better matches from worse.
func (q question) scored() bool {
	return slices.ContainsFunc(q.clauses, func(c clause) bool { return len(c.words) > 0 && !c.not })
}

// matched is what a segment has for a clause.
type matched struct {
	postings
	words [][]term // terms found of each word; for phrases
}

// lookup finds the documents of each clause.
func (q question) lookup(s *segment) ([]matched, error) {
	out := make([]matched, len(q.clauses))
	for i, c := range q.clauses {
		if len(c.words) == 0 {
			ts, err := s.lookupAll(c.terms)
			if err == nil {
				out[i].postings, err = s.any(ts)
			}
			if err != nil {
				return nil, err
			}
			continue
		}
		for j, w := range c.words {
			ts, err := s.lookupAll(w.terms)
			if err == nil && c.open && j == len(c.words)-1 {
				ts, err = s.lookupOpen(w.terms[0], ts)
			}
			if err != nil {
				return nil, err
			}
			out[i].words = append(out[i].words, ts)
		}
		var err error
		if out[i].postings, err = s.phrase(c, out[i].words); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lookupAll finds those of the terms that are there.
func (s *segment) lookupAll(keys []string) (ts []term, err error) {
	for _, key := range keys {
		t, err := s.lookup(key)
		if err != nil {
			return nil, err
		}
		if t.df > 0 {
			ts = append(ts, t)
		}
	}
	return ts, nil
}

// lookupOpen adds the terms that begin with a prefix to those found already.
func (s *segment) lookupOpen(prefix string, found []term) ([]term, error) {
	err := s.terms(prefix, func(t term) bool {
		if !strings.HasPrefix(t.key, prefix) || len(found) == maxOpen {
			return false
		}
		if !slices.ContainsFunc(found, func(f term) bool { return f.key == t.key }) {
			found = append(found, t)
		}
		return true
	})
	return found, err
}

// any joins the documents of terms.
func (s *segment) any(ts []term) (postings, error) {
	ps := make([]postings, len(ts))
	for i, t := range ts {
		var err error
		if ps[i], err = s.postings(t); err != nil {
			return postings{}, err
		}
	}
	return union(ps, s.N), nil
}

// phrase finds the documents in which the words of a clause stand side by
// side.
func (s *segment) phrase(c clause, words [][]term) (postings, error) {
	first, err := s.any(words[0])
	if err != nil || len(words) == 1 {
		return first, err
	}
	docs := slices.Clone(first.docs)
	for _, ts := range words[1:] {
		if len(docs) == 0 {
			return postings{}, nil
		}
		p, err := s.any(ts)
		if err != nil {
			return postings{}, err
		}
		docs = within(docs, p.docs)
	}
	// Where a next word would have to stand, of each document.
	starts := make([][]uint32, len(docs))
	for i, w := range c.words {
		places, err := s.placesOfAny(words[i], docs)
		if err != nil {
			return postings{}, err
		}
		shift := uint32(w.place - c.words[0].place)
		for d := range docs {
			if i == 0 {
				starts[d] = places[d]
				continue
			}
			starts[d] = slices.DeleteFunc(starts[d], func(at uint32) bool {
				_, ok := slices.BinarySearch(places[d], at+shift)
				return !ok
			})
		}
	}
	var out postings
	for d, at := range starts {
		if len(at) > 0 {
			out.docs, out.tf = append(out.docs, docs[d]), append(out.tf, uint16(min(len(at), 1<<16-1)))
		}
	}
	return out, nil
}

func (s *segment) placesOfAny(ts []term, docs []uint32) ([][]uint32, error) {
	var out [][]uint32
	for _, t := range ts {
		places, err := s.places(t, docs)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = places
			continue
		}
		for d, ps := range places {
			if len(ps) > 0 {
				out[d] = append(out[d], ps...)
				slices.Sort(out[d])
			}
		}
	}
	return out, nil
}

// score weighs matches as BM25 does (Robertson and Zaragoza 2009).
type score struct {
	idf    []float64 // of each clause
	length [256]float64
}

// The parameters of BM25: how soon more of the same counts no more, and how
// much longer texts are held back.
const (
	bm25K = 1.2
	bm25B = 0.6
)

func newScore(docs int, words uint64, df []int) *score {
	s := &score{idf: make([]float64, len(df))}
	for i, n := range df {
		s.idf[i] = math.Log1p((math.Max(float64(docs-n), 0) + 0.5) / (float64(n) + 0.5))
	}
	mean := float64(words) / float64(max(docs, 1))
	for i := range s.length {
		s.length[i] = bm25K * (1 - bm25B + bm25B*lengths[i]/max(mean, 1))
	}
	return s
}

func (s *score) of(clause int, tf uint16, length byte) float64 {
	return s.idf[clause] * float64(tf) * (bm25K + 1) / (float64(tf) + s.length[length])
}

// rank puts the documents of a segment for which all holds into the ranking.
func (q question) rank(s listed, number int, ms []matched, sc *score, best *ranking) error {
	ts, err := s.open.times()
	if err != nil {
		return err
	}
	docs := q.candidates(s, ms, ts)
	if len(docs) == 0 {
		return nil
	}
	if best.newest {
		for _, doc := range slices.Backward(docs) { // mostly the newest first
			best.add(hit{segment: number, doc: doc, minutes: ts.of(doc)})
		}
		return nil
	}
	ls, err := s.open.lengthBytes()
	if err != nil {
		return err
	}
	at := make([]int, len(ms))
	for _, doc := range docs {
		h := hit{segment: number, doc: doc, minutes: ts.of(doc)}
		for c, m := range ms {
			if q.clauses[c].not || len(q.clauses[c].words) == 0 {
				continue
			}
			for m.docs[at[c]] != doc {
				at[c]++
			}
			h.score += sc.of(c, m.tf[at[c]], ls[doc])
		}
		best.add(h)
	}
	return nil
}

// candidates are the documents of a segment for which all clauses hold and the
// time does.
func (q question) candidates(s listed, ms []matched, ts times) []uint32 {
	var must []postings
	for i, c := range q.clauses {
		if !c.not && !c.empty() {
			must = append(must, ms[i].postings)
		}
	}
	slices.SortFunc(must, func(a, b postings) int { return cmp.Compare(len(a.docs), len(b.docs)) })
	var docs []uint32
	if len(must) > 0 {
		docs = slices.Clone(must[0].docs)
		for _, m := range must[1:] {
			docs = within(docs, m.docs)
		}
	} else {
		docs = make([]uint32, s.Docs)
		for i := range docs {
			docs[i] = uint32(i)
		}
	}
	for i, c := range q.clauses {
		if c.not {
			docs = without(docs, ms[i].docs)
		}
	}
	from, to := uint32(0), uint32(math.MaxUint32)
	if !q.After.IsZero() {
		from = minutes(q.After)
	}
	if !q.Before.IsZero() {
		to = minutes(q.Before)
	}
	return slices.DeleteFunc(docs, func(doc uint32) bool {
		at := ts.of(doc)
		return at < from || at >= to || s.Deleted.has(doc)
	})
}
