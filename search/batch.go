package search

import (
	"encoding/binary"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vedetta/news"
	"vedetta/prose"
)

// Terms that are no words.
const (
	sourceTerm   = "\x00s"
	topicTerm    = "\x00t"
	relationTerm = "\x00r"
)

// gap is how far apart two texts of a story are, so that nothing is found
// across their border.
const gap = 100

// batch collects stories in memory until they become a segment.
type batch struct {
	docs    []document
	numbers map[string]int // of documents, by id
	gone    map[int]bool   // documents that another of the batch replaces
	lists   map[string]*list
	words   uint64

	position uint32
	touched  []*list

	tokens []prose.Token
	known  map[wordIn]*list // of each word met, nil for one without a key
}

// wordIn is a word of a text in a language, by its hash.
type wordIn struct {
	word uint64
	lang string
}

// list is the two lists of a term, as in a segment.
type list struct {
	docs   []byte
	places []byte
	df     int
	last   int // document added last

	// Of the document that is being added.
	here  bool // it has the term
	n     uint64
	title uint64
	place uint32
}

func newBatch() *batch {
	return &batch{numbers: map[string]int{}, gone: map[int]bool{}, lists: map[string]*list{}, known: map[wordIn]*list{}}
}

// add puts a story into the batch.
func (b *batch) add(st news.Story, articles []news.Article, digest uint64) {
	if old, ok := b.numbers[st.ID]; ok {
		b.gone[old] = true
	}
	b.numbers[st.ID] = len(b.docs)
	before := b.words
	b.position = 0
	seen := map[string]bool{}
	for _, a := range articles {
		// What copies share is there once.
		b.text(a.Title, a.Lang, true, seen)
		b.text(strings.Join(a.Authors, "\n"), a.Lang, false, seen)
		b.text(a.Summary, a.Lang, false, seen)
		b.text(a.Text, a.Lang, false, seen)
	}
	for _, t := range known(st, articles) {
		b.take(t, false)
	}
	for _, l := range b.touched {
		l.docs = binary.AppendUvarint(l.docs, uint64(len(b.docs)-l.last))
		l.docs = binary.AppendUvarint(l.docs, l.n<<1|l.title)
		l.last = len(b.docs)
		l.df++
		l.here, l.n, l.title, l.place = false, 0, 0, 0
	}
	b.touched = b.touched[:0]
	b.docs = append(b.docs, document{id: st.ID, minutes: minutes(st.First), length: lengthOf(int(b.words - before)), digest: digest})
}

// text adds a text's paragraphs, but for those that the story has already.
func (b *batch) text(text, lang string, title bool, seen map[string]bool) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph == "" || !title && seen[paragraph] {
			continue
		}
		seen[paragraph] = true
		b.tokens = prose.Tokens(b.tokens[:0], paragraph)
		for _, w := range b.tokens {
			b.position++
			if l := b.listOf(w, paragraph, lang); l != nil {
				b.words++
				b.touch(l, title)
				l.places = binary.AppendUvarint(l.places, uint64(b.position-l.place))
				l.place = b.position
				l.n++
			}
		}
		b.position += gap
	}
}

// listOf returns the list of a word of a text, nil for one without a key. Most
// words have been met before: their keys are not made again.
func (b *batch) listOf(w prose.Token, text, lang string) *list {
	word := wordIn{w.Hash, lang}
	l, ok := b.known[word]
	if !ok {
		if key := prose.Key(w.Fold(text), lang); key != "" {
			l = b.list(key)
		}
		b.known[word] = l
	}
	return l
}

// take notes that the present document has a term.
func (b *batch) take(key string, title bool) { b.touch(b.list(key), title) }

// list returns the list of a term.
func (b *batch) list(key string) *list {
	key = key[:min(len(key), maxTerm)]
	l := b.lists[key]
	if l == nil {
		l = &list{}
		b.lists[strings.Clone(key)] = l
	}
	return l
}

// touch notes that the present document is in a list.
func (b *batch) touch(l *list, title bool) {
	if !l.here {
		l.here = true
		b.touched = append(b.touched, l)
	}
	if title {
		l.title = 1
	}
}

// known are the terms of what is known of a story beside its words.
func known(st news.Story, articles []news.Article) []string {
	terms := map[string]bool{}
	for _, m := range st.Members {
		terms[sourceTerm+news.OutletOf(m.Source)] = true
		if up := news.Upstream(m.Source); up != "" {
			terms[sourceTerm+up] = true
		}
	}
	for _, a := range articles {
		for _, v := range a.Verdicts {
			if !v.On {
				continue
			}
			terms[topicTerm+v.Topic] = true
			for _, f := range v.Facets {
				terms[relationTerm+v.Topic+"/"+f] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(terms))
}

// digestOf changes when anything changes that is indexed of a story.
func digestOf(st news.Story, articles []news.Article) uint64 {
	h := fnv.New64a()
	put := func(s string) {
		_, _ = h.Write([]byte(s)) // never fails
		_, _ = h.Write([]byte{0})
	}
	put(strconv.FormatInt(int64(minutes(st.First)), 10))
	for _, t := range known(st, articles) {
		put(t)
	}
	for _, a := range articles {
		put(a.Lang)
		put(a.Title)
		put(strings.Join(a.Authors, "\n"))
		put(a.Summary)
		put(a.Text)
	}
	return h.Sum64()
}

// write writes the batch as a segment.
func (b *batch) write(path string) error {
	w, err := createSegment(path)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(b.lists)) {
		l := b.lists[key]
		if err := w.term(key, l.df, l.docs, l.places); err != nil {
			return w.abandon(err)
		}
	}
	return w.close(b.docs, b.words)
}
