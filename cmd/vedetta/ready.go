package main

import (
	"fmt"
	"time"

	"vedetta/config"
	"vedetta/news"
)

// graceTime is how long after a start no source needs to have answered.
const graceTime = 15 * time.Minute

// ready says what keeps the daemon from being of use, if anything: the store
// must be readable and have taken the latest visit, and, once there was time
// for it, some source must have answered.
func (d *service) ready(cfg *config.Config) error {
	if err := d.engine.Writable(); err != nil {
		return fmt.Errorf("write the store: %w", err)
	}
	polls, err := d.store.Polls()
	if err != nil {
		return fmt.Errorf("read the store: %w", err)
	}
	if time.Since(d.started) < graceTime {
		return nil
	}
	return fresh(polls, cfg, time.Now())
}

// fresh is an error when every enabled source has been due for twice the
// longest time between two polls, and none has answered.
func fresh(polls map[string]news.Poll, cfg *config.Config, now time.Time) error {
	sources := cfg.EnabledSources()
	if len(sources) == 0 {
		return nil
	}
	late := 2 * time.Duration(cfg.Poll.Ceiling)
	var last time.Time
	for _, s := range sources {
		p := polls[s.ID]
		if p.Success.After(last) {
			last = p.Success
		}
		if s.Schedule.Schedule != nil && !p.Last.IsZero() && s.Schedule.Next(p.Last).After(now) {
			return nil // not due yet by its own schedule
		}
	}
	switch {
	case last.IsZero():
		return fmt.Errorf("none of %d sources has ever answered", len(sources))
	case now.Sub(last) > late:
		return fmt.Errorf("no source has answered since %s", last.Format(time.RFC3339))
	}
	return nil
}
