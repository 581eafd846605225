// Package crash has no code of its own. Its tests run the built program
// against a small press on loopback, kill it at random instants, hundreds of
// times, and hold what is left against what was there before: see
// docs/durability.md.
//
//	go test ./crash -kills 300 -seed 7
package crash
