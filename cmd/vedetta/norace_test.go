//go:build !race

package main

// fortnight is how many days TestSoak simulates.
const fortnight = 14

// slowReaders is how many TestSlowReadersCostLittle lets in.
const slowReaders = 5000
