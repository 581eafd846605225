package story

import (
	"time"

	"vedetta/prose"
)

// dayset is a set of days, as days since 1970.
type dayset []int32

// namedDays returns the days that the text says it is about, most of the time
// in words that only mean something beside the date of publication: today,
// yesterday evening, Thursday, 22 August.
func namedDays(text string, sentences []prose.Sentence, published time.Time) dayset {
	return nil
}
