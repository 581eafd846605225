package store

import "vedetta/news"

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
