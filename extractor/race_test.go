//go:build race

package extractor

const raceEnabled = true
