package main

import (
	"bytes"
	"io"
	"log/slog"
	"testing"
)

func TestJournalHandlerWritesPriorities(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(newJournalHandler(&b, func(w io.Writer) slog.Handler {
		return slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: withoutTime})
	}))
	log.Debug("not written")
	log.Info("uno")
	log.With("source", "alfa").Warn("due\nrighe")
	log.WithGroup("g").Error("tre", "n", 3)
	log.Log(t.Context(), slog.LevelError+4, "quattro")
	want := `<6>level=INFO msg=uno
<4>level=WARN msg="due\nrighe" source=alfa
<3>level=ERROR msg=tre g.n=3
<3>level=ERROR+4 msg=quattro
`
	if got := b.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestOnlyTheProcessesOwnErrorsGoToTheJournal(t *testing.T) {
	t.Setenv("JOURNAL_STREAM", "8:12345")
	if toJournal(&bytes.Buffer{}) {
		t.Error("a buffer is taken for the journal")
	}
}

func TestFaultsAreErrorsInTheJournal(t *testing.T) {
	if got, want := asErrors("feeds.yaml:1:1: uno\nfeeds.yaml:2:1: due"), "<3>feeds.yaml:1:1: uno\n<3>feeds.yaml:2:1: due"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
