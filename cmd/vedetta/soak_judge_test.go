package main

import (
	"slices"
	"testing"
)

// judgeCurve fails where something grows that should be flat. The heap holds
// the stories of sixty days, so it is held to that after three months; the file
// keeps titles, addresses and verdicts for ever.
func judgeCurve(t *testing.T, curve []reading) {
	t.Helper()
	first, last := curve[0], curve[len(curve)-1]
	for _, r := range curve {
		if r.goroutines != first.goroutines {
			t.Errorf("day %d: %d goroutines; %d on day %d", r.day, r.goroutines, first.goroutines, first.day)
		}
		if r.files != first.files {
			t.Errorf("day %d: %d descriptors; %d on day %d", r.day, r.files, first.files, first.day)
		}
	}
	if last.articles <= first.articles || last.requests <= first.requests {
		t.Errorf("nothing came after day %d: %v", first.day, last)
	}
	if last.day < 180 {
		return
	}
	late := slices.IndexFunc(curve, func(r reading) bool { return r.day > 120 })
	half := (late + len(curve)) / 2
	before, after := curve[late:half], curve[half:]
	if b, a := most(before, heap), most(after, heap); a > b+b/5+4<<20 {
		t.Errorf("the heap grows: %d bytes at most until day %d, %d after", b, curve[half-1].day, a)
	}
	if b, a := most(before, rss), most(after, rss); a > b+b/4+16<<20 {
		t.Errorf("the resident memory grows: %d bytes at most until day %d, %d after", b, curve[half-1].day, a)
	}
	mid := curve[half]
	if per := (last.used - mid.used) / int64(last.articles-mid.articles); per > keptForEver {
		t.Errorf("the database grows by %d bytes an article once texts are dropped; want at most %d", per, keptForEver)
	}
}

// keptForEver is what may stay of an article whose text is dropped, in bytes:
// title, summary, address, verdicts with their sentences, sighting, its part of
// the stories, and pages that are not full.
const keptForEver = 3500

func heap(r reading) int64 { return r.heap }
func rss(r reading) int64  { return r.rss }

func most(rs []reading, of func(reading) int64) int64 {
	var m int64
	for _, r := range rs {
		m = max(m, of(r))
	}
	return m
}

// drawCurve draws the curve as an SVG: a panel a quantity, each on its own
// scale from nothing to its most.
func drawCurve(curve []reading) []byte {
	var ps []panel
	for _, q := range []struct {
		title, unit string
		of          func(reading) float64
	}{
		{"articles stored", "", func(r reading) float64 { return float64(r.articles) }},
		{"heap after GC", "MB", func(r reading) float64 { return float64(r.heap) / (1 << 20) }},
		{"resident memory", "MB", func(r reading) float64 { return float64(r.rss) / (1 << 20) }},
		{"database in use", "MB", func(r reading) float64 { return float64(r.used) / (1 << 20) }},
		{"goroutines", "", func(r reading) float64 { return float64(r.goroutines) }},
		{"descriptors", "", func(r reading) float64 { return float64(r.files) }},
	} {
		var l chartLine
		for _, r := range curve {
			l.xs, l.ys = append(l.xs, float64(r.day)), append(l.ys, q.of(r))
		}
		ps = append(ps, panel{title: q.title, unit: q.unit, x: "day %.0f", lines: []chartLine{l}})
	}
	return drawPanels(ps, 2)
}
