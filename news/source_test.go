package news

import (
	"testing"
	"time"
)

func TestPollSilent(t *testing.T) {
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	tests := map[string]struct {
		poll Poll
		want bool
	}{
		"busy and silent for days":    {Poll{Newest: now.Add(-5 * day), Gap: time.Hour}, false},
		"busy and silent for a week":  {Poll{Newest: now.Add(-8 * day), Gap: time.Hour}, true},
		"slow and silent for a month": {Poll{Newest: now.Add(-30 * day), Gap: 7 * day}, false},
		"slow and silent for longer":  {Poll{Newest: now.Add(-80 * day), Gap: 7 * day}, true},
		"without dates":               {Poll{}, false},
		"failing":                     {Poll{Newest: now.Add(-80 * day), Gap: day, Err: "x"}, false},
	}
	for name, tt := range tests {
		if got := tt.poll.Silent(now); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestPollWithValidators(t *testing.T) {
	last := Poll{ETag: `"1"`, LastModified: "ieri", Address: "https://a.example/", Body: "b1", Bytes: 1, Polls: 3}
	got := Poll{ETag: `"2"`, Body: "b2", Polls: 4, Items: 9}.WithValidators(last)
	if got.ETag != `"1"` || got.LastModified != "ieri" || got.Address != last.Address || got.Body != "b1" || got.Bytes != 1 || got.Polls != 4 || got.Items != 9 {
		t.Errorf("%+v", got)
	}
}

func TestSourceAddress(t *testing.T) {
	for want, src := range map[string]Source{"u": {URL: "u"}, "p": {Page: "p"}, "s": {Sitemap: "s"}} {
		if got := src.Address(); got != want {
			t.Errorf("%+v: %q", src, got)
		}
	}
}
