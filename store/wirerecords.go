package store

import (
	"vedetta/news"
)

// record is a value in wire form.
type record interface {
	// appendTo appends the fields, not the first byte.
	appendTo(b []byte) []byte
	// begin sets what no field sets.
	begin()
	// take sets one field; those that it does not know it leaves.
	take(f field) error
}

// takeAll sets the fields of a record.
func takeAll(r record, b []byte) error {
	r.begin()
	return fields(b, r.take)
}

// appendAll appends a record in another.
func appendAll(b []byte, n fieldNumber, r record) []byte { return appendRecord(b, n, r.appendTo) }

// The fields of articleState.
const (
	stateBundle fieldNumber = iota + 1
	stateStory
	statePruned
	stateVerdict
	stateJudged // by no topic
)

func (s *articleState) appendTo(b []byte) []byte {
	b = appendUint(b, stateBundle, s.Bundle)
	if s.Story != nil {
		b = appendHexItem(b, stateStory, *s.Story)
	}
	b = appendBool(b, statePruned, s.Pruned)
	for i := range s.Verdicts {
		b = appendAll(b, stateVerdict, &s.Verdicts[i])
	}
	return appendBool(b, stateJudged, s.Verdicts != nil && len(s.Verdicts) == 0)
}

func (s *articleState) begin() {}

func (s *articleState) take(f field) (err error) {
	switch f.number {
	case stateBundle:
		s.Bundle = f.uint
	case stateStory:
		s.Story, err = idField(f)
	case statePruned:
		s.Pruned = f.bool()
	case stateVerdict:
		var v verdict
		err = takeAll(&v, f.bytes)
		s.Verdicts = append(s.Verdicts, v)
	case stateJudged:
		s.Verdicts = []verdict{}
	}
	return err
}

// The fields of verdict, news.Evidence and news.Against.
const (
	verdictTopic fieldNumber = iota + 1
	verdictOn
	verdictNear
	verdictScore
	verdictFacet
	verdictEvidence
	verdictAgainst
	verdictReason
	verdictPhrase // the reason's place among phrases, from 1
	verdictLacks  // which of facets, evidence and against are not even empty
)

const (
	evidenceRelation fieldNumber = iota + 1
	evidenceActor
	evidencePerson
	evidenceQuote // the first of six
)

const (
	againstTheme fieldNumber = iota + 1
	againstDetail
	againstQuote // the first of six
)

// phrases are reasons that most verdicts have. The list only grows.
//
//nolint:gochecknoglobals // a table
var phrases = [...]string{"no relation has both its actors in the article"}

func phrase(reason string) uint64 {
	for i, p := range phrases {
		if p == reason {
			return uint64(i) + 1
		}
	}
	return 0
}

// The bits of a field that tells nil slices from empty ones.
const (
	lacksFirst = 1 << iota
	lacksSecond
	lacksThird
)

func (v *verdict) appendTo(b []byte) []byte {
	b = appendText(b, verdictTopic, v.Topic)
	b = appendBool(b, verdictOn, v.On)
	b = appendBool(b, verdictNear, v.Near)
	b = appendFloat(b, verdictScore, v.Score)
	b = appendItems(b, verdictFacet, v.Facets)
	for i := range v.Evidence {
		e := &v.Evidence[i]
		b = appendRecord(b, verdictEvidence, func(b []byte) []byte {
			b = appendText(b, evidenceRelation, e.Relation)
			b = appendText(b, evidenceActor, e.Actor)
			b = appendText(b, evidencePerson, e.Person)
			return quoteOfEvidence(e).appendTo(b, evidenceQuote)
		})
	}
	for i := range v.Against {
		a := &v.Against[i]
		b = appendRecord(b, verdictAgainst, func(b []byte) []byte {
			b = appendText(b, againstTheme, a.Theme)
			b = appendText(b, againstDetail, a.Detail)
			return quoteOfAgainst(a).appendTo(b, againstQuote)
		})
	}
	if n := phrase(v.Reason); n > 0 {
		b = appendUint(b, verdictPhrase, n)
	} else {
		b = appendText(b, verdictReason, v.Reason)
	}
	return appendUint(b, verdictLacks, lacks(v.Facets == nil, v.Evidence == nil, v.Against == nil))
}

func (v *verdict) begin() {
	v.Facets, v.Evidence, v.Against = []string{}, []news.Evidence{}, []news.Against{}
}

func (v *verdict) take(f field) (err error) {
	switch f.number {
	case verdictTopic:
		v.Topic = f.text()
	case verdictOn:
		v.On = f.bool()
	case verdictNear:
		v.Near = f.bool()
	case verdictScore:
		v.Score = f.float()
	case verdictFacet:
		v.Facets = append(v.Facets, f.text())
	case verdictEvidence:
		var e news.Evidence
		err = fields(f.bytes, func(f field) error { takeEvidence(&e, f); return nil })
		v.Evidence = append(v.Evidence, e)
	case verdictAgainst:
		var a news.Against
		err = fields(f.bytes, func(f field) error { takeAgainst(&a, f); return nil })
		v.Against = append(v.Against, a)
	case verdictReason:
		v.Reason = f.text()
	case verdictPhrase:
		if f.uint == 0 || f.uint > uint64(len(phrases)) {
			return errRecord
		}
		v.Reason = phrases[f.uint-1]
	case verdictLacks:
		clear3(f.uint, &v.Facets, &v.Evidence, &v.Against)
	}
	return err
}

