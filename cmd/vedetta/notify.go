package main

import (
	"context"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notify tells systemd, where it is there.
func (d *service) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		d.log.Warn("cannot notify systemd", "err", err)
	}
}

// feedWatchdog tells systemd that the engine works, for as long as it does:
// each time only after the engine has given a sign of life. A busy engine
// gives it late, a stuck one never, and systemd starts the daemon anew.
func (d *service) feedWatchdog(ctx context.Context) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		d.log.Warn("cannot read systemd's watchdog interval", "err", err)
	}
	if every == 0 {
		return
	}
	tick := time.NewTicker(every / 3)
	defer tick.Stop()
	for {
		if err := d.engine.Pulse(); err != nil {
			d.log.Error("no sign of life for the watchdog", "err", err)
		} else {
			d.notify(daemon.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
