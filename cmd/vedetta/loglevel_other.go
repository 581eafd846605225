//go:build !unix

package main

import "log/slog"

// switchLevel does nothing: there are no signals to listen for.
func switchLevel(*slog.LevelVar, *slog.Logger) (stop func()) { return func() {} }
