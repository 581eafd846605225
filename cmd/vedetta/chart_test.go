package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
)

// panel is a drawing of some lines over one scale.
type panel struct {
	title       string
	logarithmic bool   // both scales; else both begin at nothing
	unit        string // of the linear scale's end: "%.4g" of it is written with it
	x           string // format of the ends of the horizontal scale; "" for numbers
	lines       []chartLine
}

type chartLine struct {
	name   string // beside its colour, below the panel; "" for none
	xs, ys []float64
}

// chartColours can be told apart by most who see colours otherwise (Okabe and
// Ito), on white and on black.
var chartColours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#999999", "#a6761d"}

const (
	panelWidth, panelHeight = 400.0, 190.0
	panelLeft, panelRight   = 56.0, 64.0
	panelTop, panelLine     = 34.0, 17.0
)

// drawPanels draws panels as an SVG that shows on light and on dark ground.
func drawPanels(ps []panel, columns int) []byte {
	var body bytes.Buffer
	y := 0.0
	for from := 0; from < len(ps); from += columns {
		row, legend := ps[from:min(from+columns, len(ps))], 0
		for i, p := range row {
			p.draw(&body, float64(i)*(panelLeft+panelWidth+panelRight)+panelLeft, y+panelTop)
			legend = max(legend, p.legend())
		}
		y += panelTop + panelHeight + 26 + float64(legend)*panelLine + 10
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="12">
<style>
.ground { fill: #fff } text { fill: #222 } .grid { stroke: #ddd } .frame { stroke: #888; fill: none } .line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) { .ground { fill: #0d1117 } text { fill: #ddd } .grid { stroke: #333 } .frame { stroke: #777 } }
</style>
<rect class="ground" width="100%%" height="100%%"/>
`, float64(columns)*(panelLeft+panelWidth+panelRight), y)
	b.Write(body.Bytes())
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// legend is how many lines have a name.
func (p panel) legend() (n int) {
	for _, l := range p.lines {
		if l.name != "" {
			n++
		}
	}
	return n
}

func (p panel) draw(b *bytes.Buffer, left, top float64) {
	xs, ys := p.scale(func(l chartLine) []float64 { return l.xs }), p.scale(func(l chartLine) []float64 { return l.ys })
	bottom := top + panelHeight
	fmt.Fprintf(b, `<text x="%.0f" y="%.0f" font-weight="bold">%s</text>`+"\n", left, top-10, html.EscapeString(p.title))
	for _, tick := range xs.ticks() {
		x := left + xs.at(tick)*panelWidth
		fmt.Fprintf(b, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/><text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`+"\n",
			x, top, x, bottom, x, bottom+15, p.tick(tick))
	}
	for _, tick := range ys.ticks() {
		y := bottom - ys.at(tick)*panelHeight
		label := count(tick)
		if p.logarithmic {
			label = "× " + label
		}
		fmt.Fprintf(b, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/><text x="%.1f" y="%.1f" text-anchor="end">%s %s</text>`+"\n",
			left, y, left+panelWidth, y, left-5, y+4, label, p.unit)
	}
	fmt.Fprintf(b, `<rect class="frame" x="%.1f" y="%.1f" width="%.0f" height="%.0f"/>`+"\n", left, top, panelWidth, panelHeight)
	named := 0
	for i, l := range p.lines {
		colour := chartColours[i%len(chartColours)]
		fmt.Fprintf(b, `<polyline class="line" stroke="%s" points="`, colour)
		for j := range l.xs {
			fmt.Fprintf(b, "%.1f,%.1f ", left+xs.at(l.xs[j])*panelWidth, bottom-ys.at(l.ys[j])*panelHeight)
		}
		b.WriteString("\"/>\n")
		if l.name != "" {
			y := bottom + 26 + float64(named+1)*panelLine
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="12" height="4" fill="%s"/><text x="%.1f" y="%.1f">%s</text>`+"\n", left, y-6, colour, left+18, y, html.EscapeString(l.name))
			named++
		}
	}
}

// tick writes a number of the horizontal scale.
func (p panel) tick(v float64) string {
	if p.x != "" {
		return fmt.Sprintf(p.x, v)
	}
	return count(v)
}

// count writes a number as people write large and small ones.
func count(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.4g M", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.4g k", v/1e3)
	default:
		return fmt.Sprintf("%.4g", v)
	}
}

// chartScale maps numbers to 0 … 1.
type chartScale struct {
	low, high   float64
	logarithmic bool
}

// scale is the one that all lines fit on. A logarithmic one goes from a power
// of ten to another.
func (p panel) scale(of func(chartLine) []float64) chartScale {
	low, high := math.Inf(1), math.Inf(-1)
	for _, l := range p.lines {
		for _, v := range of(l) {
			low, high = min(low, v), max(high, v)
		}
	}
	if !p.logarithmic {
		return chartScale{0, max(high, math.SmallestNonzeroFloat64), false}
	}
	low, high = math.Floor(math.Log10(low)+1e-9), math.Ceil(math.Log10(high)-1e-9)
	return chartScale{low, max(high, low+1), true}
}

func (s chartScale) at(v float64) float64 {
	if s.logarithmic {
		v = math.Log10(v)
	}
	return (v - s.low) / (s.high - s.low)
}

// ticks are the numbers to write: the ends, and every power of ten.
func (s chartScale) ticks() (vs []float64) {
	if !s.logarithmic {
		return []float64{s.low, s.high}
	}
	for e := s.low; e <= s.high; e++ {
		vs = append(vs, math.Pow(10, e))
	}
	return vs
}
