package store

import (
	"encoding/json"
	"fmt"
	"time"

	"vedetta/news"
)

// The fields of the record of a news.Poll. Numbers are never used again.
const (
	pollETag fieldNumber = iota + 1
	pollLastModified
	pollAddress
	pollConfigured // left out where it is Address
	pollElsewhere  // Configured is not Address, and may be empty
	pollFound
	pollBody
	pollBytes
	pollCut
	pollLast
	pollSuccess
	pollNotBefore
	pollFailures
	pollFailingSince
	pollRecovered
	pollOutage
	pollErr
	pollFault
	pollStatus
	pollMoved
	pollMovedSince
	pollMovedCount
	pollGoneCount
	pollNewest
	pollGap
	pollRhythm
	pollSkipHour
	pollSkipDay
	pollHub
	pollSelf // left out where it is Address
	pollSelfElsewhere
	pollBadGUIDs
	pollPushed
	pollLeft
	pollPolls
	pollUnchanged
	pollItems
	pollOnTopic
	pollCopies
	pollRefused
	pollPages
	pollLength
	pollRecentRefusal
	pollCatchUp
)

// The fields of news.CatchUp.
const (
	catchUpNext fieldNumber = iota + 1
	catchUpUntil
	catchUpPage
	catchUpLooked
)

// appendPoll appends the record of what is known of a source.
func appendPoll(b []byte, p *news.Poll) []byte {
	b = append(b, wireForm)
	b = appendText(b, pollETag, p.ETag)
	b = appendText(b, pollLastModified, p.LastModified)
	b = appendText(b, pollAddress, p.Address)
	if p.Configured != p.Address {
		b = appendBool(appendText(b, pollConfigured, p.Configured), pollElsewhere, true)
	}
	b = appendText(b, pollFound, p.Found)
	b = appendHex(b, pollBody, p.Body)
	b = appendInt(b, pollBytes, p.Bytes)
	b = appendHex(b, pollCut, p.Cut)
	b = appendMoment(b, pollLast, p.Last)
	b = appendMoment(b, pollSuccess, p.Success)
	b = appendMoment(b, pollNotBefore, p.NotBefore)
	b = appendInt(b, pollFailures, p.Failures)
	b = appendMoment(b, pollFailingSince, p.FailingSince)
	b = appendMoment(b, pollRecovered, p.Recovered)
	b = appendInt(b, pollOutage, p.Outage)
	b = appendText(b, pollErr, p.Err)
	b = appendText(b, pollFault, string(p.Fault))
	b = appendInt(b, pollStatus, p.Status)
	b = appendText(b, pollMoved, p.Moved)
	b = appendMoment(b, pollMovedSince, p.MovedSince)
	b = appendInt(b, pollMovedCount, p.MovedCount)
	b = appendInt(b, pollGoneCount, p.GoneCount)
	b = appendMoment(b, pollNewest, p.Newest)
	b = appendInt(b, pollGap, p.Gap)
	b = appendInt(b, pollRhythm, p.Rhythm)
	for _, hour := range p.SkipHours {
		b = appendIntItem(b, pollSkipHour, hour)
	}
	for _, day := range p.SkipDays {
		b = appendIntItem(b, pollSkipDay, day)
	}
	b = appendText(b, pollHub, p.Hub)
	if p.Self != p.Address {
		b = appendBool(appendText(b, pollSelf, p.Self), pollSelfElsewhere, true)
	}
	b = appendBool(b, pollBadGUIDs, p.BadGUIDs)
	b = appendMoment(b, pollPushed, p.Pushed)
	b = appendInt(b, pollLeft, p.Left)
	b = appendInt(b, pollPolls, p.Polls)
	b = appendInt(b, pollUnchanged, p.Unchanged)
	b = appendInt(b, pollItems, p.Items)
	b = appendInt(b, pollOnTopic, p.OnTopic)
	b = appendInt(b, pollCopies, p.Copies)
	b = appendInt(b, pollRefused, p.Refused)
	b = appendInt(b, pollPages, p.Pages)
	for _, length := range p.Lengths {
		b = appendIntItem(b, pollLength, length)
	}
	b = appendItems(b, pollRecentRefusal, p.RecentRefusals)
	if c := p.CatchUp; c != (news.CatchUp{}) {
		b = appendRecord(b, pollCatchUp, func(b []byte) []byte {
			b = appendText(b, catchUpNext, c.Next)
			b = appendMoment(b, catchUpUntil, c.Until)
			b = appendMoment(b, catchUpPage, c.Page)
			return appendMoment(b, catchUpLooked, c.Looked)
		})
	}
	return b
}

