package news

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestHealth(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	polled := Poll{Last: now.Add(-time.Hour), Success: now.Add(-time.Hour), Newest: now.Add(-2 * time.Hour), Gap: 6 * time.Hour}
	with := func(change func(*Poll)) Poll {
		p := polled
		change(&p)
		return p
	}
	shrunk := append(slices.Repeat([]int{3000}, 12), slices.Repeat([]int{900}, 5)...)
	for name, c := range map[string]struct {
		poll   Poll
		off    bool
		want   Health
		reason string
	}{
		"disabled":     {poll: polled, off: true, want: HealthDisabled},
		"never polled": {want: HealthNew},
		"well":         {poll: polled, want: HealthGood},
		"failing":      {poll: with(func(p *Poll) { p.Err, p.Fault = "no such host", FaultDNS }), want: HealthFailing, reason: "no such host"},
		"blocked":      {poll: with(func(p *Poll) { p.Err, p.Fault = "403: Cloudflare", FaultBlocked }), want: HealthBlocked, reason: "Cloudflare"},
		"gone":         {poll: with(func(p *Poll) { p.Err, p.Fault = "410", FaultGone }), want: HealthGone, reason: "410"},
		"moved": {poll: with(func(p *Poll) {
			p.Moved, p.MovedCount, p.MovedSince = "https://new.example/feed", 3, now.AddDate(0, 0, -3)
		}), want: HealthMoved, reason: "new.example"},
		"one redirect":   {poll: with(func(p *Poll) { p.Moved, p.MovedCount, p.MovedSince = "https://new.example/feed", 1, now }), want: HealthGood},
		"silent":         {poll: with(func(p *Poll) { p.Newest = now.AddDate(0, 0, -8) }), want: HealthSilent, reason: "2026-11-13"},
		"shrunk":         {poll: with(func(p *Poll) { p.Lengths = shrunk }), want: HealthDegraded, reason: "3000 to 900"},
		"one short":      {poll: with(func(p *Poll) { p.Lengths = shrunk[:13] }), want: HealthGood},
		"consent walls":  {poll: with(func(p *Poll) { p.RecentRefusals = slices.Repeat([]string{"consent wall"}, 10) }), want: HealthDegraded, reason: "consent wall"},
		"some paywalled": {poll: with(func(p *Poll) { p.RecentRefusals = slices.Repeat([]string{"paywall stub", ""}, 10) }), want: HealthGood},
	} {
		t.Run(name, func(t *testing.T) {
			got, reason := c.poll.Health(!c.off, now)
			if got != c.want || !strings.Contains(reason, c.reason) {
				t.Errorf("Health = %q, %q; want %q with %q", got, reason, c.want, c.reason)
			}
		})
	}
}
