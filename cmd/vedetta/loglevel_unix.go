//go:build unix

package main

import (
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// switchLevel makes SIGUSR1 log everything and SIGUSR2 return to the level
// that the command line asked for, until the returned function is called.
func switchLevel(level *slog.LevelVar, log *slog.Logger) (stop func()) {
	asked := level.Level()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1, syscall.SIGUSR2)
	var listening sync.WaitGroup
	listening.Go(func() {
		for s := range signals {
			to := asked
			if s == syscall.SIGUSR1 {
				to = slog.LevelDebug
			}
			level.Set(to)
			log.Info("log level changed", "level", to)
		}
	})
	return func() {
		signal.Stop(signals)
		close(signals)
		listening.Wait()
	}
}
