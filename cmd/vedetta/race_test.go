//go:build race

package main

// fortnight is how many days TestSoak simulates: few, with the race detector.
const fortnight = 4

// slowReaders is how many TestSlowReadersCostLittle lets in, each with goroutines that the race detector can follow but so many of.
const slowReaders = 1500
