package engine

import (
	"testing"
	"time"
)

func TestTogether(t *testing.T) {
	at := func(clock string) time.Time {
		v, err := time.Parse("15:04:05.999", clock)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct{ last, due, want string }{
		{"10:00:01", "11:00:01", "11:00:04"}, // an hour: 4 s
		{"10:00:03.9", "11:00:03.9", "11:00:04"},
		{"10:00:04", "11:00:04", "11:00:04"},
		{"10:00:00.3", "10:01:00.3", "10:01:00.5"}, // a minute: half a second
		{"10:00:00.1", "10:00:01.1", "10:00:01.1"}, // a second: none
		{"10:00:00.1", "09:00:00.1", "09:00:00.1"}, // a clock that was set
	} {
		if got := together(at(tt.due), at(tt.last)); !got.Equal(at(tt.want)) {
			t.Errorf("asked at %s and due at %s: %s, want %s", tt.last, tt.due, got.Format("15:04:05.999"), tt.want)
		}
	}
	if due := at("10:00:01"); !together(due, time.Time{}).Equal(due) {
		t.Error("a new source waits")
	}
}