// decodePoll reads what appendPoll wrote, or the JSON of versions before 3. It
// keeps nothing of b.
func decodePoll(b []byte) (p news.Poll, err error) {
	if len(b) > 0 && b[0] == '{' {
		if err := json.Unmarshal(b, &p); err != nil {
			return p, fmt.Errorf("decode value: %w", err)
		}
		return p, nil
	}
	if len(b) == 0 || b[0] != wireForm {
		return p, errRecord
	}
	configured, self := false, false
	err = fields(b[1:], func(f field) (err error) {
		switch f.number {
		case pollETag:
			p.ETag = f.text()
		case pollLastModified:
			p.LastModified = f.text()
		case pollAddress:
			p.Address = f.text()
		case pollConfigured:
			p.Configured = f.text()
		case pollElsewhere:
			configured = true
		case pollFound:
			p.Found = f.text()
		case pollBody:
			p.Body, err = cutID(f.bytes)
		case pollBytes:
			p.Bytes = f.int()
		case pollCut:
			p.Cut, err = cutID(f.bytes)
		case pollLast:
			p.Last, err = moment(f.bytes)
		case pollSuccess:
			p.Success, err = moment(f.bytes)
		case pollNotBefore:
			p.NotBefore, err = moment(f.bytes)
		case pollFailures:
			p.Failures = int(f.int())
		case pollFailingSince:
			p.FailingSince, err = moment(f.bytes)
		case pollRecovered:
			p.Recovered, err = moment(f.bytes)
		case pollOutage:
			p.Outage = time.Duration(f.int())
		case pollErr:
			p.Err = f.text()
		case pollFault:
			p.Fault = news.Fault(f.bytes)
		case pollStatus:
			p.Status = int(f.int())
		case pollMoved:
			p.Moved = f.text()
		case pollMovedSince:
			p.MovedSince, err = moment(f.bytes)
		case pollMovedCount:
			p.MovedCount = int(f.int())
		case pollGoneCount:
			p.GoneCount = int(f.int())
		case pollNewest:
			p.Newest, err = moment(f.bytes)
		case pollGap:
			p.Gap = time.Duration(f.int())
		case pollRhythm:
			p.Rhythm = time.Duration(f.int())
		case pollSkipHour:
			p.SkipHours = append(p.SkipHours, int(f.int()))
		case pollSkipDay:
			p.SkipDays = append(p.SkipDays, time.Weekday(f.int()))
		case pollHub:
			p.Hub = f.text()
		case pollSelf:
			p.Self = f.text()
		case pollSelfElsewhere:
			self = true
		case pollBadGUIDs:
			p.BadGUIDs = f.bool()
		case pollPushed:
			p.Pushed, err = moment(f.bytes)
		case pollLeft:
			p.Left = int(f.int())
		case pollPolls:
			p.Polls = int(f.int())
		case pollUnchanged:
			p.Unchanged = int(f.int())
		case pollItems:
			p.Items = int(f.int())
		case pollOnTopic:
			p.OnTopic = int(f.int())
		case pollCopies:
			p.Copies = int(f.int())
		case pollRefused:
			p.Refused = int(f.int())
		case pollPages:
			p.Pages = int(f.int())
		case pollLength:
			if p.Lengths == nil {
				p.Lengths = make([]int, 0, 40)
			}
			p.Lengths = append(p.Lengths, int(f.int()))
		case pollRecentRefusal:
			p.RecentRefusals = append(p.RecentRefusals, f.text())
		case pollCatchUp:
			err = fields(f.bytes, func(f field) error { return takeCatchUp(&p.CatchUp, f) })
		}
		return err
	})
	if !configured {
		p.Configured = p.Address
	}
	if !self {
		p.Self = p.Address
	}
	return p, err
}

func takeCatchUp(c *news.CatchUp, f field) (err error) {
	switch f.number {
	case catchUpNext:
		c.Next = f.text()
	case catchUpUntil:
		c.Until, err = moment(f.bytes)
	case catchUpPage:
		c.Page, err = moment(f.bytes)
	case catchUpLooked:
		c.Looked, err = moment(f.bytes)
	}
	return err
}