func takeEvidence(e *news.Evidence, f field) {
	switch f.number {
	case evidenceRelation:
		e.Relation = f.text()
	case evidenceActor:
		e.Actor = f.text()
	case evidencePerson:
		e.Person = f.text()
	default:
		quoteOfEvidence(e).take(f, evidenceQuote)
	}
}

func takeAgainst(a *news.Against, f field) {
	switch f.number {
	case againstTheme:
		a.Theme = f.text()
	case againstDetail:
		a.Detail = f.text()
	default:
		quoteOfAgainst(a).take(f, againstQuote)
	}
}

// quote is the part of news.Evidence and news.Against that says where in the
// article they are. Its fields follow each other, from one on.
type quote struct {
	term, sentence *string
	where          *news.Place
	start, end     *int
	weight         *float64
}

func quoteOfEvidence(e *news.Evidence) quote {
	return quote{&e.Term, &e.Sentence, &e.Where, &e.Start, &e.End, &e.Weight}
}

func quoteOfAgainst(a *news.Against) quote {
	return quote{&a.Term, &a.Sentence, &a.Where, &a.Start, &a.End, &a.Weight}
}

func (q quote) appendTo(b []byte, from fieldNumber) []byte {
	b = appendText(b, from, *q.term)
	b = appendText(b, from+1, *q.sentence)
	b = appendText(b, from+2, string(*q.where))
	b = appendInt(b, from+3, *q.start)
	b = appendInt(b, from+4, *q.end)
	return appendFloat(b, from+5, *q.weight)
}

func (q quote) take(f field, from fieldNumber) {
	switch f.number - from {
	case 0:
		*q.term = f.text()
	case 1:
		*q.sentence = f.text()
	case 2:
		*q.where = news.Place(f.bytes)
	case 3:
		*q.start = int(f.int())
	case 4:
		*q.end = int(f.int())
	case 5:
		*q.weight = f.float()
	}
}

// lacks makes the bits of up to three slices, some of which are nil.
func lacks(first, second, third bool) (bits uint64) {
	for i, is := range [...]bool{first, second, third} {
		if is {
			bits |= 1 << i
		}
	}
	return bits
}

// clear3 makes slices nil that lacks names. They are empty.
func clear3[A, B, C any](bits uint64, a *[]A, b *[]B, c *[]C) {
	if bits&lacksFirst != 0 {
		*a = nil
	}
	if bits&lacksSecond != 0 {
		*b = nil
	}
	if bits&lacksThird != 0 {
		*c = nil
	}
}

// The fields of storyDisk, memberDisk and mark.
const (
	storyMember fieldNumber = iota + 1
	storyShown
	storyOrigin
	storyThread
	storyFirst
	storyUpdated
	storyMark
	storyLacks
)

const (
	memberArticle fieldNumber = iota + 1
	memberSource
	memberPublished
	memberLikeness // the first of five
)

const (
	markTopic fieldNumber = iota + 1
	markNear
	markFacet
)

func (d *storyDisk) appendTo(b []byte) []byte {
	for i := range d.Members {
		b = appendAll(b, storyMember, &d.Members[i])
	}
	if d.Shown != nil {
		b = appendHexItem(b, storyShown, *d.Shown)
	}
	b = appendText(b, storyOrigin, d.Origin)
	if d.Thread != nil {
		b = appendHexItem(b, storyThread, *d.Thread)
	}
	b = appendMoment(b, storyFirst, d.First)
	if d.Updated != nil {
		b = appendMomentItem(b, storyUpdated, *d.Updated)
	}
	for i := range d.Marks {
		m := &d.Marks[i]
		b = appendRecord(b, storyMark, func(b []byte) []byte {
			return appendItems(appendBool(appendText(b, markTopic, m.Topic), markNear, m.Near), markFacet, m.Facets)
		})
	}
	return appendUint(b, storyLacks, lacks(d.Members == nil, false, false))
}

func (d *storyDisk) begin() { d.Members = []memberDisk{} }

func (d *storyDisk) take(f field) (err error) {
	switch f.number {
	case storyMember:
		var m memberDisk
		err = takeAll(&m, f.bytes)
		d.Members = append(d.Members, m)
	case storyShown:
		d.Shown, err = idField(f)
	case storyOrigin:
		d.Origin = f.text()
	case storyThread:
		d.Thread, err = idField(f)
	case storyFirst:
		d.First, err = moment(f.bytes)
	case storyUpdated:
		d.Updated, err = momentField(f)
	case storyMark:
		var m mark
		err = fields(f.bytes, func(f field) error {
			switch f.number {
			case markTopic:
				m.Topic = f.text()
			case markNear:
				m.Near = f.bool()
			case markFacet:
				m.Facets = append(m.Facets, f.text())
			}
			return nil
		})
		d.Marks = append(d.Marks, m)
	case storyLacks:
		d.Members = nil
	}
	return err
}

