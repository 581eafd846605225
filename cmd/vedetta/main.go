// Command vedetta polls news sources, keeps what is on topic and serves it
// as feeds and pages. See the README and `vedetta help`.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // cron time zones and Rome's, also where the system has none
)

func main() {
	tuneMemory(os.Getenv, os.DirFS("/"))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
