package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/coreos/go-systemd/v22/journal"
)

// toJournal reports whether what is written to w is read by systemd's journal.
func toJournal(w io.Writer) bool {
	if f, ok := w.(*os.File); !ok || f != os.Stderr {
		return false
	}
	yes, err := journal.StderrIsJournalStream()
	return err == nil && yes
}

// journalHandler gives each line the priority that the journal reads at its
// beginning, as sd-daemon(3) has it: a handler for each level, which differ in
// what they write first.
type journalHandler struct {
	debug, info, warn, err slog.Handler
}

// newJournalHandler returns a handler that writes to w what the handlers made
// by format would.
func newJournalHandler(w io.Writer, format func(io.Writer) slog.Handler) *journalHandler {
	return &journalHandler{
		debug: format(prefixWriter{w, "<7>"}),
		info:  format(prefixWriter{w, "<6>"}),
		warn:  format(prefixWriter{w, "<4>"}),
		err:   format(prefixWriter{w, "<3>"}),
	}
}

func (h *journalHandler) of(l slog.Level) slog.Handler {
	switch {
	case l >= slog.LevelError:
		return h.err
	case l >= slog.LevelWarn:
		return h.warn
	case l >= slog.LevelInfo:
		return h.info
	}
	return h.debug
}

func (h *journalHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.of(l).Enabled(ctx, l)
}

func (h *journalHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.of(r.Level).Handle(ctx, r)
}

func (h *journalHandler) WithAttrs(as []slog.Attr) slog.Handler {
	return h.each(func(of slog.Handler) slog.Handler { return of.WithAttrs(as) })
}

func (h *journalHandler) WithGroup(name string) slog.Handler {
	return h.each(func(of slog.Handler) slog.Handler { return of.WithGroup(name) })
}

func (h *journalHandler) each(f func(slog.Handler) slog.Handler) *journalHandler {
	return &journalHandler{debug: f(h.debug), info: f(h.info), warn: f(h.warn), err: f(h.err)}
}

// prefixWriter begins each of its writes, and so each line of a handler, with
// a prefix.
type prefixWriter struct {
	w      io.Writer
	prefix string
}

func (p prefixWriter) Write(b []byte) (int, error) {
	if _, err := p.w.Write(append([]byte(p.prefix), b...)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// asErrors gives each line of a message the journal's priority of errors.
func asErrors(message string) string {
	return "<3>" + strings.ReplaceAll(message, "\n", "\n<3>")
}
