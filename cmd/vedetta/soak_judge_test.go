package main

import (
	"bytes"
	"fmt"
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
		if own := r.goroutines - r.sources; own != first.goroutines-first.sources {
			t.Errorf("day %d: %d goroutines besides one a source; %d on day %d", r.day, own, first.goroutines-first.sources, first.day)
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

// drawCurve draws the curve as an SVG: one line a quantity, each on its own
// scale from nothing to its most.
func drawCurve(curve []reading) []byte {
	const width, height, gap, left = 640, 90, 34, 150
	lines := []struct {
		name, unit string
		of         func(reading) float64
	}{
		{"articles stored", "", func(r reading) float64 { return float64(r.articles) }},
		{"heap after GC", "MB", func(r reading) float64 { return float64(r.heap) / (1 << 20) }},
		{"resident memory", "MB", func(r reading) float64 { return float64(r.rss) / (1 << 20) }},
		{"database in use", "MB", func(r reading) float64 { return float64(r.used) / (1 << 20) }},
		{"goroutines", "", func(r reading) float64 { return float64(r.goroutines) }},
		{"descriptors", "", func(r reading) float64 { return float64(r.files) }},
	}
	var b bytes.Buffer
	total := len(lines)*(height+gap) + gap
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">
<rect width="100%%" height="100%%" fill="#fff"/>
`, left+width+90, total+10)
	end := float64(curve[len(curve)-1].day)
	for i, l := range lines {
		top := gap/2 + i*(height+gap)
		peak := 0.0
		for _, r := range curve {
			peak = max(peak, l.of(r))
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text><line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#999"/><polyline fill="none" stroke="#1f5fa8" stroke-width="2" points="`,
			left-10, top+height/2, l.name, left, top+height, left+width, top+height)
		for _, r := range curve {
			fmt.Fprintf(&b, "%.1f,%.1f ", left+float64(r.day)/end*width, float64(top+height)-l.of(r)/peak*height)
		}
		fmt.Fprintf(&b, "\"/><text x=\"%d\" y=\"%d\">%.4g %s</text>\n", left+width+8, top+12, peak, l.unit)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d">day 0</text><text x="%d" y="%d" text-anchor="end">day %.0f</text>
</svg>
`, left, total, left+width, total, end)
	return b.Bytes()
}