func (m *memberDisk) appendTo(b []byte) []byte {
	if m.Article != nil {
		b = appendHexItem(b, memberArticle, *m.Article)
	}
	b = appendText(b, memberSource, m.Source)
	if m.Published != nil {
		b = appendMomentItem(b, memberPublished, *m.Published)
	}
	return m.likeness().appendTo(b, memberLikeness)
}

func (m *memberDisk) likeness() likeness {
	return likeness{&m.Of, &m.Resemblance, &m.Containment, &m.Sentences, &m.Why}
}

func (m *memberDisk) begin() {}

func (m *memberDisk) take(f field) (err error) {
	switch f.number {
	case memberArticle:
		m.Article, err = idField(f)
	case memberSource:
		m.Source = f.text()
	case memberPublished:
		m.Published, err = momentField(f)
	default:
		err = m.likeness().take(f, memberLikeness)
	}
	return err
}

// likeness is what a member of a story and a relay know of the article that they
// are copies of. Its fields follow each other, from one on.
type likeness struct {
	of                       *string
	resemblance, containment *float64
	sentences                *int
	why                      *string
}

func (l likeness) appendTo(b []byte, from fieldNumber) []byte {
	b = appendHex(b, from, *l.of)
	b = appendFloat(b, from+1, *l.resemblance)
	b = appendFloat(b, from+2, *l.containment)
	b = appendInt(b, from+3, *l.sentences)
	return appendText(b, from+4, *l.why)
}

func (l likeness) take(f field, from fieldNumber) (err error) {
	switch f.number - from {
	case 0:
		*l.of, err = cutID(f.bytes)
	case 1:
		*l.resemblance = f.float()
	case 2:
		*l.containment = f.float()
	case 3:
		*l.sentences = int(f.int())
	case 4:
		*l.why = f.text()
	}
	return err
}

// threadRecord is how a news.Thread is kept.
type threadRecord struct{ news.Thread }

// The fields of news.Thread and news.Link.
const (
	threadID fieldNumber = iota + 1
	threadStory
	threadLink
	threadFirst
	threadLast
	threadLacks
)

const (
	linkA fieldNumber = iota + 1 // place in the thread's stories, from 1
	linkB
	linkOtherA // id of a story that is not among them
	linkOtherB
	linkScore
	linkShared
	linkLacks
)

func (t *threadRecord) appendTo(b []byte) []byte {
	b = appendHex(b, threadID, t.ID)
	places := make(map[string]uint64, len(t.Stories))
	for i, id := range t.Stories {
		b = appendHexItem(b, threadStory, id)
		places[id] = uint64(i) + 1
	}
	end := func(b []byte, place, other fieldNumber, id string) []byte {
		if at, ok := places[id]; ok {
			return appendUint(b, place, at)
		}
		return appendHex(b, other, id)
	}
	for i := range t.Links {
		l := &t.Links[i]
		b = appendRecord(b, threadLink, func(b []byte) []byte {
			b = end(b, linkA, linkOtherA, l.A)
			b = end(b, linkB, linkOtherB, l.B)
			b = appendFloat(b, linkScore, l.Score)
			b = appendItems(b, linkShared, l.Shared)
			return appendUint(b, linkLacks, lacks(l.Shared == nil, false, false))
		})
	}
	b = appendMoment(b, threadFirst, t.First)
	b = appendMoment(b, threadLast, t.Last)
	return appendUint(b, threadLacks, lacks(t.Stories == nil, t.Links == nil, false))
}

func (t *threadRecord) begin() { t.Stories, t.Links = []string{}, []news.Link{} }

func (t *threadRecord) take(f field) (err error) {
	switch f.number {
	case threadID:
		t.ID, err = cutID(f.bytes)
	case threadStory:
		var id string
		id, err = cutID(f.bytes)
		t.Stories = append(t.Stories, id)
	case threadLink:
		l := news.Link{Shared: []string{}}
		err = fields(f.bytes, func(f field) error { return t.takeLink(&l, f) })
		t.Links = append(t.Links, l)
	case threadFirst:
		t.First, err = moment(f.bytes)
	case threadLast:
		t.Last, err = moment(f.bytes)
	case threadLacks:
		clear3(f.uint, &t.Stories, &t.Links, new([]int))
	}
	return err
}

func (t *threadRecord) takeLink(l *news.Link, f field) (err error) {
	switch f.number {
	case linkA, linkB:
		if f.uint == 0 || f.uint > uint64(len(t.Stories)) {
			return errRecord
		}
		if id := t.Stories[f.uint-1]; f.number == linkA {
			l.A = id
		} else {
			l.B = id
		}
	case linkOtherA:
		l.A, err = cutID(f.bytes)
	case linkOtherB:
		l.B, err = cutID(f.bytes)
	case linkScore:
		l.Score = f.float()
	case linkShared:
		l.Shared = append(l.Shared, f.text())
	case linkLacks:
		l.Shared = nil
	}
	return err
}
