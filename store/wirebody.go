package store

import (
	"encoding/json"
	"fmt"

	"vedetta/news"
)

// bodyRecord is what a bundle keeps of an article: all but its state, its id
// and Seen, which stand beside it.
type bodyRecord struct {
	*news.Article
	lean bool // leave out the HTML and the texts of earlier versions
}

// The fields of a body.
const (
	bodySource fieldNumber = iota + 1
	bodyURL
	bodyLink
	bodyGUID
	bodyTitle
	bodyAuthor
	bodyPublished
	bodyUpdated
	bodyLang
	bodySite
	bodyImage
	bodyCaption
	bodySummary
	bodyText
	bodyHTML
	bodyTag
	bodyMethod
	bodyConfidence
	bodyRefused
	bodyVersion
	bodyRelay
)

const (
	versionUntil fieldNumber = iota + 1
	versionTitle
	versionText
)

// The fields of news.Relay.
const (
	relayKind fieldNumber = iota + 1
	relayStory
	relayLikeness // the first of five
)

func (r bodyRecord) appendTo(b []byte) []byte {
	a := r.Article
	b = appendText(b, bodySource, a.Source)
	b = appendText(b, bodyURL, a.URL)
	b = appendText(b, bodyLink, a.Link)
	b = appendText(b, bodyGUID, a.GUID)
	b = appendText(b, bodyTitle, a.Title)
	b = appendItems(b, bodyAuthor, a.Authors)
	b = appendMoment(b, bodyPublished, a.Published)
	b = appendMoment(b, bodyUpdated, a.Updated)
	b = appendText(b, bodyLang, a.Lang)
	b = appendText(b, bodySite, a.Site)
	b = appendText(b, bodyImage, a.Image)
	b = appendText(b, bodyCaption, a.Caption)
	b = appendText(b, bodySummary, a.Summary)
	b = appendText(b, bodyText, a.Text)
	b = appendText(b, bodyHTML, a.HTML)
	b = appendItems(b, bodyTag, a.Tags)
	b = appendText(b, bodyMethod, a.Method)
	b = appendFloat(b, bodyConfidence, a.Confidence)
	b = appendText(b, bodyRefused, a.Refused)
	for i := range a.Versions {
		v := &a.Versions[i]
		b = appendRecord(b, bodyVersion, func(b []byte) []byte {
			return appendText(appendText(appendMoment(b, versionUntil, v.Until), versionTitle, v.Title), versionText, v.Text)
		})
	}
	if y := a.Relay; y != nil {
		b = appendRecord(b, bodyRelay, func(b []byte) []byte {
			b = appendText(b, relayKind, string(y.Kind))
			b = appendHex(b, relayStory, y.Story)
			return relayedLikeness(y).appendTo(b, relayLikeness)
		})
	}
	return b
}

func (r bodyRecord) begin() {}

func (r bodyRecord) take(f field) (err error) {
	a := r.Article
	switch f.number {
	case bodySource:
		a.Source = f.text()
	case bodyURL:
		a.URL = f.text()
	case bodyLink:
		a.Link = f.text()
	case bodyGUID:
		a.GUID = f.text()
	case bodyTitle:
		a.Title = f.text()
	case bodyAuthor:
		a.Authors = append(a.Authors, f.text())
	case bodyPublished:
		a.Published, err = moment(f.bytes)
	case bodyUpdated:
		a.Updated, err = moment(f.bytes)
	case bodyLang:
		a.Lang = f.text()
	case bodySite:
		a.Site = f.text()
	case bodyImage:
		a.Image = f.text()
	case bodyCaption:
		a.Caption = f.text()
	case bodySummary:
		a.Summary = f.text()
	case bodyText:
		a.Text = f.text()
	case bodyHTML:
		if !r.lean {
			a.HTML = f.text()
		}
	case bodyTag:
		a.Tags = append(a.Tags, f.text())
	case bodyMethod:
		a.Method = f.text()
	case bodyConfidence:
		a.Confidence = f.float()
	case bodyRefused:
		a.Refused = f.text()
	case bodyVersion:
		var v news.Version
		err = fields(f.bytes, func(f field) (err error) {
			switch f.number {
			case versionUntil:
				v.Until, err = moment(f.bytes)
			case versionTitle:
				v.Title = f.text()
			case versionText:
				if !r.lean {
					v.Text = f.text()
				}
			}
			return err
		})
		a.Versions = append(a.Versions, v)
	case bodyRelay:
		a.Relay = new(news.Relay)
		err = fields(f.bytes, func(f field) error { return takeRelay(a.Relay, f) })
	}
	return err
}

func takeRelay(y *news.Relay, f field) (err error) {
	switch f.number {
	case relayKind:
		y.Kind = news.Kind(f.bytes)
	case relayStory:
		y.Story, err = cutID(f.bytes)
	default:
		err = relayedLikeness(y).take(f, relayLikeness)
	}
	return err
}

func relayedLikeness(y *news.Relay) likeness {
	return likeness{&y.Of, &y.Resemblance, &y.Containment, &y.Sentences, &y.Why}
}

// ignored is a JSON value that nobody asked for.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

// decodeBody reads a body, or the JSON of versions before 3. It keeps nothing
// of b.
func decodeBody(b []byte, lean bool) (a news.Article, err error) {
	if len(b) > 0 && b[0] == wireForm {
		err := takeAll(bodyRecord{&a, lean}, b[1:])
		return a, err
	}
	if !lean {
		err = json.Unmarshal(b, &a)
	} else {
		body := struct {
			*news.Article
			HTML ignored `json:"html"`
		}{Article: &a}
		err = json.Unmarshal(b, &body)
		for i := range a.Versions {
			a.Versions[i].Text = ""
		}
	}
	if err != nil {
		return a, fmt.Errorf("decode value: %w", err)
	}
	return a, nil
}
