package news

import (
	"fmt"
	"slices"
	"time"
)

// Health is how a source is doing, in a word.
type Health string

// The states, as they are shown.
const (
	HealthDisabled Health = "disabled" // not polled, by configuration
	HealthNew      Health = "new"      // not polled yet
	HealthGood     Health = "ok"
	HealthSilent   Health = "silent"   // answers, but has nothing new for much longer than its own rhythm
	HealthMoved    Health = "moved"    // redirects for good: feeds.yaml should name the new address
	HealthDegraded Health = "degraded" // answers, but its pages no longer give whole articles
	HealthFailing  Health = "failing"
	HealthBlocked  Health = "blocked" // a bot wall or robots.txt stands before it
	HealthGone     Health = "gone"    // 410
)

// Degraded says why the source's pages no longer give what they gave, or ""
// while they do: the latest bodies are less than half as long as those before
// them, or most of the latest pages held no article (medians; at least five
// pages on each side, so that one short notice alarms nobody).
func (p Poll) Degraded() string {
	const few = 5
	if n := len(p.RecentRefusals); n >= 2*few {
		refused, last := 0, ""
		for _, r := range p.RecentRefusals[n-2*few:] {
			if r != "" {
				refused, last = refused+1, r
			}
		}
		if refused > few {
			return fmt.Sprintf("%d of the latest %d pages held no article: %s", refused, 2*few, last)
		}
	}
	if n := len(p.Lengths); n >= 3*few {
		before, latest := median(p.Lengths[:n-few]), median(p.Lengths[n-few:])
		if latest*2 < before {
			return fmt.Sprintf("bodies shrank from %d to %d characters (medians)", before, latest)
		}
	}
	return ""
}

func median(v []int) int {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// Health says how the source is doing, and why where it is not well.
func (p Poll) Health(enabled bool, now time.Time) (state Health, reason string) {
	switch {
	case !enabled:
		return HealthDisabled, ""
	case p.Last.IsZero():
		return HealthNew, ""
	case p.Failed() && p.Fault == FaultGone:
		return HealthGone, p.Err
	case p.Failed() && (p.Fault == FaultBlocked || p.Fault == FaultRobots):
		return HealthBlocked, p.Err
	case p.Failed():
		return HealthFailing, p.Err
	case p.HasMoved():
		return HealthMoved, "moved to " + p.Moved
	}
	if why := p.Degraded(); why != "" {
		return HealthDegraded, why
	}
	if p.Silent(now) {
		return HealthSilent, "nothing new since " + p.Newest.Format(time.DateOnly)
	}
	return HealthGood, ""
}
