//go:build unix

package main

import (
	"context"
	"log/slog"
	"os"
	"syscall"
	"testing"
)

func TestSwitchLevel(t *testing.T) {
	logged := make(messages, 10)
	var level slog.LevelVar
	level.Set(slog.LevelWarn)
	stop := switchLevel(&level, slog.New(logged))
	defer stop()
	for _, c := range []struct {
		signal syscall.Signal
		want   slog.Level
	}{
		{syscall.SIGUSR1, slog.LevelDebug},
		{syscall.SIGUSR1, slog.LevelDebug},
		{syscall.SIGUSR2, slog.LevelWarn},
	} {
		if err := syscall.Kill(os.Getpid(), c.signal); err != nil {
			t.Fatal(err)
		}
		logged.await(t, "log level changed")
		if got := level.Level(); got != c.want {
			t.Errorf("after %v: %v; want %v", c.signal, got, c.want)
		}
	}
}

// TestLoggerFollowsTheLevel holds that loggers made before a change follow it,
// and those made from them.
func TestLoggerFollowsTheLevel(t *testing.T) {
	var a app
	a.logFormat = "json"
	child := a.logger(t.Output()).With("source", "alfa")
	a.logLevel.Set(slog.LevelError)
	if child.Enabled(context.Background(), slog.LevelWarn) {
		t.Error("warnings are logged at level error")
	}
	a.logLevel.Set(slog.LevelDebug)
	if !child.Enabled(context.Background(), slog.LevelDebug) {
		t.Error("nothing is logged at level debug")
	}
}
