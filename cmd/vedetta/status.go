package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"vedetta/config"
	"vedetta/news"
)

// statusEvery is how often the status line is brought up to date.
const statusEvery = 30 * time.Second

// tellStatus keeps the line that `systemctl status` shows up to date until
// ctx ends.
func (d *service) tellStatus(ctx context.Context) {
	if os.Getenv("NOTIFY_SOCKET") == "" {
		return // nobody listens, and the line takes a look at all sources
	}
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if line := d.status(now); line != told {
				d.notify("STATUS=" + line)
				told = line
			}
		}
	}
}

// status is how the daemon does, in a line.
func (d *service) status(now time.Time) string {
	cfg := d.serving.Load().cfg
	polls, err := d.store.Polls()
	if err != nil {
		return "the store cannot be read: " + firstLine(err)
	}
	stories, err := d.storiesSince(cfg, midnight(now))
	if err != nil {
		return "the store cannot be read: " + firstLine(err)
	}
	line := statusLine(cfg.EnabledSources(), polls, stories)
	if err := d.engine.Writable(); err != nil {
		line = "the store cannot be written: " + firstLine(err) + "; " + line
	}
	if err := d.refused.Load(); err != nil {
		line = "feeds.yaml is faulty, the last good one runs: " + firstLine(*err) + "; " + line
	}
	return line
}

// storiesSince counts the stories of all topics that began at or after t.
func (d *service) storiesSince(cfg *config.Config, t time.Time) (int, error) {
	const enough = 1000
	n := 0
	for _, topic := range cfg.Topics {
		if topic.Disabled {
			continue
		}
		stories, err := d.store.Timeline(news.Query{Topic: topic.ID, After: t, Limit: enough})
		if err != nil {
			return 0, err
		}
		n += len(stories)
	}
	return n, nil
}

// midnight is when the day of the press began.
func midnight(now time.Time) time.Time {
	now = now.In(pressZone())
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
}

// statusLine says how many sources answer, which do not, when the latest was
// asked, and how many stories there are today.
func statusLine(sources []config.Source, polls map[string]news.Poll, stories int) string {
	const named = 3
	var failing []string
	var last time.Time
	answering, fresh := 0, 0
	for _, s := range sources {
		p := polls[s.ID]
		switch {
		case p.Last.IsZero():
			fresh++
		case p.Failed():
			failing = append(failing, s.ID)
		default:
			answering++
		}
		if p.Last.After(last) {
			last = p.Last
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d sources answer", answering, len(sources))
	if fresh > 0 {
		fmt.Fprintf(&b, ", %d not asked yet", fresh)
	}
	if n := len(failing); n > 0 {
		fmt.Fprintf(&b, ", %d failing (%s", n, strings.Join(failing[:min(n, named)], ", "))
		if n > named {
			b.WriteString(", …")
		}
		b.WriteString(")")
	}
	if !last.IsZero() {
		fmt.Fprintf(&b, "; last asked %s", last.Local().Format("15:04 MST"))
	}
	noun := "stories"
	if stories == 1 {
		noun = "story"
	}
	fmt.Fprintf(&b, "; %d %s today", stories, noun)
	return b.String()
}
