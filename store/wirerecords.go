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
